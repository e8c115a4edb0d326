"""Every fault of a boundary file is found, named and placed."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.precincts.boundary_datum import foreign_crs, foreign_wkt
from callcenter.precincts.boundary_faults import Examined, examine, examine_file
from callcenter.precincts.boundary_files import drawing_of
from callcenter.precincts.datum import Datum, from_wgs84
from callcenter.precincts.drawn_areas import FaultKind
from callcenter.precincts.errors import BoundaryFileError

WRONG = Path(__file__).parent / "wrong_boundaries"

EXPECTED: dict[str, list[tuple[str, int | None, bool]]] = {
    "missing_id": [("missing_id", 2, True)],
    "blank_id": [("missing_id", 2, True)],
    "doubled_id": [("doubled_id", 2, True)],
    "no_geometry": [("empty", 2, True)],
    "no_positions": [("empty", 2, True)],
    "all_on_one_line": [("empty", 2, True)],
    "a_line": [("not_an_area", 2, True)],
    "words_for_figures": [("bad_position", 2, True)],
    "short_ring": [("short_ring", 2, True)],
    "open_ring": [("open_ring", 2, True)],
    "open_hole": [("open_ring", 1, True)],
    "on_the_moon": [("off_the_earth", 2, True)],
    "metres_of_a_projection": [("off_the_earth", 1, True)],
    "latitude_first_in_seoul": [("swapped", 1, True), ("swapped", 2, True)],
    "latitude_first_in_new_york": [("swapped", 1, True)],
    "bow_tie": [("self_crossing", 2, True)],
    "hole_crosses_itself": [("self_crossing", 1, True)],
    "hole_outside": [("hole_outside", 1, True)],
    "hole_half_outside": [("hole_outside", 1, True)],
    "parts_overlap": [("self_crossing", 2, True)],
    "crs_null": [("no_datum", None, True)],
    "crs_of_the_moon": [("unknown_datum", None, True)],
    "crs_in_metres": [("unknown_datum", None, True)],
    "overlap": [("overlap", 1, True)],
    "overlap_by_a_hair": [("overlap", 1, False)],
    "gap": [("gap", None, False)],
}


def looked_through(name: str, **options: Any) -> Examined:
    return examine_file(WRONG / f"{name}.geojson", "precinct", **options)


def told(examined: Examined) -> list[tuple[str, int | None, bool]]:
    return [(fault.kind.value, fault.feature, fault.refuses) for fault in examined.faults]


def test_every_wrong_file_is_expected_to_be_wrong() -> None:
    assert {file.stem for file in WRONG.glob("*.geojson")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_fault_is_found_at_its_feature(name: str) -> None:
    assert told(looked_through(name)) == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "lat", "lon"),
    [
        ("open_ring", 40.71, -73.99),
        ("bow_tie", 40.705, -73.985),
        ("hole_outside", 40.701, -73.979),
        ("hole_half_outside", 40.705, -74.0005),
        ("latitude_first_in_new_york", 40.7, -74.0),
        ("overlap", 40.705, -73.9925),
        ("gap", 40.715, -73.985),
    ],
)
def test_fault_says_where_on_the_map_it_is(name: str, lat: float, lon: float) -> None:
    fault = looked_through(name).faults[0]
    assert (fault.lat, fault.lon) == (pytest.approx(lat, abs=1e-3), pytest.approx(lon, abs=1e-3))


def test_overlaps_and_gaps_say_how_large_they_are() -> None:
    whole = 0.01 * 84_513 * 0.01 * 111_042
    assert looked_through("overlap").faults[0].area_m2 == pytest.approx(whole / 2, rel=0.01)
    assert looked_through("gap").faults[0].area_m2 == pytest.approx(whole, rel=0.01)
    assert looked_through("overlap").faults[0].other == "2"


def test_all_faults_are_found_not_only_the_first() -> None:
    features = []
    for name in ("open_ring", "bow_tie", "no_geometry", "missing_id"):
        document = json.loads((WRONG / f"{name}.geojson").read_text())
        features.append(document["features"][1])
    for number, feature in enumerate(features[:3]):
        feature["properties"]["precinct"] = number
    found = examine(
        drawing_of({"type": "FeatureCollection", "features": features}, "precinct", "all")
    )
    assert {fault.kind.value for fault in found.faults} == {
        "open_ring",
        "self_crossing",
        "empty",
        "missing_id",
    }
    assert found.refused


def paris(*, latitude_first: bool) -> dict[str, Any]:
    ring = [[2.3, 48.8], [2.4, 48.8], [2.4, 48.9], [2.3, 48.9], [2.3, 48.8]]
    ring = [[y, x] for x, y in ring] if latitude_first else ring
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"precinct": "1"}, "geometry": geometry}
    return {"type": "FeatureCollection", "features": [feature]}


def test_figures_that_could_be_either_are_known_by_the_city() -> None:
    near = (48.85, 2.35)
    turned = drawing_of(paris(latitude_first=True), "precinct", "paris")
    assert told(examine(turned, near=near)) == [("swapped", 1, True)]
    assert told(examine(turned)) == []
    right = drawing_of(paris(latitude_first=False), "precinct", "paris")
    assert told(examine(right, near=near)) == []
    assert told(examine(right, near=(40.7, -74.0))) == []


def test_crossing_by_a_hair_is_mended_and_told() -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0.4999, 1], [0.5001, 1.0001], [0.5, 0.9999], [0, 1]]
    ring.append(ring[0])
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"precinct": "1"}, "geometry": geometry}
    document = {"type": "FeatureCollection", "features": [feature]}
    found = examine(drawing_of(document, "precinct", "hair"))
    assert [(fault.kind, fault.refuses) for fault in found.faults] == [
        (FaultKind.SELF_CROSSING, False)
    ]
    assert found.areas[0].area.is_valid


def test_stated_datum_stands_in_for_none_but_not_for_a_foreign_one() -> None:
    assert not looked_through("crs_null", datum=Datum.WGS84).refused
    assert looked_through("crs_of_the_moon", datum=Datum.WGS84).refused


def test_shifted_maps_are_kept_as_wgs84() -> None:
    lat, lon = 26.65, 106.63
    shifted = from_wgs84(lat, lon, Datum.GCJ02)
    ring = [
        [shifted[1], shifted[0]],
        [shifted[1] + 0.1, shifted[0]],
        [shifted[1] + 0.1, shifted[0] + 0.1],
        [shifted[1], shifted[0]],
    ]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"precinct": "1"}, "geometry": geometry}
    drawing = drawing_of({"type": "FeatureCollection", "features": [feature]}, "precinct", "x")
    found = examine(drawing, datum=Datum.GCJ02)
    assert found.datum is Datum.GCJ02
    first = found.areas[0].area.exterior.coords[0]
    assert first == (pytest.approx(lon, abs=1e-7), pytest.approx(lat, abs=1e-7))


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4490"]
)
def test_names_of_wgs84_are_known(name: str) -> None:
    assert foreign_crs({"type": "name", "properties": {"name": name}}) is None


@pytest.mark.parametrize("crs", ["EPSG:4326", {}, {"properties": {"name": "EPSG:3857"}}, 7])
def test_other_crs_members_are_foreign(crs: object) -> None:
    assert foreign_crs(crs) is not None


WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


@pytest.mark.parametrize(
    ("wkt", "names"),
    [
        (WGS84, None),
        (WGS84.replace("D_WGS_1984", "D_China_2000"), None),
        ('GEOGCRS["WGS 84",ENSEMBLE["World Geodetic System 1984 ensemble",MEMBER["x"]]]', None),
        (WGS84.replace("D_WGS_1984", "D_Beijing_1954"), "Beijing"),
        (WGS84.replace("Greenwich", "Paris"), "Paris"),
        (f'PROJCS["NAD_1983_StatePlane_New_York",{WGS84}]', "projection"),
        ("EPSG:4326", "no well-known text"),
        ("", "no well-known text"),
    ],
)
def test_well_known_text_says_the_datum(wkt: str, names: str | None) -> None:
    foreign = foreign_wkt(wkt)
    assert (foreign is None) if names is None else (foreign is not None and names in foreign)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@given(coordinates=anything, kind=st.sampled_from(["Polygon", "MultiPolygon", "Point", None]))
def test_no_geometry_whatever_it_holds_breaks_the_check(coordinates: object, kind: object) -> None:
    feature = {
        "type": "Feature",
        "properties": {"precinct": "1"},
        "geometry": {"type": kind, "coordinates": coordinates},
    }
    document = {"type": "FeatureCollection", "features": [feature]}
    found = examine(drawing_of(document, "precinct", "any"))
    assert found.refused or len(found.areas) == 1


position = st.tuples(st.floats(-200, 200), st.floats(-100, 100)).map(list)


@given(rings=st.lists(st.lists(position, min_size=3, max_size=6), min_size=1, max_size=3))
def test_what_is_not_refused_can_be_asked(rings: list[list[list[float]]]) -> None:
    closed = [[*ring, ring[0]] for ring in rings]
    geometry = {"type": "Polygon", "coordinates": closed}
    feature = {"type": "Feature", "properties": {"precinct": "1"}, "geometry": geometry}
    document = {"type": "FeatureCollection", "features": [feature]}
    found = examine(drawing_of(document, "precinct", "any"))
    if not found.refused:
        middle = found.areas[0].area.representative_point()
        assert found.boundaries().find(middle.y, middle.x).precinct == "1"
    for fault in found.faults:
        assert fault.lat is None or math.isfinite(fault.lat)


def test_what_is_no_geojson_is_said_with_the_files_name(tmp_path: Path) -> None:
    file = tmp_path / "broken.geojson"
    for content in ("", "{", "[]", '{"type": "FeatureCollection", "features": []}'):
        file.write_text(content)
        with pytest.raises(BoundaryFileError, match=r"broken\.geojson"):
            examine_file(file, "precinct")
