"""Reading gazetteer files: CSV with a header, or GeoJSON points; plain or gzip.

The kind of a file is known by its columns:

- crossings: ``street_a, street_b, lat, lon`` (``borough``, ``n``)
- house numbers: ``house_number, street, lat, lon`` (``borough``)
- other spellings: ``street, raw_names`` (``borough``), names separated by a bar
- named places: ``name, lat, lon`` (``kind``, ``borough``)
- New York's points of interest (CommonPlace): ``geometry`` (WKT), ``NAME``, ``FACILITY_T``,
  ``FACI_DOM``, ``BOROUGH``

A file with other columns is read through a map from these names to its own. A file is taken
whole or not at all.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from callcenter.precincts.errors import GazetteerFileError
from callcenter.precincts.gazetteer_rows import (
    Address,
    Crossing,
    GazetteerRows,
    Landmark,
    Spelling,
)

GZIP_MAGIC = b"\x1f\x8b"
KINDS: Mapping[str, frozenset[str]] = {
    "crossings": frozenset({"street_a", "street_b", "lat", "lon"}),
    "house numbers": frozenset({"house_number", "street", "lat", "lon"}),
    "spellings": frozenset({"street", "raw_names"}),
    "named places": frozenset({"name", "lat", "lon"}),
    "points of interest": frozenset({"geometry", "NAME", "FACILITY_T", "BOROUGH"}),
}
FIELDS = (
    "street_a",
    "street_b",
    "house_number",
    "street",
    "raw_names",
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

Row = Mapping[str, str]


def read_gazetteer(path: Path, mapping: Mapping[str, str] | None = None) -> GazetteerRows:
    """Rows of one file. ``mapping``: our column name → the file's own.

    `GazetteerFileError` names the file, the row and what was expected.
    """
    try:
        raw = path.read_bytes()
        if raw.startswith(GZIP_MAGIC):
            raw = gzip.decompress(raw)
        text = raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise GazetteerFileError(f"{path}: cannot be read: {error}") from error
    for ours in mapping or {}:
        if ours not in FIELDS:
            raise GazetteerFileError(
                f"{path}: --map {ours}: unknown field; expected one of {', '.join(FIELDS)}"
            )
    if text.lstrip().startswith("{"):
        columns, rows = _geojson(path, text)
    else:
        columns, rows = _csv(path, text)
    columns, rows = _renamed(path, columns, rows, mapping or {})
    return _typed(path, columns, rows)


def _csv(path: Path, text: str) -> tuple[list[str], Iterator[tuple[int, Row]]]:
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
                    raise GazetteerFileError(
                        f"{path}: line {reader.line_num}: expected {len(columns)} columns"
                    )
                yield reader.line_num, row
        except csv.Error as error:
            raise GazetteerFileError(f"{path}: line {reader.line_num}: {error}") from None

    return columns, rows()


def _geojson(path: Path, text: str) -> tuple[list[str], Iterator[tuple[int, Row]]]:
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
            raise GazetteerFileError(
                f"{path}: features[{number}]: expected a Feature with properties and a Point"
            )
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


def _typed(path: Path, columns: list[str], rows: Iterator[tuple[int, Row]]) -> GazetteerRows:
    kind = next((kind for kind, needed in KINDS.items() if needed <= set(columns)), None)
    if kind is None:
        known = "; ".join(f"{kind}: {', '.join(sorted(needed))}" for kind, needed in KINDS.items())
        raise GazetteerFileError(
            f"{path}: columns {', '.join(columns) or '(none)'}; expected those of {known}; "
            "name others with --map"
        )
    result = GazetteerRows()
    for line, row in rows:
        where = f"{path}: row {line}"
        district = row.get("borough", "").strip()
        if kind == "crossings":
            lat, lon = _position(where, row)
            result.crossings.append(
                Crossing(
                    _text(where, row, "street_a"),
                    _text(where, row, "street_b"),
                    district,
                    lat,
                    lon,
                    int(row["n"]) if row.get("n", "").isdecimal() else 1,
                )
            )
        elif kind == "house numbers":
            lat, lon = _position(where, row)
            number, street = _text(where, row, "house_number"), _text(where, row, "street")
            result.addresses.append(Address(number, street, district, lat, lon))
        elif kind == "spellings":
            street = _text(where, row, "street")
            result.spellings.extend(
                Spelling(street, district, spelling.strip())
                for spelling in row["raw_names"].split("|")
                if spelling.strip()
            )
        elif kind == "named places":
            lat, lon = _position(where, row)
            name = _text(where, row, "name")
            result.landmarks.append(Landmark(name, row.get("kind", "").strip(), district, lat, lon))
        else:
            result.landmarks.append(_point_of_interest(where, row))
    if not result.count and kind != "spellings":
        raise GazetteerFileError(f"{path}: no rows; expected {kind}")
    return result


def _point_of_interest(where: str, row: Row) -> Landmark:
    match = POINT_WKT.fullmatch(row["geometry"].strip())
    if match is None:
        raise GazetteerFileError(f"{where}: geometry: expected POINT (longitude latitude)")
    facility = row["FACILITY_T"].strip()
    kind = SPECIAL_FACILITIES.get((facility, row.get("FACI_DOM", "").strip()))
    name = " ".join(_text(where, row, "NAME").split())
    if kind in ("bridge", "tunnel") and name.isalpha():
        name = f"{name} {kind.upper()}"  # the file calls the Brooklyn Bridge "BROOKLYN"
    return Landmark(
        name,
        kind or FACILITIES.get(facility, ""),
        BOROUGHS.get(row["BOROUGH"].strip(), ""),
        *_position(where, {"lat": match[2], "lon": match[1]}),
    )


def _text(where: str, row: Row, column: str) -> str:
    value = row[column].strip()
    if not value:
        raise GazetteerFileError(f"{where}: {column} is empty")
    return value


def _position(where: str, row: Row) -> tuple[float, float]:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError:
        lat, lon = math.nan, math.nan
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise GazetteerFileError(
            f"{where}: lat {row['lat']!r}, lon {row['lon']!r}: expected WGS 84 degrees"
        )
    return lat, lon
