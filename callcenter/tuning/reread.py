"""What other own words would have read in past calls: categories, levels, dangers and weapons.

Only calls in which a changed word was said, or a danger whose level changes, are read again; so a
day of a whole floor takes seconds. Places, and what people typed, are left out on both sides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from callcenter.incidents.canonical import canonical
from callcenter.incidents.extract import Extractor
from callcenter.incidents.own_words import OwnWords, lexicon_with, pattern_of, rules_with
from callcenter.incidents.record import Record, Turn

EXAMPLES: Final = 50
WAYS: Final = 50
COMPARED: Final = ("category", "level", "dangers", "weapons")
REMARK: Final = (
    "Finished transcripts were read again with the words in force and with the proposed ones,"
    " without places and without what people typed."
)


@dataclass(frozen=True, slots=True)
class PastTalk:
    """What was said in one call."""

    call_id: str
    arrived_at: datetime
    language: str
    turns: tuple[Turn, ...]


class Reread:
    """Reads calls twice and counts what differs."""

    def __init__(self, current: Sequence[OwnWords], proposed: Sequence[OwnWords]) -> None:
        self._sides = (tuple(current), tuple(proposed))
        changed = set(current) ^ set(proposed)
        self._told_apart: dict[str, re.Pattern[str]] = {}
        for language in {each.language for each in changed}:
            patterns = [p for each in changed if each.language == language for p in each.says]
            self._told_apart[language] = pattern_of(language, patterns)
        before, after = (rules_with(side).by_danger for side in self._sides)
        self._levels = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        self._readers: dict[str, tuple[Extractor, Extractor]] = {}
        self._calls = 0
        self._changed = 0
        self._ways: Counter[tuple[str, str, str]] = Counter()
        self._examples: list[dict[str, str]] = []

    def add(self, talks: Iterable[PastTalk]) -> None:
        """Look at some more calls."""
        for talk in talks:
            self._calls += 1
            if not self._concerned(talk):
                continue
            before, after = (each.extract(talk.turns) for each in self._of(talk.language))
            changes = list(_changes(before, after))
            if not changes:
                continue
            self._changed += 1
            self._ways.update(changes)
            if len(self._examples) < EXAMPLES:
                self._examples.append(
                    {
                        "call_id": talk.call_id,
                        "arrived_at": talk.arrived_at.isoformat(),
                        "what": "; ".join(f"{name}: {a} → {b}" for name, a, b in changes),
                    }
                )

    def _concerned(self, talk: PastTalk) -> bool:
        lexicon = self._of(talk.language)[0].lexicon
        changed = self._told_apart.get(talk.language)
        if changed is not None and any(
            changed.search(canonical(turn.text, lexicon.rewriting).text) for turn in talk.turns
        ):
            return True
        # Before a level can count its danger must have been read, by either side.
        return bool(self._levels) and any(
            self._levels & reader.dangers_in(turn.text).keys()
            for reader in self._of(talk.language)
            for turn in talk.turns
        )

    def _of(self, language: str) -> tuple[Extractor, Extractor]:
        known = self._readers.get(language)
        if known is None:
            before, after = (
                Extractor(language, lexicon=lexicon_with(language, side), rules=rules_with(side))
                for side in self._sides
            )
            known = self._readers[language] = (before, after)
        return known

    def to_json(self) -> dict[str, Any]:
        """How many calls, how many of them read otherwise, in what way, and which."""
        return {
            "calls": self._calls,
            "changed": self._changed,
            "ways": [
                {"field": field, "from": before, "to": after, "calls": count}
                for (field, before, after), count in self._ways.most_common(WAYS)
            ],
            "examples": self._examples,
            "remark": REMARK,
        }


def _changes(before: Record, after: Record) -> Iterable[tuple[str, str, str]]:
    for field in COMPARED:
        a, b = _shown(before.fields, field), _shown(after.fields, field)
        if a != b:
            yield field, a, b


def _shown(fields: Mapping[str, Any], field: str) -> str:
    value = fields.get(field)
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value))) or "none"
    return str(value) if value else "none"
