"""From the rate of a leg to the rate that a model was trained on."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import soxr

from asr.recogniser import Samples, Wave, to_wave


class Passage(Protocol):
    """Converts the sound of one stream, utterance by utterance."""

    def feed(self, samples: Samples) -> Wave:
        """Take more; gives what can be given so far."""

    def finish(self) -> Wave:
        """The utterance is complete: gives the rest."""


class Unchanged:
    """The leg has the model's rate."""

    def feed(self, samples: Samples) -> Wave:
        """Give the same."""
        return to_wave(samples)

    def finish(self) -> Wave:
        """Nothing is kept back."""
        return np.zeros(0, np.float32)


class Resampled:
    """Plain conversion of the sampling rate."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._rates = (from_hz, to_hz)
        self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32")

    def feed(self, samples: Samples) -> Wave:
        """Convert more of the utterance."""
        wave: Wave = self._stream.resample_chunk(to_wave(samples))
        return wave

    def finish(self) -> Wave:
        """Give what the filter still holds."""
        rest: Wave = self._stream.resample_chunk(np.zeros(0, np.float32), last=True)
        self._stream.clear()
        return rest


def passage(from_hz: int, to_hz: int) -> Passage:
    """The way from one rate to the other."""
    return Unchanged() if from_hz == to_hz else Resampled(from_hz, to_hz)
