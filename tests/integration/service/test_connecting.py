"""Others brought to a call, with real phones: who hears whom, who comes back, what outlives."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from tests.integration.service.test_seats_and_callers import talking

pytestmark = pytest.mark.asterisk


async def takes(phone):
    await phone.wait_ringing()
    await phone.answer()
    await asyncio.sleep(0.3)
    await phone.press("1")


async def on_bridge(hotline, call_id, *parties):
    """Those parties are with the caller, and nobody else is."""

    async def look():
        legs = (await hotline.api(f"calls/{call_id}"))["legs"]
        there = {each["party"] for each in legs if each["joined_at"] and not each["left_at"]}
        return there - {"2125550100"} == set(parties)

    await hotline.until(look, f"{parties} are with the caller")


async def test_caller_operator_officer_interpreter_and_ambulance_all_hear_each_other(
    hotline, phone, speech
):
    officer, ambulance, interpreter = [
        await phone(each) for each in ("o14a", "ambulance", "interpreter")
    ]
    seat, caller, call_id = await talking(hotline, phone)
    await hotline.api(f"calls/{call_id}/officer", {"officer": "o14a"})
    for partner in ("ambulance", "interpreter"):
        await hotline.api(f"calls/{call_id}/parties", {"partner": partner})
    await asyncio.gather(*(takes(each) for each in (officer, ambulance, interpreter)))
    await on_bridge(hotline, call_id, "s01", "o14a", "ambulance", "interpreter")
    everybody = [caller, seat, officer, ambulance, interpreter]
    for speaker in everybody:
        said = await speaker.say(speech)
        await asyncio.gather(*(each.hears(said) for each in everybody if each is not speaker))
        await speaker.finish(said)
    await caller.hang_up()
    await asyncio.gather(*(each.wait_closed() for each in everybody[1:]))


async def test_caller_on_hold_has_music_while_the_desk_is_asked_first_and_then_has_them_both(
    hotline, phone, speech, hear_each_other
):
    ambulance = await phone("ambulance")
    seat, caller, call_id = await talking(hotline, phone)
    await hotline.api(
        f"calls/{call_id}/parties", {"partner": "ambulance", "how": "ask", "seat": "s01"}
    )
    await hotline.call_is(call_id, held=True)
    began = time.monotonic()
    await takes(ambulance)
    await hear_each_other(seat, ambulance)
    said = await seat.say(speech)
    await ambulance.hears(said)
    await seat.finish(said)
    assert caller.find(said) is None, "the caller heard what was said apart"
    music = caller.heard_voice(began)
    assert music.voiced_ms > 500 * (time.monotonic() - began), "the caller was in dead air"
    await hotline.api(f"calls/{call_id}/back", {"seat": "s01"})
    await on_bridge(hotline, call_id, "s01", "ambulance")
    await hear_each_other(seat, caller)
    await hear_each_other(ambulance, caller)
    await caller.hang_up()


async def test_operator_who_asked_first_and_hangs_up_leaves_the_desk_with_the_caller(
    hotline, phone, hear_each_other
):
    ambulance = await phone("ambulance")
    seat, caller, call_id = await talking(hotline, phone)
    await hotline.api(
        f"calls/{call_id}/parties", {"partner": "ambulance", "how": "ask", "seat": "s01"}
    )
    await takes(ambulance)
    await hear_each_other(seat, ambulance)
    await seat.hang_up()
    await on_bridge(hotline, call_id, "ambulance")
    await hear_each_other(ambulance, caller)
    await hotline.seat_is("s01", "ready")
    await ambulance.hang_up()
    await caller.wait_closed()


async def test_call_given_to_a_desk_that_declines_comes_back_to_the_seat_that_gave_it(
    hotline, phone, hear_each_other
):
    ambulance = await phone("ambulance")
    seat, caller, call_id = await talking(hotline, phone)
    other = await phone("s02")
    began = time.monotonic()
    await hotline.api(
        f"calls/{call_id}/parties", {"partner": "ambulance", "how": "give", "seat": "s01"}
    )
    await seat.wait_closed()
    await ambulance.wait_ringing()
    await asyncio.sleep(1)
    await ambulance.reject()
    await seat.wait_ringing(8)
    assert other.call is None, "another seat was rung first"
    await seat.answer()
    await hear_each_other(seat, caller)
    assert caller.heard_voice(began).voiced_ms > 500, "the caller was in dead air"
    await caller.hang_up()


async def test_call_given_to_another_seat_is_that_seats_call(hotline, phone, hear_each_other):
    seat, caller, call_id = await talking(hotline, phone)
    other = await phone("s02")
    await hotline.api(f"calls/{call_id}/parties", {"to_seat": "s02", "how": "give", "seat": "s01"})
    await seat.wait_closed()
    await other.wait_ringing()
    await other.answer()
    await hear_each_other(other, caller)
    await hotline.call_is(call_id, seat="s02")
    await hotline.seat_is("s02", "talking")
    await hotline.seat_is("s01", "ready")
    await caller.hang_up()


async def test_hold_and_who_is_asked_outlive_the_service(hotline, phone, hear_each_other):
    ambulance = await phone("ambulance")
    seat, caller, call_id = await talking(hotline, phone)
    await hotline.api(
        f"calls/{call_id}/parties", {"partner": "ambulance", "how": "ask", "seat": "s01"}
    )
    await ambulance.wait_ringing()
    await hotline.call_is(call_id, held=True)
    hotline.signal_service(signal.SIGKILL)
    began = time.monotonic()
    await takes(ambulance)
    await hear_each_other(seat, ambulance)
    assert caller.heard_voice(began).voiced_ms > 500, "the caller was in dead air"
    await hotline.restart_service()
    await hotline.call_is(call_id, adopted=True, held=True, coming=[])
    await hotline.seat_is("s01", "talking")
    await hotline.api(f"calls/{call_id}/back", {"seat": "s01"})
    await on_bridge(hotline, call_id, "s01", "ambulance")
    await hear_each_other(seat, caller)
    await hear_each_other(ambulance, caller)
    await caller.hang_up()


async def test_caller_whose_operator_hangs_up_on_hold_comes_back_to_a_seat(
    hotline, phone, hear_each_other
):
    seat, caller, call_id = await talking(hotline, phone)
    await hotline.api(f"calls/{call_id}/hold", {"seat": "s01"})
    await hotline.call_is(call_id, held=True)
    await seat.hang_up()
    await seat.wait_ringing(8)
    await seat.answer()
    await hear_each_other(seat, caller)
    await caller.hang_up()


async def test_call_given_to_a_queue_waits_at_its_head_and_the_next_seat_has_it(
    hotline, phone, hear_each_other
):
    seat, caller, call_id = await talking(hotline, phone)
    other = await phone("s02")
    await hotline.api(
        f"calls/{call_id}/parties", {"queue": "emergency", "how": "give", "seat": "s01"}
    )
    await seat.wait_closed()
    await other.wait_ringing(5)
    await other.answer()
    await hear_each_other(other, caller)
    await hotline.call_is(call_id, seat="s02")
    await caller.hang_up()
