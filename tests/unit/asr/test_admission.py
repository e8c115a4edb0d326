"""What a worker gives up when it is full, and when it takes it back."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from asr.admission import (
    FULL_BUSY,
    LONGEST_PATIENCE_S,
    PATIENCE_S,
    SETTLE_S,
    Admission,
    Given,
    LiveLeg,
    Load,
)

CALLER_1 = LiveLeg("c1", "caller", 0.0)
OPERATOR_1 = LiveLeg("o1", "operator", 1.0)
OFFICER_1 = LiveLeg("f1", "officer", 2.0)
CALLER_2 = LiveLeg("c2", "caller", 10.0)
OPERATOR_2 = LiveLeg("o2", "operator", 11.0)
LEGS = [CALLER_1, OPERATOR_1, OFFICER_1, CALLER_2, OPERATOR_2]

FULL = Load(0.97, 1_500)
AT_EASE = Load(0.2, 0)
BETWEEN = Load(0.8, 500)


class Worker:
    """A worker whose clock a test moves."""

    def __init__(self, legs: Sequence[LiveLeg] = LEGS) -> None:
        self.admission = Admission()
        self.legs = list(legs)
        self.now = 100.0

    def goes_on(self, load: Load, seconds: float) -> Given:
        for _ in range(round(seconds)):
            self.now += 1.0
            given = self.admission.decide(load, self.legs, self.now)
        return given

    def steps(self, load: Load, seconds: int) -> list[Given]:
        """What it gives, each time that this changes."""
        seen: list[Given] = []
        for _ in range(seconds):
            given = self.goes_on(load, 1)
            if not seen or seen[-1] != given:
                seen.append(given)
        return seen


def test_interim_goes_first_then_operators_then_officers_then_callers_newest_first() -> None:
    worker = Worker()
    given = worker.steps(FULL, 60)
    deferred = [each.deferred for each in given]
    order = [next(iter(b - a)) for a, b in itertools.pairwise(deferred[1:])]
    assert given[0] == Given(interim=False)
    assert given[1] == Given(False, frozenset({"o2"}))
    assert order == ["o1", "f1", "c2", "c1"]


def test_a_step_is_given_time_to_show_what_it_brings() -> None:
    worker = Worker()
    worker.goes_on(FULL, 1)
    assert worker.goes_on(FULL, SETTLE_S - 1).deferred == frozenset()
    assert worker.goes_on(FULL, 1).deferred == {"o2"}


def test_no_further_step_while_the_backlog_shrinks() -> None:
    worker = Worker()
    worker.goes_on(Load(0.85, 5_000), 1)
    for backlog_ms in range(4_900, 1_100, -100):
        given = worker.goes_on(Load(0.85, backlog_ms), 1)
    assert given == Given(interim=False)


def test_flood_is_answered_at_once() -> None:
    worker = Worker()
    assert len(worker.goes_on(Load(1.8, 9_000), 4).deferred) == 3


def test_no_more_is_given_up_than_will_do_before_it_shows() -> None:
    worker = Worker()
    for second in range(9):
        given = worker.goes_on(Load(1.2, 9_000 + 1_000 * second), 1)
    assert given.deferred == {"o2", "o1", "f1"}


def test_more_is_given_up_when_what_was_did_not_do() -> None:
    worker = Worker()
    for second in range(20):
        given = worker.goes_on(Load(1.2, 9_000 + 1_000 * second), 1)
    assert given.deferred == {"o2", "o1", "f1", "c2"}


def test_nothing_changes_between_full_and_at_ease() -> None:
    worker = Worker()
    worker.goes_on(FULL, 1)
    assert worker.steps(BETWEEN, 300) == [Given(interim=False)]


def test_a_busy_moment_is_not_a_full_machine() -> None:
    worker = Worker()
    assert worker.goes_on(Load(1.0, 300), 1) == Given()
    assert worker.goes_on(AT_EASE, 10) == Given()


def test_busy_share_alone_counts_before_sound_waits() -> None:
    worker = Worker()
    assert not worker.goes_on(Load(FULL_BUSY + 0.08, 0), 6).interim


def test_what_was_given_up_last_comes_back_first_and_interim_last() -> None:
    worker = Worker()
    worker.goes_on(FULL, 8)
    assert worker.admission.given.deferred == {"o2", "o1"}
    assert worker.steps(AT_EASE, 50) == [
        Given(False, frozenset({"o2", "o1"})),
        Given(False, frozenset({"o2"})),
        Given(False),
        Given(),
    ]


def test_a_leg_is_not_taken_back_that_would_fill_the_worker_again() -> None:
    worker = Worker([CALLER_1, OPERATOR_1])
    worker.goes_on(FULL, 5)
    assert worker.admission.given.deferred == {"o1"}
    assert worker.steps(Load(0.5, 0), 300) == [Given(False, frozenset({"o1"}))]


def test_what_was_taken_back_too_early_waits_twice_as_long() -> None:
    worker = Worker()
    worker.goes_on(FULL, 1)
    waits = []
    for _ in range(6):
        began = worker.now
        while not worker.goes_on(AT_EASE, 1).interim:
            assert worker.now - began < 2 * LONGEST_PATIENCE_S
        waits.append(worker.now - began)
        while worker.goes_on(FULL, 1).interim:
            pass
    assert waits[1] >= 2 * PATIENCE_S
    assert waits == sorted(waits)
    assert LONGEST_PATIENCE_S <= waits[-1] <= LONGEST_PATIENCE_S + SETTLE_S


def test_leg_that_comes_while_its_like_are_deferred_is_deferred_too() -> None:
    worker = Worker()
    worker.goes_on(FULL, 5)
    assert worker.admission.given.deferred == {"o2"}
    assert worker.admission.defers("operator")
    assert not worker.admission.defers("officer")
    assert not worker.admission.defers("caller")
    new = LiveLeg("o3", "operator", 120.0)
    assert worker.admission.came(new).deferred == {"o2", "o3"}
    assert worker.admission.came(LiveLeg("c3", "caller", 121.0)).deferred == {"o2", "o3"}


def test_new_caller_of_a_machine_that_defers_callers_is_deferred() -> None:
    worker = Worker([CALLER_1, CALLER_2])
    worker.goes_on(FULL, 5)
    assert worker.admission.given.deferred == {"c2"}
    assert "c3" in worker.admission.came(LiveLeg("c3", "caller", 130.0)).deferred


def test_deferred_leg_that_has_gone_is_forgotten() -> None:
    worker = Worker()
    worker.goes_on(FULL, 5)
    worker.legs.remove(OPERATOR_2)
    assert worker.goes_on(BETWEEN, 1) == Given(interim=False)
