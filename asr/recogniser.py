"""The seam behind which recognition engines stand.

An engine loads a model once a process (`Recogniser`) and opens a stream for each leg
(`RecogniserStream`). A stream is given one *utterance* after another, each as the sound from
pause to pause that `asr.segmenter` cut; it is used by one thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Samples = np.ndarray[tuple[int], np.dtype[np.int16]]
Wave = np.ndarray[tuple[int], np.dtype[np.float32]]
"""Samples between -1 and 1."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word; ms from the utterance's first sample."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What an utterance says so far."""

    text: str
    confidence: float | None = None
    words: tuple[HeardWord, ...] = ()


NOTHING = Heard("")


class RecogniserStream(Protocol):
    """Recognition of one leg."""

    def accept(self, samples: Samples, *, voiced: bool) -> None:
        """Take more of the utterance; ``voiced`` if any of it has voice."""

    def interim_due(self) -> bool:
        """Whether enough has been said since the last interim text to look again."""

    def interim(self) -> Heard:
        """Text of the utterance so far."""

    def finish(self) -> Heard:
        """Text of the whole utterance; the next `accept` begins another one."""

    def close(self) -> None:
        """No more comes of this leg: give back what it holds. Nothing is called after it."""


class Recogniser(Protocol):
    """A loaded model."""

    engine: str
    model: str
    language: str

    def open(self, rate_hz: int) -> RecogniserStream:
        """Begin a stream of sound of this rate."""

    def prepare(self) -> bool:
        """Use a moment in which nothing is said to make legs that come cheaper.

        A twentieth of a second of work at most. False: there is nothing left to do.
        """


def to_wave(samples: Samples) -> Wave:
    """16-bit samples as floats."""
    wave: Any = samples.astype(np.float32)
    wave /= 32_768
    return wave  # type: ignore[no-any-return] # numpy's in-place operators lose the type


def to_samples(wave: Wave) -> Samples:
    """Floats as 16-bit samples, clipped."""
    return np.clip(np.rint(wave * 32_768), -32_768, 32_767).astype(np.int16)
