"""Asterisk's side of FastAGI, and faults of it, over a loopback connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.fastagi import FastAgiServer, Handler, Limits

IMPATIENT = Limits(request_s=0.15)
"""With a peer that does not say what it wants."""
QUICK = Limits(request_s=5, reply_s=0.15, play_s=0.3, session_s=0.6, farewell_s=0.15)
"""With a channel that does not go on."""
PATIENT = Limits(request_s=5, reply_s=5, play_s=5, session_s=10, farewell_s=0.2)


def environment(uniqueid: str = "1700000000.1", script: str = "intake?line=110") -> bytes:
    return (
        f"agi_network: yes\nagi_network_script: {script}\n"
        f"agi_request: agi://127.0.0.1/{script}\nagi_channel: PJSIP/trunk-1\n"
        f"agi_uniqueid: {uniqueid}\nagi_callerid: 5550001\n\n"
    ).encode()


@asynccontextmanager
async def serving(
    handler: Handler, *, limits: Limits = PATIENT, max_sessions: int = 200
) -> AsyncIterator[FastAgiServer]:
    server = FastAgiServer("127.0.0.1", 0, handler, max_sessions=max_sessions, limits=limits)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(grace_s=0.2)


class FakeAsterisk:
    """One channel that has been sent to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def command(self) -> str:
        """The next command, or ``""`` once the server has closed."""
        return (await self._read_line()).decode().rstrip("\n")

    async def _read_line(self) -> bytes:
        try:
            async with asyncio.timeout(5):
                return await self.reader.readline()
        except ConnectionError:
            return b""

    async def say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\n")
        await self.writer.drain()

    async def obey(self, reply: str = "200 result=0") -> str:
        """Take one command and answer it."""
        command = await self.command()
        if command:
            await self.say(reply)
        return command

    async def is_closed(self) -> bool:
        """Whether the server closes this connection without another word."""
        return await self.command() == ""

    def leave(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def calling(server: FastAgiServer, first_bytes: bytes) -> AsyncIterator[FakeAsterisk]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(first_bytes)
        yield FakeAsterisk(reader, writer)
    finally:
        writer.close()
        try:
            await writer.wait_closed()
        except ConnectionError:
            pass
