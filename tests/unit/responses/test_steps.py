"""The table of steps, and when somebody is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.responses.steps import FOLLOWS, WITH_OFFICER, Step, before, due_at

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WITHIN_S = {"red": 300.0, "yellow": 7200.0}


def test_every_step_is_in_the_table_and_its_end_can_be_reached_from_each() -> None:
    assert set(FOLLOWS) == set(Step)
    for step in Step:
        reached, new = {step}, {step}
        while new:
            new = {each for one in new for each in FOLLOWS[one]} - reached
            reached |= new
        assert Step.ACCEPTED in reached


def test_no_step_may_be_taken_twice_running_and_none_follows_the_end() -> None:
    assert all(step not in following for step, following in FOLLOWS.items())
    assert FOLLOWS[Step.ACCEPTED] == frozenset()


def test_a_report_may_be_given_from_every_step_that_is_with_the_officer() -> None:
    assert before(Step.DONE) == WITH_OFFICER


@pytest.mark.parametrize(
    ("level", "after_s"), [("red", 300), ("yellow", 7200), (None, 300), ("", 300)]
)
def test_somebody_is_due_by_the_level_and_of_an_unknown_one_as_soon_as_any(level, after_s) -> None:
    assert due_at(NOON, level, WITHIN_S) == NOON + timedelta(seconds=after_s)


def test_a_level_without_a_time_is_never_late() -> None:
    assert due_at(NOON, "blue", WITHIN_S) is None
    assert due_at(NOON, "red", {}) is None
