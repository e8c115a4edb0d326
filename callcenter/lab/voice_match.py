"""Is there a voice in this audio, and is it this voice? Pure functions on 8 kHz samples.

All audio is a one-dimensional ``int16`` array at 8000 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

RATE_HZ = 8000
FRAME_SAMPLES = 160
"""20 ms, one RTP packet."""
VOICE_DBFS = -40.0
"""A 20 ms frame above this counts as voice; digital silence and comfort noise lie far below."""
SAME_VOICE_SCORE = 0.5
"""Correlation from which two pieces count as the same speech; unrelated speech stays below 0.3."""
SAME_HALF_SCORE = 0.6
"""The same for half a piece, which fits more by chance."""
SLIP_SAMPLES = 4 * FRAME_SAMPLES
"""So far apart may two halves be: some packets lost or repeated between them."""
QUIET_SAMPLE = 30.0
"""What is quieter than this is compared as if it were that loud: noise must not fit anything."""
PIECE_SAMPLES = 6400
"""How much of the speech is compared: 0.8 s from its first voiced frame."""
_QUIETEST_DBFS = -100.0


@dataclass(frozen=True, slots=True)
class Match:
    """Where a piece of known speech begins in what was heard, and how alike they are (0 to 1)."""

    offset_samples: int
    score: float


def frame_levels_dbfs(samples: Samples) -> npt.NDArray[np.float64]:
    """Level of each whole 20 ms frame in dB below full scale."""
    whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
    frames = samples[:whole].astype(np.float64).reshape(-1, FRAME_SAMPLES) / 32768.0
    power = np.mean(frames * frames, axis=1)
    levels: npt.NDArray[np.float64] = 10.0 * np.log10(power + 1e-12)
    return np.clip(levels, _QUIETEST_DBFS, 0.0)


def voiced_ms(samples: Samples) -> int:
    """How many milliseconds of it are louder than `VOICE_DBFS`."""
    return int(np.count_nonzero(frame_levels_dbfs(samples) > VOICE_DBFS)) * 20


def first_voiced_sample(samples: Samples, run_frames: int = 3) -> int | None:
    """Start of the first run of voiced frames that is long enough to be no click."""
    voiced = frame_levels_dbfs(samples) > VOICE_DBFS
    if len(voiced) < run_frames:
        return None
    runs = np.convolve(voiced, np.ones(run_frames), mode="valid")
    starts = np.flatnonzero(runs >= run_frames)
    return int(starts[0]) * FRAME_SAMPLES if len(starts) else None


def find_speech(heard: Samples, said: Samples) -> Match | None:
    """Find the beginning of ``said`` in ``heard``; None if it is not in there.

    The offset is that of the first sample of ``said`` (it can be negative when its leading
    silence was cut off). Other voices and music on top are borne as long as ``said`` is not
    drowned by them; a change of volume does not matter. Neither does one lost or repeated packet:
    the two halves are then found apart, each more alike than the whole.
    """
    onset = first_voiced_sample(said)
    if onset is None:
        return None
    piece = said[onset : onset + PIECE_SAMPLES].astype(np.float64)
    window = heard.astype(np.float64)
    whole = _best(window, piece)
    if whole is None:
        return None
    if whole.score >= SAME_VOICE_SCORE:
        return Match(whole.offset_samples - onset, whole.score)
    middle = len(piece) // 2
    first, second = _best(window, piece[:middle]), _best(window, piece[middle:])
    if first is None or second is None or min(first.score, second.score) < SAME_HALF_SCORE:
        return None
    apart = second.offset_samples - first.offset_samples - middle
    if abs(apart) > SLIP_SAMPLES:
        return None
    return Match(first.offset_samples - onset, min(first.score, second.score))


def _best(window: npt.NDArray[np.float64], piece: npt.NDArray[np.float64]) -> Match | None:
    """Where in the window the piece fits best."""
    if len(window) < len(piece) or not len(piece):
        return None
    size = 1 << (len(window) + len(piece) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(window, size) * np.conj(np.fft.rfft(piece, size)), size)
    products = products[: len(window) - len(piece) + 1]
    energy = np.concatenate(([0.0], np.cumsum(window * window)))
    local = energy[len(piece) :] - energy[: -len(piece)]
    quiet = len(piece) * QUIET_SAMPLE**2
    scores = products / np.sqrt(np.maximum(local, quiet) * np.sum(piece * piece))
    best = int(np.argmax(scores))
    return Match(best, float(scores[best]))
