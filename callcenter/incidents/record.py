"""The structured record of one call: fields, each with the evidence that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Who = Literal["caller", "operator", "officer"]
Source = Literal["caller_words", "operator_words", "line", "handset", "operator"]

FIELDS = (
    "category",
    "level",
    "place",
    "when",
    "caller_name",
    "callback",
    "injured",
    "suspects",
    "weapons",
    "dangers",
    "asked_for",
)
CATEGORIES = (
    "violence",
    "robbery",
    "theft",
    "domestic_violence",
    "fraud",
    "traffic",
    "fire",
    "medical",
    "missing_person",
    "suicide_danger",
    "public_order",
    "hazard",
    "enquiry",
    "nuisance",
    "silent",
    "unknown",
)
LEVELS = ("red", "orange", "yellow", "blue")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person said without a break. Times are ms from the call's start."""

    who: Who
    text: str
    start_ms: int
    end_ms: int | None = None
    leg: str | None = None
    segment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a field has a value: whose words, where in the audio, how sure, who confirmed it."""

    value: Any
    source: Source
    leg: str | None = None
    segment_id: str | None = None
    start_ms: int | None = None
    words: str = ""
    confidence: float = 1.0
    confirmed_by: str | None = None
    confirmed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A person typed one thing and the words of the call say another."""

    field: str
    typed: Any
    heard: Any
    words: str
    start_ms: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """One call's record. A field that nothing is known of is None."""

    fields: Mapping[str, Any]
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    contradictions: tuple[Contradiction, ...] = ()
    heard: Mapping[str, Any] = field(default_factory=dict)
    """Of each field that a person typed into, what stood there before: nothing is lost by it."""

    def to_json(self) -> dict[str, Any]:
        """Plain data: ``fields``, ``evidence`` by field, ``contradictions``, ``heard`` if any."""
        return {
            "fields": {name: self.fields.get(name) for name in FIELDS},
            "evidence": {
                name: [asdict(row) for row in rows] for name, rows in self.evidence.items() if rows
            },
            "contradictions": [asdict(row) for row in self.contradictions],
            **({"heard": dict(self.heard)} if self.heard else {}),
        }
