"""Boundaries as text say what they say as values."""

import json

import pytest
import shapely
from shapely.geometry import shape

from callcenter.bench.boundaries import made_city
from callcenter.precincts.boundaries import Boundaries, metres_per_degree
from callcenter.precincts.boundary_text import around_text, collection_text, features_text


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


def test_about_a_point_an_area_without_a_corner_nearby_is_there_and_ends_at_the_square() -> None:
    city = made_city(400, seed=3)
    whole = {each.id: each.area for each in city.precincts}
    lat, lon = city.centre
    for reach_m in (150.0, 3000.0):
        east, north = metres_per_degree(lat)
        square = shapely.box(
            lon - reach_m / east, lat - reach_m / north, lon + reach_m / east, lat + reach_m / north
        )
        drawn = json.loads(around_text(city, lat, lon, reach_m))["features"]
        shown = {each["properties"]["precinct"]: shape(each["geometry"]) for each in drawn}
        assert sum(area.area for area in shown.values()) == pytest.approx(square.area)
        for name, area in shown.items():
            assert area.difference(whole[name].buffer(1e-9)).area == pytest.approx(0, abs=1e-12)
        assert len(json.dumps(drawn)) < len(features_text(city)) / 2
    assert json.loads(around_text(city, 0.0, 0.0, 3000.0))["features"] == []
