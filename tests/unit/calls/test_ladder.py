from callcenter.calls.ladder import Ladder, Rung, budgets_of
from callcenter.settings import Deadlines


def test_a_rung_is_reached_once_and_keeps_its_first_time() -> None:
    ladder = Ladder({})
    assert ladder.reach(Rung.ANSWERED, 1200)
    assert not ladder.reach(Rung.ANSWERED, 5000)
    assert ladder.reached_ms[Rung.ANSWERED] == 1200


def test_a_missed_budget_is_told_once() -> None:
    ladder = Ladder({Rung.ANSWERED: 3000})
    assert ladder.overdue(3000) == ()
    assert ladder.overdue(3001) == (Rung.ANSWERED,)
    assert ladder.overdue(9000) == ()


def test_a_reached_rung_is_not_overdue() -> None:
    ladder = Ladder({Rung.ANSWERED: 3000})
    ladder.reach(Rung.ANSWERED, 2000)
    assert ladder.overdue(9000) == ()
    assert ladder.next_deadline_ms() is None


def test_the_next_deadline_is_the_nearest_open_one() -> None:
    ladder = Ladder(budgets_of(Deadlines()))
    assert ladder.next_deadline_ms() == 3000
    ladder.reach(Rung.ANSWERED, 1000)
    assert ladder.next_deadline_ms() == 15000


def test_the_timeline_is_in_the_order_of_the_steps_and_says_what_was_late() -> None:
    ladder = Ladder(budgets_of(Deadlines()))
    ladder.reach(Rung.ANSWERED, 4000)
    ladder.reach(Rung.RINGING, 0)
    steps = ladder.timeline()
    assert [step["step"] for step in steps] == ["ringing", "answered"]
    assert [step["late"] for step in steps] == [False, True]
    assert steps[1]["budget_ms"] == 3000
