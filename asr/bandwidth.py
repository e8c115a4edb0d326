"""From the rate of a leg to the rate that a model was trained on.

Telephone sound ends at 3.4 kHz; a model trained on wideband sound looks up to 8 kHz and falls
apart on what is merely resampled. `Widened` fills the upper band: a linear map predicts its
energies from those of the lower band, frame by frame, and the lower band's mirror image is
given those energies. The map is fitted once on wideband speech (`asr.fit_bandwidth`)
and is a data file; no language is in it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import soxr

from asr.recogniser import Samples, Wave, to_wave

NARROW_HZ = 8_000
WIDE_HZ = 16_000
MAP_FILE = Path(__file__).with_name("bandwidth.json")

FRAME = 256
HOP = 128
BIN_HZ = WIDE_HZ / FRAME
CROSSOVER_BIN = round(3_400 / BIN_HZ)
"""Telephone lines carry nothing certain above."""
MIRROR_FROM_BIN = round(250 / BIN_HZ)
"""Hum below this is not mirrored."""
LOW_BANDS = 16
HIGH_BANDS = 8
TINY = 1e-9
LEVEL_FALL = 0.003
"""By how much the remembered speech level (ln energy) falls per frame."""
USUAL_LEVEL = -5.0
"""Speech level that is assumed before anything was heard."""
MAX_LN_GAIN = 8.0

Spectrum = np.ndarray[tuple[int, int], np.dtype[np.complex64]]
Energies = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Bins = np.ndarray[tuple[int], np.dtype[np.int64]]

WINDOW = np.sqrt(np.hanning(FRAME + 1)[:FRAME]).astype(np.float32)


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


class Widened:
    """Telephone sound with an upper band. ``weights``: see `design`."""

    def __init__(self, weights: Energies | None = None) -> None:
        self._resampled = Resampled(NARROW_HZ, WIDE_HZ)
        self._weights = _fitted() if weights is None else weights
        self._level = USUAL_LEVEL
        self._begin()

    def _begin(self) -> None:
        self._waiting: Wave = np.zeros(HOP, np.float32)
        self._overlap: Wave = np.zeros(FRAME - HOP, np.float32)
        self._surplus = HOP
        """Samples at the front of the output that were never in the input."""
        self._owed = 0

    def feed(self, samples: Samples) -> Wave:
        """Widen more of the utterance; the last 8 to 16 ms wait for the next call."""
        return self._widen(self._resampled.feed(samples))

    def finish(self) -> Wave:
        """Give the rest; what follows is another utterance."""
        last = self._resampled.finish()
        wave = self._widen(np.concatenate([last, np.zeros(FRAME + HOP, np.float32)]))
        owed = self._owed - (FRAME + HOP)
        self._begin()
        return wave[: max(0, len(wave) + owed)]

    def _widen(self, wave: Wave) -> Wave:
        self._owed += len(wave)
        self._waiting = np.concatenate([self._waiting, wave])
        count = (len(self._waiting) - FRAME) // HOP + 1
        if count <= 0:
            return np.zeros(0, np.float32)
        wide = self._fill(spectrum(self._waiting, count))
        self._waiting = self._waiting[count * HOP :]
        out = np.zeros(count * HOP + FRAME - HOP, np.float32)
        out[: len(self._overlap)] = self._overlap
        for k, frame in enumerate(np.fft.irfft(wide, axis=1).astype(np.float32) * WINDOW):
            out[k * HOP : k * HOP + FRAME] += frame
        self._overlap = out[count * HOP :]
        done = out[self._surplus : count * HOP]
        self._surplus = max(0, self._surplus - count * HOP)
        self._owed -= len(done)
        return done

    def _fill(self, narrow: Spectrum) -> Spectrum:
        shape, loudness = low_energies(narrow)
        levels = np.empty_like(loudness)
        for k, loud in enumerate(loudness):
            self._level = max(self._level - LEVEL_FALL, float(loud))
            levels[k] = self._level
        wanted = design(shape, loudness, levels) @ self._weights + loudness[:, None]
        wide = narrow.copy()
        wide[:, CROSSOVER_BIN:] = narrow[:, _mirror()]
        have = np.log(band_energies(wide, high_edges()) + TINY)
        gain = np.exp(np.clip((wanted - have) / 2, -MAX_LN_GAIN, MAX_LN_GAIN))
        wide[:, CROSSOVER_BIN:] *= np.repeat(gain, np.diff(high_edges()), axis=1)
        return wide


def passage(from_hz: int, to_hz: int) -> Passage:
    """The way from one rate to the other."""
    if from_hz == to_hz:
        return Unchanged()
    return Widened() if (from_hz, to_hz) == (NARROW_HZ, WIDE_HZ) else Resampled(from_hz, to_hz)


def spectrum(wave: Wave, count: int) -> Spectrum:
    """Spectra of the first ``count`` frames of sound at 16 kHz."""
    places = np.arange(FRAME)[None] + HOP * np.arange(count)[:, None]
    spectra: Spectrum = np.fft.rfft(wave[places] * WINDOW, axis=1).astype(np.complex64)
    return spectra


def low_energies(spectra: Spectrum) -> tuple[Energies, Wave]:
    """Ln energies of the lower bands relative to their mean, and that mean, for each frame."""
    energies = np.log(band_energies(spectra, low_edges()) + TINY)
    loudness = energies.mean(axis=1)
    return energies - loudness[:, None], loudness


def design(shape: Energies, loudness: Wave, levels: Wave) -> Energies:
    """What the upper band is predicted from: shape, loudness below the speech level, one."""
    columns = [shape, (loudness - levels)[:, None], np.ones((len(shape), 1), np.float32)]
    return np.concatenate(columns, axis=1).astype(np.float32)


def band_energies(spectra: Spectrum, edges: Bins) -> Energies:
    """Mean energy of each band of each frame."""
    power = spectra.real**2 + spectra.imag**2
    sums = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    return (sums / np.diff(edges)).astype(np.float32)


@cache
def low_edges() -> Bins:
    """First bin of each lower band, and the bin after the last."""
    return _mel_edges(150.0, CROSSOVER_BIN * BIN_HZ, LOW_BANDS)


@cache
def high_edges() -> Bins:
    """First bin of each upper band, and the bin after the last."""
    edges = _mel_edges(CROSSOVER_BIN * BIN_HZ, WIDE_HZ / 2, HIGH_BANDS)
    edges[-1] = FRAME // 2 + 1
    return edges


def _mel_edges(from_hz: float, to_hz: float, count: int) -> Bins:
    mel = np.linspace(np.log1p(from_hz / 700), np.log1p(to_hz / 700), count + 1)
    return np.unique(np.rint(np.expm1(mel) * 700 / BIN_HZ).astype(np.int64))


@cache
def _mirror() -> Bins:
    mirrored = 2 * CROSSOVER_BIN - np.arange(CROSSOVER_BIN, FRAME // 2 + 1)
    return np.where(mirrored < MIRROR_FROM_BIN, 2 * MIRROR_FROM_BIN - mirrored, mirrored)


@cache
def _fitted() -> Energies:
    weights = np.array(json.loads(MAP_FILE.read_text("ascii"))["weights"], np.float32)
    expected = (len(low_edges()) - 1 + 2, len(high_edges()) - 1)
    if weights.shape != expected:
        raise ValueError(f"{MAP_FILE}: weights of shape {weights.shape}, expected {expected}")
    return weights
