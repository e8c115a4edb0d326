"""The records of several calls about one incident, as one record. Pure; nothing is overwritten.

What people typed comes before what was heard, the newest of it first. Where calls differ, the
record says what stands and the contradictions say which call says otherwise. What no call said
stays empty. Whoever separates the calls again has their records as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callcenter.incidents.duplicates import metres_between
from callcenter.incidents.record import FIELDS, LEVELS

LISTS = frozenset({"suspects", "weapons", "dangers", "asked_for"})
OF_EACH_CALLER = frozenset({"caller_name", "callback", "when"})
"""Callers differ in these without contradicting each other; the first one's stands."""
NOT_KNOWN = frozenset({"unknown", "silent"})
"""Categories that any other is better than."""
SAME_PLACE_M = 250.0


@dataclass(frozen=True, slots=True)
class Part:
    """One call's record as it is filed: ``fields``, ``evidence``, ``contradictions``."""

    call_id: str
    record: Mapping[str, Any]

    @property
    def fields(self) -> Mapping[str, Any]:
        """Values by field."""
        return self.record.get("fields") or {}

    def rows(self, field: str) -> Sequence[Mapping[str, Any]]:
        """What a field rests on."""
        return (self.record.get("evidence") or {}).get(field) or ()

    def typed(self, field: str) -> Mapping[str, Any] | None:
        """What a person typed into it: the value, by whom and when."""
        return next((row for row in self.rows(field) if row.get("source") == "operator"), None)


@dataclass(frozen=True, slots=True)
class _Said:
    """What one call says of one field."""

    call_id: str
    value: Any
    typed_at: str
    """Empty when it was heard."""
    sure: float
    row: Mapping[str, Any]


def combined(parts: Sequence[Part]) -> dict[str, Any]:
    """One record of these calls, which come in the order in which they arrived."""
    if len(parts) == 1:
        only = dict(parts[0].record)
        return {"fields": {}, "evidence": {}, "contradictions": [], **only}
    fields: dict[str, Any] = {}
    evidence: dict[str, list[dict[str, Any]]] = {}
    contradictions = [
        {**each, "call_id": part.call_id}
        for part in parts
        for each in part.record.get("contradictions") or ()
    ]
    for field in FIELDS:
        said = [each for part in parts if (each := _said(part, field)) is not None]
        stands = _standing(field, said)
        if said:
            contradictions += _against(field, stands, said)
        fields[field] = stands.value if stands else None
        rows = [{**row, "call_id": part.call_id} for part in parts for row in part.rows(field)]
        if rows:
            # What was typed stands first, as in the record of one call.
            evidence[field] = sorted(rows, key=lambda row: row.get("source") != "operator")
    return {
        "fields": fields if any(part.fields for part in parts) else {},
        "evidence": evidence,
        "contradictions": contradictions,
    }


def _said(part: Part, field: str) -> _Said | None:
    value = part.fields.get(field)
    if value is None or value == "":
        return None
    typed = part.typed(field)
    if typed:
        return _Said(part.call_id, value, str(typed.get("confirmed_at") or "0"), 1.0, typed)
    newest = part.rows(field)[-1] if part.rows(field) else {}
    sure = value.get("confidence") if isinstance(value, Mapping) else newest.get("confidence")
    return _Said(part.call_id, value, "", float(sure if sure is not None else 0.5), newest)


def _standing(field: str, said: Sequence[_Said]) -> _Said | None:
    if not said:
        return None
    typed = [each for each in said if each.typed_at]
    if typed:
        return max(typed, key=lambda each: each.typed_at)
    first = said[0]
    if field in OF_EACH_CALLER:
        return first
    if field in LISTS:
        every = _union(each.value for each in said)
        named = next((each for each in said if each.value), first)
        return _Said(named.call_id, every, "", named.sure, named.row)
    # max() keeps the first of equals: the earlier call.
    if field == "level":
        return max(said, key=lambda each: -_severity(each.value))
    if field == "injured":
        return max(said, key=lambda each: each.value if isinstance(each.value, int) else -1)
    if field == "place":
        return max(said, key=lambda each: (_on_map(each.value), each.sure))
    return max(said, key=lambda each: (each.value not in NOT_KNOWN, each.sure))


def _against(field: str, stands: _Said | None, said: Sequence[_Said]) -> list[dict[str, Any]]:
    if stands is None or field in OF_EACH_CALLER:
        return []
    return [
        {
            "field": field,
            "typed": stands.value,
            "heard": each.value,
            "words": str(each.row.get("words") or ""),
            "start_ms": each.row.get("start_ms"),
            "call_id": each.call_id,
            "stands_of": stands.call_id,
            "source": "typed" if each.typed_at else "heard",
        }
        for each in said
        if each.call_id != stands.call_id and _differs(field, stands, each)
    ]


def _differs(field: str, stands: _Said, other: _Said) -> bool:
    mine, theirs = stands.value, other.value
    if field == "place":
        return _far(mine, theirs)
    if field in LISTS:
        if bool(mine) != bool(theirs):
            return True
        known = {_plain(entry) for entry in _entries(mine)}
        return any(_plain(entry) not in known for entry in _entries(theirs))
    if field == "category":
        return bool(mine != theirs and theirs not in NOT_KNOWN)
    if field == "level" and not stands.typed_at:
        return False
    return _plain(mine) != _plain(theirs)


def _far(mine: Any, theirs: Any) -> bool:
    if not (_on_map(mine) and _on_map(theirs)):
        return False
    metres = metres_between(mine["lat"], mine["lon"], theirs["lat"], theirs["lon"])
    return metres > SAME_PLACE_M


def _on_map(place: Any) -> bool:
    return isinstance(place, Mapping) and None not in (place.get("lat"), place.get("lon"))


def _severity(level: Any) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _union(values: Iterable[Any]) -> list[Any]:
    found: dict[str, Any] = {}
    for value in values:
        for entry in _entries(value):
            found.setdefault(_plain(entry), entry)
    return list(found.values())


def _entries(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _plain(value: Any) -> str:
    return " ".join(str(value).casefold().split())
