"""Text to sound: 16-bit mono at 8 kHz, as Asterisk's ``.sln`` files hold it, or as WAV.

English is spoken by flite (voice ``rms``), other languages by espeak-ng. Both are run as programs
of their own, on files in a private folder; no text ever stands on a command line. What they make
is resampled, trimmed of silence at both ends and brought to one level.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soxr
from numpy.typing import NDArray

from ivr.errors import SpeechOutError

RATE_HZ = 8000
LEVEL_DBFS = -20.0
"""RMS of what is made. Recorded speech on a telephone line is about as loud."""
PEAK = 0.95
KNEE = 0.6
"""Peaks above this share of full scale are bent softly towards ``PEAK``."""
PROGRAM_TIMEOUT_S = 20.0
NICENESS = 10
"""A voice that is made gives way to calls that go on."""
MAX_TEXT_CHARACTERS = 2000
MAX_PACE = 1.6
"""Faster than this nobody understands it."""

FLITE_VOICES = ("rms", "awb", "awb_time", "slt", "kal", "kal16")
ESPEAK_LANGUAGES = {"ko": "ko", "zh": "cmn", "en": "en-us"}
ESPEAK_WORDS_PER_MINUTE = {"ko": 185, "zh": 230, "en": 165}
"""Each brings about five syllables a second, which is how people speak."""

_VOICE_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9+_-]{0,31}")
_FRAME_SAMPLES = RATE_HZ // 100
_LEAD_SAMPLES = RATE_HZ * 20 // 1000
_TAIL_SAMPLES = RATE_HZ * 60 // 1000

Samples = NDArray[np.float64]


async def synthesise(
    text: str,
    language: str,
    out: Path,
    voice: str | None = None,
    *,
    pace: float = 1.0,
    at_most_ms: int | None = None,
) -> int:
    """Speak ``text`` into the headerless file ``out`` (8 kHz, 16 bit); its length in ms.

    ``voice`` is one of `FLITE_VOICES` for English, an espeak-ng voice otherwise. ``at_most_ms``
    has it spoken faster, up to `MAX_PACE`, where it would last longer. ``out`` appears whole or
    not at all. Raises `SpeechOutError`.
    """
    samples = await _speak(text, language, voice, pace, at_most_ms)
    return await asyncio.to_thread(write_sln, samples, out)


async def synthesise_wav(
    text: str, language: str, out: Path, voice: str | None = None, *, pace: float = 1.0
) -> int:
    """Like `synthesise`, into a WAV file."""
    samples = await _speak(text, language, voice, pace, None)
    return await asyncio.to_thread(_write_wav, samples, out)


def write_sln(samples: Samples, out: Path) -> int:
    """Write samples (−1 … 1, 8 kHz) to a headerless file, whole or not at all; length in ms."""

    def write(file: BinaryIO) -> None:
        file.write(_pcm(samples))

    return _write(samples, out, write)


def _write_wav(samples: Samples, out: Path) -> int:
    def write(file: BinaryIO) -> None:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE_HZ)
            sound.writeframes(_pcm(samples))

    return _write(samples, out, write)


async def _speak(
    text: str, language: str, voice: str | None, pace: float, at_most_ms: int | None
) -> Samples:
    words = _plain(text)
    samples = await _run(words, language, voice, min(pace, MAX_PACE))
    for _ in range(2):
        # Pauses do not shrink with the pace, so that one correction may fall short.
        ms = _ms(samples)
        if at_most_ms is None or ms <= at_most_ms or pace >= MAX_PACE:
            break
        pace = min(MAX_PACE, pace * 1.05 * ms / at_most_ms)
        samples = await _run(words, language, voice, pace)
    return samples


def _plain(text: str) -> str:
    """Words only: no control characters, nothing that a program takes for an instruction."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    words = words.replace("[[", " ").replace("]]", " ").strip()  # phonemes, to espeak-ng
    if not words:
        raise SpeechOutError("there is nothing to say: the text is empty")
    if len(words) > MAX_TEXT_CHARACTERS:
        raise SpeechOutError(
            f"the text has {len(words)} characters, at most {MAX_TEXT_CHARACTERS} are spoken"
        )
    return words


async def _run(text: str, language: str, voice: str | None, pace: float) -> Samples:
    with tempfile.TemporaryDirectory(prefix="speech-out-") as folder:
        words, sound = Path(folder, "words.txt"), Path(folder, "sound.wav")
        await asyncio.to_thread(words.write_text, text + "\n", "utf-8")
        command = _command(language, voice, pace, words, sound)
        await _finish(command)
        return await asyncio.to_thread(_finished, command[0], sound)


def _command(
    language: str, voice: str | None, pace: float, words: Path, sound: Path
) -> tuple[str, ...]:
    if voice is not None and not _VOICE_NAME.fullmatch(voice):
        raise SpeechOutError("the voice's name is not one")
    if language == "en" and (voice is None or voice in FLITE_VOICES):
        speed = ("--setf", f"duration_stretch={1 / pace:.3f}")
        return (
            "flite",
            "-voice",
            voice or FLITE_VOICES[0],
            *speed,
            "-f",
            str(words),
            "-o",
            str(sound),
        )
    if language not in ESPEAK_LANGUAGES:
        known = ", ".join(sorted(ESPEAK_LANGUAGES))
        raise SpeechOutError(f"no voice for language {language!r}; there are {known}")
    speed = ("-s", str(round(ESPEAK_WORDS_PER_MINUTE[language] * pace)))
    name = voice or ESPEAK_LANGUAGES[language]
    return ("espeak-ng", "-v", name, *speed, "-b", "1", "-f", str(words), "-w", str(sound))


async def _finish(command: tuple[str, ...]) -> None:
    program = command[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise SpeechOutError(
            f"the program {program} is missing; on Debian: apt install {program}"
        ) from None
    except OSError as error:
        raise SpeechOutError(f"{program} could not be started: {error.strerror}") from error
    with contextlib.suppress(ProcessLookupError):  # it may have ended
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    try:
        async with asyncio.timeout(PROGRAM_TIMEOUT_S):
            status = await process.wait()
    except TimeoutError:
        raise SpeechOutError(f"{program} took longer than {PROGRAM_TIMEOUT_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status != 0:
        raise SpeechOutError(f"{program} ended with status {status}; does it know the voice?")


def _finished(program: str, sound: Path) -> Samples:
    """What a program wrote, as this product's sounds are. flite exits 0 even if it wrote none."""
    try:
        with wave.open(str(sound), "rb") as wav:
            rate_hz, width = wav.getframerate(), wav.getsampwidth()
            mono = wav.getnchannels() == 1
            raw = wav.readframes(wav.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise SpeechOutError(f"{program} made no sound file") from error
    if width != 2 or not mono:
        raise SpeechOutError(f"{program} made a sound file that is not 16-bit mono")
    full = np.frombuffer(raw, "<i2").astype(np.float64) / 32768
    resampled = soxr.resample(full, rate_hz, RATE_HZ, quality="VHQ") if full.size else full
    trimmed = _trim(np.asarray(resampled, np.float64))
    if not trimmed.size:
        raise SpeechOutError(f"{program} made silence")
    return _level(trimmed)


def _trim(samples: Samples) -> Samples:
    frames = samples[: samples.size // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)
    if not frames.size:
        return samples[:0]
    energy = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(energy > max(0.02 * float(energy.max()), 1e-4))
    if not loud.size:
        return samples[:0]
    first = max(0, int(loud[0]) * _FRAME_SAMPLES - _LEAD_SAMPLES)
    return samples[first : (int(loud[-1]) + 1) * _FRAME_SAMPLES + _TAIL_SAMPLES]


def _level(samples: Samples) -> Samples:
    target = 10 ** (LEVEL_DBFS / 20)
    for _ in range(3):  # bending the peaks takes a little of the level; give it back
        samples = samples * (target / float(np.sqrt((samples**2).mean())))
        over = np.abs(samples) - KNEE
        bent = KNEE + (PEAK - KNEE) * np.tanh(over / (PEAK - KNEE))
        samples = np.where(over > 0, np.sign(samples) * bent, samples)
    return samples


def _pcm(samples: Samples) -> bytes:
    return np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes()


def _ms(samples: Samples) -> int:
    return round(samples.size * 1000 / RATE_HZ)


def _write(samples: Samples, out: Path, write: Callable[[BinaryIO], None]) -> int:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".partial")
    except OSError as error:
        raise SpeechOutError(f"{out}: {error.strerror}") from error
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            # Asterisk reads these and may run as another user.
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        partial.replace(out)
    except OSError as error:
        raise SpeechOutError(f"{out}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    return _ms(samples)
