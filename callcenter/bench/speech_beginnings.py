"""Words that nobody said at the beginning of an utterance, where speech starts abruptly.

Recognisers that learnt from subtitles put "You" or "Thank you" before speech whose first sound is
missing or comes out of digital silence. So the front of each clip is cut off a little after its
first sound, with silence before it and with nothing: a line that suppresses silence, and a leg
that is tapped in the middle of a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from asr.recogniser import Recogniser
from callcenter.bench.hearing import Ear
from callcenter.bench.speech_clips import Clip
from callcenter.bench.speech_errors import parts
from callcenter.bench.telephone import silence
from callcenter.lab.voice_match import RATE_HZ, Samples, first_voiced_sample

CUTS_MS = (0, 50, 100, 200)
"""So far into the first sound the recording begins."""
BEFORE_S = (0.0, 0.5)
LENGTH_S = 4.0
FEWEST_WORDS = 4
"""In a clip: of fewer it is not known where they begin."""
INVENTIONS = (("thank", "you"), ("thanks",), ("you",), ("so",), ("okay",), ("bye",))
SAID_WITHIN = 2
"""Words of the text among which the first heard one may be."""


@dataclass(frozen=True, slots=True)
class Beginnings:
    """How many utterances were heard, and which of them begin with words nobody said."""

    of: int
    invented: Sequence[str]
    """What was heard first in those."""

    @property
    def percent(self) -> float | None:
        """The share; None: nothing was heard."""
        return 100 * len(self.invented) / self.of if self.of else None


def beginnings(recogniser: Recogniser, clips: Sequence[Clip]) -> Beginnings:
    """Hear every clip in all the ways in which its front can be missing."""
    ear = Ear({recogniser.language: recogniser})
    invented, count = [], 0
    for clip in clips:
        said = parts(clip.text, recogniser.language)
        sound = clip.sound()
        onset = first_voiced_sample(sound)
        if len(said) < FEWEST_WORDS or onset is None:
            continue
        for front in fronts(sound, onset):
            count += 1
            heard = ear.hear({"leg": front}, recogniser.language)
            first = parts(" ".join(each.text for each in heard), recogniser.language)
            if is_invented(said, first):
                invented.append(" ".join(first[:3]))
    return Beginnings(count, invented)


def fronts(sound: Samples, onset: int) -> list[Samples]:
    """The first seconds of a clip whose first sound is at ``onset``, begun in all the ways."""
    made = []
    for cut_ms in CUTS_MS:
        start = onset + cut_ms * RATE_HZ // 1000
        piece = sound[start : start + round(LENGTH_S * RATE_HZ)]
        made += [np.concatenate([silence(before_s), piece]) for before_s in BEFORE_S]
    return made


def is_invented(said: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether the first words that were heard are ones that recognisers invent."""
    return any(
        tuple(heard[: len(words)]) == words and words[0] not in said[:SAID_WITHIN]
        for words in INVENTIONS
    )
