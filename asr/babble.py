"""Sound made like speech, of which no word is meant: vowels and bursts that follow at random.

A recogniser that has heard it has met the beginnings of most words.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from asr.recogniser import Samples, to_samples

SYLLABLE_S: Final = 0.18
BURST_S: Final = 0.03
TOP_HZ: Final = 3_600.0
WIDTH_HZ: Final = 120.0
LEVEL: Final = 0.18


@cache
def babble(length_s: float, rate_hz: int) -> Samples:
    """So much of it; the same each time."""
    choose = np.random.default_rng(1)
    pieces = []
    for _ in range(round(length_s / (SYLLABLE_S + BURST_S))):
        pitch_hz = choose.uniform(100, 200)
        formants_hz = np.array([choose.uniform(300, 800), choose.uniform(900, 2_300), 2_700])
        harmonics_hz = np.arange(pitch_hz, TOP_HZ, pitch_hz)
        away = (harmonics_hz[:, None] - formants_hz) / WIDTH_HZ
        gains = (1 / (1 + away**2)).sum(axis=1)
        t = np.arange(round(SYLLABLE_S * rate_hz)) / rate_hz
        vowel = gains @ np.sin(2 * np.pi * harmonics_hz[:, None] * t) * np.hanning(len(t))
        burst = choose.standard_normal(round(BURST_S * rate_hz)) * choose.uniform(0, 0.4)
        pieces += [burst, vowel / np.abs(vowel).max()]
    return to_samples((np.concatenate(pieces) * LEVEL).astype(np.float32))
