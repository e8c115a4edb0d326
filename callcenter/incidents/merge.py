"""The machine's record and what people typed, as one: what was typed is never overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callcenter.incidents.errors import UnknownField
from callcenter.incidents.record import FIELDS, Contradiction, Evidence, Record


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A value that a person typed. ``at`` is RFC 3339 with zone."""

    value: Any
    by: str
    at: str


def merge(machine: Record, typed: Mapping[str, TypedValue]) -> Record:
    """Put what was typed over what was heard; where the two differ, say so.

    The words that were heard stay in the evidence, behind the typed value. Words that say the
    same as the person confirm it. `UnknownField` when a record has no such field.
    """
    fields = dict(machine.fields)
    evidence = {name: tuple(rows) for name, rows in machine.evidence.items()}
    contradictions = list(machine.contradictions)
    for name, entry in typed.items():
        if name not in FIELDS:
            raise UnknownField(f"{name}: expected one of {', '.join(FIELDS)}")
        heard = fields.get(name)
        rows = evidence.get(name, ())
        fields[name] = _with_heard_position(entry.value, heard) if name == "place" else entry.value
        own = Evidence(
            value=entry.value,
            source="operator",
            confirmed_by=entry.by,
            confirmed_at=entry.at,
        )
        evidence[name] = (own, *rows)
        # An empty list with words behind it is a denial ("no gun"), not nothing.
        nothing = heard in (None, "") or (heard == [] and not rows)
        if nothing or _same(name, entry.value, heard):
            continue
        newest = rows[-1] if rows else None
        contradictions.append(
            Contradiction(
                field=name,
                typed=entry.value,
                heard=heard,
                words=newest.words if newest else "",
                start_ms=newest.start_ms if newest else None,
            )
        )
    return Record(fields, evidence, tuple(contradictions))


def _same(name: str, typed: Any, heard: Any) -> bool:
    if name == "place":
        return _place_text(typed) == _place_text(heard)
    if isinstance(heard, list):
        values = typed if isinstance(typed, list) else [typed]
        return {_plain(value) for value in values} == {_plain(value) for value in heard}
    if name == "callback":
        return [c for c in str(typed) if c.isdigit()] == [c for c in str(heard) if c.isdigit()]
    return _plain(typed) == _plain(heard)


def _plain(value: Any) -> str:
    return " ".join(str(value).casefold().split())


def _place_text(value: Any) -> str:
    return _plain(value.get("text") if isinstance(value, Mapping) else value)


def _with_heard_position(typed: Any, heard: Any) -> Any:
    """A place typed as text keeps the position that was heard only if it is the same place."""
    if isinstance(typed, Mapping):
        return dict(typed)
    if isinstance(heard, Mapping) and _place_text(typed) == _place_text(heard):
        return {**heard, "confirmed": True, "confidence": 1.0}
    return {
        "text": typed,
        "lat": None,
        "lon": None,
        "precinct": None,
        "confidence": 1.0,
        "resolved": False,
        "confirmed": True,
        "runner_up": dict(heard) if isinstance(heard, Mapping) and heard.get("lat") else None,
        "read_back": "",
    }
