"""What suspects look like, in the caller's words: clauses that describe, side by side.

Where nobody is described, who it is to the caller counts: kin in a family, else somebody known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from callcenter.incidents.conversation import Heard
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.record import Evidence

_CLAUSE = re.compile(r"[^，。！？,.!?；;…]+")
SHORTEST = 4
"""Characters of a description at least."""
ENOUGH = 2
"""So many traits make a description when nobody asked for one."""
BY_VEHICLE = "traffic"
"""A matter in which the colour of a vehicle that fled is a description."""
KNOWN_IN = {
    "domestic_violence": ("kin", "kin_does"),
    "violence": ("known", "known_does"),
    "robbery": ("known", "known_does"),
    "public_order": ("known", "known_does"),
}
"""Matters in which it counts who did it: people and the words in which they did."""


@dataclass(frozen=True, slots=True)
class _Described:
    words: str
    traits: int
    asked: bool
    item: Heard


def find(
    heard: Sequence[Heard], rules: JoinedRules, *, category: str
) -> tuple[list[str] | None, list[Evidence]]:
    """Descriptions, the best of the call; else who of those whom the caller knows did it."""
    fled = any(rules["fled"].search(item.reading.text) for item in heard)
    found = [d for item in heard if item.asked is None for d in _described(item, rules, fled=fled)]
    rows: list[Evidence] = []
    if found:
        asked = [each for each in found if each.asked]
        best = max(asked or found, key=lambda each: each.traits)
        if best.asked or best.traits >= (1 if fled and category == BY_VEHICLE else ENOUGH):
            rows += [best.item.evidence(one, one, 0.75) for one in _each(best.words, rules)]
    if not rows and category in KNOWN_IN:
        rows = _known(heard, rules, *KNOWN_IN[category])
    return ([str(row.value) for row in rows] or None), rows


def _each(words: str, rules: JoinedRules) -> list[str]:
    """A description in one piece a person: "a tall one, and another with a beard"."""
    cuts = [0, *(match.start() for match in rules["another"].finditer(words)), len(words)]
    pieces = [words[start:end].strip(" ,，、") for start, end in pairwise(cuts)]
    return [piece for piece in pieces if len(piece) >= SHORTEST] or [words]


def _known(heard: Sequence[Heard], rules: JoinedRules, people: str, does: str) -> list[Evidence]:
    """The first who did it; one person goes before a couple."""
    found: list[Evidence] = []
    for item in heard:
        if item.asked is not None:
            continue
        for match in rules[does].finditer(item.reading.text):
            who = rules[people].search(match[0])
            words = who[0].strip() if who else match[0]
            row = item.evidence(words, words, 0.75)
            if not rules["couple"].search(words):
                return [row]
            found.append(row)
    return found[:1]


def _described(item: Heard, rules: JoinedRules, *, fled: bool) -> list[_Described]:
    """Clauses with traits, joined where they stand side by side."""
    text = item.reading.text
    asked = item.answers is not None and bool(rules["ask_looks"].search(item.answers.text))
    found: list[_Described] = []
    start = end = -1
    traits = 0

    def close() -> None:
        if start >= 0:
            words = text[start:end]
            if not asked:
                words = rules["until"].sub("", words)
            found.append(_Described(words.strip(), traits, asked, item))

    for clause in _CLAUSE.finditer(text):
        words = clause[0]
        here = len(rules["looks"].findall(words))
        if fled:
            here += len(rules["vehicle"].findall(words))
        person = rules["plain_person"].search(words) is not None
        if rules["not_described"].search(words) or not (here or (person and len(words) <= 12)):
            close()
            start, traits = -1, 0
            continue
        begin = clause.start()
        if start < 0:
            lead = rules["person"].search(words)
            if lead and not asked:
                begin += lead.start()
            start = begin
        traits += here
        end = clause.end()
    close()
    return [each for each in found if each.traits or (asked and len(each.words) > 3)]
