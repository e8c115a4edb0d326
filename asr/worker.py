"""A worker process: one AudioSocket server, one decoding thread, one line to the service.

Started by `asr.worker_process` as ``python -m asr.worker FD``, where FD is the worker's end of
a socket pair. When the other end closes, however the service died, the worker is gone too.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import dataclasses
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import cast
from uuid import UUID

import structlog

from asr.audiosocket import FRAME_MS
from asr.control import (
    CannotListen,
    Close,
    Closed,
    Configure,
    Defer,
    Expect,
    Interim,
    LateBegin,
    LateSound,
    Lines,
    Listening,
    Loaded,
    Loading,
    Message,
    Missed,
    Opened,
    Ping,
    Pong,
    Stop,
    Switch,
    Text,
    Voice,
    encode,
)
from asr.decoding import Drained, Reached, Recognised, Report
from asr.decoding import Missed as NotDecoded
from asr.decoding_thread import DecodingThread
from asr.errors import ControlError
from asr.ingest import TapServer
from asr.listening import Job, VoiceChange
from asr.load_meter import LoadMeter
from asr.loading import load_models
from asr.recogniser import Recogniser
from asr.recorded import RecordedStretches

log = structlog.get_logger(__name__)

NICENESS = 2
"""Speech never holds up a call: Asterisk and the service go first. But an officer waits for
the place that is said, so not by much."""
SHED_INTERIM_BYTES = 65_536
"""With so much unread by the service, interim text is not sent."""
DEAF_BYTES = 8 << 20
"""With so much unread, the service is not coming back."""
FINISH_S = 5.0
"""How long a worker that is asked to stop may finish what it began."""
PR_SET_PDEATHSIG = 1
PAGE_BYTES = resource.getpagesize()


class Worker(asyncio.Protocol):
    """The worker's side of the control channel, and what it commands."""

    def __init__(self, end: Callable[[int], None]) -> None:
        self._end = end
        self._lines = Lines()
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._configuration: Configure | None = None
        self._expected: dict[UUID, Expect] = {}
        """Every tap from its order to its end."""
        self._deferred: set[UUID] = set()
        self._closing: dict[str, str] = {}
        """Why each stream ended whose decoding is not done yet."""
        self._drained = asyncio.Event()
        self._server = TapServer(self)
        self._decoding = DecodingThread(self._load_models, self._report_from_thread)
        self._recorded = RecordedStretches(self._decoding, self._send)
        self._load = LoadMeter(time.monotonic())
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the configuration."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The service is gone."""
        self._end(0)

    def data_received(self, data: bytes) -> None:
        """Do what the service says."""
        try:
            for order in self._lines.feed(data):
                self._obey(order)
        except (ControlError, ValueError) as error:
            log.error("control_channel_garbled", error=str(error))
            self._end(2)

    def _obey(self, order: Message) -> None:
        if isinstance(order, Configure):
            self._configuration = order
            self._spawn(self._listen(order), "asr-listen")
        elif isinstance(order, Expect):
            uuid = UUID(order.uuid)
            self._expected[uuid] = order
            self._server.expect(uuid, order.call_started_at, order.within_s)
        elif isinstance(order, Close):
            self._server.close(UUID(order.uuid))
        elif isinstance(order, Interim):
            self._decoding.set_interim(order.on)
        elif isinstance(order, Defer):
            self._defer(UUID(order.uuid), order.on)
        elif isinstance(order, Switch):
            self._switch(UUID(order.uuid), order.language)
        elif isinstance(order, LateBegin):
            self._recorded.begin(order)
        elif isinstance(order, LateSound):
            self._recorded.sound(order)
        elif isinstance(order, Ping):
            self._send(self._pong(order.number))
        elif isinstance(order, Stop):
            self._spawn(self._finish(), "asr-finish")
        else:
            raise ControlError(f"{type(order).__name__} is not for a worker")

    def _defer(self, uuid: UUID, on: bool) -> None:
        if on and uuid in self._expected:
            self._deferred.add(uuid)
        else:
            self._deferred.discard(uuid)
        self._decoding.defer(uuid.hex, on)

    def _switch(self, uuid: UUID, language: str) -> None:
        if uuid in self._expected:
            self._expected[uuid] = dataclasses.replace(self._expected[uuid], language=language)
        self._decoding.switch(uuid.hex, language)

    async def _listen(self, configuration: Configure) -> None:
        try:
            port = await self._server.start(configuration.host, configuration.port)
        except OSError as error:
            place = f"{configuration.host}:{configuration.port}"
            self._send(CannotListen(f"{place}: {error.strerror or error}"))
            self._spawn(self._finish(), "asr-finish")
            return
        self._send(Listening(port))
        self._decoding.start()

    async def _finish(self) -> None:
        await self._server.stop()
        if self._closing:
            self._drained.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FINISH_S):
                    await self._drained.wait()
        if self._transport is not None:
            self._transport.close()

    def _load_models(self) -> Mapping[str, Recogniser]:
        """Runs in the decoding thread."""
        configuration = self._configuration
        if configuration is None:
            return {}
        loaded = load_models(
            Path(configuration.models_dir),
            configuration.engines,
            configuration.languages,
            skip=configuration.skip,
            about_to_load=lambda model: self._from_thread(Loading(model)),
        )
        engines = {
            language: f"{recogniser.engine}/{recogniser.model}"
            for language, recogniser in loaded.recognisers.items()
        }
        self._from_thread(Loaded(engines, loaded.problems))
        return loaded.recognisers

    # What the server hears (asr.ingest.TapSink).

    def opened(self, uuid: UUID, rate_hz: int) -> None:
        """Sound begins."""
        expected = self._expected[uuid]
        self._decoding.open(uuid.hex, expected.language, rate_hz)
        self._decoding.defer(uuid.hex, uuid in self._deferred)
        at_ms = round((time.monotonic() - expected.call_started_at) * 1000) - FRAME_MS
        self._send(Opened(uuid.hex, max(0, at_ms)))

    def heard(self, uuid: UUID, what: VoiceChange | Job) -> None:
        """Voice changed, or there is work for the decoder."""
        if isinstance(what, VoiceChange):
            self._send(Voice(uuid.hex, what.started, what.at_ms))
        else:
            self._decoding.put(uuid.hex, what)

    def closed(self, uuid: UUID, why: str, *, was_open: bool) -> None:
        """No more comes from this tap; the service is told when all is decoded."""
        self._expected.pop(uuid, None)
        self._deferred.discard(uuid)
        if was_open:
            self._closing[uuid.hex] = why
            self._decoding.close(uuid.hex)
        else:
            self._send(Closed(uuid.hex, why))

    # What the decoding thread says.

    def _report_from_thread(self, report: Report) -> None:
        self._loop.call_soon_threadsafe(self._report, report)

    def _from_thread(self, message: Message) -> None:
        self._loop.call_soon_threadsafe(self._send, message)

    def _report(self, report: Report) -> None:
        if isinstance(report, Reached):
            self._recorded.reached(report.stream)
        elif isinstance(report, NotDecoded):
            left_out = report.what
            self._send(Missed(report.stream, left_out.from_ms, left_out.to_ms, left_out.why))
        elif isinstance(report, Drained) and self._recorded.knows(report.stream):
            self._recorded.drained(report.stream)
        elif isinstance(report, Drained):
            self._send(Closed(report.stream, self._closing.pop(report.stream, "")))
            if not self._closing:
                self._drained.set()
        elif report.final or self._unread() < SHED_INTERIM_BYTES:
            self._send(_text(report))

    def _pong(self, number: int) -> Pong:
        return Pong(
            number=number,
            memory_mib=_memory_mib(),
            taps=self._server.taps + len(self._closing),
            decoding_s=round(self._decoding.decoding_s, 3),
            backlog_ms=self._decoding.backlog_ms,
            left_out_ms=self._decoding.left_out_ms,
            demand=self._load.demand(self._decoding.totals, time.monotonic()),
        )

    def _send(self, message: Message) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._unread() > DEAF_BYTES:
            log.error("service_does_not_read", unread_bytes=self._unread())
            self._end(3)
        self._transport.write(encode(message))

    def _unread(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport else 0

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = self._loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("worker_task_failed", task=task.get_name(), error=repr(task.exception()))
            self._end(1)


def _text(report: Recognised) -> Text:
    return Text(
        uuid=report.stream,
        segment=report.segment,
        start_ms=report.start_ms,
        end_ms=report.end_ms,
        text=report.heard.text,
        final=report.final,
        confidence=report.heard.confidence,
        engine=report.engine,
        model=report.model,
        language=report.language,
        words=[
            [w.text, report.first_ms + w.start_ms, report.first_ms + w.end_ms, w.confidence]
            for w in report.heard.words
        ],
    )


def _memory_mib() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * PAGE_BYTES >> 20


def _silence_libraries() -> None:
    """Keep our own errors; send what C libraries print (words of callers among it) nowhere."""
    own = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = own
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(own))


def _die_with_the_service() -> None:
    """Have the kernel end us when the service ends: even a stopped worker leaves no orphan."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


async def _run(control: socket.socket) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(status: int) -> None:
        if not ended.done():
            ended.set_result(status)

    await loop.create_unix_connection(lambda: Worker(end), sock=control)
    return await ended


def main() -> None:
    """Serve until the service closes the channel or says stop."""
    _silence_libraries()
    _die_with_the_service()
    os.nice(NICENESS)
    control = socket.socket(fileno=int(sys.argv[1]))
    status = asyncio.run(_run(control))
    sys.stderr.flush()
    # The decoding thread may be deep inside a library: leave without asking it.
    os._exit(status)


if __name__ == "__main__":
    main()
