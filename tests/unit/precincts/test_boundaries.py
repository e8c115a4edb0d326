"""Points and polygons, and boundary files that are wrong."""

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from callcenter.precincts.boundaries import Boundaries, Found, metres_between, metres_per_degree
from callcenter.precincts.errors import BoundaryFileError

LAT = 40.7


def square(west: float, south: float, size: float = 0.01) -> list[list[float]]:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(name: object, *rings: list[list[float]], **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"precinct": name, **properties},
        "geometry": {"type": "Polygon", "coordinates": list(rings)},
    }


def two_squares() -> dict[str, Any]:
    """West: -74.00 … -73.99, east: -73.99 … -73.98, both 40.70 … 40.71."""
    return {
        "type": "FeatureCollection",
        "features": [feature(1, square(-74.0, LAT)), feature("2", square(-73.99, LAT))],
    }


def loaded(document: object) -> Boundaries:
    return Boundaries.from_geojson(document, "precinct", "city.geojson")


def test_point_is_found_with_its_neighbour_and_distance_in_metres() -> None:
    found = loaded(two_squares()).find(LAT + 0.005, -73.992)
    east_m, _ = metres_per_degree(LAT + 0.005)
    assert (found.precinct, found.runner_up) == ("1", "2")
    assert found.metres_to_boundary == pytest.approx(0.002 * east_m, abs=0.1)
    assert found.metres_to_boundary == pytest.approx(169.0, abs=0.5)


def test_distances_agree_with_the_ellipsoid() -> None:
    # A degree at 40.7° north: 84,442 m of longitude and 111,042 m of latitude (WGS 84).
    assert metres_per_degree(40.7) == pytest.approx((84_513, 111_042), rel=1e-3)
    assert metres_between(40.7, -74, 40.71, -74) == pytest.approx(1110.4, abs=0.5)


def test_point_outside_has_no_precinct_but_the_nearest_one_is_named() -> None:
    found = loaded(two_squares()).find(LAT + 0.005, -73.979)
    assert (found.precinct, found.runner_up) == (None, "2")
    assert found.metres_to_boundary == pytest.approx(84.5, abs=0.5)


def test_point_in_a_hole_is_outside() -> None:
    ring, hole = square(-74.0, LAT), square(-73.996, LAT + 0.004, 0.002)
    holed = loaded({"type": "FeatureCollection", "features": [feature(1, ring, hole)]})
    assert holed.find(LAT + 0.005, -73.995).precinct is None
    assert holed.find(LAT + 0.001, -73.995).precinct == "1"


def test_point_on_a_shared_border_belongs_to_one_and_names_the_other() -> None:
    found = loaded(two_squares()).find(LAT + 0.005, -73.99)
    assert found == Found("1", "2", 0.0)


def test_single_precinct_has_no_runner_up() -> None:
    alone = loaded({"type": "FeatureCollection", "features": [feature("a", square(-74, LAT))]})
    assert alone.find(LAT + 0.005, -73.995).runner_up is None


def test_position_that_is_no_number_is_nowhere() -> None:
    assert loaded(two_squares()).find(float("nan"), -74.0) == Found(None, None, None)


def test_neighbours_come_with_the_longest_border_first() -> None:
    document = two_squares()
    document["features"].append(feature(3, square(-74.002, LAT + 0.01, 0.005)))
    assert loaded(document).neighbours("1") == ("2", "3")
    assert loaded(document).neighbours("nowhere") == ()


def test_outlines_round_trip_as_geojson() -> None:
    city = loaded(two_squares())
    again = loaded(city.geojson())
    assert again.ids == city.ids == ("1", "2")
    assert again.outline("2") == city.outline("2")
    assert city.outline("9") is None


def broken(change: str) -> object:
    document = two_squares()
    second = document["features"][1]
    ring = second["geometry"]["coordinates"][0]
    match change:
        case "not a collection":
            return second
        case "no features":
            document["features"] = []
        case "not a feature":
            document["features"][1] = {"type": "Point"}
        case "no id":
            second["properties"] = {"name": "east"}
        case "id twice":
            second["properties"]["precinct"] = 1
        case "line":
            second["geometry"]["type"] = "LineString"
        case "no geometry":
            second["geometry"] = None
        case "open ring":
            ring.pop()
        case "short ring":
            del ring[2:]
        case "metres":
            ring[2] = [987654.0, 210000.0]
        case "words":
            ring[2] = ["east", "north"]
        case "bow tie":
            ring[1], ring[2] = ring[2], ring[1]
    return document


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("not a collection", "expected a GeoJSON FeatureCollection"),
        ("no features", "features: expected a list"),
        ("not a feature", r"features\[1\]: expected a GeoJSON Feature"),
        ("no id", r"features\[1\]\.properties\.precinct: expected.*properties there: name"),
        ("id twice", r"features\[1\]: precinct 1 was given by features\[0\]"),
        ("line", r"features\[1\] \(precinct 2\)\.geometry\.type: .* found 'LineString'"),
        ("no geometry", r"features\[1\] .*geometry: expected a Polygon"),
        ("open ring", r"coordinates\[0\]: expected a closed ring"),
        ("short ring", r"coordinates\[0\]: expected a ring of 4"),
        ("metres", r"coordinates\[0\]\[2\]: .*expected WGS 84"),
        ("words", r"coordinates\[0\]\[2\]: expected \[longitude, latitude\]"),
        ("bow tie", r"precinct 2.*do not cross"),
    ],
)
def test_wrong_file_names_feature_and_what_was_expected(change: str, said: str) -> None:
    with pytest.raises(BoundaryFileError, match=said) as caught:
        loaded(broken(change))
    assert "city.geojson" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"\x1f\x8b rest of nothing", b"[1, 2]", b"null"],
    ids=["empty", "cut off", "not UTF-8", "broken gzip", "a list", "null"],
)
def test_file_that_is_no_geojson_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.geojson"
    file.write_bytes(content)
    with pytest.raises(BoundaryFileError, match=r"bad\.geojson"):
        Boundaries.load(file, "precinct")


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BoundaryFileError, match=r"none\.geojson"):
        Boundaries.load(tmp_path / "none.geojson", "precinct")


def test_gzip_file_and_other_id_property_are_read(tmp_path: Path) -> None:
    document = copy.deepcopy(two_squares())
    for each in document["features"]:
        each["properties"] = {"adcode": each["properties"]["precinct"]}
    file = tmp_path / "city.geojson.gz"
    file.write_bytes(gzip.compress(json.dumps(document).encode()))
    assert Boundaries.load(file, "adcode").ids == ("1", "2")


def test_stored_areas_are_read_as_they_were(boundaries: Boundaries) -> None:
    texts = [(name, json.dumps(boundaries.outline(name))) for name in boundaries.ids]
    assert Boundaries.from_texts(texts, "version 1").geojson() == boundaries.geojson()


@pytest.mark.parametrize(
    "text",
    ["null", "{", '{"type":"Point","coordinates":[1,2]}', '{"type":"Polygon","coordinates":[]}'],
)
def test_stored_area_that_is_none_is_named(text: str) -> None:
    with pytest.raises(BoundaryFileError, match="version 1: area 19"):
        Boundaries.from_texts([("19", text)], "version 1")
    with pytest.raises(BoundaryFileError, match="expected an area"):
        Boundaries.from_texts([], "version 1")


def test_new_york_has_77_precincts_that_leave_no_gap(boundaries: Boundaries) -> None:
    assert len(boundaries.ids) == 77
    assert boundaries.find(40.75723, -73.98979).precinct == "14"  # 8 Avenue, West 42 Street
    assert boundaries.find(40.77373, -73.95969).precinct == "19"  # Lexington, East 77 Street
    assert "17" in boundaries.neighbours("19")


def test_new_york_data_stays_under_a_megabyte() -> None:
    from callcenter.precincts.gazetteer import CITY

    assert sum(file.stat().st_size for file in CITY.glob("*.gz")) < 1_000_000
    assert "NYC Open Data" in (CITY / "SOURCES.md").read_text("utf-8")
