"""What is found on Asterisk after a restart or a reconnect is the truth."""

from acd.events import CallAdopted
from acd.model import CallState, OfferCause, QueueSettings, SeatState


def test_a_conversation_that_is_found_goes_on(floor):
    floor.seats_ready("a")
    floor.found("c1", "a")
    assert (floor.seat_of("c1"), floor.seat("a")) == ("a", SeatState.TALKING)
    floor.arrives("c2")
    assert floor.waiting == ["c2"]
    floor.seat_leaves("a", "c1")
    assert floor.offered == [("c2", "a")]


def test_a_call_found_without_one_of_our_seats_is_left_alone(floor):
    floor.seats_ready("a")
    floor.found("c1", None)
    assert floor.commands == []
    assert floor.call("c1") is CallState.HANDED_OVER


def test_a_seat_that_is_not_registered_yet_talks_all_the_same(floor):
    floor.found("c1", "a")
    assert floor.seat("a") is SeatState.TALKING
    floor.seats_ready("a")
    assert floor.seat("a") is SeatState.TALKING
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.READY


def test_a_seat_that_never_registers_is_offline_after_the_call(floor):
    floor.found("c1", "a")
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.OFFLINE


def test_a_phone_that_is_no_seat_is_nobody_of_ours(floor):
    floor.found("c1", "visitor")
    assert floor.call("c1") is CallState.HANDED_OVER


def test_adopting_what_is_known_changes_nothing(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.found("c1", "a")
    assert floor.commands == []
    floor.seat_leaves("a", "c1")
    floor.found("c1", None)
    assert floor.commands == []


def test_a_waiting_call_that_is_found_talking_waits_no_longer(floor):
    floor.arrives("c1")
    floor.found("c1", "a")
    assert floor.waiting == []
    assert floor.seat_of("c1") == "a"


def test_a_waiting_call_that_is_found_with_an_officer_waits_no_longer(floor):
    floor.arrives("c1")
    floor.found("c1", None)
    floor.seats_ready("a")
    assert floor.offered == []
    assert floor.call("c1") is CallState.HANDED_OVER


def test_a_ringing_call_that_is_found_talking_with_that_seat_was_answered(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.found("c1", "a")
    assert floor.cancelled == []
    assert floor.seat("a") is SeatState.TALKING


def test_a_ringing_call_that_is_found_elsewhere_rings_no_more(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.found("c1", "b")
    assert floor.cancelled == [("c1", "a")]
    assert floor.seat_of("c1") == "b"
    assert floor.seat("a") is SeatState.READY
    floor.arrives("c2")
    floor.found("c2", None)
    assert floor.cancelled == [("c2", "a")]
    assert floor.seat("a") is SeatState.READY


def test_a_call_that_is_found_with_another_seat_is_with_that_one(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.answers("a")
    floor.found("c1", "b")
    assert floor.seat_of("c1") == "b"
    assert floor.seat("a") is SeatState.READY


def test_a_call_that_is_found_without_its_seat_frees_it(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=9.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.found("c1", None)
    assert floor.call("c1") is CallState.HANDED_OVER
    assert floor.seat("a") is SeatState.WRAP_UP


def test_a_seat_that_is_found_with_another_call_loses_neither_call(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.found("c2", "a")
    assert floor.call_of("a") == "c2"
    assert floor.call("c1") is CallState.HANDED_OVER
    floor.seat_leaves("a", "c1")
    assert floor.call_of("a") == "c2"


def test_a_ringing_seat_that_is_found_with_another_call_passes_the_offer_on(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.found("c2", "a")
    assert floor.cancelled == [("c1", "a")]
    assert floor.offered == [("c1", "b")]


def test_a_caller_believed_gone_who_is_found_talking_is_there(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.leaves("c1")
    floor.found("c1", "a")
    assert floor.call_of("a") == "c1"
    floor.passes(60)
    assert floor.call_of("a") == "c1"


def test_an_adopted_caller_who_comes_back_goes_to_the_head(floor):
    floor.tell(CallAdopted("c1", "q", "a", waiting_since=5.0))
    floor.arrives("c2")
    floor.returns("c1")
    assert floor.waiting == ["c1", "c2"]


def test_what_held_a_seat_back_before_it_is_found_talking_does_not_after(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=60.0, busy_pause_s=60.0), QueueSettings("r"))
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.WRAP_UP
    floor.fails("b", OfferCause.BUSY)
    assert floor.reason("b") == "busy"
    floor.leaves("c2")
    floor.found("c3", "a", queue="r")
    floor.found("c4", "b", queue="r")
    floor.seat_leaves("a", "c3")
    floor.seat_leaves("b", "c4")
    assert (floor.seat("a"), floor.seat("b")) == (SeatState.READY, SeatState.READY)


def test_the_end_of_a_leg_that_was_awaited_ends_no_later_conversation(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.leaves("c1")
    floor.found("c2", "a")
    floor.seat_leaves("a", "c1")
    assert floor.commands == []
    assert floor.call_of("a") == "c2"


def test_wrap_up_that_ran_is_over_for_a_seat_that_is_found_talking(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=9.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.found("c2", "a")
    assert floor.engine.next_wakeup() is None
    floor.passes(20)
    assert floor.call_of("a") == "c2"
