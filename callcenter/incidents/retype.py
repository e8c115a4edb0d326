"""What a person types into a record that is filed: as `merge` does it while a call goes on.

A filed record holds what was heard and what was typed as one. Before another value is put in, what
was heard is taken out of it again; the recogniser's words are not read anew, so that a record never
changes by itself when rules do. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any

from callcenter.incidents.merge import TypedValue, merge
from callcenter.incidents.record import FIELDS, Contradiction, Evidence, Record

_EVIDENCE = frozenset(each.name for each in fields_of(Evidence))
_CONTRADICTION = frozenset(each.name for each in fields_of(Contradiction))


def retyped(record: Mapping[str, Any], typed: Mapping[str, TypedValue]) -> dict[str, Any]:
    """The record with this typed into it instead of what was typed before."""
    return merge(heard_of(record), typed).to_json()


def heard_of(record: Mapping[str, Any]) -> Record:
    """What was heard in a call, without anything that people typed."""
    said: Mapping[str, Any] = record.get("fields") or {}
    kept: Mapping[str, Any] = record.get("heard") or {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    typed: set[str] = set()
    for field, rows in (record.get("evidence") or {}).items():
        heard = [row for row in rows if row.get("source") != "operator"]
        if len(heard) < len(rows):
            typed.add(field)
        if heard:
            evidence[field] = tuple(Evidence(**_only(row, _EVIDENCE)) for row in heard)
    others: dict[str, Any] = {}
    contradictions: list[Contradiction] = []
    for each in record.get("contradictions") or ():
        if each.get("field") in typed:
            others[each["field"]] = each.get("heard")
        else:
            contradictions.append(Contradiction(**_only(each, _CONTRADICTION)))
    fields: dict[str, Any] = {}
    for field in FIELDS:
        value = said.get(field)
        if field in kept:
            value = kept[field]
        elif field in typed:
            value = _inferred(field, value, others, evidence)
        fields[field] = value
    return Record(fields, evidence, tuple(contradictions))


def _inferred(
    field: str, value: Any, others: Mapping[str, Any], evidence: Mapping[str, tuple[Evidence, ...]]
) -> Any:
    """What was heard where something was typed, in a record of before that was kept.

    The other thing, the same thing, or nothing.
    """
    if field in others:
        return others[field]
    rows = evidence.get(field)
    if rows and isinstance(value, Mapping):
        # A place that a person typed in the words that were heard had become certain by that.
        heard = {name: part for name, part in value.items() if name != "confirmed"}
        return heard | {"confidence": rows[-1].confidence}
    return value if rows else None


def _only(row: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names}
