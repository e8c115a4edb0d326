"""Caller and officer alone on the line: the operator comes back when they are needed."""

from __future__ import annotations

import asyncio
import time

import pytest

from ivr.speech_out import synthesise_wav
from tests.integration.service.hotline import Refused
from tests.integration.service.test_seats_and_callers import CALLER, with_officer_ringing

pytestmark = [pytest.mark.asterisk, pytest.mark.speech]

OFFICER = "o14a"


@pytest.fixture
def running_hotline(english_hotline):
    return english_hotline


async def taken(hotline, phone):
    """Operator, officer and caller on the line, who have said nothing yet."""
    seat, caller, officer, call_id = await with_officer_ringing(hotline, phone)
    await officer.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await officer.press("1")
    await hotline.call_is(call_id, state="with_officer", officer_state="joined")
    return seat, caller, officer, call_id


async def heard(hotline, call_id, officer, caller, hear_each_other):
    """Both speak until the service has heard both of them."""

    async def both() -> bool:
        await hear_each_other(officer, caller)
        return (await hotline.call_is(call_id))["officer_state"] == "heard"

    await hotline.until(both, "both were heard", timeout_s=30)


async def test_operator_is_warned_leaves_and_is_rung_once_when_the_caller_calls_out(
    hotline, phone, hear_each_other, tmp_path
):
    seat, caller, officer, call_id = await taken(hotline, phone)
    with pytest.raises(Refused, match="have not been heard since the officer came"):
        await hotline.api(f"calls/{call_id}/leave", {"seat": "s01"})
    await heard(hotline, call_id, officer, caller, hear_each_other)
    await hotline.api(f"calls/{call_id}/leave", {"seat": "s01"})
    await seat.wait_closed()
    await hear_each_other(officer, caller)

    calls_out = tmp_path / "hello.wav"
    await synthesise_wav("Can you hear me? Is anyone there? Please answer me.", "en", calls_out)
    await asyncio.sleep(4)  # the officer is silent for so long
    said = await caller.say(calls_out)
    ringing = await seat.wait_ringing(20)
    assert "911" not in ringing.peer
    await caller.finish(said)
    await seat.answer()
    await hotline.call_is(call_id, seat="s01", state="with_officer")
    await hear_each_other(seat, caller)
    why = (await hotline.journalled(call_id, "tripwire.called"))["why"]
    assert "calls out" in why or "danger" in why
    await seat.hang_up()
    await hear_each_other(officer, caller)
    await caller.hang_up()
    await officer.wait_closed()


async def test_officer_whose_phone_vanishes_is_rung_again_beside_the_old_seat(
    hotline, phone, hear_each_other
):
    seat, caller, officer, call_id = await taken(hotline, phone)
    await heard(hotline, call_id, officer, caller, hear_each_other)
    await hotline.api(f"calls/{call_id}/leave", {"seat": "s01"})
    await seat.wait_closed()
    await officer.vanish()
    vanished = time.monotonic()
    assert (await seat.wait_ringing(15)).peer == CALLER
    took_s = time.monotonic() - vanished
    print(f"officer's phone vanishes: silence to the seat's ringing in {took_s:.1f} s")
    back = await phone(OFFICER)
    await seat.answer()
    await hotline.call_is(call_id, seat="s01")
    await hear_each_other(seat, caller)
    ring = await hotline.journalled(call_id, "call.returned")
    assert ring["why"] == "officer-vanished"

    async def rung_again() -> bool:
        call = await hotline.call_is(call_id)
        return call["officer_state"] in {"ringing", "exhausted"}

    await hotline.until(rung_again, "the officer is rung again")
    await back.stop()
    await caller.hang_up()
    await seat.wait_closed()
