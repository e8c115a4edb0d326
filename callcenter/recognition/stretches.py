"""Which words of a transcript a stretch of the recording replaces. Pure.

A stretch begins and ends in pauses where it can: words that are being said as a new tap opens would
be halved between the tap and the stretch, so the stretch takes them over from the tap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GOING_ON_MS = 400
"""Words that begin so soon after a tap has opened were being said when it did."""
AT_ONCE_MS = 5_000
"""Stretches of one leg no further apart, with no words between, are transcribed as one."""
LEAST_MS = 100
"""Nothing is said in less."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of one leg, in ms from the call's start."""

    leg: str
    from_ms: int
    to_ms: int

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return self.to_ms - self.from_ms


def rounded(stretch: Stretch, segments: Iterable[Mapping[str, Any]]) -> Stretch:
    """The stretch with what was being said at its end."""
    to_ms = stretch.to_ms
    for segment in segments:
        begins_soon = segment["start_ms"] < stretch.to_ms + GOING_ON_MS
        if segment["leg"] == stretch.leg and begins_soon and segment["end_ms"] > to_ms:
            to_ms = segment["end_ms"]
    return Stretch(stretch.leg, stretch.from_ms, to_ms)


def replaced(stretch: Stretch, segments: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of the segments whose words lie in the stretch."""
    return {
        segment["id"]
        for segment in segments
        if segment["leg"] == stretch.leg
        and stretch.from_ms <= (segment["start_ms"] + segment["end_ms"]) / 2 <= stretch.to_ms
    }


def joined(
    first: Stretch, second: Stretch, segments: Iterable[Mapping[str, Any]]
) -> Stretch | None:
    """Both as one, if they are of one leg, near to each other, and nothing is known between."""
    if first.leg != second.leg or second.from_ms - first.to_ms > AT_ONCE_MS:
        return None
    if second.from_ms < first.from_ms:
        return None
    between = Stretch(first.leg, first.to_ms + 1, second.from_ms - 1)
    if between.length_ms > 0 and replaced(between, segments):
        return None
    return Stretch(first.leg, first.from_ms, max(first.to_ms, second.to_ms))


def speaker(
    legs: Sequence[Mapping[str, Any]],
    start_ms: int,
    end_ms: int,
    before: Iterable[Mapping[str, Any]],
) -> Mapping[str, Any] | None:
    """Which of several legs that share a channel said this; None: none of them was there.

    ``legs`` have ``id``, ``from_ms`` and ``to_ms``. Where several were there, it is the one of
    which most was heard at that time ``before``; failing that, the one that came last.
    """
    there = [leg for leg in legs if leg["from_ms"] < end_ms and start_ms < leg["to_ms"]]
    if len(there) < 2:
        return there[0] if there else None
    known = list(before)

    def heard_ms(leg: Mapping[str, Any]) -> int:
        return sum(
            max(0, min(end_ms, segment["end_ms"]) - max(start_ms, segment["start_ms"]))
            for segment in known
            if segment["leg"] == leg["id"]
        )

    return max(there, key=lambda leg: (heard_ms(leg), leg["from_ms"]))
