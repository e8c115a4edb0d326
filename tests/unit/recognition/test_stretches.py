"""Which words a stretch of the recording takes the place of."""

from __future__ import annotations

from typing import Any

from callcenter.recognition.stretches import Stretch, joined, replaced, rounded, speaker


def said(name: str, start_ms: int, end_ms: int, leg: str = "c") -> dict[str, Any]:
    return {"id": name, "leg": leg, "start_ms": start_ms, "end_ms": end_ms}


def test_words_that_are_being_said_as_the_new_tap_opens_belong_to_the_stretch() -> None:
    known = [said("before", 0, 1_000), said("cut", 5_100, 7_300), said("after", 8_000, 9_000)]
    stretch = rounded(Stretch("c", 1_000, 5_000), known)
    assert stretch == Stretch("c", 1_000, 7_300)
    assert replaced(stretch, known) == {"cut"}


def test_words_that_begin_after_a_pause_stay() -> None:
    known = [said("later", 5_900, 7_000)]
    stretch = rounded(Stretch("c", 1_000, 5_000), known)
    assert stretch == Stretch("c", 1_000, 5_000)
    assert replaced(stretch, known) == set()


def test_what_other_legs_said_is_left_alone() -> None:
    known = [said("operator", 5_000, 6_000, leg="o"), said("officer", 2_000, 3_000, leg="f")]
    stretch = rounded(Stretch("c", 1_000, 5_000), known)
    assert stretch == Stretch("c", 1_000, 5_000)
    assert replaced(stretch, known) == set()


def test_what_was_rescued_from_a_lost_worker_is_replaced() -> None:
    known = [said("final", 0, 2_000), said("rescued", 2_600, 3_400)]
    assert replaced(Stretch("c", 2_000, 6_000), known) == {"rescued"}


def test_neighbouring_stretches_become_one_unless_words_lie_between() -> None:
    first, second = Stretch("c", 0, 2_000), Stretch("c", 3_000, 4_000)
    assert joined(first, second, []) == Stretch("c", 0, 4_000)
    assert joined(first, second, [said("between", 2_200, 2_800)]) is None
    assert joined(first, second, [said("other", 2_200, 2_800, leg="o")]) is not None
    assert joined(first, Stretch("o", 3_000, 4_000), []) is None
    assert joined(first, Stretch("c", 9_000, 9_500), []) is None
    assert joined(second, first, []) is None


OPERATOR = {"id": "o", "from_ms": 2_000, "to_ms": 60_000}
OFFICER = {"id": "f", "from_ms": 30_000, "to_ms": 90_000}


def test_only_leg_that_was_there_said_it() -> None:
    assert speaker([OPERATOR, OFFICER], 5_000, 6_000, []) is OPERATOR
    assert speaker([OPERATOR, OFFICER], 70_000, 71_000, []) is OFFICER


def test_prompts_before_anybody_joined_are_nobodys() -> None:
    assert speaker([OPERATOR, OFFICER], 0, 1_900, []) is None


def test_of_two_legs_the_one_that_was_heard_then_said_it() -> None:
    known = [said("1", 40_000, 44_000, leg="o"), said("2", 44_000, 45_000, leg="f")]
    assert speaker([OPERATOR, OFFICER], 40_500, 44_500, known) is OPERATOR
    assert speaker([OPERATOR, OFFICER], 43_900, 45_000, known) is OFFICER
    assert speaker([OPERATOR, OFFICER], 50_000, 51_000, known) is OFFICER
