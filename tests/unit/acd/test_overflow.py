import pytest

from acd.commands import Announce
from acd.errors import InvalidSettings
from acd.events import CallArrived, CallNeeds, DivertFailed
from acd.model import (
    CallState,
    FloorSettings,
    OverflowRule,
    OverflowTo,
    OverflowWhen,
    QueueSettings,
    SeatSettings,
    SkillNeed,
)

WAITED, LENGTH = OverflowWhen.WAITED_S, OverflowWhen.QUEUE_LENGTH
NO_SEAT, ESTIMATE = OverflowWhen.NO_SEAT, OverflowWhen.ESTIMATED_WAIT_S
QUEUE, EVERYBODY = OverflowTo.QUEUE, OverflowTo.EVERYBODY
NUMBER, ANNOUNCEMENT = OverflowTo.NUMBER, OverflowTo.ANNOUNCEMENT

SEATS = {"a": ("q",), "b": ("r",), "boss": ()}


def rules(*overflow: OverflowRule) -> QueueSettings:
    return QueueSettings("q", overflow=overflow)


@pytest.fixture
def with_rules(make_floor):
    """Queue ``q`` with these rules and seat ``a``; ``r`` with ``b``; ``boss`` for everybody's."""

    def make(*overflow: OverflowRule):
        return make_floor(rules(*overflow), QueueSettings("r"), seats=SEATS)

    return make


def test_a_call_that_waits_too_long_may_be_taken_by_another_queues_seats(with_rules):
    floor = with_rules(OverflowRule(WAITED, QUEUE, 30, "r"))
    floor.seats_ready("b")
    floor.arrives("c1")
    floor.passes(29.9)
    assert floor.waiting == ["c1"]
    floor.passes(0.1)
    assert floor.overflowed == ["c1"]
    assert floor.offered == [("c1", "b")]


def test_a_call_that_overflowed_stays_in_its_own_queue_too(with_rules):
    floor = with_rules(OverflowRule(WAITED, QUEUE, 30, "r"))
    floor.arrives("c1")
    floor.passes(30)
    waits = floor.engine.waiting(floor.now)[0]
    assert (waits.queue, waits.overflowed) == ("q", True)
    floor.seats_ready("a")
    assert floor.seat_of("c1") == "a"


def test_a_call_that_overflowed_goes_before_those_who_came_later(with_rules):
    floor = with_rules(OverflowRule(WAITED, QUEUE, 30, "r"))
    floor.arrives("c1")
    floor.arrives("c2", queue="r")
    floor.passes(30)
    floor.seats_ready("b")
    assert floor.seat_of("c1") == "b"


def test_its_own_queues_seats_are_rung_before_those_it_overflowed_to(with_rules):
    floor = with_rules(OverflowRule(WAITED, QUEUE, 30, "r"))
    floor.seats_ready("b", "a")
    floor.arrives("c1", needs=(SkillNeed("zh"),))
    floor.passes(30)
    assert floor.waiting == ["c1"]
    floor.tell(CallNeeds("c1", ()))
    assert floor.seat_of("c1") == "a", "though b is idle longer"


def seats_of(seats):
    return tuple(SeatSettings(seat, queues) for seat, queues in seats.items())


def test_everybody_is_every_seat_supervisors_too(with_rules):
    floor = with_rules(OverflowRule(WAITED, EVERYBODY, 30))
    floor.seats_ready("boss")
    floor.arrives("c1")
    assert floor.waiting == ["c1"]
    floor.passes(30)
    assert floor.offered == [("c1", "boss")]


def test_a_call_overflows_when_nobody_is_on_duty(with_rules):
    floor = with_rules(OverflowRule(NO_SEAT, QUEUE, target="r"))
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2")
    assert floor.seat_of("c1") == "a"
    assert floor.waiting == ["c2"]
    floor.answers("a")
    floor.seat_not_ready("a")
    assert floor.offered == [("c2", "b")], "those who wait already, too"


def test_a_call_overflows_at_once_when_nobody_is_on_duty_as_it_comes(with_rules):
    floor = with_rules(OverflowRule(NO_SEAT, QUEUE, target="r"))
    floor.seats_ready("b")
    floor.arrives("c1")
    assert floor.offered == [("c1", "b")]


def test_when_seats_are_shared_a_long_queue_overflows_from_its_first_caller_on(with_rules):
    floor = with_rules(OverflowRule(LENGTH, QUEUE, 3, "r"))
    floor.arrives("c1", "c2")
    floor.seats_ready("b")
    assert floor.waiting == ["c1", "c2"]
    floor.arrives("c3")
    assert floor.seat_of("c1") == "b"
    floor.takes("b", "c1")
    assert floor.seat_of("c2") == "b"
    floor.arrives("c4")
    floor.takes("b", "c2")
    floor.takes("b", "c3")
    assert floor.waiting == ["c4"], "the queue was not long when c4 came"


def test_a_queue_that_gets_long_again_overflows_again(with_rules):
    floor = with_rules(OverflowRule(LENGTH, QUEUE, 2, "r"))
    floor.arrives("c1", "c2")
    floor.leaves("c1")
    floor.leaves("c2")
    floor.arrives("c3")
    assert floor.overflowed == []
    floor.arrives("c4")
    assert sorted(floor.overflowed) == ["c3", "c4"]


def test_when_callers_are_sent_elsewhere_only_those_at_the_threshold_are(with_rules):
    floor = with_rules(OverflowRule(LENGTH, NUMBER, 3, "119"))
    floor.arrives("c1", "c2", "c3")
    assert floor.diverted == [("c3", "119")]
    assert floor.waiting == ["c1", "c2"]


def test_a_call_that_a_seat_can_take_at_once_does_not_overflow(with_rules):
    floor = with_rules(OverflowRule(WAITED, NUMBER, 0, "119"))
    floor.seats_ready("a")
    floor.arrives("c1")
    assert (floor.seat_of("c1"), floor.diverted) == ("a", [])
    floor.arrives("c2")
    assert floor.diverted == [("c2", "119")]


def test_a_diverted_call_is_offered_to_nobody(with_rules):
    floor = with_rules(OverflowRule(WAITED, NUMBER, 30, "119"))
    floor.arrives("c1")
    floor.passes(30)
    assert floor.call("c1") is CallState.DIVERTED
    floor.seats_ready("a")
    assert floor.offered == []
    floor.leaves("c1")
    assert floor.call("c1") is None


def test_a_call_that_nobody_takes_there_is_back_in_its_place_and_is_not_sent_again(with_rules):
    floor = with_rules(OverflowRule(WAITED, NUMBER, 30, "119"))
    floor.arrives("c1")
    floor.passes(20)
    floor.arrives("c2")
    floor.passes(10)
    floor.tell(DivertFailed("c1"))
    assert floor.waiting == ["c1", "c2"]
    floor.passes(60)
    assert floor.call("c1") is CallState.WAITING
    assert floor.call("c2") is CallState.DIVERTED


def test_a_diverted_call_that_is_heard_of_anew_waits_again(with_rules):
    floor = with_rules(OverflowRule(WAITED, NUMBER, 30, "119"))
    floor.arrives("c1")
    floor.passes(30)
    floor.tell(CallArrived("c1", "q"))
    assert floor.waiting == ["c1"]


def test_a_divert_that_failed_moves_nobody_who_is_not_diverted(with_rules):
    floor = with_rules()
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.tell(DivertFailed("c1"))
    assert floor.commands == []


@pytest.mark.parametrize(("seat", "state"), [("a", "talking"), (None, "handed_over")])
def test_a_diverted_call_that_is_found_in_conversation_is_there(with_rules, seat, state):
    floor = with_rules(OverflowRule(WAITED, NUMBER, 0, "119"))
    floor.arrives("c1")
    floor.found("c1", seat)
    assert floor.call("c1") == state


def test_an_announcement_offers_a_call_back_and_the_call_keeps_waiting(with_rules):
    floor = with_rules(OverflowRule(WAITED, ANNOUNCEMENT, 30, "busy"))
    floor.arrives("c1")
    floor.passes(30)
    assert floor.announced == [Announce("c1", "busy", first=False, call_back=True)]
    floor.seats_ready("a")
    assert floor.seat_of("c1") == "a"


def test_each_rule_is_applied_to_a_call_once(with_rules):
    floor = with_rules(OverflowRule(WAITED, ANNOUNCEMENT, 30, "busy"))
    floor.arrives("c1")
    floor.passes(30)
    floor.seats_ready("a")
    floor.fails("a")
    floor.fails("a")
    floor.passes(300)
    assert floor.announced == []


def test_rules_follow_one_another(with_rules):
    floor = with_rules(OverflowRule(WAITED, QUEUE, 30, "r"), OverflowRule(WAITED, EVERYBODY, 60))
    floor.seats_ready("boss")
    floor.arrives("c1")
    floor.passes(59)
    assert floor.waiting == ["c1"]
    floor.passes(1)
    assert floor.offered == [("c1", "boss")]


def handled(floor, *, talk_s: float):
    """Seat ``a`` has taken a call that took it so long."""
    floor.seats_ready("a")
    floor.arrives("first")
    floor.takes("a", "first", talk_s)
    floor.arrives("second")
    floor.answers("a")


def test_the_estimated_wait_is_place_times_mean_handling_by_seats_on_duty(with_rules):
    floor = with_rules()
    handled(floor, talk_s=100)
    floor.arrives("c1", "c2")
    estimates = [call.estimated_wait_s for call in floor.engine.waiting(floor.now)]
    assert estimates == pytest.approx([100, 200])


def test_nothing_is_estimated_before_anything_is_known(with_rules):
    floor = with_rules()
    floor.arrives("c1")
    assert floor.engine.waiting(floor.now)[0].estimated_wait_s is None


def test_after_call_work_counts_as_handling(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=50.0), seats={"a": ("q",)})
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.takes("a", "c1", 100)
    floor.passes(50)
    floor.arrives("c2", "c3")
    assert floor.engine.waiting(floor.now)[0].estimated_wait_s == pytest.approx(150)


def test_a_call_that_would_wait_too_long_overflows_as_it_comes(with_rules):
    floor = with_rules(OverflowRule(ESTIMATE, QUEUE, 150, "r"))
    handled(floor, talk_s=100)
    floor.arrives("c1")
    assert floor.overflowed == []
    floor.arrives("c2")
    assert floor.overflowed == ["c2"]


def test_estimates_are_looked_at_again_while_calls_wait(make_floor):
    floor = make_floor(
        rules(OverflowRule(ESTIMATE, QUEUE, 150, "r")),
        QueueSettings("r"),
        seats={"a": ("q",), "a2": ("q",), "b": ("r",)},
    )
    handled(floor, talk_s=200)
    floor.seats_ready("a2")
    floor.arrives("third")
    floor.answers("a2")
    floor.arrives("c1")
    assert floor.overflowed == [], "200 s by two seats"
    floor.seat_not_ready("a2")
    floor.passes(5)
    assert floor.overflowed == ["c1"]


def test_an_empty_queue_wakes_nobody_for_estimates(with_rules):
    floor = with_rules(OverflowRule(ESTIMATE, QUEUE, 150, "r"))
    floor.arrives("c1")
    floor.leaves("c1")
    floor.passes(5)
    assert floor.engine.next_wakeup() is None


def test_a_new_rule_is_in_force_at_once_for_those_who_wait(with_rules):
    floor = with_rules()
    floor.seats_ready("b")
    floor.arrives("c1")
    floor.passes(100)
    new = rules(OverflowRule(WAITED, QUEUE, 30, "r"))
    floor.settings(FloorSettings((new, QueueSettings("r")), seats_of(SEATS)))
    assert floor.offered == [("c1", "b")]


def test_a_caller_who_leaves_has_no_timers_left(with_rules):
    floor = with_rules(OverflowRule(WAITED, QUEUE, 30, "r"))
    floor.arrives("c1")
    floor.leaves("c1")
    assert floor.engine.next_wakeup() is None


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: OverflowRule(WAITED, QUEUE, 30), "overflow to queue: target is empty"),
        (lambda: OverflowRule(WAITED, EVERYBODY, -1), "threshold is -1, expected at least 0"),
        (lambda: OverflowRule(LENGTH, EVERYBODY, 0), "threshold is 0, expected at least 1"),
        (
            lambda: FloorSettings((rules(OverflowRule(WAITED, QUEUE, 1, "typo")),)),
            "queue q: overflow to queue typo, which is not defined",
        ),
        (lambda: FloorSettings((rules(OverflowRule(WAITED, QUEUE, 1, "q")),)), "to itself"),
    ],
)
def test_rules_that_cannot_be_are_refused(build, message):
    with pytest.raises(InvalidSettings, match=message):
        build()
