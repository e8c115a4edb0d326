"""The service's side of recognising recordings: a stretch is sent to a worker piece by piece."""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from asr.control import LateBegin, LateDone, LateMore, LateSound, Text
from asr.errors import SpeechOff
from asr.events import RecordedSegment, Word
from asr.worker_process import WorkerProcess

PIECE_S = 5.0
"""How much sound a worker is given at once."""
ROOM_AGAIN_S = 0.25
"""How often to look whether a worker has room again."""
SILENT_S = 120.0
"""A worker that has not decoded a piece in this time, with room for it, will not."""


@dataclass(slots=True)
class _Stretch:
    worker: WorkerProcess
    heard: list[RecordedSegment] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    done: bool = False
    lost: str = ""


class Afterwards:
    """Stretches that workers recognise now."""

    def __init__(self, has_room: Callable[[WorkerProcess], bool]) -> None:
        self._has_room = has_room
        self._numbers = itertools.count(1)
        self._stretches: dict[str, _Stretch] = {}

    async def recognise(
        self,
        worker: WorkerProcess,
        read: Callable[[int], bytes],
        *,
        rate_hz: int,
        language: str,
        from_ms: int,
    ) -> list[RecordedSegment]:
        """What a stretch says. ``read`` gives the next so many bytes; none at its end.

        Raises `SpeechOff` when the worker is lost meanwhile: nothing of it counts then.
        """
        job = f"recorded-{next(self._numbers)}"
        stretch = self._stretches[job] = _Stretch(worker)
        worker.send(LateBegin(job, language, rate_hz, from_ms))
        try:
            while not stretch.done:
                await self._wait(stretch)
                if stretch.done:
                    break
                await self._room(stretch)
                # Whole samples only: a worker takes no half ones.
                pcm = await asyncio.to_thread(read, round(PIECE_S * rate_hz) * 2)
                worker.send(LateSound(job, base64.b64encode(pcm).decode("ascii")))
            return stretch.heard
        except BaseException:
            worker.send(LateSound(job, ""))
            raise
        finally:
            del self._stretches[job]

    async def _room(self, stretch: _Stretch) -> None:
        """Wait until its worker has room beside its calls."""
        while True:
            if stretch.lost:
                raise SpeechOff(stretch.lost)
            if self._has_room(stretch.worker):
                return
            await asyncio.sleep(ROOM_AGAIN_S)

    @staticmethod
    async def _wait(stretch: _Stretch) -> None:
        try:
            async with asyncio.timeout(SILENT_S):
                await stretch.more.wait()
        except TimeoutError:
            stretch.lost = stretch.lost or "a worker did not answer"
        stretch.more.clear()
        if stretch.lost:
            raise SpeechOff(stretch.lost)

    def hear(self, message: Text | LateMore | LateDone) -> bool:
        """Take what a worker says; False: this is not about a recording."""
        job = message.uuid if isinstance(message, Text) else message.job
        stretch = self._stretches.get(job)
        if stretch is None:
            return not isinstance(message, Text)
        if isinstance(message, Text):
            if message.final and message.text.strip():
                stretch.heard.append(_segment(message))
        else:
            stretch.done = stretch.done or isinstance(message, LateDone)
            stretch.more.set()
        return True

    def lost(self, worker: WorkerProcess, why: str) -> None:
        """A worker has ended; what it was at must be begun again."""
        for stretch in self._stretches.values():
            if stretch.worker is worker:
                stretch.lost = why
                stretch.more.set()


def _segment(text: Text) -> RecordedSegment:
    return RecordedSegment(
        start_ms=text.start_ms,
        end_ms=text.end_ms,
        text=text.text,
        confidence=text.confidence,
        engine=text.engine,
        model=text.model,
        language=text.language,
        words=tuple(Word(*word) for word in text.words),
    )
