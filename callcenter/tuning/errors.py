"""What can go wrong with tuning.

::

    TuningError
    ├── BadDocument       they erred: the document is refused, field by field; nothing changed
    ├── BadFile           they erred: a file that holds no document of ours
    ├── ChangedMeanwhile  somebody else made a version since; nothing changed
    ├── UnknownVersion    no such version
    └── PreviewFailed     the replay took too long, was too large, or broke off

A database that does not answer is a `callcenter.store.errors.StoreUnavailable`: nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """One field that is wrong. ``path`` names it in the document, as ``queues.0.ring_s``."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class TuningError(Exception):
    """Anything that tuning refuses or cannot do."""


class BadDocument(TuningError):
    """The document cannot be; ``flaws`` has at least one entry."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        more = len(self.flaws) - 1
        super().__init__(f"{self.flaws[0]}{f' (and {more} more)' if more else ''}")


class BadFile(TuningError):
    """The file cannot be read as settings of any format; the message says why."""


class ChangedMeanwhile(TuningError):
    """The change was made on a version that is not the newest; ``version`` is."""

    def __init__(self, message: str, version: int) -> None:
        super().__init__(message)
        self.version = version


class UnknownVersion(TuningError):
    """There is no version of that number."""


class PreviewFailed(TuningError):
    """The replay gave no answer; the message says why and what to do."""
