"""Where officers are: what is believed, for how long, and who is near."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.rosters.errors import PositionRefused
from callcenter.rosters.model import Position
from callcenter.rosters.positions import Positions

NOW = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)
TIMES_SQUARE = (40.7580, -73.9855)


def at(officer="o1", lat=40.7580, lon=-73.9855, accuracy_m=10.0, ago_s=0.0):
    return Position(officer, lat, lon, accuracy_m, NOW - timedelta(seconds=ago_s))


def positions(*known):
    found = Positions(lambda lat, lon: 0.0 if abs(lat - 40.7) < 1 else 8_000_000.0)
    for each in known:
        found.take(each, NOW)
    return found


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (at(lat=91.0), "lat: 91 is not on Earth"),
        (at(lon=384_400.0), "lon: 384400 is not on Earth"),
        (at(lat=float("nan")), "lat: nan is not on Earth"),
        (at(lat=0.67, lon=23.47), "8000 km from the nearest precinct"),
        (at(accuracy_m=-1.0), "accuracy_m"),
        (at(ago_s=-120), "120 s in the future"),
        (at(ago_s=60), "out of order"),
        (at("o2", ago_s=2 * 86400), "more than a day old"),
    ],
)
def test_position_that_cannot_be_true_is_refused_by_name_and_the_last_one_stays(wrong, why):
    known = positions(at(ago_s=10))
    with pytest.raises(PositionRefused, match=why):
        known.take(wrong, NOW)
    assert known.last("o1") == at(ago_s=10)


def test_nearest_first_and_the_old_and_the_coarse_do_not_count():
    known = positions(
        at("far", lat=40.80),
        at("near", lat=40.759),
        at("old", ago_s=301),
        at("coarse", accuracy_m=1500),
        at("off_duty"),
    )
    near = known.near(*TIMES_SQUARE, NOW, lambda officer: officer != "off_duty", within_m=10_000)
    assert [officer for officer, _ in near] == ["near", "far"]
    assert near[0][1] == pytest.approx(111, abs=1)
    close = known.near(*TIMES_SQUARE, NOW, lambda officer: True, within_m=1000, most=1)
    assert [officer for officer, _ in close] == ["off_duty"]


def test_what_could_not_be_stored_is_given_again():
    known = positions(at("o1"), at("o2"))
    first = known.unsaved()
    assert [each.officer for each in first] == ["o1", "o2"]
    assert known.unsaved() == []
    known.not_saved(first)
    assert known.unsaved() == first
