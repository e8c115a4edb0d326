"""The lab's phones are real: they register, ring, talk and hear through a real Asterisk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import wave
from pathlib import Path

import pytest

from callcenter.lab.phone import Phone
from callcenter.lab.phone_errors import CallGone, PhoneError, PhoneMisused, PhoneTimeout
from ivr.speech_out import synthesise_wav

pytestmark = pytest.mark.asterisk

ECHO = "*43"
MOUTH_TO_EAR_MS = 400
PACKET_MS = 20


@pytest.fixture
async def phone(phone):
    """Phones that hang up by themselves when the test is over."""
    made = []

    async def make(user):
        made.append(await phone(user))
        return made[-1]

    yield make
    for one in made:
        if one.pid is not None and one.call is not None and one.call.open:
            with contextlib.suppress(PhoneError):  # the other side was quicker
                await one.hang_up()


@pytest.fixture
async def answer_speech(tmp_path: Path) -> Path:
    file = tmp_path / "answer.wav"
    await synthesise_wav("Emergency hotline, what is the address?", "en", file, "slt")
    return file


async def connected(caller: Phone, seat: Phone) -> None:
    await caller.dial("110")
    await seat.wait_ringing()
    await seat.answer()
    await caller.wait_established()


async def test_two_phones_hear_each_other_at_once_and_not_themselves(phone, speech, answer_speech):
    caller, seat = await phone("2125550101"), await phone("s01")
    await connected(caller, seat)
    from_caller, from_seat = await caller.say(speech), await seat.say(answer_speech)
    at_seat, at_caller = await seat.hears(from_caller), await caller.hears(from_seat)
    assert -PACKET_MS < at_seat.delay_ms < MOUTH_TO_EAR_MS
    assert -PACKET_MS < at_caller.delay_ms < MOUTH_TO_EAR_MS
    assert caller.find(from_caller) is None
    assert seat.find(from_seat) is None


async def test_what_is_heard_can_be_read_while_the_call_goes_on(phone, speech):
    caller, seat = await phone("2125550102"), await phone("s01")
    await connected(caller, seat)
    before = time.monotonic()
    assert seat.heard_voice(before).voiced_ms == 0
    said = await caller.say(speech)
    await seat.wait_voice(before, voiced_ms=500)
    with wave.open(str(seat.heard())) as sound:
        assert sound.getframerate() == 8000
        assert sound.getnframes() >= 4000
    await caller.finish(said)
    voice = seat.heard_voice(before)
    assert voice.first_at is not None
    assert voice.last_at is not None
    assert voice.first_at - said.started_at < 0.5
    assert voice.last_at - voice.first_at < said.ends_at - said.started_at + 0.3


async def test_a_call_outlives_what_is_said(phone, speech):
    seat = await phone("s01")
    await seat.dial(ECHO)
    await seat.wait_established()
    await seat.finish(await seat.say(speech))
    await asyncio.sleep(1.5)  # baresip looks once a second whether its source has ended
    assert seat.call is not None
    assert seat.call.talking
    again = await seat.say(speech)
    await seat.hears(again)


async def test_a_pressed_key_arrives(phone):
    seat = await phone("s01")
    await seat.dial(ECHO)
    await seat.wait_established()
    await asyncio.sleep(0.2)
    await seat.press("1")
    assert await seat.wait_key() == "1"


async def test_the_callers_number_is_the_one_it_dials_under(phone, events):
    caller = await phone("2125550103")
    await phone("s01")
    for number in ("2125550103", "2125550104"):
        await caller.dial("110", number)
        call = await events.wait("CallArrived", CallerIDNum=number)
        await caller.hang_up()
        await events.wait("Hangup", Uniqueid=call["Uniqueid"])


async def test_a_phone_answers_by_itself_when_told_to(phone):
    caller, seat = await phone("2125550105"), await phone("s01")
    seat.answer_by_itself(after_s=0.3)
    await caller.dial("110")
    call = await seat.wait_established()
    assert call.established_at is not None
    assert 0.3 <= call.established_at - call.started_at < 1.0


async def test_a_caller_who_leaves_while_it_rings_is_seen_to_leave(phone):
    caller, seat = await phone("2125550106"), await phone("s01")
    await caller.dial("110")
    await seat.wait_ringing()
    await caller.hang_up()
    await seat.wait_closed()
    with pytest.raises(PhoneMisused, match="s01: there is no call to answer"):
        await seat.answer()


async def test_a_vanished_phone_leaves_no_process_and_says_no_good_bye(phone, events, speech):
    caller, seat = await phone("2125550107"), await phone("s01")
    await connected(caller, seat)
    pid = seat.pid
    assert pid is not None
    await seat.vanish()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert caller.call is not None
    assert caller.call.talking
    with pytest.raises(PhoneMisused, match="s01: there is no call"):
        await seat.say(speech)
    await caller.hang_up()


async def test_speaking_ends_with_an_error_when_the_call_does(phone, speech):
    caller, seat = await phone("2125550108"), await phone("s01")
    await connected(caller, seat)
    said = await seat.say(speech)
    await asyncio.gather(
        caller.hang_up(), wait_for(CallGone, seat.finish(said), "s01: the call ended")
    )


async def test_a_wait_that_is_in_vain_names_phone_and_step(phone, speech):
    seat = await phone("s01")
    with pytest.raises(PhoneTimeout, match=r"s01: timed out after 0\.2 s waiting to ring"):
        await seat.wait_ringing(0.2)
    await seat.dial(ECHO)
    await seat.wait_established()
    before = time.monotonic()
    with pytest.raises(PhoneTimeout, match="s01: heard 0 ms of voice"):
        await seat.wait_voice(before, timeout_s=0.3)


async def test_a_wrong_password_does_not_register(line, tmp_path):
    sip = line.settings.sip
    async with Phone("s01", "wrong", sip.host, sip.port, tmp_path / "wrong") as seat:
        with pytest.raises(PhoneTimeout, match=r"s01: .*to be registered \(.*401"):
            await seat.registered(1.0)


async def test_a_stopped_phone_is_gone_from_asterisk_and_from_the_machine(line, phone):
    seat = await phone("s02")
    pid = seat.pid
    assert pid is not None
    assert "s02/sip:" in line.cli("pjsip show contacts")
    await seat.stop()
    await seat.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "s02/sip:" not in line.cli("pjsip show contacts")


async def wait_for(kind: type[Exception], work, message: str) -> None:
    with pytest.raises(kind, match=message):
        await work
