"""The work of one stream that waits for the decoder, and what is left out of it. Pure.

Words are left out by whole utterances, so that none is cut: those of a deferred stream, and those
for which no room is left. Each one left out is told, to be recognised later from the recording.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from asr.listening import Begin, Feed, Finish, Job

MAX_BACKLOG_MS: Final = 20_000
"""Sound of one stream that may wait. More than an utterance has, so that one that does not fit
can be left out from its beginning."""
ROOM_AGAIN_MS: Final = 10_000
"""A stream that was full takes the next utterance when no more than this waits."""
DEFERRED: Final = "the machine was busy: left for later"
TOO_LATE: Final = "decoding was too late"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Sound that is not decoded; its first and last sample were spoken then."""

    from_ms: int
    to_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Close:
    """No more work comes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Tell when everything before has been done."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Recognise another language from the next utterance on."""

    language: str


Work = Job | Close | Mark | Switch


class WaitingWork:
    """One FIFO. ``order`` is a number that grows with every job of every stream."""

    def __init__(self, rate_hz: int) -> None:
        self.deferred = False
        """Utterances that begin now are left out."""
        self.waiting_ms = 0
        self._jobs: deque[tuple[int, Work]] = deque()
        self._rate_hz = rate_hz
        self._out_from_ms: int | None = None
        """Where the utterance began that is being left out."""
        self._out_why = ""
        self._full = False
        self._until_ms = 0

    def __bool__(self) -> bool:
        return bool(self._jobs)

    @property
    def first_order(self) -> int:
        """Of the oldest job."""
        return self._jobs[0][0]

    def put(self, order: int, work: Work) -> LeftOut | None:
        """Queue work, or leave it out; what was left out is told when its utterance is over."""
        if isinstance(work, Begin):
            self._full = self._full and self.waiting_ms > ROOM_AGAIN_MS
            self._until_ms = work.first_ms
            if self.deferred or self._full:
                self._leave_out(work.first_ms, DEFERRED if self.deferred else TOO_LATE)
                return None
        elif isinstance(work, Feed):
            if self._out_from_ms is not None:
                self._until_ms = work.until_ms
                return None
            if self.waiting_ms + self.length_ms(work) > MAX_BACKLOG_MS:
                self._full = True
                self._leave_out(self._withdraw(order), TOO_LATE)
                self._until_ms = work.until_ms
                return None
            self._until_ms = work.until_ms
            self.waiting_ms += self.length_ms(work)
        elif isinstance(work, Finish) and self._out_from_ms is not None:
            return self._left_out(work.voice_to_ms)
        self._jobs.append((order, work))
        return self._left_out(self._until_ms) if isinstance(work, Close) else None

    def defer(self, on: bool) -> list[LeftOut]:
        """Leave out utterances from now on, and those whose decoding has not begun; or no more."""
        self.deferred = on
        if not on:
            return []
        left_out: list[LeftOut] = []
        kept: deque[tuple[int, Work]] = deque()
        from_ms: int | None = None
        for order, work in self._jobs:
            if isinstance(work, Begin):
                from_ms = work.first_ms
            elif from_ms is None or not isinstance(work, Feed | Finish):
                kept.append((order, work))
            elif isinstance(work, Feed):
                self.waiting_ms -= self.length_ms(work)
            else:
                left_out.append(LeftOut(from_ms, max(from_ms, work.voice_to_ms), DEFERRED))
                from_ms = None
        self._jobs = kept
        if from_ms is not None:
            self._leave_out(from_ms, DEFERRED)
        return left_out

    def take(self) -> Work:
        """The oldest job."""
        work = self._jobs.popleft()[1]
        if isinstance(work, Feed):
            self.waiting_ms -= self.length_ms(work)
        return work

    def _leave_out(self, from_ms: int, why: str) -> None:
        self._out_from_ms, self._out_why = from_ms, why

    def _left_out(self, to_ms: int) -> LeftOut | None:
        if self._out_from_ms is None:
            return None
        left_out = LeftOut(self._out_from_ms, max(to_ms, self._out_from_ms), self._out_why)
        self._out_from_ms = None
        return left_out

    def _withdraw(self, order: int) -> int:
        """Take back the utterance whose sound does not fit; where what is left out begins.

        If its beginning is being decoded already, it ends here.
        """
        if not any(isinstance(work, Begin) for _, work in self._jobs):
            self._jobs.append((order, Finish(self._until_ms)))
            return self._until_ms
        while True:
            _, work = self._jobs.pop()
            if isinstance(work, Feed):
                self.waiting_ms -= self.length_ms(work)
            if isinstance(work, Begin):
                return work.first_ms

    def length_ms(self, work: object) -> int:
        """Of its sound; 0 for what has none."""
        return len(work.pcm) * 500 // self._rate_hz if isinstance(work, Feed) else 0
