"""The formulas give what published tables give, and what a chain solved by other means gives."""

from __future__ import annotations

import math

import pytest

from acd.erlang import erlang_b, erlang_c, waiting

# Erlang B traffic table, as printed in textbooks and by Siemens ("Telephone Traffic Theory: Tables
# and Charts"): seats, load in erlang to three decimals, share turned away.
ERLANG_B_TABLE = [
    (5, 1.361, 0.01),
    (10, 3.092, 0.001),
    (10, 4.461, 0.01),
    (10, 5.084, 0.02),
    (10, 6.216, 0.05),
    (20, 9.411, 0.001),
    (20, 12.031, 0.01),
    (20, 13.182, 0.02),
    (20, 15.249, 0.05),
    (30, 20.337, 0.01),
    (30, 21.932, 0.02),
    (50, 37.901, 0.01),
    (50, 40.255, 0.02),
    (100, 84.064, 0.01),
    (100, 87.972, 0.02),
]


@pytest.mark.parametrize(("seats", "load_erlang", "blocked"), ERLANG_B_TABLE)
def test_erlang_b_is_as_tabled(seats, load_erlang, blocked):
    assert erlang_b(seats, load_erlang - 0.0006) < blocked < erlang_b(seats, load_erlang + 0.0006)


def test_erlang_c_is_as_in_the_worked_example_of_call_centre_helper():
    """10 erlang, 3 minutes, 14 agents: 17.4 % wait, 88.8 % within 20 s, 7.8 s on average."""
    met = waiting(14, calls_per_hour=200, handling_s=180, within_s=20)
    assert met.waits_share == pytest.approx(0.1741, abs=5e-5)
    assert met.service_level_all == pytest.approx(0.888, abs=5e-4)
    assert met.mean_wait_s == pytest.approx(7.8, abs=0.05)


def test_erlang_c_and_a_are_as_garnett_mandelbaum_and_reiman_printed():
    """Their table of M/M/N beside M/M/N+M: 50 agents, 48 calls a minute, 1 min, patience 2 min."""
    patient = waiting(50, calls_per_hour=48 * 60, handling_s=60, within_s=58.1)
    assert patient.mean_wait_s == pytest.approx(20.8, abs=0.05)
    assert patient.service_level_all == pytest.approx(0.9, abs=5e-4)
    assert patient.occupancy == pytest.approx(0.96)
    leaving = waiting(50, calls_per_hour=48 * 60, handling_s=60, within_s=12.5, patience_s=120)
    assert leaving.abandoned_share == pytest.approx(0.031, abs=5e-4)
    assert leaving.mean_wait_s == pytest.approx(3.7, abs=0.05)
    assert leaving.service_level_all == pytest.approx(0.9, abs=2e-3)
    assert leaving.occupancy == pytest.approx(0.93, abs=5e-3)


CASES = [
    # seats, calls an hour, handling, within, patience
    (1, 10, 200, 20, 100),
    (3, 10, 100, 3, 60),
    (10, 600, 60, 20, 120),
    (10, 600, 60, 0, 120),
    (8, 150, 180, 30, 400),
    (50, 2900, 60, 5, 3600),
    (5, 600, 60, 200, 300),
    (40, 600, 180, 3, 20),
]


@pytest.mark.parametrize(("seats", "calls", "handling_s", "within_s", "patience_s"), CASES)
def test_erlang_a_agrees_with_the_chain_solved_state_by_state(
    seats, calls, handling_s, within_s, patience_s
):
    """Independent of the closed form: the stationary chain, and each caller's way to the front.

    A caller with j ahead is answered when j+1 events of rates (seats·μ + iθ) have happened while
    their own patience lasts; that race is followed by uniformisation.
    """
    rate, served, gone = calls / 3600, 1 / handling_s, 1 / patience_s
    states = [1.0]
    while len(states) < seats + 5 or states[-1] > 1e-18 * max(states):
        number = len(states)
        states.append(
            states[-1] * rate / (min(number, seats) * served + max(0, number - seats) * gone)
        )
    whole = sum(states)
    states = [state / whole for state in states]
    queued = sum((number - seats) * state for number, state in enumerate(states) if number > seats)

    # Callers ahead of one who waits: j → j−1 at seats·μ + jθ; from 0 → answered; → left at θ.
    ahead = states[seats:]
    uniform = seats * served + (len(ahead) + 1) * gone
    answered, left = 1 - sum(ahead), 0.0
    here = list(ahead)
    weight_log = -uniform * within_s
    done, steps = 0.0, 0
    answered_within = left_within = 0.0
    while done < 1 - 1e-13:
        weight = math.exp(weight_log)
        done += weight
        answered_within += weight * answered
        left_within += weight * left
        steps += 1
        if within_s == 0:
            break
        weight_log += math.log(uniform * within_s / steps)
        onward = [share * (seats * served + j * gone) / uniform for j, share in enumerate(here)]
        leaves = [share * gone / uniform for share in here]
        answered += onward[0]
        left += sum(leaves)
        here = [
            share - onward[j] - leaves[j] + (onward[j + 1] if j + 1 < len(here) else 0.0)
            for j, share in enumerate(here)
        ]

    met = waiting(seats, calls, handling_s, within_s, patience_s)
    assert met.waits_share == pytest.approx(sum(ahead), rel=1e-9)
    assert met.mean_wait_s == pytest.approx(queued / rate, rel=1e-9)
    assert met.abandoned_share == pytest.approx(queued * gone / rate, rel=1e-9)
    assert met.answered_within == pytest.approx(answered_within, rel=1e-9)
    assert met.service_level_all == pytest.approx(answered_within + left_within, rel=1e-9)
    assert met.service_level_answered == pytest.approx(
        answered_within / (1 - queued * gone / rate), rel=1e-9
    )


def test_endless_patience_turns_erlang_a_into_erlang_c():
    patient = waiting(12, 200, 180, 20)
    nearly = waiting(12, 200, 180, 20, patience_s=1e7)
    assert nearly.waits_share == pytest.approx(patient.waits_share, rel=1e-3)
    assert nearly.mean_wait_s == pytest.approx(patient.mean_wait_s, rel=1e-2)
    assert nearly.answered_within == pytest.approx(patient.answered_within, rel=1e-3)


def test_seats_that_cannot_keep_up_let_callers_wait_without_end():
    met = waiting(9, calls_per_hour=200, handling_s=180, within_s=20)
    assert (met.waits_share, met.mean_wait_s, met.answered_within) == (1, math.inf, 0)
    assert erlang_c(10, 10.0) == 1


def test_patience_keeps_even_an_overrun_desk_finite():
    """Half of the load fits, so half of the callers leave; as numbers too large for a float."""
    met = waiting(5000, calls_per_hour=3_600_000, handling_s=10, within_s=3, patience_s=36_000)
    assert met.abandoned_share == pytest.approx(0.5, abs=1e-9)
    assert met.occupancy == pytest.approx(1)


@pytest.mark.parametrize("patience_s", [1e-9, 1e-3, 1, 1e6])
@pytest.mark.parametrize("calls_per_hour", [1e-9, 10, 1e5])
@pytest.mark.parametrize("seats", [0, 1, 30, 3000])
def test_shares_stay_shares_for_whatever_patience(seats, calls_per_hour, patience_s):
    met = waiting(seats, calls_per_hour, 100, 5, patience_s)
    slack = 1e-6
    assert 0 <= met.answered_within <= met.service_level_all + slack <= 1 + 2 * slack
    assert 0 <= met.waits_share <= 1
    assert 0 <= met.abandoned_share <= 1 + slack
    assert 0 <= met.occupancy <= 1
    assert 0 <= met.service_level_answered <= 1


def test_a_desk_without_seats_loses_everybody():
    assert waiting(0, 100, 100, 3).mean_wait_s == math.inf
    met = waiting(0, 100, 100, 3, patience_s=60)
    assert (met.abandoned_share, met.mean_wait_s) == (pytest.approx(1), pytest.approx(60))
    assert met.answered_within == pytest.approx(0, abs=1e-12)


def test_no_calls_meet_no_wait():
    assert waiting(0, 0, 100, 3).service_level_all == 1
    assert erlang_b(0, 0) == 1
    assert erlang_c(3, 0) == 0


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("seats", (-1, 10, 100, 3)),
        ("load", (1, -10, 100, 3)),
        ("load", (1, math.inf, 100, 3)),
        ("handling_s", (1, 10, 0, 3)),
        ("within_s", (1, 10, 100, -1)),
        ("patience_s", (1, 10, 100, 3, 0)),
    ],
)
def test_impossible_numbers_are_refused_by_name(name, arguments):
    with pytest.raises(ValueError, match=name):
        waiting(*arguments)
