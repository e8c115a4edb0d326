"""What can go wrong with rosters. All of them are the giver's fault.

RosterRefused        what was asked for cannot stand; nothing of it was done
├── UnknownEntry     there is no such officer, shift or absence
├── FileRefused      a file is wrong; carries every fault with its line
└── PositionRefused  a position that cannot be true
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class RosterRefused(Exception):
    """It cannot stand; the message names what is wrong and what was expected."""


class UnknownEntry(RosterRefused):
    """There is no such officer, shift or absence."""


class PositionRefused(RosterRefused):
    """A position that cannot be true."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file, and where; line 0 is the whole file."""

    line: int
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}" if self.line else self.why


class FileRefused(RosterRefused):
    """A file is wrong. Nothing of it was taken over."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults[:3]))
        self.faults = tuple(faults)
