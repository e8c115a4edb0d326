"""A place that moves: the hunt follows; with an officer on the line the operator is asked."""

from __future__ import annotations

import pytest

from callcenter.asterisk.actions import Hangup, OriginateExtension
from callcenter.calls.moving_place import MovingPlace
from callcenter.calls.notices import Notices
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_conduct import officer_takes, talking

OFFICERS = {"14": ["o14a"], "18": ["o18a"], "5": []}


@pytest.fixture
async def floor() -> TestFloor:
    candidates: list[str] = []
    floor = TestFloor(candidates=candidates)
    await talking(floor)
    floor.responsible = candidates
    is_in(floor, "14")
    return floor


@pytest.fixture
def watch(floor) -> MovingPlace:
    notices = Notices(floor.bus, floor.note)
    return MovingPlace(floor.register, floor.officers, notices, floor.note)


def is_in(floor, precinct):
    call = floor.register.get("1.1")
    call.record = {"fields": {"place": {"text": "somewhere", "precinct": precinct}}}
    floor.responsible[:] = OFFICERS.get(precinct, [])


async def rung(floor):
    await floor.settle()
    return [each.variables["CALL_PARTY"] for each in floor.actor.of(OriginateExtension)]


async def test_while_phones_ring_those_of_the_new_place_are_rung_instead(floor, watch):
    call = floor.register.get("1.1")
    await floor.officers.ring(call, (), "s01")
    watch.tick()
    is_in(floor, "18")
    watch.tick()
    watch.tick()
    assert await rung(floor) == ["o14a", "o18a"]
    assert len(floor.actor.of(Hangup)) == 1
    assert call.officers_rung == ("o18a",)
    said = {"from": "14", "to": "18", "officers": ["o18a"]}
    assert [p for _, kind, p in floor.journal if kind == "officer.ladder_changed"] == [said]
    (notice,) = floor.bus.notices("officer.ladder_changed")
    assert "precinct 18 now" in notice["text"]


async def test_where_nobody_is_known_at_the_new_place_the_others_are_rung_on(floor, watch):
    await floor.officers.ring(floor.register.get("1.1"), (), "s01")
    is_in(floor, "5")
    watch.tick()
    watch.tick()
    assert await rung(floor) == ["o14a"] and floor.actor.of(Hangup) == []
    (notice,) = floor.bus.notices("officer.ladder_changed")
    assert "Choose somebody from the list" in notice["text"]


async def test_whom_the_operator_chose_is_rung_wherever_the_place_is(floor, watch):
    await floor.officers.ring(floor.register.get("1.1"), ("o14a",), "s01")
    is_in(floor, "18")
    watch.tick()
    assert await rung(floor) == ["o14a"] and floor.actor.of(Hangup) == []


async def test_with_an_officer_on_the_line_the_operator_is_asked_once_for_each_move(floor, watch):
    await officer_takes(floor)
    watch.tick()
    assert floor.bus.notices("officer.place_moved") == []
    is_in(floor, "18")
    watch.tick()
    watch.tick()
    (notice,) = floor.bus.notices("officer.place_moved")
    assert "precinct 18 now" in notice["text"]
    assert "o14a came for precinct 14" in notice["text"]
    assert floor.register.get("1.1").officer == "o14a"
    is_in(floor, None)
    watch.tick()
    is_in(floor, "14")
    watch.tick()
    assert len(floor.bus.notices("officer.place_moved")) == 2


async def test_a_place_that_becomes_known_after_the_officer_came_asks_nobody(floor, watch):
    is_in(floor, None)
    floor.responsible[:] = ["o14a"]
    await officer_takes(floor)
    is_in(floor, "18")
    watch.tick()
    assert floor.bus.notices("officer.place_moved") == []
