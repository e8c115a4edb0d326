"""Texts as rows of syllables, and how alike two syllables are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SAME_SOUND = 0.96
CONFUSABLE = 0.9
PARTLY = 0.6


@dataclass(frozen=True, slots=True)
class Unit:
    """One syllable: its sign, where it stands in the text, and how it may sound.

    ``sounds`` are its readings, ``folds`` the same with what is easily confused made equal,
    ``parts`` the pieces of the likeliest reading (initial and final, or the letters of a block).
    """

    sign: str
    start: int
    end: int
    sounds: frozenset[str]
    folds: frozenset[str]
    parts: tuple[str, ...]


Units = tuple[Unit, ...]
Split = Callable[[str], Units]
"""Cuts a text of one language into syllables."""


def likeness(a: Unit, b: Unit) -> float:
    """How alike two syllables are: 0 to 1, 1 for the same sign."""
    if a.sign == b.sign:
        return 1.0
    if not a.sounds.isdisjoint(b.sounds):
        return SAME_SOUND
    if not a.folds.isdisjoint(b.folds):
        return CONFUSABLE
    if not a.parts or len(a.parts) != len(b.parts):
        return 0.0
    same = sum(x == y for x, y in zip(a.parts, b.parts, strict=True))
    return PARTLY * same / len(a.parts)


def plain(units: Sequence[Unit]) -> str:
    """The signs in a row."""
    return "".join(unit.sign for unit in units)
