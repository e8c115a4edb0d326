"""What officers do after the call: on the way, there, done, and the report of it."""
