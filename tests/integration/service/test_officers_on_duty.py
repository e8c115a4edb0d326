"""Officers who say by phone that they are on duty, and who are rung at their own numbers."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from callcenter.lab.layout import DUTY_LINE
from callcenter.lab.phone import Phone
from tests.integration.service.test_seats_and_callers import talking

pytestmark = pytest.mark.asterisk

MOBILE = "19175550142"
SERVICE = "*81"


async def on_duty(hotline, officer_id):
    officers = (await hotline.api("officers"))["officers"]
    return next(each for each in officers if each["id"] == officer_id)["on_duty"]


async def changes_of(hotline, officer_id):
    changes = (await hotline.api(f"roster/history?officer={officer_id}"))["changes"]
    return [(each["who"], each["what"]) for each in changes]


async def press(one, number, key):
    """Dial the service number and press a key once its voice is heard."""
    dialled_at = time.monotonic()
    await one.dial(number)
    await one.wait_established()
    await one.wait_voice(dialled_at)
    await one.press(key)
    await one.wait_closed(timeout_s=15)


async def test_officer_goes_off_and_on_duty_by_a_call_and_a_seats_phone_changes_nothing(
    hotline, phone
):
    officer = await phone("o18a")
    assert await on_duty(hotline, "o18a")
    await press(officer, SERVICE, "2")
    assert await on_duty(hotline, "o18a") is None
    await press(officer, SERVICE, "1")
    assert await on_duty(hotline, "o18a")
    assert (await changes_of(hotline, "o18a"))[0][0] == "o18a (phone)"

    before = (await hotline.api("roster/history"))["changes"][0]["id"]
    seat = await phone("s01")
    await press(seat, SERVICE, "2")
    assert (await hotline.api("roster/history"))["changes"][0]["id"] == before


async def test_officer_is_put_on_duty_and_rung_at_a_number_outside_and_takes_the_call(
    hotline, phone, hear_each_other, tmp_path
):
    who = {"name": "Mobile", "precinct": "14", "numbers": [MOBILE]}
    await hotline.api("officers/o14m", who, method="PUT")
    await hotline.api("officers/o14m/duty", {"on": False})
    now = datetime.now(UTC).isoformat()
    here = {"lat": 40.7590, "lon": -73.9850, "accuracy_m": 9, "at": now}
    await hotline.api("officers/o14m/position", here)
    sip, outside = (hotline.description[name] for name in ("sip", "outbound"))
    folder = tmp_path / "mobile"
    try:
        async with Phone(
            MOBILE, None, sip["host"], sip["port"], folder, sip_port=outside["port"]
        ) as mobile:
            stranger = await phone("2125550142")
            await press(stranger, DUTY_LINE, "1")
            assert await on_duty(hotline, "o14m") is None
            await press(mobile, DUTY_LINE, "1")
            assert (await on_duty(hotline, "o14m"))["source"] == "self"

            first = await phone("o14a")
            _, caller, call_id = await talking(hotline, phone)
            await hotline.api(
                f"incidents/{call_id}", {"field": "place", "value": "Times Square"}, method="PATCH"
            )
            await hotline.call_is(call_id, precinct="14")
            answer = await hotline.api(f"calls/{call_id}/officer", {})
            assert answer["officers"][:2] == ["o14m", "o14a"]
            await mobile.wait_ringing()
            await mobile.answer()
            await hotline.call_is(call_id, officer_state="briefed")
            await mobile.press("1")
            await hotline.call_is(call_id, state="with_officer", officer="o14m")
            await hear_each_other(mobile, caller)
            assert first.call is None
            await caller.hang_up()
            result = await hotline.journalled(call_id, "officer.result")
            assert result["officer"] == "o14m"
            assert 0 < result["distance_m"] == result["nearest_m"] < 1000
    finally:
        await hotline.api("officers/o14m", method="DELETE")
