"""Recordings that a worker recognises beside its live taps, without ever being in their way.

The service sends a stretch of a recording in pieces, the next one only when the last has been
decoded: a long recording is never in the worker's memory, and live streams go first at every step.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from asr.control import LateBegin, LateDone, LateMore, LateSound, Message
from asr.decoding_thread import DecodingThread
from asr.listening import Listening, VoiceChange
from asr.waiting import Mark

BYTES_PER_SAMPLE = 2


@dataclass(slots=True)
class _Job:
    listening: Listening
    rate_hz: int
    position_ms: float


class RecordedStretches:
    """The stretches that one worker was given. ``send`` tells the service."""

    def __init__(self, decoding: DecodingThread, send: Callable[[Message], None]) -> None:
        self._decoding = decoding
        self._send = send
        self._jobs: dict[str, _Job] = {}
        self._ending: set[str] = set()

    def knows(self, stream: str) -> bool:
        """Whether this stream is a recording."""
        return stream in self._jobs or stream in self._ending

    def begin(self, order: LateBegin) -> None:
        """Take a stretch on and ask for its sound."""
        self._decoding.open(order.job, order.language, order.rate_hz, late=True)
        self._jobs[order.job] = _Job(
            Listening(order.job, 0.0, order.rate_hz), order.rate_hz, float(order.from_ms)
        )
        self._send(LateMore(order.job))

    def sound(self, order: LateSound) -> None:
        """Take the next sound of a stretch, or its end. Raises `ValueError` for no base64."""
        job = self._jobs.get(order.job)
        if job is None:
            return
        pcm = base64.b64decode(order.pcm, validate=True)
        if not pcm:
            del self._jobs[order.job]
            self._ending.add(order.job)
            for each in job.listening.finish():
                if not isinstance(each, VoiceChange):
                    self._decoding.put(order.job, each)
            self._decoding.close(order.job)
            return
        job.position_ms += len(pcm) / BYTES_PER_SAMPLE * 1000 / job.rate_hz
        for each in job.listening.hear(pcm, job.position_ms / 1000):
            if not isinstance(each, VoiceChange):
                self._decoding.put(order.job, each)
        self._decoding.put(order.job, Mark())

    def reached(self, stream: str) -> None:
        """All sound so far has been decoded."""
        if stream in self._jobs:
            self._send(LateMore(stream))

    def drained(self, stream: str) -> None:
        """A stretch has been decoded to its end."""
        self._ending.discard(stream)
        self._send(LateDone(stream))
