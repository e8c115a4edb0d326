"""Streams through the product's own speech pool: real workers, fed as Asterisk feeds them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from asr.audiosocket import Kind, message
from asr.errors import SpeechError
from asr.events import Segment, SpeechEvent, TapClosed
from asr.pool import PoolConfig, SpeechPool
from callcenter.bench.errors import BenchFailed
from callcenter.bench.speech_load import STAGGER_S, Loaded, Talk, cpu_s, loaded
from callcenter.bench.speech_words import Shown, even_times
from callcenter.lab.layout import MODELS
from callcenter.lab.voice_match import RATE_HZ, Samples

HOST = "127.0.0.1"
FRAME_S = 0.02
FRAME_BYTES = round(RATE_HZ * FRAME_S) * 2
FIRST_PORT = 23_000
LAST_PORT = 32_000
READY_WITHIN_S = 120.0
LAST_WORDS_S = 20.0


@asynccontextmanager
async def own_pool(engine: str, language: str) -> AsyncIterator[PoolPlayer]:
    """A pool with one worker a core and one engine. `BenchFailed` when it hears nothing."""
    player = PoolPlayer()
    cores = len(os.sched_getaffinity(0))
    pool = SpeechPool(
        PoolConfig(
            workers=cores,
            first_port=_free_ports(2 * cores),
            models_dir=MODELS,
            engines=(engine,),
            languages=(language,),
        ),
        player.hear,
    )
    player.pool = pool
    await pool.start()
    try:
        if not await pool.ready(READY_WITHIN_S) or not pool.state.available:
            raise BenchFailed(f"{engine}, {language}: {pool.state.why or 'no worker is ready'}")
        yield player
    finally:
        await pool.stop()


class PoolPlayer:
    """Plays streams through a pool, and notes when which words come."""

    def __init__(self) -> None:
        self.pool: SpeechPool | None = None
        self._shown: dict[str, Shown] = {}
        self._closed: dict[str, asyncio.Event] = {}
        self._round = 0

    def hear(self, event: SpeechEvent) -> None:
        """What the pool says."""
        now = time.monotonic()
        if isinstance(event, TapClosed) and event.leg in self._closed:
            self._closed[event.leg].set()
        if not isinstance(event, Segment) or event.leg not in self._shown:
            return
        shown = self._shown[event.leg]
        start_s, end_s = event.start_ms / 1000, event.end_ms / 1000
        if not event.final:
            shown.interim(event.id, event.text, end_s, now)
            return
        told = [(word.start_ms / 1000, word.end_ms / 1000) for word in event.words]
        times = told or even_times(event.text, start_s, end_s)
        shown.final(event.id, event.text, times, end_s, now)

    async def play(self, streams: Sequence[Talk], language: str) -> Loaded:
        """All of them in real time; returns when the last words have come."""
        self._round += 1
        legs = [f"{self._round}.{number}" for number in range(len(streams))]
        began, used = time.monotonic(), cpu_s()
        for number, leg in enumerate(legs):
            self._shown[leg] = Shown(began + number * STAGGER_S)
            self._closed[leg] = asyncio.Event()
        await asyncio.gather(
            *(
                self._stream(leg, talk.sound, language)
                for leg, talk in zip(legs, streams, strict=True)
            )
        )
        shown = [self._shown.pop(leg) for leg in legs]
        return loaded(streams, shown, language, cpu_s() - used, time.monotonic() - began)

    async def _stream(self, leg: str, sound: Samples, language: str) -> None:
        began = self._shown[leg].began
        await asyncio.sleep(max(0.0, began - time.monotonic()))
        if self.pool is None:
            raise BenchFailed("the pool was not started")
        try:
            tap = self.pool.open_tap(f"call-{leg}", leg, "caller", language, began)
        except SpeechError as error:
            raise BenchFailed(f"a stream was not taken: {error}") from error
        await _send(tap.host, tap.port, tap.uuid, sound, began)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed[leg].wait(), LAST_WORDS_S)
        del self._closed[leg]


async def _send(host: str, port: int, uuid: UUID, sound: Samples, began: float) -> None:
    """One leg as Asterisk sends it: a frame each 20 ms, and what comes back is read."""
    pcm = sound.astype("<i2").tobytes()
    reader, writer = await asyncio.open_connection(host, port)
    reading = asyncio.create_task(_drain(reader), name="bench-leg-reading")
    try:
        writer.write(message(Kind.UUID, uuid.bytes))
        for number, at in enumerate(range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES), 1):
            ahead = began + number * FRAME_S - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
            writer.write(message(Kind.SLIN_8, pcm[at : at + FRAME_BYTES]))
        writer.write(message(Kind.HANG_UP))
        await writer.drain()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(reading), LAST_WORDS_S)
    except ConnectionError as error:
        raise BenchFailed(f"a worker hung up on a stream: {error}") from error
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _drain(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass


def _free_ports(count: int) -> int:
    """The first of ``count`` neighbouring ports that are free now."""
    for first in range(FIRST_PORT + os.getpid() % 4000, LAST_PORT, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind((HOST, port))
        except OSError:
            continue
        return first
    raise BenchFailed("no free ports for speech workers")
