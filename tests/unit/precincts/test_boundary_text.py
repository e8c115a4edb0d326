"""Boundaries as text say what they say as values."""

import json

from callcenter.bench.boundaries import made_city
from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.boundary_text import collection_text, features_text


def test_text_is_the_same_geojson(boundaries: Boundaries) -> None:
    assert json.loads(collection_text(boundaries)) == boundaries.geojson()


def test_fewer_corners_leave_neighbours_one_border() -> None:
    city = made_city(60, seed=3)
    simple = json.loads(features_text(city, 100.0))
    again = Boundaries.from_geojson(
        {"type": "FeatureCollection", "features": simple}, "precinct", "simplified"
    )
    assert len(features_text(city, 100.0)) < len(features_text(city)) / 2
    assert again.ids == city.ids
    for name in city.ids:
        assert set(again.neighbours(name)) == set(city.neighbours(name))
