"""Boundaries as GeoJSON text, made piece by piece.

A large city is tens of megabytes: turned into text at once, it would hold up every other thread
for most of a second. This is to be called in a thread of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

import shapely
from shapely.geometry.base import BaseGeometry

from callcenter.precincts.boundaries import Boundaries, metres_per_degree

TEXTS_KEPT = 4
"""Every console asks for the same ones."""


@lru_cache(maxsize=TEXTS_KEPT)
def features_text(boundaries: Boundaries, within_m: float = 0.0) -> str:
    """A JSON list of features with the property ``precinct``, WGS 84.

    ``within_m``: how far borders may be drawn beside where they are, for fewer corners. Borders
    of neighbours stay one.
    """
    areas = [each.area for each in boundaries.precincts]
    if within_m:
        _, metres = metres_per_degree(boundaries.centre[0])
        areas = list(shapely.coverage_simplify(areas, within_m / metres))
    return _features(zip(boundaries.ids, areas, strict=True))


def collection_text(boundaries: Boundaries) -> str:
    """All areas as a GeoJSON FeatureCollection."""
    return _collection(features_text(boundaries))


def around_text(boundaries: Boundaries, lat: float, lon: float, reach_m: float) -> str:
    """What of the areas lies in a square about a point, as a GeoJSON FeatureCollection."""
    parts = boundaries.around(lat, lon, reach_m)
    return _collection(_features((part.id, part.area) for part in parts))


def _collection(features: str) -> str:
    return f'{{"type":"FeatureCollection","features":{features}}}'


def _features(areas: Iterable[tuple[str, BaseGeometry]]) -> str:
    pieces = (
        f'{{"type":"Feature","properties":{{"precinct":{json.dumps(name, ensure_ascii=False)}}},'
        f'"geometry":{shapely.to_geojson(area)}}}'
        for name, area in areas
    )
    return f"[{','.join(pieces)}]"
