"""Bytes that no browser would send."""

import asyncio

import pytest

from tests.unit.api.conftest import TOKEN


async def talk(api, *pieces: bytes, seconds: float = 3.0) -> bytes:
    reader, writer = await asyncio.open_connection(api.host, api.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        async with asyncio.timeout(seconds):
            return await reader.read(65536)
    finally:
        writer.close()


async def still_answers(api) -> bool:
    async with api.program() as program, program.get("/api/v1/me") as answer:
        return answer.status == 200


HOST = b"Host: x\r\n"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\0" * 200 + b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\xff" * 100 + b"\r\n\r\n",
    ],
    ids=[
        "tls hello",
        "zeros",
        "no path",
        "unknown version",
        "torn header",
        "negative length",
        "smuggled length",
        "bad chunk",
        "high bytes",
    ],
)
async def test_garbage_is_refused_and_the_next_request_served(api, garbage):
    answer = await talk(api, garbage)
    assert answer.split(b"\r\n")[0].split(b" ")[1:2] in ([b"400"], [b"404"], [b"405"])
    assert await still_answers(api)


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X%d: y\r\n" % n for n in range(1000)) + b"\r\n",
    ],
    ids=["path", "header", "headers"],
)
async def test_an_oversized_head_is_refused(api, request_head):
    assert b" 400 " in (await talk(api, request_head)).split(b"\r\n")[0]
    assert await still_answers(api)


async def test_a_request_in_single_bytes_is_understood(api):
    body = b'{"state":"ready"}'
    request = (
        b"PUT /api/v1/seats/s01/state HTTP/1.1\r\nHost: x\r\n"
        + f"Authorization: Bearer {TOKEN}\r\n".encode()
        + b"Content-Type: application/json\r\nConnection: close\r\n"
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body
    )
    answer = await talk(api, *(bytes([byte]) for byte in request))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert api.floor.asked == [("set_seat_state", "s01", "ready", None, "api-token")]


async def test_a_body_that_never_comes_is_given_up(api, monkeypatch):
    monkeypatch.setattr("callcenter.api.operations.BODY_TIMEOUT_S", 0.1)
    answer = await talk(
        api,
        b"POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100\r\n\r\n{",
    )
    assert answer.startswith(b"HTTP/1.1 400 ") and b"slow_body" in answer


async def test_who_leaves_in_the_middle_of_a_body_disturbs_nobody(api):
    for _ in range(20):
        _, writer = await asyncio.open_connection(api.host, api.port)
        writer.write(
            b"POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        await writer.drain()
        writer.transport.abort()
    assert await still_answers(api)


async def test_hundreds_of_silent_connections_do_not_keep_others_out(api):
    opened = [await asyncio.open_connection(api.host, api.port) for _ in range(300)]
    assert await still_answers(api)
    for _, writer in opened:
        writer.transport.abort()
