"""Finding voice, and one certain voice, in audio."""

from __future__ import annotations

import numpy as np
import pytest

from callcenter.lab.voice_match import (
    RATE_HZ,
    find_speech,
    first_voiced_sample,
    frame_levels_dbfs,
    voiced_ms,
)


def speech(seed: int, seconds: float = 1.5, level: float = 3000.0) -> np.ndarray:
    """Noise shaped like speech: syllables of changing loudness."""
    noise = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    carrier = np.convolve(noise.normal(size=count + 7), np.ones(8) / 3, mode="valid")
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(count) / RATE_HZ + seed)
    return np.clip(carrier * syllables * level, -32000, 32000).astype(np.int16)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE_HZ), np.int16)


def test_digital_silence_has_no_voice_and_no_warning():
    assert voiced_ms(silence(1.0)) == 0
    assert frame_levels_dbfs(silence(0.1)).max() == -100.0
    assert voiced_ms(np.zeros(0, np.int16)) == 0
    assert first_voiced_sample(np.zeros(0, np.int16)) is None


def test_voice_is_measured_in_milliseconds():
    heard = np.concatenate([silence(0.5), speech(1, 1.0), silence(0.5)])
    assert voiced_ms(heard) == pytest.approx(1000, abs=40)
    assert first_voiced_sample(heard) == pytest.approx(0.5 * RATE_HZ, abs=160)


def test_a_click_is_not_the_beginning_of_a_voice():
    click = silence(0.3)
    click[800:820] = 20000
    heard = np.concatenate([click, speech(1, 1.0)])
    assert first_voiced_sample(heard) == pytest.approx(0.3 * RATE_HZ, abs=160)


def test_speech_is_found_where_it_is_at_any_volume():
    said = np.concatenate([silence(0.1), speech(1)])
    heard = np.concatenate([silence(0.7), (said * 0.2).astype(np.int16), silence(0.3)])
    match = find_speech(heard, said)
    assert match is not None
    assert match.offset_samples == pytest.approx(0.7 * RATE_HZ, abs=2)
    assert match.score > 0.95


def test_speech_is_found_under_another_voice():
    said, other = speech(1), speech(2, 3.0)
    heard = other.astype(np.int32)
    heard[8000 : 8000 + len(said)] += said
    match = find_speech(np.clip(heard, -32768, 32767).astype(np.int16), said)
    assert match is not None
    assert match.offset_samples == pytest.approx(8000, abs=2)


def test_another_voice_is_not_taken_for_it():
    assert find_speech(speech(2, 4.0), speech(1)) is None


def test_nothing_is_found_in_silence_or_in_too_little():
    assert find_speech(silence(2.0), speech(1)) is None
    assert find_speech(speech(1)[:800], speech(1)) is None
    assert find_speech(speech(1), silence(1.0)) is None


@pytest.mark.parametrize("lost", [160, -160, 480])
@pytest.mark.parametrize("at", [0.2, 0.35, 0.4, 0.45, 0.6])
def test_a_lost_or_repeated_packet_does_not_hide_it(lost: int, at: float):
    said = speech(1)
    cut = int(at * RATE_HZ)
    slipped = np.concatenate([silence(0.5), said[:cut], said[cut + lost :], silence(0.5)])
    match = find_speech(slipped, said)
    assert match is not None
    assert match.offset_samples == pytest.approx(0.5 * RATE_HZ, abs=abs(lost) + 2)


@pytest.mark.parametrize("seed", range(2, 12))
def test_no_other_voice_is_taken_for_it_by_its_halves(seed: int):
    assert find_speech(speech(seed, 4.0), speech(1)) is None
