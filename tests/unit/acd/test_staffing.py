"""Seats for a target, half hour by half hour."""

from __future__ import annotations

import json
import math

import pytest

from acd.erlang import waiting
from acd.staffing import (
    DAY_S,
    Target,
    clock,
    half_hours,
    mean_patience_s,
    seats_by_rule,
    seats_needed,
    staffing_table,
)


@pytest.mark.parametrize("calls_per_hour", [1, 30, 600, 20_000])
@pytest.mark.parametrize("patience_s", [None, 120])
@pytest.mark.parametrize("share", [0.5, 0.95, 0.9999])
def test_one_seat_fewer_would_miss_the_target(calls_per_hour, patience_s, share):
    target = Target(share, within_s=3, max_occupancy=1)
    seats = seats_needed(calls_per_hour, 180, target, patience_s)
    assert waiting(seats, calls_per_hour, 180, 3, patience_s).answered_within >= share
    assert waiting(seats - 1, calls_per_hour, 180, 3, patience_s).answered_within < share


def test_textbook_example_needs_fourteen_seats_for_80_in_20():
    """Call Centre Helper: 10 erlang, 80 % in 20 s."""
    assert seats_needed(200, 180, Target(0.8, 20, max_occupancy=1)) == 14


def test_people_are_not_kept_busy_beyond_the_limit():
    busy, rested = (seats_needed(3000, 180, Target(0.8, 20, limit)) for limit in (1, 0.85))
    assert 150 / (rested - 1) > 0.85 >= 150 / rested
    assert busy < rested


def test_no_calls_need_no_seat_and_some_calls_need_one():
    assert seats_needed(0, 180) == 0
    assert seats_needed(0.01, 180, Target(0.5, 3)) == 1


def test_callers_who_leave_never_make_fewer_seats_look_enough():
    """With no patience at all nearly everybody who would wait is gone: seats as for Erlang B."""
    assert seats_needed(200, 180, Target(0.95, 3), patience_s=0.1) >= 15


def test_the_rule_is_one_seat_per_300_calls_a_day():
    assert [seats_by_rule(calls) for calls in (0, 1, 300, 301, 1200)] == [0, 1, 1, 2, 4]


def test_half_hours_are_of_the_days_on_which_anybody_called():
    at = 9 * 3600.0
    monday = [at, at + 1799, at + 1800]
    wednesday = [2 * DAY_S + at]
    demand = half_hours([*monday, *wednesday])
    assert len(demand) == 48
    nine = demand[18]
    assert (nine.start_s, nine.calls_mean, nine.calls_busy) == (at, 1.5, 2)
    assert demand[19].calls_mean == 0.5
    assert half_hours([]) == ()


def test_the_busy_day_is_the_one_that_nine_of_ten_do_not_exceed():
    calls = [day * DAY_S for day in range(10) for _ in range(day + 1)]
    assert half_hours(calls)[0].calls_busy == 9


def test_table_shows_what_the_rule_of_300_would_bring():
    at = [9 * 3600 + 18 * number for number in range(100)] + [14 * 3600]
    row = staffing_table(half_hours(at), 180, Target(0.95, 3), patience_s=120)[18]
    assert (row.calls_mean, row.load_erlang, row.seats_by_rule) == (100, 10, 1)
    assert row.seats == seats_needed(200, 180, Target(0.95, 3))
    assert row.seats_with_patience == seats_needed(200, 180, Target(0.95, 3), 120)
    assert row.expected.answered_within >= 0.95
    assert row.expected_by_rule.abandoned_share > 0.8


def test_table_is_json_also_where_a_wait_has_no_end():
    row = staffing_table(half_hours([0.0] * 100), 180)[0]
    assert row.expected_by_rule.mean_wait_s == math.inf
    shown = json.loads(json.dumps(row.to_json(), allow_nan=False))
    assert shown["from"] == "00:00"
    assert shown["expected_by_rule"]["mean_wait_s"] is None
    assert shown["seats_with_patience"] is None


def test_patience_counts_the_waiting_of_those_who_were_answered_too():
    assert mean_patience_s([10, 20, 30], abandoned=2) == 30
    assert mean_patience_s([10], abandoned=0) is None


def test_clock_says_hours_and_minutes():
    assert [clock(second) for second in (0, 1800, 86399)] == ["00:00", "00:30", "23:59"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("share", (1.0,)), ("share", (0.0,)), ("within_s", (0.9, -1)), ("max_occ", (0.9, 1, 1.1))],
)
def test_an_impossible_target_is_refused_by_name(name, arguments):
    with pytest.raises(ValueError, match=name):
        Target(*arguments)
