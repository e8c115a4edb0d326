"""Synthesis with the real programs, and each way in which they fail."""

from __future__ import annotations

import asyncio
import stat
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr import speech_out
from ivr.errors import SpeechOutError
from ivr.speech_out import synthesise, synthesise_wav
from tests.unit.ivr.sound import measure

LINE_IN = {
    "en": "You are in line for the police. Please stay on the line.",
    "ko": "경찰 연결을 기다리고 있습니다. 전화를 끊지 마세요.",
    "zh": "您正在等候接通警察，请不要挂断。",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def runs(pid_file: Path) -> bool:
    return Path("/proc", pid_file.read_text().strip()).exists()


@pytest.mark.parametrize("language", sorted(LINE_IN))
async def test_speech_is_telephone_sound_at_its_level(language: str, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder" / "prompt.sln"
    ms = await synthesise(LINE_IN[language], language, out)
    sound = measure(out)
    assert sound.ms == pytest.approx(ms, abs=1)
    assert 2500 < ms < 6500
    assert sound.rms_dbfs == pytest.approx(-20, abs=0.5)
    assert sound.peak < 0.96, "clipped"
    assert sound.speech_band > 0.9
    assert list(contents(out.parent)) == ["prompt.sln"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o644, "Asterisk runs as another user"


async def test_longer_text_is_longer_sound(tmp_path: Path) -> None:
    short = await synthesise("Press one.", "en", tmp_path / "a.sln")
    long = await synthesise("Press one. " * 4, "en", tmp_path / "b.sln")
    assert long > 3 * short


async def test_silence_at_both_ends_is_cut(tmp_path: Path) -> None:
    out = tmp_path / "a.sln"
    await synthesise("Police emergency.", "en", out)
    samples = np.abs(np.frombuffer(out.read_bytes(), "<i2").astype(int))
    loud = np.flatnonzero(samples > samples.max() / 10)
    assert loud[0] < 8 * 150
    assert samples.size - loud[-1] < 8 * 250


async def test_sound_is_made_to_fit_its_time(tmp_path: Path) -> None:
    free = await synthesise("Police emergency.", "en", tmp_path / "a.sln")
    fitted = await synthesise("Police emergency.", "en", tmp_path / "b.sln", at_most_ms=1000)
    assert free > 1100
    assert 700 < fitted <= 1000


async def test_nothing_is_spoken_faster_than_can_be_understood(tmp_path: Path) -> None:
    text = "A long sentence which nobody could say in a tenth of a second."
    free = await synthesise(text, "en", tmp_path / "a.sln")
    fitted = await synthesise(text, "en", tmp_path / "b.sln", at_most_ms=100)
    assert fitted > free / 2


async def test_voice_can_be_chosen(tmp_path: Path) -> None:
    await synthesise("Hello there.", "en", tmp_path / "rms.sln")
    await synthesise("Hello there.", "en", tmp_path / "slt.sln", "slt")
    await synthesise("Hello there.", "en", tmp_path / "espeak.sln", "en-us")
    assert len(set(contents(tmp_path).values())) == 3


async def test_wav_is_mono_16_bit_8_khz(tmp_path: Path) -> None:
    out = tmp_path / "caller.wav"
    ms = await synthesise_wav("There is a man with a gun.", "en", out)
    with wave.open(str(out)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        assert sound.getnframes() / 8 == pytest.approx(ms, abs=1)


@pytest.mark.parametrize(
    "text",
    ["; touch pwned; $(touch pwned) `touch pwned`", "-o /etc/passwd", "--help", "[[h@'loU]] yes"],
)
async def test_text_is_only_ever_spoken(text: str, tmp_path: Path) -> None:
    for language in ("en", "ko"):
        assert await synthesise(text, language, tmp_path / f"{language}.sln") > 300
    assert sorted(contents(tmp_path)) == ["en.sln", "ko.sln"]


@pytest.mark.parametrize(
    ("text", "language", "voice", "why"),
    [
        ("", "en", None, "empty"),
        (" \n\0[[]]", "en", None, "empty"),
        ("x " * 1001, "en", None, "characters"),
        ("hello", "xx", None, "no voice for language 'xx'; there are en, ko, zh"),
        ("hello", "en", "../etc/voice", "name"),
        ("hello", "en", "-w", "name"),
        ("hello", "ko", "nosuchvoice", "espeak-ng ended with status 1"),
        ("hello", "en", "nosuchvoice", "espeak-ng ended with status 1"),
        ("...", "ko", None, "silence"),
    ],
)
async def test_what_cannot_be_said_is_refused(
    text: str, language: str, voice: str | None, why: str, tmp_path: Path
) -> None:
    out = tmp_path / "a.sln"
    out.write_bytes(b"old")
    with pytest.raises(SpeechOutError, match=why):
        await synthesise(text, language, out, voice)
    assert out.read_bytes() == b"old"


@pytest.mark.parametrize(("language", "program"), [("en", "flite"), ("ko", "espeak-ng")])
async def test_missing_program_is_named(
    language: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SpeechOutError, match=f"apt install {program}"):
        await synthesise("hello", language, tmp_path / "a.sln")


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put another program in flite's place."""
    file = folder / "flite"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 0", "flite made no sound file"),
        ("exit 3", "flite ended with status 3"),
        ('for last; do :; done; echo noise > "$last"', "flite made no sound file"),
        ("kill -9 $$", "flite ended with status -9"),
    ],
)
async def test_program_that_fails_is_named(
    script: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, script, monkeypatch)
    with pytest.raises(SpeechOutError, match=why):
        await synthesise("hello", "en", tmp_path / "a.sln")
    assert not (tmp_path / "a.sln").exists()


async def test_program_that_hangs_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60", monkeypatch)
    monkeypatch.setattr(speech_out, "PROGRAM_TIMEOUT_S", 0.3)
    with pytest.raises(SpeechOutError, match=r"longer than 0\.3 s"):
        await synthesise("hello", "en", tmp_path / "a.sln")
    assert not runs(tmp_path / "pid")


async def test_cancelled_synthesis_leaves_no_program_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60", monkeypatch)
    task = asyncio.create_task(synthesise("hello", "en", tmp_path / "a.sln"), name="synthesis")
    for _ in range(1000):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            break
        await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert not runs(tmp_path / "pid")


async def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpeechOutError, match=r"file/a\.sln"):
        await synthesise("hello", "en", tmp_path / "file" / "a.sln")
