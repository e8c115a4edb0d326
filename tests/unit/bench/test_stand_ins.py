"""The callers, phones and Asterisk of the benchmarks do what they say."""

from __future__ import annotations

import asyncio
import socket
import xml.dom.minidom

import pytest

from callcenter.asterisk import events
from callcenter.asterisk.headers import Headers
from callcenter.asterisk.parsing import parse
from callcenter.bench.callers import Callers, scenario
from callcenter.bench.fake_asterisk import FakeAsterisk, wire


@pytest.mark.parametrize("patience_ms", [None, 5000])
def test_scenario_of_callers_is_xml_and_every_label_exists(patience_ms: int | None) -> None:
    text = scenario(Callers("110", "7", 10, 5.0, patience_ms=patience_ms))
    document = xml.dom.minidom.parseString(text.split("?>", 1)[1])  # noqa: S318  # our own
    labels = {one.getAttribute("id") for one in document.getElementsByTagName("label")}
    steps = [
        one
        for kind in ("nop", "recv")
        for one in document.getElementsByTagName(kind)
        if one.hasAttribute("next") or one.hasAttribute("ontimeout")
    ]
    assert {one.getAttribute("next") or one.getAttribute("ontimeout") for one in steps} <= labels
    assert ('timeout="5000"' in text) is (patience_ms is not None)


def told(data: bytes) -> list[events.Event]:
    found = []
    for block in data.decode().split("\r\n\r\n"):
        pairs = [line.split(": ", 1) for line in block.split("\r\n") if ": " in line]
        headers = Headers((name, value) for name, value in pairs)
        event = parse(headers) if headers["event"] else None
        if event is not None:
            found.append(event)
    return found


async def test_fake_asterisk_tells_a_call_as_the_service_reads_it() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    over = asyncio.Event()
    async with FakeAsterisk(port, ["s01"], 0.0, over.set) as asterisk:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(wire([("Action", "Login"), ("ActionID", "1"), ("Events", "on")]))
        await asyncio.wait_for(asterisk.ready.wait(), 5)
        asterisk.arrive()
        (call_id,) = asterisk.up
        channel = asterisk.up[call_id].caller.name
        redirect = [("Action", "Redirect"), ("ActionID", "2"), ("Channel", channel)]
        writer.write(wire([*redirect, ("Context", "offer"), ("Exten", "s01*15*77")]))
        await asyncio.wait_for(over.wait(), 5)
        data = await reader.read(1 << 20)
        writer.close()
    kinds = [type(event) for event in told(data)]
    assert kinds == [
        events.ChannelCreated,
        events.CallArrived,
        events.CallWaiting,
        events.OfferStarted,
        events.ChannelCreated,
        events.ChannelRinging,
        events.DeviceState,
        events.PartyJoining,
        events.BridgeJoined,
        events.BridgeJoined,
        events.BridgeLeft,
        events.ChannelHungUp,
        events.DeviceState,
        events.BridgeLeft,
        events.ChannelHungUp,
    ]
    assert asterisk.ended == 1
    assert asterisk.up == {}
