import itertools

import pytest

from acd.errors import IllegalTransition
from acd.events import RecordSaved, SeatReady, Tick
from acd.model import CallState, QueueSettings, SeatState
from acd.seats import ARROWS, Seat
from acd.skills import Skills

NO_SKILLS = Skills({})


def seat_in(state: SeatState, **facts: str) -> Seat:
    return Seat("a", 1.0, ("q",), NO_SKILLS, phone="a", wanted_phone="a", state=state, **facts)


def test_an_illegal_transition_raises_and_changes_nothing():
    for state, to in itertools.product(SeatState, SeatState):
        seat = seat_in(state)
        if to in ARROWS[state]:
            seat.move(to, 2.0)
            assert (seat.state, seat.since) == (to, 2.0)
        else:
            with pytest.raises(IllegalTransition, match=f"from {state} to {to}"):
                seat.move(to, 2.0)
            assert seat == seat_in(state)


def test_a_seat_that_rings_or_talks_cannot_be_offered_a_call():
    assert [state for state in SeatState if SeatState.OFFERED in ARROWS[state]] == [
        SeatState.NOT_READY,
        SeatState.READY,
        SeatState.WRAP_UP,
    ]
    seat = seat_in(SeatState.TALKING, call_id="c1")
    with pytest.raises(IllegalTransition):
        seat.be_offered("c2", "7", 2.0)
    assert (seat.call_id, seat.offer_id) == ("c1", None)


def test_a_registered_phone_alone_gets_no_calls(floor):
    floor.phone_back("a")
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.NOT_READY, "not_signed_in")
    floor.arrives("c1")
    assert floor.waiting == ["c1"]


def test_an_operator_who_is_ready_before_the_phone_gets_calls_when_it_registers(floor):
    floor.arrives("c1")
    floor.tell(SeatReady("a"))
    assert floor.seat("a") is SeatState.OFFLINE
    floor.phone_back("a")
    assert floor.offered == [("c1", "a")]


def test_a_phone_that_registers_anew_is_as_ready_as_it_was(floor):
    floor.seats_ready("a", "b")
    floor.seat_not_ready("b", "training")
    for seat_id in ("a", "b"):
        floor.phone_gone(seat_id)
        assert floor.seat(seat_id) is SeatState.OFFLINE
        floor.phone_back(seat_id)
    assert floor.seat("a") is SeatState.READY
    assert (floor.seat("b"), floor.reason("b")) == (SeatState.NOT_READY, "training")


def test_every_change_of_a_seat_is_told_once(floor):
    floor.seats_ready("a")
    assert floor.seat_changes == [("a", SeatState.READY)]
    floor.tell(SeatReady("a"))
    assert floor.commands == []
    floor.arrives("c1")
    assert floor.seat_changes == [("a", SeatState.OFFERED)]
    floor.answers("a")
    assert floor.seat_changes == [("a", SeatState.TALKING)]
    floor.seat_leaves("a", "c1")
    assert floor.seat_changes == [("a", SeatState.READY)]


def test_another_reason_is_told(floor):
    floor.seats_ready("a")
    floor.seat_not_ready("a", "lunch")
    floor.seat_not_ready("a", "training")
    assert floor.seat_changes == [("a", SeatState.NOT_READY)]
    assert floor.reason("a") == "training"


def test_a_seat_made_not_ready_while_talking_becomes_so_after_the_call(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.seat_not_ready("a", "lunch")
    assert floor.seat("a") is SeatState.TALKING
    floor.arrives("c2")
    floor.seat_leaves("a", "c1")
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.NOT_READY, "lunch")
    assert floor.offered == []


def test_an_operator_who_changes_their_mind_while_talking_gets_the_next_call(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_not_ready("a")
    floor.tell(SeatReady("a"))
    floor.seat_leaves("a", "c1")
    assert floor.offered == [("c2", "a")]


def test_an_operator_who_walks_away_from_a_ringing_phone_passes_the_call_on(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.seat_not_ready("a")
    assert floor.cancelled == [("c1", "a")]
    assert floor.offered == [("c1", "b")]
    assert floor.seat("a") is SeatState.NOT_READY


def test_a_phone_that_unregisters_while_ringing_passes_the_call_on(floor):
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.phone_gone("a")
    assert floor.cancelled == [("c1", "a")]
    assert floor.offered == [("c1", "b")]
    assert floor.seat("a") is SeatState.OFFLINE


def test_a_phone_that_unregisters_while_talking_is_offline_after_the_call(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.phone_gone("a")
    assert floor.call("c1") is CallState.TALKING
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.OFFLINE


def test_a_freed_seat_takes_the_next_caller_in_the_same_moment(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.seat_changes == [("a", SeatState.READY), ("a", SeatState.OFFERED)]
    assert floor.offered == [("c2", "a")]
    assert floor.call("c1") is CallState.HANDED_OVER, "the caller may be with an officer"


def test_a_seat_that_leaves_twice_loses_nothing_of_its_next_call(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.commands == []
    assert floor.call_of("a") == "c2"


def test_a_leg_that_ends_before_it_answered_is_no_talk_that_ended(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.OFFERED


def test_wrap_up_holds_the_next_call_back_until_it_is_over(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=20.0))
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.WRAP_UP
    floor.passes(19.9)
    assert floor.offered == []
    floor.passes(0.1)
    assert floor.offered == [("c2", "a")]


@pytest.mark.parametrize("done", [RecordSaved("a"), SeatReady("a")])
def test_wrap_up_ends_when_the_work_is_done(make_floor, done):
    floor = make_floor(QueueSettings("q", wrap_up_s=20.0))
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.tell(done)
    assert floor.offered == [("c2", "a")]
    floor.answers("a")
    assert floor.engine.next_wakeup() is None


def test_a_record_saved_while_talking_ends_no_wrap_up_to_come(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=20.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.tell(RecordSaved("a"))
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.WRAP_UP


def test_wrap_up_is_that_of_the_calls_queue(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=20.0), QueueSettings("r"))
    floor.seats_ready("a")
    floor.arrives("c1", queue="r")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.READY


def test_not_ready_ends_wrap_up_for_good(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=20.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.seat_not_ready("a")
    assert floor.seat("a") is SeatState.NOT_READY
    assert floor.engine.next_wakeup() is None
    floor.passes(30)
    assert floor.seat("a") is SeatState.NOT_READY


def test_a_phone_that_flaps_within_wrap_up_shortens_nothing(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=20.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.seat_leaves("a", "c1")
    floor.phone_gone("a")
    floor.passes(5)
    floor.phone_back("a")
    assert floor.seat("a") is SeatState.WRAP_UP
    floor.passes(15)
    assert floor.seat("a") is SeatState.READY


def test_a_view_says_since_when(floor):
    floor.seats_ready("a")
    since = floor.engine.seats()[0].since
    floor.passes(50)
    floor.tell(Tick())
    assert floor.engine.seats()[0].since == since
    floor.seat_not_ready("a")
    assert floor.engine.seats()[0].since == since + 50 + 0.001


def test_a_clock_that_goes_back_stands_still(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    due = floor.engine.next_wakeup()
    floor.now -= 500
    floor.arrives("c2")
    assert floor.engine.next_wakeup() == due
    assert floor.engine.waiting(floor.now)[0].waited_s == 0.0
