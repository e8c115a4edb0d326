"""Which way a leg's sound goes to a recogniser: by what its codec is, and by what can be had."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from callcenter.asterisk.actions import Action, GetVariable, OriginateApplication, Reply
from callcenter.asterisk.connection import Timings
from callcenter.asterisk.errors import ActionRefused, ActionTimeout, AmiError, NotConnected
from callcenter.asterisk.headers import Headers
from callcenter.asterisk.leg_taps import LegTaps
from callcenter.asterisk.snoops import LONGEST_EXTENSION, Snoops, _started
from callcenter.settings import Ari

UUID_ = UUID("00000000-0000-4000-8000-000000000001")
LEG = "PJSIP/s01-00000001"
CALLER = "PJSIP/trunk-00000000"


class Link:
    """Answers with a leg's codec and the call's band, and writes down what it was asked."""

    def __init__(self, codec: str, band: str = "-wide") -> None:
        self.known = {(LEG, "CHANNEL(audionativeformat)"): codec, (CALLER, "CALL_BAND"): band}
        self.sent: list[Action] = []

    async def send(self, action: Action, timeout_s: float = 5.0) -> Reply:
        self.sent.append(action)
        if isinstance(action, GetVariable):
            if (action.channel, action.name) not in self.known:
                raise ActionRefused("Getvar", "No such channel")
            value = self.known[action.channel, action.name]
            return Reply(Headers([("Response", "Success"), ("Value", value)]))
        return Reply(Headers([("Response", "Success")]))

    @property
    def spies(self) -> list[str]:
        return [each.data for each in self.sent if isinstance(each, OriginateApplication)]


class Ways:
    """Snoop channels that are had, or not."""

    def __init__(self, error: AmiError | None = None, *, connected: bool = True) -> None:
        self.error = error
        self.connected = connected
        self.opened: list[tuple[str, str, str]] = []

    async def open(self, channel: str, to: str, name: str) -> None:
        if self.error is not None:
            raise self.error
        self.opened.append((channel, to, name))


async def tap(link: Link, ways: Ways | None) -> None:
    await LegTaps(link, ways).open(LEG, CALLER, "127.0.0.1", 9092, UUID_)  # type: ignore[arg-type]


async def test_wideband_leg_is_snooped_and_not_spied_on() -> None:
    link, ways = Link("(g722)"), Ways()
    await tap(link, ways)
    assert ways.opened == [(LEG, f"127.0.0.1:9092/{UUID_}", f"tap-{UUID_}")]
    assert link.spies == []


@pytest.mark.parametrize("ways", [Ways(), Ways(connected=False), None])
async def test_narrowband_leg_is_spied_on(ways: Ways | None) -> None:
    link = Link("(ulaw)")
    await tap(link, ways)
    assert link.spies == [f"{LEG},qoS"]
    assert ways is None or ways.opened == []


async def test_wideband_leg_in_a_narrowband_bridge_is_spied_on() -> None:
    link, ways = Link("(g722)", band=""), Ways()
    await tap(link, ways)
    assert link.spies == [f"{LEG},qoS"]
    assert ways.opened == []


async def test_leg_with_one_of_several_codecs_is_spied_on() -> None:
    link, ways = Link("(g722|ulaw)"), Ways()
    await tap(link, ways)
    assert link.spies == [f"{LEG},qoS"]
    assert ways.opened == []


async def test_leg_is_heard_narrowband_where_its_caller_cannot_be_asked() -> None:
    link, ways = Link("(g722)"), Ways()
    del link.known[CALLER, "CALL_BAND"]
    await tap(link, ways)
    assert link.spies == [f"{LEG},qoS"]


@pytest.mark.parametrize("error", [ActionRefused("snoop", "status 404"), NotConnected("no link")])
async def test_wideband_leg_is_heard_narrowband_where_no_snoop_channel_can_be_had(
    error: AmiError,
) -> None:
    link = Link("(g722)")
    await tap(link, Ways(error))
    assert link.spies == [f"{LEG},qoS"]


async def test_leg_is_not_tapped_twice_where_a_snoop_channel_may_be_there() -> None:
    link = Link("(g722)")
    with pytest.raises(ActionTimeout):
        await tap(link, Ways(ActionTimeout("snoop", "no answer within 2 s")))
    assert link.spies == []


async def test_nothing_is_asked_of_leg_and_codec_where_no_interface_is_connected() -> None:
    link = Link("(g722)")
    await tap(link, Ways(connected=False))
    assert not any(isinstance(each, GetVariable) for each in link.sent)


async def test_address_that_asterisk_has_no_room_for_is_refused_before_it_is_sent() -> None:
    snoops = Snoops(Ari(), "secret")
    with pytest.raises(NotConnected):
        await snoops.open(LEG, "127.0.0.1:9092/x", "tap-x")
    snoops._http = aiohttp.ClientSession()
    try:
        with pytest.raises(AmiError, match="too long"):
            await snoops.open(LEG, "h" * LONGEST_EXTENSION, "tap-x")
    finally:
        await snoops._http.close()


def message(event: Any) -> aiohttp.WSMessage:
    return aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, json.dumps(event), None)


def test_only_a_snoop_channel_that_has_begun_is_sent_on() -> None:
    begun = {"type": "StasisStart", "channel": {"id": "tap-1"}, "args": ["to-127.0.0.1:1/x"]}
    assert _started(message(begun)) == ("tap-1", "to-127.0.0.1:1/x")
    for odd in (begun | {"type": "StasisEnd"}, begun | {"args": []}, {"channel": {}}, [], "x"):
        assert _started(message(odd)) is None


async def test_connection_is_tried_again_whatever_went_wrong_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []
    enough = asyncio.Event()

    async def break_down(self: Snoops, http: aiohttp.ClientSession) -> str:
        tried.append(1)
        if len(tried) == 3:
            enough.set()
        raise ExceptionGroup("a task of it", [RuntimeError("nobody thought of this")])

    monkeypatch.setattr(Snoops, "_live", break_down)
    snoops = Snoops(Ari(), "secret", Timings(first_pause_s=0.001, longest_pause_s=0.001))
    running = asyncio.create_task(snoops.run())
    async with asyncio.timeout(5):
        await enough.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
