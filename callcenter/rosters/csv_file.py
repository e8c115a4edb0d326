"""Officers, shifts or absences in CSV; the columns tell which.

::

    officer,name,precinct,role,language,numbers       an officer; numbers in order, by ; apart
    officer,from,to[,precinct][,role][,time_zone]     a shift
    officer,from,to,absence[,time_zone]               an absence and why
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import tzinfo

from callcenter.rosters import moments
from callcenter.rosters.batch import Entry, Wanted
from callcenter.rosters.errors import Fault, FileRefused, RosterRefused
from callcenter.rosters.model import Absence, Officer, Shift
from callcenter.rosters.numbers import MOST_NUMBERS, Reachable

MOST_ROWS = 20_000
MOST_FAULTS = 100
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}")
_KINDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "officer": (
        frozenset({"officer", "name", "precinct", "numbers"}),
        frozenset({"role", "language"}),
    ),
    "absence": (frozenset({"officer", "from", "to", "absence"}), frozenset({"time_zone"})),
    "shift": (
        frozenset({"officer", "from", "to"}),
        frozenset({"precinct", "role", "time_zone"}),
    ),
}


def read(
    text: str, zone: tzinfo, officers: Mapping[str, Officer], reachable: Reachable
) -> list[Wanted]:
    """What the file wants.

    Raises:
        FileRefused: with every line that cannot be read.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
    except csv.Error as error:
        raise FileRefused([Fault(1, str(error))]) from None
    kind = _kind_of(header)
    wanted: list[Wanted] = []
    faults: list[Fault] = []
    for line, cells in _numbered(rows, faults):
        if len(cells) != len(header):
            faults.append(Fault(line, f"{len(cells)} columns; expected {len(header)}"))
            continue
        row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        try:
            wanted.append(Wanted(line, _entry(kind, row, zone, officers, reachable)))
        except RosterRefused as error:
            faults.append(Fault(line, str(error)))
    if faults:
        raise FileRefused(faults[:MOST_FAULTS])
    if not wanted:
        raise FileRefused([Fault(0, "no row below the header")])
    return wanted


def _kind_of(header: list[str]) -> str:
    given = set(header)
    if len(given) != len(header):
        raise FileRefused([Fault(1, "a column is named twice")])
    for kind, (needed, more) in _KINDS.items():
        if needed <= given:
            unknown = sorted(given - needed - more)
            if unknown:
                raise FileRefused([Fault(1, f"column {unknown[0][:40]!r} is unknown")])
            return kind
    raise FileRefused(
        [
            Fault(
                1,
                "expected a header: officer,from,to (shifts), officer,from,to,absence or "
                "officer,name,precinct,numbers",
            )
        ]
    )


def _numbered(rows: Iterator[list[str]], faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the line that they begin at."""
    reader = rows
    before = getattr(reader, "line_num", 1)
    count = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(before + 1, str(error)))
            return
        if any(cell.strip() for cell in cells):
            count += 1
            if count > MOST_ROWS:
                faults.append(Fault(before + 1, f"more than {MOST_ROWS} rows"))
                return
            yield before + 1, cells
        before = getattr(reader, "line_num", before + 1)


def _entry(
    kind: str,
    row: Mapping[str, str],
    zone: tzinfo,
    officers: Mapping[str, Officer],
    reachable: Reachable,
) -> Entry:
    name = row["officer"]
    if not _ID.fullmatch(name):
        raise RosterRefused(
            f"officer {name[:64]!r}: expected a letter, then letters, digits or _, 32 at most"
        )
    if kind == "officer":
        return _officer(row, reachable)
    if row.get("time_zone"):
        zone = moments.zone_named(row["time_zone"])
    start, end = moments.read(row["from"], zone), moments.read(row["to"], zone, ends=True)
    if kind == "absence":
        return Absence(0, name, start, end, row["absence"][:64])
    known = officers.get(name)
    # Of an officer who is not there nothing is known; that is said when the whole file is.
    return Shift(
        0,
        name,
        row.get("precinct") or (known.precinct if known else ""),
        row.get("role") or (known.role if known else "duty"),
        start,
        end,
    )


def _officer(row: Mapping[str, str], reachable: Reachable) -> Officer:
    numbers = [number.strip() for number in row["numbers"].split(";") if number.strip()]
    if len(numbers) > MOST_NUMBERS:
        raise RosterRefused(f"{len(numbers)} numbers; expected {MOST_NUMBERS} at most")
    role = row.get("role") or "duty"
    return Officer(
        id=row["officer"],
        name=row["name"][:64],
        precinct=row["precinct"],
        role=role,  # type: ignore[arg-type]  # looked at by the rules, with the rest
        language=row.get("language") or None,
        numbers=tuple(dict.fromkeys(reachable.read(number) for number in numbers)),
    )
