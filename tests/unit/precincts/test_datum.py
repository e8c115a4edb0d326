"""Chinese datums and WGS-84."""

import pytest

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.datum import Datum, from_wgs84, to_wgs84
from callcenter.precincts.gazetteer_rows import GazetteerRows, Landmark

CITIES = [(39.90882, 116.39748), (26.5685, 106.7147), (22.5431, 114.0579), (43.8256, 87.6168)]


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("at", CITIES)
def test_there_and_back_is_within_a_centimetre(datum: Datum, at: tuple[float, float]) -> None:
    shown = from_wgs84(*at, datum)
    assert metres_between(*shown, *at) > 100
    assert metres_between(*to_wgs84(*shown, datum), *at) < 0.01


def test_known_points_of_chinese_maps() -> None:
    """Tiananmen as it is published in the three datums."""
    wgs = (39.9087202, 116.3974799)
    assert metres_between(*from_wgs84(*wgs, Datum.GCJ02), 39.9101237, 116.4037237) < 1.0
    assert metres_between(*from_wgs84(*wgs, Datum.BD09), 39.9164620, 116.4100892) < 1.0


def test_nothing_is_shifted_outside_china() -> None:
    assert to_wgs84(40.75, -73.98, Datum.BD09) == (40.75, -73.98)


def test_rows_of_another_datum_are_kept_as_wgs84() -> None:
    shown = from_wgs84(26.5685, 106.7147, Datum.GCJ02)
    rows = GazetteerRows(landmarks=[Landmark("青云市集", "market", "南明区", *shown)])
    (row,) = rows.in_wgs84(Datum.GCJ02).landmarks
    assert metres_between(row.lat, row.lon, 26.5685, 106.7147) < 1.0
