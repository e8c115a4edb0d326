"""What people do to waiting calls and seats, and what they are told when it cannot be done."""

from __future__ import annotations

from datetime import date

import pytest

from acd.commands import Command
from acd.events import Event
from acd.model import AfterCall, FloorSettings, QueueSettings, SeatSettings, SeatState
from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Redirect
from callcenter.calls.desk import Desk
from callcenter.calls.errors import NotNow, UnknownCall
from tests.unit.calls.floor import TestFloor

FLOOR = FloorSettings(
    queues=(
        QueueSettings("emergency", after_call=AfterCall.UNTIL_SAVED),
        QueueSettings("police"),
    ),
    seats=(SeatSettings("s01", ("emergency",)), SeatSettings("s02", ("police",))),
)


@pytest.fixture
async def floor() -> TestFloor:
    return TestFloor(settings=FLOOR)


@pytest.fixture
def desk(floor: TestFloor) -> Desk:
    return Desk(floor.conductor, floor.register, floor.clock)


def payload(floor: TestFloor, kind: str) -> dict[str, object]:
    return next(payload for _, noted, payload in floor.journal if noted == kind)


def waits(floor: TestFloor, *call_ids: str) -> list[str]:
    for call_id in call_ids:
        floor.arrives(call_id)
        floor.clock.now += 1
    return [call.call_id for call in floor.engine.waiting(floor.clock.now)]


async def test_a_caller_with_a_higher_priority_is_first_and_it_is_noted_who_gave_it(
    floor: TestFloor, desk: Desk
) -> None:
    assert waits(floor, "1.1", "1.2") == ["1.1", "1.2"]
    desk.prioritise("1.2", 5, "boss")
    assert waits(floor) == ["1.2", "1.1"]
    assert payload(floor, "call.prioritised") == {"priority": 5, "by": "boss"}


async def test_a_moved_caller_waits_elsewhere_as_long_as_before(
    floor: TestFloor, desk: Desk
) -> None:
    waits(floor, "1.1")
    shown = desk.move("1.1", "police", "boss")
    assert shown["queue"] == "police"
    (waiting,) = floor.engine.waiting(floor.clock.now)
    assert (waiting.queue, waiting.waited_s) == ("police", 1.0)
    floor.phone("s02", "NOT_INUSE")
    await floor.settle()
    assert floor.actor.offered() == [("PJSIP/line-1.1", "s02")]


async def test_nobody_is_moved_to_a_queue_that_is_not_there(floor: TestFloor, desk: Desk) -> None:
    waits(floor, "1.1")
    with pytest.raises(NotNow, match="emergency, police"):
        desk.move("1.1", "fire", "boss")
    assert "call.moved" not in floor.kinds()


async def test_a_picked_caller_rings_at_that_seat_out_of_turn(floor: TestFloor, desk: Desk) -> None:
    waits(floor, "1.1", "1.2")
    desk.set_seat("s01", "not_ready", "break", "s01")
    floor.phone("s01", "NOT_INUSE")
    desk.pick("1.2", "s01", "s01")
    await floor.settle()
    assert floor.actor.offered() == [("PJSIP/line-1.2", "s01")]
    assert payload(floor, "call.picked") == {"seat": "s01", "by": "s01"}


async def test_a_pick_that_is_refused_says_what_to_do_and_is_not_noted(
    floor: TestFloor, desk: Desk
) -> None:
    waits(floor, "1.1")
    with pytest.raises(NotNow, match="not registered"):
        desk.pick("1.1", "s01", "s01")
    with pytest.raises(NotNow, match="list of seats"):
        desk.pick("1.1", "s99", "boss")
    floor.phone("s01", "NOT_INUSE")
    with pytest.raises(NotNow, match="rings"):
        desk.pick("1.1", "s01", "s01")
    with pytest.raises(UnknownCall):
        desk.pick("9.9", "s01", "s01")
    assert "call.picked" not in floor.kinds()


async def test_a_call_that_asterisk_distributes_alone_cannot_be_picked(
    floor: TestFloor, desk: Desk
) -> None:
    waits(floor, "1.1")
    floor.phone("s02", "NOT_INUSE")
    floor.tell(ami.FallbackEntered("1.1", "PJSIP/line-1.1", "1.1"))
    with pytest.raises(NotNow, match="does not wait"):
        desk.pick("1.1", "s02", "s02")


async def test_a_seat_is_not_ready_for_its_reason_and_the_first_stands_for_none(
    floor: TestFloor, desk: Desk
) -> None:
    floor.phone("s01", "NOT_INUSE")
    assert desk.set_seat("s01", "not_ready", "training", "s01")["reason"] == "training"
    assert desk.set_seat("s01", "not_ready", None, "s01")["reason"] == "break"
    assert payload(floor, "seat.set") == {
        "seat": "s01",
        "state": "not_ready",
        "reason": "training",
        "by": "s01",
    }


@pytest.mark.parametrize("done", ["saved", "ready"])
async def test_wrap_up_ends_when_the_record_is_saved_or_the_seat_says_ready(
    floor: TestFloor, desk: Desk, done: str
) -> None:
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    floor.answers("1.1", "s01", "1.2")
    floor.hangs_up("1.2")
    floor.hangs_up("1.1")
    assert desk.reasons()[0]["id"] == "break"
    assert floor.distribution.seat("s01")["state"] == SeatState.WRAP_UP
    after = (
        desk.wrap_up("s01", False, "s01")
        if done == "saved"
        else desk.set_seat("s01", "ready", None, "s01")
    )
    assert after["state"] == SeatState.READY


async def test_wrap_up_without_a_call_is_refused_with_when_it_can_be_asked_for(
    floor: TestFloor, desk: Desk
) -> None:
    floor.phone("s01", "NOT_INUSE")
    with pytest.raises(NotNow, match="while you talk"):
        desk.wrap_up("s01", True, "s01")


async def test_queues_show_the_order_and_what_stands_behind_it(
    floor: TestFloor, desk: Desk
) -> None:
    waits(floor, "1.1", "1.2")
    desk.prioritise("1.2", 5, "boss")
    emergency, police = floor.distribution.queues()
    order = [(call["call_id"], call["position"], call["priority"]) for call in emergency["waiting"]]
    assert order == [("1.2", 1, 5), ("1.1", 2, 0)]
    assert emergency["waiting"][1]["wait_ms"] == 2000
    assert emergency["strategy"] == "longest_idle"
    assert police["estimated_wait_ms"] == 0


async def test_a_new_day_is_told_once(floor: TestFloor) -> None:
    told: list[str] = []
    feed = floor.distribution.feed

    def listen(event: Event, now: float) -> list[Command]:
        told.append(type(event).__name__)
        return feed(event, now)

    floor.distribution.feed = listen  # type: ignore[method-assign]  # beside the real one
    floor.conductor.tick()
    floor.today = date(2026, 3, 2)
    floor.conductor.tick()
    floor.conductor.tick()
    assert told == ["Tick", "DayBegan", "Tick", "Tick"]


async def test_a_caller_who_is_cut_off_is_told_apart_from_one_who_hangs_up(
    floor: TestFloor,
) -> None:
    for call_id, cause in (("1.1", 16), ("1.2", 44)):
        floor.arrives(call_id)
        floor.hangs_up(call_id, cause)
    ended = [payload["dropped"] for _, kind, payload in floor.journal if kind == "call.ended"]
    assert ended == [False, True]
    assert floor.actor.of(Redirect) == []


@pytest.mark.parametrize("cause", [16, 44])
async def test_a_seat_is_kept_for_a_caller_who_is_cut_off_and_not_for_one_who_hangs_up(
    cause: int,
) -> None:
    """Their leg leaves the bridge first, then the operator's, then it is told how they went."""
    queue = QueueSettings("emergency", called_party_hold_s=30)
    seats = (SeatSettings("s01", ("emergency",)), SeatSettings("s02", ("emergency",)))
    floor = TestFloor(settings=FloorSettings((queue,), seats))
    floor.phone("s01", "NOT_INUSE")
    floor.tell(ami.CallArrived("1.1", "PJSIP/line-1.1", "1.1", "110", "emergency", "2125550100"))
    floor.answers("1.1", "s01", "1.2")
    floor.tell(ami.BridgeLeft("1.1", "", "1.1"), ami.BridgeLeft("1.1", "", "1.2"))
    floor.hangs_up("1.2")
    floor.hangs_up("1.1", cause)
    floor.phone("s01", "NOT_INUSE")
    seat = floor.distribution.seat("s01")
    held = SeatState.WRAP_UP if cause == 44 else SeatState.READY
    assert seat["state"] == held
    floor.phone("s02", "NOT_INUSE")
    floor.tell(ami.CallArrived("1.5", "PJSIP/line-1.5", "1.5", "110", "emergency", "2125550100"))
    await floor.settle()
    if cause == 44:
        assert floor.actor.offered()[-1] == ("PJSIP/line-1.5", "s01"), "their own operator"


async def test_a_seat_whose_caller_is_not_heard_of_again_is_free_all_the_same() -> None:
    queue = QueueSettings("emergency", called_party_hold_s=30)
    seats = (SeatSettings("s01", ("emergency",)),)
    floor = TestFloor(settings=FloorSettings((queue,), seats))
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    floor.answers("1.1", "s01", "1.2")
    floor.tell(ami.BridgeLeft("1.1", "", "1.1"), ami.BridgeLeft("1.1", "", "1.2"))
    floor.clock.now += 0.6
    floor.conductor.tick()
    assert floor.distribution.seat("s01")["state"] == SeatState.READY


async def test_surges_are_listed_while_they_are_on() -> None:
    floor = TestFloor()
    desk = Desk(floor.conductor, floor.register, floor.clock)
    assert desk.surges() == []
    desk.set_surge("cgi-3gpp=26201f0a1", True, "boss")
    assert desk.surges() == [{"origin": "cgi-3gpp=26201f0a1", "on": True}]
    desk.set_surge("cgi-3gpp=26201f0a1", False, "boss")
    assert desk.surges() == []
