"""Whatever the index says of a point, looking at every area says the same."""

import shapely

from callcenter.bench.boundaries import SIDE_DEG, SOUTH, BruteForce, made_city, random_points
from callcenter.precincts.boundaries import Boundaries, Precinct, metres_per_degree
from callcenter.precincts.coverage_faults import coverage_faults


def test_index_and_looking_at_every_area_agree() -> None:
    city = made_city(400, seed=1)
    brute = BruteForce(city.precincts)
    points = random_points(2000, seed=2)
    assert [city.find(*at).precinct for at in points] == [brute.find(*at) for at in points]
    assert {brute.find(*at) for at in points} > {None, "1"}


def test_nearest_other_area_agrees_with_looking_at_every_area() -> None:
    city = made_city(60, seed=3)
    east, north = metres_per_degree(SOUTH + SIDE_DEG / 2)
    flat = {
        each.id: shapely.transform(each.area, lambda at: at * [east, north])
        for each in city.precincts
    }
    for lat, lon in random_points(300, seed=4):
        found = city.find(lat, lon)
        point = shapely.Point(lon * east, lat * north)
        away = {name: area.distance(point) for name, area in flat.items()}
        others = {name: metres for name, metres in away.items() if name != found.precinct}
        assert found.runner_up is not None
        assert others[found.runner_up] <= min(others.values()) + 1.0


def test_made_cities_are_the_same_every_time_and_leave_no_gap() -> None:
    one, again = made_city(50, seed=9), made_city(50, seed=9)
    assert one.geojson() == again.geojson()
    assert len(one.ids) == 50
    assert coverage_faults(one.precincts, {}) == []


def test_point_in_an_overlap_belongs_to_the_first_area_of_the_file() -> None:
    areas = [Precinct("a", shapely.box(0, 0, 2, 2)), Precinct("b", shapely.box(1, 0, 3, 2))]
    assert Boundaries(areas).find(1, 1.5).precinct == BruteForce(areas).find(1, 1.5) == "a"
    assert Boundaries(areas[::-1]).find(1, 1.5).precinct == "b"
