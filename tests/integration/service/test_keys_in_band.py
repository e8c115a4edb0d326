"""An officer's phone whose keys are tones in the sound: one behind an old gateway, or a radio."""

from __future__ import annotations

import pytest

from tests.integration.service.raw_seat import RawSeat
from tests.integration.service.test_seats_and_callers import talking

pytestmark = pytest.mark.asterisk

OFFICER = "o14a"


async def test_officer_takes_the_call_with_a_key_that_is_a_tone(hotline, phone):
    sip = hotline.description["sip"]
    password = hotline.password(OFFICER) or ""
    async with RawSeat(OFFICER, password, sip["host"], sip["port"]) as officer:
        _, caller, call_id = await talking(hotline, phone)
        await hotline.api(f"calls/{call_id}/officer", {"officer": OFFICER})
        await officer.wait_ringing()
        officer.answer("radio")
        await hotline.call_is(call_id, officer_state="briefed")
        officer.press_in_band("1")
        call = await hotline.call_is(call_id, state="with_officer")
        assert call["officer"] == OFFICER
        await caller.hang_up()
        await officer.wait_ended("radio")


async def test_key_2_as_a_tone_hands_the_call_to_nobody_more(hotline, phone):
    sip = hotline.description["sip"]
    password = hotline.password(OFFICER) or ""
    async with RawSeat(OFFICER, password, sip["host"], sip["port"]) as officer:
        _, caller, call_id = await talking(hotline, phone)
        await hotline.api(f"calls/{call_id}/officer", {"officer": OFFICER})
        await officer.wait_ringing()
        officer.answer("radio")
        await hotline.call_is(call_id, officer_state="briefed")
        officer.press_in_band("2")
        await officer.wait_ended("radio")
        call = await hotline.call_is(call_id, state="talking")
        assert call["officer"] is None
        await caller.hang_up()
