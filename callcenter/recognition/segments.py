"""Segments as transcripts, the API and consoles have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from asr.events import RecordedSegment, Segment, Word


def live_segment(segment: Segment, party: str) -> dict[str, Any]:
    """What was heard while the call went on."""
    return {
        "id": segment.id,
        "leg": segment.leg,
        "role": segment.role,
        "party": party,
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "text": segment.text,
        "final": segment.final,
        "confidence": segment.confidence,
        "engine": segment.engine,
        "model": segment.model,
        "language": segment.language,
        "late": False,
        "words": _words(segment.words),
    }


def as_segment(heard: RecordedSegment, leg: Mapping[str, Any], segment_id: str) -> dict[str, Any]:
    """What was heard afterwards on a leg (``id``, ``role``, ``party``), from the recording."""
    return {
        "id": segment_id,
        "leg": leg["id"],
        "role": leg["role"],
        "party": leg["party"],
        "start_ms": heard.start_ms,
        "end_ms": heard.end_ms,
        "text": heard.text,
        "final": True,
        "confidence": heard.confidence,
        "engine": heard.engine,
        "model": heard.model,
        "language": heard.language,
        "late": True,
        "words": _words(heard.words),
    }


def in_call(arrived_at: datetime, legs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Legs as a filed call has them, with ``from_ms`` and ``to_ms`` from the call's start."""

    def ms(at: str | None, otherwise: int) -> int:
        if at is None:
            return otherwise
        return round((datetime.fromisoformat(at) - arrived_at) / timedelta(milliseconds=1))

    forever_ms = 2**31 - 1
    return [
        {
            "id": leg["id"],
            "role": leg["role"],
            "party": leg["party"],
            "from_ms": 0 if leg["role"] == "caller" else ms(leg.get("joined_at"), forever_ms),
            "to_ms": ms(leg.get("left_at"), forever_ms),
        }
        for leg in legs
    ]


def _words(words: Iterable[Word]) -> list[dict[str, Any]]:
    return [
        {
            "text": word.text,
            "start_ms": word.start_ms,
            "end_ms": word.end_ms,
            "confidence": word.confidence,
        }
        for word in words
    ]
