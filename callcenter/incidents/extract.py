"""From what was said to the record: read anew from the whole conversation each time.

What one text says is remembered, so that reading a call again after its last segment costs the
new segment only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from callcenter.incidents import danger_rules, matter
from callcenter.incidents.conversation import Heard, listen
from callcenter.incidents.danger_rules import retold
from callcenter.incidents.hits import Hit
from callcenter.incidents.joined.fields import JoinedFields
from callcenter.incidents.levels import LevelRules, packaged_rules
from callcenter.incidents.lexicon import Lexicon, load_lexicon
from callcenter.incidents.reading import TextReading, last_question
from callcenter.incidents.record import LEVELS, Evidence, Record, Turn
from callcenter.incidents.spaced import SpacedFields
from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.places import PlaceFinder
from callcenter.precincts.resolved import ResolvedPlace

READINGS_KEPT = 2048
CRIMES = frozenset(
    {"violence", "robbery", "theft", "domestic_violence", "fraud", "public_order", "unknown"}
)
HURTING = frozenset(
    {"violence", "robbery", "domestic_violence", "traffic", "hazard", "fire", "theft"}
    | {"public_order", "missing_person"}
)
"""Who does not move in such a matter is hurt, and not ill."""
ARMED = LEVELS[0]
"""The level of a weapon that is spoken of."""
ANY_HELP = "help"
SAME_WISH_CHARACTERS = 12
"""So soon after "send somebody" it is said whom."""
NAMED = {"weapons": 0.85, "asked_for": 0.85, "dangers": 0.78}
"""How sure what is named is: as often as it was right in calls that nobody had read."""


class Extractor:
    """Writes the record of a conversation in one language."""

    def __init__(
        self,
        language: str,
        places: PlaceFinder | None = None,
        *,
        lexicon: Lexicon | None = None,
        rules: LevelRules | None = None,
    ) -> None:
        self.language = language
        self.places = places
        self.lexicon = lexicon or load_lexicon(language)
        self.rules = rules or packaged_rules()
        self._fields = (
            JoinedFields(self.lexicon) if self.lexicon.joined else SpacedFields(self.lexicon)
        )
        self._readings: OrderedDict[tuple[str, bool], TextReading] = OrderedDict()

    def extract(
        self,
        turns: Sequence[Turn],
        *,
        caller_number: str | None = None,
        district: str | None = None,
        line: KnownPosition | None = None,
        handset: KnownPosition | None = None,
    ) -> Record:
        """The record of these turns.

        ``caller_number`` and ``district`` are what the line or the handset says, ``line`` and
        ``handset`` where they are; words of the caller go before them.
        """
        spoken = [turn for turn in turns if turn.text.strip()]
        heard = listen(spoken, self._read, self._question)
        fields: dict[str, Any] = {}
        evidence: dict[str, tuple[Evidence, ...]] = {}

        def put(name: str, value: Any, rows: Sequence[Evidence]) -> None:
            fields[name] = value
            if rows:
                evidence[name] = tuple(rows)

        category, rows = matter.category(spoken, heard, self._read, self.lexicon, self.rules)
        put("category", category, rows)
        dangers, danger_rows = _named(heard, "dangers")
        weapons, weapon_rows = _named(heard, "weapons")
        weapons, weapon_rows = self._kinds(weapons, weapon_rows, danger_rows)
        weapons, weapon_rows = danger_rules.in_matter(self.lexicon, category, weapons, weapon_rows)
        dangers, danger_rows = danger_rules.fitting(
            self.lexicon, heard, category, dangers, danger_rows
        )
        injured, injured_rows = self._fields.injured(heard, also_maybe=category in HURTING)
        injured, injured_rows = danger_rules.at_least_one(injured, injured_rows, danger_rows)
        dangers, danger_rows = danger_rules.with_injury(dangers, danger_rows, injured, injured_rows)
        level, why = self.rules.level(category, dangers or (), weapons or (), injured)
        deciding = {
            "weapon": weapon_rows,
            "injured": injured_rows,
            category: rows,
        }.get(why, [row for row in danger_rows if row.value == why])
        put("level", level, [retold(row, level) for row in deciding[:1]])
        place = self._place(spoken, district, line, handset)
        put("place", None if place is None else place.to_json(), _place_rows(place, spoken))
        put("when", *self._fields.when(heard))
        put("caller_name", *self._fields.caller_name(spoken))
        number, number_rows = self._fields.callback(spoken, caller_number)
        if number is None and caller_number:
            number = caller_number
            number_rows = [Evidence(caller_number, "line", confidence=0.9)]
        put("callback", number, number_rows)
        put("injured", injured, injured_rows)
        put("suspects", *self._suspects(heard, category))
        put("weapons", weapons, weapon_rows)
        put("dangers", dangers, danger_rows)
        put("asked_for", *_named(heard, "asked_for"))
        return Record(fields, evidence)

    def dangers_in(self, text: str) -> dict[str, str]:
        """Dangers and weapons that a text states, whoever says it, with the level of each."""
        reading = self._read(text)
        found = {hit.name: ARMED for hit in reading.weapons if not hit.denied}
        for hit in reading.dangers:
            if not hit.denied:
                found[hit.name] = self.rules.by_danger.get(hit.name, LEVELS[-1])
        return found

    def _question(self, text: str) -> TextReading:
        return self._read(last_question(text, self.lexicon), question=True)

    def _read(self, text: str, *, question: bool = False) -> TextReading:
        known = self._readings.get((text, question))
        if known is None:
            known = self._fields.read(text, question=question)
            self._readings[text, question] = known
            if len(self._readings) > READINGS_KEPT:
                self._readings.popitem(last=False)
        return known

    def _place(
        self,
        turns: Sequence[Turn],
        district: str | None,
        line: KnownPosition | None,
        handset: KnownPosition | None,
    ) -> ResolvedPlace | None:
        places = self.places  # another may be put in its place at any moment
        if places is None:
            return None
        return places.resolve(turns, self.language, district=district, line=line, handset=handset)

    def _kinds(
        self, weapons: list[str] | None, rows: list[Evidence], danger_rows: Sequence[Evidence]
    ) -> tuple[list[str] | None, list[Evidence]]:
        """The most special name of each weapon, and weapons that a danger is proof of."""
        lexicon = self.lexicon
        found = list(weapons or ())
        for row in danger_rows:
            weapon = lexicon.implied_weapons.get(str(row.value))
            if weapon is not None and weapon not in found:
                found.append(weapon)
                rows = [*rows, retold(row, weapon)]
        kept = [name for name in found if not lexicon.kinds_of.get(name, set()) & set(found)]
        if not kept:
            return weapons, rows
        dropped = set(found) - set(kept)
        return kept, [row for row in rows if row.value not in dropped]

    def _suspects(
        self, heard: Sequence[Heard], category: str
    ) -> tuple[list[str] | None, list[Evidence]]:
        if category not in CRIMES and category != "traffic":
            return None, []
        return self._fields.suspects(heard, category)


def _named(heard: Sequence[Heard], kind: str) -> tuple[list[str] | None, list[Evidence]]:
    """Names of one kind, each with the words for it; [] when all that was named is denied."""
    values: dict[str, list[Evidence]] = {}
    denied: list[Evidence] = []
    nothing = False
    for item in heard:
        hits: tuple[Hit, ...] = getattr(item.reading, kind)
        if kind == "asked_for" and item.asked is not None and "?" not in item.asked.text:
            continue  # an operator says what will come, and is not asked for it
        for hit in _specific(hits) if kind == "asked_for" else hits:
            if item.denied or hit.denied:
                denied.append(item.evidence(f"no {hit.name}", hit.words, 0.8))
            else:
                values.setdefault(hit.name, []).append(
                    item.evidence(hit.name, hit.words, NAMED[kind], unsure=hit.unsure)
                )
        if kind == "dangers" and item.asked is not None:
            for hit in item.reading.no_means:
                if item.denied:
                    values.setdefault(hit.name, []).append(item.evidence(hit.name, hit.words, 0.8))
                else:
                    denied.append(item.evidence(f"no {hit.name}", hit.words, 0.8))
        if kind in item.reading.denials and (item.asked is None or item.denied):
            nothing = True
    if values:
        return list(values), [row for rows in values.values() for row in rows]
    return ([] if denied or nothing else None), denied


def _specific(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Without "send somebody" where it is said at once whom."""
    whose = [hit for hit in hits if hit.name != ANY_HELP and not hit.denied]
    return [
        hit
        for hit in hits
        if hit.name != ANY_HELP
        or not any(
            hit.start < other.end and other.start <= hit.end + SAME_WISH_CHARACTERS
            for other in whose
        )
    ]


def _place_rows(place: ResolvedPlace | None, turns: Sequence[Turn]) -> list[Evidence]:
    if place is None:
        return []
    if place.source in ("line", "handset"):
        return [Evidence(place.text, place.source, confidence=place.confidence)]
    return [
        Evidence(
            value=place.text,
            source="caller_words" if turns[number].who == "caller" else "operator_words",
            leg=turns[number].leg,
            segment_id=turns[number].segment_id,
            start_ms=turns[number].start_ms,
            words=words,
            confidence=place.confidence,
            confirmed_by="caller" if place.confirmed else None,
        )
        for number, words in place.turns
    ]
