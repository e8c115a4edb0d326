"""One transcript of a call: the segments of all its legs in the order in which they were said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asr.events import Segment

SAME_BREATH_MS = 1_500
"""Segments of one leg that are closer than this, with nobody between, are one turn."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one leg said until another spoke or it paused."""

    leg: str
    role: str
    start_ms: int
    end_ms: int
    text: str
    segments: tuple[Segment, ...]


class Transcript:
    """Segments by id; a later one of the same id replaces the earlier."""

    def __init__(self, segments: Iterable[Segment] = ()) -> None:
        self._segments: dict[str, Segment] = {}
        for segment in segments:
            self.add(segment)

    def add(self, segment: Segment) -> bool:
        """Take a segment; True if the transcript now reads differently.

        A final one stays: an interim of the same id that comes later is late. A final one
        without text takes its interim back.
        """
        known = self._segments.get(segment.id)
        if known is not None and known.final and not segment.final:
            return False
        if not segment.text.strip():
            return self._segments.pop(segment.id, None) is not None
        self._segments[segment.id] = segment
        return known != segment

    def __iter__(self) -> Iterator[Segment]:
        """All segments in order of time."""
        order = sorted(self._segments.values(), key=lambda s: (s.start_ms, s.end_ms, s.leg, s.id))
        return iter(order)

    def __len__(self) -> int:
        return len(self._segments)

    def finals(self) -> tuple[Segment, ...]:
        """What will not change any more, in order of time."""
        return tuple(segment for segment in self if segment.final)

    def turns(self) -> tuple[Turn, ...]:
        """Segments of one breath joined."""
        turns: list[Turn] = []
        for segment in self:
            last = turns[-1] if turns else None
            if (
                last is not None
                and last.leg == segment.leg
                and segment.start_ms - last.end_ms <= SAME_BREATH_MS
            ):
                turns[-1] = Turn(
                    leg=last.leg,
                    role=last.role,
                    start_ms=last.start_ms,
                    end_ms=max(last.end_ms, segment.end_ms),
                    text=f"{last.text} {segment.text.strip()}",
                    segments=(*last.segments, segment),
                )
            else:
                turns.append(
                    Turn(
                        leg=segment.leg,
                        role=segment.role,
                        start_ms=segment.start_ms,
                        end_ms=segment.end_ms,
                        text=segment.text.strip(),
                        segments=(segment,),
                    )
                )
        return tuple(turns)
