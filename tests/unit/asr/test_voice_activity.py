import numpy as np
import pytest

from asr.voice_activity import End, Onset, VoiceActivity, level_dbfs

FRAME_S = 0.02


def changes(sound: bytes, rate_hz: int = 8_000) -> list[tuple[str, float]]:
    activity = VoiceActivity(rate_hz)
    size = activity.frame_bytes
    found = []
    for k in range(len(sound) // size):
        change = activity.feed(sound[k * size : (k + 1) * size])
        if change is not None:
            at_s = (k + 1 - change.frames_ago) * FRAME_S
            found.append((type(change).__name__, round(at_s, 2)))
    return found


def test_silence_is_no_voice(silence) -> None:
    assert changes(silence(20)) == []


@pytest.mark.parametrize("dbfs", [-70, -60, -55, -50, -45, -40])
def test_comfort_noise_is_no_voice(noise, dbfs: float) -> None:
    assert changes(noise(20, dbfs)) == []


def test_mains_hum_is_no_voice() -> None:
    t = np.arange(20 * 8_000) / 8_000
    hum = (0.01 * 32_767 * np.sin(2 * np.pi * 100 * t)).astype("<i2").tobytes()
    assert changes(hum) == []


def test_voice_is_found_where_it_begins_and_where_it_ends(voice, silence) -> None:
    (on, on_s), (end, end_s) = changes(silence(1) + voice(2) + silence(1))
    assert (on, end) == (Onset.__name__, End.__name__)
    assert on_s == pytest.approx(1.0, abs=0.1)
    assert end_s == pytest.approx(3.0, abs=0.15)


def test_voice_is_found_on_a_wideband_leg(voice) -> None:
    sound = bytes(32_000) + voice(2, rate_hz=16_000) + bytes(32_000)
    assert [kind for kind, _ in changes(sound, 16_000)] == ["Onset", "End"]


def test_voice_is_found_above_comfort_noise(voice, noise) -> None:
    mixed = np.frombuffer(noise(4, -50), "<i2").astype(np.int32)
    mixed[8_000:24_000] += np.frombuffer(voice(2), "<i2")
    kinds = [kind for kind, _ in changes(mixed.clip(-32_768, 32_767).astype("<i2").tobytes())]
    assert kinds == ["Onset", "End"]


def test_pause_shorter_than_the_hangover_does_not_end_voice(voice, silence) -> None:
    sound = silence(1) + voice(1) + silence(0.3) + voice(1) + silence(1)
    assert [kind for kind, _ in changes(sound)] == ["Onset", "End"]


def test_end_is_told_half_a_second_after_the_last_voice(voice, silence) -> None:
    activity = VoiceActivity(8_000)
    sound = silence(1) + voice(1) + silence(1)
    size = activity.frame_bytes
    told = [
        (k + 1) * FRAME_S
        for k in range(len(sound) // size)
        if isinstance(activity.feed(sound[k * size : (k + 1) * size]), End)
    ]
    assert told == [pytest.approx(2.5, abs=0.12)]


def test_click_is_no_voice(silence, voice) -> None:
    assert changes(silence(1) + voice(0.04) + silence(1)) == []


def test_frame_of_another_length_is_our_error() -> None:
    with pytest.raises(ValueError, match="320 expected"):
        VoiceActivity(8_000).feed(bytes(318))


def test_level_of_silence_and_of_full_scale() -> None:
    assert level_dbfs(np.zeros(160, np.int16)) == -100
    assert level_dbfs(np.full(160, 32_767, np.int16)) == pytest.approx(0, abs=0.01)
