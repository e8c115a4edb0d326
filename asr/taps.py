"""The taps that were given out: who listens to which leg, and what it has said so far."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from uuid import UUID

from asr.control import Text, Voice
from asr.events import Segment, TappedLeg, VoiceStarted, VoiceStopped, Word
from asr.worker_process import WorkerProcess


@dataclass(slots=True)
class OpenTap:
    """One tap at one worker."""

    tapped: TappedLeg
    worker: WorkerProcess
    since: float
    """When it was given out (monotonic s)."""
    done_to_ms: int | None = None
    """All that was said before has been told; None: nothing was heard yet."""
    unfinished: dict[str, Segment] = field(default_factory=dict)
    """Interim segments by id."""

    def segment(self, text: Text) -> Segment:
        """What the worker heard, as the service is told."""
        segment = Segment(
            id=text.segment,
            call_id=self.tapped.call_id,
            leg=self.tapped.leg,
            role=self.tapped.role,
            start_ms=text.start_ms,
            end_ms=text.end_ms,
            text=text.text,
            final=text.final,
            confidence=text.confidence,
            engine=text.engine,
            model=text.model,
            language=text.language,
            words=tuple(Word(*word) for word in text.words),
        )
        if segment.final:
            self.unfinished.pop(segment.id, None)
            self.done_to(segment.end_ms)
        else:
            self.unfinished[segment.id] = segment
        return segment

    def done_to(self, ms: int) -> None:
        """All that was said before has been told."""
        self.done_to_ms = max(ms, self.done_to_ms or 0)

    def voice(self, voice: Voice) -> VoiceStarted | VoiceStopped:
        """A change of voice, as the service is told."""
        kind = VoiceStarted if voice.started else VoiceStopped
        return kind(self.tapped.call_id, self.tapped.leg, voice.at_ms)

    def rescued(self) -> list[Segment]:
        """Interim text whose final never comes: better kept than lost."""
        kept = [dataclasses.replace(each, final=True) for each in self.unfinished.values()]
        self.unfinished.clear()
        return kept


class Taps:
    """All open taps."""

    def __init__(self) -> None:
        self._open: dict[UUID, OpenTap] = {}

    def add(self, tap: OpenTap) -> None:
        """A tap was given out."""
        self._open[tap.tapped.uuid] = tap

    def get(self, uuid: UUID) -> OpenTap | None:
        """A tap that is open."""
        return self._open.get(uuid)

    def remove(self, uuid: UUID) -> OpenTap | None:
        """A tap ended."""
        return self._open.pop(uuid, None)

    def of(self, worker: WorkerProcess) -> list[OpenTap]:
        """The taps of one worker."""
        return [tap for tap in self._open.values() if tap.worker is worker]
