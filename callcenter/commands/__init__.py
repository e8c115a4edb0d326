"""What a person types: one file a command, thin; the work is done in the rooms."""
