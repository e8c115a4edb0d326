"""Benchmarks: what the product promises in figures, measured beside a peer in the same run."""
