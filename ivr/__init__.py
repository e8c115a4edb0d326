"""Interactive voice response: what a caller hears and keys before a person answers."""
