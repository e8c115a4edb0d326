"""Speech of scripts: made once, and sound files brought to what a phone can say."""

from __future__ import annotations

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from callcenter.lab.script import Script, ScriptError, Turn
from callcenter.lab.speech_file import read_speech
from callcenter.lab.voices import convert, speak, voice_of


def write(file: Path, rate_hz: int, channels: int, sample_bytes: int = 2) -> Path:
    tone = np.sin(np.arange(rate_hz) * 2 * np.pi * 440 / rate_hz) * 8000
    frames = np.repeat(tone.astype("<i2"), channels).tobytes()
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(sample_bytes)
        sound.setframerate(rate_hz)
        sound.writeframes(frames)
    return file


def script(voice: str | None, lang: str = "en") -> Script:
    turns = [{"who": "caller", "text": "Hello."}]
    return Script.model_validate({"id": "x", "lang": lang, "voice": voice, "turns": turns})


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (16000, 1), (44100, 2)])
def test_a_sound_file_of_any_rate_can_be_said(tmp_path: Path, rate_hz: int, channels: int):
    samples = read_speech(convert(write(tmp_path / "a.wav", rate_hz, channels), tmp_path / "kept"))
    assert len(samples) == pytest.approx(8000, abs=10)
    spectrum = np.abs(np.fft.rfft(samples[:8000]))
    assert int(np.argmax(spectrum)) == pytest.approx(440, abs=2)
    assert np.abs(samples).max() == pytest.approx(8000, rel=0.05)


def test_a_sound_file_is_converted_once_and_anew_when_it_changes(tmp_path: Path):
    file, kept = tmp_path / "a.wav", tmp_path / "kept"
    first = convert(write(file, 16000, 1), kept)
    made_at = first.stat().st_mtime_ns
    assert convert(file, kept) == first
    assert first.stat().st_mtime_ns == made_at
    assert convert(write(file, 8000, 1), kept) != first


def test_what_is_no_16_bit_wav_file_is_refused(tmp_path: Path):
    with pytest.raises(ScriptError, match=r"a\.wav: 8 bit samples; expected a 16 bit WAV"):
        convert(write(tmp_path / "a.wav", 8000, 1, sample_bytes=1), tmp_path)
    (tmp_path / "b.wav").write_bytes(b"ID3 something else")
    with pytest.raises(ScriptError, match=r"b\.wav: .*expected a 16 bit WAV file"):
        convert(tmp_path / "b.wav", tmp_path)


@pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
def test_a_flac_file_can_be_said(tmp_path: Path):
    flac = tmp_path / "a.flac"
    subprocess.run(["sox", str(write(tmp_path / "a.wav", 16000, 1)), str(flac)], check=True)
    samples = read_speech(convert(flac, tmp_path / "kept"))
    assert len(samples) == pytest.approx(8000, abs=10)


def test_without_sox_only_wav_files_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (tmp_path / "a.flac").write_bytes(b"fLaC and so on")
    with pytest.raises(ScriptError, match=r"a\.flac: is no WAV file; .* sox to be installed"):
        convert(tmp_path / "a.flac", tmp_path)


async def test_text_is_spoken_once_for_each_voice(tmp_path: Path):
    rms = await speak("Hello there.", "en", "rms", tmp_path)
    assert await speak("Hello there.", "en", "rms", tmp_path) == rms
    assert await speak("Hello there.", "en", "awb", tmp_path) != rms
    assert len(read_speech(rms)) > 2000


def test_everybody_has_a_voice_of_their_own():
    voices = {voice_of(script(None), who) for who in ("caller", "operator", "officer")}
    assert len(voices) == 3
    assert voice_of(script("slt"), "caller") == "slt"
    assert voice_of(script("slt"), "operator") != "slt"
    assert voice_of(script(None, "ko"), "caller") is None


def test_a_turn_is_either_text_or_audio():
    assert Turn(who="caller", text="Hello.").audio is None
