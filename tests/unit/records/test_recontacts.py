"""Links between incidents: the same caller, or the same place, within a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.records.desk import Group
from callcenter.records.recontacts import Recontacts
from callcenter.store.calls import CallRow, Calls
from callcenter.store.database import Database
from callcenter.store.incident_pages import IncidentPages
from callcenter.store.joins import IncidentJoins
from callcenter.store.responses import Responses, Taken

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HERE = (40.7750, -73.9600)
NEAR = (40.7755, -73.9600)
"""Some 56 m to the north."""
FAR = (40.7800, -73.9600)


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    await database.open()
    yield database
    await database.close()


def detail(call_id, number, at, point):
    place = {"text": "somewhere", "lat": point[0], "lon": point[1]} if point else None
    return {
        "id": call_id,
        "from": number,
        "arrived_at": at.isoformat(),
        "precinct": "19" if point else None,
        "incident": {"fields": {"place": place}},
    }


@pytest.fixture
def put(database):
    async def filed(call_id, number="5550100", hours=0.0, point=None):
        at = NOON + timedelta(hours=hours)
        told = detail(call_id, number, at, point)
        row = CallRow(
            call_id,
            line="110",
            caller_number=number,
            queue="emergency",
            state="closed",
            arrived_at=at,
            language="en",
            precinct=told["precinct"],
            detail=told,
        )
        await Calls(database).upsert(row)
        return told

    return filed


@pytest.fixture
def links(database):
    finder = Recontacts(IncidentPages(database), IncidentJoins(database), Responses(database))

    async def of(*details):
        found = await finder.of(Group(details[0]["id"], tuple(details)))
        return {each["call_id"]: (each["same"], each["recontact"]) for each in found}

    return of


async def test_the_same_number_within_a_day_is_a_recontact_and_before_it_history(put, links):
    mine = await put("1.1")
    await put("1.2", hours=-23)
    await put("1.3", hours=23)
    await put("1.4", hours=-25)
    await put("1.5", hours=25)
    await put("1.6", hours=-24 * 91)
    await put("1.7", number="5550199", hours=1)
    assert await links(mine) == {
        "1.3": (["number"], True),
        "1.2": (["number"], True),
        "1.4": (["number"], False),
    }


async def test_the_same_place_within_a_day_is_a_recontact_by_whomever(put, links):
    mine = await put("1.1", point=HERE)
    await put("1.2", number="1111111", hours=2, point=NEAR)
    await put("1.3", number="2222222", hours=2, point=FAR)
    await put("1.4", number="3333333", hours=30, point=NEAR)
    await put("1.5", number="4444444", hours=1)
    assert await links(mine) == {"1.2": (["place"], True)}


async def test_both_are_said_with_the_distance(put, database):
    mine = await put("1.1", point=HERE)
    await put("1.2", hours=2, point=NEAR)
    finder = Recontacts(IncidentPages(database), IncidentJoins(database), Responses(database))
    (found,) = await finder.of(Group("1.1", (mine,)))
    assert found["same"] == ["number", "place"]
    assert 50 < found["distance_m"] < 62


async def test_nobody_is_linked_by_a_number_that_is_withheld_or_a_switchboards(put, links):
    for number in ("", "0000", "anonymous"):
        mine = await put("1.1", number=number)
        await put("1.2", number=number, hours=1)
        assert await links(mine) == {}


async def test_the_calls_of_the_incident_itself_are_no_links(put, links):
    first, second = await put("1.1", point=HERE), await put("1.2", hours=1, point=NEAR)
    await put("1.3", hours=2)
    assert set(await links(first, second)) == {"1.3"}


async def test_what_the_officer_found_is_told(put, database):
    mine = await put("1.1")
    await put("1.2", hours=-2)
    responses = Responses(database)
    (made,) = await responses.begin("test", 1, [Taken("1.2", "o19a", NOON)])
    await responses.move(made, {"taken"}, {"step": "done", "result": "nobody_found"})
    finder = Recontacts(IncidentPages(database), IncidentJoins(database), responses)
    (found,) = await finder.of(Group("1.1", (mine,)))
    assert (found["officer"], found["step"], found["result"]) == ("o19a", "done", "nobody_found")
