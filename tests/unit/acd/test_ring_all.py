import pytest

from acd.events import OfferAnswered, OfferFailed
from acd.model import CallState, OfferCause, QueueSettings, SeatSettings, SeatState, Strategy

RING_ALL = QueueSettings("q", strategy=Strategy.RING_ALL)


@pytest.fixture
def floor(make_floor):
    floor = make_floor(RING_ALL, seats={seat_id: ("q",) for seat_id in "abc"})
    floor.seats_ready("a", "b", "c")
    return floor


def test_all_free_seats_ring_for_one_call(floor):
    floor.arrives("c1", "c2")
    assert floor.rings_at("c1") == ["a", "b", "c"]
    assert floor.waiting == ["c2"]


def test_the_first_answer_has_the_call_and_the_others_are_free_for_the_next(floor):
    floor.arrives("c1", "c2")
    floor.answers("b")
    assert floor.seat_of("c1") == "b"
    assert floor.cancelled == [], "Asterisk stops the other phones, and the caller talks"
    assert floor.rings_at("c2") == ["a", "c"]


def test_the_second_answer_has_nothing(floor):
    floor.arrives("c1")
    offer = floor.offer_to("a")
    floor.answers("b")
    floor.tell(OfferAnswered("c1", "a", offer.offer_id))
    assert floor.commands == []
    assert floor.seat("a") is SeatState.READY


def test_seats_rung_in_vain_keep_their_turn(make_floor):
    floor = make_floor(RING_ALL, QueueSettings("r"))
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.answers("b")
    floor.seat_leaves("b", "c1")
    floor.arrives("c2", queue="r")
    assert floor.seat_of("c2") == "a"


def test_a_call_that_nobody_answers_is_missed_by_all_who_rang(floor):
    floor.arrives("c1")
    floor.fails("b")
    assert floor.rings_at("c1") == ["a", "b", "c"]
    floor.fails("c")
    assert [floor.reason(seat) for seat in "abc"] == ["missed_calls"] * 3
    assert floor.waiting == ["c1"]


def test_a_failure_is_heard_once(floor):
    floor.arrives("c1")
    offer = floor.offer_to("a")
    for seat_id in "abc":
        floor.tell(OfferFailed("c1", seat_id, offer.offer_id, OfferCause.NO_ANSWER))
    assert [floor.seat(seat) for seat in "abc"] == [SeatState.OFFERED] * 3


def test_a_seat_that_goes_away_leaves_the_others_ringing(floor):
    floor.arrives("c1")
    floor.phone_gone("a")
    assert floor.cancelled == []
    assert floor.rings_at("c1") == ["b", "c"]
    floor.fails("b")
    floor.fails("b")
    assert floor.seat("a") is SeatState.OFFLINE
    floor.phone_back("a")
    assert floor.rings_at("c1") == ["a"], "who was away missed nothing"


def test_the_last_seat_that_goes_away_ends_the_offer(floor):
    floor.arrives("c1")
    for seat_id in "abc":
        floor.phone_gone(seat_id)
    assert floor.cancelled == [("c1", "a+b+c")]
    assert floor.waiting == ["c1"]


def test_a_phone_that_may_ring_on_for_the_others_is_rung_for_nobody_else(floor):
    floor.arrives("c1", "c2")
    floor.seat_not_ready("a")
    floor.seats_ready("a")
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.NOT_READY, "phone_in_use")
    floor.answers("b")
    assert floor.rings_at("c2") == ["c", "a"] or floor.rings_at("c2") == ["a", "c"]


def test_a_seat_that_went_away_and_answers_all_the_same_has_the_call(floor):
    floor.arrives("c1")
    offer = floor.offer_to("a")
    floor.seat_not_ready("a")
    floor.tell(OfferAnswered("c1", "a", offer.offer_id))
    assert (floor.call("c1"), floor.seat_of("c1")) == (CallState.TALKING, "a")
    assert [floor.seat(seat) for seat in "bc"] == [SeatState.READY] * 2


def test_a_failure_may_name_a_seat_that_went_away(floor):
    floor.arrives("c1")
    offer = floor.offer_to("a")
    floor.seat_not_ready("a")
    floor.tell(OfferFailed("c1", "a", offer.offer_id, OfferCause.NO_ANSWER))
    assert floor.rings_at("c1") == ["b", "c"]
    assert floor.reason("a") == "lunch"


def test_an_offer_to_all_expires_for_all(floor):
    floor.arrives("c1")
    floor.passes(20)
    assert floor.cancelled == [("c1", "a+b+c")]
    assert floor.rings_at("c1") == ["a", "b", "c"]


def test_a_caller_who_leaves_frees_all(floor):
    floor.arrives("c1", "c2")
    floor.leaves("c1")
    assert floor.cancelled == [("c1", "a+b+c")]
    assert floor.rings_at("c2") == ["a", "b", "c"]


def test_of_seats_at_one_phone_one_rings(make_floor):
    floor = make_floor(
        RING_ALL,
        seats=[
            SeatSettings("a", ("q",), phone="desk"),
            SeatSettings("b", ("q",), phone="desk"),
            SeatSettings("c", ("q",)),
        ],
    )
    floor.seats_ready("a", "b", "c")
    floor.arrives("c1")
    assert floor.rings_at("c1") == ["a", "c"]
    assert floor.reason("b") == "phone_in_use"
