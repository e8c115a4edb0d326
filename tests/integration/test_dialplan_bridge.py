"""Hold, offer and bridge on a real Asterisk, as long as the heartbeat is fresh."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("service")]

VOICE_RMS = 300
"""Speech is far above this, music on hold and line noise below or near it."""


async def test_answered_offer_puts_caller_and_seat_on_one_bridge(line, events, phone, steps, heard):
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.wait(caller, "911")
    steps.offer(channel, "s01", offer_id="o7")
    started = await events.wait("OfferStarted", CallId=call_id)
    assert (started["Seat"], started["OfferId"]) == ("s01", "o7")
    await seat.wait_ringing()
    await seat.answer()
    joining = await events.wait("PartyJoining", CallId=call_id)
    assert (joining["Role"], joining["Party"], joining["OfferId"]) == ("operator", "s01", "o7")
    await events.wait("ConfbridgeJoin", Conference=call_id, count=2)
    await heard(caller, seat)
    await seat.hang_up()
    await caller.wait_closed(2)
    ended = await events.wait("Hangup", Channel=channel)
    assert ended["Cause"] == "16"
    assert not events.of("OfferEnded")


async def test_recorded_legs_are_of_equal_length_and_hold_one_voice_each(
    line, events, phone, steps, speech
):
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.talk(caller, seat)
    said = await caller.say(speech)
    await caller.finish(said)
    await asyncio.sleep(0.5)
    said = await seat.say(speech)
    await seat.finish(said)
    await caller.hang_up()
    await events.wait("Hangup", Channel=channel)
    await asyncio.sleep(0.3)
    legs = {
        name: np.fromfile(line.settings.asterisk.recordings / f"{call_id}-{name}.sln", "<i2")
        for name in ("rx", "tx")
    }
    assert len(legs["rx"]) == len(legs["tx"])
    caller_s, seat_s = (_loud_s(legs[name]) for name in ("rx", "tx"))
    assert caller_s > 0.8, "what the caller says is in rx"
    assert seat_s > 0.8, "what the caller hears is in tx"
    both = min(len(leg) for leg in legs.values()) // 1600 * 1600
    levels = [_levels(leg[:both]) for leg in legs.values()]
    together = np.count_nonzero((levels[0] > VOICE_RMS) & (levels[1] > VOICE_RMS))
    assert together <= 3, "they spoke one after the other"


def _levels(samples):
    blocks = samples[: len(samples) // 1600 * 1600].reshape(-1, 1600).astype(float)
    return np.sqrt((blocks**2).mean(axis=1))


def _loud_s(samples):
    return np.count_nonzero(_levels(samples) > VOICE_RMS) * 0.2


@pytest.mark.parametrize(
    ("seat_does", "status"),
    [("nothing", "NOANSWER"), ("reject", "REJECTED"), ("unregistered", "CHANUNAVAIL")],
)
async def test_failed_offer_says_why_and_the_caller_waits_again(
    line, events, phone, steps, seat_does, status
):
    caller = await phone("2125550100")
    seat = None if seat_does == "unregistered" else await phone("s01")
    call_id, channel = await steps.wait(caller)
    steps.offer(channel, "s01", ring_s=2, offer_id="o9")
    if seat_does == "reject":
        await seat.wait_ringing()
        await seat.reject()
    ended = await events.wait("OfferEnded", timeout_s=4, CallId=call_id)
    assert (ended["DialStatus"], ended["Seat"], ended["OfferId"]) == (status, "s01", "o9")
    await events.wait("CallWaiting", CallId=call_id, count=2)
    await caller.hang_up()


async def test_seat_that_talks_is_not_rung_by_a_second_offer(line, events, phone, steps):
    seat, one, two = await phone("s01"), await phone("2125550100"), await phone("2125550101")
    await steps.talk(one, seat)
    call_id, channel = await steps.wait(two)
    steps.offer(channel, "s01")
    ended = await events.wait("OfferEnded", CallId=call_id)
    assert ended["DialStatus"] == "PHONE_IN_USE"
    to_seat = [e for e in events.of("Newchannel") if e["Channel"].startswith("PJSIP/s01-")]
    assert len(to_seat) == 1
    await one.hang_up()
    await two.hang_up()


async def test_seat_can_be_offered_the_next_call_the_moment_it_hangs_up(line, events, phone, steps):
    seat, one, two = await phone("s01"), await phone("2125550100"), await phone("2125550101")
    _, first = await steps.talk(one, seat)
    call_id, channel = await steps.wait(two)
    await seat.hang_up()
    await events.wait("Hangup", Channel=first)
    steps.offer(channel, "s01")
    await seat.wait_ringing(2)
    assert not events.of("OfferEnded", CallId=call_id)
    await two.hang_up()


async def test_an_operators_hang_up_is_told_before_anything_follows_and_no_callers_is(
    line, events, phone, steps
):
    seat, one, two = await phone("s01"), await phone("2125550100"), await phone("2125550101")
    await steps.talk(one, seat)
    await seat.hang_up()
    await events.wait("Hangup", count=2)
    await steps.talk(two, seat)
    await two.hang_up()
    await events.wait("Hangup", count=4)
    (told,) = events.of("HangupRequest")
    assert told["Channel"].startswith("PJSIP/s01-")
    left = events.of("ConfbridgeLeave", Uniqueid=told["Uniqueid"])
    assert events.seen.index(told) < events.seen.index(left[0])


async def test_cancelled_offer_stops_the_ringing(line, events, phone, steps):
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    steps.offer(channel, "s01")
    await seat.wait_ringing()
    steps.redirect(channel, "hold")
    await seat.wait_closed(2)
    await events.wait("CallWaiting", CallId=call_id, count=2)
    await caller.hang_up()


async def test_offer_goes_on_when_the_service_dies_while_it_rings(line, phone, steps, heard):
    seat, caller = await phone("s01"), await phone("2125550100")
    _, channel = await steps.wait(caller)
    steps.offer(channel, "s01")
    await seat.wait_ringing()
    line.fall_silent()
    await asyncio.sleep(1)
    await seat.answer()
    await heard(caller, seat)
    await seat.hang_up()
    await caller.wait_closed(2)


async def test_caller_goes_back_on_hold_when_the_operators_phone_vanishes(
    line, events, phone, steps, heard
):
    first, second = await phone("s01"), await phone("s02")
    caller = await phone("2125550100")
    call_id, channel = await steps.talk(caller, first)
    await first.vanish()
    vanished = time.monotonic()
    returned = await events.wait("CallerReturned", timeout_s=8, CallId=call_id)
    assert time.monotonic() - vanished < line.settings.sip.rtp_timeout_s + 3
    assert returned["Why"] == "vanished"
    gone = next(e for e in events.of("Hangup") if e["Channel"].startswith("PJSIP/s01-"))
    assert gone["Cause"] == "44"
    await events.wait("CallWaiting", CallId=call_id, count=2)
    steps.offer(channel, "s02")
    await second.wait_ringing()
    await second.answer()
    await heard(caller, second)
    await second.hang_up()
    await caller.wait_closed(2)


async def test_operator_who_crossed_a_redirect_is_joined_by_the_caller(
    line, events, phone, steps, heard
):
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    steps.offer(channel, "s01")
    await seat.wait_ringing()
    # The seat answers in the moment in which the caller is taken back.
    back = asyncio.to_thread(steps.redirect, channel, "hold")
    await asyncio.gather(seat.answer(), back, return_exceptions=True)
    await asyncio.sleep(2)
    if call_id in line.conferences():
        await heard(caller, seat)
        await caller.hang_up()
        await seat.wait_closed(2)
    else:
        await seat.wait_closed(2)
        await caller.hang_up()


@pytest.mark.parametrize("moment", ["waiting", "ringing", "just answered", "talking"])
async def test_caller_who_leaves_takes_everything_along(line, events, phone, steps, moment):
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    if moment != "waiting":
        steps.offer(channel, "s01")
        await seat.wait_ringing()
    if moment == "just answered":
        await asyncio.gather(seat.answer(), caller.hang_up(), return_exceptions=True)
    elif moment == "talking":
        await seat.answer()
        await events.wait("ConfbridgeJoin", Conference=call_id, count=2)
        await caller.hang_up()
    else:
        await caller.hang_up()
    await events.wait("Hangup", Channel=channel)
    if moment != "waiting":
        await seat.wait_closed(2)


async def test_caller_put_out_of_the_bridge_waits_for_the_next_seat(
    line, events, actor, phone, steps
):
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.talk(caller, seat)
    actor.ask(Action="ConfbridgeKick", Conference=call_id, Channel=channel)
    await events.wait("CallWaiting", CallId=call_id, count=2)
    await seat.wait_closed(2)
    await asyncio.sleep(0.5)
    assert caller.call is not None and caller.call.open
    assert len(events.of("ConfbridgeJoin", Conference=call_id, Channel=channel)) == 1
    await caller.hang_up()


@pytest.mark.parametrize("context", ["hold", "offer", "join", "fallback", "officer-wait"])
async def test_redirect_to_nowhere_does_not_lose_the_caller(line, events, phone, steps, context):
    caller = await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    steps.redirect(channel, context, "9")
    await events.wait("CallWaiting", CallId=call_id, count=2)
    assert caller.call is not None and caller.call.open
    await caller.hang_up()


async def test_seat_is_not_left_alone_when_the_caller_leaves_as_it_answers(line, phone, steps):
    """A kick that meets somebody in the very moment of joining does nothing, and is the last."""
    seat, caller = await phone("s01"), await phone("2125550100")
    for turn, later_s in enumerate((0, 0.002, 0.005, 0.01, 0.02, 0, 0.005, 0.01)):
        _, channel = await steps.wait(caller)
        steps.offer(channel, "s01", offer_id=f"o{turn}")
        await seat.wait_ringing()
        answering = asyncio.create_task(seat.answer())
        await asyncio.sleep(later_s)
        await caller.hang_up()
        await seat.wait_closed(5)
        # The call may have been over before the phone could say that it was answered.
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)


async def test_party_who_takes_the_last_step_after_the_caller_left_is_not_left_alone(
    line, events, actor, phone, steps
):
    """The operator looked, the caller was there; the caller leaves, the operator joins."""
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    actor.ask(
        Action="Setvar",
        Channel=channel,
        Variable="SHARED(JOINING)",
        Value=str(int(time.time())),
    )
    seat.answer_by_itself()
    await caller.hang_up()
    await events.wait("Hangup", Channel=channel)
    actor.ask(
        Action="Originate",
        Channel="PJSIP/s01",
        Application="ConfBridge",
        Data=f"{call_id},call,party",
        Async="true",
    )
    await events.wait("ConfbridgeJoin", Conference=call_id)
    await seat.wait_closed(3)
