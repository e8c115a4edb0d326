"""Reading gazetteer files: CSV with a header, or GeoJSON points; plain or gzip.

The kind of a file is known by its columns:

- crossings: ``street_a, street_b, lat, lon`` (``borough``, ``n``)
- house numbers: ``house_number, street, lat, lon`` (``borough``)
- other spellings: ``street, raw_names`` (``borough``), names separated by a bar
- parts of districts: ``neighbourhood, borough``
- named places: ``name, lat, lon`` (``kind``, ``borough``)
- New York's points of interest (CommonPlace): ``geometry`` (WKT), ``NAME``, ``FACILITY_T``,
  ``FACI_DOM``, ``BOROUGH``

A file with other columns is read through a map from these names to its own. `read_gazetteer`
takes a file whole or not at all; `examine` reads what is right and lists what is wrong.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callcenter.precincts.errors import GazetteerFileError
from callcenter.precincts.gazetteer_rows import (
    Address,
    Crossing,
    GazetteerRows,
    Landmark,
    Neighbourhood,
    Spelling,
)

GZIP_MAGIC = b"\x1f\x8b"
KINDS: Mapping[str, frozenset[str]] = {
    "crossings": frozenset({"street_a", "street_b", "lat", "lon"}),
    "house numbers": frozenset({"house_number", "street", "lat", "lon"}),
    "spellings": frozenset({"street", "raw_names"}),
    "neighbourhoods": frozenset({"neighbourhood", "borough"}),
    "named places": frozenset({"name", "lat", "lon"}),
    "points of interest": frozenset({"geometry", "NAME", "FACILITY_T", "BOROUGH"}),
}
FIELDS = (
    "street_a",
    "street_b",
    "house_number",
    "street",
    "raw_names",
    "neighbourhood",
    "name",
    "kind",
    "borough",
    "lat",
    "lon",
    "n",
)
BOROUGHS = {"1": "Manhattan", "2": "Bronx", "3": "Brooklyn", "4": "Queens", "5": "Staten Island"}
FACILITIES = {
    "1": "residence",
    "2": "school",
    "3": "culture",
    "4": "park",
    "5": "social service",
    "6": "transport",
    "7": "business",
    "8": "government",
    "9": "worship",
    "10": "hospital",
    "11": "emergency service",
    "12": "water",
    "13": "landmark",
}
SPECIAL_FACILITIES = {("6", "8"): "bridge", ("6", "9"): "tunnel", ("6", "4"): "airport"}
POINT_WKT = re.compile(r"POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)", re.IGNORECASE)

NAME_CHARS = 255
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is wrong: where (``row 7``), and what was expected."""

    line: int
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file holds: rows that are right, rows that are wrong, and the file's SHA-256."""

    rows: GazetteerRows
    bad: tuple[BadRow, ...]
    sha256: str


class _Wrong(Exception):
    """One row is wrong."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where + reason)
        self.where = where
        self.reason = reason


def read_gazetteer(path: Path, mapping: Mapping[str, str] | None = None) -> GazetteerRows:
    """Rows of one file. ``mapping``: our column name → the file's own.

    `GazetteerFileError` names the file, the first row that is wrong, and what was expected.
    """
    found = examine(path, mapping)
    for bad in found.bad:
        raise GazetteerFileError(f"{path}: {bad.where}: {bad.reason}")
    return found.rows


def examine(path: Path, mapping: Mapping[str, str] | None = None) -> Examined:
    """Rows of one file, and those that are wrong.

    `GazetteerFileError`: the file cannot be read at all, or its columns are not known.
    """
    try:
        given = path.read_bytes()
        raw = gzip.decompress(given) if given.startswith(GZIP_MAGIC) else given
        text = raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise GazetteerFileError(f"{path}: cannot be read: {error}") from error
    for ours in mapping or {}:
        if ours not in FIELDS:
            raise GazetteerFileError(
                f"{path}: --map {ours}: unknown field; expected one of {', '.join(FIELDS)}"
            )
    bad: list[BadRow] = []
    if text.lstrip().startswith("{"):
        columns, rows = _geojson(path, text, bad)
    else:
        columns, rows = _csv(path, text, bad)
    columns, rows = _renamed(path, columns, rows, mapping or {})
    found = _typed(path, columns, rows, bad)
    return Examined(found, tuple(bad), hashlib.sha256(given).hexdigest())


def _csv(path: Path, text: str, bad: list[BadRow]) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    reader = csv.DictReader(io.StringIO(text))
    try:
        columns = [column.strip() for column in reader.fieldnames or []]
    except csv.Error as error:
        raise GazetteerFileError(f"{path}: line 1: {error}; expected CSV with a header") from None
    reader.fieldnames = columns

    def rows() -> Iterator[tuple[int, Row]]:
        try:
            for row in reader:
                if None in row or None in row.values():
                    where = f"line {reader.line_num}"
                    reason = f"expected {len(columns)} columns"
                    bad.append(BadRow(reader.line_num, where, reason))
                    continue
                yield reader.line_num, row
        except csv.Error as error:
            raise GazetteerFileError(f"{path}: line {reader.line_num}: {error}") from None

    return columns, rows()


def _geojson(
    path: Path, text: str, bad: list[BadRow]
) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise GazetteerFileError(
            f"{path}: line {error.lineno}, column {error.colno}: {error.msg}; expected GeoJSON"
        ) from None
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise GazetteerFileError(f"{path}: expected a GeoJSON FeatureCollection")
    rows: list[tuple[int, Row]] = []
    columns: dict[str, None] = {"lat": None, "lon": None}
    for number, feature in enumerate(features):
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        properties = feature.get("properties") if isinstance(feature, Mapping) else None
        position = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
        if (
            not isinstance(geometry, Mapping)
            or geometry.get("type") != "Point"
            or not isinstance(position, list)
            or len(position) < 2
            or not isinstance(properties, Mapping)
        ):
            reason = "expected a Feature with properties and a Point"
            bad.append(BadRow(number, f"features[{number}]", reason))
            continue
        row = {key: "" if value is None else str(value) for key, value in properties.items()}
        row |= {"lat": str(position[1]), "lon": str(position[0])}
        columns |= dict.fromkeys(row)
        rows.append((number, row))
    return list(columns), iter(rows)


def _renamed(
    path: Path, columns: list[str], rows: Iterator[tuple[int, Row]], mapping: Mapping[str, str]
) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    if not mapping:
        return columns, rows
    for ours, theirs in mapping.items():
        if theirs not in columns:
            raise GazetteerFileError(
                f"{path}: --map {ours}={theirs}: no such column; found {', '.join(columns)}"
            )
    named = [*dict.fromkeys([*mapping, *columns])]
    return named, (
        (line, {**row, **{ours: row[theirs] for ours, theirs in mapping.items()}})
        for line, row in rows
    )


def _typed(
    path: Path, columns: list[str], rows: Iterator[tuple[int, Row]], bad: list[BadRow]
) -> GazetteerRows:
    kind = next((kind for kind, needed in KINDS.items() if needed <= set(columns)), None)
    if kind is None and bad and set(columns) <= {"lat", "lon"}:
        return GazetteerRows()  # no feature could be read: each of them is listed
    if kind is None:
        known = "; ".join(f"{kind}: {', '.join(sorted(needed))}" for kind, needed in KINDS.items())
        raise GazetteerFileError(
            f"{path}: columns {', '.join(columns) or '(none)'}; expected those of {known}; "
            "name others with --map"
        )
    result = GazetteerRows()
    for line, row in rows:
        try:
            _take(result, kind, row)
        except _Wrong as wrong:
            bad.append(BadRow(line, f"row {line}", f"{wrong.where}{wrong.reason}"))
    if not result.count and not bad and kind != "spellings":
        raise GazetteerFileError(f"{path}: no rows; expected {kind}")
    return result


def _take(result: GazetteerRows, kind: str, row: Row) -> None:
    """Add one row; `_Wrong` says what is not right about it."""
    district = _checked("borough", row.get("borough", "").strip())
    if kind == "crossings":
        lat, lon = _position(row)
        a, b = _text(row, "street_a"), _text(row, "street_b")
        sightings = int(row["n"]) if row.get("n", "").isdecimal() else 1
        result.crossings.append(Crossing(a, b, district, lat, lon, sightings))
    elif kind == "house numbers":
        lat, lon = _position(row)
        number, street = _text(row, "house_number"), _text(row, "street")
        result.addresses.append(Address(number, street, district, lat, lon))
    elif kind == "spellings":
        street = _text(row, "street")
        names = [_checked("raw_names", name.strip()) for name in row["raw_names"].split("|")]
        result.spellings.extend(Spelling(street, district, name) for name in names if name)
    elif kind == "neighbourhoods":
        if not district:
            raise _Wrong("borough", " is empty")
        result.neighbourhoods.append(Neighbourhood(_text(row, "neighbourhood"), district))
    elif kind == "named places":
        lat, lon = _position(row)
        what = _checked("kind", row.get("kind", "").strip())
        result.landmarks.append(Landmark(_text(row, "name"), what, district, lat, lon))
    else:
        result.landmarks.append(_point_of_interest(row))


def _point_of_interest(row: Row) -> Landmark:
    match = POINT_WKT.fullmatch(row["geometry"].strip())
    if match is None:
        raise _Wrong("geometry: ", "expected POINT (longitude latitude)")
    facility = row["FACILITY_T"].strip()
    kind = SPECIAL_FACILITIES.get((facility, row.get("FACI_DOM", "").strip()))
    name = " ".join(_text(row, "NAME").split())
    if kind in ("bridge", "tunnel") and name.isalpha():
        name = f"{name} {kind.upper()}"  # the file calls the Brooklyn Bridge "BROOKLYN"
    return Landmark(
        name,
        kind or FACILITIES.get(facility, ""),
        BOROUGHS.get(row["BOROUGH"].strip(), ""),
        *_position({"lat": match[2], "lon": match[1]}),
    )


def _text(row: Row, column: str) -> str:
    value = _checked(column, row[column].strip())
    if not value:
        raise _Wrong(column, " is empty")
    return value


def _checked(column: str, value: str) -> str:
    if len(value) > NAME_CHARS:
        raise _Wrong(column, f": {len(value)} characters; expected {NAME_CHARS} at most")
    if CONTROL.search(value):
        raise _Wrong(column, f": {value!r}: expected no control characters")
    return value


def _position(row: Row) -> tuple[float, float]:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError:
        lat, lon = math.nan, math.nan
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or lat == lon == 0:
        raise _Wrong("", f"lat {row['lat']!r}, lon {row['lon']!r}: expected WGS 84 degrees")
    return lat, lon
