"""What can be measured of a sound file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE_HZ = 8000


@dataclass(frozen=True)
class Measured:
    ms: float
    rms_dbfs: float
    peak: float
    speech_band: float
    """Share of the energy between 80 and 3600 Hz."""


def measure(sound: Path) -> Measured:
    raw = sound.read_bytes()
    assert len(raw) % 2 == 0
    samples = np.frombuffer(raw, "<i2") / 32768
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(samples.size, 1 / RATE_HZ)
    band = power[(hz > 80) & (hz < 3600)].sum() / power.sum()
    rms = np.sqrt((samples**2).mean())
    return Measured(
        ms=samples.size * 1000 / RATE_HZ,
        rms_dbfs=float(20 * np.log10(rms)),
        peak=float(np.abs(samples).max()),
        speech_band=float(band),
    )
