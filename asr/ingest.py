"""Where Asterisk delivers sound: the AudioSocket server of one worker.

There is no authentication in AudioSocket, so a connection is taken only for a UUID that was
issued, once, while it is fresh. Silence goes back all the time, or Asterisk holds the tapped
channel for two seconds at its hang-up.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast
from uuid import UUID

import structlog

from asr.audiosocket import (
    FRAME_MS,
    AudioSocket,
    Identified,
    Kind,
    PeerFailed,
    PeerHungUp,
    Sound,
    message,
    silence,
)
from asr.errors import PeerError, ProtocolError, UnknownTap
from asr.listening import Job, Listening, VoiceChange

log = structlog.get_logger(__name__)

MAX_CONNECTIONS = 128
HANDSHAKE_S = 2.0
"""A peer that has not named a tap by then is hung up on."""
GOODBYE_S = 1.0
"""How long a peer that was hung up on may take to close."""
SILENT_S = 30.0
"""Asterisk sends a frame every 20 ms; one that sends nothing for so long is gone."""
UNREAD_BYTES = 16_384
"""A peer that does not read gets no more than this."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A tap that was issued."""

    uuid: UUID
    call_started_at: float
    until: float


class TapSink(Protocol):
    """Whom the server tells what it hears."""

    def opened(self, uuid: UUID, rate_hz: int) -> None:
        """Sound of this rate begins."""

    def heard(self, uuid: UUID, what: VoiceChange | Job) -> None:
        """Voice changed, or there is work for the decoder."""

    def closed(self, uuid: UUID, why: str, *, was_open: bool) -> None:
        """No more comes from this tap; ``was_open``: `opened` was told."""


class TapServer:
    """Takes AudioSocket connections for the taps that it expects."""

    def __init__(self, sink: TapSink, clock: Callable[[], float] = time.monotonic) -> None:
        self.sink = sink
        self.clock = clock
        self._expected: dict[UUID, Expected] = {}
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._ticking: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port. Raises `OSError` if it is not to be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port)
        self._ticking = asyncio.create_task(self._tick_forever(), name="asr-silence")
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.hang_up("the worker stops")
            connection.abort()
        if self._server is not None:
            await self._server.wait_closed()

    def expect(self, uuid: UUID, call_started_at: float, within_s: float) -> None:
        """Issue a tap: its UUID may connect once within this time."""
        self._expected[uuid] = Expected(uuid, call_started_at, self.clock() + within_s)

    def close(self, uuid: UUID) -> None:
        """End a tap, connected or not. Unknown ones have ended already."""
        if self._expected.pop(uuid, None) is not None:
            self.sink.closed(uuid, "closed before Asterisk connected", was_open=False)
        for connection in tuple(self._connections):
            if connection.uuid == uuid:
                connection.hang_up("closed by the service")

    @property
    def taps(self) -> int:
        """Taps that are connected or expected."""
        return len(self._expected) + sum(c.uuid is not None for c in self._connections)

    def admit(self, connection: Connection) -> None:
        """Take a new connection. Raises `PeerError` when there are too many."""
        if len(self._connections) >= MAX_CONNECTIONS:
            raise PeerError(f"more than {MAX_CONNECTIONS} connections")
        self._connections.add(connection)

    def forget(self, connection: Connection) -> None:
        """A connection ended."""
        self._connections.discard(connection)

    def claim(self, uuid: UUID) -> Expected:
        """Use up an issued UUID. Raises `UnknownTap`."""
        expected = self._expected.pop(uuid, None)
        if expected is None:
            raise UnknownTap("a UUID that was not issued, or was used already")
        if self.clock() > expected.until:
            self.sink.closed(uuid, "Asterisk connected too late", was_open=False)
            raise UnknownTap("a UUID that has expired")
        return expected

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(FRAME_MS / 1000)
            now = self.clock()
            for connection in tuple(self._connections):
                connection.tick(now)
            for uuid in [u for u, e in self._expected.items() if now > e.until]:
                del self._expected[uuid]
                self.sink.closed(uuid, "Asterisk did not connect in time", was_open=False)


class Connection(asyncio.Protocol):
    """One AudioSocket connection."""

    def __init__(self, server: TapServer) -> None:
        self.uuid: UUID | None = None
        self._server = server
        self._codec = AudioSocket()
        self._listening: Listening | None = None
        self._expected: Expected | None = None
        self._transport: asyncio.Transport | None = None
        self._rate_hz = 8_000
        self._heard_at = server.clock()
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the peer in, or hang up."""
        self._transport = cast(asyncio.Transport, transport)
        try:
            self._server.admit(self)
        except PeerError as error:
            self._refuse(error)

    def data_received(self, data: bytes) -> None:
        """Take what arrived; a peer that errs is told so and hung up on."""
        if self._ended:
            return
        try:
            for event in self._codec.feed(data):
                if isinstance(event, Identified):
                    self._expected = self._server.claim(event.uuid)
                    self.uuid = event.uuid
                elif isinstance(event, Sound):
                    self._hear(event)
                elif isinstance(event, PeerHungUp):
                    self.hang_up("the channel hung up")
                elif isinstance(event, PeerFailed):
                    self.hang_up(f"Asterisk reports error {event.code}")
                if self._ended:
                    return
        except PeerError as error:
            self._refuse(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Complete what was being said, if that was not done yet."""
        self._server.forget(self)
        why = "the peer closed the connection"
        try:
            self._codec.eof()
        except ProtocolError as error:
            why = str(error)
        self._complete(why)

    def hang_up(self, why: str) -> None:
        """Say goodbye, then close."""
        self._end(message(Kind.HANG_UP), why)

    def abort(self) -> None:
        """Close without waiting for the peer."""
        if self._transport is not None:
            self._transport.close()

    def _end(self, last_words: bytes, why: str) -> None:
        """Say something last and take nothing more.

        The connection is closed only when the peer has closed it, or after `GOODBYE_S`: closing
        it while sound still arrives would take our last words from the peer.
        """
        if self._ended or self._transport is None:
            return
        if not self._transport.is_closing():
            self._transport.write(last_words)
            with contextlib.suppress(OSError):  # the peer has just closed: nothing to end
                self._transport.write_eof()
            asyncio.get_running_loop().call_later(GOODBYE_S, self._transport.abort)
        self._complete(why)

    def _complete(self, why: str) -> None:
        self._ended = True
        uuid, self.uuid = self.uuid, None
        if uuid is None:
            return
        if self._listening is not None:
            self._tell(uuid, self._listening.finish())
        self._server.sink.closed(uuid, why, was_open=self._listening is not None)

    def tick(self, now: float) -> None:
        """Every 20 ms: silence back, and a look at whether the peer is still there."""
        if self._transport is None or self._ended:
            return
        if self.uuid is None:
            if now - self._heard_at > HANDSHAKE_S:
                self._refuse(UnknownTap(f"no UUID within {HANDSHAKE_S:.0f} s"))
            return
        if now - self._heard_at > SILENT_S:
            self.hang_up(f"no sound for {SILENT_S:.0f} s")
            return
        if self._transport.get_write_buffer_size() < UNREAD_BYTES:
            self._transport.write(silence(self._rate_hz))
        if self._listening is not None:
            self._tell(self.uuid, self._listening.stalled(now))

    def _hear(self, sound: Sound) -> None:
        if self.uuid is None or self._expected is None:
            return
        if self._listening is None:
            self._rate_hz = sound.rate_hz
            self._listening = Listening(
                self.uuid.hex[:12], self._expected.call_started_at, sound.rate_hz
            )
            self._server.sink.opened(self.uuid, sound.rate_hz)
        elif sound.rate_hz != self._rate_hz:
            raise ProtocolError(f"sound of {sound.rate_hz} Hz after {self._rate_hz} Hz")
        self._heard_at = self._server.clock()
        self._tell(self.uuid, self._listening.hear(sound.pcm, self._heard_at))

    def _tell(self, uuid: UUID, what: list[VoiceChange | Job]) -> None:
        for each in what:
            self._server.sink.heard(uuid, each)

    def _refuse(self, error: PeerError) -> None:
        peer = self._transport.get_extra_info("peername") if self._transport else None
        log.warning("peer_refused", why=str(error), peer_address=peer and peer[0])
        self._end(message(Kind.ERROR, b"\x02"), str(error))
