"""How far the text on a screen is behind the voice.

For every word, from the end of its sound until there was text that tells of this moment: text in
which the word stands, or text that was made from sound beyond it (the word may have been taken
for another, or for none). Interim text that is never made is not forgotten this way: its words are
as late as the final text. Only text that differs from the one before counts as shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

TOLERANCE_S = 0.1
"""Engines and voice activity do not agree better about where a word ends."""

Times = Sequence[tuple[float, float]]
"""Start and end of each word in s from the stream's first sample."""


@dataclass(frozen=True, slots=True)
class _Text:
    """Text of a segment: when it came, how many words it had, how far its sound goes."""

    at: float
    words: int
    until_s: float


@dataclass
class Shown:
    """What is shown of one stream that began at ``began`` (monotonic s)."""

    began: float
    late_s: list[float] = field(default_factory=list)
    """Of every word, how far text was behind it."""
    word_late_s: list[float] = field(default_factory=list)
    """Of every word, how long after its end it stood on the screen: with the engine's own delay."""
    texts: list[str] = field(default_factory=list)
    """Final texts in the order in which they came."""
    _segments: dict[str, list[_Text]] = field(default_factory=dict)
    _last: dict[str, str] = field(default_factory=dict)

    def interim(self, segment: str, text: str, until_s: float, now: float) -> None:
        """Interim text of sound until this moment came."""
        if text and text != self._last.get(segment):
            self._last[segment] = text
            self._note(segment, text, until_s, now)

    def final(self, segment: str, text: str, times: Times, until_s: float, now: float) -> None:
        """The final text came, with the times of its words."""
        self._note(segment, text, until_s, now)
        self._last.pop(segment, None)
        came = self._segments.pop(segment)
        if text:
            self.texts.append(text)
        for number, (_, end_s) in enumerate(times, 1):
            told = [
                one.at for one in came if one.words >= number or one.until_s >= end_s - TOLERANCE_S
            ]
            stood = [one.at for one in came if one.words >= number]
            self.late_s.append(min(told, default=now) - self.began - end_s)
            self.word_late_s.append(min(stood, default=now) - self.began - end_s)

    def _note(self, segment: str, text: str, until_s: float, now: float) -> None:
        self._segments.setdefault(segment, []).append(_Text(now, len(text.split()), until_s))

    @property
    def text(self) -> str:
        """All that was finally said."""
        return " ".join(self.texts)


def even_times(text: str, start_s: float, end_s: float) -> list[tuple[float, float]]:
    """Times of words where an engine tells none: by their length, over the voice's time."""
    words = text.split()
    letters = sum(len(word) for word in words)
    times = []
    at_s = start_s
    for word in words:
        until_s = at_s + (end_s - start_s) * len(word) / letters
        times.append((at_s, until_s))
        at_s = until_s
    return times
