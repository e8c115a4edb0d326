"""A whole hotline on one machine, for demonstrations, tests and benchmarks."""
