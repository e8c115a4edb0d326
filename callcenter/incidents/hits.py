"""A pattern found in a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found: whose name, where, and whether it is denied.

    ``start`` and ``end`` are of the reading's ``text``; ``words`` are those that were said.
    """

    name: str
    words: str
    start: int
    end: int
    weight: float
    denied: bool
    unsure: bool = False
    """Said with "I think", or rests on a word that was probably misheard."""
