"""Areas of a shapefile: ``.shp`` with ``.dbf`` (and ``.prj``, ``.cpg``), or all of them in a zip.

A shapefile says what its figures refer to only in its ``.prj``. Its outer rings turn clockwise,
its holes the other way, and which hole is whose is not written: the smallest ring around it has it.
"""

from __future__ import annotations

import io
import itertools
import struct
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import shapely

from callcenter.precincts.boundary_datum import foreign_wkt
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

SUFFIXES = frozenset({".shp", ".dbf", ".shx", ".prj"})
PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")
NEEDED = (".shp", ".dbf")
MOST_BYTES = 512 * 1024 * 1024
"""Of one part, unpacked."""
POLYGON_TYPES = frozenset({5, 15, 25})
"""Polygon, with heights, with measures (ESRI Shapefile Technical Description, 1998)."""
NULL_SHAPE = 0
DEFAULT_ENCODING = "utf-8"


def of_files(path: Path, id_property: str) -> Drawing:
    """The shapefile that this is one part of."""
    parts: dict[str, bytes] = {}
    for other in sorted(path.parent.iterdir()):
        if other.stem == path.stem and other.suffix.lower() in PARTS:
            parts[other.suffix.lower()] = other.read_bytes()
    return _drawing(parts, id_property, str(path))


def of_zip(raw: bytes, id_property: str, source: str) -> Drawing:
    """The one shapefile of a zip file."""
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            names = [each for each in packed.namelist() if not each.startswith("__MACOSX/")]
            shapes = [each for each in names if each.lower().endswith(".shp")]
            if len(shapes) != 1:
                told = ", ".join(shapes[:5]) or "none"
                raise BoundaryFileError(f"{source}: expected one .shp in the zip, found {told}")
            stem = shapes[0][:-4]
            for name in names:
                suffix = name[-4:].lower()
                if name[:-4] == stem and suffix in PARTS:
                    if packed.getinfo(name).file_size > MOST_BYTES:
                        raise BoundaryFileError(f"{source}: {name}: too large when unpacked")
                    parts[suffix] = packed.read(name)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise BoundaryFileError(f"{source}: the zip cannot be unpacked: {error}") from error
    return _drawing(parts, id_property, source)


def _drawing(parts: Mapping[str, bytes], id_property: str, source: str) -> Drawing:
    import shapefile

    for needed in NEEDED:
        if needed not in parts:
            raise BoundaryFileError(f"{source}: its {needed} is missing")
    drawing = Drawing(source)
    _look_at_projection(parts.get(".prj"), drawing)
    encoding = parts.get(".cpg", b"").decode("ascii", "replace").strip() or DEFAULT_ENCODING
    files = {
        name[1:]: io.BytesIO(parts[name]) for name in (".shp", ".dbf", ".shx") if name in parts
    }
    try:
        with (
            warnings.catch_warnings(action="error", category=shapefile.PossiblyCorruptFileHeader),
            shapefile.Reader(**files, encoding=_encoding(encoding)) as reader,
        ):
            if reader.shapeType not in POLYGON_TYPES:
                raise BoundaryFileError(
                    f"{source}: expected polygons, found {reader.shapeTypeName.lower()}s"
                )
            for number, entry in enumerate(reader.iterShapeRecords(), 1):
                name = area_id(entry.record.as_dict(), id_property, number, drawing)
                rings = _rings(entry.shape) if entry.shape.shapeType != NULL_SHAPE else []
                if not rings:
                    text = "a shape without positions"
                    drawing.faults.append(Fault(FaultKind.EMPTY, text, feature=number, id=name))
                drawing.areas.append(Drawn(number, name, _polygons(rings)))
    except UnicodeDecodeError:
        raise _not_in(encoding, source) from None
    except LookupError:
        raise BoundaryFileError(f"{source}: .cpg: no such encoding: {encoding[:40]}") from None
    except (
        shapefile.ShapefileException,
        shapefile.PossiblyCorruptFileHeader,
        struct.error,
        OSError,
        EOFError,
        ValueError,
        TypeError,
        MemoryError,
        OverflowError,
        AssertionError,
    ) as error:
        told = str(error)[:200] or type(error).__name__
        if "decode" in told:
            raise _not_in(encoding, source) from None
        raise BoundaryFileError(f"{source}: is no whole shapefile: {told}") from error
    if not drawing.areas:
        raise BoundaryFileError(f"{source}: expected a shape in it")
    return drawing


def _not_in(encoding: str, source: str) -> BoundaryFileError:
    return BoundaryFileError(
        f"{source}: its .dbf is not {encoding[:40]}; put a .cpg with the name of its encoding "
        "beside it (such as GBK or EUC-KR)"
    )


def _encoding(name: str) -> str:
    """Python's name of a code page: ESRI writes bare numbers for those of Windows."""
    return f"cp{name}" if name.isdigit() else name


def _look_at_projection(text: bytes | None, drawing: Drawing) -> None:
    if text is None:
        said = "no .prj beside it: nothing says what its figures refer to; say --datum"
        drawing.faults.append(Fault(FaultKind.NO_DATUM, said))
        return
    foreign = foreign_wkt(text.decode("utf-8", "replace").lstrip("\ufeff"))
    if foreign is None:
        drawing.datum = Datum.WGS84
    else:
        said = f".prj names {foreign}; expected degrees of WGS 84 (convert the file)"
        drawing.faults.append(Fault(FaultKind.UNKNOWN_DATUM, said))


def _rings(shape: object) -> list[list[tuple[float, float]]]:
    points = [position(float(point[0]), float(point[1])) for point in getattr(shape, "points", ())]
    starts = [*getattr(shape, "parts", ()), len(points)]
    return [points[a:b] for a, b in itertools.pairwise(starts) if b > a]


def _polygons(rings: Sequence[list[tuple[float, float]]]) -> list[list[Ring]]:
    outer = [ring for ring in rings if _turn(ring) < 0]
    holes = [ring for ring in rings if _turn(ring) >= 0]
    if not outer:
        # Some programs turn every ring the wrong way: then none of them is a hole.
        return [[ring] for ring in rings]
    polygons: list[list[Ring]] = [[ring] for ring in outer]
    around = [shapely.Polygon(ring) if len(ring) > 3 else shapely.Polygon() for ring in outer]
    for hole in holes:
        inside = [
            (area.area, at)
            for at, area in enumerate(around)
            if shapely.intersects_xy(area, hole[0][0], hole[0][1])
        ]
        # A hole that nothing surrounds stays with the first, where it is found outside.
        polygons[min(inside)[1] if inside else 0].append(hole)
    return polygons


def _turn(ring: Sequence[tuple[float, float]]) -> float:
    """Twice the area; negative for a ring that turns clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
