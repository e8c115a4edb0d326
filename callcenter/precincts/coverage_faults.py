"""Areas beside each other: where two overlap, and what all of them together leave out inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from callcenter.precincts.boundaries import Precinct, metres_per_degree
from callcenter.precincts.drawn_areas import Fault, FaultKind

NOTICED_M2 = 1.0
"""Smaller slivers come from rounding; no caller stands in one."""
OVERLAP_REFUSED_SHARE = 0.01
"""An overlap of more of the smaller area than this is no drawn border but a doubled area."""


def square_metres(shape: BaseGeometry) -> float:
    """Area of a shape that is some tens of kilometres wide at most."""
    if shape.is_empty:
        return 0.0
    _, south, _, north = shapely.bounds(shape)
    east, upward = metres_per_degree((south + north) / 2)
    return float(shape.area) * east * upward


def coverage_faults(areas: Sequence[Precinct], numbers: Mapping[str | None, int]) -> list[Fault]:
    """Overlaps and enclosed gaps; ``numbers`` are the features' numbers by id."""
    shapes = np.array([each.area for each in areas], dtype=object)
    return [*_overlaps(areas, shapes, numbers), *_gaps(areas, shapes)]


def overlaps(shapes: NDArray[np.object_]) -> list[tuple[int, int, BaseGeometry]]:
    """Pairs of shapes with a common area that counts, and that area."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    shared = shapely.intersection(shapes[one], shapes[other])
    some = shapely.area(shared) > 0
    return [
        (int(a), int(b), part)
        for a, b, part in zip(one[some], other[some], shared[some], strict=True)
        if square_metres(part) >= NOTICED_M2
    ]


def gaps(shapes: NDArray[np.object_]) -> list[BaseGeometry]:
    """What the shapes enclose together and none of them covers."""
    union = shapely.union_all(shapes)
    holes = [
        shapely.Polygon(ring)
        for part in shapely.get_parts(union)
        for ring in getattr(part, "interiors", ())
    ]
    # An island in a hole is a part of the union of its own.
    left = [shapely.difference(hole, union) for hole in holes]
    return [shape for shape in left if square_metres(shape) >= NOTICED_M2]


def _overlaps(
    areas: Sequence[Precinct],
    shapes: NDArray[np.object_],
    numbers: Mapping[str | None, int],
) -> list[Fault]:
    faults = []
    for a, b, part in overlaps(shapes):
        if areas[a].id == areas[b].id:
            continue  # one id twice is said already
        size = square_metres(part)
        smaller = min(square_metres(areas[a].area), square_metres(areas[b].area))
        share = size / smaller if smaller else 1.0
        at = part.representative_point()
        faults.append(
            Fault(
                FaultKind.OVERLAP,
                f"{size:,.0f} m² ({share:.2%} of the smaller one) also belong to {areas[b].id}",
                numbers.get(areas[a].id),
                areas[a].id,
                at.y,
                at.x,
                size,
                areas[b].id,
                refuses=share > OVERLAP_REFUSED_SHARE,
                shape=part,
            )
        )
    return sorted(faults, key=lambda fault: -(fault.area_m2 or 0.0))


def _gaps(areas: Sequence[Precinct], shapes: NDArray[np.object_]) -> list[Fault]:
    faults = []
    for gap in gaps(shapes):
        size = square_metres(gap)
        at = gap.representative_point()
        faults.append(
            Fault(
                FaultKind.GAP,
                f"{size:,.0f} m² are enclosed and belong to nobody",
                lat=at.y,
                lon=at.x,
                area_m2=size,
                refuses=False,
                shape=gap,
            )
        )
    return sorted(faults, key=lambda fault: -(fault.area_m2 or 0.0))
