"""What the matter and the other facts make of the dangers and weapons that were named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callcenter.incidents.conversation import Heard
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.reading import INJURY
from callcenter.incidents.record import Evidence

HURTFUL = frozenset({"weapon_used", "heavy_bleeding"})
"""Dangers that somebody is hurt by."""
HURT_BY_DANGER = 0.7
IF_AGE_ASKED = "_age"
"""Ending of marks that count in answer to the question for an age only."""
ALSO = {"following": "still_there"}
"""Dangers that are there with others."""
INSTEAD = {"not_breathing": "choking"}
"""Dangers that another one says more exactly."""


def fitting(
    lexicon: Lexicon,
    heard: Sequence[Heard],
    category: str,
    dangers: list[str] | None,
    rows: list[Evidence],
) -> tuple[list[str] | None, list[Evidence]]:
    """Without dangers that are none in this matter, and with those that follow from it."""
    named, rows = in_matter(lexicon, category, dangers, rows)
    kept = named or []
    marks = marked(lexicon, heard)
    for rule in lexicon.derived:
        found = [marks[name] for name in rule.marks if name in marks]
        if (
            category in rule.categories
            and found
            and rule.danger not in kept
            and not rule.without & marks.keys()
        ):
            kept.append(rule.danger)
            rows.append(retold(found[0], rule.danger))
    for name, other in ALSO.items():
        if name in kept and other not in kept:
            kept.append(other)
            rows.append(retold(next(row for row in rows if row.value == name), other))
    kept = [name for name in kept if INSTEAD.get(name) not in kept]
    return (kept or (None if dangers is None else [])), rows


def marked(lexicon: Lexicon, heard: Sequence[Heard]) -> dict[str, Evidence]:
    """Marks with their evidence; "not_…" one that is denied, an age only where asked for."""
    marks = {}
    for item in heard:
        age = item.answers is not None and lexicon.ask_age.search(item.answers.text)
        for hit in item.reading.marks:
            if hit.name.endswith(IF_AGE_ASKED) and not age:
                continue
            name = hit.name.removesuffix(IF_AGE_ASKED)
            if hit.denied or item.denied:
                name = f"not_{name}"
            marks[name] = item.evidence(name, hit.words, 0.75)
    return marks


def in_matter(
    lexicon: Lexicon, category: str, names: list[str] | None, rows: list[Evidence]
) -> tuple[list[str] | None, list[Evidence]]:
    """Without what is none in this matter: an axe that slipped is no weapon."""
    only = lexicon.only_with
    if names is None or all(category in only.get(name, (category,)) for name in names):
        return names, rows
    kept = [name for name in names if category in only.get(name, (category,))]
    rows = [row for row in rows if row.value in kept or str(row.value).startswith("no ")]
    return kept or None, rows


def at_least_one(
    injured: int | None, rows: list[Evidence], danger_rows: Sequence[Evidence]
) -> tuple[int | None, list[Evidence]]:
    """One is hurt at least when a danger tells so and nothing else is said of the hurt."""
    found = [row for row in danger_rows if row.value in HURTFUL]
    if injured is not None or not found:
        return injured, rows
    return 1, [replace(found[0], value=1, confidence=HURT_BY_DANGER)]


def with_injury(
    dangers: list[str] | None,
    rows: list[Evidence],
    injured: int | None,
    injured_rows: Sequence[Evidence],
) -> tuple[list[str] | None, list[Evidence]]:
    """``injury`` stands among the dangers when somebody is hurt, and only then."""
    others = [name for name in dangers or () if name != INJURY]
    if injured:
        kept = [row for row in rows if row.value in others]
        return [*others, INJURY], [*kept, *(retold(row, INJURY) for row in injured_rows[:1])]
    if dangers is None:
        return None, rows
    return others, [row for row in rows if row.value != INJURY]


def retold(row: Evidence, value: str) -> Evidence:
    """The same words as evidence for another value."""
    return Evidence(
        value, row.source, row.leg, row.segment_id, row.start_ms, row.words, row.confidence
    )
