"""A speech pool with everything it has said, and a peer that sends sound as Asterisk does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from asr.audiosocket import Kind, message
from asr.events import Segment, SpeechEvent
from asr.pool import PoolConfig, SpeechPool, Tap

FRAME_BYTES = 320


def free_ports(count: int) -> int:
    """First of ``count`` neighbouring ports that are free now."""
    for first in range(21_000 + os.getpid() % 5_000, 32_000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise RuntimeError("no free ports")


def a_voice(length_s: float) -> bytes:
    """Glottal pulses through formants: a voice to every detector, words to none."""
    t = np.arange(round(length_s * 8_000)) / 8_000
    phase = np.cumsum(120 + 15 * np.sin(2 * np.pi * 0.7 * t)) / 8_000
    wave = sum(
        np.sin(2 * np.pi * h * phase)
        / (1 + min(((h * 120 - f) / 120) ** 2 for f in (650, 1_100, 2_500)))
        for h in range(1, 28)
    )
    wave = wave * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    return (wave / np.abs(wave).max() * 6_000).astype("<i2").tobytes()


def quiet(length_s: float) -> bytes:
    return bytes(round(length_s * 8_000) * 2)


async def play(tap: Tap, sound: bytes, *, speed: float = 10.0, hang_up: bool = True) -> int:
    """Connect as Asterisk does and send 20 ms frames; gives the bytes that came back."""
    reader, writer = await asyncio.open_connection(tap.host, tap.port)
    back = 0
    try:
        writer.write(message(Kind.UUID, tap.uuid.bytes))
        began = time.monotonic()
        for k in range(len(sound) // FRAME_BYTES):
            writer.write(message(Kind.SLIN_8, sound[k * FRAME_BYTES : (k + 1) * FRAME_BYTES]))
            ahead = began + (k + 1) * 0.02 / speed - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
        if hang_up:
            writer.write(message(Kind.HANG_UP))
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(10):
                while data := await reader.read(4_096):
                    back += len(data)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return back


class Floor:
    """A pool and everything it has said."""

    def __init__(self, pool: SpeechPool, told: list[SpeechEvent], news: asyncio.Event) -> None:
        self.pool, self.told, self._news = pool, told, news

    def tap(self, leg: str, language: str = "en") -> Tap:
        return self.pool.open_tap("7.1", leg, "caller", language, time.monotonic())

    async def until(self, true: Callable[[], object], within_s: float = 15.0) -> None:
        async with asyncio.timeout(within_s):
            while not true():
                self._news.clear()
                await self._news.wait()

    def segments(self, leg: str) -> list[Segment]:
        return [event for event in self.told if isinstance(event, Segment) and event.leg == leg]

    def of(self, *kinds: type) -> list[SpeechEvent]:
        return [event for event in self.told if isinstance(event, kinds)]


@asynccontextmanager
async def floor(
    models: Path,
    *,
    workers: int = 1,
    languages: tuple[str, ...] = (),
    engines: tuple[str, ...] = ("vosk",),
) -> AsyncIterator[Floor]:
    told: list[SpeechEvent] = []
    news = asyncio.Event()

    def hear(event: SpeechEvent) -> None:
        told.append(event)
        news.set()

    config = PoolConfig(
        workers=workers,
        first_port=free_ports(2 * workers),
        models_dir=models,
        engines=engines,
        languages=languages,
    )
    pool = SpeechPool(config, hear)
    await pool.start()
    try:
        assert await pool.ready()
        yield Floor(pool, told, news)
    finally:
        await pool.stop()
    assert pool.worker_pids == ()
