"""Redials, callers who were dropped, and seats that are kept for them."""

import pytest

from acd.events import AnnouncementEnded, CallArrived, CallNeeds, SurgeSet
from acd.memory import Memory, OldPlace
from acd.model import OfferCause, QueueSettings, SeatState, SkillNeed

HOLD = QueueSettings("q", called_party_hold_s=30.0)


def test_who_hangs_up_and_calls_again_takes_the_old_place(floor):
    floor.arrives("c1", caller="x")
    floor.arrives("c2")
    floor.passes(60)
    floor.leaves("c1")
    floor.passes(60)
    floor.arrives("c3", caller="x")
    assert floor.waiting == ["c3", "c2"]


def test_who_hung_up_while_a_seat_rang_takes_the_old_place_too(floor):
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.arrives("c2")
    floor.fails("a", OfferCause.CALLER_LEFT)
    assert floor.seat_of("c2") == "a"
    floor.arrives("c3")
    floor.arrives("c4", caller="x")
    assert floor.waiting == ["c4", "c3"]


@pytest.mark.parametrize(("away_s", "first"), [(9.9, "c3"), (10.1, "c2")])
def test_a_place_is_kept_for_as_long_as_the_queue_says(make_floor, away_s, first):
    floor = make_floor(QueueSettings("q", redial_s=10.0))
    floor.arrives("c1", caller="x")
    floor.arrives("c2")
    floor.leaves("c1")
    floor.passes(away_s)
    floor.arrives("c3", caller="x")
    assert floor.waiting[0] == first


def test_somebody_else_with_the_callers_number_does_not_take_the_place_away(floor):
    floor.arrives("c1", caller="x")
    floor.arrives("c2")
    floor.leaves("c1")
    floor.arrives("forged", caller="x")
    floor.arrives("c3", caller="x")
    assert floor.waiting == ["forged", "c3", "c2"]


@pytest.mark.parametrize("end", ["hangs up waiting", "is answered"])
def test_nor_is_it_gone_when_they_are(floor, end):
    floor.arrives("c1", caller="x")
    floor.passes(10)
    floor.arrives("c2", "c3")
    floor.leaves("c1")
    floor.passes(60)
    floor.arrives("forged", caller="x")
    if end == "is answered":
        floor.seats_ready("a")
        floor.answers("a")
    floor.leaves("forged")
    floor.arrives("c4", caller="x")
    assert floor.waiting == ["c4", "c2", "c3"]


def test_nor_do_they_spoil_it_by_leaving_from_another_place(floor):
    floor.arrives("c1", caller="x")
    floor.passes(10)
    floor.arrives("c2")
    floor.leaves("c1")
    floor.arrives("forged1", "forged2", "forged3", caller="x")
    floor.leaves("forged3")
    floor.leaves("forged2")
    floor.arrives("c3", caller="x")
    assert floor.waiting == ["forged1", "c3", "c2"]


@pytest.mark.parametrize("dropped", [False, True])
def test_a_number_has_two_calls_in_its_old_place_and_no_more(floor, dropped):
    floor.seats_ready("a")
    if not dropped:
        floor.arrives("c0")
        floor.answers("a")
    floor.arrives("c1", caller="x")
    if dropped:
        floor.answers("a")
    floor.arrives("c2")
    floor.leaves("c1", dropped=dropped)
    floor.arrives("c3", "c4", "c5", "c6", caller="x")
    assert floor.waiting == ["c3", "c4", "c2", "c5", "c6"]


def test_a_place_is_kept_no_longer_by_calling_again_once_the_caller_was_answered(floor):
    floor.arrives("c1", caller="x")
    floor.leaves("c1")
    floor.passes(300)
    floor.arrives("c2", "c3", caller="x")
    floor.seats_ready("a")
    floor.answers("a")
    floor.leaves("c2")
    floor.leaves("c3")
    floor.phone_gone("a")
    floor.passes(299)
    floor.arrives("c4")
    floor.arrives("c5", caller="x")
    assert floor.waiting == ["c5", "c4"]
    floor.leaves("c5")
    floor.passes(2)
    floor.arrives("c6", caller="x")
    assert floor.waiting == ["c4", "c6"]


def test_once_one_call_of_a_dropped_caller_was_answered_the_next_is_not_first_of_all(floor):
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.answers("a")
    floor.arrives("c2")
    floor.leaves("c1", dropped=True)
    floor.arrives("c3", caller="x")
    floor.seat_leaves("a", "c1")
    floor.answers("a")
    floor.leaves("c3")
    floor.arrives("c4", caller="x")
    assert floor.waiting == ["c2", "c4"]


def test_who_comes_back_from_a_conversation_in_the_old_place_is_remembered_as_cut_off(floor):
    floor.arrives("c1", caller="x")
    floor.leaves("c1")
    floor.arrives("c2", caller="x")
    floor.seats_ready("a")
    floor.answers("a")
    floor.arrives("c3", priority=9)
    floor.returns("c2")
    floor.phone_gone("a")
    floor.leaves("c2")
    floor.arrives("c4", caller="x")
    assert floor.waiting == ["c4", "c3"]


def test_callers_of_whom_nothing_is_known_share_no_place(floor):
    floor.arrives("c1")
    floor.arrives("c2")
    floor.leaves("c1")
    floor.arrives("c3")
    assert floor.waiting == ["c2", "c3"]


def test_who_chose_to_be_called_back_keeps_no_place(floor):
    floor.arrives("c1", caller="x")
    floor.arrives("c2")
    floor.leaves("c1", redial=False)
    floor.arrives("c3", caller="x")
    assert floor.waiting == ["c2", "c3"]


def test_who_was_served_and_calls_again_waits_like_everybody(floor):
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.arrives("c2")
    floor.answers("a")
    floor.leaves("c1")
    floor.arrives("c3", caller="x")
    assert floor.waiting == ["c2", "c3"]


def test_who_drops_one_conversation_after_the_other_does_not_keep_others_waiting(floor):
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.answers("a")
    floor.leaves("c1", dropped=True)
    floor.arrives("c2", caller="x")
    floor.seat_leaves("a", "c1")
    floor.answers("a")
    floor.arrives("c3")
    floor.leaves("c2", dropped=True)
    floor.arrives("c4", caller="x")
    assert floor.waiting == ["c3", "c4"]


def test_who_was_dropped_from_a_conversation_and_calls_again_is_first(floor):
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.arrives("c2", priority=9)
    floor.answers("a")
    floor.leaves("c1", dropped=True)
    floor.arrives("c3", caller="x")
    assert floor.waiting == ["c3", "c2"]


def dropped(floor):
    """Caller x was dropped from seat ``a``, which is kept for them; c2 waits."""
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.arrives("c2")
    floor.answers("a")
    floor.leaves("c1", dropped=True)
    floor.seat_leaves("a", "c1")
    return floor


def test_a_seat_is_kept_for_the_caller_who_was_dropped_from_it(make_floor):
    floor = dropped(make_floor(HOLD))
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.WRAP_UP, "held_for_caller")
    assert floor.engine.seat("a").until == pytest.approx(floor.now + 30)
    assert floor.offered == []


def test_the_redial_goes_to_the_seat_that_is_kept_at_once(make_floor):
    floor = dropped(make_floor(HOLD))
    floor.seats_ready("b")
    assert floor.seat_of("c2") == "b"
    floor.arrives("c3", caller="x")
    assert floor.offered == [("c3", "a")]
    floor.takes("a", "c3")
    assert floor.seat("a") is SeatState.READY


def test_a_redial_that_is_faster_than_the_seats_leg_gets_it_as_soon_as_it_is_free(make_floor):
    floor = make_floor(HOLD)
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.answers("a")
    floor.arrives("c2", priority=9)
    floor.leaves("c1", dropped=True)
    floor.arrives("c3", caller="x")
    assert floor.offered == []
    floor.seat_leaves("a", "c1")
    assert floor.offered == [("c3", "a")]


def test_a_seat_is_kept_no_longer_than_the_queue_says(make_floor):
    floor = dropped(make_floor(HOLD))
    floor.passes(29.9)
    assert floor.offered == []
    floor.passes(0.2)
    assert floor.offered == [("c2", "a")]
    floor.arrives("c3", caller="x")
    assert floor.waiting == ["c3"]


def test_an_operator_who_says_ready_is_kept_for_nobody(make_floor):
    floor = dropped(make_floor(HOLD))
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "c2"


def test_a_seat_that_does_not_answer_the_redial_is_kept_no_longer(make_floor):
    floor = dropped(make_floor(HOLD))
    floor.arrives("c3", caller="x")
    floor.fails("a")
    assert floor.offered == [("c3", "a")]
    assert floor.seat("a") is SeatState.OFFERED
    assert floor.waiting == ["c2"]


def test_a_seat_is_free_when_its_caller_is_served_elsewhere(make_floor):
    floor = dropped(make_floor(HOLD))
    floor.phone_gone("a")
    floor.seats_ready("b")
    floor.answers("b")
    floor.seat_leaves("b", "c2")
    floor.arrives("c3", caller="x")
    floor.answers("b")
    floor.phone_back("a")
    assert floor.seat("a") is SeatState.READY


def test_nobody_is_kept_for_a_caller_who_hung_up(make_floor):
    floor = make_floor(HOLD)
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.answers("a")
    floor.leaves("c1")
    floor.seat_leaves("a", "c1")
    assert floor.seat("a") is SeatState.READY


def test_a_dropped_caller_hears_no_message_first(make_floor):
    floor = dropped(make_floor(HOLD))
    floor.tell(SurgeSet("cell", True))
    floor.arrives("c3", caller="x", origin="cell")
    assert floor.announced == []
    assert floor.seat_of("c3") == "a"
    floor.tell(AnnouncementEnded("c3"))
    assert floor.commands == []


def test_the_old_seat_gets_its_caller_back_when_its_phone_is_there_again(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.returns("c1")
    floor.phone_gone("a")
    floor.seats_ready("b")
    assert floor.seat_of("c1") == "b", "nobody waits for a phone that is gone"
    floor.phone_back("a")
    floor.fails("b")
    assert floor.seat_of("c1") == "a"


def test_the_old_seat_is_rung_before_others_that_are_free(floor):
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.answers("a")
    floor.tell(CallNeeds("c1", (SkillNeed("zh"),)))
    floor.returns("c1")
    floor.seats_ready("b")
    floor.phone_gone("a")
    floor.phone_back("a")
    floor.tell(CallNeeds("c1", ()))
    assert floor.seat_of("c1") == "a", "though b is idle longer"


def test_an_older_place_that_is_given_counts_when_it_is_older(floor):
    floor.arrives("c1", caller="x")
    floor.passes(10)
    floor.leaves("c1")
    floor.tell(CallArrived("c2", "q", waiting_since=floor.now - 60, caller="x"))
    assert floor.engine.waiting(floor.now)[0].waited_s == 60


def test_memory_is_bounded_and_forgets_who_left_longest_ago():
    memory = Memory(callers_kept=2)
    for number in range(4):
        memory.keep_place(f"x{number}", OldPlace(1.0, False, until=100.0), now=5.0)
        memory.talked(f"x{number}", "a", now=float(number))
    assert len(memory) == 4
    assert memory.place("x1", 6.0) is None
    assert memory.place("x3", 6.0) == OldPlace(1.0, False, until=100.0, answered=True)
    assert memory.last_seat("x1", since=0.0) is None
    assert memory.last_seat("x3", since=0.0) == "a"


def test_memory_drops_what_time_has_passed_over():
    memory = Memory()
    memory.keep_place("x", OldPlace(1.0, False, until=10.0), now=5.0)
    memory.keep_place("y", OldPlace(1.0, False, until=50.0), now=20.0)
    memory.talked("x", "a", now=5.0)
    memory.forget_seats_before(6.0)
    assert len(memory) == 1
