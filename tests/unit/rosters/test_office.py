"""What hunts are told of officers, and supervisors of rosters."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from callcenter.calls.notices import Notices
from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.city import CITY_BOUNDARIES, CITY_ID_PROPERTY
from callcenter.rosters.errors import PositionRefused
from callcenter.rosters.model import Absence, Officer, Position, Shift
from callcenter.rosters.office import RosterOffice
from tests.unit.rosters.conftest import SETTINGS

TIMES_SQUARE = {"precinct": "14", "lat": 40.7580, "lon": -73.9855}


@pytest.fixture(scope="session")
def boundaries():
    return Boundaries.load(CITY_BOUNDARIES, CITY_ID_PROPERTY)


@pytest.fixture
async def office(database, boundaries, clock):
    told = []
    bus = SimpleNamespace(publish=lambda topic, message: told.append(message["text"]))
    office = RosterOffice(
        database,
        SETTINGS,
        boundaries,
        Notices(bus, lambda *_: None),
        lambda *_: None,
        known=lambda: frozenset(boundaries.ids) | {"anti_fraud:city"},
        clock=clock,
    )
    office.told = told
    await office.desk.load()
    return office


def call(**place):
    return SimpleNamespace(record={"fields": {"place": place}})


def rungs(office, where):
    return [(each.officer_id, each.rung.value) for each in office.candidates(where)]


async def test_nearest_officer_of_another_precinct_is_rung_after_the_duty_officer(office, clock):
    assert rungs(office, call(**TIMES_SQUARE)) == [
        ("o14a", "duty"),
        ("o14b", "deputy"),
        ("o18a", "neighbour"),
    ]
    office.positions.take(Position("o18a", 40.7600, -73.9855, 5, clock.now), clock.now)
    office.positions.take(Position("o14a", 40.7680, -73.9855, 5, clock.now), clock.now)
    assert rungs(office, call(**TIMES_SQUARE))[:2] == [("o14a", "duty"), ("o18a", "nearest")]
    assert office.far(call(**TIMES_SQUARE), "o14a") == {
        "distance_m": pytest.approx(1110, abs=2),
        "nearest_m": pytest.approx(222, abs=1),
    }
    assert office.far(call(**TIMES_SQUARE), "o14b") == {"nearest_m": pytest.approx(222, abs=1)}
    clock.pass_h(1)
    assert office.far(call(**TIMES_SQUARE), "o14a") == {}
    assert ("o18a", "nearest") not in rungs(office, call(**TIMES_SQUARE))


async def test_officer_off_duty_is_not_the_nearest_one(office, clock):
    office.positions.take(Position("o18a", 40.7600, -73.9855, 5, clock.now), clock.now)
    away = Absence(0, "o18a", clock.now, clock.now + timedelta(hours=1), "off duty")
    await office.desk.add_absence(away, "boss")
    assert rungs(office, call(**TIMES_SQUARE)) == [("o14a", "duty"), ("o14b", "deputy")]
    assert office.far(call(**TIMES_SQUARE), "o14a") == {}


async def test_call_without_a_place_has_no_ladder_and_no_distances(office):
    assert office.candidates(call()) == ()
    assert office.far(call(), "o14a") == {}


async def test_positions_outlive_the_service(office, database, boundaries, clock):
    office.positions.take(Position("o18a", 40.7600, -73.9855, 5, clock.now), clock.now)
    await office.keep_positions()
    office.positions.take(
        Position("o18a", 40.7610, -73.9855, 5, clock.now + timedelta(seconds=5)), clock.now
    )
    await office.keep_positions()
    heir = RosterOffice(database, SETTINGS, boundaries, None, lambda *_: None, clock=clock)
    heir.positions.restore(await heir._store.positions())
    assert heir.positions.last("o18a").lat == 40.7610
    with pytest.raises(PositionRefused, match="out of order"):
        heir.positions.take(Position("o18a", 40.7600, -73.9855, 5, clock.now), clock.now)


async def test_hole_is_told_once_and_again_when_there_is_another(office, clock):
    office.tell(await office.desk.findings())
    assert office.told == []
    day = Shift(0, "o14a", "14", "duty", clock.now, clock.now + timedelta(hours=24))
    await office.desk.add_shift(day, "boss")
    for _ in range(2):
        office.tell(await office.desk.findings())
    assert office.told == [
        "Roster: from Sat 31 Oct 08:00 precinct 14 has nobody on duty; officer o14b is rung first."
        " Look at Rosters and mend it."
    ]
    await office.desk.add_shift(
        Shift(0, "o18a", "18", "duty", clock.now, clock.now + timedelta(hours=2)), "boss"
    )
    office.tell(await office.desk.findings())
    assert len(office.told) == 2 and "(2 in the next 7 days)" in office.told[1]


async def test_phones_of_an_officer_are_those_that_may_be_rung(office):
    assert office.phones_of("o14a") == ("o14a",)
    assert office.phones_of("nobody") == ()


async def test_area_of_another_kind_has_a_roster_and_the_precinct_comes_after_it(office, clock):
    desk = Officer("f1", "Desk", "anti_fraud:city", "desk", None, ("19175550142",))
    await office.desk.put_officer(desk, "boss")
    office.area = lambda call: "anti_fraud:city"
    assert rungs(office, call(**TIMES_SQUARE)) == [("f1", "desk"), ("o14a", "duty")]
    assert rungs(office, call()) == [("f1", "desk")]
    assert office.staffed("anti_fraud:city") and not office.staffed("anti_fraud:other")
    away = Absence(0, "f1", clock.now, clock.now + timedelta(hours=1), "off duty")
    await office.desk.add_absence(away, "boss")
    assert not office.staffed("anti_fraud:city")


async def test_desk_with_anybody_on_duty_is_no_hole_and_without_anybody_the_precinct_is_named(
    office, clock
):
    desk = Officer("f1", "Desk", "anti_fraud:city", "desk", None, ("19175550142",))
    await office.desk.put_officer(desk, "boss")
    assert [each.precinct for each in await office.desk.findings()] == []
    later = clock.now + timedelta(hours=2)
    away = Absence(0, "f1", later, later + timedelta(hours=1), "meeting")
    await office.desk.add_absence(away, "boss")
    (hole,) = await office.desk.findings()
    assert (hole.start, hole.end) == (later, later + timedelta(hours=1))
    assert hole.text == "anti_fraud:city has nobody on duty; the precinct of the place is rung"
