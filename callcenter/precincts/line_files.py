"""Reading files of registered lines: CSV with ``number, address, lat, lon``."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from callcenter.precincts.datum import Datum, to_wgs84
from callcenter.precincts.errors import GazetteerFileError
from callcenter.precincts.gazetteer_files import BadRow

COLUMNS = ("number", "address", "lat", "lon")
ADDRESS_CHARS = 255
_PUNCTUATION = re.compile(r"[\s().-]")
_NUMBER = re.compile(r"\+?([0-9]{3,18})", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class RegisteredLine:
    """Where a line ends: number (digits only), address in words, WGS-84 position."""

    number: str
    address: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class ExaminedLines:
    """Lines that are right, and rows that are wrong."""

    lines: tuple[RegisteredLine, ...]
    bad: tuple[BadRow, ...]


def examine_lines(path: Path, datum: Datum = Datum.WGS84) -> ExaminedLines:
    """The lines of a file; a number that comes twice is wrong the second time.

    `GazetteerFileError`: the file cannot be read at all, or has other columns.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GazetteerFileError(f"{path}: cannot be read: {error}") from error
    reader = csv.DictReader(io.StringIO(text))
    columns = [column.strip() for column in reader.fieldnames or []]
    if not set(COLUMNS) <= set(columns):
        raise GazetteerFileError(
            f"{path}: columns {', '.join(columns) or '(none)'}; expected {', '.join(COLUMNS)}"
        )
    reader.fieldnames = columns
    found: dict[str, RegisteredLine] = {}
    bad: list[BadRow] = []
    try:
        for row in reader:
            line = _line(row, datum)
            if isinstance(line, RegisteredLine) and line.number in found:
                line = f"number: ends in {line.number[-2:]}, and is in the file already"
            if isinstance(line, str):
                bad.append(BadRow(reader.line_num, f"line {reader.line_num}", line))
            else:
                found[line.number] = line
    except csv.Error as error:
        raise GazetteerFileError(f"{path}: line {reader.line_num}: {error}") from None
    return ExaminedLines(tuple(found.values()), tuple(bad))


def _line(row: Mapping[str | None, str | None], datum: Datum) -> RegisteredLine | str:
    """The line of a row, or what is wrong with it."""
    if None in row or None in row.values():
        return "expected as many columns as the header has"
    number = _NUMBER.fullmatch(_PUNCTUATION.sub("", row["number"] or ""))
    if number is None:
        return "number: expected 3 to 18 digits"
    address = (row["address"] or "").strip()
    if not address or len(address) > ADDRESS_CHARS or _CONTROL.search(address):
        return f"address: expected 1 to {ADDRESS_CHARS} characters on one line"
    try:
        lat, lon = float(row["lat"] or ""), float(row["lon"] or "")
    except ValueError:
        lat, lon = math.nan, math.nan
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or lat == lon == 0:
        return "lat, lon: expected degrees"
    return RegisteredLine(number[1], address, *to_wgs84(lat, lon, datum))
