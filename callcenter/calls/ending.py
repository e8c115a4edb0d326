"""What the journal keeps of a call at its end, so that figures and tasks need nothing else."""

from __future__ import annotations

from typing import Any

from callcenter.calls.call import Call


def ending(call: Call, why: str, now: float) -> dict[str, Any]:
    """The payload of ``call.ended``; take it before the state changes. ``now``: monotonic s."""
    fields = call.record.get("fields", {})
    place = fields.get("place") or {}
    return {
        "why": why,
        "ms": call.ms(now),
        "was": call.state.value,
        "line": call.line,
        "queue": call.queue,
        "from": call.caller_number,
        "seat": call.seat,
        "language": call.language,
        "category": fields.get("category"),
        "level": fields.get("level"),
        "place": place.get("text"),
        "lat": place.get("lat"),
        "lon": place.get("lon"),
        "precinct": place.get("precinct"),
    }
