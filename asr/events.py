"""What the service hears from the speech pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a segment; times in ms from the call's start."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Segment:
    """What was said between two pauses, on one leg.

    An interim (``final`` false) has the id of the segment it becomes and is replaced by the
    next one of that id. A final with empty text takes back an interim that was nothing.
    """

    id: str
    call_id: str
    leg: str
    role: str
    start_ms: int
    end_ms: int
    text: str
    final: bool
    confidence: float | None
    engine: str
    model: str
    language: str
    words: tuple[Word, ...] = ()
    """Empty where the engine gives no word times."""


@dataclass(frozen=True, slots=True)
class RecordedSegment:
    """What was said between two pauses of a recording; times as `Segment` has them."""

    start_ms: int
    end_ms: int
    text: str
    confidence: float | None
    engine: str
    model: str
    language: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """Somebody speaks on this leg since ``at_ms``."""

    call_id: str
    leg: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """The last voice on this leg ended at ``at_ms`` (told about half a second later)."""

    call_id: str
    leg: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class TapOpened:
    """Asterisk has connected; sound arrives. Its first sample was spoken at ``at_ms``."""

    call_id: str
    leg: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """Something that was, or may have been, said on a leg gets no text now.

    It is to be recognised later, from the recording. ``to_ms`` None: until this leg's next
    `TapOpened`, or its end.
    """

    call_id: str
    leg: str
    from_ms: int
    to_ms: int | None
    why: str


@dataclass(frozen=True, slots=True)
class TapClosed:
    """No more sound from this leg; everything that it said has been reported before."""

    call_id: str
    leg: str
    why: str


@dataclass(frozen=True, slots=True)
class TappedLeg:
    """A leg as it was given to `SpeechPool.open_tap`."""

    uuid: UUID
    call_id: str
    leg: str
    role: str
    language: str
    call_started_at: float


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A worker ended with taps open; each of ``legs`` needs a new one."""

    why: str
    legs: tuple[TappedLeg, ...]


@dataclass(frozen=True, slots=True)
class SpeechState:
    """Whether words are recognised, and if not, why."""

    available: bool
    """At least one language is recognised."""
    why: str
    """Empty when every wanted language has its preferred engine; else what is wrong."""
    engines: Mapping[str, str] = field(default_factory=dict)
    """Language to "engine/model"."""
    interim: bool = True
    """Whether every worker makes interim text."""
    deferred_legs: int = 0
    """Legs whose words are left for after their calls, because the machine is full."""


@dataclass(frozen=True, slots=True)
class SpeechStateChanged:
    """What `SpeechPool.state` now says."""

    state: SpeechState


SpeechEvent = (
    Segment
    | VoiceStarted
    | VoiceStopped
    | TapOpened
    | Unheard
    | TapClosed
    | WorkerLost
    | SpeechStateChanged
)
