"""An answer that crossed a cancellation on the wire: who is in conversation is talking."""

from acd.model import CallState, SeatState


def ring_then_cancel_by_registration(floor):
    """Seat ``a`` rang for c1 and dropped its registration; the offer is over."""
    floor.seats_ready("a")
    floor.arrives("c1")
    offer = floor.offer_to("a")
    floor.phone_gone("a")
    return offer


def test_a_seat_that_answers_twice_talks_once(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    offer = floor.offer_to("a")
    floor.answers_offer(offer)
    floor.answers_offer(offer)
    assert floor.commands == []
    assert floor.call_of("a") == "c1"


def test_a_late_answer_counts_while_the_caller_still_waits(floor):
    offer = ring_then_cancel_by_registration(floor)
    assert floor.waiting == ["c1"]
    floor.answers_offer(offer)
    assert floor.cancelled == []
    assert (floor.seat("a"), floor.seat_of("c1")) == (SeatState.TALKING, "a")
    assert floor.waiting == []
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.OFFLINE


def test_a_late_answer_stops_the_phone_that_rings_by_now(floor):
    offer = ring_then_cancel_by_registration(floor)
    floor.seats_ready("b")
    assert floor.call_of("b") == "c1"
    floor.answers_offer(offer)
    assert floor.cancelled == [("c1", "b")]
    assert floor.seat_of("c1") == "a"
    assert floor.seat("b") is SeatState.READY


def test_the_second_of_two_seats_that_answer_gets_nothing(floor):
    offer = ring_then_cancel_by_registration(floor)
    floor.seats_ready("b")
    floor.answers("b")
    floor.answers_offer(offer)
    assert floor.commands == []
    assert (floor.seat_of("c1"), floor.seat("a")) == ("b", SeatState.OFFLINE)


def test_a_cancelled_seat_that_answers_after_the_late_answer_gets_nothing(floor):
    offer_a = ring_then_cancel_by_registration(floor)
    floor.seats_ready("b")
    offer_b = floor.offer_to("b")
    floor.answers_offer(offer_a)
    floor.answers_offer(offer_b)
    assert floor.commands == []
    assert (floor.seat_of("c1"), floor.seat("b")) == ("a", SeatState.READY)


def test_a_late_answer_frees_the_seat_from_the_call_it_was_offered_since(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    late = floor.offer_to("a")
    floor.seat_not_ready("a")
    floor.arrives("c2", priority=5)
    floor.seats_ready("a")
    assert floor.call_of("a") == "c2"
    floor.answers_offer(late)
    assert floor.cancelled == [("c2", "a")]
    assert floor.seat_of("c1") == "a"
    assert floor.waiting == ["c2"]


def test_a_late_answer_exchanges_the_calls_of_two_seats_when_that_is_the_truth(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    late = floor.offer_to("a")
    floor.seat_not_ready("a")
    assert floor.call_of("b") == "c1"
    floor.arrives("c2")
    floor.seats_ready("a")
    assert floor.call_of("a") == "c2"
    floor.answers_offer(late)
    assert sorted(floor.cancelled) == [("c1", "b"), ("c2", "a")]
    assert floor.offered == [("c2", "b")]
    assert floor.seat_of("c1") == "a"


def test_a_late_answer_does_not_take_a_seat_out_of_its_conversation(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    late = floor.offer_to("a")
    floor.seat_not_ready("a")
    floor.arrives("c2", priority=5)
    floor.seats_ready("a")
    floor.answers("a")
    floor.answers_offer(late)
    assert floor.commands == []
    assert floor.call_of("a") == "c2"
    assert floor.waiting == ["c1"]


def test_a_late_answer_to_an_earlier_ring_of_the_same_call_is_an_answer(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    first = floor.offer_to("a")
    floor.fails("a")
    floor.answers_offer(first)
    assert floor.cancelled == [], "a cancellation would cut the conversation"
    assert floor.seat_of("c1") == "a"
    floor.passes(60)
    assert floor.call("c1") is CallState.TALKING


def test_an_operator_who_answers_after_saying_not_ready_is_not_ready_after_the_call(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    offer = floor.offer_to("a")
    floor.seat_not_ready("a", "lunch")
    floor.answers_offer(offer)
    assert floor.seat("a") is SeatState.TALKING
    floor.seat_leaves("a", "c1")
    assert floor.reason("a") == "lunch"


def test_an_answer_after_expiry_is_an_answer(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    late = floor.offer_to("a")
    floor.passes(20)
    assert floor.call_of("b") == "c1"
    floor.answers_offer(late)
    assert floor.cancelled == [("c1", "b")]
    assert floor.seat_of("c1") == "a"
