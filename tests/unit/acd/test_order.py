import pytest

from acd.events import CallArrived
from acd.model import QueueSettings


def served_by_seat_a(floor):
    """The calls in the order in which one seat gets them."""
    taken = []
    floor.seats_ready("a")
    while offer := floor.offer_to("a"):
        taken.append(offer.call_id)
        floor.answers("a")
        floor.seat_leaves("a", offer.call_id)
    return taken


def test_the_caller_who_waits_longest_gets_the_next_free_seat(floor):
    floor.arrives("c1", "c2", "c3")
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "c1"
    assert floor.waiting == ["c2", "c3"]


def test_the_higher_priority_goes_first_whoever_came_before(floor):
    floor.arrives("c1")
    floor.arrives("urgent", priority=1)
    assert floor.waiting == ["urgent", "c1"]


def test_a_call_gains_priority_by_waiting_so_that_none_starves(make_floor):
    floor = make_floor(ageing_per_s=0.1)
    floor.arrives("patient")
    floor.passes(9)
    floor.arrives("urgent", priority=1)
    assert floor.waiting == ["urgent", "patient"]
    floor.passes(2)
    floor.arrives("too_late", priority=1)
    assert floor.waiting == ["urgent", "patient", "too_late"]


def test_without_ageing_priority_is_all_that_counts(make_floor):
    floor = make_floor(ageing_per_s=0.0)
    floor.arrives("patient")
    floor.passes(10_000)
    floor.arrives("urgent", priority=1)
    assert floor.waiting == ["urgent", "patient"]


def test_an_older_place_counts_from_when_it_was_taken(floor):
    floor.arrives("c1")
    floor.tell(CallArrived("older", "q", waiting_since=floor.now - 60))
    assert floor.waiting == ["older", "c1"]
    assert floor.engine.waiting(floor.now)[0].waited_s == 60


def test_a_place_cannot_be_taken_in_the_future_or_at_no_time(floor):
    floor.arrives("c1")
    floor.tell(CallArrived("future", "q", waiting_since=floor.now + 60))
    floor.tell(CallArrived("nan", "q", waiting_since=float("nan")))
    floor.tell(CallArrived("ever", "q", waiting_since=float("-inf")))
    assert floor.waiting == ["c1", "future", "nan", "ever"]


def test_calls_of_the_same_instant_go_in_the_order_of_their_events(floor):
    for call_id in ("c3", "c1", "c2"):
        floor.tell(CallArrived(call_id, "q"))
    assert floor.waiting == ["c3", "c1", "c2"]
    assert served_by_seat_a(floor) == ["c3", "c1", "c2"]


def test_calls_of_the_same_instant_go_in_the_order_of_their_events_across_queues(make_floor):
    floor = make_floor(QueueSettings("r"), QueueSettings("q"))
    for call_id, queue in (("c3", "r"), ("c1", "q"), ("c2", "r")):
        floor.tell(CallArrived(call_id, queue))
    assert served_by_seat_a(floor) == ["c3", "c1", "c2"]


@pytest.mark.parametrize("ageing_per_s", [0.0, 0.5])
def test_who_waits_longer_goes_first_whoever_was_heard_of_first(make_floor, ageing_per_s):
    floor = make_floor(QueueSettings("q"), QueueSettings("r"), ageing_per_s=ageing_per_s)
    for call_id, queue, ago_s in (("c1", "q", 10), ("c2", "r", 30), ("c3", "q", 20)):
        floor.tell(CallArrived(call_id, queue, waiting_since=floor.now - ago_s))
    assert served_by_seat_a(floor) == ["c2", "c3", "c1"]


def test_a_seat_of_several_queues_sees_one_order(make_floor):
    floor = make_floor(QueueSettings("q"), QueueSettings("r"))
    floor.arrives("c1", queue="q")
    floor.arrives("c2", queue="r")
    floor.arrives("c3", queue="q")
    assert served_by_seat_a(floor) == ["c1", "c2", "c3"]


def test_the_queues_priority_counts_across_queues(make_floor):
    floor = make_floor(QueueSettings("q"), QueueSettings("fire", priority=5))
    floor.arrives("c1", queue="q")
    floor.arrives("c2", queue="fire")
    assert floor.waiting == ["c2", "c1"]
    floor.seats_ready("a")
    assert floor.offer_to("a").call_id == "c2"


def test_a_call_goes_only_to_a_seat_that_serves_its_queue(make_floor):
    floor = make_floor(QueueSettings("q"), QueueSettings("r"), seats={"a": ("q",), "b": ("q", "r")})
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2", queue="r")
    assert floor.seat_of("c1") == "b"
    assert floor.waiting == ["c2"]


def test_the_seat_that_is_idle_longest_gets_the_call(floor):
    floor.seats_ready("b", "a")
    floor.arrives("c1")
    assert floor.seat_of("c1") == "b"
    floor.answers("b")
    floor.seat_leaves("b", "c1")
    floor.arrives("c2")
    assert floor.seat_of("c2") == "a"


def test_a_break_costs_a_seat_its_place_among_idle_seats(floor):
    floor.seats_ready("a", "b")
    floor.seat_not_ready("a")
    floor.seats_ready("a")
    floor.arrives("c1")
    assert floor.seat_of("c1") == "b"


def test_positions_count_within_each_queue(make_floor):
    floor = make_floor(QueueSettings("q"), QueueSettings("r"))
    floor.arrives("c1", queue="q")
    floor.arrives("c2", queue="r")
    floor.arrives("c3", queue="q")
    positions = {w.call_id: (w.queue, w.position) for w in floor.engine.waiting(floor.now)}
    assert positions == {"c1": ("q", 1), "c2": ("r", 1), "c3": ("q", 2)}


def test_several_seats_freed_at_one_moment_take_the_first_calls(make_floor):
    floor = make_floor(QueueSettings("q", wrap_up_s=10.0))
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2", "c3", "c4", "c5")
    floor.answers("a")
    floor.answers("b")
    floor.seat_leaves("a", "c1")
    floor.seat_leaves("b", "c2")
    floor.passes(10)
    assert floor.offered == [("c3", "a"), ("c4", "b")]


def test_when_queues_compete_for_seats_the_first_call_chooses_first(make_floor):
    floor = make_floor(
        QueueSettings("q", wrap_up_s=10.0),
        QueueSettings("r"),
        seats={"a": ("q", "r"), "b": ("q",)},
    )
    floor.seats_ready("a", "b")
    floor.arrives("c1", "c2", "c3", queue="q")
    floor.arrives("c4", queue="r")
    floor.arrives("c5", queue="q")
    floor.answers("a")
    floor.answers("b")
    floor.seat_leaves("a", "c1")
    floor.seat_leaves("b", "c2")
    floor.passes(10)
    assert floor.offered == [("c3", "a"), ("c5", "b")]
    assert floor.waiting == ["c4"]
