"""Areas as a boundary file draws them, and what can be wrong with them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from callcenter.precincts.datum import Datum

Ring = Sequence[tuple[float, float]]
"""Positions as they stand in the file: x (longitude) and y (latitude), not judged yet."""


DECIMALS = 9
"""Of a degree, a tenth of a millimetre. Finer figures only upset geometry."""


def position(x: float, y: float) -> tuple[float, float]:
    """A position as it is judged."""
    return round(x, DECIMALS), round(y, DECIMALS)


class FaultKind(StrEnum):
    """What is wrong; the first group is of the file as a whole."""

    NO_DATUM = "no_datum"
    """Nothing says what the figures refer to."""
    UNKNOWN_DATUM = "unknown_datum"
    """The file names something else than degrees of WGS 84 or one that equals it."""
    MISSING_ID = "missing_id"
    DOUBLED_ID = "doubled_id"
    EMPTY = "empty"
    """No area: no geometry, no positions, or all of them on one line."""
    NOT_AN_AREA = "not_an_area"
    """A point or a line."""
    BAD_POSITION = "bad_position"
    """Not two figures."""
    SHORT_RING = "short_ring"
    OPEN_RING = "open_ring"
    OFF_THE_EARTH = "off_the_earth"
    SWAPPED = "swapped"
    """Latitude stands where longitude should."""
    SELF_CROSSING = "self_crossing"
    HOLE_OUTSIDE = "hole_outside"
    OVERLAP = "overlap"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault and its place. ``refuses``: answers would be wrong with it."""

    kind: FaultKind
    text: str
    feature: int | None = None
    """Its number in the file, from 1."""
    id: str | None = None
    lat: float | None = None
    lon: float | None = None
    area_m2: float | None = None
    other: str | None = None
    """The id of the other area of an overlap."""
    refuses: bool = True
    shape: BaseGeometry | None = None
    """Of a gap or an overlap, WGS 84."""

    def drawn_json(self) -> dict[str, Any]:
        """As JSON values with the ``geometry`` of a gap or an overlap, to be drawn on a map."""
        outline = None if self.shape is None else json.loads(shapely.to_geojson(self.shape))
        return self.to_json() | {"geometry": outline}

    def to_json(self) -> dict[str, Any]:
        """As JSON values; what is not known is null."""
        return {
            "kind": self.kind.value,
            "text": self.text,
            "feature": self.feature,
            "id": self.id,
            "lat": self.lat,
            "lon": self.lon,
            "area_m2": None if self.area_m2 is None else round(self.area_m2, 1),
            "other": self.other,
            "refuses": self.refuses,
        }

    def __str__(self) -> str:
        where = [] if self.feature is None else [f"feature {self.feature}"]
        where += [] if self.id is None else [f"id {self.id}"]
        if self.lat is not None and self.lon is not None:
            where.append(f"at {self.lat:.6f}, {self.lon:.6f}")
        place = f"{', '.join(where)}: " if where else ""
        return f"{self.kind.value}: {place}{self.text}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One feature of a file. ``polygons``: for each its rings, the outer one first."""

    number: int
    id: str | None
    polygons: Sequence[Sequence[Ring]]


@dataclass(slots=True)
class Drawing:
    """What was read of a file, and the faults that reading it showed."""

    source: str
    areas: list[Drawn] = field(default_factory=list)
    datum: Datum | None = None
    """What the file says of its figures, or the standard says for it; None: nothing usable."""
    faults: list[Fault] = field(default_factory=list)
    sha256: str = ""


def area_id(properties: object, id_property: str, number: int, drawing: Drawing) -> str | None:
    """The id of a feature; None, and a fault, when it has none."""
    known = properties if isinstance(properties, Mapping) else {}
    value = known.get(id_property)
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    name = "" if isinstance(value, bool) or not isinstance(value, str | int | float) else str(value)
    if name.strip():
        return name.strip()
    there = ", ".join(sorted(map(str, known))) or "none"
    text = f"no {id_property}; properties there: {there}"
    drawing.faults.append(Fault(FaultKind.MISSING_ID, text, feature=number))
    return None
