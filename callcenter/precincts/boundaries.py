"""Precinct polygons: which precinct is responsible for a point on the map.

A boundary file is GeoJSON (RFC 7946): a FeatureCollection of Polygon and MultiPolygon features
in WGS 84 degrees, one feature a precinct, its id in a property. Plain or gzip. A file is taken
whole or not at all.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from callcenter.precincts.errors import BoundaryFileError

EARTH_A_M = 6_378_137.0
EARTH_E2 = 0.00669437999014
REPAIRABLE_SHARE = 0.001
"""A self-crossing ring is repaired when that changes the area by less than this share."""
SEARCH_STEPS = (0.5, 1.5, 5.0)
"""How far is looked for the nearest, in typical sizes of an area; then everywhere."""
AT_ONCE = 250
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a point lies.

    ``precinct`` is None outside all polygons; ``runner_up`` is the nearest other precinct.
    ``metres_to_boundary`` is the distance to the edge of ``precinct``, or, outside, to the
    nearest precinct.
    """

    precinct: str | None
    runner_up: str | None
    metres_to_boundary: float | None


@dataclass(frozen=True, slots=True)
class Precinct:
    """One precinct and its area, (lon, lat) in degrees."""

    id: str
    area: BaseGeometry


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Length of one degree of longitude and of latitude at ``lat``, on the WGS 84 ellipsoid."""
    sin2 = math.sin(math.radians(lat)) ** 2
    normal = EARTH_A_M / math.sqrt(1 - EARTH_E2 * sin2)
    meridian = EARTH_A_M * (1 - EARTH_E2) / (1 - EARTH_E2 * sin2) ** 1.5
    return math.radians(normal * math.cos(math.radians(lat))), math.radians(meridian)


def metres_between(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Distance of two points that are some kilometres apart at most."""
    east, north = metres_per_degree((lat_a + lat_b) / 2)
    return math.hypot((lon_a - lon_b) * east, (lat_a - lat_b) * north)


class Boundaries:
    """Precinct polygons with an index over them."""

    def __init__(self, precincts: Sequence[Precinct]) -> None:
        self.precincts = tuple(precincts)
        self._areas = [precinct.area for precinct in self.precincts]
        self._ids = [precinct.id for precinct in self.precincts]
        self._tree = shapely.STRtree(self._areas)
        self._edges = [shapely.boundary(area) for area in self._areas]
        south, north = shapely.total_bounds(self._areas)[[1, 3]]
        east, upward = metres_per_degree((south + north) / 2)
        self._squeeze = east / upward
        """Degrees of longitude times this are as long as degrees of latitude, nearly."""
        # Some at a time: one call over all of a large city would hold up every other thread.
        squeezed = [
            shapely.transform(self._areas[start : start + AT_ONCE], self._squeezed_positions)
            for start in range(0, len(self._areas), AT_ONCE)
        ]
        self._squeezed = np.concatenate([np.asarray(part) for part in squeezed])
        self._squeezed_tree = shapely.STRtree(self._squeezed)
        size_deg = float(np.median(np.sqrt(shapely.area(self._squeezed))))
        self._steps_deg = tuple(step * size_deg for step in SEARCH_STEPS)
        shapely.prepare(self._areas)

    @classmethod
    def load(cls, path: Path, id_property: str = "precinct") -> Self:
        """Read a GeoJSON file; `BoundaryFileError` says what is wrong with it."""
        try:
            raw = path.read_bytes()
            if raw.startswith(GZIP_MAGIC):
                raw = gzip.decompress(raw)
            document = json.loads(raw)
        except (OSError, EOFError, UnicodeDecodeError, RecursionError) as error:
            raise BoundaryFileError(f"{path}: cannot be read: {error}") from error
        except json.JSONDecodeError as error:
            raise BoundaryFileError(
                f"{path}: line {error.lineno}, column {error.colno}: {error.msg}; expected GeoJSON"
            ) from None
        return cls.from_geojson(document, id_property, str(path))

    @classmethod
    def from_geojson(cls, document: object, id_property: str, source: str) -> Self:
        """Precincts of a GeoJSON document; ``source`` is what error messages call it."""
        if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
            raise BoundaryFileError(f"{source}: expected a GeoJSON FeatureCollection")
        features = document.get("features")
        if not isinstance(features, list) or not features:
            raise BoundaryFileError(f"{source}: features: expected a list with a feature in it")
        precincts: list[Precinct] = []
        first_seen: dict[str, int] = {}
        for number, feature in enumerate(features):
            place = f"{source}: features[{number}]"
            precinct = _precinct(feature, id_property, place)
            if precinct.id in first_seen:
                raise BoundaryFileError(
                    f"{place}: precinct {precinct.id} was given by features"
                    f"[{first_seen[precinct.id]}] already; expected one feature a precinct"
                )
            first_seen[precinct.id] = number
            precincts.append(precinct)
        return cls(precincts)

    @classmethod
    def from_texts(cls, areas: Iterable[tuple[str, str]], source: str) -> Self:
        """Areas that were checked and stored: ids and GeoJSON geometries as text.

        Raises `BoundaryFileError` for what is no area all the same.
        """
        precincts = []
        for name, text in areas:
            try:
                area = shapely.from_geojson(text)
            except shapely.errors.GEOSException as error:
                raise BoundaryFileError(f"{source}: area {name}: {error}") from None
            if not isinstance(area, shapely.Polygon | shapely.MultiPolygon) or area.is_empty:
                raise BoundaryFileError(f"{source}: area {name}: expected a polygon")
            precincts.append(Precinct(name, area))
        if not precincts:
            raise BoundaryFileError(f"{source}: expected an area in it")
        return cls(precincts)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all precincts in the file's order."""
        return tuple(self._ids)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle (lat, lon) of the rectangle around all of them."""
        west, south, east, north = (float(v) for v in shapely.total_bounds(self._areas))
        return (south + north) / 2, (west + east) / 2

    def find(self, lat: float, lon: float) -> Found:
        """The precinct of a point, the next nearest one, and how far its edge is."""
        if not (math.isfinite(lat) and math.isfinite(lon)):
            return Found(None, None, None)
        point = shapely.Point(lon, lat)
        inside = [int(i) for i in self._tree.query(point, predicate="intersects")]
        others = [i for i in self._nearest(point, len(inside) + 1) if i not in inside]
        if not inside:
            nearest = others[0]
            metres = self._metres_to(nearest, lat, lon)
            return Found(None, self._ids[nearest], round(metres, 1))
        # Drawn borders overlap by a hair; there the precinct that the file names first has it.
        home = min(inside)
        beside = [i for i in inside if i != home] + others
        return Found(
            self._ids[home],
            self._ids[beside[0]] if beside else None,
            round(self._metres_to(home, lat, lon), 1),
        )

    def neighbours(self, precinct: str) -> tuple[str, ...]:
        """Precincts that touch this one, the longest shared border first."""
        if precinct not in self._ids:
            return ()
        own = self._ids.index(precinct)
        area = shapely.buffer(self._areas[own], 2e-4)
        shared = [
            (shapely.length(shapely.intersection(self._edges[int(i)], area)), self._ids[int(i)])
            for i in self._tree.query(area, predicate="intersects")
            if int(i) != own
        ]
        return tuple(name for _, name in sorted(shared, reverse=True))

    def outline(self, precinct: str) -> dict[str, Any] | None:
        """GeoJSON geometry of one precinct, or None."""
        if precinct not in self._ids:
            return None
        area = self._areas[self._ids.index(precinct)]
        geometry: dict[str, Any] = json.loads(shapely.to_geojson(area))
        return geometry

    def around(self, lat: float, lon: float, reach_m: float) -> tuple[Precinct, ...]:
        """What of each area lies in the square about a point whose sides are twice ``reach_m``."""
        east, north = (reach_m / metres for metres in metres_per_degree(lat))
        square = (lon - east, lat - north, lon + east, lat + north)
        near = sorted(self._tree.query(shapely.box(*square), predicate="intersects"))
        parts = shapely.clip_by_rect([self._areas[int(at)] for at in near], *square)
        return tuple(
            Precinct(self._ids[int(at)], part)
            for at, part in zip(near, parts, strict=True)
            if isinstance(part, Polygon | MultiPolygon) and not part.is_empty
        )

    def geojson(self) -> dict[str, Any]:
        """All precincts as a FeatureCollection with the property ``precinct``."""
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"precinct": name},
                    "geometry": self.outline(name),
                }
                for name in self._ids
            ],
        }

    def _squeezed_positions(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        narrower: NDArray[np.float64] = at * np.array([self._squeeze, 1.0])
        return narrower

    def _nearest(self, point: shapely.Point, wanted: int) -> list[int]:
        """Polygons by distance, the nearest first; at least so many where there are so many."""
        squeezed = shapely.Point(point.x * self._squeeze, point.y)
        found = np.arange(len(self._ids))
        for reach in self._steps_deg:
            near = self._squeezed_tree.query(squeezed, predicate="dwithin", distance=reach)
            if len(near) >= wanted:
                found = near
                break
        order = np.argsort(shapely.distance(self._squeezed[found], squeezed), kind="stable")
        return [int(i) for i in found[order]]

    def _metres_to(self, index: int, lat: float, lon: float) -> float:
        """Distance of the point to a polygon's edge, in a projection centred on the point."""
        scale = np.array(metres_per_degree(lat))
        centre = np.array([lon, lat])

        def project(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
            metres: NDArray[np.float64] = (degrees - centre) * scale
            return metres

        edge = shapely.transform(self._edges[index], project)
        return float(shapely.distance(edge, shapely.Point(0.0, 0.0)))


def _precinct(feature: object, id_property: str, place: str) -> Precinct:
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise BoundaryFileError(f"{place}: expected a GeoJSON Feature")
    properties = feature.get("properties")
    if not isinstance(properties, Mapping):
        raise BoundaryFileError(f"{place}.properties: expected an object")
    value = properties.get(id_property)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        known = ", ".join(sorted(map(str, properties))) or "none"
        raise BoundaryFileError(
            f"{place}.properties.{id_property}: expected the precinct's id; "
            f"properties there: {known}"
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    name = str(value).strip()
    return Precinct(name, _area(feature.get("geometry"), f"{place} (precinct {name}).geometry"))


def _area(geometry: object, place: str) -> BaseGeometry:
    if not isinstance(geometry, Mapping):
        raise BoundaryFileError(f"{place}: expected a Polygon or MultiPolygon, found none")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise BoundaryFileError(f"{place}.type: expected Polygon or MultiPolygon, found {kind!r}")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise BoundaryFileError(f"{place}.coordinates: expected a list of polygons")
    parts = []
    for p, rings in enumerate(polygons):
        where = f"{place}.coordinates" + (f"[{p}]" if kind == "MultiPolygon" else "")
        if not isinstance(rings, list) or not rings:
            raise BoundaryFileError(f"{where}: expected a list of rings")
        checked = [_ring(ring, f"{where}[{r}]") for r, ring in enumerate(rings)]
        parts.append(shapely.Polygon(checked[0], checked[1:]))
    area: BaseGeometry = parts[0] if kind == "Polygon" else shapely.MultiPolygon(parts)
    return area if area.is_valid else _repaired(area, place)


def _ring(ring: object, place: str) -> list[tuple[float, float]]:
    if not isinstance(ring, list) or len(ring) < 4:
        raise BoundaryFileError(f"{place}: expected a ring of 4 positions or more")
    points: list[tuple[float, float]] = []
    for number, position in enumerate(ring):
        if (
            not isinstance(position, list)
            or len(position) < 2
            or any(isinstance(v, bool) or not isinstance(v, int | float) for v in position[:2])
        ):
            raise BoundaryFileError(f"{place}[{number}]: expected [longitude, latitude]")
        lon, lat = position[:2]
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise BoundaryFileError(
                f"{place}[{number}]: [{lon}, {lat}] is not longitude and latitude in degrees; "
                "expected WGS 84"
            )
        points.append((float(lon), float(lat)))
    if points[0] != points[-1]:
        raise BoundaryFileError(f"{place}: expected a closed ring (first position = last)")
    return points


def _repaired(area: BaseGeometry, place: str) -> BaseGeometry:
    """Rings that cross themselves by a hair, mended; `BoundaryFileError` for others."""
    mend = mended(area)
    if mend is None:
        why = shapely.is_valid_reason(area)
        raise BoundaryFileError(f"{place}: expected rings that do not cross, found: {why}")
    return mend


def mended(area: BaseGeometry) -> BaseGeometry | None:
    """An area whose rings cross by a hair, as drawn maps often do; None: by more than that."""
    with np.errstate(invalid="ignore"):  # figures that differ by next to nothing
        mend = shapely.make_valid(area, method="structure", keep_collapsed=False)
    loss = shapely.area(shapely.symmetric_difference(shapely.buffer(area, 0), mend))
    if (
        mend.is_empty
        or not mend.is_valid
        or loss > REPAIRABLE_SHARE * mend.area
        or abs(shapely.area(area) - mend.area) > REPAIRABLE_SHARE * mend.area
    ):
        return None
    return mend
