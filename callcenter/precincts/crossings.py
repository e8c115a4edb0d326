"""Two streets that meet, and the stretch of a street between two others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.candidate import Candidate, Exact, Placed, street_reason
from callcenter.precincts.gazetteer import Gazetteer, street_label
from callcenter.precincts.phonetics import likeness
from callcenter.precincts.reading import Reading
from callcenter.precincts.spoken_words import JOIN
from callcenter.precincts.street_names import parse_street, tidy

WEAK_CUTOFF = 0.45
"""Beside a street that is sure, a name may sound so little like one that crosses it."""
WEAK_BEHIND = 0.3
"""What sounds so much less alike than a street elsewhere is not meant."""
NAMED_TWICE_FACTOR = 0.8
COMPUTED_FACTOR = 0.96
"""No source has seen them meet (no sightings): it follows from where the streets run."""
SIGHTING_BONUS = 0.015
"""For ten times as much that happened at a crossing: of two alike, the busier is meant."""
LONGEST_BLOCK_M = 1500.0
BETWEEN_WORDS = 2
"""So many words may stand behind "between" before the first street's name."""
BLOCK_BONUS = 0.06
"""Three streets that fit together say more than two."""


def crossings(
    gazetteer: Gazetteer, readings: Sequence[Reading], exact: Exact, one: Placed, two: Placed
) -> Iterator[Candidate]:
    """Where a street of one mention meets a street of the other."""
    a, b = one.mention, two.mention
    if not a.streets or not b.streets or _overlap(one, two):
        return
    near = _nearness(readings, one, two)
    if near == 0.0:
        return
    few, many = (one, two) if len(a.streets) <= len(b.streets) else (two, one)
    others = many.mention.streets
    for street, score in few.mention.streets.items():
        meets = gazetteer.streets[street].crossings
        for other in meets.keys() & others.keys():
            strength = math.sqrt(score * others[other] * one.weight * two.weight) * near
            pair = ((few, street), (many, other))
            for point in meets[other]:
                bonus = SIGHTING_BONUS * math.log10(1 + min(point[2], 300))
                crossing = _crossing(gazetteer, exact, pair, point, strength + bonus)
                if _named_twice(gazetteer, one, two, street, other):
                    crossing = crossing.weighed(NAMED_TWICE_FACTOR, "one_name_said_twice")
                yield crossing


def weak_crossings(
    gazetteer: Gazetteer, readings: Sequence[Reading], exact: Exact, sure: Placed, weak: Placed
) -> Iterator[Candidate]:
    """A street that is sure, and a name that sounds remotely like one that crosses it."""
    a, b = sure.mention, weak.mention
    if not b.core or _overlap(sure, weak) or exact.names_any(weak):
        return
    if not any(score >= 0.9 for score in a.streets.values()):
        return
    near = _nearness(readings, sure, weak)
    if near < 0.85:
        return
    cutoff = max(WEAK_CUTOFF, max(b.streets.values(), default=0.0) - WEAK_BEHIND)
    for street, score in a.streets.items():
        if score < 0.9:
            continue
        for other, points in gazetteer.streets[street].crossings.items():
            name = gazetteer.parsed[other]
            if name.number is not None or name.type != b.type:
                continue
            alike = likeness(b.core, name.core)
            if alike >= cutoff and alike > b.streets.get(other, 0.0):
                strength = math.sqrt(score * sure.weight * weak.weight * alike) * 0.97 * near
                for point in points:
                    pair = ((sure, street), (weak, other))
                    yield _crossing(gazetteer, exact, pair, point, strength)


def blocks(
    gazetteer: Gazetteer, readings: Sequence[Reading], exact: Exact, placed: Sequence[Placed]
) -> Iterator[Candidate]:
    """The middle of a stretch of a street: "on S between A and B"."""
    for number, reading in enumerate(readings):
        for at, word in enumerate(reading.words):
            if word != "between":
                continue
            here = [p for p in placed if p.reading == number]
            first = [p for p in here if at < p.mention.start <= at + BETWEEN_WORDS]
            for a in first:
                second = [p for p in here if _and(reading, a, p)]
                for b in second:
                    for on in placed:
                        if not (_overlap(on, a) or _overlap(on, b)):
                            yield from _blocks(gazetteer, exact, on, a, b)


def _blocks(
    gazetteer: Gazetteer, exact: Exact, on: Placed, a: Placed, b: Placed
) -> Iterator[Candidate]:
    for street, score in on.mention.streets.items():
        meets = gazetteer.streets[street].crossings
        from_streets = meets.keys() & a.mention.streets.keys()
        to_streets = meets.keys() & b.mention.streets.keys() if from_streets else set()
        for one in from_streets:
            for two in to_streets - {one}:
                ends = [
                    (metres_between(p[0], p[1], q[0], q[1]), p, q)
                    for p in meets[one]
                    for q in meets[two]
                ]
                metres, p, q = min(ends)
                if metres > LONGEST_BLOCK_M:
                    continue
                scores = score * a.mention.streets[one] * b.mention.streets[two]
                strength = math.pow(scores * on.weight * a.weight * b.weight, 1 / 3)
                place = gazetteer.streets[street]
                named = ((on, street), (a, one), (b, two))
                names = [tidy(gazetteer.streets[s].name) for s in (street, one, two)]
                candidate = Candidate(
                    street_label([f"{names[0]} between {names[1]} and {names[2]}"], place.district),
                    round((p[0] + q[0]) / 2, 6),
                    round((p[1] + q[1]) / 2, 6),
                    "block",
                    place.district,
                    strength + BLOCK_BONUS,
                    tuple(sorted((s.source for s, _ in named), key=lambda s: (s.reading, s.start))),
                    (street, one, two),
                    0,
                    ("between", f"block_metres:{metres:.0f}"),
                )
                yield _judged(exact, candidate, named)


def _crossing(
    gazetteer: Gazetteer,
    exact: Exact,
    pair: tuple[tuple[Placed, int], tuple[Placed, int]],
    point: tuple[float, float, int],
    score: float,
) -> Candidate:
    ordered = sorted(pair, key=lambda each: (each[0].reading, each[0].mention.start))
    first = gazetteer.streets[ordered[0][1]]
    names = [gazetteer.streets[street].name for _, street in ordered]
    candidate = Candidate(
        street_label(sorted(names, key=_avenue_first), first.district),
        point[0],
        point[1],
        "crossing",
        first.district,
        score,
        tuple(placed.source for placed, _ in ordered),
        tuple(street for _, street in ordered),
        point[2],
        ("streets_meet",),
    )
    if not point[2]:
        candidate = candidate.weighed(COMPUTED_FACTOR, "meeting_computed")
    return _judged(exact, candidate, pair)


def _named_twice(gazetteer: Gazetteer, one: Placed, two: Placed, a: int, b: int) -> bool:
    """Whether "Third Avenue … Third and 77th" would be read as 3 Avenue and 3 Street."""
    if one.mention.type is not None and two.mention.type is not None:
        return False
    apart = one.reading != two.reading or two.mention.start - one.mention.end > BETWEEN_WORDS
    return apart and gazetteer.parsed[a].core == gazetteer.parsed[b].core


def _judged(exact: Exact, candidate: Candidate, named: Sequence[tuple[Placed, int]]) -> Candidate:
    """With how its streets were named, and less likely for each that was explained away."""
    for placed, street in named:
        candidate = candidate.weighed(1.0, street_reason(placed, street))
        for reason in placed.reasons:
            candidate = candidate.weighed(1.0, reason)
        if exact.explains_away(placed, street):
            candidate = candidate.weighed(Exact.FACTOR, "another_street_named")
    return candidate


def _avenue_first(name: str) -> bool:
    return parse_street(name).type != "avenue"


def _overlap(one: Placed, two: Placed) -> bool:
    a, b = one.mention, two.mention
    return one.reading == two.reading and a.start < b.end and b.start < a.end


def _and(reading: Reading, a: Placed, b: Placed) -> bool:
    """Whether "and" alone stands between two mentions."""
    between = reading.words[a.mention.end : b.mention.start]
    return 0 < len(between) <= BETWEEN_WORDS and between[0] in ("and", "&", "or")


def _nearness(readings: Sequence[Reading], one: Placed, two: Placed) -> float:
    """How far two mentions belong together, by the words between them."""
    a, b = one.mention, two.mention
    if one.reading != two.reading:
        if a.type is None and b.type is None:
            return 0.0
        return 0.9 if abs(one.reading - two.reading) <= 2 else 0.84
    first, second = (a, b) if a.start < b.start else (b, a)
    between = readings[one.reading].words[first.end : second.start]
    joined_up = any(word in JOIN for word in between)
    if a.type is None and b.type is None:
        return 0.97 if joined_up and len(between) <= 3 else 0.0
    if len(between) <= 3:
        return 1.0 if joined_up or not between else 0.97
    if a.type is None or b.type is None:
        return 0.85 if len(between) <= 6 else 0.0
    return 0.97 if len(between) <= 6 else 0.92 if len(between) <= 12 else 0.86
