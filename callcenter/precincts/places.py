"""Where the caller is: all that was said, resolved to a place and its precinct, or a question.

The caller's words count. The operator's count when the caller says yes to them, and speak
against a place when the caller says no. A place that is not sure enough is not given: the best
guess stands as the runner-up and the read-back asks.
"""

from __future__ import annotations

import statistics
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

from callcenter.precincts import read_back
from callcenter.precincts.boundaries import Boundaries, metres_between
from callcenter.precincts.candidate import Candidate, Source
from callcenter.precincts.candidates import PART, PART_FACTOR, candidates
from callcenter.precincts.gazetteer import Gazetteer, street_label
from callcenter.precincts.known_positions import WIDEST_RESOLVED_M, KnownPosition
from callcenter.precincts.mentions import read_mentions
from callcenter.precincts.places_by_sound.finder import SoundFinder
from callcenter.precincts.places_by_sound.words import LANGUAGES
from callcenter.precincts.reading import Mention, Reading
from callcenter.precincts.resolved import Alternative, ResolvedPlace, unknown_place
from callcenter.precincts.said import Heard, Spoken, answer, asked, strike
from callcenter.precincts.street_names import tidy

RESOLVED_CONFIDENCE = 0.58
RESOLVED_SCORE = 0.62
SAME_PLACE_M = 200.0
OFF_LAND_M = 1500.0
"""A bridge or pier belongs to the nearest precinct when it is no farther."""
SURE_MARGIN = 0.08
"""A lead so long over the next place leaves no doubt between the two."""
CONFIRMED_BONUS = 0.15
DENIED_FACTOR = 0.5
SCORES_KEPT = 0.5
READINGS_KEPT = 2048
POINTS_KEPT = 8192
SINGLE_STREET_SCORE = 0.85
SHORT_STREET_M = 150.0
"""A street that meets others only within so far of one point (a circle, a square) is a place."""
TWIN_SHARE = 0.75
"""Of two crossings of the same names the one is meant where so much more happens."""
TWIN_CONFIDENCE = 0.6
NAMESAKE_SHARE = 0.9
CANDIDATES_TOLD = 5


class PlaceFinder:
    """Resolves what was said to a place. Remembers what each text may name."""

    def __init__(self, gazetteer: Gazetteer, boundaries: Boundaries) -> None:
        self.gazetteer = gazetteer
        self.boundaries = boundaries
        self._precinct_at = lru_cache(maxsize=POINTS_KEPT)(boundaries.find)
        self._readings: OrderedDict[str, Reading] = OrderedDict()
        self._other_scripts: dict[str, SoundFinder] = {}

    def resolve(
        self,
        turns: Sequence[Spoken],
        language: str = "en",
        *,
        district: str | None = None,
        line: KnownPosition | None = None,
        handset: KnownPosition | None = None,
    ) -> ResolvedPlace | None:
        """The place of a conversation, or None when nobody has spoken of one.

        ``district``, ``line``, ``handset``: what is known from elsewhere. It chooses between
        places that words may mean and bears witness for a weak name. Where no words give a place,
        a position is the place, with ``source`` saying so.
        """
        known = [each for each in (handset, line) if each is not None]
        place: ResolvedPlace | None
        if language in LANGUAGES:
            place = self._by_sound(language).resolve(turns, district=district, known=known)
        else:
            place = self._spoken_place(turns, district, known)
        if (place is None or not place.resolved) and known:
            return self._known_place(place, known[0])
        return place

    def _spoken_place(
        self, turns: Sequence[Spoken], district: str | None, known: Sequence[KnownPosition]
    ) -> ResolvedPlace | None:
        heard = self._hear(turns)
        found = candidates(
            self.gazetteer,
            heard.readings,
            weights=heard.weights,
            struck=frozenset(heard.struck),
            confirmed=heard.confirmed,
            district=district,
            known=known,
        )
        found = self._without_denied(found, heard)
        if not found:
            return self._single_street(heard)
        return self._resolved(found, heard)

    def _known_place(self, place: ResolvedPlace | None, known: KnownPosition) -> ResolvedPlace:
        """A position without words; what words did say stays the question and the candidates."""
        at = self._precinct_at(known.lat, known.lon)
        resolved = known.radius_m <= WIDEST_RESOLVED_M
        text = known.text or f"{known.lat:.5f}, {known.lon:.5f}"
        asked = place is not None and bool(place.read_back)
        return ResolvedPlace(
            text=text,
            lat=known.lat if resolved else None,
            lon=known.lon if resolved else None,
            kind="position",
            district="",
            precinct=at.precinct,
            neighbour_precinct=at.runner_up,
            metres_to_boundary=at.metres_to_boundary,
            confidence=round(known.confidence, 2),
            resolved=resolved,
            confirmed=False,
            runner_up=place.runner_up if place else None,
            read_back=place.read_back
            if place is not None and asked
            else read_back.confirm_position(text, known.source),
            turns=(),
            source=known.source,
            candidates=place.candidates if place else (),
        )

    def warm(self) -> None:
        """Make now what the first search would have to make."""
        self.resolve(())
        self.read("at the corner of Main Street and First Avenue")

    def read(self, text: str) -> Reading:
        """What one text may name; remembered, since a call is read again at every segment."""
        known = self._readings.get(text)
        if known is None:
            known = read_mentions(self.gazetteer, text)
            self._readings[text] = known
            if len(self._readings) > READINGS_KEPT:
                self._readings.popitem(last=False)
        return known

    def _hear(self, turns: Sequence[Spoken]) -> Heard:
        heard = Heard([], [], [], set(), set(), [])
        for number, turn in enumerate(turns):
            if turn.who == "caller":
                self._listen(heard, number, turn.text, 1.0)
                strike(heard, len(heard.readings) - 1)
            elif turn.who == "operator":
                reply = answer(turns, number)
                if reply is True:
                    heard.confirmed.add(len(heard.readings))
                    self._listen(heard, number, asked(turn.text), 0.98)
                elif reply is False:
                    heard.denied.append(self.read(asked(turn.text)))
        return heard

    def _listen(self, heard: Heard, number: int, text: str, weight: float) -> None:
        heard.readings.append(self.read(text))
        heard.turns.append(number)
        heard.weights.append(weight)

    def _without_denied(self, found: list[Candidate], heard: Heard) -> list[Candidate]:
        if not heard.denied:
            return found
        denied = candidates(self.gazetteer, heard.denied)[:3]
        result = []
        for candidate in found:
            if any(_same_words(candidate, other) for other in denied):
                candidate = candidate.weighed(DENIED_FACTOR, "denied")
            result.append(candidate)
        result.sort(key=lambda candidate: -candidate.score)
        return [candidate for candidate in result if candidate.score >= SCORES_KEPT]

    def _resolved(self, found: Sequence[Candidate], heard: Heard) -> ResolvedPlace:
        best = found[0]
        other = next((c for c in found[1:] if _rival(c, best)), None)
        margin = 1.0 if other is None else min((best.score - other.score) / SURE_MARGIN, 1.0)
        confidence = min(best.score, 1.0) * (0.5 + 0.5 * margin)
        if other is not None and _namesakes(best, other):
            confidence = min(best.score, 1.0) * 0.5  # which of them, nobody said
        if other is not None and self._same_names(best, other):
            twins = [c for c in found if not _same_place(c, best) and self._same_names(best, c)]
            others = sum(c.sightings for c in twins)
            busier = best.sightings > 0 and best.sightings >= TWIN_SHARE * (best.sightings + others)
            confidence = max(confidence, TWIN_CONFIDENCE) if busier else confidence
        confirmed = any(source.reading in heard.confirmed for source in best.sources)
        if confirmed:
            confidence = min(confidence + CONFIRMED_BONUS, 0.99)
        resolved = confidence >= RESOLVED_CONFIDENCE and best.score >= RESOLVED_SCORE
        words = self._words(best, heard)
        told = self._told(found, confidence)
        if not resolved:
            guess = self._alternative(best, confidence)
            return ResolvedPlace(
                text=" / ".join(said for _, said in words),
                lat=None,
                lon=None,
                kind="unresolved",
                district="",
                precinct=None,
                neighbour_precinct=None,
                metres_to_boundary=None,
                confidence=round(confidence, 2),
                resolved=False,
                confirmed=False,
                runner_up=guess,
                read_back=read_back.ask_which(best.text, None if other is None else other.text),
                turns=words,
                candidates=told,
            )
        at = self._precinct_at(best.lat, best.lon)
        precinct, neighbour = at.precinct, at.runner_up
        if precinct is None and at.metres_to_boundary is not None:
            if at.metres_to_boundary <= OFF_LAND_M:
                precinct, neighbour = at.runner_up, None
        runner_up = None
        if other is not None:
            share = confidence * max(other.score / best.score - 0.5, 0.0)
            runner_up = self._alternative(other, min(share, 1 - confidence / 2))
        return ResolvedPlace(
            text=best.text,
            lat=best.lat,
            lon=best.lon,
            kind=best.kind,
            district=best.district,
            precinct=precinct,
            neighbour_precinct=neighbour,
            metres_to_boundary=at.metres_to_boundary,
            confidence=round(confidence, 2),
            resolved=True,
            confirmed=confirmed,
            runner_up=runner_up,
            read_back=read_back.confirm(best.text),
            turns=words,
            candidates=told,
        )

    def _told(self, found: Sequence[Candidate], confidence: float) -> tuple[Alternative, ...]:
        """The likeliest places, the others' confidence in proportion to the best one's."""
        best = found[0]
        return tuple(
            self._alternative(each, confidence * min(each.score / best.score, 1.0))
            for each in found[:CANDIDATES_TOLD]
        )

    def _same_names(self, a: Candidate, b: Candidate) -> bool:
        """Whether two crossings have the same names but for East, West and the district."""

        def names(candidate: Candidate) -> set[tuple[str, str | None]]:
            parsed = [self.gazetteer.parsed[s] for s in candidate.streets]
            return {(name.core, name.type) for name in parsed}

        return bool(a.streets) and names(a) == names(b) and a.score >= b.score

    def _alternative(self, candidate: Candidate, confidence: float) -> Alternative:
        at = self._precinct_at(candidate.lat, candidate.lon)
        return Alternative(
            candidate.text,
            candidate.lat,
            candidate.lon,
            at.precinct or at.runner_up,
            round(confidence, 2),
            candidate.kind,
            candidate.reasons,
        )

    def _words(self, candidate: Candidate, heard: Heard) -> tuple[tuple[int, str], ...]:
        return tuple(
            (
                heard.turns[source.reading],
                " ".join(heard.readings[source.reading].words[source.start : source.end]),
            )
            for source in candidate.sources
        )

    def _single_street(self, heard: Heard) -> ResolvedPlace | None:
        """One street and no crossing: no position, but perhaps a precinct, and a question."""
        best: tuple[float, int, Mention] | None = None
        for number, reading in enumerate(heard.readings):
            for mention in reading.mentions:
                top = max(mention.streets.values(), default=0.0) * heard.weights[number]
                if (number, mention.start) in heard.struck or mention.type is None:
                    continue
                if top >= SINGLE_STREET_SCORE and (best is None or top >= best[0]):
                    best = (top, number, mention)
        if best is None:
            spoke = any(reading.typed for reading in heard.readings)
            return unknown_place(read_back.ask_place()) if spoke else None
        top, number, mention = best
        said = [hint.district for reading in heard.readings for hint in reading.districts]
        streets = [
            self.gazetteer.streets[street]
            for street, score in mention.streets.items()
            if score >= top - 0.02 and (not said or self.gazetteer.streets[street].district in said)
        ]
        names = sorted({tidy(street.name) for street in streets})
        if not names:
            return unknown_place(read_back.ask_place())
        points = [at for s in streets for crossing in s.crossings.values() for at in crossing]
        if len(streets) == 1 and len(streets[0].crossings) > 1:
            lat = statistics.median(at[0] for at in points)
            lon = statistics.median(at[1] for at in points)
            if all(metres_between(lat, lon, at[0], at[1]) <= SHORT_STREET_M for at in points):
                source = Source(number, mention.start, mention.end)
                label = street_label(names, streets[0].district)
                area = Candidate(
                    label, lat, lon, "street", streets[0].district, 0.8 * top, (source,)
                )
                return self._resolved([area], heard)
        only = self._only_precinct(points)
        districts = sorted({street.district for street in streets})
        name = names[0] if len(names) == 1 else " / ".join(names[:3])
        words = " ".join(heard.readings[number].words[mention.start : mention.end])
        return ResolvedPlace(
            text=name,
            lat=None,
            lon=None,
            kind="street",
            district=districts[0] if len(districts) == 1 else "",
            precinct=only,
            neighbour_precinct=None,
            metres_to_boundary=None,
            confidence=0.4 if only else 0.2,
            resolved=False,
            confirmed=number in heard.confirmed,
            runner_up=None,
            read_back=read_back.ask_cross_street(name, districts),
            turns=((heard.turns[number], words),),
        )

    def _only_precinct(self, points: Sequence[tuple[float, float, int]]) -> str | None:
        """The precinct in which all of these lie; None: they lie in several, or in none."""
        precincts: set[str | None] = set()
        for lat, lon, _ in points:
            precincts.add(self._precinct_at(lat, lon).precinct)
            if len(precincts) > 1:  # a long street has hundreds of crossings
                return None
        return precincts.pop() if precincts else None

    def _by_sound(self, language: str) -> SoundFinder:
        """The finder of a language with signs of its own; made when first needed."""
        if language not in self._other_scripts:
            self._other_scripts[language] = SoundFinder(self.gazetteer, self.boundaries, language)
        return self._other_scripts[language]


def _same_words(a: Candidate, b: Candidate) -> bool:
    """Whether both are the same streets or name; what lies beside was not denied."""
    if a.streets or b.streets:
        return set(a.streets) == set(b.streets)
    return a.text == b.text


def _namesakes(a: Candidate, b: Candidate) -> bool:
    """Whether two landmarks are called the same and nothing but their kind tells them apart."""
    same = not a.streets and not b.streets and a.text.split(",")[0] == b.text.split(",")[0]
    return same and b.score >= NAMESAKE_SHARE * a.score


def _rival(candidate: Candidate, best: Candidate) -> bool:
    """Whether a place speaks against the best one: elsewhere, and no part of it."""
    part = f"{PART}:{PART_FACTOR:.2f}"
    return not _same_place(candidate, best) and (
        part not in candidate.reasons or not set(candidate.streets) & set(best.streets)
    )


def _same_place(a: Candidate, b: Candidate) -> bool:
    return metres_between(a.lat, a.lon, b.lat, b.lon) <= SAME_PLACE_M
