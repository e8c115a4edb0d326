"""The intake's time limit is the intake's alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from callcenter.asterisk.render import intake_s
from ivr.fastagi import AgiChannel, FastAgiServer

pytestmark = pytest.mark.asterisk


@pytest.fixture
async def slow_intake(line) -> AsyncIterator[asyncio.Event]:
    """A service whose greeting never ends; set when a caller hears it."""
    greeting = asyncio.Event()

    async def intake(channel: AgiChannel) -> None:
        greeting.set()
        await channel.wait_for_digit(60_000)

    agi = line.settings.fastagi
    server = FastAgiServer(agi.host, agi.port, intake)
    await server.start()
    line.beat(ahead_s=2)
    yield greeting
    await server.stop()


async def test_a_seat_that_is_given_a_caller_in_mid_greeting_keeps_them(
    line, steps, events, phone, slow_intake
):
    caller, seat = await phone("2125550120"), await phone("s01")
    await caller.dial("110")
    arrived = await events.wait("CallArrived")
    await asyncio.wait_for(slow_intake.wait(), 3)
    steps.offer(arrived["Channel"], "s01")
    await seat.wait_ringing()
    await seat.answer()
    await asyncio.sleep(intake_s(line.settings.lines[0]) + 1)
    assert caller.call.talking
    assert seat.call.talking
    await caller.hang_up()
    await seat.wait_closed()
