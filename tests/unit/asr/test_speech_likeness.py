"""Which sound cannot be speech, whatever a recogniser makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from asr.recogniser import Samples
from asr.speech_likeness import SpeechLikeness
from tests.unit.asr.conftest import make_noise, make_voice


def possible(sound: Samples, rate_hz: int = 8_000) -> bool:
    likeness = SpeechLikeness(rate_hz)
    for at in range(0, len(sound), 777):
        likeness.hear(sound[at : at + 777])
    return likeness.possible


def tone(rate_hz: int, *frequencies_hz: float, length_s: float = 1.0) -> Samples:
    t = np.arange(round(length_s * rate_hz)) / rate_hz
    return (sum(np.sin(2 * np.pi * f * t) for f in frequencies_hz) * 5_000).astype("<i2")


def noise(dbfs: float, rate_hz: int = 8_000, length_s: float = 1.0) -> Samples:
    return np.frombuffer(make_noise(length_s, dbfs, rate_hz), "<i2")


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
def test_tones_are_no_speech(rate_hz: int) -> None:
    assert not possible(tone(rate_hz, 440), rate_hz)
    assert not possible(tone(rate_hz, 440, 480), rate_hz)
    assert not possible(tone(rate_hz, 697, 1_209), rate_hz)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
def test_hiss_is_no_speech_even_when_it_comes_and_goes(rate_hz: int) -> None:
    hiss = noise(-20, rate_hz, 2.0)
    assert not possible(hiss, rate_hz)
    on = np.arange(len(hiss)) // (rate_hz // 4) % 2 == 0
    assert not possible((hiss * on).astype("<i2"), rate_hz)


def test_vowel_that_is_held_may_be_speech() -> None:
    assert possible(np.frombuffer(make_voice(1.0), "<i2"))


def test_whisper_may_be_speech() -> None:
    """Noise whose spectrum changes from sound to sound, without any pitch."""
    hiss = np.fft.rfft(noise(-20, length_s=2.4).reshape(12, -1).astype(np.float64), axis=1)
    bins = np.arange(hiss.shape[1]) * 8_000 / 1_600
    for k in range(12):
        hiss[k] *= 1 / (1 + ((bins - (500, 1_100, 1_900, 2_600)[k % 4]) / 300) ** 2)
    assert possible(np.fft.irfft(hiss, axis=1).reshape(-1).astype("<i2"))


def test_nothing_is_concluded_from_a_moment_or_from_silence() -> None:
    assert possible(tone(8_000, 440, length_s=0.1))
    assert possible(noise(-20, length_s=0.2))
    assert possible(np.zeros(16_000, np.int16))
    assert SpeechLikeness(8_000).possible
