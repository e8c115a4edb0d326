"""What Asterisk does for a caller by itself, with the service dead, hung or half dead."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from callcenter.asterisk.render import FALLBACK_LOOK_S, INTAKE_S
from tests.integration.stopwatch import took

pytestmark = pytest.mark.asterisk

WITHIN_S = 5.0
"""A waiting caller reaches a seat so soon after the heartbeat has grown stale."""


async def test_caller_reaches_a_seat_and_both_hear_each_other(line, events, phone, heard):
    seat, caller = await phone("s01"), await phone("2125550100")
    await caller.dial("110")
    await seat.wait_ringing(WITHIN_S)
    await seat.answer()
    call = await events.wait("CallArrived")
    assert (call["Line"], call["Queue"]) == ("110", "emergency")
    assert call["CallId"] == call["Linkedid"]
    assert events.of("FallbackEntered", CallId=call["CallId"])
    connected = await events.wait("AgentConnect")
    assert connected["DestChannel"].startswith("PJSIP/s01-")
    await heard(caller, seat)
    await seat.hang_up()
    await caller.wait_closed(2)


async def test_caller_on_hold_reaches_a_seat_when_the_heartbeat_stops(
    line, events, phone, steps, service_until, heard
):
    seat, caller = await phone("s01"), await phone("2125550100")
    async with service_until() as die:
        call_id, _ = await steps.wait(caller)
        await die()
        died = time.monotonic()
        await events.wait("FallbackEntered", timeout_s=10, CallId=call_id)
        await seat.wait_ringing(WITHIN_S)
        # The last beat may have been a second old, and it counts as fresh for three.
        assert time.monotonic() - died < 3 + WITHIN_S
        took("service dead: caller on hold to a seat that rings", died)
        await seat.answer()
        await heard(caller, seat)
        await caller.hang_up()
        await seat.wait_closed(2)


async def test_refused_intake_leads_to_a_seat_at_once(line, events, phone):
    line.beat(ahead_s=2)
    seat, caller = await phone("s01"), await phone("2125550100")
    await caller.dial("110")
    await seat.wait_ringing(2)
    assert events.of("FallbackEntered")
    assert not events.of("CallWaiting")
    await caller.hang_up()


async def test_intake_that_hangs_keeps_the_caller_for_seconds_only(line, events, phone):
    line.beat(ahead_s=3)
    began = time.monotonic()
    seat, caller = await phone("s01"), await phone("2125550100")
    async with _deaf_server(line.settings.fastagi):
        await caller.dial("110")
        await events.wait("CallWaiting", timeout_s=INTAKE_S + 2)
        await seat.wait_ringing(3 + WITHIN_S)
        took("service hung at the greeting: call to a seat that rings", began)
        await caller.hang_up()


@asynccontextmanager
async def _deaf_server(agi):
    """Takes connections and never answers, like a stopped process."""
    taken = []

    async def take(reader, writer):
        taken.append(writer)

    server = await asyncio.start_server(take, agi.host, agi.port)
    try:
        yield
    finally:
        server.close()
        for writer in taken:
            writer.close()
        await server.wait_closed()


async def test_caller_waits_until_a_seat_registers(line, events, phone, heard):
    caller = await phone("2125550100")
    await caller.dial("110")
    await events.wait("FallbackEntered")
    await asyncio.sleep(1)
    assert line.channels()
    seat = await phone("s02")
    await seat.wait_ringing(5)
    await seat.answer()
    await heard(caller, seat)
    await caller.hang_up()


async def test_next_seat_rings_when_one_rejects(line, phone, heard):
    first, second, caller = await phone("s01"), await phone("s02"), await phone("2125550100")
    await caller.dial("110")
    rung, other = await _first_ringing(first, second)
    await rung.reject()
    await other.wait_ringing(5)
    await other.answer()
    await heard(caller, other)
    await caller.hang_up()


async def test_callers_keep_their_order_while_all_talk_and_who_rests_rings_only_then(
    line, actor, phone, heard
):
    seat, one, two = await phone("s01"), await phone("2125550100"), await phone("2125550101")
    _pause(actor, "PJSIP/s02", "true")
    try:
        resting = await phone("s02")
        await one.dial("110")
        await seat.wait_ringing(5)
        await asyncio.sleep(FALLBACK_LOOK_S + 1)
        assert not resting.calls, "somebody on duty is free, and rings"
        await resting.stop()
        await seat.answer()
        await one.wait_established()
        calls = len(seat.calls)
        await two.dial("911")
        await two.wait_established()
        three = await phone("2125550102")
        await three.dial("110")
        # Both go round several times.
        await asyncio.sleep(2 * FALLBACK_LOOK_S)
        assert len(seat.calls) == calls
        await seat.hang_up()
        await one.wait_closed(2)
        assert (await seat.wait_ringing(WITHIN_S)).peer == "2125550101"
        await seat.answer()
        await heard(two, seat)
        back = await phone("s02")
        rests = time.monotonic()
        assert (await back.wait_ringing(WITHIN_S)).peer == "2125550102"
        took("all on duty talk: free seat that rests to its ringing", rests)
        await back.answer()
        await heard(three, back)
        await three.hang_up()
        await two.hang_up()
    finally:
        _pause(actor, "PJSIP/s02", "false")


async def test_caller_gets_another_seat_when_the_operators_phone_vanishes(line, phone, heard):
    first, second, caller = await phone("s01"), await phone("s02"), await phone("2125550100")
    await caller.dial("110")
    rung, other = await _first_ringing(first, second)
    await rung.answer()
    await heard(caller, rung)
    await rung.vanish()
    vanished = time.monotonic()
    await other.wait_ringing(line.settings.sip.rtp_timeout_s + WITHIN_S + 10)
    took("operator's phone vanishes: silence to the next seat's ringing", vanished)
    await other.answer()
    await heard(caller, other)
    await caller.hang_up()


async def test_seats_off_duty_ring_when_nobody_is_on_duty(line, actor, phone, heard):
    seat, caller = await phone("s01"), await phone("2125550100")
    members = [f"PJSIP/{seat.id}" for seat in line.settings.seats]
    for interface in members:
        _pause(actor, interface, "true")
    try:
        await caller.dial("110")
        await seat.wait_ringing(5)
        await seat.answer()
        await heard(caller, seat)
        await seat.hang_up()
        await caller.wait_closed(2)
    finally:
        for interface in members:
            _pause(actor, interface, "false")


async def test_caller_goes_back_to_the_service_when_it_is_there_again(line, events, phone, service):
    line.fall_silent()
    caller = await phone("2125550100")
    await caller.dial("110")
    await events.wait("CallWaiting", timeout_s=8)
    await caller.hang_up()


async def test_caller_who_leaves_the_fallback_stops_the_ringing(line, phone):
    seat, caller = await phone("s01"), await phone("2125550100")
    await caller.dial("110")
    await seat.wait_ringing(5)
    await caller.hang_up()
    await seat.wait_closed(2)


def _pause(actor, interface, paused):
    reply = actor.ask(Action="QueuePause", Interface=interface, Paused=paused, Queue="fallback")
    assert reply["Response"] == "Success", reply


async def _first_ringing(one, other):
    """Which of two seats rings first, and the other."""
    rings = {asyncio.create_task(seat.wait_ringing(6)): seat for seat in (one, other)}
    done, pending = await asyncio.wait(rings, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    rung = rings[done.pop()]
    return (one, other) if rung is one else (other, one)
