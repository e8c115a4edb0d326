"""The life of one call: its state table, its legs, its deadlines, and who conducts it."""
