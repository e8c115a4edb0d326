"""Rosters over HTTP: who may, what is refused, and what an officer's own link opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession

from callcenter.api import rosters as shapes
from callcenter.api.app import OPERATIONS
from callcenter.store.people import Role
from tests.unit.api.conftest import sign_in

SHIFT = {"officer": "o19a", "from": "2031-03-01 08:00", "to": "2031-03-01 16:00"}
HERE = {"lat": 40.77, "lon": -73.96, "accuracy_m": 8}


async def asked(session, method, path, json=None, **rest):
    async with session.request(method, f"/api/v1/{path}", json=json, **rest) as answer:
        return answer.status, await answer.json()


def now_and(seconds=0.0):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def test_week_is_edited_and_every_change_is_in_the_history(program):
    status, shift = await asked(program, "POST", "roster/shifts", SHIFT)
    assert status == 200 and shapes.RosterShift.model_validate(shift).precinct == "19"
    moved = {**SHIFT, "to": "2031-03-01 17:00"}
    status, _ = await asked(program, "PUT", f"roster/shifts/{shift['id']}", moved)
    assert status == 200
    away = {"officer": "o19b", "from": "2031-03-02", "to": "2031-03-03", "why": "holiday"}
    status, absence = await asked(program, "POST", "roster/absences", away)
    assert status == 200
    status, week = await asked(program, "GET", "roster?from=2031-03-01&days=2")
    week = shapes.Roster.model_validate(week)
    assert [each.until for each in week.shifts] == ["2031-03-01T17:00:00+00:00"]
    assert [each.why for each in week.absences] == ["holiday"]
    assert (await asked(program, "DELETE", f"roster/absences/{absence['id']}"))[0] == 200
    assert (await asked(program, "DELETE", f"roster/shifts/{shift['id']}"))[0] == 200
    assert (await asked(program, "DELETE", f"roster/shifts/{shift['id']}"))[0] == 404
    status, body = await asked(program, "GET", "roster/history?limit=5")
    changes = [shapes.RosterChange.model_validate(each) for each in body["changes"]]
    assert [(each.who, each.what, each.officer) for each in changes] == [
        ("api-token", "shift", "o19a"),
        ("api-token", "absence", "o19b"),
        ("api-token", "absence", "o19b"),
        ("api-token", "shift", "o19a"),
        ("api-token", "shift", "o19a"),
    ]
    assert changes[0].after is None and changes[0].before["to"] == "2031-03-01T17:00:00+00:00"


async def test_file_with_wrong_lines_is_refused_with_each_of_them(program):
    text = "officer,from,to\no19a,2031-03-01 08:00,2031-03-01 07:00\no99,2031-03-01,2031-03-02\n"
    status, body = await asked(program, "POST", "roster/import", {"text": text})
    assert status == 422
    assert [each["path"] for each in body["error"]["fields"]] == ["line 2", "line 3"]
    good = {"text": "officer,from,to\no19a,2031-03-01 08:00,2031-03-01 17:00\n"}
    assert (await asked(program, "POST", "roster/import", good))[1]["added"] == 1
    assert (await asked(program, "POST", "roster/import", good))[1]["unchanged"] == 1


async def test_hole_of_the_next_days_is_told(program):
    shift = {"officer": "o19a", "from": now_and(), "to": now_and(3600), "precinct": "19"}
    await asked(program, "POST", "roster/shifts", shift)
    shift["officer"] = "o19b"
    await asked(program, "POST", "roster/shifts", shift)
    status, body = await asked(program, "GET", "roster/checks?days=2")
    (hole,) = [shapes.RosterFinding.model_validate(each) for each in body["findings"]]
    assert status == 200 and (hole.kind, hole.precinct) == ("hole", "19")
    assert "nobody is rung" in hole.text


LED = [
    ("GET", "roster", None),
    ("GET", "roster/checks", None),
    ("GET", "roster/history", None),
    ("POST", "roster/shifts", SHIFT),
    ("PUT", "roster/shifts/1", SHIFT),
    ("DELETE", "roster/shifts/1", None),
    ("POST", "roster/absences", {"officer": "o19a", "from": "2031-03-02", "to": "2031-03-03"}),
    ("DELETE", "roster/absences/1", None),
    ("POST", "roster/import", {"text": "x"}),
    ("PUT", "officers/o19a", {"name": "A", "precinct": "19", "numbers": ["o19a"]}),
    ("DELETE", "officers/o19a", None),
    ("POST", "officers/o19a/link", None),
    ("POST", "officers/o19a/duty", {"on": True}),
]


@pytest.mark.parametrize("name", ["s01", "o19a"])
async def test_only_leaders_see_and_change_rosters(api, name):
    async with api.browser() as person:
        await sign_in(person, name)
        for method, path, body in LED:
            assert (await asked(person, method, path, body))[0] == 403, (method, path)


@pytest.mark.parametrize(("name", "numbers"), [("s01", []), ("boss", ["o19a", "19175550100"])])
async def test_private_numbers_of_officers_are_told_to_leaders_only(api, name, numbers):
    async with api.browser() as person:
        await sign_in(person, name)
        status, body = await asked(person, "GET", "officers")
        assert status == 200 and body["officers"][0]["numbers"] == numbers


async def test_officer_signed_in_goes_on_and_off_duty_for_themselves(api):
    async with api.browser() as officer:
        await sign_in(officer, "o19a")
        status, state = await asked(officer, "POST", "on-duty", {"on": True, "hours": 2})
        assert status == 200 and shapes.DutyState.model_validate(state).until is not None
        await asked(officer, "POST", "on-duty", {"on": False})
        status, state = await asked(officer, "GET", "on-duty")
        assert (state["officer"], state["on_duty"]) == ("o19a", False)
        status, _ = await asked(officer, "POST", "on-duty", {"on": False, "hours": 2})
        assert status == 400


async def test_operator_has_no_duty_of_an_officer(api):
    async with api.browser() as operator:
        await sign_in(operator, "s01")
        assert (await asked(operator, "GET", "on-duty"))[0] == 403


async def test_own_link_opens_duty_and_position_of_its_officer_and_nothing_else(api, program):
    _, link = await asked(program, "POST", "officers/o19a/link")
    link = shapes.OfficerLink.model_validate(link)
    header = {"Authorization": f"Bearer {link.token}"}
    async with ClientSession(api.url, headers=header) as phone:
        status, state = await asked(phone, "POST", "on-duty", {"on": True})
        assert (status, state["officer"]) == (200, "o19a")
        here = {**HERE, "at": now_and()}
        assert (await asked(phone, "POST", "officers/o19a/position", here))[0] == 200
        assert (await asked(phone, "POST", "officers/o19b/position", here))[0] == 403
        for operation in api.app[OPERATIONS]:
            if operation.roles and not operation.by_link:
                path = operation.path.replace("{", "").replace("}", "")
                async with phone.request(operation.method, path) as answer:
                    assert answer.status == 401, operation.path
        await asked(program, "POST", "officers/o19a/link")
        assert (await asked(phone, "GET", "on-duty"))[0] == 401


def test_no_operation_is_opened_by_a_link_that_is_not_for_officers(api):
    by_link = [each for each in api.app[OPERATIONS] if each.by_link]
    assert len(by_link) == 3
    assert all(Role.OFFICER in each.roles for each in by_link)


@pytest.mark.parametrize(
    ("wrong", "status", "why"),
    [
        ({"lat": 0.67, "lon": 23.47}, 422, "km from the nearest precinct"),
        ({"lat": 120.0}, 422, "lat: 120 is not on Earth"),
        ({"at": now_and(3600)}, 422, "in the future"),
        ({"at": now_and(-60)}, 422, "out of order"),
        ({"at": "2026-10-30T12:00:00"}, 400, "with an offset"),
        ({"speed": 3}, 400, "speed"),
    ],
)
async def test_position_that_cannot_be_is_refused_by_name(api, program, wrong, status, why):
    good = {**HERE, "at": now_and(-10)}
    assert (await asked(program, "POST", "officers/o19a/position", good))[0] == 200
    got, body = await asked(program, "POST", "officers/o19a/position", good | wrong)
    assert got == status and why in body["error"]["message"]
    (shown,) = [each for each in api.office.listed() if each["id"] == "o19a"]
    assert shown["position"]["lat"] == HERE["lat"] and shown["position"]["fresh"]


async def test_position_of_nobody_is_missing(program):
    body = {**HERE, "at": now_and()}
    assert (await asked(program, "POST", "officers/o99/position", body))[0] == 404


async def test_new_officer_needs_a_number_of_the_allow_list(program):
    body = {"name": "Di", "precinct": "19", "numbers": ["+1 917 555 0100"]}
    status, answer = await asked(program, "PUT", "officers/o19c", body)
    assert status == 422 and "allow-list" in answer["error"]["message"]
    status, answer = await asked(program, "PUT", "officers/o19c", body | {"numbers": ["o19b"]})
    assert status == 200 and shapes.KnownOfficer.model_validate(answer).numbers == ["o19b"]
