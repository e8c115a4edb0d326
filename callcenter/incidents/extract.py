"""From what was said to the record: read anew from the whole conversation each time.

What one text says is remembered, so that reading a call again after its last segment costs the
new segment only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from callcenter.incidents import details
from callcenter.incidents.conversation import Heard, listen
from callcenter.incidents.levels import LevelRules, packaged_rules
from callcenter.incidents.lexicon import Lexicon, load_lexicon
from callcenter.incidents.reading import Hit, TextReading, read_text
from callcenter.incidents.record import Evidence, Record, Turn
from callcenter.precincts.places import PlaceFinder
from callcenter.precincts.resolved import ResolvedPlace

READINGS_KEPT = 2048
ENOUGH = 1.2
"""Below this weight of words a category is not given."""
CRIMES = frozenset(
    {"violence", "robbery", "theft", "domestic_violence", "fraud", "public_order", "unknown"}
)
DENIED_WEIGHT = 0.8


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
        self._readings: OrderedDict[str, TextReading] = OrderedDict()

    def extract(
        self,
        turns: Sequence[Turn],
        *,
        caller_number: str | None = None,
        district: str | None = None,
    ) -> Record:
        """The record of these turns.

        ``caller_number`` and ``district`` are what the line or the handset says; words of the
        caller go before them.
        """
        spoken = [turn for turn in turns if turn.text.strip()]
        heard = listen(spoken, self._read)
        fields: dict[str, Any] = {}
        evidence: dict[str, tuple[Evidence, ...]] = {}

        def put(name: str, value: Any, rows: Sequence[Evidence]) -> None:
            fields[name] = value
            if rows:
                evidence[name] = tuple(rows)

        category, rows = self._category(spoken, heard)
        put("category", category, rows)
        dangers, danger_rows = _named(heard, "dangers")
        weapons, weapon_rows = _named(heard, "weapons")
        injured, injured_rows = details.injured(heard, self.lexicon)
        level, why = self.rules.level(category, dangers or (), weapons or (), injured)
        deciding = {
            "weapon": weapon_rows,
            "injured": injured_rows,
            category: rows,
        }.get(why, [row for row in danger_rows if row.value == why])
        put("level", level, [_as(row, level) for row in deciding[:1]])
        place = self._place(spoken, district)
        put("place", None if place is None else place.to_json(), _place_rows(place, spoken))
        put("when", *self._when(heard))
        put("caller_name", *details.caller_name(spoken, self.lexicon))
        number, number_rows = details.callback(heard, self.lexicon)
        if number is None and caller_number:
            number = caller_number
            number_rows = [Evidence(caller_number, "line", confidence=0.9)]
        put("callback", number, number_rows)
        put("injured", injured, injured_rows)
        put("suspects", *_suspects(heard, category))
        put("weapons", weapons, weapon_rows)
        put("dangers", dangers, danger_rows)
        put("asked_for", *_named(heard, "asked_for"))
        return Record(fields, evidence)

    def _read(self, text: str) -> TextReading:
        known = self._readings.get(text)
        if known is None:
            known = read_text(text, self.lexicon)
            self._readings[text] = known
            if len(self._readings) > READINGS_KEPT:
                self._readings.popitem(last=False)
        return known

    def _place(self, turns: Sequence[Turn], district: str | None) -> ResolvedPlace | None:
        if self.places is None:
            return None
        return self.places.resolve(turns, self.language, district=district)

    def _category(
        self, turns: Sequence[Turn], heard: Sequence[Heard]
    ) -> tuple[str, list[Evidence]]:
        weights: dict[str, float] = {}
        rows: dict[str, list[Evidence]] = {}
        seen: set[tuple[str, str]] = set()
        for item in heard:
            for hit in item.reading.categories:
                if hit.denied or item.denied or (hit.name, hit.words.lower()) in seen:
                    continue
                seen.add((hit.name, hit.words.lower()))
                weight = hit.weight if item.asked is None else hit.weight * DENIED_WEIGHT
                weights[hit.name] = weights.get(hit.name, 0.0) + weight
                rows.setdefault(hit.name, []).append(
                    item.evidence(hit.name, hit.words, min(hit.weight / 3.5, 0.9))
                )
        self._combine(heard, weights, rows)
        likely = [name for name, weight in weights.items() if weight >= ENOUGH]
        if likely:
            severity = self.rules.severity
            best = max(likely, key=lambda name: (weights[name], -severity.index(name)))
            return best, sorted(rows[best], key=lambda row: -row.confidence)
        silent = bool(turns) and not any(turn.who == "caller" for turn in turns)
        return ("silent" if silent else "unknown"), []

    def _combine(
        self,
        heard: Sequence[Heard],
        weights: dict[str, float],
        rows: dict[str, list[Evidence]],
    ) -> None:
        marks = {
            hit.name
            for item in heard
            for hit in item.reading.marks
            if not hit.denied and not item.denied
        }
        before = dict(weights)
        for rule in self.lexicon.combinations:
            if before.get(rule.when, 0.0) >= ENOUGH and marks & set(rule.with_any):
                base = max(before.get(rule.when, 0.0), before.get(rule.becomes, 0.0))
                weights[rule.becomes] = max(weights.get(rule.becomes, 0.0), base + rule.weight)
                rows.setdefault(rule.becomes, []).extend(
                    _as(row, rule.becomes)
                    for row in rows.get(rule.when, ())
                    if rule.when != rule.becomes
                )

    def _when(self, heard: Sequence[Heard]) -> tuple[str | None, list[Evidence]]:
        for item in heard:
            if item.asked is not None:
                continue
            hits = [hit for hit in item.reading.when if not hit.denied]
            stated = [hit for hit in hits if hit.name == "stated"]
            for hit in (stated or hits)[:1]:
                value = hit.words.lower() if hit.name == "stated" else hit.name
                return value, [item.evidence(value, hit.words, 0.7)]
        return None, []


def _named(heard: Sequence[Heard], kind: str) -> tuple[list[str] | None, list[Evidence]]:
    """Names of one kind, each with the words for it; [] when all that was named is denied."""
    values: dict[str, list[Evidence]] = {}
    denied: list[Evidence] = []
    for item in heard:
        hits: tuple[Hit, ...] = getattr(item.reading, kind)
        for hit in hits:
            if item.denied or hit.denied:
                denied.append(item.evidence(f"no {hit.name}", hit.words, 0.8))
            else:
                values.setdefault(hit.name, []).append(item.evidence(hit.name, hit.words, 0.85))
    if values:
        return list(values), [row for rows in values.values() for row in rows]
    return ([] if denied else None), denied


def _suspects(heard: Sequence[Heard], category: str) -> tuple[list[str] | None, list[Evidence]]:
    if category not in CRIMES:
        return None, []
    rows = {
        words: item.evidence(words, words, 0.7)
        for item in heard
        if item.asked is None
        for words in item.reading.suspects
    }
    return (list(rows) or None), list(rows.values())


def _place_rows(place: ResolvedPlace | None, turns: Sequence[Turn]) -> list[Evidence]:
    if place is None:
        return []
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


def _as(row: Evidence, value: str) -> Evidence:
    """The same words as evidence for another value."""
    return Evidence(
        value, row.source, row.leg, row.segment_id, row.start_ms, row.words, row.confidence
    )
