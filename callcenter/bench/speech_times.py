"""Are words where the recogniser says they are? Proven by cutting them out of the recording.

Each clip is heard as behind a live tap. Then it is cut at the times of its words, a few words at a
time, and each piece is heard again by itself: where the times are right, it says these words and no
others. The cuts are made once more with all times moved by a little, to either side. How many words
are lost by that shows where the times really lie: in the middle between the moves that lose alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from asr.events import RecordedSegment, Word
from asr.offline import transcribe
from asr.recogniser import Recogniser
from callcenter.bench.speech_clips import Clip
from callcenter.bench.speech_errors import Errors, errors, total
from callcenter.bench.telephone import silence
from callcenter.lab.voice_match import RATE_HZ, Samples

WORDS_IN_A_CUT = 3
MOVES_MS = (-300, -200, -100, 0, 100, 200, 300)
LEAD_S = 0.5
AROUND_S = 0.3
"""Silence around a cut."""


@dataclass(frozen=True, slots=True)
class WordTimes:
    """What came of cutting by the times, and by the times moved by so many ms."""

    words: int
    moved: Mapping[int, Errors]

    @property
    def again_percent(self) -> float | None:
        """Errors of the cuts at their times, against what was heard before."""
        return self.moved[0].percent

    @property
    def offset_ms(self) -> float | None:
        """How far the times lie from the words; positive: they are too early. None: unknown.

        Looks for the move around which losses are alike on both sides: where the curve of errors
        comes down to half its depth, and where it leaves it again.
        """
        curve = [
            (move_ms, rate.percent)
            for move_ms, rate in sorted(self.moved.items())
            if rate.percent is not None
        ]
        if len(curve) < 3:
            return None
        low = min(percent for _, percent in curve)
        ends = min(curve[0][1], curve[-1][1])
        if ends <= low:
            return None
        half = (low + ends) / 2
        falls = _crossings(curve, half)
        return (falls[0] + falls[-1]) / 2 if len(falls) > 1 else None


def _crossings(curve: Sequence[tuple[float, float]], level: float) -> list[float]:
    found = []
    for (a_ms, a), (b_ms, b) in pairwise(curve):
        if (a - level) * (b - level) < 0 or b == level:
            found.append(a_ms + (b_ms - a_ms) * (a - level) / (a - b))
    return found


def word_times(recogniser: Recogniser, clips: Sequence[Clip]) -> WordTimes:
    """Hear the clips, cut them and hear the cuts."""
    words = 0
    moved: dict[int, list[Errors]] = {move_ms: [] for move_ms in MOVES_MS}
    for clip in clips:
        sound = np.concatenate([silence(LEAD_S), clip.sound(), silence(1.0)])
        segments = transcribe(recogniser, sound.tobytes(), RATE_HZ)
        words += sum(len(segment.words) for segment in segments)
        for move_ms, rates in moved.items():
            rates += _again(recogniser, sound, cuts(segments), move_ms)
    return WordTimes(words, {move_ms: total(rates) for move_ms, rates in moved.items()})


def cuts(segments: Sequence[RecordedSegment]) -> list[Sequence[Word]]:
    """A few words of a segment at a time."""
    return [
        segment.words[first : first + WORDS_IN_A_CUT]
        for segment in segments
        for first in range(0, len(segment.words), WORDS_IN_A_CUT)
    ]


def cut(sound: Samples, words: Sequence[Word], move_ms: int) -> Samples:
    """The sound from the first word's start to the last one's end, all moved, in silence."""
    first, last = words[0].start_ms + move_ms, words[-1].end_ms + move_ms
    piece = sound[max(0, first) * RATE_HZ // 1000 : max(0, last) * RATE_HZ // 1000]
    return np.concatenate([silence(AROUND_S), piece, silence(AROUND_S)])


def _again(
    recogniser: Recogniser, sound: Samples, pieces: Sequence[Sequence[Word]], move_ms: int
) -> list[Errors]:
    """What the cuts say, one after another on one leg: a recogniser gets used to a voice."""
    stream = recogniser.open(RATE_HZ)
    rates = []
    for words in pieces:
        stream.accept(cut(sound, words, move_ms), voiced=True)
        said = " ".join(word.text for word in words)
        rates.append(errors(said, stream.finish().text, recogniser.language))
    stream.close()
    return rates
