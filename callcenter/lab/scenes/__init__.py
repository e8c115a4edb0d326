"""The scenes of the demo: each plays real calls and checks every step that it prints."""
