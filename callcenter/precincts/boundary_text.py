"""Boundaries as GeoJSON text, made piece by piece.

A large city is tens of megabytes: turned into text at once, it would hold up every other thread
for most of a second. This is to be called in a thread of its own.
"""

from __future__ import annotations

import json
from functools import lru_cache

import shapely

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
    pieces = (
        f'{{"type":"Feature","properties":{{"precinct":{json.dumps(name, ensure_ascii=False)}}},'
        f'"geometry":{shapely.to_geojson(area)}}}'
        for name, area in zip(boundaries.ids, areas, strict=True)
    )
    return f"[{','.join(pieces)}]"


def collection_text(boundaries: Boundaries) -> str:
    """All areas as a GeoJSON FeatureCollection."""
    return f'{{"type":"FeatureCollection","features":{features_text(boundaries)}}}'
