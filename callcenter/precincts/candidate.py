"""A place that may be meant, with the reasons for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from callcenter.precincts.reading import Mention


@dataclass(frozen=True, slots=True)
class Source:
    """Where the words of a candidate stand: which text, words ``start`` to ``end``."""

    reading: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant.

    ``reasons`` are for machines: ``name:factor``, such as ``street_exact``, ``sound:0.78``,
    ``other_district:0.60``; a figure says how much of the score is left by it.
    """

    text: str
    lat: float
    lon: float
    kind: str
    district: str
    score: float
    sources: tuple[Source, ...]
    streets: tuple[int, ...] = ()
    sightings: int = 0
    reasons: tuple[str, ...] = ()

    def weighed(self, factor: float, reason: str) -> Candidate:
        """The same, likelier or less likely by a factor, and why."""
        told = reason if factor == 1.0 else f"{reason}:{factor:.2f}"
        return replace(self, score=self.score * factor, reasons=(*self.reasons, told))


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention in one of several readings; ``reasons`` why ``weight`` is below one."""

    reading: int
    mention: Mention
    weight: float
    reasons: tuple[str, ...] = ()

    @property
    def source(self) -> Source:
        """Where its words stand."""
        return Source(self.reading, self.mention.start, self.mention.end)


class Exact:
    """Streets that were named exactly, by the type word that says so.

    "113th Drive" names 113 Drive: to read 113 Street there is to explain away what was heard.
    Where a district was said, only its streets can be meant: Highland Boulevard in Staten Island
    names nothing, and may be Hylan Boulevard misheard. A name of more words explains more than
    an exact one of fewer: "bright and beach avenue" need not be Beach Avenue.
    """

    EXACT = 0.98
    FACTOR = 0.66

    def __init__(
        self, placed: Sequence[Placed], district_of: Callable[[int], str], said: AbstractSet[str]
    ) -> None:
        self._streets: dict[tuple[int, int], dict[int, int]] = {}
        self._anywhere: dict[tuple[int, int], dict[int, int]] = {}
        for each in placed:
            if each.mention.type_at < 0 or each.mention.house_only:
                continue
            sure = {s for s, score in each.mention.streets.items() if score >= self.EXACT}
            _note(self._anywhere, each, sure)
            if said:
                sure = {street for street in sure if district_of(street) in said}
            _note(self._streets, each, sure)

    def named(self, placed: Placed) -> set[int]:
        """Streets that the words of this mention, or more words, name exactly."""
        mention = placed.mention
        known = self._streets.get((placed.reading, mention.type_at), {})
        return {street for street, start in known.items() if start <= mention.start}

    def names_any(self, placed: Placed) -> bool:
        """Whether some street is named exactly by the same type word."""
        return bool(self._streets.get((placed.reading, placed.mention.type_at)))

    def explains_away(self, placed: Placed, street: int) -> bool:
        """Whether reading this street there passes over one that was named."""
        named = self.named(placed)
        return bool(named) and street not in named

    def explains_house_away(self, placed: Placed, street: int) -> bool:
        """The same of a street behind a house number.

        "Two hundred thirteenth street" is a street, and hardly 200 on another.
        """
        mention = placed.mention
        key = (placed.reading, mention.type_at)
        longer = {
            s for s, start in self._anywhere.get(key, {}).items() if start <= mention.house_start
        }
        same = {s for s, start in self._streets.get(key, {}).items() if start == mention.start}
        return any(named and street not in named for named in (longer, same))


def _note(streets: dict[tuple[int, int], dict[int, int]], each: Placed, named: set[int]) -> None:
    start = each.mention.start
    known = streets.setdefault((each.reading, each.mention.type_at), {})
    for street in named:
        known[street] = min(known.get(street, start), start)


def street_reason(placed: Placed, street: int) -> str:
    """How well the words name this street."""
    score = placed.mention.streets.get(street, 0.0)
    if score >= Exact.EXACT:
        return "street_exact"
    return f"street_sound:{score:.2f}"
