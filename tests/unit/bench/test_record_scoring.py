"""What is right in a record: each rule with a case that fails without it."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.bench.record_scoring import (
    CallScore,
    FieldScore,
    overlap,
    precinct_outcome,
    score,
)
from callcenter.incidents.record import Evidence, Record

HERE = {"text": "Broadway and Canal", "lat": 40.7190, "lon": -74.0005, "precinct": "5"}
UNKNOWABLE = {"resolvable": False}


def found_place(**changed: Any) -> dict[str, Any]:
    return {**HERE, "confidence": 0.8, "read_back": "Is that right?", **changed}


def judged(
    expected: dict[str, Any],
    found: dict[str, Any],
    evidence: dict[str, tuple[Evidence, ...]] | None = None,
    language: str = "en",
) -> CallScore:
    base = {"category": "robbery", "level": "red"}
    return score("call", {**base, **expected}, Record({**base, **found}, evidence or {}), language)


def counts(field: str, expected: Any, found: Any, language: str = "en") -> tuple[int, int, int]:
    told = judged({field: expected}, {field: found}, language=language).fields[field]
    return told.right, told.wrong, told.missed


@pytest.mark.parametrize("field", ["category", "level"])
def test_category_and_level_are_the_same_or_both_wrong_and_missed(field: str) -> None:
    assert counts(field, "fire", "fire") == (1, 0, 0)
    assert counts(field, "fire", "theft") == (0, 1, 1)


@pytest.mark.parametrize(
    "field",
    ["when", "caller_name", "callback", "injured", "suspects", "weapons", "dangers", "asked_for"],
)
def test_what_nobody_spoke_of_and_is_left_empty_counts_for_nothing(field: str) -> None:
    assert counts(field, None, None) == (0, 0, 0)


def test_nobody_hurt_is_a_value_and_not_nothing() -> None:
    assert counts("injured", 0, 0) == (1, 0, 0)
    assert counts("injured", 0, None) == (0, 0, 1)
    assert counts("injured", None, 0) == (0, 1, 0)
    assert counts("injured", 2, 1) == (0, 1, 1)


def test_case_and_spaces_of_a_name_do_not_matter_but_letters_do() -> None:
    assert counts("caller_name", "Rosa Alvarez", "rosa  alvarez") == (1, 0, 0)
    assert counts("caller_name", "O'Brien", "O\u2019Brien") == (1, 0, 0)
    assert counts("caller_name", "김민수", "김 민수", "ko") == (1, 0, 0)
    assert counts("caller_name", "Rosa", "Rose") == (0, 1, 1)


def test_a_number_is_known_by_its_digits() -> None:
    assert counts("callback", "2125550142", "212-555-0142") == (1, 0, 0)
    assert counts("callback", "2125550142", "2125550143") == (0, 1, 1)


def test_a_number_known_from_the_line_only_was_not_said() -> None:
    line = {"callback": (Evidence("2125550100", "line", confidence=0.9),)}
    told = judged({"callback": None}, {"callback": "2125550100"}, line)
    assert told.fields["callback"] == FieldScore()
    assert [finding for finding in told.findings if finding.field == "callback"] == []
    told = judged({"callback": "2125550142"}, {"callback": "2125550100"}, line)
    assert told.fields["callback"] == FieldScore(missed=1)
    said = {"callback": (*line["callback"], Evidence("2125550100", "caller_words"))}
    told = judged({"callback": "2125550100"}, {"callback": "2125550100"}, said)
    assert told.fields["callback"] == FieldScore(right=1)


@pytest.mark.parametrize("field", ["weapons", "dangers", "asked_for"])
def test_lists_are_judged_item_by_item(field: str) -> None:
    assert counts(field, ["a", "b"], ["b", "c"]) == (1, 1, 1)
    assert counts(field, ["a"], ["a", "a"]) == (1, 0, 0)
    assert counts(field, [], ["a"]) == (0, 1, 0)
    assert counts(field, [], None) == (0, 0, 0)


def test_half_of_the_words_make_the_same_description() -> None:
    assert overlap("tall man in a black hoodie", "tall man", "en") == pytest.approx(0.5)
    assert counts("suspects", ["tall man in a black hoodie"], ["Tall man!"]) == (1, 0, 0)
    assert counts("suspects", ["tall man in a black hoodie"], ["man"]) == (0, 1, 1)
    assert counts("when", "ten minutes ago", "about ten minutes ago") == (1, 0, 0)
    assert counts("when", "ten minutes ago", "just now") == (0, 1, 1)


def test_a_word_that_is_said_twice_pairs_twice_only_if_it_stands_there_twice() -> None:
    assert overlap("man man", "man", "en") == pytest.approx(2 / 3)


def test_chinese_and_korean_descriptions_are_compared_without_spaces() -> None:
    assert counts("suspects", ["穿黑衣服的男人"], ["黑衣服 男人"], "zh") == (1, 0, 0)
    assert counts("suspects", ["검은 모자를 쓴 남자"], ["검은모자"], "ko") == (1, 0, 0)
    assert counts("when", "十分钟前", "刚才", "zh") == (0, 1, 1)


def test_one_description_pairs_with_one_only_and_with_the_closest() -> None:
    assert counts("suspects", ["tall man"], ["tall man", "tall man here"]) == (1, 1, 0)
    told = judged(
        {"suspects": ["tall man in red", "short man in blue"]},
        {"suspects": ["short man in blue", "tall man in blue"]},
    )
    assert told.fields["suspects"] == FieldScore(right=2)


def test_a_place_is_right_within_250_metres() -> None:
    assert counts("place", HERE, found_place(lat=40.7210)) == (1, 0, 0)  # 222 m
    assert counts("place", HERE, found_place(lat=40.7214)) == (0, 1, 1)  # 267 m
    assert counts("place", HERE, found_place(lat=-33.9)) == (0, 1, 1)


def test_a_place_that_is_asked_for_is_missed_and_not_wrong() -> None:
    assert counts("place", HERE, found_place(lat=None, lon=None)) == (0, 0, 1)
    assert counts("place", HERE, None) == (0, 0, 1)


def test_asking_where_nobody_spoke_of_a_place_costs_nothing_and_guessing_does() -> None:
    assert counts("place", None, found_place(lat=None, lon=None)) == (0, 0, 0)
    assert counts("place", None, found_place()) == (0, 1, 0)


def test_a_place_that_cannot_be_known_is_to_be_left_open() -> None:
    asked = judged({"place": UNKNOWABLE}, {"place": found_place(lat=None, lon=None)})
    silent = judged({"place": UNKNOWABLE}, {"place": None})
    guessed = judged({"place": UNKNOWABLE}, {"place": found_place()})
    assert (asked.fields["place"], asked.asked, asked.question) == (FieldScore(right=1), True, True)
    assert (silent.fields["place"].right, silent.asked, silent.question) == (1, True, False)
    assert (guessed.fields["place"], guessed.asked) == (FieldScore(wrong=1, missed=1), False)
    assert judged({"place": HERE}, {"place": None}).asked is None


def test_a_wrong_precinct_is_worse_when_it_is_sure() -> None:
    assert precinct_outcome(HERE, found_place()) == "right"
    assert precinct_outcome(HERE, found_place(precinct="7", confidence=0.9)) == "sure and wrong"
    assert precinct_outcome(HERE, found_place(precinct="7", confidence=0.89)) == "unsure and wrong"
    assert precinct_outcome(HERE, found_place(precinct=None, confidence=0.99)) == "asked"
    assert precinct_outcome(HERE, None) == "asked"
    assert precinct_outcome(UNKNOWABLE, found_place()) is None
    assert precinct_outcome(None, found_place()) is None


def test_confidence_is_that_of_the_evidence_for_this_very_value() -> None:
    rows = (
        Evidence("knife", "caller_words", confidence=0.6),
        Evidence("knife", "caller_words", confidence=0.7),
        Evidence("gun", "caller_words", confidence=0.95),
    )
    told = judged({"weapons": ["knife"]}, {"weapons": ["knife", "gun"]}, {"weapons": rows})
    assert [(f.value, f.confidence, f.right) for f in told.findings if f.field == "weapons"] == [
        ("knife", 0.7, True),
        ("gun", 0.95, False),
    ]


def test_a_mistake_names_the_words_that_misled() -> None:
    rows = (Evidence("knife", "caller_words", words="pulled a blade"),)
    told = judged({"weapons": []}, {"weapons": ["knife"]}, {"weapons": rows})
    (mistake,) = told.mistakes
    assert (mistake.call, mistake.field, mistake.words) == ("call", "weapons", "pulled a blade")
    assert (mistake.expected, mistake.found) == ([], ["knife"])
