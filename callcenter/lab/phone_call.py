"""One call as one phone saw it. All moments are monotonic seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from callcenter.lab.ear import Ear
from callcenter.lab.voice_match import Samples


@dataclass(slots=True, eq=False)
class PhoneCall:
    """A call of a phone, from its INVITE to its end."""

    direction: Literal["outgoing", "incoming"]
    peer: str
    """The other side's number as the phone shows it."""
    started_at: float
    """The INVITE was sent (outgoing) or seen (incoming)."""
    ear: Ear = field(repr=False)
    ringing_at: float | None = None
    established_at: float | None = None
    closed_at: float | None = None
    closed_why: str = ""
    keys_heard: str = ""
    """Keys that the other side pressed."""

    @property
    def open(self) -> bool:
        """It has not ended."""
        return self.closed_at is None

    @property
    def talking(self) -> bool:
        """It was answered and has not ended."""
        return self.established_at is not None and self.open


@dataclass(frozen=True, slots=True)
class Said:
    """Something a phone says: it began at ``started_at`` and is over at ``ends_at``."""

    samples: Samples = field(repr=False)
    started_at: float
    ends_at: float


@dataclass(frozen=True, slots=True)
class HeardVoice:
    """How much voice a phone heard, and when it began and last was heard."""

    voiced_ms: int
    first_at: float | None
    last_at: float | None


@dataclass(frozen=True, slots=True)
class HeardSpeech:
    """Known speech found in what a phone heard."""

    at: float
    """Its first sound arrived."""
    delay_ms: int
    """How long it took from mouth to ear."""
    score: float
    """How alike the two are, 0 to 1."""
