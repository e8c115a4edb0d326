"""Moonshine, small and accurate English, whose model comes inside its Python package.

Utterances are decoded whole, through the library's lowest call: its own detector, resampler
and streaming cost four times as much and hear less. An interim is a decode of what has been
said so far, so interims are spaced further apart as the utterance grows.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from asr.errors import ModelBroken
from asr.recogniser import NOTHING, Heard, Samples, Wave, to_wave

ENGINE = "moonshine"
RATE_HZ = 16_000
SHORTEST_MS = 350
"""Voice shorter than this is answered with inventions ("You", "?")."""
FIRST_INTERIM_MS = 500
LEAST_SPACING_MS = 400
SPACING_GROWTH = 0.08
"""Spacing between interims as a share of the utterance's length."""
MOST_REPEATS = 3
LONGEST_LOOP = 12
"""Words of what the model repeats."""
_MUSIC = re.compile("[\u266a-\u266c]+")
_NO_LETTER = re.compile(r"[^\w']+")
PAUSE_MS = 200
"""After so much silence the utterance is probably complete: worth one more look."""

OPTIONS = {
    "vad_threshold": "0",  # no detector of its own: the buffer is one piece
    "vad_max_segment_duration": "60",
    "return_audio_data": "false",
    "identify_speakers": "false",
}


class MoonshineRecogniser:
    """One loaded Moonshine model. Raises `ModelBroken` if it cannot be loaded."""

    engine = ENGINE

    def __init__(self, folder: Path, model: str, language: str) -> None:
        from moonshine_voice.moonshine_api import ModelArch, TranscriptC
        from moonshine_voice.transcriber import Transcriber

        self.model = model
        self.language = language
        arch = ModelArch.BASE if "base" in model else ModelArch.TINY
        threads = _threads()
        try:
            self._transcriber: Any = Transcriber(folder, arch, options=OPTIONS)
        except Exception as error:
            # The library raises whatever its C side said.
            raise ModelBroken(f"{ENGINE}/{model} in {folder}: {error}") from error
        _let_others_go_first(_threads() - threads)
        self._transcript_pointer: Any = ctypes.POINTER(TranscriptC)

    def open(self, rate_hz: int) -> MoonshineStream:
        """Begin a stream of sound of this rate."""
        return MoonshineStream(self, rate_hz)

    def prepare(self) -> bool:
        """Nothing: a leg's first utterance costs no more than its others."""
        return False

    def transcribe(self, wave: Wave) -> str:
        """Text of one utterance at 16 kHz. Raises `ModelBroken` if the library fails."""
        buffer = np.ascontiguousarray(wave, np.float32)
        transcript = self._transcript_pointer()
        # The package's own method copies the sound through a Python list.
        status = self._transcriber._lib.moonshine_transcribe_without_streaming(
            self._transcriber._handle,
            buffer.ctypes.data_as(ctypes.POINTER(ctypes.c_float)),
            len(buffer),
            RATE_HZ,
            0,
            ctypes.byref(transcript),
        )
        if status != 0:
            raise ModelBroken(f"{ENGINE}/{self.model}: the library answers {status}")
        lines = self._transcriber._parse_transcript(transcript).lines
        return plain(" ".join(line.text.strip() for line in lines if line.text.strip()))


def plain(text: str) -> str:
    """Text without the model's marks for music, and without words that it cannot stop repeating.

    Who says a thing more often than `MOST_REPEATS` times in a row is written so often.
    """
    said = _MUSIC.sub(" ", text).split()
    bare = [_NO_LETTER.sub("", word).lower() for word in said]
    at = 0
    while at < len(said):
        for length in range(1, LONGEST_LOOP + 1):
            phrase = bare[at : at + length]
            until = at + length
            while bare[until : until + length] == phrase:
                until += length
            # What a loop was broken off in, at the end of the text, belongs to it.
            rest = len(bare) - until
            if rest < length and bare[until:] == phrase[:rest] and until - at > length:
                until = len(bare)
            kept = at + MOST_REPEATS * length
            if until > kept:
                del said[kept:until], bare[kept:until]
                break
        at += 1
    return " ".join(said) if any(bare) else ""


def _threads() -> set[int]:
    return {int(path.name) for path in Path("/proc/self/task").iterdir()}


def _let_others_go_first(threads: set[int]) -> None:
    """Give the library's helper threads only time that nobody else wants.

    It starts one for each further core, which wait for work by spinning and hardly get any:
    on a busy machine they cost half of the CPU and make decoding three times slower. The
    library has no setting for it.
    """
    for thread in threads:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


class MoonshineStream:
    """The utterances of one leg."""

    def __init__(self, recogniser: MoonshineRecogniser, rate_hz: int) -> None:
        self._recogniser = recogniser
        self._rate_hz = rate_hz
        self._reset()

    def _reset(self) -> None:
        self._pieces: list[Samples] = []
        self._length = 0
        self._voice_from: int | None = None
        self._voice_to = 0
        self._decoded_to = 0
        self._last = NOTHING

    def accept(self, samples: Samples, *, voiced: bool) -> None:
        """Keep more of the utterance."""
        if voiced and self._voice_from is None:
            self._voice_from = self._length
        self._pieces.append(samples)
        self._length += len(samples)
        if voiced:
            self._voice_to = self._length

    def interim_due(self) -> bool:
        """After the first half second, then less and less often; and at each pause."""
        if self._voice_to <= self._decoded_to or self._voice_ms < SHORTEST_MS:
            return False
        if self._ms(self._length - self._voice_to) >= PAUSE_MS:
            return True
        if not self._decoded_to:
            return self._voice_ms >= FIRST_INTERIM_MS
        spacing_ms = max(LEAST_SPACING_MS, SPACING_GROWTH * self._ms(self._length))
        return self._ms(self._length - self._decoded_to) >= spacing_ms

    def interim(self) -> Heard:
        """Decode what has been said so far."""
        self._decoded_to = self._length
        self._last = Heard(self._recogniser.transcribe(self._wave()))
        return self._last

    def finish(self) -> Heard:
        """Decode the whole, unless the last interim heard all of its voice."""
        pause_heard = self._decoded_to - self._voice_to >= self._samples(PAUSE_MS)
        if self._voice_ms < SHORTEST_MS:
            heard = NOTHING
        elif pause_heard:
            heard = self._last
        else:
            heard = self.interim()
        self._reset()
        return heard

    def close(self) -> None:
        """Drop what was kept."""
        self._reset()

    @property
    def _voice_ms(self) -> float:
        return 0 if self._voice_from is None else self._ms(self._voice_to - self._voice_from)

    def _wave(self) -> Wave:
        self._pieces = [np.concatenate(self._pieces)]
        wave = to_wave(self._pieces[0])
        if self._rate_hz == RATE_HZ:
            return wave
        resampled: Wave = soxr.resample(wave, self._rate_hz, RATE_HZ)
        return resampled

    def _ms(self, samples: int) -> float:
        return samples * 1000 / self._rate_hz

    def _samples(self, ms: float) -> int:
        return math.ceil(ms * self._rate_hz / 1000)
