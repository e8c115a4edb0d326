"""The machine's record and what people typed, as one: what was typed is never overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callcenter.incidents.duplicates import metres_between
from callcenter.incidents.errors import UnknownField
from callcenter.incidents.record import FIELDS, Contradiction, Evidence, Record

SAME_SPOT_M = 50.0
"""Closer than this, two names are those of one crossing or house."""


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
    under: dict[str, Any] = {}
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
        under[name] = heard
        if not _was_said(heard, rows) or _same(name, entry.value, heard):
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
    return Record(fields, evidence, tuple(contradictions), under)


def _was_said(heard: Any, rows: Sequence[Evidence]) -> bool:
    """Whether somebody said it, so that it can contradict what was typed.

    An empty list with words behind it is a denial ("no gun"). The number of the line, and what
    stands for a matter that is not known yet, nobody said.
    """
    by_words = any(row.source != "line" for row in rows)
    return by_words and heard not in (None, "", "unknown")


def _same(name: str, typed: Any, heard: Any) -> bool:
    if name == "place":
        return _place_text(typed) == _place_text(heard) or _same_spot(typed, heard)
    if isinstance(heard, list):
        values = typed if isinstance(typed, list) else [typed]
        return {_plain(value) for value in values} == {_plain(value) for value in heard}
    if name == "callback":
        return [c for c in str(typed) if c.isdigit()] == [c for c in str(heard) if c.isdigit()]
    return _plain(typed) == _plain(heard)


def _same_spot(typed: Any, heard: Any) -> bool:
    """Whether both are on the map, and there so near each other that they mean one place."""
    spots: list[tuple[Any, Any]] = [
        (place.get("lat"), place.get("lon"))
        for place in (typed, heard)
        if isinstance(place, Mapping)
    ]
    if len(spots) < 2 or any(None in spot for spot in spots):
        return False
    return metres_between(*spots[0], *spots[1]) <= SAME_SPOT_M


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
