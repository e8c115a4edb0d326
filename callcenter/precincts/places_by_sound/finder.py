"""A conversation in Chinese or Korean resolved to a place, or to the question that is left."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from callcenter.precincts import read_back
from callcenter.precincts.boundaries import Boundaries, Found, metres_between
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.places_by_sound import questions
from callcenter.precincts.places_by_sound.conversation import Conversation, follow
from callcenter.precincts.places_by_sound.mentions import Reading, read
from callcenter.precincts.places_by_sound.names import Names
from callcenter.precincts.places_by_sound.ranking import (
    NEAR_M,
    NEVER_SURE,
    ROADS,
    SAME_PLACE_M,
    Ranked,
    near_first,
    rank,
)
from callcenter.precincts.resolved import Alternative, ResolvedPlace, unknown_place
from callcenter.precincts.said import Spoken

RESOLVED = 0.6
ROAD_CONFIDENCE = 0.3
LEAD_NEAR = 0.75
"""Two places close together that were both named: one lies beside the other."""
SURE_MARGIN = 0.08
OFF_LAND_M = 1500.0
READINGS_KEPT = 2048


class SoundFinder:
    """Finds places of one gazetteer in one language. Remembers what each text may name."""

    def __init__(self, gazetteer: Gazetteer, boundaries: Boundaries, language: str) -> None:
        self.language = language
        self.names = Names(gazetteer, language)
        self._boundaries = boundaries
        self._readings: OrderedDict[str, Reading] = OrderedDict()

    def resolve(
        self,
        turns: Sequence[Spoken],
        *,
        district: str | None = None,
        known: Sequence[KnownPosition] = (),
    ) -> ResolvedPlace | None:
        """The place of a conversation, or None when nobody has spoken of one."""
        talk = follow(self.names, turns, self.read)
        ranked = near_first(rank(self.names, talk, district), known)
        if not ranked:
            return self._unknown(talk)
        return self._resolved(ranked)

    def read(self, text: str) -> Reading:
        """What one text may name; remembered."""
        known = self._readings.get(text)
        if known is None:
            known = read(self.names, text)
            self._readings[text] = known
            if len(self._readings) > READINGS_KEPT:
                self._readings.popitem(last=False)
        return known

    def _resolved(self, ranked: Sequence[Ranked]) -> ResolvedPlace:
        best = ranked[0]
        other = next((place for place in ranked[1:] if not _same(place, best)), None)
        lead = 1.0 if other is None else min((best.score - other.score) / SURE_MARGIN, 1.0)
        if other is not None and other.text != best.text and _near(best, other):
            lead = max(lead, LEAD_NEAR)
        confidence = min(best.score, NEVER_SURE) * (0.5 + 0.5 * lead)
        if best.kind in ROADS:
            return self._on_road(best)
        if best.score < RESOLVED or confidence < RESOLVED:
            same_name = other is not None and other.text == best.text
            return ResolvedPlace(
                text=" / ".join(dict.fromkeys(words for _, words in best.turns)),
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
                runner_up=self._alternative(best, confidence),
                read_back=questions.ask_which(
                    self.language,
                    _told(best, same_name),
                    _told(other, same_name) if other is not None and lead < 1.0 else None,
                ),
                turns=best.turns,
            )
        at = self._boundaries.find(best.lat, best.lon)
        precinct, neighbour = _responsible(at)
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
            confirmed=best.confirmed,
            runner_up=runner_up,
            read_back=read_back.confirm(_told(best, True), self.language),
            turns=best.turns,
        )

    def _on_road(self, road: Ranked) -> ResolvedPlace:
        """A point of a long road is no position: where on it is asked."""
        question = questions.ask_where_on(self.language, _told(road, True), ())
        return replace(
            unknown_place(question),
            text=road.text,
            kind="street",
            district=road.district,
            confidence=ROAD_CONFIDENCE,
            runner_up=self._alternative(road, ROAD_CONFIDENCE),
            turns=road.turns,
        )

    def _unknown(self, talk: Conversation) -> ResolvedPlace | None:
        streets = [each for each in talk.placed if each.mention.kind == "street"]
        districts = [each for each in talk.placed if each.mention.kind == "district"]
        if streets:
            last = streets[-1].mention
            rows = [
                self.names.gazetteer.streets[each.mention.number]
                for each in streets
                if each.mention.words == last.words
            ]
            where = sorted({row.district for row in rows} - {""})
            question = questions.ask_where_on(self.language, rows[0].name, where)
        elif talk.spoke or districts:
            question = questions.ask_place(self.language)
        else:
            return None
        return unknown_place(question)

    def _alternative(self, place: Ranked, confidence: float) -> Alternative:
        precinct, neighbour = _responsible(self._boundaries.find(place.lat, place.lon))
        return Alternative(
            place.text, place.lat, place.lon, precinct or neighbour, round(confidence, 2)
        )


def _responsible(at: Found) -> tuple[str | None, str | None]:
    if at.precinct is None and at.metres_to_boundary is not None:
        if at.metres_to_boundary <= OFF_LAND_M:
            return at.runner_up, None
    return at.precinct, at.runner_up


def _same(a: Ranked, b: Ranked) -> bool:
    return metres_between(a.lat, a.lon, b.lat, b.lon) <= SAME_PLACE_M


def _near(a: Ranked, b: Ranked) -> bool:
    return metres_between(a.lat, a.lon, b.lat, b.lon) <= NEAR_M


def _told(place: Ranked | None, with_district: bool) -> str:
    if place is None:
        return ""
    if not with_district or not place.district or place.district in place.text:
        return place.text
    return (
        f"{place.district} {place.text}" if place.text[:1] >= "가" else place.district + place.text
    )
