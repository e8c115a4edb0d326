"""Records once they are more than one call's: joined, corrected after the call, exported."""
