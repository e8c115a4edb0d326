"""Voices of the lab's callers, operators and officers: text or a sound file → 8 kHz WAV, kept.

Speech is made once: its file is named by a hash of words, language and voice.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import soxr

from callcenter.lab.layout import PROJECT
from callcenter.lab.script import Script, ScriptError, Turn, Who
from callcenter.lab.voice_match import RATE_HZ, Samples
from ivr.speech_out import synthesise_wav

CACHE = PROJECT / "var" / "voices"
ENGLISH: dict[Who, str] = {"caller": "rms", "operator": "kal16", "officer": "awb"}
"""``rms`` is the best understood, so it is the caller's."""
EXPECTED = "a 16 bit WAV file"
SOX_TIMEOUT_S = 30.0
_MAKING = "6"
"""Part of the hash: another number when speech is made in another way."""


def voice_of(script: Script, who: Who) -> str | None:
    """The voice in which somebody speaks; None: the language's own."""
    if who == "caller" and script.voice:
        return script.voice
    return ENGLISH[who] if script.lang == "en" else None


async def speech_of(script: Script, file: Path, turn: Turn, cache: Path = CACHE) -> Path:
    """The WAV file of one turn of the script that was read from ``file``."""
    if turn.text is not None:
        return await speak(turn.text, script.lang, voice_of(script, turn.who), cache)
    return await asyncio.to_thread(convert, file.parent / str(turn.audio), cache)


async def speak(text: str, language: str, voice: str | None, cache: Path = CACHE) -> Path:
    """Have a text spoken, or take what was made before. `SpeechOutError` if no voice can."""
    out = _kept(cache, text.encode(), language, voice or "")
    if not out.exists():
        await synthesise_wav(text, language, out, voice)
    return out


def convert(file: Path, cache: Path = CACHE) -> Path:
    """A sound file as a phone can say it: WAV by itself, what else sox knows (FLAC) through sox."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ScriptError(f"{file}: {error}; expected {EXPECTED}") from error
    out = _kept(cache, content, "audio", "")
    if out.exists():
        return out
    if content[:4] == b"RIFF":
        _write(_wav_samples(file), out)
    else:
        _convert_by_sox(file, out)
    return out


def _wav_samples(file: Path) -> Samples:
    try:
        with wave.open(str(file), "rb") as sound:
            rate_hz, channels = sound.getframerate(), sound.getnchannels()
            if sound.getsampwidth() != 2:
                raise ScriptError(
                    f"{file}: {sound.getsampwidth() * 8} bit samples; expected {EXPECTED}"
                )
            data = sound.readframes(sound.getnframes())
    except (EOFError, wave.Error) as error:
        raise ScriptError(f"{file}: {error}; expected {EXPECTED}") from error
    whole = len(data) // (2 * channels) * 2 * channels
    samples = np.frombuffer(data[:whole], "<i2").reshape(-1, channels)
    mono = samples.astype(np.float32).mean(axis=1)
    if rate_hz != RATE_HZ:
        mono = soxr.resample(mono, rate_hz, RATE_HZ)
    clipped: Samples = np.clip(mono, -32768, 32767).astype(np.int16)
    return clipped


def _convert_by_sox(file: Path, out: Path) -> None:
    program = shutil.which("sox")
    if program is None:
        raise ScriptError(f"{file}: is no WAV file; expected {EXPECTED}, or sox to be installed")
    partial = out.with_suffix(".partial.wav")
    form = ["-r", str(RATE_HZ), "-c", "1", "-b", "16", "-e", "signed-integer"]
    try:
        subprocess.run(  # noqa: S603 # our own arguments, no shell
            [program, str(file.absolute()), *form, str(partial)],
            check=True,
            capture_output=True,
            timeout=SOX_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        partial.unlink(missing_ok=True)
        raise ScriptError(f"{file}: sox cannot read it; expected {EXPECTED}") from error
    partial.replace(out)


def _write(samples: Samples, out: Path) -> None:
    partial = out.with_suffix(".partial")
    with wave.open(str(partial), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(samples.astype("<i2").tobytes())
    partial.replace(out)


def _kept(cache: Path, content: bytes, language: str, voice: str) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(content)
    digest.update(f"\0{language}\0{voice}\0{_MAKING}".encode())
    return cache / f"{digest.hexdigest()[:32]}.wav"
