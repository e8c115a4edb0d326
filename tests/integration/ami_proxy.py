"""A line between service and Asterisk that can be cut, and that keeps what was sent."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

Block = dict[str, list[str]]
_TELLING = frozenset({"Originate", "Redirect", "Setvar"})
"""Actions that would do harm if they were sent again."""


class AmiProxy:
    """Forwards both ways on a port of its own; keeps every action that Asterisk was given."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self.actions: list[Block] = []
        self.accepted = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._bytes_left: int | None = None
        self._cut_at_action = False
        self._deaf = False
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    def sent(self, action: str) -> list[Block]:
        return [block for block in self.actions if block["Action"] == [action]]

    # ---- faults

    def cut(self) -> None:
        """Break every connection, at once and in both directions."""
        for writer in list(self._open):
            writer.transport.abort()

    def cut_after(self, size: int) -> None:
        """Break the line once so many more bytes have come from Asterisk, within a message."""
        self._bytes_left = size

    def cut_after_action(self) -> None:
        """Break the line once Asterisk has been given another action: its answer is lost."""
        self._cut_at_action = True

    @contextlib.contextmanager
    def silent(self):
        """Carry nothing more, without a word: a half-dead network."""
        self._flowing.clear()
        try:
            yield
        finally:
            self.cut()
            self._flowing.set()

    # ---- how it works

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        self.accepted += 1
        ends = {writer, far_writer}
        self._open |= ends
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, far_writer, keep=True))
                both.create_task(self._pump(far_reader, writer, keep=False))
        except* OSError:
            pass
        finally:
            for end in ends:
                end.transport.abort()
            self._open -= ends

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, keep: bool
    ) -> None:
        kept = b""
        while data := await reader.read(65536):
            await self._flowing.wait()
            if keep:
                *whole, kept = (kept + data).split(b"\r\n\r\n")
                given = [_block(raw) for raw in whole]
                last = self._cut_at_action and any(b["Action"][0] in _TELLING for b in given)
                self._deaf = self._deaf or last
                writer.write(data)
                await writer.drain()
                if writer.is_closing():
                    break
                self.actions += given
                if last:
                    # Asterisk has it and does it; only what it answers is lost.
                    await asyncio.sleep(0.01)
                    self._cut_at_action = self._deaf = False
                    self.cut()
            elif not self._deaf:
                if self._bytes_left is not None:
                    data = data[: self._bytes_left]
                    self._bytes_left -= len(data)
                writer.write(data)
                await writer.drain()
                if self._bytes_left == 0:
                    self._bytes_left = None
                    self.cut()
        raise ConnectionResetError


def _block(raw: bytes) -> Block:
    block: Block = {}
    for line in raw.decode().strip("\r\n").split("\r\n"):
        name, _, value = line.partition(": ")
        block.setdefault(name, []).append(value)
    return block
