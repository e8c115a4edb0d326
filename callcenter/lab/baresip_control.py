"""The control link of one baresip process: JSON in netstrings over a loopback socket.

`encode` and `Decoder` are the codec (no I/O); `ControlLink` is the shell that sends a command,
waits for the reply with its token, and hands every event to one callback in the order of arrival.
See the ``ctrl_tcp`` module of baresip 1.0 and the netstring format (cr.yp.to/proto/netstrings.txt).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from callcenter.lab.phone_errors import PhoneDied, PhoneRefused, PhoneTimeout

MAX_MESSAGE_BYTES = 65536
_LENGTH = re.compile(rb"\d{1,6}\Z")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m?")


class BadControlMessage(Exception):
    """The peer sent something that is not a netstring with a JSON object in it."""


def encode(command: str, params: str | None, token: str) -> bytes:
    """One command as baresip expects it."""
    message = {"command": command, "token": token}
    if params is not None:
        message["params"] = params
    body = json.dumps(message).encode()
    return b"%d:%s," % (len(body), body)


class Decoder:
    """Bytes in, whole messages out; a message may come in any number of pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Take what has arrived; return the messages that are now whole."""
        self._buffer += data
        messages = []
        while (body := self._next_body()) is not None:
            try:
                message = json.loads(body)
            except ValueError as error:
                raise BadControlMessage(f"not JSON: {body[:80]!r}") from error
            if not isinstance(message, dict):
                raise BadControlMessage(f"not a JSON object: {body[:80]!r}")
            messages.append(message)
        return messages

    def _next_body(self) -> bytes | None:
        head, mark, _ = bytes(self._buffer[:8]).partition(b":")
        if not mark:
            if len(self._buffer) >= 8:
                raise BadControlMessage(f"no length in front of {bytes(self._buffer[:40])!r}")
            return None
        if not _LENGTH.match(head) or int(head) > MAX_MESSAGE_BYTES:
            raise BadControlMessage(f"length {head!r} is not a number up to {MAX_MESSAGE_BYTES}")
        start = len(head) + 1
        end = start + int(head)
        if len(self._buffer) <= end:
            return None
        if self._buffer[end] != ord(","):
            raise BadControlMessage("a message does not end where its length says")
        body = bytes(self._buffer[start:end])
        del self._buffer[: end + 1]
        return body


class ControlLink:
    """Commands to one baresip, events from it.

    ``explain`` is asked how the process fares once the link to it is lost; its words stand
    behind the reason that ``on_lost`` and whoever waits for a reply are given.
    """

    def __init__(
        self,
        name: str,
        on_event: Callable[[dict[str, Any]], None],
        on_lost: Callable[[str], None],
        explain: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self._name = name
        self._on_event = on_event
        self._on_lost = on_lost
        self._explain = explain
        self._why_lost = ""
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._next_token = 0
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def connect(self, host: str, port: int) -> None:
        """Connect to the process that listens there; OSError if none does.

        A link that stood before is closed, without `on_lost`.
        """
        await self.close()
        reader, writer = await asyncio.open_connection(host, port)
        self._writer, self._why_lost = writer, ""
        self._reading = asyncio.create_task(
            self._read(reader, writer), name=f"phone {self._name} events"
        )

    async def command(self, command: str, params: str | None = None, timeout_s: float = 5.0) -> str:
        """Send one command, return the text of its reply."""
        if self._writer is None or self._writer.is_closing():
            why = f": {self._why_lost}" if self._why_lost else ""
            raise PhoneDied(f"{self._name}: no control link for {command}{why}")
        self._next_token += 1
        token = str(self._next_token)
        reply: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._replies[token] = reply
        try:
            self._writer.write(encode(command, params, token))
            async with asyncio.timeout(timeout_s):
                answer = await reply
        except TimeoutError:
            raise PhoneTimeout(
                f"{self._name}: no answer to {command} within {timeout_s:g} s"
            ) from None
        finally:
            self._replies.pop(token, None)
        text = _COLOUR.sub("", str(answer.get("data", ""))).strip()
        if not answer.get("ok"):
            raise PhoneRefused(f"{self._name}: {command} failed: {text or 'no reason given'}")
        return text

    async def close(self) -> None:
        """Close the link; whoever waits for a reply gets `PhoneDied`."""
        reading, self._reading = self._reading, None
        writer, self._writer = self._writer, None
        # Before anything is waited for: a wait may be cancelled.
        if writer is not None:
            writer.close()
        self._fail_waiters("the control link was closed")
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        if writer is not None:
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def ended(self, timeout_s: float) -> None:
        """Wait until the other side has closed the link and `on_lost` knows."""
        if self._reading is not None:
            await asyncio.wait({self._reading}, timeout=timeout_s)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = Decoder()
        why = "the control link ended"
        try:
            while data := await reader.read(16384):
                for message in decoder.feed(data):
                    self._deliver(message)
        except (OSError, BadControlMessage) as error:
            why = f"the control link broke: {error}"
        finally:
            writer.close()
        self._why_lost = why
        if self._explain is not None:
            self._why_lost = why = f"{why}, {await self._explain()}"
        self._fail_waiters(why)
        self._on_lost(why)

    def _deliver(self, message: dict[str, Any]) -> None:
        if message.get("event"):
            self._on_event(message)
            return
        reply = self._replies.get(str(message.get("token")))
        if reply is not None and not reply.done():
            reply.set_result(message)

    def _fail_waiters(self, why: str) -> None:
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(PhoneDied(f"{self._name}: {why}"))
