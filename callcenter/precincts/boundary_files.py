"""Boundary files as they are drawn: GeoJSON (RFC 7946, plain or gzip) and shapefiles.

Reading judges nothing but what cannot be read at all (`BoundaryFileError`); what is wrong with
single features becomes a fault beside the others (`callcenter.precincts.boundary_faults`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path

from callcenter.precincts import shapefile_areas
from callcenter.precincts.boundary_datum import foreign_crs
from callcenter.precincts.datum import Datum
from callcenter.precincts.drawn_areas import (
    Drawing,
    Drawn,
    Fault,
    FaultKind,
    Ring,
    area_id,
    position,
)
from callcenter.precincts.errors import BoundaryFileError

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
MOST_BYTES = 1024 * 1024 * 1024
_NO_FIGURE = (math.nan, math.nan)


def read_boundary_file(path: Path, id_property: str) -> Drawing:
    """What a file draws; `BoundaryFileError` when it is no boundary file at all."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BoundaryFileError(f"{path}: cannot be read: {error}") from error
    if raw.startswith(ZIP_MAGIC):
        drawing = shapefile_areas.of_zip(raw, id_property, str(path))
    elif path.suffix.lower() in shapefile_areas.SUFFIXES:
        drawing = shapefile_areas.of_files(path, id_property)
    else:
        drawing = drawing_of(geojson_document(raw, str(path)), id_property, str(path))
    drawing.sha256 = hashlib.sha256(raw).hexdigest()
    return drawing


def geojson_document(raw: bytes, source: str) -> object:
    """The JSON of a file, unpacked."""
    try:
        if raw.startswith(GZIP_MAGIC):
            raw = gzip.decompress(raw)
        if len(raw) > MOST_BYTES:
            raise BoundaryFileError(f"{source}: larger than {MOST_BYTES // 1024**2} MiB")
        return json.loads(raw)
    except (OSError, EOFError, UnicodeDecodeError, RecursionError) as error:
        raise BoundaryFileError(f"{source}: cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        raise BoundaryFileError(
            f"{source}: line {error.lineno}, column {error.colno}: {error.msg}; expected GeoJSON"
        ) from None


def drawing_of(document: object, id_property: str, source: str) -> Drawing:
    """What a GeoJSON document draws."""
    if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
        raise BoundaryFileError(f"{source}: expected a GeoJSON FeatureCollection")
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise BoundaryFileError(f"{source}: features: expected a list with a feature in it")
    drawing = Drawing(source, datum=Datum.WGS84)
    _look_at_crs(document, drawing)
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, Mapping) else None
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        name = area_id(properties, id_property, number, drawing)
        drawing.areas.append(Drawn(number, name, _polygons(geometry, number, name, drawing)))
    return drawing


def _look_at_crs(document: Mapping[str, object], drawing: Drawing) -> None:
    if "crs" not in document:
        return
    crs = document["crs"]
    if crs is None:
        drawing.datum = None
        text = "crs is null: the file says that nothing is known of its figures; say --datum"
        drawing.faults.append(Fault(FaultKind.NO_DATUM, text))
        return
    foreign = foreign_crs(crs)
    if foreign is not None:
        drawing.datum = None
        text = f"crs names {foreign}; expected degrees of WGS 84 (convert the file)"
        drawing.faults.append(Fault(FaultKind.UNKNOWN_DATUM, text))


def _polygons(
    geometry: object, number: int, name: str | None, drawing: Drawing
) -> list[list[Ring]]:
    def fault(kind: FaultKind, text: str) -> list[list[Ring]]:
        drawing.faults.append(Fault(kind, text, feature=number, id=name))
        return []

    if not isinstance(geometry, Mapping):
        return fault(FaultKind.EMPTY, "no geometry; expected a Polygon or MultiPolygon")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        text = f"{str(kind)[:40]}; expected Polygon or MultiPolygon"
        return fault(FaultKind.NOT_AN_AREA, text)
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons or polygons == [[]]:
        return fault(FaultKind.EMPTY, f"a {kind} without positions")
    read: list[list[Ring]] = []
    for part in polygons:
        if not isinstance(part, list) or not part:
            return fault(FaultKind.EMPTY, f"a {kind} with a part without positions")
        rings: list[Ring] = []
        for ring in part:
            if not isinstance(ring, list):
                return fault(FaultKind.BAD_POSITION, "expected a ring: a list of positions")
            positions = [_read_position(each) for each in ring]
            if _NO_FIGURE in positions:
                at = positions.index(_NO_FIGURE) + 1
                text = f"position {at} of a ring; expected [longitude, latitude]"
                return fault(FaultKind.BAD_POSITION, text)
            rings.append(positions)
        read.append(rings)
    return read


def _read_position(given: object) -> tuple[float, float]:
    if not isinstance(given, list) or len(given) < 2:
        return _NO_FIGURE
    x, y = given[:2]
    if isinstance(x, bool) or isinstance(y, bool):
        return _NO_FIGURE
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return _NO_FIGURE
    try:
        return position(float(x), float(y))
    except OverflowError:
        return math.inf, math.inf
