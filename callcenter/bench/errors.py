"""Why a benchmark ends early.

::

    BenchFailed        it cannot be carried out here, or what it saw cannot be trusted
"""

from __future__ import annotations


class BenchFailed(Exception):
    """The message says what is missing or went wrong, and what to do."""
