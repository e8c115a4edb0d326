"""The bridge counts when it is heard: only then may the operator leave without a warning."""

from __future__ import annotations

import pytest

from callcenter.calls.desk import Desk
from callcenter.calls.errors import NotNow
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_conduct import officer_takes, talking


@pytest.fixture
async def floor() -> TestFloor:
    floor = TestFloor()
    await talking(floor)
    return floor


@pytest.fixture
def desk(floor) -> Desk:
    return Desk(floor.conductor, floor.register, floor.clock)


def speaks(floor, leg):
    call = floor.register.get("1.1")
    call.legs[leg].voice_ms = call.ms(floor.clock.now)
    floor.conductor.bridge.voice(call, call.legs[leg])


async def test_once_both_were_heard_the_operator_leaves_at_once(floor, desk):
    officer = await officer_takes(floor)
    speaks(floor, officer)
    speaks(floor, "1.1")
    assert desk.leave("1.1", "s01", "ann") == "PJSIP/s01-1"
    assert ("1.1", "operator.leaves", {"seat": "s01", "by": "ann", "heard": True}) in floor.journal


async def test_before_it_is_said_who_is_not_heard_and_leaving_again_is_meant(floor, desk):
    officer = await officer_takes(floor)
    with pytest.raises(NotNow, match="officer o14a and the caller have not been heard"):
        desk.leave("1.1", "s01", "ann")
    speaks(floor, officer)
    floor.clock.now += 11
    with pytest.raises(NotNow, match="the caller has not been heard since the officer came"):
        desk.leave("1.1", "s01", "ann")
    floor.clock.now += 9
    assert desk.leave("1.1", "s01", "ann") == "PJSIP/s01-1"
    assert floor.journal[-1][2]["heard"] is False


async def test_nobody_leaves_a_caller_alone_or_a_call_that_they_are_not_on(floor, desk):
    with pytest.raises(NotNow, match="nobody else is on the line"):
        desk.leave("1.1", "s01", "ann")
    await officer_takes(floor)
    with pytest.raises(NotNow, match="s02 is not on this call"):
        desk.leave("1.1", "s02", "ann")


async def test_the_operator_is_told_once_which_side_is_silent(floor):
    officer = await officer_takes(floor)
    floor.clock.now += 3
    speaks(floor, officer)
    floor.clock.now += 2
    floor.conductor.tick()
    assert floor.bus.notices("bridge.silent") == []
    floor.clock.now += 1.5
    floor.conductor.tick()
    floor.conductor.tick()
    (notice,) = floor.bus.notices("bridge.silent")
    assert notice["text"].startswith("The caller has not been heard")


async def test_nothing_is_told_when_both_were_heard(floor):
    officer = await officer_takes(floor)
    speaks(floor, officer)
    speaks(floor, "1.1")
    floor.clock.now += 10
    floor.conductor.tick()
    assert floor.bus.notices("bridge.silent") == []


async def test_a_silent_side_without_an_operator_asks_for_one(floor):
    asked: list[str] = []
    floor.conductor.rounds.on_unattended = lambda call, why: asked.append(why)
    await officer_takes(floor)
    floor.hangs_up("1.2")
    floor.clock.now += 7
    floor.conductor.tick()
    assert asked == ["officer o14a and the caller have not been heard"]
