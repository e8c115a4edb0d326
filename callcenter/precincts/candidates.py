"""Places that fit together out of what was heard: crossings that exist, landmarks, addresses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from callcenter.precincts.gazetteer import Gazetteer, street_label
from callcenter.precincts.phonetics import likeness
from callcenter.precincts.reading import DistrictHint, Mention, Reading
from callcenter.precincts.spoken_words import AWAY, JOIN
from callcenter.precincts.street_names import parse_street, tidy

WEAK_CUTOFF = 0.45
"""Beside a street that is sure, a name may sound so little like one that crosses it."""
STRIKE_FACTOR = 0.55
OTHER_DISTRICT_FACTOR = 0.6
NO_DISTRICT_FACTOR = 0.97
SCORES_KEPT = 0.5
SIGHTING_BONUS = 0.015
"""For ten times as much that happened at a crossing: of two alike, the busier is meant."""
KNOWN_KINDS = frozenset({"landmark", "transport", "airport", "bridge", "hospital", "park", "area"})
OTHER_KIND_FACTOR = 0.96
"""A library or hotel of the same name is meant less often."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the words of a candidate stand: which text, words ``start`` to ``end``."""

    reading: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant."""

    text: str
    lat: float
    lon: float
    kind: str
    district: str
    score: float
    sources: tuple[Source, ...]
    streets: tuple[int, ...] = ()
    sightings: int = 0


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mention in one of several readings."""

    reading: int
    mention: Mention
    weight: float


def candidates(
    gazetteer: Gazetteer,
    readings: Sequence[Reading],
    *,
    weights: Sequence[float] | None = None,
    struck: frozenset[tuple[int, int]] = frozenset(),
    district: str | None = None,
) -> list[Candidate]:
    """All places that the readings may mean, the likeliest first.

    ``weights``: how far each reading is believed. ``struck``: (reading, first word) of mentions
    that the speaker took back. ``district``: what other knowledge says.
    """
    weights = weights or [1.0] * len(readings)
    placed = [
        _Placed(
            number,
            mention,
            weights[number]
            * (STRIKE_FACTOR if (number, mention.start) in struck else 1.0)
            * _away_factor(reading, mention.start),
        )
        for number, reading in enumerate(readings)
        for mention in reading.mentions
    ]
    hints = [
        (number, hint) for number, reading in enumerate(readings) for hint in reading.districts
    ]
    best: dict[tuple[object, ...], Candidate] = {}

    def keep(key: tuple[object, ...], candidate: Candidate) -> None:
        if key not in best or candidate.score > best[key].score:
            best[key] = candidate

    for i, one in enumerate(placed):
        for two in placed[i + 1 :]:
            for candidate in _crossings(gazetteer, readings, one, two):
                keep(
                    (*sorted(candidate.streets), candidate.lat),
                    _in_district(candidate, hints, district),
                )
    if not any(c.score > 0.8 for c in best.values()):
        for one in placed:
            for two in placed:
                for candidate in _weak_crossings(gazetteer, readings, one, two):
                    keep(
                        (*sorted(candidate.streets), candidate.lat),
                        _in_district(candidate, hints, district),
                    )
    for one in placed:
        for candidate in _addresses(gazetteer, one):
            keep((candidate.text,), _in_district(candidate, hints, district))
    for number, reading in enumerate(readings):
        for start, end, index, score in reading.landmarks:
            landmark = gazetteer.landmarks[index]
            text = tidy(landmark.name)
            if landmark.district:
                text = f"{text}, {landmark.district}"
            words = end - start
            strength = weights[number] * score * (0.9 if words > 1 else 0.84)
            if landmark.kind not in KNOWN_KINDS:
                strength *= OTHER_KIND_FACTOR
            candidate = Candidate(
                text,
                landmark.lat,
                landmark.lon,
                landmark.kind or "landmark",
                landmark.district,
                strength + 0.01 * min(words, 5),
                (Source(number, start, end),),
            )
            keep((candidate.text,), _in_district(candidate, hints, district))
    found = [c for c in best.values() if c.score >= SCORES_KEPT]
    found.sort(key=lambda c: (-c.score, c.text))
    return found


def _crossings(
    gazetteer: Gazetteer, readings: Sequence[Reading], one: _Placed, two: _Placed
) -> list[Candidate]:
    a, b = one.mention, two.mention
    if one.reading == two.reading and a.start < b.end and b.start < a.end:
        return []
    near = _nearness(readings, one, two)
    if near == 0.0:
        return []
    few, many = (one, two) if len(a.streets) <= len(b.streets) else (two, one)
    found = []
    for street, score in few.mention.streets.items():
        meets = gazetteer.streets[street].crossings
        for other in meets.keys() & many.mention.streets.keys():
            strength = math.sqrt(score * many.mention.streets[other] * one.weight * two.weight)
            for lat, lon, sightings in meets[other]:
                found.append(
                    _crossing(
                        gazetteer,
                        (street, other) if few is one else (other, street),
                        (lat, lon, sightings),
                        strength * near + SIGHTING_BONUS * math.log10(1 + min(sightings, 300)),
                        (one, two),
                    )
                )
    return found


def _weak_crossings(
    gazetteer: Gazetteer, readings: Sequence[Reading], sure: _Placed, weak: _Placed
) -> list[Candidate]:
    """A street that is sure, and a name that sounds remotely like one that crosses it."""
    a, b = sure.mention, weak.mention
    if not b.core or (sure.reading == weak.reading and a.start < b.end and b.start < a.end):
        return []
    near = _nearness(readings, sure, weak)
    found = []
    for street, score in a.streets.items():
        if score < 0.9 or near < 0.85:
            continue
        for other, points in gazetteer.streets[street].crossings.items():
            name = parse_street(gazetteer.streets[other].name)
            if name.number is not None or name.type != b.type:
                continue
            alike = likeness(b.core, name.core)
            if alike >= WEAK_CUTOFF and alike > b.streets.get(other, 0.0):
                strength = math.sqrt(score * sure.weight * weak.weight * alike) * 0.97
                found += [
                    _crossing(gazetteer, (street, other), point, strength * near, (sure, weak))
                    for point in points
                ]
    return found


def _crossing(
    gazetteer: Gazetteer,
    streets: tuple[int, int],
    point: tuple[float, float, int],
    score: float,
    placed: tuple[_Placed, _Placed],
) -> Candidate:
    first = gazetteer.streets[streets[0]]
    names = [gazetteer.streets[s].name for s in streets]
    sources = tuple(Source(p.reading, p.mention.start, p.mention.end) for p in placed)
    if (sources[0].reading, sources[0].start) > (sources[1].reading, sources[1].start):
        names.reverse()
    return Candidate(
        street_label(
            sorted(names, key=lambda n: not parse_street(n).type == "avenue"), first.district
        ),
        point[0],
        point[1],
        "crossing",
        first.district,
        score,
        tuple(sorted(sources, key=lambda s: (s.reading, s.start))),
        streets,
        point[2],
    )


def _addresses(gazetteer: Gazetteer, one: _Placed) -> list[Candidate]:
    number = one.mention.house_number
    if number is None:
        return []
    found = []
    for street, score in one.mention.streets.items():
        at = gazetteer.address(street, number)
        if at is not None:
            place = gazetteer.streets[street]
            found.append(
                Candidate(
                    street_label([f"{number} {tidy(place.name)}"], place.district),
                    round(at[0], 6),
                    round(at[1], 6),
                    "address",
                    place.district,
                    score * one.weight * (0.9 + 0.08 * at[2]),
                    (Source(one.reading, one.mention.start, one.mention.end),),
                    (street,),
                )
            )
    return found


def _nearness(readings: Sequence[Reading], one: _Placed, two: _Placed) -> float:
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


def _in_district(
    candidate: Candidate,
    hints: Sequence[tuple[int, DistrictHint]],
    district: str | None,
) -> Candidate:
    said = [
        hint
        for number, hint in hints
        if not any(
            s.reading == number and s.start < hint.end and hint.start < s.end
            for s in candidate.sources
        )
    ]
    factor = NO_DISTRICT_FACTOR
    if said:
        own = max((h.score for h in said if h.district == candidate.district), default=0.0)
        other = max((h.score for h in said if h.district != candidate.district), default=0.0)
        if own >= other:
            factor = 1.0
        else:
            factor = OTHER_DISTRICT_FACTOR
    elif district:
        factor = 1.0 if candidate.district == district else 0.85
    return replace(candidate, score=candidate.score * factor)


def _away_factor(reading: Reading, start: int) -> float:
    """Weigh less what somebody ran toward: the caller is not there."""
    return 0.8 if any(word in AWAY for word in reading.words[max(start - 3, 0) : start]) else 1.0
