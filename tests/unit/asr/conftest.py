"""Sound made of numbers: a voice that WebRTC's detector takes for one, and noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

RATE_HZ = 8_000
Sound = Callable[..., bytes]


def make_voice(length_s: float, rate_hz: int = RATE_HZ, level: float = 0.2) -> bytes:
    """Glottal pulses through three formants, syllables four times a second."""
    t = np.arange(round(length_s * rate_hz)) / rate_hz
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.7 * t)
    phase = np.cumsum(pitch) / rate_hz
    wave = np.zeros_like(t)
    for harmonic in range(1, 28):
        frequency = harmonic * 120
        gain = sum(
            width / (1 + ((frequency - centre) / 120) ** 2)
            for centre, width in ((650, 1.0), (1_100, 0.6), (2_500, 0.3))
        )
        wave += gain * np.sin(2 * np.pi * harmonic * phase)
    wave *= 0.6 + 0.4 * np.sin(2 * np.pi * 4 * t - np.pi / 2)
    return (wave / np.abs(wave).max() * level * 32_767).astype("<i2").tobytes()


def make_noise(length_s: float, dbfs: float, rate_hz: int = RATE_HZ) -> bytes:
    samples = np.random.default_rng(7).standard_normal(round(length_s * rate_hz))
    return (samples * 32_768 * 10 ** (dbfs / 20)).clip(-32_768, 32_767).astype("<i2").tobytes()


@pytest.fixture
def voice() -> Sound:
    return make_voice


@pytest.fixture
def noise() -> Sound:
    return make_noise


@pytest.fixture
def silence() -> Callable[[float], bytes]:
    return lambda length_s: bytes(round(length_s * RATE_HZ) * 2)
