"""How denial, doubt and threats are worded in Chinese and Korean: table ``[speech]`` of a lexicon.

Its entries are lists of regular expressions. ``bridge`` are words that may stand between a "not"
and what it denies; ``behind`` is a denial after the words it belongs to; ``doubt_before`` and
``doubt_behind`` leave open what their clause says; ``threat`` opens words about what somebody
will do, in which ``only_threatened`` names of dangers have not happened; ``past`` opens words
about another time. ``clause`` begins a new clause without a pause.

Of times, ``from_now`` are told from the present ("ago"); one of day and hour counts in a sentence
with words of ``event``, and none in one of ``no_event`` (questions, plans, habits). ``known`` are
people whom the caller knows, ``known_does`` words in which one of them did it. A ``vehicle`` is
described as a suspect where somebody ``fled`` with it or drives drunk. From ``until`` on a
description in passing tells what they do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callcenter.incidents.errors import LexiconError

PATTERNS = (
    "bridge",
    "behind",
    "doubt_before",
    "doubt_behind",
    "threat",
    "past",
    "clause",
    "and",
    "fillers",
    "yes",
    "no",
    "open",
    "person",
    "until",
    "looks",
    "plain_person",
    "not_described",
    "kin",
    "kin_does",
    "known",
    "known_does",
    "couple",
    "vehicle",
    "fled",
    "time",
    "weak_time",
    "from_now",
    "event",
    "no_event",
    "ask_time",
    "ask_looks",
    "ask_hurt",
    "other_persons_number",
    "ask_callback",
    "callback",
    "ask_name",
    "ask_other_name",
    "name_is",
    "pair",
    "several",
    "another",
)


@dataclass(frozen=True, slots=True)
class JoinedRules:
    """Compiled rules. A pattern that is left out matches nothing."""

    patterns: Mapping[str, re.Pattern[str]]
    only_threatened: frozenset[str]
    not_names: frozenset[str]
    surnames: frozenset[str]

    def __getitem__(self, name: str) -> re.Pattern[str]:
        return self.patterns[name]


def parse_rules(raw: Mapping[str, Any], source: str) -> JoinedRules:
    """Compile the table ``speech``; `LexiconError` names the entry that is wrong."""
    table = raw.get("speech", {})
    patterns: dict[str, re.Pattern[str]] = {}
    for name in PATTERNS:
        rows = table.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
            raise LexiconError(f"{source}: speech.{name}: expected a list of patterns")
        body = "|".join(f"(?:{row})" for row in rows)
        try:
            patterns[name] = re.compile(f"(?:{body})" if rows else r"(?!)")
        except re.error as error:
            raise LexiconError(f"{source}: speech.{name}: {error}") from None
    return JoinedRules(
        patterns,
        frozenset(map(str, table.get("only_threatened", ()))),
        frozenset(map(str, table.get("not_names", ()))),
        frozenset(map(str, table.get("surnames", ()))),
    )
