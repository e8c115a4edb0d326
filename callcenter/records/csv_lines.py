"""Incidents as lines of CSV (RFC 4180) that a spreadsheet opens without doing anything. Pure.

A spreadsheet takes a cell that begins with one of `DANGEROUS` for a formula, whoever typed or said
it. Such cells get an apostrophe in front, which spreadsheets show as text; this goes for every
cell alike, for numbers such as ``+1 212 …`` too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
"""At the front of the file: spreadsheets take a file without it for something else than UTF-8."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula may begin with; the last four are their wide forms, which some take for them."""
COLUMNS = (
    "incident",
    "began_at",
    "ended_at",
    "calls",
    "call_ids",
    "lines",
    "numbers",
    "seats",
    "officers",
    "category",
    "level",
    "place",
    "position",
    "precinct",
    "when",
    "caller_name",
    "callback",
    "injured",
    "suspects",
    "weapons",
    "dangers",
    "asked_for",
    "contradictions",
)
NONE = "none"
"""What was asked for and denied, such as weapons; what was never said is an empty cell."""


def heading() -> str:
    """The first line: the names of the columns."""
    return BYTE_ORDER_MARK + _lines([COLUMNS])


def lines(incidents: Iterable[Mapping[str, Any]]) -> str:
    """A line an incident, each as `callcenter.records.summaries.line` gives it."""
    return _lines([_text(incident.get(name)) for name in COLUMNS] for incident in incidents)


def neutral(cell: str) -> str:
    """The cell as a spreadsheet takes it for text."""
    # Spaces in front do not keep every spreadsheet from looking at what follows.
    return f"'{cell}" if cell.lstrip(" \u00a0\ufeff").startswith(DANGEROUS) else cell


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(_text(entry) for entry in value) or NONE
    # A lone half of a surrogate pair has no place in UTF-8, a NUL none in a spreadsheet.
    return str(value).replace("\0", "").encode("utf-8", "replace").decode("utf-8")
