"""People correct records after the call, too: what they type goes into the record on file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from callcenter.calls.errors import UnknownCall
from callcenter.calls.register import Note, Publisher
from callcenter.calls.view import stamp
from callcenter.calls.write_up import TYPED, typed_note
from callcenter.incidents.merge import TypedValue
from callcenter.incidents.retype import retyped
from callcenter.store.calls import CallRow, Calls
from callcenter.store.filed import FiledCalls
from callcenter.store.incidents import StoredIncident

Placed = Callable[[str, str], dict[str, Any]]
"""Finds a typed place on the map: language, text."""


class FiledEdits:
    """Types into records of calls that are over and no longer at hand."""

    def __init__(
        self, calls: Calls, files: FiledCalls, placed: Placed, note: Note, bus: Publisher
    ) -> None:
        self._calls = calls
        self._files = files
        self._placed = placed
        self._note = note
        self._bus = bus

    async def edit(
        self, call_id: str, field: str, value: Any, by: str, at: datetime
    ) -> dict[str, Any]:
        """Put a value that the field can hold into a filed record; None takes back what was typed.

        Raises:
            UnknownCall: no such call is filed.
            StoreUnavailable: the database does not answer; nothing was changed.
        """
        row = await self._calls.get(call_id)
        if row is None:
            raise UnknownCall(f"there is no call {call_id}")
        if field == "place" and isinstance(value, str):
            value = self._placed(row.language, value)
        notes: list[dict[str, Any]] = []

        def amend(row: CallRow, kept: StoredIncident | None) -> tuple[CallRow, StoredIncident]:
            typed = dict(kept.typed) if kept else {}
            before = typed.pop(field, None)
            if value is not None:
                typed[field] = {"value": value, "by": by, "at": stamp(at)}
            old = kept.record if kept else {}
            record = retyped(old, {name: TypedValue(**one) for name, one in typed.items()})
            replaced = (old.get("fields") or {}).get(field)
            entered = TypedValue(**before) if before else None
            notes.append(typed_note(field, value, by, replaced, entered) | {"filed": True})
            return _with(row, record), StoredIncident(call_id, record, typed, at)

        changed = await self._files.amend(call_id, amend)
        if changed is None:
            raise UnknownCall(f"there is no call {call_id}")
        self._note(call_id, TYPED, notes[-1])
        message = {"type": "incident", "call_id": call_id, "incident": changed.record}
        self._bus.publish(f"call:{call_id}", message)
        return changed.record


def _with(row: CallRow, record: dict[str, Any]) -> CallRow:
    """The call as lists show it, once its record is this."""
    fields = record["fields"]
    place = fields.get("place") or {}
    shown = {
        "category": fields.get("category"),
        "level": fields.get("level"),
        "place_text": place.get("text"),
        "precinct": place.get("precinct"),
    }
    detail = {**row.detail, **shown, "incident": record}
    return replace(row, **shown, detail=detail)
