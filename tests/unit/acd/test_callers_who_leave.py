from acd.events import OfferFailed
from acd.model import CallState, OfferCause, QueueSettings, SeatState


def test_a_caller_who_leaves_while_waiting_is_forgotten(floor):
    floor.arrives("c1", "c2")
    floor.leaves("c1")
    assert floor.call("c1") is None
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "c2"


def test_a_caller_who_leaves_while_a_seat_rings_frees_it_for_the_next(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.leaves("c1")
    assert floor.cancelled == [("c1", "a")]
    assert floor.offered == [("c2", "a")]


def test_a_seat_rung_in_vain_keeps_its_turn_and_is_blamed_for_nothing(floor):
    floor.seats_ready("a", "b")
    for call_id in ("c1", "c2", "c3"):
        floor.arrives(call_id)
        assert floor.seat_of(call_id) == "a"
        floor.leaves(call_id)
    assert floor.seat("a") is SeatState.READY


def test_a_seat_whose_caller_left_gets_its_next_call_when_its_own_leg_has_ended(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.leaves("c1")
    assert floor.offered == [], "its phone would still say busy"
    assert (floor.seat("a"), floor.call_of("a")) == (SeatState.TALKING, None)
    floor.seat_leaves("a", "c1")
    assert floor.offered == [("c2", "a")]
    assert floor.call("c1") is None


def test_a_seat_whose_leg_never_says_that_it_ended_is_freed_all_the_same(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.leaves("c1")
    floor.passes(5)
    assert floor.offered == [("c2", "a")]
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.call_of("a") == "c2"


def test_a_leg_that_ended_is_not_missed_later(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.leaves("c1")
    floor.seat_leaves("a", "c1")
    floor.passes(10)
    assert (floor.seat("a"), floor.call_of("a")) == (SeatState.OFFERED, "c2")


def test_a_pause_that_ends_before_the_seats_leg_does_rings_no_phone_in_a_call(make_floor):
    floor = make_floor(QueueSettings("q", unreachable_pause_s=1.0))
    floor.seats_ready("a")
    floor.found("c0", None)
    floor.arrives("c1")
    floor.answers("a")
    floor.leaves("c1")
    floor.returns("c0", lost_seat="a")
    floor.passes(4)
    assert floor.offered == []
    floor.seat_leaves("a", "c1")
    assert floor.offered == [("c0", "a")]


def test_wrap_up_follows_also_when_the_caller_hung_up_first(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=20.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.leaves("c1")
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.WRAP_UP


def test_a_call_that_was_handed_over_is_forgotten_when_its_caller_leaves(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.call("c1") is CallState.HANDED_OVER
    floor.leaves("c1")
    assert floor.call("c1") is None
    assert floor.commands == []


def test_a_caller_who_leaves_twice_left_once(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.leaves("c1")
    floor.leaves("c1")
    assert floor.commands == []


def test_an_answer_after_the_caller_left_binds_no_seat(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    offer = floor.offer_to("a")
    floor.leaves("c1")
    floor.answers_offer(offer)
    assert floor.commands == []
    assert floor.seat("a") is SeatState.READY


def test_a_failed_offer_after_the_caller_left_blames_nobody(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    offer = floor.offer_to("a")
    floor.leaves("c1")
    floor.arrives("c2")
    for cause in OfferCause:
        floor.tell(OfferFailed("c1", "a", offer.offer_id, cause))
        assert floor.commands == []
    assert floor.offer_to("a").call_id == "c2"


def test_a_returned_caller_goes_to_the_head_of_the_queue(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2", "c3")
    floor.answers("a")
    floor.passes(60)
    floor.returns("c1")
    assert floor.waiting == ["c1", "c2", "c3"]
    assert floor.engine.waiting(floor.now)[0].waited_s == 0.0


def test_a_returned_caller_goes_before_higher_priority_and_gets_the_next_seat(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.arrives("c2", priority=9)
    floor.returns("c1")
    floor.seats_ready("b")
    assert floor.offer_to("b").call_id == "c1"


def test_two_returned_callers_go_in_the_order_of_their_return(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2", "c3")
    floor.answers("a")
    floor.answers("b")
    floor.returns("c2")
    floor.passes(1)
    floor.returns("c1")
    assert floor.waiting == ["c2", "c1", "c3"]


def test_a_caller_who_is_returned_twice_is_returned_once(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.answers("a")
    floor.returns("c1")
    assert floor.offered == [("c1", "b")]
    floor.returns("c1")
    assert floor.commands == []
    floor.phone_gone("b")
    floor.returns("c1")
    assert floor.commands == []
    assert floor.waiting == ["c1"]


def test_a_caller_can_be_cut_off_from_a_second_conversation(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.returns("c1")
    floor.fails("b")
    floor.answers("b")
    assert floor.call_of("b") == "c1"
    floor.returns("c1")
    assert floor.waiting == ["c1", "c2"]


def test_a_seat_whose_phone_vanished_is_not_rung_until_it_registers_anew(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.returns("c1")
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.NOT_READY, "phone_lost")
    assert floor.offered == []
    floor.seat_leaves("a", "c1")
    assert floor.commands == []
    floor.phone_gone("a")
    floor.phone_back("a")
    assert floor.offered == [("c1", "a")]


def test_a_seat_whose_phone_vanished_is_tried_again_after_a_pause(make_floor):
    floor = make_floor(QueueSettings("q", unreachable_pause_s=15.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.returns("c1")
    floor.passes(14.9)
    assert floor.offered == []
    floor.passes(0.2)
    assert floor.offered == [("c1", "a")]


def test_the_seat_that_is_named_is_not_rung_though_it_left_before_the_return(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.returns("c1", lost_seat="a")
    assert floor.offered == []
    assert floor.reason("a") == "phone_lost"
    assert floor.waiting == ["c1"]


def test_a_call_that_the_lost_phone_was_offered_meanwhile_goes_to_another(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.call_of("a") == "c2"
    floor.returns("c1", lost_seat="a")
    assert floor.cancelled == [("c2", "a")]
    assert floor.waiting == ["c1", "c2"]
    assert floor.reason("a") == "phone_lost"


def test_a_seat_that_talks_with_another_caller_by_now_has_not_lost_its_phone(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.answers("a")
    floor.returns("c1", lost_seat="a")
    assert floor.call_of("a") == "c2"
    floor.seat_leaves("a", "c2")
    assert floor.offered == [("c1", "a")]


def test_an_operator_who_left_long_ago_does_not_pay_for_an_officers_phone(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.returns("c1")
    assert floor.offered == [("c1", "a")]


def test_a_return_of_a_call_whose_answer_was_never_heard_ends_its_offer(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.returns("c1")
    assert floor.cancelled == [("c1", "a")]
    assert floor.offered == [("c1", "b")]
    assert floor.reason("a") == "phone_lost"


def test_a_seat_that_rings_for_a_call_cut_off_elsewhere_is_free_again(floor):
    floor.seats_ready("b", "a")
    floor.arrives("c1")
    floor.returns("c1", lost_seat="a")
    assert floor.cancelled == [("c1", "b")]
    assert floor.reason("a") == "phone_lost"
    assert floor.offered == [("c1", "b")]


def test_a_return_of_a_call_that_waits_by_our_books_moves_it_to_the_head(floor):
    floor.arrives("c1", "c2")
    floor.returns("c2")
    assert floor.waiting == ["c2", "c1"]
