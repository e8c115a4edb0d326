"""What is wrong with the areas that a boundary file draws, fault by fault, each with its place.

All faults are found, not only the first. Those that would make answers wrong refuse the file;
rings that cross by a hair are mended, and gaps and slivers of overlap are only told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from callcenter.precincts.boundaries import Boundaries, Precinct, mended, metres_between
from callcenter.precincts.boundary_files import read_boundary_file
from callcenter.precincts.coverage_faults import coverage_faults
from callcenter.precincts.datum import Datum, to_wgs84
from callcenter.precincts.drawn_areas import Drawing, Drawn, Fault, FaultKind, Ring

FAR_M = 1_000_000.0
"""Farther from the city than this is elsewhere."""
NEAR_M = 500_000.0
NOBODY_SOUTH_OF = -60.0
"""Antarctica has no precincts: what lies there has its figures the wrong way round."""
LEAST_AREA_DEG2 = 1e-14
"""About a square decimetre."""
_PLACE = re.compile(r"^(.*?)\s*\[\s*(\S+)\s+(\S+?)\s*\]$")


@dataclass(slots=True)
class Examined:
    """A file that was looked through. ``areas`` are those without refusing faults, WGS 84."""

    source: str
    sha256: str
    datum: Datum
    areas: list[Precinct] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether the file must not be put to use."""
        return any(fault.refuses for fault in self.faults)

    def accept(self, kind: FaultKind) -> None:
        """Take faults of this kind as warnings, because a person says so."""
        self.faults = [
            replace(fault, refuses=False) if fault.kind is kind else fault for fault in self.faults
        ]

    def boundaries(self) -> Boundaries:
        """The areas, ready to be asked. Only of a file that is not refused."""
        return Boundaries(self.areas)


def examine_file(
    path: Path,
    id_property: str,
    *,
    datum: Datum | None = None,
    near: tuple[float, float] | None = None,
) -> Examined:
    """Read a file and find its faults; `BoundaryFileError` when it is no boundary file.

    ``datum`` is for files that do not say theirs. ``near``: a point (lat, lon) of the city, by
    which figures that stand the wrong way round are known where they could be either.
    """
    return examine(read_boundary_file(path, id_property), datum=datum, near=near)


def examine(
    drawing: Drawing, *, datum: Datum | None = None, near: tuple[float, float] | None = None
) -> Examined:
    """Find the faults of what was read."""
    foreign = any(fault.kind is FaultKind.UNKNOWN_DATUM for fault in drawing.faults)
    faults = [
        fault for fault in drawing.faults if datum is None or fault.kind is not FaultKind.NO_DATUM
    ]
    used = datum or drawing.datum or Datum.WGS84
    found = Examined(drawing.source, drawing.sha256, used, faults=faults)
    faults += _doubled(drawing.areas)
    for area in drawing.areas:
        if not area.polygons:
            continue  # said while reading
        own = _Judge(area, near, degrees=not foreign)
        shape = own.judged()
        faults += own.faults
        if shape is not None and area.id is not None:
            found.areas.append(Precinct(area.id, _in_wgs84(shape, used)))
    if found.areas and not foreign:
        numbers = {area.id: area.number for area in reversed(drawing.areas)}
        faults += coverage_faults(found.areas, numbers)
    return found


def _doubled(areas: Sequence[Drawn]) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for area in areas:
        if area.id is None:
            continue
        if area.id in first:
            text = f"feature {first[area.id]} has this id already; expected one feature an area"
            faults.append(Fault(FaultKind.DOUBLED_ID, text, feature=area.number, id=area.id))
        else:
            first[area.id] = area.number
    return faults


def _in_wgs84(shape: BaseGeometry, datum: Datum) -> BaseGeometry:
    if datum is Datum.WGS84:
        return shape

    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        positions = [to_wgs84(lat, lon, datum) for lon, lat in points.tolist()]
        return np.array(positions, dtype=np.float64).reshape(-1, 2)[:, ::-1]

    return shapely.transform(shape, convert)


class _Judge:
    """One feature's rings, looked at one after another."""

    def __init__(self, area: Drawn, near: tuple[float, float] | None, *, degrees: bool) -> None:
        self._area = area
        self._near = near
        self._degrees = degrees
        self.faults: list[Fault] = []

    def judged(self) -> BaseGeometry | None:
        """The area, mended where that changes next to nothing; None when it refuses."""
        if self._degrees and self._misplaced():
            return None
        for polygon in self._area.polygons:
            for ring in polygon:
                self._closed(ring)
        if self.faults or self._flat():
            return None
        parts = [self._polygon(polygon) for polygon in self._area.polygons]
        if any(fault.kind is not FaultKind.SELF_CROSSING for fault in self.faults):
            return None
        whole: BaseGeometry = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
        if not self.faults and not whole.is_valid:
            self._crossing(whole, "parts of the area overlap")
        if not self.faults:
            return whole
        mend = mended(whole)
        if mend is None:
            return None
        self.faults = [
            replace(each, text=f"{each.text}; by a hair, and mended", refuses=False)
            for each in self.faults
        ]
        return mend

    def _fault(self, kind: FaultKind, text: str, at: tuple[float, float] | None = None) -> None:
        lon, lat = at if at is not None and all(map(math.isfinite, at)) else (None, None)
        self.faults.append(Fault(kind, text, self._area.number, self._area.id, lat, lon))

    def _flat(self) -> bool:
        """Whether a part has no area. By its hull: the halves of a bow tie undo each other."""
        for polygon in self._area.polygons:
            if shapely.MultiPoint(polygon[0]).convex_hull.area <= LEAST_AREA_DEG2:
                text = "all positions of a ring lie on one line or point"
                self._fault(FaultKind.EMPTY, text, polygon[0][0])
                return True
        return False

    def _misplaced(self) -> bool:
        points = [at for polygon in self._area.polygons for ring in polygon for at in ring]
        if not points:
            return False
        wrong = [at for at in points if not _on_earth(*at)]
        turned = all(_on_earth(y, x) for x, y in points)
        if turned and len(wrong) > len(points) / 2:
            text = "the second figure is no latitude, the first could be: expected longitude first"
            self._fault(FaultKind.SWAPPED, text, (points[0][1], points[0][0]))
        elif wrong:
            x, y = wrong[0]
            more = f", and {len(wrong) - 1} more positions" if len(wrong) > 1 else ""
            text = f"[{x:g}, {y:g}] is no longitude and latitude in degrees{more}"
            self._fault(FaultKind.OFF_THE_EARTH, text)
        elif turned and self._elsewhere(points):
            text = "lies far from the city, and would not with latitude and longitude exchanged"
            self._fault(FaultKind.SWAPPED, text, (points[0][1], points[0][0]))
        return bool(self.faults)

    def _elsewhere(self, points: Sequence[tuple[float, float]]) -> bool:
        lon, lat = points[0]
        if lat < NOBODY_SOUTH_OF and lon >= NOBODY_SOUTH_OF:
            return True
        if self._near is None:
            return False
        as_given = metres_between(lat, lon, *self._near)
        exchanged = metres_between(lon, lat, *self._near)
        return as_given > FAR_M and exchanged < NEAR_M

    def _closed(self, ring: Ring) -> None:
        if len(ring) < 3 or (len(ring) == 3 and ring[0] == ring[-1]):
            at = ring[0] if ring else None
            self._fault(FaultKind.SHORT_RING, f"a ring of {len(ring)} positions; expected 4", at)
        elif ring[0] != ring[-1]:
            text = f"a ring of {len(ring)} positions whose last is not its first"
            self._fault(FaultKind.OPEN_RING, text, ring[-1])

    def _polygon(self, rings: Sequence[Ring]) -> shapely.Polygon:
        shell = shapely.Polygon(rings[0])
        if not shell.is_valid:
            self._crossing(shell, "the outer ring crosses itself")
        for number, ring in enumerate(rings[1:], 1):
            hole = shapely.Polygon(ring)
            if not hole.is_valid:
                self._crossing(hole, f"hole {number} crosses itself")
            elif shell.is_valid:
                outside = shapely.difference(hole, shell)
                if outside.area > LEAST_AREA_DEG2:
                    text = f"hole {number} lies outside the outer ring, wholly or in part"
                    at = outside.representative_point()
                    self._fault(FaultKind.HOLE_OUTSIDE, text, (at.x, at.y))
        whole = shapely.Polygon(rings[0], rings[1:])
        if not self.faults and not whole.is_valid:
            self._crossing(whole, "its rings cross or lie within each other")
        return whole

    def _crossing(self, shape: BaseGeometry, text: str) -> None:
        place = _PLACE.match(shapely.is_valid_reason(shape))
        at = (float(place.group(2)), float(place.group(3))) if place else None
        why = f" ({place.group(1).lower()})" if place else ""
        self._fault(FaultKind.SELF_CROSSING, f"{text}{why}", at)


def _on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90
