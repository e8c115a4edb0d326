"""The FastAGI server: one task for each channel that Asterisk sends, every wait with an end.

FastAGI has no authentication: listen on loopback or a private interface only.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from ivr.agi import (
    DEAD_CHANNEL,
    OK,
    UNKNOWN_COMMAND,
    USAGE,
    AgiRequest,
    AgiSession,
    HangUp,
    Reply,
)
from ivr.errors import (
    BadCommand,
    CannotListen,
    ChannelGone,
    IvrError,
    PeerSilent,
    ProtocolError,
)

READ_BYTES = 4096

log = structlog.get_logger("ivr.fastagi")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long anything may take, in seconds."""

    request_s: float = 3.0
    """From connecting to the end of the environment."""
    reply_s: float = 5.0
    """A command's answer, besides what the command itself waits or plays."""
    play_s: float = 60.0
    session_s: float = 180.0
    """A whole session; its handler is cancelled then."""
    farewell_s: float = 1.0
    """What a handler gets to finish once its channel is gone, and a connection to close."""


class AgiChannel:
    """The channel as a handler sees it: one command at a time.

    Every command raises `ChannelGone` when the caller has hung up or the connection has ended,
    `PeerSilent` when Asterisk does not answer in time, `BadCommand` when we erred.
    """

    def __init__(
        self,
        request: AgiRequest,
        session: AgiSession,
        writer: asyncio.StreamWriter,
        limits: Limits,
    ) -> None:
        self.request = request
        self._session = session
        self._writer = writer
        self._limits = limits
        self._gone: str | None = None
        self._reply: asyncio.Future[Reply] | None = None

    @property
    def gone(self) -> bool:
        """Whether the channel is no longer there."""
        return self._gone is not None

    async def stream_file(self, name: str, escape_digits: str = "") -> str:
        """Play a sound (path without extension); the key that cut it short, or ``""``.

        Asterisk ends the whole session over a sound that it cannot open, with AGISTATUS FAILURE:
        make sure that it exists.
        """
        reply = await self._command(
            "STREAM FILE", name, escape_digits, timeout_s=self._limits.play_s
        )
        return self._digit(reply)

    async def wait_for_digit(self, timeout_ms: int) -> str:
        """The next key, or ``""`` after the time."""
        reply = await self._command(
            "WAIT FOR DIGIT",
            timeout_ms,
            timeout_s=self._limits.reply_s + timeout_ms / 1000,
        )
        return self._digit(reply)

    async def get_variable(self, name: str) -> str | None:
        """A channel variable's value, None where it is not set."""
        reply = await self._command("GET VARIABLE", name)
        return (reply.value or "") if reply.result == "1" else None

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable or a writable function such as ``CHANNEL(language)``."""
        await self._command("SET VARIABLE", name, value)

    async def verbose(self, message: str, level: int = 1) -> None:
        """A line in Asterisk's own log; never with caller data."""
        await self._command("VERBOSE", message, level)

    async def _command(
        self, name: str, *arguments: str | int, timeout_s: float | None = None
    ) -> Reply:
        if self._gone is not None:
            raise ChannelGone(self._gone)
        data = self._session.send(name, *arguments)
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._reply = waiting
        answered = False
        try:
            async with asyncio.timeout(timeout_s or self._limits.reply_s):
                self._writer.write(data)
                await self._writer.drain()
                reply = await waiting
            answered = True
        except TimeoutError:
            raise PeerSilent(f"{name}: no reply in time") from None
        except ConnectionError:
            raise ChannelGone("the connection broke") from None
        finally:
            self._reply = None
            if not answered and self._gone is None:
                # The reply may still come, and would be taken for that of the next command.
                self._gone = f"{name} was given up"
        if reply.code == DEAD_CHANNEL:
            self._end("the channel is dead")
            raise ChannelGone("the channel is dead")
        if reply.code in (UNKNOWN_COMMAND, USAGE):
            raise BadCommand(f"{name}: Asterisk answers {reply.code}")
        if reply.code != OK:
            raise ProtocolError(f"{name}: unexpected answer {reply.code}")
        return reply

    def _digit(self, reply: Reply) -> str:
        if reply.result == "-1":
            self._end("Asterisk gave the channel up")
            raise ChannelGone("Asterisk gave the channel up")
        if not reply.result.isdecimal() or int(reply.result) > 127:
            raise ProtocolError("a reply without a key")
        return chr(int(reply.result)) if reply.result != "0" else ""

    def _replied(self, reply: Reply) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_result(reply)

    def _end(self, why: str) -> None:
        if self._gone is None:
            self._gone = why
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(ChannelGone(why))


Handler = Callable[[AgiChannel], Awaitable[None]]


class FastAgiServer:
    """Listens for Asterisk and runs ``handler`` for every channel that it sends.

    A handler's exception, a peer that talks garbage, floods, stalls or leaves ends that one
    session. At most ``max_sessions`` run at once; who comes then is closed at once, which the
    dialplan sees and goes on without.
    """

    def __init__(
        self,
        host: str,
        port: int,
        handler: Handler,
        *,
        max_sessions: int = 200,
        limits: Limits | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._handler = handler
        self._max_sessions = max_sessions
        self._limits = limits or Limits()
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._accepted = 0

    @property
    def port(self) -> int:
        """The port that is listened on, also where 0 was asked for."""
        if self._server is None or not self._server.sockets:
            return self._port
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        """How many run now."""
        return len(self._sessions)

    async def start(self) -> None:
        """Listen; raises `CannotListen`."""
        try:
            self._server = await asyncio.start_server(
                self._accept, self._host, self._port, limit=2 * READ_BYTES
            )
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CannotListen(f"FastAGI on {self._host}:{self._port}: {reason}") from error

    async def stop(self, grace_s: float = 2.0) -> None:
        """Take nobody new; let sessions finish within ``grace_s``, then abort them."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        if self._sessions:
            await asyncio.wait(set(self._sessions), timeout=grace_s)
        aborted = list(self._sessions)
        for task in aborted:
            task.cancel()
        if aborted:
            # Each ends its handler, then its connection, and may take that long for either.
            _, stuck = await asyncio.wait(aborted, timeout=2.5 * self._limits.farewell_s)
            log.warning("agi_sessions_aborted", sessions=len(aborted), stuck=len(stuck))
        try:
            async with asyncio.timeout(self._limits.farewell_s):
                await server.wait_closed()
        except TimeoutError:
            log.error("agi_server_did_not_close")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None or len(self._sessions) >= self._max_sessions:
            log.warning("agi_session_refused", sessions=len(self._sessions))
            writer.transport.abort()
            return
        self._accepted += 1
        task = asyncio.create_task(
            self._session(reader, writer), name=f"agi-session-{self._accepted}"
        )
        self._sessions.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sessions.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("agi_session_failed", **_describe(error))

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = AgiSession()
        try:
            request = await self._request(reader, session)
            if request is not None:
                channel = AgiChannel(request, session, writer, self._limits)
                await self._converse(reader, session, channel)
        finally:
            await self._close(writer)

    async def _request(
        self, reader: asyncio.StreamReader, session: AgiSession
    ) -> AgiRequest | None:
        try:
            async with asyncio.timeout(self._limits.request_s):
                while True:
                    event = session.next_event()
                    if isinstance(event, AgiRequest):
                        return event
                    data = await reader.read(READ_BYTES)
                    if not data:
                        log.info("agi_peer_left_early")
                        return None
                    session.feed(data)
        except TimeoutError:
            log.warning("agi_peer_silent")
        except ProtocolError as error:
            log.warning("agi_peer_garbage", why=str(error))
        except ConnectionError:
            log.info("agi_peer_left_early")
        return None

    async def _converse(
        self, reader: asyncio.StreamReader, session: AgiSession, channel: AgiChannel
    ) -> None:
        """Run the handler and the reading side by side; neither outlives the other for long."""
        name = channel.request.uniqueid
        handling = asyncio.create_task(self._handle(channel), name=f"agi-handler-{name}")
        reading = asyncio.create_task(
            self._read(reader, session, channel), name=f"agi-reader-{name}"
        )
        both = {handling, reading}
        try:
            await asyncio.wait(
                both, timeout=self._limits.session_s, return_when=asyncio.FIRST_COMPLETED
            )
            if reading.done():
                await asyncio.wait({handling}, timeout=self._limits.farewell_s)
            if not handling.done():
                log.warning("agi_handler_cancelled", session=name)
        finally:
            for task in both:
                task.cancel()
            await asyncio.wait(both, timeout=self._limits.farewell_s)
            for task in both:
                if not task.done():
                    log.error("agi_task_would_not_end", session=name)
                elif not task.cancelled() and (error := task.exception()) is not None:
                    _report(name, error)

    async def _handle(self, channel: AgiChannel) -> None:
        await self._handler(channel)

    async def _read(
        self, reader: asyncio.StreamReader, session: AgiSession, channel: AgiChannel
    ) -> None:
        try:
            while True:
                while (event := session.next_event()) is not None:
                    if isinstance(event, Reply):
                        channel._replied(event)
                    elif isinstance(event, HangUp):
                        # A reply that still comes is nobody's any more.
                        channel._end("hung up")
                        return
                data = await reader.read(READ_BYTES)
                if not data:
                    return
                session.feed(data)
        except ConnectionError:
            return
        finally:
            channel._end("the connection ended")

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        try:
            async with asyncio.timeout(self._limits.farewell_s):
                await writer.wait_closed()
        except (TimeoutError, OSError):
            writer.transport.abort()


def _report(session: str, error: BaseException) -> None:
    if isinstance(error, ChannelGone):
        log.info("agi_caller_left", session=session)
    elif isinstance(error, PeerSilent | ProtocolError):
        log.warning("agi_peer_erred", session=session, why=str(error))
    else:
        log.error("agi_handler_failed", session=session, **_describe(error))


def _describe(error: BaseException) -> dict[str, str]:
    """What failed and where; the message only if it is ours, others' may hold caller data."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    why = {"why": str(error)} if isinstance(error, IvrError) else {}
    return {"error": type(error).__name__, "where": where, **why}
