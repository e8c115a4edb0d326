"""The figures are what their sentences say."""

from __future__ import annotations

import json

import pytest

from acd.figures import (
    DEFINITIONS,
    CallOutcome,
    SeatTime,
    figures,
    figures_by,
    recontacts,
)

DAY_S = 86400.0


def answered(number: int, wait_s: float, **more: object) -> CallOutcome:
    return CallOutcome(
        f"a{number}",
        float(number),
        answered=True,
        wait_ms=wait_s * 1000,
        answered_ms=wait_s * 1000,
        **more,  # type: ignore[arg-type]
    )


def abandoned(number: int, wait_s: float, **more: object) -> CallOutcome:
    return CallOutcome(
        f"x{number}",
        float(number),
        abandoned=True,
        wait_ms=wait_s * 1000,
        **more,  # type: ignore[arg-type]
    )


def test_every_figure_has_its_sentence_and_no_sentence_is_left_over():
    assert list(DEFINITIONS) == list(figures([]).to_json())
    assert all(sentence.endswith(".") for sentence in DEFINITIONS.values())


def test_a_period_without_calls_has_counts_and_nothing_else():
    counts = {
        "arrived",
        "answered",
        "abandoned",
        "short_abandoned",
        "unheard",
        "with_officer",
        "ring_no_answers",
        "recontacts",
    }
    for name, value in figures([]).to_json().items():
        if name in counts:
            assert value == 0, name
        elif isinstance(value, dict):
            assert set(value.values()) == {None}, name
        else:
            assert value is None, name


def test_the_two_service_levels_differ_by_those_who_left():
    calls = [answered(1, 2), answered(2, 3), answered(3, 12), abandoned(4, 1), abandoned(5, 40)]
    of = figures(calls, thresholds_s=(3, 10, 60))
    assert of.service_level_answered == {3: 2 / 3, 10: 2 / 3, 60: 1}
    assert of.service_level_all == {3: 3 / 5, 10: 3 / 5, 60: 1}
    assert of.abandoned_share == 2 / 5


def test_a_period_in_which_everybody_left_has_no_service_level_of_answered_calls():
    of = figures([abandoned(1, 2)], thresholds_s=(3,))
    assert of.service_level_answered == {3: None}
    assert of.service_level_all == {3: 1}
    assert of.answer_mean_ms is None


def test_who_leaves_within_five_seconds_is_a_short_abandon_and_still_abandoned():
    of = figures([abandoned(1, 5), abandoned(2, 5.001)])
    assert (of.abandoned, of.short_abandoned) == (2, 1)


def test_a_connected_phone_without_speech_both_ways_is_no_answer():
    silent = CallOutcome("s", 0.0, answered_ms=2000)
    of = figures([silent, answered(1, 4)])
    assert (of.arrived, of.answered, of.abandoned, of.unheard) == (2, 1, 0, 1)
    assert of.wait_mean_ms == 4000


def test_a_call_that_still_waits_has_arrived_and_no_more():
    of = figures([CallOutcome("w", 0.0)])
    assert (of.arrived, of.answered, of.abandoned, of.unheard) == (1, 0, 0, 0)


def test_waits_are_those_of_answered_and_abandoned_calls_by_nearest_rank():
    calls = [answered(number, number) for number in range(1, 20)] + [abandoned(20, 20)]
    of = figures(calls)
    assert of.answer_mean_ms == 10_000
    assert of.wait_mean_ms == 10_500
    assert of.wait_median_ms == 10_000
    assert of.wait_p90_ms == 18_000
    assert of.wait_p95_ms == 19_000
    assert of.wait_p99_ms == 20_000
    assert of.wait_longest_tenth_ms == 19_500
    assert of.wait_longest_ms == 20_000


@pytest.mark.parametrize(("count", "tenth"), [(1, 1), (10, 1), (11, 2), (30, 3)])
def test_the_longest_tenth_is_rounded_up_to_whole_calls(count, tenth):
    calls = [answered(number, number) for number in range(1, count + 1)]
    longest = range(count - tenth + 1, count + 1)
    assert figures(calls).wait_longest_tenth_ms == pytest.approx(1000 * sum(longest) / tenth)


def test_time_to_the_officer_is_of_the_calls_with_an_officer():
    calls = [
        answered(1, 1, to_officer_ms=20_000),
        answered(2, 1, to_officer_ms=30_000),
        answered(3, 1, to_officer_ms=70_000),
        answered(4, 1),
    ]
    of = figures(calls)
    assert of.with_officer == 3
    assert of.to_officer_mean_ms == 40_000
    assert of.to_officer_p90_ms == 70_000
    assert of.to_officer_in_time == 2 / 3


def test_talk_and_wrap_up_are_means_of_the_calls_that_had_them():
    calls = [
        answered(1, 1, talk_ms=60_000, wrap_up_ms=10_000, ring_no_answers=2),
        answered(2, 1, talk_ms=120_000),
        abandoned(3, 1, ring_no_answers=1),
    ]
    of = figures(calls)
    assert (of.talk_mean_ms, of.wrap_up_mean_ms, of.ring_no_answers) == (90_000, 10_000, 3)


def test_occupancy_is_known_only_where_the_seats_time_is():
    assert figures([]).occupancy is None
    assert figures([], seat_time=SeatTime(on_duty_ms=0, busy_ms=0)).occupancy is None
    assert figures([], seat_time=SeatTime(on_duty_ms=4000, busy_ms=1000)).occupancy == 0.25


def test_the_same_number_or_place_within_a_day_is_a_recontact():
    calls = [
        CallOutcome("first", 0.0, caller="5551"),
        CallOutcome("again", DAY_S, caller="5551"),
        CallOutcome("too late", 2 * DAY_S + 1, caller="5551"),
        CallOutcome("here", 10.0, place="Canal St"),
        CallOutcome("also here", 20.0, place="Canal St", caller="5552"),
        CallOutcome("nobody knows", 30.0),
        CallOutcome("nobody knows either", 31.0),
    ]
    assert recontacts(reversed(calls)) == {"again", "also here"}
    of = figures(calls)
    assert (of.recontacts, of.recontact_share) == (2, 2 / 5)


def test_a_recontact_counts_in_its_own_queue_though_the_first_call_was_in_another():
    calls = [
        CallOutcome("first", 0.0, caller="5551", queue="110"),
        CallOutcome("again", 60.0, caller="5551", queue="119"),
    ]
    by = figures_by(lambda call: call.queue, calls, seat_times={"119": SeatTime(2000, 1000)})
    assert list(by) == ["110", "119"]
    assert (by["110"].recontacts, by["119"].recontacts) == (0, 1)
    assert (by["110"].occupancy, by["119"].occupancy) == (None, 0.5)


def test_json_says_thresholds_as_text_and_rounds():
    shown = json.loads(
        json.dumps(figures([answered(1, 1 / 3), answered(2, 1)], thresholds_s=(0.5, 20)).to_json())
    )
    assert shown["service_level_answered"] == {"0.5": 0.5, "20": 1.0}
    assert shown["wait_mean_ms"] == 666.7
