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
    house_start: int = -1
    house_only: bool = False
    """Whether this is no reading of a street's name but behind that house number."""
    core: str = ""
    """The name's words without spaces when it was read by sound."""


@dataclass(frozen=True, slots=True)
class LandmarkMention:
    """A named place (by its place in the gazetteer's list) in words ``start`` to ``end``.

    ``how``: ``exact``, ``short`` (a last word such as Terminal left out) or ``sound``.
    """

    start: int
    end: int
    landmark: int
    score: float
    how: str


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
    landmarks: list[LandmarkMention] = field(default_factory=list)
    districts: list[DistrictHint] = field(default_factory=list)
    breaks: frozenset[int] = frozenset()
    """Words that begin behind a comma or the like."""
    typed: bool = False
    """Whether a street type was heard at all: somebody spoke of a street."""
