"""What a worker gives up when it is full, and when it takes it back."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from asr.admission import (
    FULL_BUSY,
    LONGEST_PATIENCE_S,
    PATIENCE_S,
    SETTLE_S,
    SHOWS_S,
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
    assert worker.goes_on(FULL, 2).deferred == {"o2"}
    assert worker.goes_on(FULL, SETTLE_S - 1).deferred == {"o2"}
    assert worker.goes_on(FULL, 1).deferred == {"o2", "o1"}
    assert worker.goes_on(FULL, SHOWS_S - SETTLE_S - 1).deferred == {"o2", "o1"}


def test_no_further_step_while_the_backlog_shrinks() -> None:
    worker = Worker()
    worker.goes_on(Load(0.85, 5_000), 1)
    for backlog_ms in range(4_900, 1_100, -100):
        given = worker.goes_on(Load(0.85, backlog_ms), 1)
    assert given == Given(interim=False)


def test_flood_is_answered_at_once_with_as_many_legs_as_are_too_many() -> None:
    worker = Worker()
    assert worker.steps(Load(1.8, 9_000), 4) == [
        Given(interim=False),
        Given(False, frozenset({"o2", "o1", "f1"})),
    ]


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
    assert worker.steps(Load(0.45, 0), 60) == [
        Given(False, frozenset({"o2", "o1"})),
        Given(False, frozenset({"o2"})),
        Given(False),
        Given(),
    ]


def test_all_that_fit_in_come_back_at_once() -> None:
    worker = Worker()
    worker.goes_on(FULL, 8)
    assert worker.steps(AT_EASE, 30) == [
        Given(False, frozenset({"o2", "o1"})),
        Given(False),
        Given(),
    ]


def test_no_more_come_back_than_are_listened_to_because_these_may_be_silent_by_chance() -> None:
    worker = Worker([LiveLeg(f"c{k}", "caller", float(k)) for k in range(12)])
    worker.goes_on(Load(8.0, 9_000), 6)
    assert len(worker.admission.given.deferred) == 11
    counts = [len(given.deferred) for given in worker.steps(Load(0.0, 0), 400)]
    assert all(before - after <= 12 - before for before, after in itertools.pairwise(counts))


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
    worker.goes_on(FULL, 2)
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
    worker.goes_on(FULL, 2)
    worker.legs.remove(OPERATOR_2)
    assert worker.goes_on(BETWEEN, 1) == Given(interim=False)


class Floor:
    """A worker with people on it who talk and pause, and whose words it decodes in order.

    ``cost`` is the share of its time that somebody who talks takes.
    """

    def __init__(self, legs: int, cost: float) -> None:
        self.admission = Admission()
        self.legs = [LiveLeg(f"c{k}", "caller", float(k)) for k in range(legs)]
        self.cost = cost
        self.second = 0
        self.waiting_s = 0.0
        """Work that waits, and so the lateness of text."""
        self._dice = random.Random(5)  # noqa: S311 # talk and pauses, not secrets
        self._until: dict[str, tuple[bool, bool, int]] = {}
        """Of each leg: whether it talks, whether that is decoded, and until when."""

    def passes(self, seconds: int) -> tuple[list[float], list[int]]:
        """How late text was, and how many legs were deferred, each second."""
        late, deferred = [], []
        for _ in range(seconds):
            self.second += 1
            arrived = sum(self._decodes(leg) for leg in self.legs)
            self.waiting_s = max(0.0, self.waiting_s + arrived * self.cost - 1.0)
            load = Load(arrived * self.cost, round(self.waiting_s * 1_000))
            given = self.admission.decide(load, self.legs, float(self.second))
            late.append(self.waiting_s)
            deferred.append(len(given.deferred))
        return late, deferred

    def _decodes(self, leg: LiveLeg) -> bool:
        talks, decoded, until = self._until.get(leg.tap, (False, False, self._dice.randint(0, 4)))
        if self.second >= until:
            talks, until = not talks, self.second + self._dice.randint(2, 6)
            decoded = talks and leg.tap not in self.admission.given.deferred
        self._until[leg.tap] = (talks, decoded, until)
        return decoded


def test_text_is_in_time_again_soon_after_twice_as_many_call_as_can_be_heard() -> None:
    floor = Floor(legs=16, cost=0.3)
    late, _ = floor.passes(120)
    assert max(late) < 12.0
    assert max(late[25:]) < 2.5


def test_steady_overload_does_not_flap() -> None:
    floor = Floor(legs=9, cost=0.3)  # 1.35 of what it can do
    floor.passes(60)
    late, deferred = floor.passes(1_800)
    changes = sum(a != b for a, b in itertools.pairwise(deferred))
    assert changes <= 60
    assert sorted(late)[len(late) * 95 // 100] < 2.0
    assert max(deferred) <= 7


def test_all_are_heard_again_soon_after_the_flood() -> None:
    floor = Floor(legs=16, cost=0.3)
    floor.passes(60)
    floor.legs, floor.cost = floor.legs[:14], 0.05
    _, deferred = floor.passes(90)
    assert deferred[-1] == 0
    assert floor.admission.given.interim
    assert deferred.index(0) <= 60
