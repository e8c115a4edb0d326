"""Which incidents may be one: same kind, near, close in time; or the same number calls again.

Only proposes, with reasons that a person can judge; joining is a person's decision. Pure.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from callcenter.incidents.errors import LexiconError
from callcenter.incidents.record import CATEGORIES

EARTH_M = 6_371_000.0
SAME, COMPATIBLE, UNDECIDED = 1.0, 0.75, 0.5
"""What two kinds of one matter weigh."""
SAME_WORDS = 0.6
"""How near two places count that are not on the map but were named alike."""
KIND, PLACE, TIME = 0.4, 0.35, 0.25
"""Shares of the score."""
SAME_NUMBER = 0.6
"""Where the score of a caller who calls again begins, whatever else is known."""
OTHER_MATTER = 0.3
"""What is taken from it when kind or place speaks against it."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """Read from ``lexicon/duplicates.toml``."""

    compatible: frozenset[frozenset[str]]
    never: frozenset[str]
    undecided: frozenset[str]
    least_score: float

    def beside(self, kind: str | None) -> list[str]:
        """The kinds that go with this one."""
        return [name for name in CATEGORIES if self.weight(kind, name) is not None]

    def weight(self, one: str | None, other: str | None) -> float | None:
        """How well two kinds go together, 0.5 to 1; None when they are two matters."""
        if one in self.never or other in self.never:
            return None
        if one is None or other is None or one in self.undecided or other in self.undecided:
            return UNDECIDED
        if one == other:
            return SAME
        return COMPATIBLE if frozenset((one, other)) in self.compatible else None


@dataclass(frozen=True, slots=True)
class Limits:
    """How far apart two calls about one matter may be."""

    within_m: float = 300.0
    within_s: float = 1800.0
    redial_s: float = 3600.0
    """For the same number; what it calls about later is another matter."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is known of an incident. ``arrived_s``: when its calls came, Unix epoch."""

    incident: str
    arrived_s: tuple[float, ...]
    category: str | None = None
    lat: float | None = None
    lon: float | None = None
    place_text: str = ""
    numbers: frozenset[str] = frozenset()
    """Of its callers, and those that they asked to be called back on."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for (or, with a name that begins with other_, against) it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another incident that may be the same. ``score`` is from 0 to 1."""

    matter: Matter
    score: float
    reasons: tuple[Reason, ...]


@lru_cache(maxsize=1)
def packaged_kinds() -> Kinds:
    """The kinds that come with the product."""
    source = resources.files("callcenter.incidents").joinpath("lexicon/duplicates.toml")
    return parse_kinds(tomllib.loads(source.read_text("utf-8")), "duplicates.toml")


def parse_kinds(raw: Mapping[str, Any], source: str) -> Kinds:
    """Check and take over kinds; `LexiconError` names what is wrong."""
    compatible = [frozenset(row) for row in raw.get("compatible", ())]
    never, undecided = frozenset(raw.get("never", ())), frozenset(raw.get("undecided", ()))
    for name in frozenset().union(*compatible, never, undecided):
        if name not in CATEGORIES:
            raise LexiconError(f"{source}: {name}: no such category")
    pairs = {
        frozenset((one, other)) for row in compatible for one in row for other in row if one < other
    }
    least = raw.get("least_score", 0.55)
    if not isinstance(least, int | float) or not 0 <= least <= 1:
        raise LexiconError(f"{source}: least_score: expected a number from 0 to 1")
    return Kinds(frozenset(pairs), never, undecided, float(least))


def propose(
    mine: Matter,
    others: Iterable[Matter],
    limits: Limits = Limits(),
    kinds: Kinds | None = None,
) -> list[Proposal]:
    """The other incidents that may be this one, the likeliest first."""
    rules = kinds or packaged_kinds()
    found = [
        proposal
        for other in others
        if other.incident != mine.incident
        and (proposal := _compare(mine, other, limits, rules)) is not None
        and proposal.score >= rules.least_score
    ]
    return sorted(found, key=lambda each: (-each.score, each.matter.incident))


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The distance of two points (degrees, WGS 84) on a sphere, in metres."""
    one, other = math.radians(lat), math.radians(other_lat)
    across = math.sin(math.radians(other_lon - lon) / 2) ** 2
    along = math.sin((other - one) / 2) ** 2
    part = along + math.cos(one) * math.cos(other) * across
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, part)))


def _compare(mine: Matter, other: Matter, limits: Limits, kinds: Kinds) -> Proposal | None:
    apart_s = _apart_s(mine.arrived_s, other.arrived_s)
    kind = kinds.weight(mine.category, other.category)
    place, place_reason = _place(mine, other, limits)
    reasons = [_kind_reason(mine, other, kind), place_reason, _time_reason(apart_s)]
    scores = [0.0]
    if kind is not None and place is not None and apart_s <= limits.within_s:
        in_time = 1 - 0.5 * apart_s / limits.within_s
        scores.append(KIND * kind + PLACE * (0.5 + 0.5 * place) + TIME * in_time)
    if mine.numbers & other.numbers and apart_s <= limits.redial_s:
        against = any(reason and reason.name.startswith("other_") for reason in reasons)
        scores.append(SAME_NUMBER - OTHER_MATTER if against else max(scores[-1], SAME_NUMBER) + 0.2)
        reasons.insert(0, Reason("same_number", "the same number"))
    score = min(1.0, max(scores))
    if score == 0:
        return None
    return Proposal(other, round(score, 3), tuple(reason for reason in reasons if reason))


def _place(mine: Matter, other: Matter, limits: Limits) -> tuple[float | None, Reason | None]:
    """How near, 0 to 1; None when it is not near or not known."""
    if None not in (mine.lat, mine.lon, other.lat, other.lon):
        metres = metres_between(mine.lat, mine.lon, other.lat, other.lon)  # type: ignore[arg-type]  # none is None
        far = metres > limits.within_m
        text = f"{_distance(metres)} apart" if metres >= 1 else "the same spot"
        if far:
            return None, Reason("other_place", text)
        return 1 - metres / limits.within_m, Reason("near", text)
    words = _plain(mine.place_text)
    if words and words == _plain(other.place_text):
        return SAME_WORDS, Reason("same_words", "the place is named in the same words")
    return None, None


def _kind_reason(mine: Matter, other: Matter, kind: float | None) -> Reason | None:
    names = [(category or "unknown").replace("_", " ") for category in _both(mine, other)]
    if kind == SAME:
        return Reason("same_kind", f"both {names[0]}")
    if kind == COMPATIBLE:
        return Reason("compatible_kind", f"{names[0]} and {names[1]} may be one matter")
    if kind is None:
        return Reason("other_kind", f"{names[0]}, and {names[1]}")
    return None


def _both(mine: Matter, other: Matter) -> tuple[str | None, str | None]:
    return mine.category, other.category


def _time_reason(apart_s: float) -> Reason:
    minutes = round(apart_s / 60)
    text = f"{minutes} min apart" if minutes else f"{round(apart_s)} s apart"
    return Reason("close_in_time", text)


def _distance(metres: float) -> str:
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{round(metres)} m"


def _apart_s(ones: Collection[float], others: Collection[float]) -> float:
    """The shortest time between two of their calls."""
    gaps = (abs(one - other) for one in ones for other in others)
    return min(gaps, default=math.inf)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
