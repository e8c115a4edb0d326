"""What kind of matter a call is: all evidence for each category, weighed against each other.

Evidence are phrases of the lexicon, scenes (`callcenter.incidents.scenes`), combinations with
marks, and, of little weight, what an operator has understood.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from callcenter.incidents.conversation import Heard
from callcenter.incidents.levels import LevelRules
from callcenter.incidents.lexicon import WEIGHTS, Lexicon
from callcenter.incidents.likeness import NONE
from callcenter.incidents.reading import TextReading
from callcenter.incidents.record import Evidence, Turn
from callcenter.incidents.scenes import AGAIN

ENOUGH = 1.2
ENOUGH_WITH_SCENES = 0.6
"""Below this weight of words a category is not given."""
ASKED_WEIGHT = 0.8
LIKENESS_WEIGHT = 4.0
"""What words weigh that are wholly like the examples of one category."""
LIKENESS_BY_TURN = (1.0, 0.4, 0.3)
"""How much the first own words of a caller count for likeness, the second, the third."""
LEAST_LIKE = 0.01
LIKE_ENOUGH = 0.2
OPENING_WEIGHT = 1.5
"""In a language without scenes: what the first words about a matter weigh more than later ones."""
OUTRANKED_WEIGHT = 0.35
OUTRANKS_FROM = 0.6
"""A category outranks others only with so much of their weight: one word overturns no call."""
OPERATOR_WEIGHT = 1.2
MOST_OF_OPERATOR = 2.4
BESIDE_SCENES = 0.6
"""What a phrase weighs in a language that has scenes, too; it is told by both, often."""
FULL = 3.5
"""The weight of words that are as sure as words can be."""
SUREST = 0.9
BARELY, CLEARLY = 0.5, 0.8
"""How sure a category is that is barely ahead; the share of the weight that makes it sure."""


@dataclass(slots=True)
class _Weighed:
    weights: dict[str, float] = field(default_factory=dict)
    rows: dict[str, list[Evidence]] = field(default_factory=dict)

    def add(self, name: str, weight: float, row: Evidence | None = None) -> None:
        self.weights[name] = self.weights.get(name, 0.0) + weight
        if row is not None:
            self.rows.setdefault(name, []).append(row)


def category(
    turns: Sequence[Turn],
    heard: Sequence[Heard],
    read: Callable[[str], TextReading],
    lexicon: Lexicon,
    rules: LevelRules,
) -> tuple[str, list[Evidence]]:
    """The likeliest category with its evidence; ``silent`` and ``unknown`` have none."""
    weighed = _Weighed()
    enough = ENOUGH_WITH_SCENES if lexicon.scenes else ENOUGH
    _phrases(heard, lexicon, weighed, BESIDE_SCENES if lexicon.scenes else 1.0)
    if lexicon.scenes:
        _scenes(heard, weighed)
        _operators(turns, read, weighed)
        _likeness(heard, lexicon, weighed)
    _combine(heard, lexicon, weighed, enough)
    weights = weighed.weights
    known = dict(weights)
    for name, others in lexicon.outranks.items():
        for other in others:
            least = max(WEIGHTS["sure"], known.get(other, 0.0) * OUTRANKS_FROM)
            if known.get(name, 0.0) >= least:
                weights[other] = weights.get(other, 0.0) * OUTRANKED_WEIGHT
    likely = [name for name, weight in weights.items() if weight >= enough]
    likely = [name for name in likely if weighed.rows.get(name)]
    if likely:
        severity = rules.severity
        best = max(likely, key=lambda name: (weights[name], -severity.index(name)))
        rows = sorted(weighed.rows[best], key=lambda row: -row.confidence)
        return best, _as_sure_as_ahead(best, weights, rows) if lexicon.scenes else rows
    said = [read(turn.text).text.strip(" ,.;!?") for turn in turns if turn.who == "caller"]
    silent = bool(turns) and not any(text and not lexicon.silent.fullmatch(text) for text in said)
    return ("silent" if silent else "unknown"), []


def _opening(heard: Sequence[Heard]) -> Heard | None:
    """The first own words that speak of a matter: mostly they say what the call is about."""
    for item in heard:
        if item.asked is None and any(not hit.denied for hit in item.reading.categories):
            return item
    return None


def _as_sure_as_ahead(
    best: str, weights: Mapping[str, float], rows: Sequence[Evidence]
) -> list[Evidence]:
    """The evidence, no surer than by how far this category is ahead of the next."""
    second = max([weight for name, weight in weights.items() if name != best] or [0.0])
    share = weights[best] / (weights[best] + max(second, 0.0))
    most = min(BARELY + (SUREST - BARELY) * (share - 0.5) / (CLEARLY - 0.5), SUREST)
    return [replace(row, confidence=round(row.confidence * most / SUREST, 2)) for row in rows]


def _phrases(heard: Sequence[Heard], lexicon: Lexicon, weighed: _Weighed, factor: float) -> None:
    seen: set[tuple[str, str]] = set()
    opening = None if lexicon.scenes else _opening(heard)
    for item in heard:
        for hit in item.reading.categories:
            if hit.denied or item.denied or (hit.name, hit.words.lower()) in seen:
                continue
            seen.add((hit.name, hit.words.lower()))
            weight = hit.weight if item.asked is None else hit.weight * ASKED_WEIGHT
            if item is opening:
                weight *= OPENING_WEIGHT
            row = item.evidence(hit.name, hit.words, min(hit.weight / FULL, SUREST))
            weighed.add(hit.name, weight * factor, row)


def _scenes(heard: Sequence[Heard], weighed: _Weighed) -> None:
    told: dict[int, int] = {}
    for item in heard:
        if item.asked is not None:
            continue
        reading = item.reading
        for found in reading.scenes:
            times = told.get(id(found.scene), 0)
            told[id(found.scene)] = times + 1
            weight = found.scene.weight * AGAIN**times
            words = reading.form.words(found.start, found.end)
            name = found.scene.category
            weighed.add(name, weight, item.evidence(name, words, min(weight / FULL, SUREST)))


def _operators(
    turns: Sequence[Turn],
    read: Callable[[str], TextReading],
    weighed: _Weighed,
) -> None:
    understood = {
        pair for turn in turns if turn.who != "caller" for pair in read(turn.text).understood
    }
    for name, number in Counter(name for name, _ in sorted(understood)).items():
        weighed.add(name, min(number * OPERATOR_WEIGHT, MOST_OF_OPERATOR))


def _likeness(heard: Sequence[Heard], lexicon: Lexicon, weighed: _Weighed) -> None:
    """What the caller's first words are like, together."""
    own = [item for item in heard if item.asked is None and item.reading.alike]
    if lexicon.likeness is None or not own:
        return
    logs = dict.fromkeys(own[0].reading.alike, 0.0)
    for item, factor in zip(own, LIKENESS_BY_TURN, strict=False):
        for name, share in item.reading.alike.items():
            logs[name] += factor * math.log(max(share, LEAST_LIKE))
    nothing = min(item.reading.alike.get(NONE, 0.0) for item in own[: len(LIKENESS_BY_TURN)])
    logs.pop(NONE, None)
    most = max(logs.values())
    odds = {name: math.exp(log - most) for name, log in logs.items()}
    for name, odd in odds.items():
        share = (1 - nothing) * odd / sum(odds.values())
        if share < LIKE_ENOUGH:
            continue
        item = max(own[: len(LIKENESS_BY_TURN)], key=lambda each: each.reading.alike[name])
        words = lexicon.likeness.telling(item.reading.form, name)
        weighed.add(name, LIKENESS_WEIGHT * share, item.evidence(name, words, share * SUREST))


def _combine(heard: Sequence[Heard], lexicon: Lexicon, weighed: _Weighed, enough: float) -> None:
    marks = {
        hit.name
        for item in heard
        for hit in item.reading.marks
        if not hit.denied and not item.denied
    }
    weights, rows = weighed.weights, weighed.rows
    before = dict(weights)
    for rule in lexicon.combinations:
        if before.get(rule.when, 0.0) >= enough and marks & set(rule.with_any):
            base = max(before.get(rule.when, 0.0), before.get(rule.becomes, 0.0))
            weights[rule.becomes] = max(weights.get(rule.becomes, 0.0), base + rule.weight)
            rows.setdefault(rule.becomes, []).extend(
                replace(row, value=rule.becomes)
                for row in rows.get(rule.when, ())
                if rule.when != rule.becomes
            )
