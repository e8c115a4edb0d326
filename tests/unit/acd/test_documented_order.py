"""The example in docs/order.md, played on the engine."""

import pytest

from acd.events import CallArrived, CallPrioritised, SeatReady, SeatRegistered
from acd.model import QueueSettings

POLICE, FIRE = QueueSettings("police"), QueueSettings("fire", priority=3)
TEN = 36_000.0


@pytest.fixture
def floor(make_floor):
    """10:05:00 of the example."""
    floor = make_floor(
        POLICE, FIRE, seats={"dees": ("police",), "both": ("police", "fire"), "one": ("police",)}
    )

    def at(minutes: int, seconds: int) -> None:
        floor.passes(TEN + 60 * minutes + seconds - floor.now)

    at(-1, 0)
    floor.seats_ready("dees")
    floor.arrives("Dee", queue="police")
    floor.answers("dees")
    at(0, 0)
    floor.arrives("Ann", queue="police")
    at(1, 0)
    floor.arrives("Eve, at first", queue="police", caller="Eve")
    at(2, 0)
    floor.leaves("Eve, at first")
    at(3, 30)
    floor.arrives("Bo", queue="fire")
    at(4, 0)
    floor.arrives("Chen", queue="police", priority=2)
    at(4, 45)
    floor.phone_gone("dees")
    floor.returns("Dee")
    at(4, 50)
    floor.arrives("Eve", queue="police", caller="Eve")
    at(5, 0)
    return floor


def test_the_example_has_this_order(floor):
    assert floor.waiting == ["Dee", "Ann", "Bo", "Eve", "Chen"]


def test_a_minute_later_it_is_the_same(floor):
    floor.passes(60)
    assert floor.waiting == ["Dee", "Ann", "Bo", "Eve", "Chen"]


@pytest.mark.parametrize(
    ("seat", "taken"),
    [("both", ["Dee", "Ann", "Bo", "Eve", "Chen"]), ("one", ["Dee", "Ann", "Eve", "Chen"])],
)
def test_each_seat_takes_its_own_in_this_order(floor, seat, taken):
    floor.tell(SeatRegistered(seat))
    floor.tell(SeatReady(seat))
    for call_id in taken:
        floor.takes(seat, call_id)
    assert floor.offer_to(seat) is None


def test_who_comes_with_a_priority_has_its_head_start(floor):
    floor.tell(CallArrived("Fay", "police", priority=4))
    assert floor.waiting == ["Dee", "Ann", "Bo", "Eve", "Fay", "Chen"]
    floor.tell(CallPrioritised("Chen", 4))
    assert floor.waiting == ["Dee", "Ann", "Chen", "Bo", "Eve", "Fay"]
