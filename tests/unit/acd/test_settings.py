import pytest

from acd.errors import InvalidSettings
from acd.model import (
    CallState,
    FloorSettings,
    NoticeKind,
    OfferCause,
    QueueSettings,
    SeatSettings,
    SeatState,
)

Q = QueueSettings("q")
R = QueueSettings("r")
A = SeatSettings("a", ("q",))
B = SeatSettings("b", ("q",))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: QueueSettings("q", ring_s=0), "queue q: ring_s is 0, expected more than 0"),
        (lambda: QueueSettings("q", ring_s=float("nan")), "ring_s is nan"),
        (lambda: QueueSettings("q", wrap_up_s=-1), "wrap_up_s is -1, expected at least 0"),
        (lambda: QueueSettings("q", wrap_up_s=float("inf")), "wrap_up_s is inf"),
        (lambda: FloorSettings((Q,), ageing_per_s=-0.1), "floor: ageing_per_s is -0.1"),
        (lambda: QueueSettings("q", misses_before_not_ready=0), "expected at least 1"),
        (lambda: QueueSettings("q", busy_pause_s=0), "busy_pause_s is 0, expected more than 0"),
        (lambda: QueueSettings("q", unreachable_pause_s=0), "unreachable_pause_s"),
        (lambda: FloorSettings((Q, Q)), "queue q is named twice"),
        (lambda: FloorSettings((QueueSettings(""),)), "no id"),
        (lambda: FloorSettings((Q,), (A, A)), "seat a is named twice"),
        (lambda: FloorSettings((R,), (A,)), "seat a: queue q is not defined"),
        (lambda: FloorSettings((Q,), (SeatSettings("a", ("q", "q")),)), "seat a: queue q is named"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(build, message):
    with pytest.raises(InvalidSettings, match=message):
        build()


def test_a_seat_that_is_named_again_is_told_again(floor):
    floor.settings(FloorSettings((Q,), (B,)))
    floor.settings(FloorSettings((Q,), (A, B)))
    assert floor.seat_changes == [("a", SeatState.OFFLINE)]


def test_a_new_seat_of_the_settings_takes_calls_once_it_is_ready(make_floor):
    floor = make_floor(Q, seats={"a": ("q",)})
    floor.arrives("c1")
    floor.settings(FloorSettings((Q,), (A, B)))
    assert floor.seat_changes == [("b", SeatState.OFFLINE)]
    floor.seats_ready("b")
    assert floor.offer_to("b").call_id == "c1"


def test_a_free_seat_that_is_removed_is_gone(floor):
    floor.seats_ready("a", "b")
    floor.settings(FloorSettings((Q,), (B,)))
    assert not floor.has_seat("a")
    assert floor.seat_changes == [("a", SeatState.OFFLINE)]
    floor.arrives("c1")
    assert floor.seat_of("c1") == "b"


def test_a_removed_seat_talks_to_the_end_and_is_gone_then(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.settings(FloorSettings((Q,), (B,)))
    assert floor.seat_of("c1") == "a"
    floor.arrives("c2")
    floor.seat_leaves("a", "c1")
    assert not floor.has_seat("a")
    assert floor.offered == []
    assert floor.waiting == ["c2"]


def test_a_removed_seat_may_still_answer_the_call_it_rings_for(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.settings(FloorSettings((Q,), (B,)))
    assert floor.cancelled == []
    floor.answers("a")
    assert floor.seat_of("c1") == "a"


def test_the_call_a_removed_seat_does_not_answer_keeps_its_place(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.settings(FloorSettings((Q,), (B,)))
    floor.fails("a")
    assert not floor.has_seat("a")
    assert floor.waiting == ["c1", "c2"]


@pytest.mark.parametrize("how", ["expires", "unregisters", "caller_leaves", "busy"])
def test_a_removed_seat_is_gone_however_its_offer_ends(floor, how):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.settings(FloorSettings((Q,), (B,)))
    match how:
        case "expires":
            floor.passes(20)
        case "unregisters":
            floor.phone_gone("a")
        case "caller_leaves":
            floor.leaves("c1")
        case "busy":
            floor.fails("a", OfferCause.BUSY)
    assert not floor.has_seat("a")
    floor.passes(60)


def test_a_seat_removed_and_named_again_within_its_call_stays(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.settings(FloorSettings((Q,), (B,)))
    floor.settings(FloorSettings((Q,), (A, B)))
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.READY


def test_a_removed_queue_loses_no_call_and_everybody_serves_what_is_left_in_it(make_floor):
    floor = make_floor(Q, R, seats={"a": ("q",), "b": ("r",)})
    floor.arrives("c1", "c2", queue="r")
    floor.settings(FloorSettings((Q,), (A,)))
    assert (NoticeKind.QUEUE_WITHOUT_SEATS, "r") in floor.notices
    assert floor.waiting == ["c1", "c2"]
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "c1"
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.offered == [("c2", "a")]


def test_a_removed_queue_keeps_its_settings_for_the_calls_in_it(make_floor):
    floor = make_floor(Q, QueueSettings("r", priority=5, ring_s=7.0))
    floor.arrives("c1", queue="q")
    floor.arrives("c2", queue="r")
    floor.settings(FloorSettings((Q,), (A,)))
    assert floor.waiting == ["c2", "c1"]
    floor.seats_ready("a")
    assert floor.engine.next_wakeup() == pytest.approx(floor.now + 7 + 5, abs=0.01)


def test_a_call_for_a_queue_that_nobody_defined_reaches_a_seat(floor):
    floor.seats_ready("a")
    floor.arrives("c1", queue="typo")
    assert floor.notices == [(NoticeKind.QUEUE_WITHOUT_SEATS, "typo")]
    assert floor.seat_of("c1") == "a"
    floor.arrives("c2", queue="")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.offered == [("c2", "a")]


def test_a_queue_that_no_seat_serves_is_everybodys_until_one_does(make_floor):
    floor = make_floor(Q, R, seats={"a": ("q",), "b": ("q",)})
    floor.arrives("c1", "c2", queue="r")
    floor.seats_ready("a")
    assert floor.seat_of("c1") == "a"
    floor.settings(FloorSettings((Q, R), (A, SeatSettings("b", ("r",)))))
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.offered == []
    floor.seats_ready("b")
    assert floor.offer_to("b").call_id == "c2"


def test_a_seat_given_another_queue_takes_its_calls_at_once(make_floor):
    floor = make_floor(Q, R, seats={"a": ("q",), "b": ("r",)})
    floor.seats_ready("a")
    floor.arrives("c1", queue="r")
    assert floor.waiting == ["c1"]
    floor.settings(FloorSettings((Q, R), (SeatSettings("a", ("q", "r")), B)))
    assert floor.offered == [("c1", "a")]


def test_a_seat_that_lost_a_queue_gets_none_of_its_calls(make_floor):
    floor = make_floor(Q, R, seats={"a": ("q", "r"), "b": ("r",)})
    floor.seats_ready("a")
    floor.settings(FloorSettings((Q, R), (A, SeatSettings("b", ("r",)))))
    floor.arrives("c1", queue="r")
    assert floor.waiting == ["c1"]


def test_new_priorities_order_those_who_wait_already(make_floor):
    floor = make_floor(Q, R)
    floor.arrives("c1", queue="q")
    floor.arrives("c2", queue="r")
    floor.settings(
        FloorSettings((Q, QueueSettings("r", priority=3)), (SeatSettings("a", ("q", "r")),))
    )
    assert floor.waiting == ["c2", "c1"]
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "c2"


def test_ageing_switched_on_orders_a_queue_anew(make_floor):
    floor = make_floor(ageing_per_s=0.0)
    floor.arrives("patient")
    floor.passes(30)
    floor.arrives("urgent", priority=1)
    assert floor.waiting == ["urgent", "patient"]
    floor.settings(FloorSettings((Q,), (A,), ageing_per_s=1.0))
    assert floor.waiting == ["patient", "urgent"]
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "patient"


def test_settings_touch_no_call_that_is_under_way(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2", "c3")
    floor.answers("a")
    floor.settings(FloorSettings((QueueSettings("q", ring_s=3.0, wrap_up_s=9.0),), (A, B)))
    assert floor.commands == []
    assert [floor.call(c) for c in ("c1", "c2", "c3")] == [
        CallState.TALKING,
        CallState.OFFERED,
        CallState.WAITING,
    ]
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.WRAP_UP, "in force from the next decision"


def test_seats_are_listed_as_in_the_settings_and_removed_ones_last(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.settings(FloorSettings((Q,), (SeatSettings("z", ("q",)), B)))
    assert [view.id for view in floor.engine.seats()] == ["z", "b", "a"]
