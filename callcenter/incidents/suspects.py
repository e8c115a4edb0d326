"""Who did it, in the caller's words: looks, clothes, age, or who it is to the caller.

English words. What is said of one person in several places becomes one description.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from callcenter.incidents.conversation import Heard
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.record import Evidence

DESCRIBED, ASKED, KNOWN = 0.7, 0.8, 0.75


def find(
    heard: Sequence[Heard],
    lexicon: Lexicon,
    *,
    known: Collection[str],
) -> tuple[list[str] | None, list[Evidence]]:
    """Descriptions of those who did it. ``known``: kin of the caller who did it."""
    people: list[tuple[list[str], list[Evidence]]] = []
    vehicles: list[tuple[list[str], list[Evidence]]] = []
    for item in heard:
        if item.asked is not None:
            continue
        asked = item.answers is not None and bool(lexicon.ask_looks.search(item.answers.text))
        for row in item.reading.described:
            evidence = item.evidence(row.said, row.said, ASKED if asked else DESCRIBED)
            rows = vehicles if row.vehicle else people
            if rows and not row.another:
                rows[-1][0].append(row.said)
                rows[-1][1].append(evidence)
            else:
                rows.append(([row.said], [evidence]))
    if known and len(people) <= 1:
        return _of_kin(heard, list(known), people)
    chosen = people or vehicles[:1]
    if not chosen:
        return None, []
    values = [", ".join(said) for said, _ in chosen]
    rows_out = [
        replace(row, value=value)
        for value, (_, found) in zip(values, chosen, strict=True)
        for row in found
    ]
    return values, rows_out


def _of_kin(
    heard: Sequence[Heard], known: Sequence[str], people: Sequence[tuple[list[str], list[Evidence]]]
) -> tuple[list[str], list[Evidence]]:
    value = known[0]
    item = next(i for i in heard if value in i.reading.kin_does)
    row = item.evidence(value, value, KNOWN)
    if people:
        value = ", ".join([value, *people[0][0]])
    return [value], [replace(row, value=value)]
