"""Operators' phones that cannot be reached any more in the middle of a call."""

from __future__ import annotations

import pytest

from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Action, CountPackets, Hangup, Reply
from callcenter.asterisk.headers import Headers
from callcenter.calls.vanished import LOOK_AGAIN_S
from tests.unit.calls.floor import TestFloor


@pytest.fixture
async def floor() -> TestFloor:
    """A seat that talks, and a phone whose packets are counted."""
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    floor.answers("1.1", "s01", "1.2")
    return floor


def counts(floor: TestFloor, *packets: str) -> None:
    left = list(packets)
    send = floor.actor.send

    async def count(action: Action, timeout_s: float = 5.0) -> Reply:
        if isinstance(action, CountPackets):
            return Reply(Headers([("value", left.pop(0))]))
        return await send(action, timeout_s)

    floor.actor.send = count  # type: ignore[method-assign]


async def loses_contact(floor: TestFloor, phone: str = "s01") -> None:
    floor.tell(ami.ContactChanged(phone, False))
    await floor.settle()
    floor.clock.now += LOOK_AGAIN_S
    floor.conductor.tick()
    await floor.settle()


async def test_a_phone_without_contact_and_sound_is_put_out_as_one_that_vanished(floor) -> None:
    counts(floor, "500", "500")
    await loses_contact(floor)
    assert [(h.channel, h.cause) for h in floor.actor.of(Hangup)] == [("PJSIP/s01-1", 44)]


async def test_a_phone_that_still_talks_keeps_its_caller_and_a_supervisor_is_told(floor) -> None:
    counts(floor, "500", "600")
    await loses_contact(floor)
    assert floor.actor.of(Hangup) == []
    told = [m for m in floor.bus.told if m.get("kind") == "phone.unreachable"]
    assert "register the phone again" in told[0]["text"]


async def test_a_phone_that_is_back_at_once_is_left_alone(floor) -> None:
    counts(floor, "500", "500")
    floor.tell(ami.ContactChanged("s01", False))
    await floor.settle()
    floor.tell(ami.ContactChanged("s01", True), after_s=0.5)
    floor.clock.now += LOOK_AGAIN_S
    floor.conductor.tick()
    await floor.settle()
    assert floor.actor.of(Hangup) == []


@pytest.mark.parametrize("phone", ["s02", "o14a", "nobody"])
async def test_a_phone_in_no_call_is_nobodys_business(floor, phone: str) -> None:
    counts(floor)
    await loses_contact(floor, phone)
    assert floor.actor.of(Hangup) == []


async def test_a_phone_of_which_nothing_is_counted_keeps_its_caller(floor) -> None:
    counts(floor, "", "")
    await loses_contact(floor)
    assert floor.actor.of(Hangup) == []
