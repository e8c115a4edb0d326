"""Where a caller's phone is, sent to a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.api import shapes
from callcenter.precincts.boundaries import metres_between
from tests.unit.api.conftest import sign_in

PATH = "/api/v1/calls/1.1/position"
GOOD = {"latitude": 40.63, "longitude": -74.0284, "accuracy_m": 30}


def ago(**span):
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


async def test_operator_sends_a_position(api, operator):
    async with operator.post(PATH, json=GOOD | {"at": ago(seconds=5)}) as answer:
        assert answer.status == 200, await answer.text()
        shown = await answer.json()
    shapes.CallPosition.model_validate(shown)
    assert (shown["latitude"], shown["datum"], shown["by"]) == (40.63, "WGS-84", "s01")
    ((_, call_id, given, by),) = api.floor.asked
    assert (call_id, given.accuracy_m, by) == ("1.1", 30, "s01")


async def test_position_of_a_chinese_map_is_kept_as_wgs84(api, operator):
    shown = {"latitude": 39.9101237, "longitude": 116.4037237, "accuracy_m": 5, "datum": "gcj02"}
    async with operator.post(PATH, json=shown) as answer:
        assert answer.status == 200
    ((_, _, given, _),) = api.floor.asked
    assert metres_between(given.lat, given.lon, 39.9087202, 116.3974799) < 1.0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"latitude": 384_400}, "latitude"),
        ({"longitude": -181}, "longitude"),
        ({"latitude": "40.6"}, "latitude"),
        ({"accuracy_m": -1}, "accuracy_m"),
        ({"accuracy_m": 1e9}, "accuracy_m"),
        ({"latitude": 0, "longitude": 0}, "0, 0"),
        ({"at": "2026-03-01T12:00:00"}, "at"),
        ({"at": ago(minutes=-5)}, "future"),
        ({"at": ago(days=1)}, "older"),
        ({"datum": "nad27"}, "datum"),
        ({"speed": 3}, "speed"),
    ],
)
async def test_what_is_no_position_is_refused_by_name(api, operator, change, named):
    async with operator.post(PATH, json=GOOD | change) as answer:
        assert answer.status == 400
        assert named in await answer.text()
    assert api.floor.asked == []


async def test_officer_says_no_positions(api):
    async with api.browser() as officer:
        await sign_in(officer, "o19a")
        async with officer.post(PATH, json=GOOD) as answer:
            assert answer.status == 403
    assert api.floor.asked == []
