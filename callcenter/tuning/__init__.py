"""What a floor manager tunes while calls run: one document, its versions, and what it would do."""
