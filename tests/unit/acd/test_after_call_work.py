import pytest

from acd.events import RecordSaved, SeatReady, WrapUpWanted
from acd.model import AfterCall, QueueSettings, SeatState


def after_talk(make_floor, mode, wrap_up_s=20.0, *, wanted=False):
    """Seat ``a`` has just talked with c1."""
    floor = make_floor(QueueSettings("q", after_call=mode, wrap_up_s=wrap_up_s))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    if wanted:
        floor.tell(WrapUpWanted("a"))
    floor.seat_leaves("a", "c1")
    floor.leaves("c1")
    return floor


@pytest.mark.parametrize("wanted", [False, True])
def test_without_after_call_work_the_next_call_may_come_at_once(make_floor, wanted):
    floor = after_talk(make_floor, AfterCall.NONE, wanted=wanted)
    assert floor.seat("a") is SeatState.READY
    floor.tell(WrapUpWanted("a"))
    assert floor.seat("a") is SeatState.READY


def test_optional_work_follows_only_when_it_was_asked_for(make_floor):
    assert after_talk(make_floor, AfterCall.OPTIONAL).seat("a") is SeatState.READY
    floor = after_talk(make_floor, AfterCall.OPTIONAL, wanted=True)
    assert floor.seat("a") is SeatState.WRAP_UP
    floor.passes(20)
    assert floor.seat("a") is SeatState.READY


def test_optional_work_may_be_asked_for_just_after_the_talk(make_floor):
    floor = after_talk(make_floor, AfterCall.OPTIONAL)
    floor.passes(3)
    floor.tell(WrapUpWanted("a"))
    assert floor.seat("a") is SeatState.WRAP_UP


def test_optional_work_may_not_be_asked_for_long_after(make_floor):
    floor = after_talk(make_floor, AfterCall.OPTIONAL)
    floor.passes(60)
    floor.tell(WrapUpWanted("a"))
    assert floor.seat("a") is SeatState.READY


def test_what_was_asked_for_one_call_does_not_count_for_the_next(make_floor):
    floor = after_talk(make_floor, AfterCall.OPTIONAL, wanted=True)
    floor.tell(SeatReady("a"))
    floor.arrives("c2")
    floor.takes("a", "c2")
    assert floor.seat("a") is SeatState.READY


def test_work_until_the_record_is_saved_lasts_until_then(make_floor):
    floor = after_talk(make_floor, AfterCall.UNTIL_SAVED, wrap_up_s=0.0)
    assert floor.engine.seat("a").until is None
    floor.passes(7200)
    assert floor.seat("a") is SeatState.WRAP_UP
    floor.tell(RecordSaved("a"))
    assert floor.seat("a") is SeatState.READY


def test_work_until_saved_may_have_a_bound(make_floor):
    floor = after_talk(make_floor, AfterCall.UNTIL_SAVED, wrap_up_s=90.0)
    assert floor.engine.seat("a").until == floor.now + 90
    floor.passes(90)
    assert floor.seat("a") is SeatState.READY


def test_an_operator_may_ask_for_more_time(make_floor):
    floor = after_talk(make_floor, AfterCall.TIMED)
    floor.passes(15)
    floor.tell(WrapUpWanted("a"))
    floor.passes(15)
    assert floor.seat("a") is SeatState.WRAP_UP
    floor.passes(5)
    assert floor.seat("a") is SeatState.READY


def test_a_seat_that_rings_or_rests_cannot_ask_for_work(make_floor):
    floor = after_talk(make_floor, AfterCall.TIMED, wrap_up_s=0.0)
    floor.arrives("c2")
    floor.tell(WrapUpWanted("a"))
    floor.seat_not_ready("b")
    floor.tell(WrapUpWanted("b"))
    assert floor.commands == []


def test_a_view_says_how_long_a_pause_lasts(make_floor):
    floor = make_floor(QueueSettings("q", no_answer_pause_s=7.0))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.fails("a")
    assert floor.engine.seat("a").until == floor.now + 7
    floor.seat_not_ready("a", "lunch")
    assert floor.engine.seat("a").until is None
