"""What a phone can say, and what it is told when it cannot."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from callcenter.lab.phone_errors import PhoneMisused
from callcenter.lab.speech_file import SILENCE_S, read_speech, write_padded


def test_words_are_followed_by_silence_that_takes_no_space(tmp_path: Path):
    words = np.full(8000, 1000, np.int16)
    file = tmp_path / "say.wav"
    write_padded(words, file)
    with wave.open(str(file)) as sound:
        assert sound.getnframes() == 8000 + SILENCE_S * 8000
        assert sound.getframerate() == 8000
    samples = read_speech(file)
    assert list(samples[:8000]) == list(words)
    assert not samples[8000:].any()
    assert file.stat().st_blocks * 512 < 100_000


def test_a_file_of_another_form_is_refused_with_what_was_expected(tmp_path: Path):
    file = tmp_path / "wide.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(16000)
        sound.writeframes(bytes(64))
    with pytest.raises(PhoneMisused, match=r"wide\.wav: 16000 Hz, 2 channels.*expected 8000 Hz"):
        read_speech(file)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"hello, not a sound file at all"])
def test_what_is_no_sound_file_is_refused(tmp_path: Path, content: bytes):
    file = tmp_path / "bad.wav"
    file.write_bytes(content)
    with pytest.raises(PhoneMisused, match=r"bad\.wav: cannot be said"):
        read_speech(file)
    with pytest.raises(PhoneMisused, match="cannot be said"):
        read_speech(tmp_path / "missing.wav")
