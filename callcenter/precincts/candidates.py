"""Places that fit together out of what was heard: crossings that exist, landmarks, addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.candidate import Candidate, Exact, Placed
from callcenter.precincts.crossings import blocks, crossings, weak_crossings
from callcenter.precincts.gazetteer import Gazetteer, street_label
from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.landmark_candidates import landmarks
from callcenter.precincts.reading import DistrictHint, Reading
from callcenter.precincts.spoken_words import AWAY, HOME
from callcenter.precincts.street_names import tidy

STRIKE_FACTOR = 0.55
AWAY_FACTOR = 0.8
AWAY_WORDS = 4
HOME_FACTOR = 0.8
OTHER_DISTRICT_FACTOR = 0.6
NO_DISTRICT_FACTOR = 0.97
KNOWN_DISTRICT_FACTOR = 0.85
SCORES_KEPT = 0.4
GOOD = 0.8
PART_FACTOR = 0.8
PART_OF_SCORE = 0.6
PART = "part_of_another"
SAME_ADDRESS_M = 400.0
CROSS_STREET_BONUS = 0.03
ADDRESS_BASE, ADDRESS_CERTAINTY = 0.72, 0.26


def candidates(
    gazetteer: Gazetteer,
    readings: Sequence[Reading],
    *,
    weights: Sequence[float] | None = None,
    struck: frozenset[tuple[int, int]] = frozenset(),
    confirmed: Iterable[int] = (),
    district: str | None = None,
    known: Sequence[KnownPosition] = (),
) -> list[Candidate]:
    """All places that the readings may mean, the likeliest first.

    ``weights``: how far each reading is believed. ``struck``: (reading, first word) of mentions
    that the speaker took back. ``confirmed``: readings to which the caller said yes.
    ``district``, ``known``: what other knowledge says.
    """
    weights = weights or [1.0] * len(readings)
    placed = [
        _placed(number, reading, mention_number, weights[number], struck)
        for number, reading in enumerate(readings)
        for mention_number in range(len(reading.mentions))
    ]
    hints = [
        (number, hint) for number, reading in enumerate(readings) for hint in reading.districts
    ]
    exact = Exact(
        placed, lambda street: gazetteer.streets[street].district, _districts_said(placed, hints)
    )
    best: dict[tuple[object, ...], Candidate] = {}

    def keep(candidate: Candidate) -> None:
        candidate = _in_district(candidate, hints, district)
        for position in known:
            candidate = position.weigh(candidate)
        streets = tuple(sorted(candidate.streets))
        key = (
            (candidate.kind, *streets, candidate.lat)
            if streets
            else (candidate.text, candidate.lat)
        )
        if key not in best or candidate.score > best[key].score:
            best[key] = candidate

    named = [each for each in placed if not each.mention.house_only]
    for i, one in enumerate(named):
        for two in named[i + 1 :]:
            for candidate in crossings(gazetteer, readings, exact, one, two):
                keep(candidate)
    if not any(c.score > GOOD for c in best.values()):
        for one in named:
            for two in named:
                for candidate in weak_crossings(gazetteer, readings, exact, one, two):
                    keep(candidate)
    for candidate in blocks(gazetteer, readings, exact, named):
        keep(candidate)
    for one in placed:
        for candidate in _addresses(gazetteer, exact, one):
            keep(candidate)
    streets_found = list(best.values())
    for candidate in landmarks(
        gazetteer,
        readings,
        weights,
        exact,
        placed,
        hints=hints,
        confirmed=frozenset(confirmed),
        district=district,
        known=known,
        beside=streets_found,
    ):
        keep(candidate)
    found = [c for c in _without_parts(list(best.values())) if c.score >= SCORES_KEPT]
    found.sort(key=lambda c: (-c.score, c.text))
    return found


def _districts_said(
    placed: Sequence[Placed], hints: Sequence[tuple[int, DistrictHint]]
) -> set[str]:
    """Districts whose name is not part of a street's ("Brooklyn Avenue")."""
    return {
        hint.district
        for number, hint in hints
        if not any(
            p.reading == number
            and p.mention.start < hint.end
            and hint.start < p.mention.end
            and any(score >= Exact.EXACT for score in p.mention.streets.values())
            for p in placed
        )
    }


def _placed(
    number: int,
    reading: Reading,
    mention_number: int,
    weight: float,
    struck: frozenset[tuple[int, int]],
) -> Placed:
    mention = reading.mentions[mention_number]
    reasons = []
    if (number, mention.start) in struck:
        weight *= STRIKE_FACTOR
        reasons.append("taken_back")
    # What somebody ran toward: the caller is not there.
    before = reading.words[max(mention.start - AWAY_WORDS, 0) : mention.start]
    if any(word in AWAY for word in before):
        weight *= AWAY_FACTOR
        reasons.append("somebody_went_there")
    elif any(word in HOME for word in before):
        weight *= HOME_FACTOR
        reasons.append("somebody_lives_there")
    return Placed(number, mention, weight, tuple(reasons))


def _without_parts(found: list[Candidate]) -> list[Candidate]:
    """What is part of another place that was named is no rival of it.

    A crossing of two of the three streets of a block; a house number and its cross street, of
    which the crossing is surer where the number lies only somewhere beside a known one.
    """
    blocks_found = [c for c in found if c.kind == "block" and c.score >= PART_OF_SCORE]
    houses = [c for c in found if c.kind == "address" and c.score >= PART_OF_SCORE]
    met = [c for c in found if c.kind == "crossing" and c.score >= GOOD]
    result = []
    for candidate in found:
        if candidate.kind == "crossing":
            in_block = any(set(candidate.sources) <= set(b.sources) for b in blocks_found)
            of_house = any(_same_street(h, candidate) and not _beside(h) for h in houses)
            if in_block or of_house:
                candidate = candidate.weighed(PART_FACTOR, PART)
        elif candidate.kind == "address" and any(_same_street(candidate, c) for c in met):
            if _beside(candidate):
                candidate = candidate.weighed(PART_FACTOR, PART)
            elif any(_same_street(candidate, c) and _near(candidate, c) for c in met):
                candidate = candidate.weighed(1 + CROSS_STREET_BONUS, "cross_street_near")
        result.append(candidate)
    return result


def _same_street(house: Candidate, crossing: Candidate) -> bool:
    return set(house.streets) <= set(crossing.streets)


def _beside(house: Candidate) -> bool:
    return "house_beside" in house.reasons


def _near(house: Candidate, crossing: Candidate) -> bool:
    return metres_between(house.lat, house.lon, crossing.lat, crossing.lon) <= SAME_ADDRESS_M


def _addresses(gazetteer: Gazetteer, exact: Exact, one: Placed) -> Iterable[Candidate]:
    number = one.mention.house_number
    if number is None:
        return
    for street, score in one.mention.streets.items():
        at = gazetteer.address(street, number)
        if at is None:
            continue
        place = gazetteer.streets[street]
        candidate = Candidate(
            street_label([f"{number} {tidy(place.name)}"], place.district),
            round(at.lat, 6),
            round(at.lon, 6),
            "address",
            place.district,
            score * one.weight * (ADDRESS_BASE + ADDRESS_CERTAINTY * at.certainty),
            (one.source,),
            (street,),
            0,
            (f"house_{at.how}", *one.reasons),
        )
        if exact.explains_house_away(one, street):
            candidate = candidate.weighed(Exact.FACTOR, "another_street_named")
        yield candidate


def _in_district(
    candidate: Candidate, hints: Sequence[tuple[int, DistrictHint]], district: str | None
) -> Candidate:
    said = [
        hint
        for number, hint in hints
        if not any(
            s.reading == number and s.start < hint.end and hint.start < s.end
            for s in candidate.sources
        )
    ]
    if said:
        own = max((h.score for h in said if h.district == candidate.district), default=0.0)
        other = max((h.score for h in said if h.district != candidate.district), default=0.0)
        if own >= other:
            return candidate.weighed(1.0, "district_said")
        return candidate.weighed(OTHER_DISTRICT_FACTOR, "other_district_said")
    if district:
        if candidate.district == district:
            return candidate.weighed(1.0, "district_known")
        return candidate.weighed(KNOWN_DISTRICT_FACTOR, "other_district_known")
    return candidate.weighed(NO_DISTRICT_FACTOR, "no_district")
