from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from asr import ingest
from asr.audiosocket import Kind, message, silence
from asr.ingest import TapServer
from asr.listening import Job, VoiceChange


class Witness:
    def __init__(self) -> None:
        self.told: list[tuple[str, UUID, object]] = []
        self.news = asyncio.Event()

    def opened(self, uuid: UUID, rate_hz: int) -> None:
        self._tell("opened", uuid, rate_hz)

    def heard(self, uuid: UUID, what: VoiceChange | Job) -> None:
        self._tell("heard", uuid, what)

    def closed(self, uuid: UUID, why: str, *, was_open: bool) -> None:
        self._tell("closed", uuid, why)

    def _tell(self, kind: str, uuid: UUID, what: object) -> None:
        self.told.append((kind, uuid, what))
        self.news.set()

    async def wait_for(self, kind: str) -> object:
        async with asyncio.timeout(5):
            while True:
                for told, _, what in self.told:
                    if told == kind:
                        return what
                self.news.clear()
                await self.news.wait()


class Setting:
    def __init__(self) -> None:
        self.now = 100.0
        self.witness = Witness()
        self.server = TapServer(self.witness, lambda: self.now)
        self.port = 0

    @asynccontextmanager
    async def peer(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    setting = Setting()
    setting.port = await setting.server.start("127.0.0.1", 0)
    yield setting
    await setting.server.stop()


async def refusal(reader: asyncio.StreamReader) -> bytes:
    """What the server says before it hangs up, silence left out."""
    async with asyncio.timeout(5):
        return (await reader.read(-1)).replace(silence(), b"")


async def test_issued_tap_is_heard_and_gets_silence_back(setting, voice) -> None:
    uuid = uuid4()
    setting.server.expect(uuid, 99.0, 10.0)
    async with setting.peer() as (reader, writer):
        writer.write(message(Kind.UUID, uuid.bytes) + message(Kind.SLIN_8, bytes(320)))
        assert await setting.witness.wait_for("opened") == 8_000
        assert await reader.readexactly(len(silence()) * 3) == silence() * 3
        writer.write(message(Kind.HANG_UP))
        assert await setting.witness.wait_for("closed") == "the channel hung up"


async def test_uuid_that_was_not_issued_is_refused(setting) -> None:
    async with setting.peer() as (reader, writer):
        writer.write(message(Kind.UUID, uuid4().bytes))
        assert await refusal(reader) == message(Kind.ERROR, b"\x02")
    assert setting.witness.told == []


async def test_uuid_is_good_for_one_connection(setting) -> None:
    uuid = uuid4()
    setting.server.expect(uuid, 99.0, 10.0)
    async with setting.peer() as (first, writer), setting.peer() as (second, late_writer):
        writer.write(message(Kind.UUID, uuid.bytes) + message(Kind.SLIN_8, bytes(320)))
        await setting.witness.wait_for("opened")
        late_writer.write(message(Kind.UUID, uuid.bytes))
        assert await refusal(second) == message(Kind.ERROR, b"\x02")
        assert await first.readexactly(3) == silence()[:3]


async def test_uuid_is_good_for_ten_seconds(setting) -> None:
    uuid = uuid4()
    setting.server.expect(uuid, 99.0, 10.0)
    setting.now += 10.1
    assert await setting.witness.wait_for("closed") == "Asterisk did not connect in time"
    async with setting.peer() as (reader, writer):
        writer.write(message(Kind.UUID, uuid.bytes))
        assert await refusal(reader) == message(Kind.ERROR, b"\x02")


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x01\xff\xff" + bytes(100), message(Kind.SLIN_8)]
)
async def test_garbage_is_refused(setting, garbage: bytes) -> None:
    async with setting.peer() as (reader, writer):
        writer.write(garbage)
        assert await refusal(reader) == message(Kind.ERROR, b"\x02")


async def test_garbage_in_mid_call_ends_the_tap_and_says_why(setting) -> None:
    uuid = uuid4()
    setting.server.expect(uuid, 99.0, 10.0)
    async with setting.peer() as (_, writer):
        writer.write(message(Kind.UUID, uuid.bytes) + message(Kind.SLIN_8, bytes(320)))
        writer.write(b"\x99\x00\x01x")
        assert "unknown kind of message, 0x99" in str(await setting.witness.wait_for("closed"))


async def test_peer_that_names_no_tap_is_hung_up_on(setting) -> None:
    async with setting.peer() as (reader, _):
        await asyncio.sleep(0.05)
        setting.now += ingest.HANDSHAKE_S + 0.1
        assert await refusal(reader) == message(Kind.ERROR, b"\x02")


async def test_peer_that_falls_silent_is_given_up(setting) -> None:
    uuid = uuid4()
    setting.server.expect(uuid, 99.0, 10.0)
    async with setting.peer() as (_, writer):
        writer.write(message(Kind.UUID, uuid.bytes) + message(Kind.SLIN_8, bytes(320)))
        await setting.witness.wait_for("opened")
        setting.now += ingest.SILENT_S + 0.1
        assert await setting.witness.wait_for("closed") == "no sound for 30 s"


async def test_more_connections_than_the_bound_are_refused(setting, monkeypatch) -> None:
    monkeypatch.setattr(ingest, "MAX_CONNECTIONS", 1)
    async with setting.peer() as (_, writer), setting.peer() as (second, _):
        assert await refusal(second) == message(Kind.ERROR, b"\x02")
        assert not writer.is_closing()


async def test_tap_closed_by_the_service_is_hung_up(setting) -> None:
    uuid = uuid4()
    setting.server.expect(uuid, 99.0, 10.0)
    async with setting.peer() as (reader, writer):
        writer.write(message(Kind.UUID, uuid.bytes) + message(Kind.SLIN_8, bytes(320)))
        await setting.witness.wait_for("opened")
        setting.server.close(uuid)
        assert await refusal(reader) == message(Kind.HANG_UP)
    assert await setting.witness.wait_for("closed") == "closed by the service"


async def test_tap_closed_before_asterisk_came_is_told(setting) -> None:
    uuid = uuid4()
    setting.server.expect(uuid, 99.0, 10.0)
    setting.server.close(uuid)
    assert await setting.witness.wait_for("closed") == "closed before Asterisk connected"
    setting.server.close(uuid)


async def test_tap_whose_peer_has_just_left_can_be_closed(setting) -> None:
    uuid = uuid4()
    setting.server.expect(uuid, 99.0, 10.0)
    with socket.create_connection(("127.0.0.1", setting.port)) as peer:
        peer.sendall(message(Kind.UUID, uuid.bytes) + message(Kind.SLIN_8, bytes(320)))
        await setting.witness.wait_for("opened")
    # The goodbye meets a closed socket; the answer to it arrives before the connection's end does.
    setting.server.close(uuid)
    assert await setting.witness.wait_for("closed") == "closed by the service"
