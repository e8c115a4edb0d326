import pytest

from acd.events import OfferAnswered
from acd.model import CallState, FloorSettings, QueueSettings, SeatSettings, SeatState

Q = QueueSettings("q")
A, B = SeatSettings("a", ("q",), phone="desk"), SeatSettings("b", ("q",), phone="desk")
IN_USE = (SeatState.NOT_READY, "phone_in_use")


@pytest.fixture
def floor(make_floor):
    floor = make_floor(Q, seats=[A, B])
    floor.seats_ready("a", "b")
    return floor


def looks(floor, seat_id):
    return floor.seat(seat_id), floor.reason(seat_id)


def test_two_seats_at_one_phone_never_ring_at_once(floor):
    floor.arrives("c1", "c2")
    assert floor.offer_to("a").call_id == "c1"
    assert looks(floor, "b") == IN_USE
    assert floor.waiting == ["c2"]


def test_the_other_seat_is_not_rung_while_one_talks(floor):
    floor.arrives("c1", "c2")
    floor.answers("a")
    assert looks(floor, "b") == IN_USE
    floor.seat_leaves("a", "c1")
    assert floor.seat_of("c2") == "b", "it is idle longer"
    assert looks(floor, "a") == IN_USE


def test_a_phone_is_in_use_until_the_operators_leg_has_ended(floor):
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.leaves("c1")
    assert floor.waiting == ["c2"]
    floor.seat_leaves("a", "c1")
    assert floor.waiting == []


def test_the_other_seat_is_free_during_wrap_up(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=30.0), seats=[A, B])
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.seat_of("c2") == "b"
    floor.passes(30)
    assert looks(floor, "a") == IN_USE


def test_a_phone_in_use_costs_no_place_among_idle_seats(make_floor):
    floor = make_floor(Q, seats=[A, B, SeatSettings("c", ("q",))])
    floor.seats_ready("a", "b", "c")
    floor.arrives("c1")
    floor.leaves("c1")
    floor.seat_not_ready("a")
    floor.arrives("c2")
    assert floor.seat_of("c2") == "b"


def test_a_conversation_that_is_found_at_a_phone_ends_what_rang_there(floor):
    floor.arrives("c1")
    floor.found("c2", "b")
    assert floor.cancelled == [("c1", "a")]
    assert looks(floor, "a") == IN_USE
    assert floor.waiting == ["c1"]


def test_a_conversation_that_is_found_at_a_phone_ends_the_one_that_was(floor):
    floor.arrives("c1")
    floor.answers("a")
    floor.found("c2", "b")
    assert floor.call("c1") is CallState.HANDED_OVER
    assert (looks(floor, "a"), floor.call_of("b")) == (IN_USE, "c2")


def test_a_late_answer_does_not_take_a_phone_out_of_its_conversation(floor):
    floor.arrives("c1")
    late = floor.offer_to("a")
    floor.seat_not_ready("a")
    assert floor.seat_of("c1") == "b"
    floor.fails("b")
    floor.arrives("c2", priority=5)
    floor.fails("b")
    floor.seats_ready("b")
    floor.answers("b")
    floor.tell(OfferAnswered("c1", "a", late.offer_id))
    assert floor.commands == []


def test_a_seat_keeps_the_phone_that_it_talks_at_until_it_is_free(floor):
    floor.arrives("c1", "c2")
    floor.answers("a")
    apart = (SeatSettings("a", ("q",), phone="other"), B)
    floor.settings(FloorSettings((Q,), apart))
    assert looks(floor, "b") == IN_USE
    floor.seat_leaves("a", "c1")
    floor.arrives("c3")
    assert {floor.seat_of("c2"), floor.seat_of("c3")} == {"a", "b"}


def test_seats_that_are_given_one_phone_share_it_from_then_on(make_floor):
    floor = make_floor()
    floor.seats_ready("a", "b")
    floor.settings(FloorSettings((Q,), (A, B)))
    floor.arrives("c1", "c2")
    assert floor.waiting == ["c2"]


def test_a_seat_may_share_the_phone_that_is_named_after_another(make_floor):
    floor = make_floor(Q, seats=[SeatSettings("a", ("q",)), SeatSettings("b", ("q",), phone="a")])
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2")
    assert floor.waiting == ["c2"]


def test_a_removed_seat_frees_the_phone_when_its_talk_is_over(floor):
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.settings(FloorSettings((Q,), (B,)))
    assert looks(floor, "b") == IN_USE
    floor.seat_leaves("a", "c1")
    assert not floor.has_seat("a")
    assert floor.seat_of("c2") == "b"
