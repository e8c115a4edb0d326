"""A place that was resolved, or the question that is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from callcenter.precincts import read_back


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another place that may have been meant."""

    text: str
    lat: float
    lon: float
    precinct: str | None
    confidence: float
    kind: str = ""
    reasons: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """One of ``candidates``."""
        return {
            "text": self.text,
            "lat": self.lat,
            "lon": self.lon,
            "precinct": self.precinct,
            "confidence": self.confidence,
            "kind": self.kind,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class ResolvedPlace:
    """Where the caller is, as far as is known.

    Not ``resolved``: ``text`` is what was heard, there is no position, and ``read_back`` asks.
    ``turns`` are the places in the conversation of the words that say so, with those words.
    ``source`` is ``words``, or ``line`` or ``handset`` where no words gave a place.
    ``candidates`` are the likeliest places, the best first, each with its reasons.
    """

    text: str
    lat: float | None
    lon: float | None
    kind: str
    district: str
    precinct: str | None
    neighbour_precinct: str | None
    metres_to_boundary: float | None
    confidence: float
    resolved: bool
    confirmed: bool
    runner_up: Alternative | None
    read_back: str
    turns: tuple[tuple[int, str], ...]
    source: Literal["words", "line", "handset"] = "words"
    candidates: tuple[Alternative, ...] = ()

    @property
    def spoken(self) -> str:
        """The place as it is said aloud: 42nd Street, not 42 Street."""
        return read_back.spoken(self.text)

    def to_json(self) -> dict[str, object]:
        """The field ``place`` of a record."""
        other = self.runner_up
        return {
            "text": self.text,
            "spoken": self.spoken,
            "lat": self.lat,
            "lon": self.lon,
            "kind": self.kind,
            "district": self.district or None,
            "precinct": self.precinct,
            "neighbour_precinct": self.neighbour_precinct,
            "metres_to_boundary": self.metres_to_boundary,
            "confidence": self.confidence,
            "resolved": self.resolved,
            "confirmed": self.confirmed,
            "runner_up": None
            if other is None
            else {
                "text": other.text,
                "lat": other.lat,
                "lon": other.lon,
                "precinct": other.precinct,
                "confidence": other.confidence,
            },
            "read_back": self.read_back,
            "source": self.source,
            "candidates": [each.to_json() for each in self.candidates],
        }


def unknown_place(question: str) -> ResolvedPlace:
    """Nothing is known; the question asks."""
    return ResolvedPlace(
        "", None, None, "unresolved", "", None, None, None, 0.0, False, False, None, question, ()
    )
