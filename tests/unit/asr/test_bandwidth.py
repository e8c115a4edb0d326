import numpy as np
import pytest

from asr.bandwidth import CROSSOVER_BIN, FRAME, Resampled, Unchanged, Widened, passage, spectrum


def widened(sound: bytes, spoon: int = 800) -> np.ndarray:
    samples, front = np.frombuffer(sound, np.int16), Widened()
    parts = [front.feed(samples[k : k + spoon]) for k in range(0, len(samples), spoon)]
    return np.concatenate([*parts, front.finish()])


def test_each_way_has_its_passage() -> None:
    assert isinstance(passage(16_000, 16_000), Unchanged)
    assert isinstance(passage(8_000, 16_000), Widened)
    assert isinstance(passage(16_000, 8_000), Resampled)


def test_nothing_is_added_or_lost_in_time(voice) -> None:
    for length_s in (0.001, 0.0155, 1.0, 1.2345):
        sound = voice(length_s)
        assert abs(len(widened(sound)) - len(sound)) <= 1


def test_size_of_the_spoons_does_not_matter(voice) -> None:
    sound = voice(1)
    assert np.allclose(widened(sound, 37), widened(sound, 8_000), atol=1e-4)


def test_lower_band_stays_as_it_was(voice) -> None:
    sound = voice(1)
    front = Resampled(8_000, 16_000)
    plain = np.concatenate([front.feed(np.frombuffer(sound, np.int16)), front.finish()])
    wide = widened(sound)
    frames = (len(wide) - FRAME) // 128
    before = np.abs(spectrum(plain, frames))[4:-4, : CROSSOVER_BIN - 6]
    after = np.abs(spectrum(wide, frames))[4:-4, : CROSSOVER_BIN - 6]
    assert np.abs(before - after).mean() < 0.02 * before.mean()


def test_upper_band_is_filled(voice) -> None:
    wide = widened(voice(1))
    spectra = np.abs(spectrum(wide, (len(wide) - FRAME) // 128))
    assert spectra[:, CROSSOVER_BIN + 4 :].mean() > 0.001 * spectra[:, :CROSSOVER_BIN].mean()


def test_silence_stays_silent(silence) -> None:
    assert np.abs(widened(silence(1))).max() < 1e-3


def test_utterances_do_not_mix(voice, silence) -> None:
    front = Widened()
    front.feed(np.frombuffer(voice(1), np.int16))
    front.finish()
    after = np.concatenate([front.feed(np.frombuffer(silence(1), np.int16)), front.finish()])
    assert np.abs(after).max() < 1e-3


def test_full_scale_does_not_explode(voice) -> None:
    assert np.abs(widened(voice(1, level=1.0))).max() == pytest.approx(1, abs=0.8)
