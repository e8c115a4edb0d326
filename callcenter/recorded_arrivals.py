"""Calls that some desk recorded, read from a file of rows with a header.

Two kinds are known by their header:

- our own: ``arrived`` (RFC 3339, or seconds), and as far as known ``queue``, ``line``,
  ``waited_s``, ``answered`` (yes or no), ``handling_s``, ``seat``, ``caller``, ``priority``;
- the call centre data of the Technion's Service Engineering laboratory ("Anonymous Bank").

Separated by tabs or commas. Times are those of the desk's clock on the wall.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from acd.scenario import DAY_S, RecordedCall

_BANK: Final = ("vru_exit", "q_time", "outcome", "ser_time", "server", "date")
_OURS: Final = (
    "arrived",
    "queue",
    "line",
    "waited_s",
    "answered",
    "handling_s",
    "seat",
    "caller",
    "priority",
)
_YES_NO: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})")
_DEFAULT_QUEUE: Final = "110"


class ArrivalsError(Exception):
    """A file of arrivals cannot be read: names the file, the line, the field and the reason."""


def read_arrivals(file: Path) -> list[RecordedCall]:
    """The calls of a file in the order of their arrival, in seconds since 1970 on the wall clock.

    Raises `ArrivalsError`.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            header = lines.readline()
            separator = "\t" if "\t" in header else ","
            names = [name.strip().lower() for name in header.rstrip("\r\n").split(separator)]
            if not names or not ("arrived" in names or set(_BANK) <= set(names)):
                raise ArrivalsError(
                    f"{file}: line 1: expected a header with the column arrived"
                    f" (and any of {', '.join(_OURS[1:])})"
                )
            read = _ours if "arrived" in names else _bank
            calls = [
                read(_Row(file, number, row))
                for number, row in _rows(csv.reader(lines, delimiter=separator), names, file)
            ]
    except UnicodeDecodeError as error:
        raise ArrivalsError(f"{file}: is not UTF-8 text: {error.reason}") from error
    except OSError as error:
        raise ArrivalsError(f"{file}: {error.strerror}") from error
    except csv.Error as error:
        raise ArrivalsError(f"{file}: {error}") from error
    if not calls:
        raise ArrivalsError(f"{file}: has no calls")
    return sorted(calls, key=lambda call: call.at_s)


def _rows(
    rows: Iterator[list[str]], names: list[str], file: Path
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            raise ArrivalsError(
                f"{file}: line {number}: {len(row)} fields, expected {len(names)} as in the header"
            )
        yield number, dict(zip(names, (cell.strip() for cell in row), strict=True))


class _Row:
    """One row, whose fields are taken by name and refused by name."""

    def __init__(self, file: Path, number: int, cells: Mapping[str, str]) -> None:
        self._where = f"{file}: line {number}"
        self._cells = cells

    def text(self, name: str) -> str:
        return self._cells.get(name, "")

    def wrong(self, name: str, expected: str) -> ArrivalsError:
        return ArrivalsError(f"{self._where}: {name} is {self.text(name)!r}, expected {expected}")

    def number(self, name: str) -> float:
        try:
            value = float(self.text(name))
        except ValueError:
            raise self.wrong(name, "a number") from None
        if not (math.isfinite(value) and value >= 0):
            raise self.wrong(name, "0 or more")
        return value

    def whole(self, name: str) -> int:
        try:
            return int(self.text(name))
        except ValueError:
            raise self.wrong(name, "a whole number") from None

    def arrived(self) -> float:
        text = self.text("arrived")
        try:
            return float(text) if _is_number(text) else _wall_clock_s(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            raise self.wrong("arrived", "a time such as 2026-01-05T08:30:00 or seconds") from None

    def time_of_day(self, name: str) -> int:
        match = _CLOCK.fullmatch(self.text(name))
        if match is None:
            raise self.wrong(name, "a time such as 8:30:00")
        hours, minutes, seconds = map(int, match.groups())
        if hours > 24 or minutes > 59 or seconds > 59:
            raise self.wrong(name, "a time such as 8:30:00")
        return hours * 3600 + minutes * 60 + seconds


def _ours(row: _Row) -> RecordedCall:
    answered_text = row.text("answered").lower()
    if answered_text and answered_text not in _YES_NO:
        raise row.wrong("answered", "yes or no")
    answered = _YES_NO.get(answered_text, True)
    return RecordedCall(
        row.arrived(),
        row.text("queue") or _DEFAULT_QUEUE,
        row.number("waited_s") if row.text("waited_s") else 0.0,
        answered,
        row.number("handling_s") if row.text("handling_s") else None,
        row.text("seat"),
        row.text("caller"),
        row.whole("priority") if row.text("priority") else 0,
        row.text("line"),
    )


def _bank(row: _Row) -> RecordedCall:
    """A row of the bank's: every call is one, also those that ended in the voice menu.

    They arrive when they left the menu, so a caller who hung up in it arrives and leaves at once.
    PHANTOM rows, "a virtual call to be ignored" by the data's makers, were answered by nobody: they
    are callers who left. Priority 2 goes 90 s before the others, as there.
    """
    outcome = row.text("outcome")
    if outcome not in ("AGENT", "HANG", "PHANTOM"):
        raise row.wrong("outcome", "AGENT, HANG or PHANTOM")
    answered = outcome == "AGENT"
    try:
        day = datetime.strptime(row.text("date"), "%y%m%d").replace(tzinfo=UTC)
    except ValueError:
        raise row.wrong("date", "a date such as 990201") from None
    server = row.text("server")
    at_s = day.timestamp() + row.time_of_day("vru_exit")
    if row.time_of_day("vru_exit") < row.time_of_day("vru_entry"):
        at_s += DAY_S  # the menu was left after midnight
    return RecordedCall(
        at_s,
        row.text("type") or _DEFAULT_QUEUE,
        row.number("q_time"),
        answered,
        row.number("ser_time") if answered else None,
        server if answered and server != "NO_SERVER" else "",
        row.text("customer_id").lstrip("0"),
        1 if row.text("priority") == "2" else 0,
    )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _wall_clock_s(at: datetime) -> float:
    return at.replace(tzinfo=UTC).timestamp()
