import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from callcenter.api import events
from callcenter.store.errors import StoreUnavailable
from tests.unit.api.fake_floor import SEGMENT, detail, summary


@asynccontextmanager
async def stream(session, **kwargs):
    async with session.ws_connect("/api/v1/events", **kwargs) as socket:
        hello = await receive(socket)
        assert hello["type"] == "hello"
        yield socket, hello


async def receive(socket):
    return await socket.receive_json(timeout=3)


async def test_the_stream_opens_with_the_present_state(operator):
    async with stream(operator) as (_, hello):
        assert [call["id"] for call in hello["calls"]] == ["1.1", "1.2"]
        assert [seat["id"] for seat in hello["seats"]] == ["s01", "s02"]
        assert hello["speech"]["why"] == "no model is installed"


async def test_changes_arrive_in_order(api, operator):
    async with stream(operator) as (socket, _):
        api.bus.publish("calls", {"type": "call", "call": summary("1.3", state="waiting")})
        api.bus.publish("seats", {"type": "seat", "seat": {"id": "s01", "state": "ready"}})
        assert (await receive(socket))["call"]["state"] == "waiting"
        assert (await receive(socket))["seat"]["state"] == "ready"


async def test_words_and_details_go_to_those_who_follow_the_call(api, operator):
    async with stream(operator) as (socket, _):
        words = {"type": "segment", "call_id": "1.1", "segment": SEGMENT}
        api.bus.publish("call:1.1", words)
        await socket.send_json({"subscribe": "1.1"})
        assert (await receive(socket))["call"]["id"] == "1.1", "the call as it is, first"
        api.bus.publish("call:1.2", words | {"call_id": "1.2"})
        api.bus.publish("call:1.1", words)
        assert await receive(socket) == words
        await socket.send_json({"unsubscribe": "1.1"})
        await socket.send_json({"ping": 1})
        assert await receive(socket) == {"type": "pong", "ping": 1}
        api.bus.publish("call:1.1", words)
        api.bus.publish("speech", {"type": "speech", "speech": {}})
        assert (await receive(socket))["type"] == "speech"


async def test_a_program_can_follow_every_call(api, program):
    async with stream(program) as (socket, _):
        await socket.send_json({"subscribe": "*"})
        await socket.send_json({"ping": 1})
        await receive(socket)
        api.bus.publish("call:7.7", {"type": "segment", "call_id": "7.7", "segment": SEGMENT})
        assert (await receive(socket))["call_id"] == "7.7"


@pytest.mark.parametrize(
    "message",
    [
        "nonsense",
        "{}",
        "[]",
        '{"subscribe": "../etc"}',
        '{"subscribe": 5}',
        '{"subscribe": "1.1", "unsubscribe": "1.1"}',
        '{"shout": "1.1"}',
        "[" * 4000,
        '{"subscribe": "9.9"}',
    ],
    ids=lambda text: text[:30],
)
async def test_a_message_that_is_not_understood_is_answered_and_the_stream_goes_on(
    api, operator, message
):
    async with stream(operator) as (socket, _):
        await socket.send_str(message)
        answer = await receive(socket)
        assert answer["type"] == "error" and answer["error"]["next"]
        api.bus.publish("speech", {"type": "speech", "speech": {}})
        assert (await receive(socket))["type"] == "speech"


async def test_binary_messages_are_refused(operator):
    async with stream(operator) as (socket, _):
        await socket.send_bytes(b"\0" * 100)
        assert (await receive(socket))["type"] == "error"


async def test_an_oversized_message_ends_the_stream(operator):
    async with stream(operator) as (socket, _):
        await socket.send_str("x" * 10_000)
        ended = await socket.receive(timeout=3)
        assert ended.type is WSMsgType.CLOSE and ended.data == 1009


async def test_who_talks_only_nonsense_is_sent_away(operator):
    async with stream(operator) as (socket, _):
        for _ in range(events.BAD_MESSAGES_AT_MOST):
            await socket.send_str("nonsense")
        kinds = [await socket.receive(timeout=3) for _ in range(events.BAD_MESSAGES_AT_MOST + 1)]
        assert kinds[-1].type is WSMsgType.CLOSE and kinds[-1].data == 1008


async def test_a_client_follows_a_bounded_number_of_calls(api, operator, monkeypatch):
    monkeypatch.setattr(events, "CALLS_FOLLOWED_AT_MOST", 1)
    async with stream(operator) as (socket, _):
        await socket.send_json({"subscribe": "1.1"})
        assert (await receive(socket))["type"] == "call_detail"
        await socket.send_json({"subscribe": "1.2"})
        assert "Unsubscribe" in (await receive(socket))["error"]["next"]


async def test_an_officer_hears_only_of_calls_they_are_on(api, officer):
    async with stream(officer) as (socket, hello):
        assert [call["id"] for call in hello["calls"]] == ["1.2"] and hello["seats"] == []
        await socket.send_json({"subscribe": "1.1"})
        assert (await receive(socket))["error"]["code"] == "not_found"
        await socket.send_json({"subscribe": "*"})
        assert (await receive(socket))["type"] == "error"
        segment = {"type": "segment", "segment": SEGMENT}
        api.bus.publish("calls", {"type": "call", "call": summary("1.1")})
        api.bus.publish("call:1.1", segment | {"call_id": "1.1"})
        api.bus.publish("seats", {"type": "seat", "seat": {"id": "s01"}})
        api.bus.publish("notices", {"type": "notice", "kind": "x", "subject": "1.1", "text": "t"})
        api.bus.publish("call:1.1", {"type": "call_detail", "call": detail(summary("1.1"))})
        # The call comes to them …
        api.bus.publish("calls", {"type": "call", "call": summary("1.1", officer="o19a")})
        assert (await receive(socket))["call"]["id"] == "1.1"
        # … and goes to another.
        api.bus.publish("calls", {"type": "call", "call": summary("1.1", officer="o20a")})
        api.bus.publish("call:1.1", segment | {"call_id": "1.1"})
        api.bus.publish("speech", {"type": "speech", "speech": {}})
        assert (await receive(socket))["type"] == "speech"


async def test_an_officer_follows_the_call_they_are_on(api, officer):
    async with stream(officer) as (socket, _):
        await socket.send_json({"subscribe": "1.2"})
        assert (await receive(socket))["type"] == "call_detail"
        api.bus.publish("call:1.2", {"type": "segment", "call_id": "1.2", "segment": SEGMENT})
        assert (await receive(socket))["type"] == "segment"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
async def test_another_sites_page_cannot_listen_with_our_cookie(operator, origin):
    with pytest.raises(WSServerHandshakeError) as refused:
        async with stream(operator, headers={"Origin": origin}):
            pass
    assert refused.value.status == 403


async def test_who_is_not_signed_in_cannot_listen(api):
    async with api.browser() as stranger:
        with pytest.raises(WSServerHandshakeError) as refused:
            async with stream(stranger):
                pass
    assert refused.value.status == 401


async def test_the_streams_address_asked_without_websocket_says_so(operator):
    async with operator.get("/api/v1/events") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["next"] == "Open it as a WebSocket."


async def test_a_client_that_falls_behind_is_told_and_gets_the_state_anew(api, operator):
    async with stream(operator) as (socket, _):
        for n in range(events.QUEUE_MESSAGES + 1):
            api.bus.publish("calls", {"type": "call", "call": summary("1.3", wait_ms=n)})
        assert (await receive(socket))["type"] == "resync"
        assert (await receive(socket))["type"] == "hello"
        assert (await receive(socket))["call"]["wait_ms"] == events.QUEUE_MESSAGES


async def test_a_client_that_does_not_read_holds_up_nobody(api, operator, program, monkeypatch):
    monkeypatch.setattr(events, "SEND_TIMEOUT_S", 0.3)
    big = {"type": "call", "call": summary("1.3", place_text="x" * 50_000)}
    async with stream(program) as (reading, _):
        stuck = await asyncio.open_connection(api.host, api.port)
        stuck[1].write(handshake(api))
        await stuck[0].readuntil(b"\r\n\r\n")
        stuck[1].transport.pause_reading()
        started = asyncio.get_running_loop().time()
        for _ in range(200):
            api.bus.publish("calls", big)
            await asyncio.sleep(0)
        assert asyncio.get_running_loop().time() - started < 0.5, "publishing never waits"
        assert len((await receive(reading))["call"]["place_text"]) == 50_000
        async with asyncio.timeout(5):
            while api.bus.subscribers > 1:
                api.bus.publish("calls", big)
                await asyncio.sleep(0.05)
        stuck[1].close()


def handshake(api) -> bytes:
    from tests.unit.api.conftest import TOKEN

    return (
        f"GET /api/v1/events HTTP/1.1\r\nHost: {api.host}:{api.port}\r\n"
        f"Authorization: Bearer {TOKEN}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    ).encode()


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff\xff\xff\xff",
        b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff",  # a length beyond all measure
        b"\x83\x80\0\0\0\0",  # an opcode that does not exist
        b"\x81\x82\0\0\0\0\xff\xff",  # not UTF-8
    ],
)
async def test_garbage_frames_end_the_stream_and_nothing_else(api, program, frame):
    reader, writer = await asyncio.open_connection(api.host, api.port)
    writer.write(handshake(api))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(frame)
    async with asyncio.timeout(3):
        await reader.read()
    writer.close()
    async with program.get("/api/v1/me") as answer:
        assert answer.status == 200


async def test_a_message_split_into_single_bytes_is_understood(api):
    reader, writer = await asyncio.open_connection(api.host, api.port)
    for byte in handshake(api):
        writer.write(bytes([byte]))
        await writer.drain()
    await reader.readuntil(b"\r\n\r\n")
    payload = json.dumps({"ping": 5}).encode()
    for byte in bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload:
        writer.write(bytes([byte]))
        await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await reader.readuntil(b'"pong","ping":5}')
    writer.close()


async def test_signing_out_ends_the_stream(operator, monkeypatch):
    monkeypatch.setattr(events, "SESSION_CHECK_S", 0.05)
    async with stream(operator) as (socket, _):
        async with operator.post("/api/v1/sign-out"):
            pass
        ended = await socket.receive(timeout=3)
        assert ended.type is WSMsgType.CLOSE and ended.data == events.SIGNED_OUT_CODE


async def test_stopping_the_service_ends_the_streams_at_once(api, operator):
    async with stream(operator) as (socket, _):
        stopping = asyncio.create_task(api.app.shutdown())
        ended = await socket.receive(timeout=3)
        assert (ended.type, ended.data) == (WSMsgType.CLOSE, 1001)
        assert ended.extra == "the service is stopping"
        await asyncio.wait_for(stopping, 3)


async def test_closing_the_bus_ends_the_streams_politely(api, operator):
    async with stream(operator) as (socket, _):
        api.bus.close()
        ended = await socket.receive(timeout=3)
        assert ended.type is WSMsgType.CLOSE and ended.data == 1001
    await asyncio.sleep(0.05)
    assert api.bus.subscribers == 0


async def test_a_message_with_words_that_json_does_not_know_is_still_sent(api, operator):
    async with stream(operator) as (socket, _):
        api.bus.publish("notices", {"type": "notice", "text": object()})
        assert (await receive(socket))["type"] == "notice"


async def test_a_stream_that_cannot_begin_asks_the_client_to_come_back(api, operator):
    api.floor.fails = StoreUnavailable("gone")
    async with operator.ws_connect("/api/v1/events") as socket:
        ended = await socket.receive(timeout=3)
        assert (ended.type, ended.data) == (WSMsgType.CLOSE, 1013)
        assert ended.extra == "the database does not answer"


async def test_a_wish_that_fails_does_not_end_the_stream(api, operator):
    async with stream(operator) as (socket, _):
        api.floor.fails = StoreUnavailable("gone")
        await socket.send_json({"subscribe": "1.1"})
        assert (await receive(socket))["error"]["code"] == "unavailable"
        api.floor.fails = None
        await socket.send_json({"subscribe": "1.1"})
        assert (await receive(socket))["type"] == "call_detail"
