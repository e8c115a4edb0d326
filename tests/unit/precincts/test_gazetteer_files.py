"""Gazetteer files: known columns, mapped columns, wrong rows."""

import gzip
import json
from pathlib import Path

import pytest

from callcenter.precincts.candidates import candidates
from callcenter.precincts.errors import GazetteerFileError
from callcenter.precincts.gazetteer import Gazetteer, house_number
from callcenter.precincts.gazetteer_files import read_gazetteer
from callcenter.precincts.gazetteer_rows import Crossing, GazetteerRows, Landmark
from callcenter.precincts.mentions import read_mentions

CROSSINGS = (
    "street_a,street_b,borough,lat,lon,n,source,precinct\nMain Street,Oak Road,West,1.5,2.5,7,c,9\n"
)
ADDRESSES = "house_number,street,borough,lat,lon,source\n10,Main Street,West,1.0,2.0,c\n"
STREETS = "street,borough,crossings,addresses,raw_names\nMain Street,West,1,1,MAIN ST|HIGH ST\n"
PLACES = (
    "geometry,SEGMENTID,FACI_DOM,BOROUGH,FACILITY_T,NAME\n"
    "POINT (-73.99 40.70),1,8,3,6,BROOKLYN\nPOINT (-73.98 40.71),1,1,1,4,CITY HALL PARK\n"
)


def written(tmp_path: Path, text: str, name: str = "file.csv") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_crossings_are_known_by_their_columns(tmp_path: Path) -> None:
    rows = read_gazetteer(written(tmp_path, CROSSINGS))
    assert rows.crossings == [Crossing("Main Street", "Oak Road", "West", 1.5, 2.5, 7)]


def test_addresses_and_spellings_are_known_by_their_columns(tmp_path: Path) -> None:
    assert len(read_gazetteer(written(tmp_path, ADDRESSES)).addresses) == 1
    spellings = read_gazetteer(written(tmp_path, STREETS)).spellings
    assert [s.spelling for s in spellings] == ["MAIN ST", "HIGH ST"]


def test_points_of_interest_get_borough_kind_and_their_bridge(tmp_path: Path) -> None:
    rows = read_gazetteer(written(tmp_path, PLACES)).landmarks
    assert rows[0] == Landmark("BROOKLYN BRIDGE", "bridge", "Brooklyn", 40.70, -73.99)
    assert (rows[1].kind, rows[1].district) == ("park", "Manhattan")


def test_other_columns_are_named_by_a_map(tmp_path: Path) -> None:
    file = written(tmp_path, "TITLE;x\n".replace(";", ",") + "Town Hall,1\n")
    with pytest.raises(GazetteerFileError, match="columns TITLE, x; expected"):
        read_gazetteer(file)
    file = written(tmp_path, "TITLE,Y,X\nTown Hall,40.5,-73.5\n")
    rows = read_gazetteer(file, {"name": "TITLE", "lat": "Y", "lon": "X"})
    assert rows.landmarks == [Landmark("Town Hall", "", "", 40.5, -73.5)]


def test_geojson_points_and_gzip_are_read(tmp_path: Path) -> None:
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "甲秀楼", "kind": "landmark"},
                "geometry": {"type": "Point", "coordinates": [106.72, 26.57]},
            }
        ],
    }
    file = tmp_path / "places.geojson.gz"
    file.write_bytes(gzip.compress(json.dumps(document).encode()))
    assert read_gazetteer(file).landmarks == [Landmark("甲秀楼", "landmark", "", 26.57, 106.72)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CROSSINGS.replace("1.5", "north"), r"row 2: lat 'north'"),
        (CROSSINGS.replace("1.5", "95"), r"row 2: .*expected WGS 84"),
        (CROSSINGS.replace("Oak Road", " "), r"row 2: street_b is empty"),
        (CROSSINGS + "Main Street,Elm\n", r"line 3: expected 8 columns"),
        (CROSSINGS.splitlines()[0] + "\n", "no rows"),
        (PLACES.replace("POINT (-73.98 40.71)", "NOWHERE"), r"row 3: geometry: expected POINT"),
        ("", "columns"),
        ("{", "line 1, column 2"),
        ('{"type": "FeatureCollection", "features": [{}]}', r"features\[0\]: expected a Feature"),
    ],
)
def test_wrong_file_names_the_row_and_what_was_expected(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(GazetteerFileError, match=said) as caught:
        read_gazetteer(written(tmp_path, text))
    assert "file.csv" in str(caught.value)


def test_map_of_an_unknown_field_or_column_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, "TITLE,Y,X\nTown Hall,40.5,-73.5\n")
    with pytest.raises(GazetteerFileError, match="unknown field"):
        read_gazetteer(file, {"title": "TITLE"})
    with pytest.raises(GazetteerFileError, match="no such column"):
        read_gazetteer(file, {"name": "NAME"})


def test_house_number_lies_between_its_neighbours(tmp_path: Path) -> None:
    text = ADDRESSES + "20,Main Street,West,2.0,4.0,c\n"
    gazetteer = Gazetteer.load([written(tmp_path, text)])
    assert gazetteer.address(0, 12) is not None
    assert gazetteer.address(0, 900) is None
    assert house_number("108-05") == 10805
    assert house_number("none") is None


def test_spoken_house_number_is_resolved_where_numbers_are_known(tmp_path: Path) -> None:
    gazetteer = Gazetteer.load([written(tmp_path, ADDRESSES)])
    best = candidates(gazetteer, [read_mentions(gazetteer, "I live at ten Main Street")])[0]
    assert (best.text, best.kind) == ("10 Main Street, West", "address")


def test_square_that_no_row_names_is_known_by_what_stands_around_it() -> None:
    rows = GazetteerRows(
        landmarks=[
            Landmark(f"HERALD SQUARE {what}", "business", "Manhattan", 40.75 + i / 10_000, -73.99)
            for i, what in enumerate(("HOTEL", "CHURCH", "MALL"))
        ]
    )
    gazetteer = Gazetteer(rows)
    best = candidates(gazetteer, [read_mentions(gazetteer, "I am in Herald Square")])[0]
    assert (best.text, best.kind) == ("Herald Square, Manhattan", "area")
