"""How many people a machine can listen to at once while their words come onto screens in time.

Each stream is one leg that talks about half of the time: after each utterance it is silent for as
long, in real time. The streams begin one after another, so that they do not talk in step. Ever
more of them, until for one word in twenty text is more than a second late, or words are wrong that
were right with few.
"""

from __future__ import annotations

import itertools
import resource
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from asr.segmenter import Ended, Segmenter
from callcenter.bench.errors import BenchFailed
from callcenter.bench.speech_clips import Clip
from callcenter.bench.speech_errors import Errors, errors, total
from callcenter.bench.speech_words import Shown
from callcenter.bench.statistics import percentile
from callcenter.bench.telephone import silence
from callcenter.lab.voice_match import RATE_HZ, Samples

LATE_P95_BELOW_S = 1.0
ERRORS_WORSE_AT_MOST = 1.0
"""Points of error rate by which many streams may be worse than few."""
STAGGER_S = 0.37
LEAD_S = 0.5
END_S = 2.0
"""Silence in which the last words end."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One stream: its sound at 8 kHz and what is said in it."""

    sound: Samples
    said: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of so many streams at once."""

    streams: int
    late_s: Sequence[float]
    """Of every word, how far text was behind it (`speech_words`)."""
    word_late_s: Sequence[float]
    errors: Errors
    player_cores: float
    """CPU that playing and listening to the answers took, in cores."""

    @property
    def p50_s(self) -> float:
        """For half of the words text is behind by so much at most."""
        return percentile(self.late_s, 50) if self.late_s else float("inf")

    @property
    def p95_s(self) -> float:
        """For 19 of 20 words text is behind by so much at most."""
        return percentile(self.late_s, 95) if self.late_s else float("inf")

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        wrong = self.errors.percent
        return {
            "streams": self.streams,
            "words": len(self.late_s),
            "text_late_s": _spread(self.late_s),
            "word_late_s": _spread(self.word_late_s),
            "errors_percent": None if wrong is None else round(wrong, 2),
            "player_cores": round(self.player_cores, 3),
        }


Play = Callable[[Sequence[Talk], str], Awaitable[Loaded]]
"""Plays streams of a language at once."""
Say = Callable[[str], None]


def talks(clips: Sequence[Clip], count: int, length_s: float) -> list[Talk]:
    """So many streams of at least this length, in each of which one speaker talks and pauses.

    One speaker, because a recogniser gets used to the voice on a leg.
    """
    speakers: dict[str, list[tuple[Samples, str]]] = {}
    for clip in clips:
        speakers.setdefault(clip.speaker, []).append((with_pauses(clip.sound()), clip.text))
    chosen = list(speakers.values())
    made = []
    for number in range(count):
        turns = chosen[number % len(chosen)]
        first = number // len(chosen) % len(turns)
        pieces: list[Samples] = [silence(LEAD_S)]
        said: list[str] = []
        samples = 0
        for sound, text in itertools.islice(itertools.cycle(turns), first, None):
            pieces.append(sound)
            said.append(text)
            samples += len(sound)
            if samples >= length_s * RATE_HZ:
                break
        made.append(Talk(np.concatenate([*pieces, silence(END_S)]), " ".join(said)))
    return made


def with_pauses(sound: Samples) -> Samples:
    """The same with a pause behind every utterance, as long as it: somebody else talks then."""
    segmenter = Segmenter(RATE_HZ)
    frame = segmenter.frame_bytes // 2
    pieces: list[Samples] = []
    cut = 0
    for end in range(frame, len(sound) + 1, frame):
        _, changes = segmenter.feed(sound[end - frame : end].astype("<i2").tobytes())
        if any(isinstance(change, Ended) for change in changes):
            pieces += [sound[cut:end], np.zeros(end - cut, np.int16)]
            cut = end
    pieces += [sound[cut:], np.zeros(len(sound) - cut, np.int16)]
    return np.concatenate(pieces)


@dataclass(frozen=True, slots=True)
class Search:
    """Where the search for the largest number begins, and how long it may go on."""

    first: int
    tries: int
    length_s: float
    """Of each stream."""


async def most_streams(play: Play, clips: Sequence[Clip], search: Search, say: Say) -> list[Loaded]:
    """Look for the largest number of streams that is in time. All tries, in order."""
    return (await side_by_side({"": play}, clips, search, say))[""]


async def side_by_side(
    plays: Mapping[str, Play], clips: Sequence[Clip], search: Search, say: Say
) -> dict[str, list[Loaded]]:
    """The same for several, a try of each in turn: what else the machine does meets all alike."""
    hunts = {name: Hunt(search) for name in plays}
    while any(hunt.count for hunt in hunts.values()):
        for name, hunt in hunts.items():
            if not hunt.count:
                continue
            loaded = await plays[name](talks(clips, hunt.count, search.length_s), clips[0].language)
            works = hunt.note(loaded)
            say(
                f"{name}{': ' if name else ''}{loaded.streams} streams: text late by"
                f" {loaded.p50_s:.2f} s at p50 and {loaded.p95_s:.2f} s at p95,"
                f" {loaded.errors.percent or 0:.1f} % wrong: {'in time' if works else 'no'}"
            )
    return {name: hunt.done for name, hunt in hunts.items()}


class Hunt:
    """Doubles the number of streams until it is too large, then halves the difference."""

    def __init__(self, search: Search) -> None:
        self.done: list[Loaded] = []
        """All tries, in order."""
        self.count = search.first
        """How many are to be tried next; 0: the search is over."""
        self._tries = search.tries
        self._good, self._bad = 0, 0

    def note(self, loaded: Loaded) -> bool:
        """What came of that many; whether they were in time."""
        self.done.append(loaded)
        works = in_time(loaded, self.done[0])
        if works:
            self._good = max(self._good, self.count)
        else:
            self._bad = min(self._bad or self.count, self.count)
        following = (self._good + self._bad) // 2 if self._bad else 2 * self.count
        over = following <= self._good or len(self.done) >= self._tries
        self.count = 0 if over else following
        return works


def in_time(loaded: Loaded, few: Loaded) -> bool:
    """Whether text comes in time and are about as right as with few streams."""
    wrong, allowed = loaded.errors.percent, few.errors.percent
    if wrong is None or allowed is None:
        raise BenchFailed("nothing was said in the streams that were played")
    return loaded.p95_s < LATE_P95_BELOW_S and wrong <= allowed + ERRORS_WORSE_AT_MOST


def largest(tries: Sequence[Loaded]) -> Loaded | None:
    """The try with the most streams that was in time; None: none was."""
    good = [loaded for loaded in tries if in_time(loaded, tries[0])]
    return max(good, key=lambda loaded: loaded.streams, default=None)


def loaded(
    played: Sequence[Talk], shown: Sequence[Shown], language: str, cpu_s: float, took_s: float
) -> Loaded:
    """What came of streams that were played: the same place in both lists, the same stream."""
    return Loaded(
        len(played),
        [late for one in shown for late in one.late_s],
        [late for one in shown for late in one.word_late_s],
        total(
            errors(talk.said, one.text, language) for talk, one in zip(played, shown, strict=True)
        ),
        cpu_s / took_s if took_s else 0.0,
    )


def cpu_s() -> float:
    """CPU seconds of this process until now: it plays the streams, others recognise."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {f"p{share}": round(percentile(values, share), 3) for share in (50, 95)}
