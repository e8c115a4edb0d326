"""The figures of real calls, computed from the journal."""
