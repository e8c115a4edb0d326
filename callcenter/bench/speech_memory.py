"""Does a recogniser's memory stay where it is, over hours of speech and hundreds of legs?

The recordings are heard over and over on one leg, as fast as the machine can, with the code that
hears live taps; then many legs come, say a little and go.
"""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asr.decoding import Decoder
from asr.listening import Job, Listening
from asr.recogniser import Recogniser, Samples
from callcenter.bench.machine import resident_mib
from callcenter.bench.speech_clips import Clip
from callcenter.bench.telephone import silence
from callcenter.lab.voice_match import RATE_HZ

WARM_UP_S = 300.0
"""Of speech, before memory is looked at: caches fill up to their bounds."""
LOOK_EVERY_S = 600.0
PAUSE_S = 0.8
SPOON_S = 0.1
LEGS = 300
LEGS_WARM_UP = 30
LEG_SAYS_S = 0.6
LEG = "memory"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Growth:
    """Resident memory (MiB) after the warm-up, and each time it was looked at afterwards."""

    mib: Sequence[float]

    @property
    def percent(self) -> float:
        """From the first to the last, and never less than to the most in the second half."""
        first, rest = self.mib[0], self.mib[len(self.mib) // 2 :]
        return 100 * (max(*rest, self.mib[-1]) - first) / first


def over_hours(recogniser: Recogniser, clips: Sequence[Clip], hours: float, say: Say) -> Growth:
    """So many hours of speech on one leg."""
    sounds = [clip.sound() for clip in clips]
    pause = silence(PAUSE_S)
    decoder = Decoder({recogniser.language: recogniser}, lambda report: None)
    decoder.open(LEG, recogniser.language, RATE_HZ)
    listening = Listening(LEG, 0.0, RATE_HZ)
    heard_s, look_at_s = 0.0, WARM_UP_S
    mib: list[float] = []
    for sound in itertools.cycle(sounds):
        for piece in (sound, pause):
            for spoon in _spoons(piece):
                heard_s += len(spoon) / RATE_HZ
                _decode(decoder, listening, spoon, heard_s)
        if heard_s >= look_at_s:
            gc.collect()
            mib.append(round(resident_mib(os.getpid()), 1))
            say(f"{heard_s / 60:.0f} minutes heard: {mib[-1]} MiB")
            look_at_s += LOOK_EVERY_S
        if heard_s >= hours * 3_600 and len(mib) > 1:
            return Growth(mib)
    raise AssertionError("the recordings are endless")


def over_legs(recogniser: Recogniser, clips: Sequence[Clip]) -> Growth:
    """Many legs that come and go."""
    said = clips[0].sound()[RATE_HZ // 2 :][: round(LEG_SAYS_S * RATE_HZ)]
    mib = []
    for number in range(1, LEGS_WARM_UP + LEGS + 1):
        stream = recogniser.open(RATE_HZ)
        stream.accept(said, voiced=True)
        stream.finish()
        stream.close()
        if number >= LEGS_WARM_UP and (number - LEGS_WARM_UP) % (LEGS // 4) == 0:
            gc.collect()
            mib.append(round(resident_mib(os.getpid()), 1))
    return Growth(mib)


def _spoons(sound: Samples) -> list[Samples]:
    size = round(SPOON_S * RATE_HZ)
    return [sound[at : at + size] for at in range(0, len(sound), size)]


def _decode(decoder: Decoder, listening: Listening, spoon: Samples, now_s: float) -> None:
    for what in listening.hear(spoon.astype("<i2").tobytes(), now_s):
        if isinstance(what, Job):
            decoder.put(LEG, what)
    while decoder.step():
        pass
