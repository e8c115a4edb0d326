"""When a leg was not heard: from the end of one tap, or the leg's beginning, to the next tap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from callcenter.calls.call import Call
from callcenter.calls.legs import Leg, Role

OPENING_MS = 1_000
"""A tap opens some tenths of a second after its leg joins. That much is not made up for, unless
somebody was speaking just then."""
SPEAKING_MS = 300
"""Voice that begins so soon after a tap has opened was there before."""
LEAST_MS = 100
NO_TAP = "no recogniser took this leg"

Mark = Callable[[Call, Leg, int, int, str], None]
"""Have this leg transcribed later: from ms, to ms, why."""


@dataclass(slots=True)
class _Gap:
    from_ms: int | None
    """None: from the last words of this leg that are known."""
    why: str
    words_lost: bool


class Gaps:
    """The gaps of all legs that are open, and of those whose tap has just opened."""

    def __init__(self, mark: Mark) -> None:
        self._mark = mark
        self._open: dict[str, _Gap] = {}
        self._opened: dict[str, tuple[int, int, str]] = {}

    def begins(self, leg: Leg, from_ms: int | None, why: str, *, words_lost: bool = False) -> None:
        """Nobody listens to this leg from then on; a gap that is open already stays as it is.

        ``words_lost``: something may have been said in it that was heard and not written down.
        """
        self._opened.pop(leg.id, None)
        self._open.setdefault(leg.id, _Gap(from_ms, why, words_lost))

    def tap_opened(self, call: Call, leg: Leg, at_ms: int) -> None:
        """Somebody listens again."""
        gap = self._open.pop(leg.id, None)
        if gap is None:
            return
        from_ms = heard_to(call, leg, at_ms) if gap.from_ms is None else gap.from_ms
        least_ms = LEAST_MS if gap.words_lost else OPENING_MS
        if at_ms - from_ms >= least_ms:
            self._mark(call, leg, from_ms, at_ms, gap.why)
        elif at_ms - from_ms >= LEAST_MS:
            self._opened[leg.id] = from_ms, at_ms, gap.why

    def voice_started(self, call: Call, leg: Leg, at_ms: int) -> None:
        """Voice begins on this leg."""
        opened = self._opened.pop(leg.id, None)
        if opened is not None and at_ms - opened[1] <= SPEAKING_MS:
            self._mark(call, leg, *opened)

    def leg_ended(self, call: Call, leg: Leg, at_ms: int) -> None:
        """The leg is over."""
        self._opened.pop(leg.id, None)
        gap = self._open.pop(leg.id, None)
        if gap is None:
            return
        from_ms = heard_to(call, leg, at_ms) if gap.from_ms is None else gap.from_ms
        if at_ms - from_ms >= (LEAST_MS if gap.words_lost else OPENING_MS):
            self._mark(call, leg, from_ms, at_ms, gap.why)


def heard_to(call: Call, leg: Leg, before_ms: int) -> int:
    """Up to when it is known what this leg said."""
    ends = [end_ms for end_ms in ends_of(leg.id, call.segments.values()) if end_ms <= before_ms]
    if call.adopted and (ends or leg.role is Role.CALLER):
        # It joined before it was found here.
        return max(ends, default=0)
    return max([leg.joined_ms or 0, *ends])


def ends_of(leg_id: str, segments: Iterable[Mapping[str, Any]]) -> list[int]:
    """When each finished segment of a leg ends."""
    return [each["end_ms"] for each in segments if each["leg"] == leg_id and each["final"]]
