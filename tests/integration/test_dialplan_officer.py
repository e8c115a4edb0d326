"""The officer's phone: the brief, the key, the bridge, and every way in which it can go wrong."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from callcenter.asterisk.render import BRIEF_LATE_S, OFFICER_KEY_S, OFFICER_TRIES
from ivr.speech_out import synthesise

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("service")]

OFFICER = "o14a"
WAITED_FOR_KEY_S = BRIEF_LATE_S + OFFICER_TRIES * (OFFICER_KEY_S + 8)
OTHER = "o18a"


@pytest.fixture
async def scene(phone, steps):
    """A caller who talks with a seat; an officer's phone is registered."""
    seat, caller, officer = await asyncio.gather(phone("s01"), phone("2125550100"), phone(OFFICER))
    call_id, channel = await steps.talk(caller, seat)
    return seat, caller, officer, call_id, channel


async def take(officer, events, call_id, count=3):
    await officer.wait_ringing()
    await officer.answer()
    await events.wait("OfficerAnswered", CallId=call_id, Officer=officer.name)
    await officer.press("1")
    await events.wait("OfficerTook", CallId=call_id, Officer=officer.name)
    await events.wait("PartyJoining", CallId=call_id, Party=officer.name)
    await events.wait("ConfbridgeJoin", Conference=call_id, count=count)


async def test_officer_takes_the_call_and_goes_on_when_the_operator_leaves(
    line, events, steps, scene, heard
):
    seat, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await take(officer, events, call_id)
    took = events.of("OfficerTook")[0]
    assert (took["Officer"], took["AttemptId"]) == (OFFICER, "hunt-1")
    joining = events.of("PartyJoining", Party=OFFICER)[0]
    assert joining["Role"] == "officer"
    await heard(officer, seat)
    steps.coming(channel, "")
    await seat.hang_up()
    await heard(caller, officer)
    await officer.hang_up()
    await caller.wait_closed(2)


async def test_officer_who_knows_the_keys_need_not_wait_for_a_brief_that_is_late(
    line, events, steps, scene, heard
):
    _, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await officer.wait_ringing()
    await officer.answer()
    await events.wait("OfficerAnswered", CallId=call_id)
    await officer.press("1")
    await events.wait("OfficerTook", timeout_s=BRIEF_LATE_S / 2, CallId=call_id)
    await events.wait("ConfbridgeJoin", Conference=call_id, count=3)
    await heard(caller, officer)
    await caller.hang_up()


async def test_brief_that_is_not_there_is_replaced_by_a_general_one(line, events, steps, scene):
    _, caller, officer, call_id, channel = scene
    general = Path(line.settings.asterisk.sounds) / "en" / "officer-brief.sln"
    general.parent.mkdir(parents=True, exist_ok=True)
    await synthesise("Emergency call. Place not known yet.", "en", general)
    steps.ring_officer(OFFICER, call_id, channel)
    await officer.wait_ringing()
    answered_at = time.monotonic()
    await officer.answer()
    await officer.wait_voice(answered_at, voiced_ms=1000, timeout_s=BRIEF_LATE_S + 5)
    await caller.hang_up()
    await officer.hang_up()


@pytest.mark.parametrize("key", ["2", "7", None], ids=["passed on", "wrong key", "no key"])
async def test_officer_who_does_not_press_1_never_meets_the_caller(line, events, steps, scene, key):
    _, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await officer.wait_ringing()
    await officer.answer()
    await events.wait("OfficerAnswered", CallId=call_id)
    if key:
        await officer.press(key)
    declined = await events.wait("OfficerDeclined", timeout_s=WAITED_FOR_KEY_S, CallId=call_id)
    assert declined["Key"] == ("2" if key == "2" else "")
    await officer.wait_closed(3)
    assert line.conferences()[call_id] == 2
    assert not events.of("OfficerTook")
    await caller.hang_up()


async def test_operator_may_leave_while_the_officers_phone_rings(line, events, steps, scene, heard):
    seat, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await officer.wait_ringing()
    await seat.hang_up()
    await asyncio.sleep(0.5)
    assert caller.call is not None and caller.call.open
    await take(officer, events, call_id, count=4)
    await heard(caller, officer)
    assert not events.of("CallerReturned")
    await caller.hang_up()
    await officer.wait_closed(2)


async def test_caller_goes_back_to_a_seat_when_no_officer_comes_after_all(
    line, events, steps, scene
):
    seat, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await officer.wait_ringing()
    await seat.hang_up()
    await officer.reject()
    steps.coming(channel, "")
    returned = await events.wait("CallerReturned", CallId=call_id)
    assert returned["Why"] == "no-officer"
    await events.wait("CallWaiting", CallId=call_id, count=2)
    await caller.hang_up()


async def test_caller_left_for_an_officer_reaches_a_seat_when_the_service_dies(
    line, events, steps, scene, phone, service_until
):
    seat, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel, timeout_s=3)
    await officer.wait_ringing()
    await seat.hang_up()
    # The fixture's service goes on beating; the global of a dead one grows stale.
    for _ in range(40):
        line.fall_silent()
        await asyncio.sleep(0.05)
        if events.of("FallbackEntered"):
            break
    await events.wait("FallbackEntered", CallId=call_id)
    await seat.wait_ringing(5)
    await caller.hang_up()


async def test_officer_takes_a_caller_out_of_the_fallback_queue(line, events, steps, scene, heard):
    seat, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await officer.wait_ringing()
    steps.redirect(channel, "fallback")
    await events.wait("FallbackEntered", CallId=call_id)
    await seat.wait_closed(3)
    await officer.answer()
    await events.wait("OfficerAnswered", CallId=call_id)
    await officer.press("1")
    await events.wait("ConfbridgeJoin", Conference=call_id, count=4)
    await heard(caller, officer)
    await caller.hang_up()


async def test_caller_who_leaves_during_the_brief_is_told_to_the_officer(
    line, events, steps, scene
):
    _, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await officer.wait_ringing()
    await officer.answer()
    await events.wait("OfficerAnswered", CallId=call_id)
    await caller.hang_up()
    await events.wait("Hangup", Channel=channel)
    await officer.press("1")
    await officer.wait_closed(4)
    assert not events.of("OfficerTook")
    assert not events.of("PartyJoining", Party=OFFICER)


async def test_only_the_first_of_two_officers_gets_the_caller(line, events, steps, scene, phone):
    _, caller, officer, call_id, channel = scene
    late = await phone(OTHER)
    steps.ring_officer(OFFICER, call_id, channel)
    steps.ring_officer(OTHER, call_id, channel, attempt="hunt-2")
    for one in (officer, late):
        await one.wait_ringing()
        await one.answer()
    await events.wait("OfficerAnswered", count=2)
    await asyncio.gather(officer.press("1"), late.press("1"))
    await events.wait("OfficerTook")
    await events.wait("OfficerDeclined")
    await events.wait("PartyJoining", Role="officer")
    await asyncio.sleep(1)
    assert len(events.of("OfficerTook")) == 1
    assert line.conferences()[call_id] == 3
    await caller.hang_up()


async def test_next_officer_can_take_the_call_after_the_first_has_left(
    line, events, steps, scene, phone
):
    _, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await take(officer, events, call_id)
    await officer.hang_up()
    await events.wait("ConfbridgeLeave", Conference=call_id)
    other = await phone(OTHER)
    steps.ring_officer(OTHER, call_id, channel, attempt="hunt-2")
    await take(other, events, call_id, count=4)
    await caller.hang_up()


async def test_caller_alone_goes_back_on_hold_when_the_officers_phone_vanishes(
    line, events, steps, scene
):
    seat, caller, officer, call_id, channel = scene
    steps.ring_officer(OFFICER, call_id, channel)
    await take(officer, events, call_id)
    steps.coming(channel, "")
    await seat.hang_up()
    await events.wait("ConfbridgeLeave", Conference=call_id)
    await officer.vanish()
    returned = await events.wait("CallerReturned", timeout_s=8, CallId=call_id)
    assert returned["Why"] == "officer-vanished"
    await events.wait("CallWaiting", CallId=call_id, count=2)
    await caller.hang_up()
