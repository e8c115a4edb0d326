"""What is asked of Asterisk for officers' phones, and what must not wait for what."""

from __future__ import annotations

import asyncio
from pathlib import Path

from callcenter.asterisk.actions import Action, Hangup, OriginateExtension, Reply, SetVariable
from callcenter.asterisk.headers import Headers
from callcenter.calls.briefs import Brief
from callcenter.calls.officer_phones import OfficerPhones
from callcenter.precincts.hunt import Ring, Rung
from tests.unit.calls.floor import TestFloor


async def test_phone_is_rung_before_asterisk_has_answered_what_went_before() -> None:
    floor = TestFloor()
    call = floor.arrives("c1")
    await floor.settle()
    answered = asyncio.Event()
    asked: list[type[Action]] = []

    async def send(action: Action, timeout_s: float = 5.0) -> Reply:
        asked.append(type(action))
        await answered.wait()
        return Reply(Headers([("response", "Success")]))

    floor.actor.send = send  # type: ignore[method-assign]
    phones = OfficerPhones(floor.actor, floor.register, floor.errands)  # type: ignore[arg-type]
    phones.tell_coming("c1", lambda: "1")
    ring = Ring("a1", "o14a", "o14a", Rung.DUTY, 10.0)
    phones.ring(call, ring, Brief(Path("brief.sln"), "en"), lambda: None)
    phones.stop(call, "a1")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asked == [SetVariable, OriginateExtension]
    answered.set()
    await floor.settle()
    assert asked == [SetVariable, OriginateExtension, Hangup]
