"""What suspects look like, in the caller's words: clauses that describe, side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.incidents.conversation import Heard
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.record import Evidence

_CLAUSE = re.compile(r"[^，。！？,.!?；;…]+")
ENOUGH = 2
"""So many traits make a description when nobody asked for one."""


@dataclass(frozen=True, slots=True)
class _Described:
    words: str
    traits: int
    asked: bool
    item: Heard


def find(
    heard: Sequence[Heard], rules: JoinedRules, *, domestic: bool
) -> tuple[list[str] | None, list[Evidence]]:
    """Descriptions, the best of the call; in a family also who of it did it."""
    found = [d for item in heard if item.asked is None for d in _described(item, rules)]
    rows: list[Evidence] = []
    if found:
        asked = [each for each in found if each.asked]
        best = max(asked or found, key=lambda each: each.traits)
        if best.asked or best.traits >= ENOUGH:
            rows.append(best.item.evidence(best.words, best.words, 0.75))
    if not rows and domestic:
        for item in heard:
            kin = rules["kin_does"].search(item.reading.text) if item.asked is None else None
            if kin:
                who = rules["kin"].search(kin[0])
                words = who[0].strip() if who else kin[0]
                rows.append(item.evidence(words, words, 0.75))
                break
    return ([str(row.value) for row in rows] or None), rows


def _described(item: Heard, rules: JoinedRules) -> list[_Described]:
    """Clauses with traits, joined where they stand side by side."""
    text = item.reading.text
    asked = item.answers is not None and bool(rules["ask_looks"].search(item.answers.text))
    found: list[_Described] = []
    start = end = -1
    traits = 0

    def close() -> None:
        if start >= 0:
            found.append(_Described(text[start:end].strip(), traits, asked, item))

    for clause in _CLAUSE.finditer(text):
        words = clause[0]
        here = len(rules["looks"].findall(words))
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
        traits += here + 0
        end = clause.end()
    close()
    return [each for each in found if each.traits or (asked and len(each.words) > 3)]
