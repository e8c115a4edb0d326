"""What one text may name: streets, landmarks and districts, with where their words stand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mention:
    """One reading of words ``start`` to ``end``: streets by place in the list, with scores."""

    start: int
    end: int
    streets: dict[int, float]
    type: str | None
    house_number: int | None = None
    type_at: int = -1
    """Where the type word stands; -1: none was heard."""
    core: str = ""
    """The name's words without spaces when it was read by sound."""


@dataclass(frozen=True, slots=True)
class DistrictHint:
    """A district named in words ``start`` to ``end``."""

    district: str
    start: int
    end: int
    score: float


@dataclass(slots=True)
class Reading:
    """All that one text may name."""

    text: str
    words: list[str]
    mentions: list[Mention] = field(default_factory=list)
    landmarks: list[tuple[int, int, int, float]] = field(default_factory=list)
    """start, end, place in the gazetteer's landmarks, score"""
    districts: list[DistrictHint] = field(default_factory=list)
    typed: bool = False
    """Whether a street type was heard at all: somebody spoke of a street."""
