"""Sound in a wideband file is read at the rate that it truly has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from recordings.excerpt import Channel, Excerpt
from recordings.legs import find
from recordings.mixdown import two_channel
from recordings.true_band import TrueBand
from tests.unit.recordings.spool import CALL, record

SECONDS = 3


def noise(rate_hz: int) -> np.ndarray:
    """As loud at every frequency, with pauses."""
    wave = np.random.default_rng(1).normal(0, 1_500, SECONDS * rate_hz)
    wave[rate_hz : 2 * rate_hz] = 0
    return wave.astype("<i2")


def telephone() -> np.ndarray:
    wave: np.ndarray = soxr.resample(noise(8_000), 8_000, 16_000)
    return wave


def kept(folder: Path, caller: np.ndarray, heard: np.ndarray, ending: str = "sln16") -> Path:
    record(folder, caller.tobytes(), heard.tobytes(), endings=(ending, ending))
    return two_channel(find(folder, CALL), folder / "kept.wav").path


def read(file: Path, channel: Channel) -> tuple[int, np.ndarray]:
    with Excerpt(file, channel, 0, None) as excerpt:
        sound = TrueBand(excerpt, channel)
        pieces = list(iter(lambda: sound.read(1_000), b""))
    return sound.rate_hz, np.frombuffer(b"".join(pieces), "<i2")


def test_wideband_caller_is_read_as_recorded(tmp_path: Path) -> None:
    rate_hz, samples = read(kept(tmp_path, noise(16_000), noise(16_000)), Channel.CALLER)
    assert rate_hz == 16_000
    assert np.array_equal(samples, noise(16_000))


def test_caller_of_a_telephone_s_band_in_a_wideband_file_is_read_at_8_khz(tmp_path: Path) -> None:
    rate_hz, samples = read(kept(tmp_path, telephone(), noise(16_000)), Channel.CALLER)
    assert rate_hz == 8_000
    assert len(samples) == SECONDS * 8_000
    assert np.corrcoef(samples, noise(8_000))[0, 1] > 0.95


def test_what_a_caller_heard_is_read_at_8_khz(tmp_path: Path) -> None:
    rate_hz, samples = read(kept(tmp_path, noise(16_000), noise(16_000)), Channel.HEARD)
    assert (rate_hz, len(samples)) == (8_000, SECONDS * 8_000)


@pytest.mark.parametrize("channel", Channel)
def test_narrowband_recording_is_read_as_it_is(channel: Channel, tmp_path: Path) -> None:
    rate_hz, samples = read(kept(tmp_path, noise(8_000), noise(8_000), "sln"), channel)
    assert rate_hz == 8_000
    assert np.array_equal(samples, noise(8_000))


@pytest.mark.parametrize("frames", [0, 5])
def test_next_to_nothing_is_read_all_the_same(frames: int, tmp_path: Path) -> None:
    file = kept(tmp_path, telephone(), telephone())
    with Excerpt(file, Channel.CALLER, SECONDS * 1000 - frames, None) as excerpt:
        sound = TrueBand(excerpt, Channel.CALLER)
        assert len(b"".join(iter(lambda: sound.read(1_000), b""))) == frames * 8 * 2
