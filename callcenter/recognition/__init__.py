"""Recognition beyond the live words: what is transcribed from recordings, and in which language."""
