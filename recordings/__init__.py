"""Finished recordings: found, repaired, merged, hashed and kept."""
