"""Why a benchmark ends early.

::

    BenchFailed        it cannot be carried out here, or what it saw cannot be trusted
    └── BenchSkipped   what it measures is not on this machine
"""

from __future__ import annotations


class BenchFailed(Exception):
    """The message says what is missing or went wrong, and what to do."""


class BenchSkipped(BenchFailed):
    """There is nothing to measure here. It does not count as passed."""
