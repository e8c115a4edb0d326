"""What people ask for a waiting call: another priority, another queue, this very seat."""

import pytest

from acd.events import CallMoved, CallPrioritised, RecordSaved, SeatReady, SeatRegistered, SurgeSet
from acd.model import (
    NoticeKind,
    OfferCause,
    OverflowRule,
    OverflowTo,
    OverflowWhen,
    QueueSettings,
    SeatSettings,
    SeatState,
)


def test_a_person_gives_a_waiting_call_another_priority(floor):
    floor.arrives("c1", "c2")
    floor.tell(CallPrioritised("c2", 5))
    assert floor.waiting == ["c2", "c1"]
    assert floor.engine.waiting(floor.now)[0].priority == 5
    floor.tell(CallPrioritised("c2", -5))
    assert floor.waiting == ["c1", "c2"]


def test_a_priority_given_while_a_seat_rings_counts_when_the_call_waits_again(floor):
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.tell(CallPrioritised("c1", -5))
    assert floor.commands == []
    floor.fails("a")
    assert floor.seat_of("c2") == "a"
    assert floor.waiting == ["c1"]


def test_a_call_that_is_moved_keeps_the_time_that_it_waited(make_floor):
    floor = make_floor(QueueSettings("q"), QueueSettings("r"), seats={"a": ("q",), "b": ("r",)})
    floor.arrives("c1")
    floor.arrives("c2", queue="r")
    floor.passes(10)
    floor.tell(CallMoved("c1", "r"))
    assert [(w.call_id, w.queue) for w in floor.engine.waiting(floor.now)] == [
        ("c1", "r"),
        ("c2", "r"),
    ]
    floor.seats_ready("b")
    assert floor.seat_of("c1") == "b"


def test_a_call_that_is_moved_follows_the_rules_of_its_new_queue(make_floor):
    to_everybody = OverflowRule(OverflowWhen.WAITED_S, OverflowTo.EVERYBODY, 10.0)
    floor = make_floor(
        QueueSettings("q", overflow=(to_everybody,)),
        QueueSettings("r"),
        seats={"a": ("q",), "b": ("r",), "boss": ()},
    )
    floor.arrives("c1")
    floor.passes(10)
    floor.tell(CallMoved("c1", "r"))
    floor.seats_ready("boss")
    assert floor.waiting == ["c1"]
    assert not floor.engine.waiting(floor.now)[0].overflowed


def test_a_call_cannot_be_moved_to_a_queue_that_is_not_there(make_floor):
    floor = make_floor(QueueSettings("q"), QueueSettings("r"))
    floor.arrives("c1")
    floor.tell(CallMoved("c1", "typo"))
    assert floor.refused == ["there is no queue typo: choose one of q, r"]
    assert floor.waiting == ["c1"]


def test_only_a_call_that_waits_can_be_moved(make_floor):
    floor = make_floor(QueueSettings("q"), QueueSettings("r"))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.tell(CallMoved("c1", "r"))
    assert "it rings at seat a" in floor.refused[0]
    floor.answers("a")
    floor.tell(CallMoved("c1", "r"))
    assert "seat a talks with the caller" in floor.refused[0]


def test_moving_a_call_to_where_it_is_changes_nothing(floor):
    floor.arrives("c1")
    floor.tell(CallMoved("c1", "q"))
    assert floor.commands == []


def test_a_call_moved_to_a_queue_that_no_seat_serves_is_told(make_floor):
    floor = make_floor(QueueSettings("q"), QueueSettings("r"), seats={"a": ("q",)})
    floor.seat_not_ready("a")
    floor.arrives("c1")
    floor.tell(CallMoved("c1", "r"))
    assert (NoticeKind.QUEUE_WITHOUT_SEATS, "r") in floor.notices


def test_a_picked_call_rings_at_that_seat_out_of_turn(floor):
    floor.seats_ready("a")
    floor.seat_not_ready("a")
    floor.arrives("c1", "c2")
    floor.picks("c2", "a")
    assert floor.offered == [("c2", "a")]
    assert floor.waiting == ["c1"]


@pytest.mark.parametrize("answered", [True, False])
def test_a_seat_that_picked_while_not_ready_is_not_ready_after(floor, answered):
    floor.seats_ready("a")
    floor.seat_not_ready("a", "lunch")
    floor.arrives("c1", "c2")
    floor.picks("c1", "a")
    if answered:
        floor.takes("a", "c1")
    else:
        floor.fails("a")
        floor.picks("c1", "a")
        floor.fails("a")
    assert (floor.seat("a"), floor.reason("a")) == (SeatState.NOT_READY, "lunch")


def test_a_picked_offer_ends_for_no_news_of_the_seat_but_its_going_away(floor):
    floor.seats_ready("a")
    floor.seat_not_ready("a")
    floor.arrives("c1")
    floor.picks("c1", "a")
    for news in (SeatRegistered("a"), RecordSaved("a"), SeatReady("a")):
        assert floor.tell(news) == []
    assert floor.rings_at("c1") == ["a"]
    floor.seat_not_ready("a", "lunch")
    assert floor.cancelled == [("c1", "a")]


def test_a_seat_in_wrap_up_may_pick_and_wraps_up_on_if_it_does_not_answer(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=60.0))
    floor.seats_ready("a")
    floor.arrives("c1", "c2")
    floor.takes("a", "c1")
    floor.picks("c2", "a")
    assert floor.rings_at("c2") == ["a"]
    floor.fails("a", OfferCause.BUSY)
    assert floor.seat("a") is SeatState.WRAP_UP


def test_a_seat_may_pick_what_is_not_for_its_skills_or_queues(make_floor):
    floor = make_floor(QueueSettings("q"), seats={"a": ("q",), "boss": ()})
    floor.seats_ready("boss")
    floor.arrives("c1")
    floor.picks("c1", "boss")
    assert floor.rings_at("c1") == ["boss"]


def test_a_call_that_hears_a_message_first_may_be_picked(floor):
    floor.seats_ready("a")
    floor.tell(SurgeSet("bridge", True))
    floor.arrives("c1", origin="bridge")
    floor.picks("c1", "a")
    assert floor.rings_at("c1") == ["a"]
    floor.fails("a")
    assert floor.rings_at("c1") == ["a"], "it has begun to be offered"


def test_two_who_pick_one_call_do_not_collide(floor):
    floor.seats_ready("a", "b")
    for seat_id in ("a", "b"):
        floor.seat_not_ready(seat_id)
    floor.arrives("c1")
    floor.picks("c1", "a")
    floor.picks("c1", "b")
    assert floor.refused == [
        "the call does not wait: it rings at seat a: wait until that offer is over"
    ]
    assert floor.rings_at("c1") == ["a"]


def test_what_cannot_be_picked_is_refused_with_what_to_do(make_floor):
    floor = make_floor(
        QueueSettings("q"),
        seats=[
            SeatSettings("a", ("q",), phone="desk"),
            SeatSettings("b", ("q",), phone="desk"),
            SeatSettings("c", ("q",)),
        ],
    )
    floor.seats_ready("a")
    floor.arrives("c1", "c2", "c3")
    floor.phone_back("b")

    def why(call_id: str, seat_id: str) -> str:
        floor.picks(call_id, seat_id)
        assert floor.offered == []
        (sentence,) = floor.refused
        return sentence

    assert "the caller has left" in why("nobody", "c")
    assert "no seat nowhere" in why("c2", "nowhere")
    assert "not registered" in why("c2", "c")
    assert "seat a rings for another call" in why("c2", "a")
    assert "phone of seat b rings or talks already" in why("c2", "b")
    floor.answers("a")
    assert "seat a talks" in why("c2", "a")
    floor.seat_leaves("a", "c1")
    assert "somebody talks with the caller already" in why("c1", "b")
