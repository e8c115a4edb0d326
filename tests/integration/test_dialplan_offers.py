"""Several phones for one caller, and where else a caller can be sent, on a real Asterisk."""

from __future__ import annotations

import asyncio
import re
import socket
import uuid
from pathlib import Path

import numpy as np
import pytest

from callcenter.asterisk.actions import CountPackets
from callcenter.calls.ends import Ends
from callcenter.calls.facts import origin_of
from callcenter.lab.exchange import NO_SITE, OTHER_SITE, STRANGE_TRUNK

pytestmark = pytest.mark.asterisk
with_service = pytest.mark.usefixtures("service")

UNANSWERED = "119"
"""A number of a test's own, whose callers hear it ring."""


@with_service
async def test_all_phones_ring_the_one_that_answers_is_named_and_the_others_are_free_at_once(
    line, events, phone, steps, heard
):
    one, two = await phone("s01"), await phone("s02")
    caller, later = await phone("2125550100"), await phone("2125550101")
    call_id, channel = await steps.wait(caller)
    # Seat s77 shares the phone of s02, and s03's phone is not there.
    steps.offer(channel, "s01&s77@s02&s03", offer_id="o7")
    started = await events.wait("OfferStarted", CallId=call_id)
    assert (started["Seat"], started["OfferId"]) == ("s01&s77&s03", "o7")
    await asyncio.gather(one.wait_ringing(), two.wait_ringing())
    await two.answer()
    joining = await events.wait("PartyJoining", CallId=call_id)
    assert (joining["Party"], joining["OfferId"]) == ("s77", "o7")
    _, next_channel = await steps.wait(later)
    steps.offer(next_channel, "s01", offer_id="o8")
    await one.wait_closed(2)
    await one.wait_ringing(2)
    await heard(caller, two)
    await two.hang_up()
    await caller.wait_closed(2)
    await later.hang_up()
    assert not events.of("OfferEnded", OfferId="o7")


@with_service
async def test_seats_that_no_extension_could_hold_ring_all_the_same(
    line, events, actor, phone, steps
):
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    actor.ask(Action="Setvar", Channel=channel, Variable="OFFER_o9", Value="s02&s01")
    steps.redirect(channel, "offer", "*10*o9")
    await seat.wait_ringing()
    assert (await events.wait("OfferStarted", CallId=call_id))["Seat"] == "s02&s01"
    await caller.hang_up()
    await seat.wait_closed(2)


@pytest.fixture
def recorded(line) -> None:
    """An announcement two seconds long."""
    file = Path(line.settings.asterisk.sounds) / "en" / "announce-call_back.sln"
    file.parent.mkdir(parents=True, exist_ok=True)
    tone = 3000 * np.sin(2 * np.pi * 440 * np.arange(16000) / 8000)
    file.write_bytes(tone.astype("<i2").tobytes())


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("announcement", ["call_back*0", "call_back*1", "nobody_recorded_it*1"])
@with_service
async def test_caller_hears_an_announcement_and_waits_again(events, phone, steps, announcement):
    caller = await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    steps.redirect(channel, "announce", announcement)
    await events.wait("AnnouncementEnded", timeout_s=8, CallId=call_id)
    await events.wait("CallWaiting", CallId=call_id, count=2)
    await caller.hang_up()


@pytest.mark.usefixtures("recorded")
@with_service
async def test_caller_who_presses_1_is_noted_for_a_call_back_and_hung_up(
    line, events, phone, steps
):
    caller = await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    steps.redirect(channel, "announce", "call_back*1")
    await asyncio.sleep(0.5)
    await caller.press("1")
    await events.wait("CallbackWanted", CallId=call_id)
    await caller.wait_closed(4)
    assert not events.of("AnnouncementEnded")
    # For a service that has died meanwhile, and one that is back before the hang-up.
    assert Ends(line.settings.asterisk.recordings).all()[call_id].call_back_wanted
    gone = await events.wait("Hangup", Channel=channel)
    assert gone["ChanVariable"] == "CALL_BACK_WANTED=1"


@with_service
async def test_a_call_back_is_no_longer_wanted_by_who_talked_after_all(
    line, actor, events, phone, steps
):
    seat, caller = await phone("s01"), await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    actor.ask(Action="Setvar", Channel=channel, Variable="CALL_BACK_WANTED", Value="1")
    steps.offer(channel, "s01")
    await seat.wait_ringing()
    await seat.answer()
    await caller.wait_established()
    await asyncio.sleep(0.3)
    await caller.hang_up()
    await seat.wait_closed(2)
    await events.wait("Hangup", Channel=channel)  # its end is noted before that
    assert not Ends(line.settings.asterisk.recordings).all()[call_id].call_back_wanted


@pytest.mark.usefixtures("recorded")
async def test_nobody_is_promised_a_call_back_while_there_is_no_service_to_note_it(
    line, events, phone, steps, service_until
):
    caller = await phone("2125550100")
    async with service_until() as die:
        call_id, channel = await steps.wait(caller)
        steps.redirect(channel, "announce", "call_back*1")
        await die()
    line.fall_silent()
    await caller.press("1")
    await events.wait("FallbackEntered", CallId=call_id, timeout_s=8)
    assert not events.of("CallbackWanted")
    await caller.hang_up()


@with_service
async def test_caller_is_put_through_to_another_site(line, events, phone, steps):
    caller = await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    steps.redirect(channel, "divert", OTHER_SITE)
    await events.wait("DivertStarted", CallId=call_id)
    there = await events.wait("CallArrived", count=2)
    assert (there["Line"], there["CallerIDNum"]) == (OTHER_SITE, "2125550100")
    await events.wait("DivertTaken", CallId=call_id)
    await caller.hang_up()
    await events.wait("Hangup", Channel=there["Channel"])


@pytest.mark.parametrize(("number", "why"), [(NO_SITE, ""), ("12125550199", "NOT_ALLOWED")])
@with_service
async def test_caller_whom_nobody_takes_elsewhere_waits_again(
    line, events, phone, steps, number, why
):
    caller = await phone("2125550100")
    call_id, channel = await steps.wait(caller)
    steps.redirect(channel, "divert", number)
    failed = await events.wait("DivertFailed", CallId=call_id)
    assert failed["Why"] == why if why else failed["Why"] != "ANSWER"
    await events.wait("CallWaiting", CallId=call_id, count=2)
    assert len(events.of("CallArrived")) == 1
    await caller.hang_up()


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("context", "exten"),
    [("offer", "s01*10*o1"), ("hold", "s"), ("announce", "call_back*1"), ("divert", NO_SITE)],
)
@with_service
async def test_caller_who_is_redirected_before_being_answered_is_answered(
    line, events, phone, steps, context, exten
):
    await phone("s01")
    caller = await phone("2125550100")
    line.cli(f"dialplan add extension {UNANSWERED},1,Wait(10) into line-in")
    try:
        await caller.dial(UNANSWERED)
        arrived = await events.wait("Newchannel", Exten=UNANSWERED)
        steps.redirect(arrived["Channel"], context, exten)
        # No seat answers: that they are connected is Asterisk's own doing.
        await caller.wait_established()
    finally:
        await caller.hang_up()
        line.cli(f"dialplan remove extension {UNANSWERED}@line-in")


@pytest.fixture
def ends(actor):
    """Says how calls of line 110 end, and puts it back."""

    def say(**how: str) -> None:
        for what, value in how.items():
            actor.ask(Action="Setvar", Variable=f"LINE_110_{what.upper()}", Value=value)

    yield say
    say(hang_up="end", vanished="return")


def leg_of(events, seat):
    return next(
        e["Channel"] for e in events.of("Newchannel") if e["Channel"].startswith(f"PJSIP/{seat}-")
    )


@with_service
async def test_operators_hang_up_returns_the_caller_on_a_line_that_says_so(
    events, phone, steps, ends
):
    seat, caller = await phone("s01"), await phone("2125550100")
    ends(hang_up="return")
    call_id, _ = await steps.talk(caller, seat)
    await seat.hang_up()
    assert (await events.wait("CallerReturned", CallId=call_id))["Why"] == "hung-up"
    await events.wait("CallWaiting", CallId=call_id, count=2)
    await caller.hang_up()


@pytest.mark.parametrize("vanished", ["return", "end"])
@with_service
async def test_phone_that_is_put_out_as_vanished_does_to_its_caller_what_the_line_says(
    events, actor, phone, steps, ends, vanished
):
    seat, caller = await phone("s01"), await phone("2125550100")
    ends(vanished=vanished)
    call_id, _ = await steps.talk(caller, seat)
    leg = leg_of(events, "s01")
    count = dict(CountPackets(leg).headers())
    assert int(actor.ask(**count)["Value"]) > 0, "packets of sound from the phone"
    actor.ask(Action="Hangup", Channel=leg, Cause="44")
    if vanished == "return":
        assert (await events.wait("CallerReturned", CallId=call_id))["Why"] == "vanished"
        await caller.hang_up()
    await caller.wait_closed(2)


@pytest.mark.parametrize(
    ("source", "header", "origin"),
    [
        ("127.0.0.1", '3GPP-GERAN; cgi-3gpp="26201F0A1"; np', "cgi-3gpp=26201f0a1"),
        ("127.0.0.1", "x,y: ${SHELL(id)}; cgi-3gpp=$[1+1]\\", ""),
        (STRANGE_TRUNK, '3GPP-GERAN; cgi-3gpp="26201F0A1"; np', ""),
    ],
    ids=["trusted", "no cell", "not trusted"],
)
@with_service
async def test_who_and_where_a_trusted_network_says_the_caller_is_is_told_as_it_was_sent(
    line, events, source, header, origin
):
    sip, tag = line.settings.sip, uuid.uuid4().hex
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((source, 0))
        link.settimeout(3)
        port = link.getsockname()[1]

        def send(method: str, to: str, more: str = "Content-Length: 0\r\n") -> None:
            link.sendto(
                (
                    f"{method} sip:110@{sip.host}:{sip.port} SIP/2.0\r\n"
                    f"Via: SIP/2.0/UDP {source}:{port};branch=z9hG4bK{uuid.uuid4().hex};rport\r\n"
                    f"From: <sip:2125550100@127.0.0.1>;tag={tag}\r\nTo: {to}\r\n"
                    f"Call-ID: {tag}\r\nCSeq: {2 if method == 'BYE' else 1} {method}\r\n"
                    f"Contact: <sip:2125550100@{source}:{port}>\r\nMax-Forwards: 70\r\n"
                    f"{more}\r\n"
                ).encode(),
                (sip.host, sip.port),
            )

        body = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            "m=audio 29990 RTP/AVP 0\r\n"
        )
        send(
            "INVITE",
            f"<sip:110@{sip.host}>",
            f"P-Access-Network-Info: {header}\r\nP-Asserted-Identity: <sip:2125550177@x.test>\r\n"
            "Content-Type: application/sdp\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".removesuffix("\r\n"),
        )
        while not (answer := link.recv(4096).decode()).startswith("SIP/2.0 200"):
            pass
        to = re.search(r"^To: (.*)\r$", answer, re.M)
        assert to
        send("ACK", to[1])
        send("BYE", to[1])
        arrived = await events.wait("CallArrived")
    assert origin_of(arrived["Access"], arrived["Geolocation"]) == origin
    assert arrived["Access"] or source == STRANGE_TRUNK
    asserted = arrived["CallerIDNum"] == "2125550177"
    assert asserted is (source != STRANGE_TRUNK)
    assert arrived["Queue"] == "emergency"
