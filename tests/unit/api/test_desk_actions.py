"""What people do to waiting calls and to seats, over HTTP."""

import pytest

from callcenter.api import shapes
from callcenter.calls.errors import NotNow, UnknownCall
from tests.unit.api.conftest import sign_in

ACTIONS = [
    ("calls/1.1/priority", {"priority": 7}, ("prioritise", "1.1", 7)),
    ("calls/1.1/priority", {"priority": None}, ("prioritise", "1.1", None)),
    ("calls/1.1/queue", {"queue": "police"}, ("move", "1.1", "police")),
    ("calls/1.1/pick", {"seat": "s02"}, ("pick", "1.1", "s02")),
    (
        "calls/1.1/parties",
        {"partner": "ambulance", "how": "ask", "seat": "s02"},
        ("bring", "1.1", "partner", "ambulance", "ask", "s02"),
    ),
    (
        "calls/1.1/parties",
        {"to_seat": "s01", "how": "give", "seat": "s02"},
        ("bring", "1.1", "operator", "s01", "give", "s02"),
    ),
    (
        "calls/1.1/parties",
        {"queue": "police", "how": "give", "seat": "s02"},
        ("give_to_queue", "1.1", "police", "s02"),
    ),
    ("calls/1.1/parties/stop", {"party": "ambulance"}, ("stop_party", "1.1", "ambulance")),
    ("calls/1.1/parties/put-out", {"leg": "1.2"}, ("put_out", "1.1", "1.2")),
    ("calls/1.1/hold", {"seat": "s02"}, ("step_aside", "1.1", "s02")),
    ("calls/1.1/back", {"seat": "s02"}, ("back", "1.1", "s02")),
    ("calls/1.1/leave", {"seat": "s02"}, ("leave", "1.1", "s02")),
    ("seats/s02/wrap-up", {}, ("wrap_up", "s02", True)),
    ("seats/s02/wrap-up", {"on": False}, ("wrap_up", "s02", False)),
    ("seats/s02/state", {"state": "ready"}, ("set_seat_state", "s02", "ready", None)),
    ("surges", {"origin": "cgi-3gpp=234", "on": True}, ("set_surge", "cgi-3gpp=234", True)),
]


@pytest.mark.parametrize(("path", "body", "asked"), ACTIONS)
async def test_a_supervisors_action_reaches_the_floor_with_who_did_it(api, path, body, asked):
    async with api.browser() as boss:
        await sign_in(boss, "boss")
        async with boss.post(f"/api/v1/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
    assert api.floor.asked == [(*asked, "boss")]


async def test_an_operator_picks_a_call_for_the_own_seat_with_or_without_naming_it(api, operator):
    for body in ({}, {"seat": "s01"}):
        async with operator.post("/api/v1/calls/1.1/pick", json=body) as answer:
            assert answer.status == 200
            shapes.Picked.model_validate(await answer.json())
    assert api.floor.asked == [("pick", "1.1", "s01", "s01")] * 2


async def test_an_operator_cannot_make_another_seat_ring_or_wrap_up(api, operator):
    async with operator.post("/api/v1/calls/1.1/pick", json={"seat": "s02"}) as answer:
        assert answer.status == 403
        assert "own seat" in (await answer.json())["error"]["message"]
    async with operator.post("/api/v1/seats/s02/wrap-up", json={}) as answer:
        assert answer.status == 403
    assert api.floor.asked == []


async def test_who_has_no_seat_must_say_which_one_shall_ring(api, program):
    async with program.post("/api/v1/calls/1.1/pick", json={}) as answer:
        assert answer.status == 400
        assert "seat" in (await answer.json())["error"]["message"]
    assert api.floor.asked == []


@pytest.mark.parametrize("path", ["priority", "pick"])
async def test_what_distribution_refuses_is_a_conflict_in_its_own_words(api, program, path):
    api.floor.fails = NotNow("seat s02 talks; wait until its call has ended")
    body = {"priority": 1} if path == "priority" else {"seat": "s02"}
    async with program.post(f"/api/v1/calls/1.1/{path}", json=body) as answer:
        # The call is looked up first, which fails in the same words.
        assert answer.status == 409
        assert "wait until" in (await answer.json())["error"]["message"]


async def test_a_reason_that_is_on_no_list_is_refused_with_those_that_are(api, operator):
    body = {"state": "not_ready", "reason": "golf"}
    async with operator.post("/api/v1/seats/s01/state", json=body) as answer:
        assert answer.status == 422
        assert "break, lunch" in (await answer.json())["error"]["next"]
    assert api.floor.asked == []


async def test_who_leads_the_floor_sees_which_surges_are_on(api, operator):
    async with operator.get("/api/v1/surges") as answer:
        assert (await answer.json())["surges"] == [{"origin": "cgi-3gpp=234", "on": True}]


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("calls/1.1/priority", {}, "priority"),
        ("calls/1.1/priority", {"priority": "high"}, "priority"),
        ("calls/1.1/priority", {"priority": 1001}, "priority"),
        ("calls/1.1/queue", {"queue": "no such queue"}, "queue"),
        ("calls/1.1/pick", {"seat": "s01*9"}, "seat"),
        ("calls/1.1/leave", {"seat": "s01*9"}, "seat"),
        ("surges", {"origin": "a b\r\n", "on": True}, "origin"),
        ("surges", {"origin": "", "on": True}, "origin"),
        ("seats/s01/wrap-up", {"on": "yes"}, "on"),
    ],
)
async def test_an_action_that_is_not_as_described_names_the_field(api, program, path, body, named):
    async with program.post(f"/api/v1/{path}", json=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["message"].startswith(named)
    assert api.floor.asked == []


async def test_a_call_that_is_over_is_not_found(api, program):
    api.floor.fails = UnknownCall("no open call 1.1")
    async with program.post("/api/v1/calls/1.1/pick", json={"seat": "s01"}) as answer:
        assert answer.status == 404
