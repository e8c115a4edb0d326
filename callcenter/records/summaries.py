"""Incidents as lists and CSV have them: one line each, made of the records of all their calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from callcenter.calls.view import stamp
from callcenter.incidents.combined import Part, combined
from callcenter.incidents.naming import incident_id
from callcenter.store.calls import CLOSED, CallRow


def summary(calls: Sequence[CallRow]) -> dict[str, Any]:
    """An incident as a list shows it. ``calls``: all of it, the one that began it first."""
    record = _record(calls)
    fields = record["fields"]
    place = fields.get("place") or {}
    ended = [call.closed_at for call in calls if call.closed_at]
    finished = all(call.state == CLOSED for call in calls)
    return {
        "id": incident_id(calls[0].id),
        "began_at": stamp(min(call.arrived_at for call in calls)),
        "ended_at": stamp(max(ended)) if finished and ended else None,
        "finished": finished,
        "call_ids": [call.id for call in calls],
        "lines": _each(call.line for call in calls),
        "numbers": _each(call.caller_number for call in calls),
        "category": fields.get("category"),
        "level": fields.get("level"),
        "place_text": place.get("text"),
        "precinct": place.get("precinct"),
        "contradictions": len(record["contradictions"]),
    }


def line(calls: Sequence[CallRow]) -> dict[str, Any]:
    """An incident as a line of CSV: `callcenter.records.csv_lines.COLUMNS`."""
    record = _record(calls)
    fields = record["fields"]
    place = fields.get("place") or {}
    lat, lon = place.get("lat"), place.get("lon")
    return {
        **fields,
        **summary(calls),
        "incident": incident_id(calls[0].id),
        "calls": len(calls),
        "call_ids": " ".join(call.id for call in calls),
        "lines": " ".join(_each(call.line for call in calls)),
        "numbers": " ".join(_each(call.caller_number for call in calls)),
        "seats": " ".join(_each(call.seat or "" for call in calls)),
        "officers": " ".join(_each(call.officer or "" for call in calls)),
        "place": place.get("text"),
        "position": None if lat is None or lon is None else f"{lat:.6f} {lon:.6f}",
        "contradictions": len(record["contradictions"]) or None,
    }


def _record(calls: Sequence[CallRow]) -> dict[str, Any]:
    return combined([Part(call.id, call.detail.get("incident") or {}) for call in calls])


def _each(values: Iterable[str]) -> list[str]:
    """Each once, in order, without what is empty."""
    return list(dict.fromkeys(value for value in values if value))
