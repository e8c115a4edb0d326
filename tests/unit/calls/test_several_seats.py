"""One caller for several seats, and several seats at one phone."""

from __future__ import annotations

import pytest

from acd.events import SeatNotReady, SettingsChanged
from acd.model import (
    FloorSettings,
    QueueSettings,
    Reason,
    SeatSettings,
    SeatState,
    Strategy,
)
from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Redirect, SetVariable
from tests.unit.calls.floor import TestFloor


def floor_of(*seats: SeatSettings, strategy: Strategy = Strategy.LONGEST_IDLE) -> TestFloor:
    queue = QueueSettings("emergency", strategy=strategy)
    return TestFloor(settings=FloorSettings((queue,), seats))


def seats_of(number: int) -> tuple[SeatSettings, ...]:
    return tuple(SeatSettings(f"s{n:02}", ("emergency",)) for n in range(1, number + 1))


def states(floor: TestFloor) -> dict[str, SeatState]:
    return {seat.id: seat.state for seat in floor.engine.seats()}


async def test_all_free_seats_ring_for_one_caller_in_one_redirect() -> None:
    floor = floor_of(*seats_of(3), strategy=Strategy.RING_ALL)
    for seat in ("s01", "s02"):
        floor.phone(seat, "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    (offer,) = floor.actor.of(Redirect)
    seats, ring_s, offer_id = offer.exten.split("*")
    assert sorted(seats.split("&")) == ["s01", "s02"]
    assert (ring_s, offer_id) == ("15", floor.offer_of("1.1"))


async def test_the_seat_that_answers_has_the_call_and_the_others_are_free_at_once() -> None:
    floor = floor_of(*seats_of(2), strategy=Strategy.RING_ALL)
    for seat in ("s01", "s02"):
        floor.phone(seat, "NOT_INUSE")
    call = floor.arrives("1.1")
    floor.rings("1.1", "s01", "s02")
    assert call.offered_to == ("s01", "s02")
    floor.answers("1.1", "s02", "1.2")
    assert call.seat == "s02"
    assert states(floor) == {"s01": SeatState.READY, "s02": SeatState.TALKING}
    floor.arrives("1.9")
    await floor.settle()
    assert floor.actor.offered()[-1] == ("PJSIP/line-1.9", "s01")


async def test_more_seats_than_an_extension_holds_are_named_in_a_variable_of_this_offer() -> None:
    floor = floor_of(*seats_of(30), strategy=Strategy.RING_ALL)
    for number in range(1, 31):
        floor.phone(f"s{number:02}", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    told, offer = floor.actor.sent[-2:]
    assert isinstance(told, SetVariable) and isinstance(offer, Redirect)
    assert told.name == f"OFFER_{floor.offer_of('1.1')}"
    assert len(told.value.split("&")) == 30
    assert offer.exten == f"*15*{floor.offer_of('1.1')}"


@pytest.fixture
async def desk() -> TestFloor:
    """Two seats at one phone."""
    return floor_of(
        SeatSettings("s01", ("emergency",), phone="desk"),
        SeatSettings("s02", ("emergency",), phone="desk"),
    )


async def test_one_registration_makes_all_seats_of_the_phone_ready(desk: TestFloor) -> None:
    desk.phone("desk", "NOT_INUSE")
    assert set(states(desk).values()) == {SeatState.READY}
    desk.phone("desk", "UNAVAILABLE")
    assert set(states(desk).values()) == {SeatState.OFFLINE}


async def test_a_seat_that_is_given_another_phone_is_what_that_phone_is() -> None:
    floor = floor_of(*seats_of(2))
    floor.phone("s01", "NOT_INUSE")
    at_one = (SeatSettings("s01", ("emergency",)), SeatSettings("s02", ("emergency",), phone="s01"))
    queues = (QueueSettings("emergency"),)
    floor.distribution.feed(SettingsChanged(FloorSettings(queues, at_one)), floor.clock.now)
    assert states(floor)["s02"] is SeatState.READY
    floor.distribution.feed(SettingsChanged(FloorSettings(queues, seats_of(2))), floor.clock.now)
    assert states(floor) == {"s01": SeatState.READY, "s02": SeatState.OFFLINE}


@pytest.mark.parametrize("after_s", [0.1, 1.0])
async def test_a_phone_that_lags_behind_its_hang_up_is_no_phone_in_use(after_s: float) -> None:
    floor = floor_of(*seats_of(1))
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    floor.answers("1.1", "s01", "1.2")
    floor.phone("s01", "BUSY")
    floor.hangs_up("1.2")
    floor.hangs_up("1.1")
    floor.clock.now += after_s
    floor.conductor.tick()
    assert states(floor)["s01"] is (SeatState.READY if after_s < 0.5 else SeatState.NOT_READY)
    floor.phone("s01", "NOT_INUSE")
    assert states(floor)["s01"] is SeatState.READY


async def test_an_offer_names_seat_and_phone(desk: TestFloor) -> None:
    desk.phone("desk", "NOT_INUSE")
    desk.arrives("1.1")
    await desk.settle()
    assert desk.actor.of(Redirect)[0].exten.startswith("s01@desk*15*")


async def test_two_seats_at_one_phone_never_ring_twice(desk: TestFloor) -> None:
    desk.phone("desk", "NOT_INUSE")
    desk.arrives("1.1")
    desk.arrives("1.2")
    desk.rings("1.1", "s01")
    desk.phone("desk", "BUSY")
    await desk.settle()
    assert len(desk.actor.offered()) == 1
    desk.answers("1.1", "s01", "1.5")
    desk.phone("desk", "INUSE")
    await desk.settle()
    assert len(desk.actor.offered()) == 1
    assert desk.distribution.seat("s02")["reason"] == Reason.PHONE_IN_USE
    desk.hangs_up("1.5")
    desk.hangs_up("1.1")
    desk.phone("desk", "NOT_INUSE")
    await desk.settle()
    assert len(desk.actor.offered()) == 2


async def test_a_call_of_the_phones_own_keeps_all_its_seats_from_calls(desk: TestFloor) -> None:
    desk.phone("desk", "INUSE")
    desk.arrives("1.1")
    await desk.settle()
    assert desk.actor.offered() == []
    desk.phone("desk", "NOT_INUSE")
    await desk.settle()
    assert len(desk.actor.offered()) == 1


async def test_a_call_that_asterisk_gave_the_phone_is_the_seats_on_duty_there(
    desk: TestFloor,
) -> None:
    desk.phone("desk", "NOT_INUSE")
    desk.distribution.feed(SeatNotReady("s01", "break"), desk.clock.now)
    call = desk.arrives("1.1")
    desk.tell(
        ami.PartyJoining("1.1", "PJSIP/desk-1", "1.2", "operator", "desk", ""),
        ami.BridgeJoined("1.1", "PJSIP/desk-1", "1.2"),
    )
    assert call.seat == "s02"
    assert states(desk)["s02"] is SeatState.TALKING
