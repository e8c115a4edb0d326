"""A caller's position: taken in, kept, used for the place, and followed by the hunt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.asterisk.actions import OriginateExtension
from callcenter.calls.errors import NotNow
from callcenter.calls.line_addresses import LineAddresses
from callcenter.calls.moving_place import MovingPlace
from callcenter.calls.notices import Notices
from callcenter.calls.positions import GivenPosition, Position, PositionDesk, fault
from callcenter.calls.write_up import WriteUp
from callcenter.incidents.extract import Extractor
from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.city import CITY_BOUNDARIES
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.places import PlaceFinder
from callcenter.store.errors import StoreUnavailable
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_conduct import talking

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BAY_RIDGE = (40.63, -74.0284)
MANHATTAN = (40.7730, -73.9580)


@pytest.fixture(scope="module")
def finder() -> PlaceFinder:
    return PlaceFinder(Gazetteer.load(()), Boundaries.load(CITY_BOUNDARIES))


@pytest.fixture
async def floor() -> TestFloor:
    responsible: list[str] = []
    floor = TestFloor(candidates=responsible)
    floor.responsible = responsible
    await talking(floor)
    return floor


@pytest.fixture
def write_up(floor, finder) -> WriteUp:
    return WriteUp({"en": Extractor("en", finder)}, floor.register, floor.bus, floor.note)


@pytest.fixture
def desk(floor, finder, write_up) -> PositionDesk:
    return PositionDesk(floor.register, finder.boundaries, write_up, floor.note)


def at(place, *, accuracy_m=30.0, when=NOW):
    return GivenPosition(*place, accuracy_m, when, "handset")


def says(floor, text):
    call = floor.register.get("1.1")
    call.segments["s1"] = {
        "id": "s1", "role": "caller", "leg": "1.1", "text": text, "final": True,
        "start_ms": 100, "end_ms": 900,
    }  # fmt: skip
    return call


def test_what_no_phone_can_know_is_refused():
    assert fault(40.7, -74.0, NOW, NOW) is None
    assert "0, 0" in str(fault(0.0, 0.0, NOW, NOW))
    assert "future" in str(fault(40.7, -74.0, NOW + timedelta(minutes=2), NOW))
    assert "older" in str(fault(40.7, -74.0, NOW - timedelta(hours=2), NOW))


async def test_position_is_kept_with_the_call_and_journalled(floor, desk):
    shown = desk.put("1.1", at(BAY_RIDGE), "lis")
    assert Position.from_json(shown) == floor.register.get("1.1").position
    assert (shown["datum"], shown["accuracy_m"], shown["by"]) == ("WGS-84", 30.0, "lis")
    assert [payload for _, kind, payload in floor.journal if kind == "call.position"] == [shown]


async def test_older_position_does_not_replace_a_newer_one(floor, desk):
    desk.put("1.1", at(BAY_RIDGE), "lis")
    with pytest.raises(NotNow, match="newer"):
        desk.put("1.1", at(MANHATTAN, when=NOW - timedelta(seconds=1)), "lis")
    assert floor.register.get("1.1").position.lat == BAY_RIDGE[0]


async def test_position_chooses_between_two_crossings_of_one_name(floor, desk, write_up):
    call = says(floor, "third avenue and seventy seventh street")
    write_up.read(call)
    await write_up.settle(call)
    before = call.precinct
    desk.put("1.1", at(BAY_RIDGE), "lis")
    await write_up.settle(call)
    assert before != "68"
    assert call.precinct == "68"
    place = call.record["fields"]["place"]
    assert any(why.startswith("near_handset") for why in place["candidates"][0]["reasons"])
    assert any(why.startswith("far_from_handset") for why in place["candidates"][1]["reasons"])


async def test_position_that_moves_the_precinct_reopens_the_choice(floor, desk, write_up):
    call = floor.register.get("1.1")
    call.line_position = KnownPosition("line", *MANHATTAN, text="1433 3 Avenue")
    write_up.read(call)
    await write_up.settle(call)
    assert call.precinct == "19"
    floor.responsible[:] = ["o19a"]
    await floor.officers.ring(call, (), "s01")
    watch = MovingPlace(floor.register, floor.officers, Notices(floor.bus, floor.note), floor.note)
    watch.tick()
    desk.put("1.1", at(BAY_RIDGE), "lis")
    await write_up.settle(call)
    floor.responsible[:] = ["o68a"]
    watch.tick()
    await floor.settle()
    rung = [each.variables["CALL_PARTY"] for each in floor.actor.of(OriginateExtension)]
    assert rung == ["o19a", "o68a"]
    assert call.record["evidence"]["place"][0]["source"] == "handset"


async def test_position_from_another_continent_is_shown_and_not_used(floor, desk, write_up):
    shown = desk.put("1.1", at((26.5685, 106.7147)), "lis")
    call = says(floor, "third avenue and seventy seventh street in brooklyn")
    await write_up.settle(call)
    write_up.read(call)
    await write_up.settle(call)
    assert not shown["in_reach"]
    assert call.precinct == "68"


async def test_registered_address_is_the_place_until_something_better_is_known(floor, write_up):
    async def find(number):
        return KnownPosition("line", *MANHATTAN, text="1433 3 Avenue")

    call = floor.register.get("1.1")
    call.caller_number = "+1 212 555 0100".replace(" ", "")
    lines = LineAddresses(floor.register, find, floor.errands, write_up, floor.note)
    lines.tick()
    await floor.settle()
    await write_up.settle(call)
    place = call.record["fields"]["place"]
    assert (place["source"], place["text"], place["precinct"]) == ("line", "1433 3 Avenue", "19")
    assert "1433" not in str([p for _, kind, p in floor.journal if kind == "call.line_address"])


async def test_call_goes_on_when_the_lines_cannot_be_read(floor, write_up):
    async def find(number):
        raise StoreUnavailable("away")

    call = floor.register.get("1.1")
    call.caller_number = "2125550100"
    LineAddresses(floor.register, find, floor.errands, write_up, floor.note).tick()
    await floor.settle()
    assert call.line_position is None
