"""What people say on the line, with the facts that a careful person takes from it.

The files in ``said/``, one a language: a call a line, the facts first, then ``|``, then its turns
apart by `` / ``; what an operator says begins with ``O:``. A fact is a letter and its value:
``d`` dangers, ``w`` weapons, ``a`` asked for, ``i`` injured, ``s`` suspects, ``t`` when; the
category has none. What is not stated must stay empty, ``injury`` and the level follow.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from callcenter.bench.record_scoring import FieldScore, score
from callcenter.incidents.extract import Extractor
from callcenter.incidents.levels import packaged_rules
from callcenter.incidents.record import Turn

SAID = Path(__file__).parent / "said"
LISTS = {"d": "dangers", "w": "weapons", "a": "asked_for"}
LEAST_F1 = {"category": 0.92, "dangers": 0.92, "weapons": 0.92}
LEAST_OTHER_F1 = 0.85
FIELDS = ("category", "level", "dangers", "weapons", "injured", "suspects", "asked_for", "when")


def expected(facts: str) -> dict[str, Any]:
    """The record that the facts of a line stand for."""
    category, *others = (fact.strip() for fact in facts.strip(" ;").split(";"))
    record: dict[str, Any] = {"category": category}
    for fact in others:
        letter, _, value = fact.partition(" ")
        if letter in LISTS:
            record[LISTS[letter]] = [item.strip() for item in value.split(",") if item.strip()]
        elif letter == "i":
            record["injured"] = int(value)
        elif letter == "s":
            record["suspects"] = value.split("+")
        elif letter == "t":
            record["when"] = value
        else:
            raise ValueError(f"{fact!r}: no such fact")
    if record.get("injured"):
        record.setdefault("dangers", []).append("injury")
    record["level"], _ = packaged_rules().level(
        category, record.get("dangers", ()), record.get("weapons", ()), record.get("injured")
    )
    return record


def turns(talk: str) -> list[Turn]:
    """Who says what, in order."""
    return [
        Turn(
            "operator" if text.startswith("O:") else "caller",
            text.removeprefix("O:").strip(),
            3000 * n,
        )
        for n, text in enumerate(talk.strip().split(" / "))
    ]


@lru_cache
def counted(language: str) -> dict[str, Counter[str]]:
    """By field: how many values are right, wrong and missed."""
    extractor = Extractor(language)
    counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    for line in (SAID / f"{language}.txt").read_text("utf-8").splitlines():
        facts, _, talk = line.partition("|")
        judged = score(line, expected(facts), extractor.extract(turns(talk)), language)
        for field in FIELDS:
            one: FieldScore = judged.fields[field]
            counts[field].update(right=one.right, wrong=one.wrong, missed=one.missed)
    return counts


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("language", sorted(file.stem for file in SAID.glob("*.txt")))
def test_facts_are_taken_from_what_people_say(language: str, field: str) -> None:
    counts = counted(language)[field]
    f1 = 2 * counts["right"] / (2 * counts["right"] + counts["wrong"] + counts["missed"])
    assert f1 >= LEAST_F1.get(field, LEAST_OTHER_F1), dict(counts)
