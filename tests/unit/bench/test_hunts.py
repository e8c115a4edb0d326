"""Phones with a voice, and what a series of hunts says."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter

import pytest

from callcenter.bench.errors import BenchFailed
from callcenter.bench.hunt_kills import Killed
from callcenter.bench.hunt_kills import figures as kill_figures
from callcenter.bench.hunts import Calls, Hunted, Part, figures
from callcenter.bench.phones import Plan
from callcenter.bench.talkers import Mouth, OfficerPhones, _Call, loud, media_of, sdp
from callcenter.bench.telephone import encoded, silence
from ivr.hold_music import hold_music

PART = Part("deputy", 4, 2, frozenset({"deputy"}), 1.5, 100.0)
ALONE = Part("there", 2, 2, frozenset({"duty"}))


def hunted(heard_ms, way_ms=50.0):
    return Hunted("7", "19", "1.1", way_ms, heard_ms)


def test_where_the_sound_goes_is_read_from_what_is_offered() -> None:
    assert media_of(sdp(4000)) == ("127.0.0.1", 4000)
    assert media_of("v=0\r\n") is None


async def test_a_key_is_sent_as_rfc_4733_has_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            mouth = Mouth(link, ear.getsockname())
            await mouth.press(1)
        packets = [ear.recv(100) for _ in range(9)]
    heads = [struct.unpack("!BBHII", packet[:12]) for packet in packets]
    events = [struct.unpack("!BBH", packet[12:]) for packet in packets]
    assert {head[1] & 0x7F for head in heads} == {101}
    assert [head[1] >> 7 for head in heads] == [1] + [0] * 8
    assert len({head[3] for head in heads}) == 1  # one key has one timestamp
    assert [head[2] for head in heads] == list(range(heads[0][2], heads[0][2] + 9))
    assert {event[0] for event in events} == {1}
    assert [event[1] >> 7 for event in events] == [0] * 6 + [1] * 3
    assert [event[2] for event in events] == [160, 320, 480, 640, 800, 960, 960, 960, 960]


def request(method: str, body: str = "") -> bytes:
    lines = (
        f"{method} sip:o1@127.0.0.1 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1",
        "From: <sip:110@127.0.0.1>;tag=a",
        "To: <sip:o1@127.0.0.1>",
        "Call-ID: c1",
        f"CSeq: 1 {method}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def test_officer_whose_call_is_over_says_nothing_into_the_next_call_at_its_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asterisk:
        asterisk.bind(("127.0.0.1", 0))
        asterisk.settimeout(1)
        mouths: list[Mouth] = []
        async with OfficerPhones({}, "127.0.0.1", 9, lambda officer: Plan()) as phones:
            phones.on_answer = lambda officer, mouth: mouths.append(mouth)
            phones.datagram_received(request("INVITE", sdp(asterisk.getsockname()[1])), None)
            await mouths[0].speak(bytes(160))
            assert asterisk.recv(2048)
            phones.datagram_received(request("BYE"), None)
            await mouths[0].speak(bytes(160))
            await mouths[0].press(1)
            asterisk.setblocking(False)
            with pytest.raises(BlockingIOError):
                asterisk.recv(2048)


async def test_a_call_is_waited_for_by_what_the_service_tells_of_it() -> None:
    calls = Calls()
    waiting = asyncio.create_task(calls.of("7", 1.0, state="talking", officer_state=("a", "b")))
    await asyncio.sleep(0)
    for state, officer in (("waiting", "a"), ("talking", "c"), ("talking", "b")):
        assert not waiting.done()
        calls.event({"call": {"from": "7", "id": "1.1", "state": state, "officer_state": officer}})
        await asyncio.sleep(0.01)
    assert (await waiting)["id"] == "1.1"
    calls.event({"type": "hello", "call": None})
    with pytest.raises(BenchFailed, match="caller 8"):
        await calls.of("8", 0.01, state="talking")


def test_a_call_that_was_never_heard_is_not_in_time() -> None:
    told = {each.name: each for each in figures(PART, [hunted(20_000), hunted(None)], 2)}
    share = told["deputy: both heard within 30 s"]
    assert (share.value, share.met) == (50, False)
    told = {each.name: each for each in figures(PART, [hunted(29_999), hunted(30_000)], 2)}
    assert told["deputy: both heard within 30 s"].met
    told = {each.name: each for each in figures(PART, [hunted(30_001), hunted(30_000)], 2)}
    assert not told["deputy: both heard within 30 s"].met


def test_what_could_not_be_measured_meets_no_bound() -> None:
    told = figures(ALONE, [hunted(900), hunted(None, None)], 2)
    assert [each.met for each in told[1:]] == [False, False]
    assert all(each.met for each in figures(ALONE, [hunted(900), hunted(1_100)], 2)[1:])
    assert not figures(ALONE, [hunted(900), hunted(1_201)], 2)[-1].met


def test_silence_of_a_caller_is_the_longest_time_without_a_sound() -> None:
    call = _Call(None, "7", "110", None)  # type: ignore[arg-type]  # nothing is dialled
    call.sounds = [1.0, 2.0, 5.0, 9.0]
    assert call.silence_s(1.5, 6.0) == 3.0
    assert call.silence_s(5.5, 8.5) == 3.0
    assert call.silence_s(0.0, 1.0) == 1.0


def test_hold_music_is_a_sound_and_silence_is_none() -> None:
    frames = encoded((hold_music() * 32767).astype("<i2"))
    heard = [loud(frames[at : at + 160]) for at in range(0, len(frames), 160)]
    assert all(heard)
    assert not loud(encoded(silence(0.02))) and not loud(b"")


def test_kills_count_a_phone_that_rang_twice_and_a_caller_left_in_silence() -> None:
    fine = Killed("7", heard=True, silence_s=1.7, rings=Counter(o1=1, o2=1))
    odd = Killed("8", heard=True, silence_s=5.1, rings=Counter(o1=2))
    told = {each.name: each for each in kill_figures(1, [fine], 0)}
    assert all(each.met is not False for each in told.values())
    told = {each.name: each for each in kill_figures(1, [fine, odd], 1)}
    assert [each.name for each in told.values() if each.met is False] == [
        "longest silence of a caller alone",
        "officers rung twice in one hunt",
        "channels left over",
    ]
    assert kill_figures(1, [], 0)[1].met is False
