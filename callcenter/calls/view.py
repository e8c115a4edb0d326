"""How a call looks to consoles: the JSON shapes of the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from callcenter.calls.call import Call, CallState
from callcenter.calls.ladder import Rung
from callcenter.calls.legs import Leg


def moment(call: Call, ms: int | None) -> str | None:
    """RFC 3339 time of a moment of the call; None for one that has not come."""
    if ms is None:
        return None
    return stamp(call.arrived_at + timedelta(milliseconds=ms))


def stamp(at: datetime) -> str:
    """RFC 3339 with milliseconds and zone."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def summary(call: Call, now: float) -> dict[str, Any]:
    """One line of the list of calls. ``now`` is monotonic seconds."""
    fields = call.record.get("fields", {})
    place = fields.get("place") or {}
    answered_ms = call.ladder.reached_ms.get(Rung.ANSWERED)
    closed_ms = call.ladder.reached_ms.get(Rung.CLOSED)
    until_ms = next(ms for ms in (answered_ms, closed_ms, call.ms(now)) if ms is not None)
    fallback = call.state is CallState.FALLBACK
    offered = call.state is CallState.OFFERED
    offered_to = call.offered_to if offered else ()
    return {
        "id": call.id,
        "line": call.line,
        "from": call.caller_number,
        "queue": call.queue,
        "state": CallState.WAITING.value if fallback else call.state.value,
        "in_fallback": fallback,
        "adopted": call.adopted,
        "arrived_at": stamp(call.arrived_at),
        "wait_ms": until_ms,
        "answered_at": moment(call, answered_ms),
        "closed_at": moment(call, closed_ms),
        "seat": next(iter(offered_to), None) if offered else call.seat,
        "offered_to": list(offered_to),
        "origin": call.origin or None,
        "position": call.position.to_json() if call.position else None,
        "priority_by_hand": call.priority_by_hand,
        "officer": call.officer,
        "officer_state": call.officer_state,
        "officers_rung": list(call.officers_rung),
        "responsible": call.responsible,
        "coming": [
            {
                "role": each.role.value,
                "party": each.party,
                "how": each.how.value,
                "seat": each.seat,
            }
            for each in call.coming
        ],
        "held": call.held,
        "language": call.language,
        "category": fields.get("category"),
        "level": fields.get("level"),
        "place_text": place.get("text"),
        "precinct": place.get("precinct"),
    }


def detail(call: Call, now: float, speech: dict[str, Any]) -> dict[str, Any]:
    """All that one call's page shows, besides the transcript."""
    return summary(call, now) | {
        "legs": [_leg(call, leg) for leg in call.legs.values()],
        "timeline": call.ladder.timeline(),
        "incident": call.record or None,
        "recordings": list(call.recordings),
        "speech": speech,
    }


def transcript(call: Call) -> list[dict[str, Any]]:
    """Segments in the order in which they were begun."""
    return sorted(call.segments.values(), key=lambda segment: segment["start_ms"])


class KeptRecording(Protocol):
    """What the vault or the store know of a recording."""

    @property
    def call_id(self) -> str:
        """Whose."""

    @property
    def path(self) -> Path | str:
        """Where it lies."""

    @property
    def sha256(self) -> str:
        """Of the file."""

    @property
    def duration_ms(self) -> int:
        """Its length."""


def recording(kept: KeptRecording, starts_ms: int) -> dict[str, Any]:
    """A finished recording, with where to fetch it.

    ``starts_ms``: when its first sample was heard, from the call's start.
    """
    return {
        "path": str(kept.path),
        "sha256": kept.sha256,
        "duration_ms": kept.duration_ms,
        "starts_ms": starts_ms,
        "url": f"/api/v1/calls/{kept.call_id}/recording",
    }


def _leg(call: Call, leg: Leg) -> dict[str, Any]:
    return {
        "id": leg.id,
        "role": leg.role.value,
        "party": leg.party,
        "joined_at": moment(call, leg.joined_ms),
        "left_at": moment(call, leg.left_ms),
        "heard": leg.voice_ms is not None,
        "aside": leg.aside and not leg.on_bridge,
    }
