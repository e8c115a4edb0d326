"""What packets tell of freed seats, callers' ways and busy seats."""

from __future__ import annotations

import pytest

from callcenter.bench.intervals import Talk, busy_share, journeys, talks, turnarounds, waits
from tests.unit.bench.wire_talk import (
    ASTERISK,
    SEATS,
    caller_dials,
    caller_hears,
    caller_leaves,
    seat_answers,
    seat_hangs_up,
    seat_rings,
)


def test_turnaround_is_from_a_seats_bye_to_its_own_next_invite() -> None:
    wire = [
        seat_rings(0.0, "s01", "a"),
        seat_answers(0.1, "a"),
        seat_hangs_up(1.0, "a"),
        seat_rings(1.002, "s02", "b"),
        seat_rings(1.005, "s01", "c"),
    ]
    assert turnarounds(wire, ASTERISK, SEATS) == [pytest.approx(0.005)]


def test_invite_and_bye_that_are_sent_again_count_once() -> None:
    wire = [
        seat_rings(0.0, "s01", "a"),
        seat_rings(0.5, "s01", "a"),
        seat_answers(0.6, "a"),
        seat_hangs_up(1.0, "a"),
        seat_hangs_up(1.5, "a"),
        seat_rings(1.6, "s01", "b"),
    ]
    assert turnarounds(wire, ASTERISK, SEATS) == [pytest.approx(0.6)]


def test_call_that_was_never_answered_frees_no_seat() -> None:
    wire = [
        seat_rings(0.0, "s01", "a"),
        seat_hangs_up(1.0, "a"),
        seat_rings(2.0, "s01", "b"),
    ]
    assert turnarounds(wire, ASTERISK, SEATS) == []


def test_callers_way_goes_from_invite_over_ringing_to_the_seats_answer() -> None:
    wire = [
        caller_dials(0.0, "71", "in"),
        caller_hears(0.002, "200 OK", "71", "in"),
        seat_rings(0.01, "s01", "out", caller="71"),
        seat_answers(0.3, "out"),
        caller_leaves(2.0, "71", "in"),
    ]
    found = journeys(wire, ASTERISK, SEATS)["71"]
    assert (found.answered, found.rung, found.at_seat, found.left) == (0.002, 0.01, 0.3, 2.0)
    assert found.refused == 0
    assert waits([found]) == [0.01]


def test_refused_caller_is_known_by_status() -> None:
    wire = [
        caller_dials(0.0, "71", "in"),
        caller_hears(0.001, "503 Service Unavailable", "71", "in"),
    ]
    assert journeys(wire, ASTERISK, SEATS)["71"].refused == 503


def test_talks_are_known_by_seat_with_begin_and_end() -> None:
    wire = [
        seat_rings(0.0, "s01", "a"),
        seat_answers(0.5, "a"),
        seat_rings(0.6, "s02", "b"),
        seat_answers(0.7, "b"),
        seat_hangs_up(2.5, "a"),
    ]
    assert talks(wire, ASTERISK, SEATS) == [Talk("s01", 0.5, 2.5), Talk("s02", 0.7, None)]


def test_busy_share_counts_only_what_lies_between_the_two_instants() -> None:
    found = [Talk("s01", 5.0, 12.0), Talk("s02", 15.0, None), Talk("s02", 1.0, 3.0)]
    # Of 20 seat seconds: 2 of the first, 5 of the second, none of the third.
    assert busy_share(found, 2, 10.0, 20.0) == pytest.approx(7 / 20)
