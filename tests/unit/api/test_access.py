import hmac
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.api import access
from callcenter.api.app import OPERATIONS
from callcenter.store.people import Person, Role
from tests.unit.api.conftest import PASSWORD, TOKEN, sign_in

OPEN_TO_ALL = {"/healthz", "/readyz", "/api/v1/sign-in", "/{path}"}


def concrete(path: str) -> str:
    ids = {
        "{call_id}": "1.1",
        "{incident_id}": "1.1",
        "{absence_id}": "7",
        "{kind}": "precinct",
        "{officer_id}": "o19a",
        "{seat_id}": "s01",
        "{shift_id}": "7",
        "{task_id}": "7",
        "{response_id}": "7",
        "{version}": "1",
        "{path}": "",
    }
    for name, value in ids.items():
        path = path.replace(name, value)
    return path


async def test_every_route_but_the_public_ones_refuses_who_is_not_signed_in(api):
    tried = 0
    async with api.browser() as stranger:
        for route in api.app.router.routes():
            path = route.resource.canonical
            if path in OPEN_TO_ALL:
                continue
            async with stranger.request(route.method, concrete(path), json={}) as answer:
                assert answer.status == 401, (route.method, path)
                tried += 1
    assert tried >= 18


async def test_every_route_comes_from_the_table_of_operations(api):
    routes = {
        (route.method, route.resource.canonical)
        for route in api.app.router.routes()
        if route.method != "HEAD"
    }
    table = {(operation.method, operation.path) for operation in api.app[OPERATIONS]}
    assert routes == table | {("GET", "/{path}")}


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer ",
        "Bearer",
        "",
        TOKEN,
        f"Basic {TOKEN}",
        "Bearer " + "x" * 5000,
        "Bearer \udcff",
    ],
)
async def test_a_wrong_token_is_refused(api, header):
    async with api.browser() as stranger:
        headers = {"Authorization": header}
        async with stranger.get("/api/v1/calls", headers=headers) as answer:
            assert answer.status == 401
            assert (await answer.json())["error"]["code"] == "not_signed_in"


async def test_a_wrong_token_is_not_made_good_by_a_cookie(api, operator):
    async with operator.get("/api/v1/me", headers={"Authorization": "Bearer wrong"}) as answer:
        assert answer.status == 401


async def test_tokens_are_compared_in_constant_time(monkeypatch):
    compared = []
    compare_digest = hmac.compare_digest

    def compare(a, b):
        compared.append((len(a), len(b)))
        return compare_digest(a, b)

    monkeypatch.setattr(access.hmac, "compare_digest", compare)
    check = access.TokenCheck(TOKEN)
    assert check.matches(TOKEN) and not check.matches("x")
    assert compared == [(32, 32), (32, 32)], "digests of one length, whatever was sent"


def test_a_token_that_could_be_guessed_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        access.TokenCheck("short")


async def test_the_token_is_an_administrator(program):
    async with program.get("/api/v1/me") as answer:
        assert (await answer.json())["role"] == "admin"


ROLES = {
    ("GET", "/api/v1/calls"): {"s01", "boss", "o19a"},
    ("GET", "/api/v1/seats"): {"s01", "boss"},
    ("GET", "/api/v1/queues"): {"s01", "boss"},
    ("GET", "/api/v1/officers"): {"s01", "boss"},
    ("GET", "/api/v1/precincts"): {"s01", "boss", "o19a"},
    ("GET", "/api/v1/health"): {"s01", "boss"},
    ("GET", "/metrics"): {"boss"},
    ("GET", "/api/v1/reasons"): {"s01", "boss"},
    ("POST", "/api/v1/calls/1.2/officer"): {"s01", "boss"},
    ("POST", "/api/v1/calls/1.2/priority"): {"boss"},
    ("POST", "/api/v1/calls/1.2/queue"): {"boss"},
    ("POST", "/api/v1/calls/1.2/pick"): {"s01", "boss"},
    ("POST", "/api/v1/seats/s01/wrap-up"): {"s01", "boss"},
    ("GET", "/api/v1/surges"): {"s01", "boss"},
    ("POST", "/api/v1/surges"): {"boss"},
    ("POST", "/api/v1/calls/1.2/hang-up"): {"s01", "boss"},
    ("PATCH", "/api/v1/incidents/1.2"): {"s01", "boss"},
}


BODIES = {
    "1.2": {"field": "level", "value": "red"},
    "priority": {"priority": 5},
    "queue": {"queue": "emergency"},
    "pick": {"seat": "s01"},
    "surges": {"origin": "cgi-3gpp=1", "on": True},
}


@pytest.mark.parametrize("name", ["s01", "boss", "o19a", "admin"])
async def test_a_role_may_do_what_it_is_for_and_nothing_else(api, name):
    async with api.browser() as person:
        await sign_in(person, name)
        for (method, path), allowed in ROLES.items():
            body = BODIES.get(path.rpartition("/")[2], {})
            async with person.request(method, path, json=body) as answer:
                expected = 200 if name in allowed | {"admin"} else 403
                assert answer.status == expected, (name, method, path)
                if expected == 403:
                    assert "role" in (await answer.json())["error"]["message"]


async def test_an_officer_sees_only_the_call_they_are_on(officer):
    async with officer.get("/api/v1/calls") as answer:
        assert [call["id"] for call in (await answer.json())["calls"]] == ["1.2"]
    for path in ("calls/1.2", "calls/1.2/transcript", "incidents/1.2"):
        async with officer.get(f"/api/v1/{path}") as answer:
            assert answer.status == 200, path
    for path in ("calls/1.1", "calls/1.1/transcript", "incidents/1.1", "calls/1.1/recording"):
        async with officer.get(f"/api/v1/{path}") as theirs_not:
            async with officer.get(f"/api/v1/{path.replace('1.1', '9.9')}") as nobodys:
                assert theirs_not.status == 404, path
                assert await theirs_not.text() == await nobodys.text(), "nothing to tell them apart"


async def test_an_officer_user_without_an_officer_sees_no_call(api):
    await api.people.add("guest", "officer", PASSWORD)
    async with api.browser() as guest:
        await sign_in(guest, "guest")
        async with guest.get("/api/v1/calls") as answer:
            assert (await answer.json())["calls"] == []


async def test_an_operator_sets_only_the_own_seat(api, operator):
    async with operator.put("/api/v1/seats/s01/state", json={"state": "ready"}) as answer:
        assert answer.status == 200 and (await answer.json())["state"] == "ready"
    async with operator.put("/api/v1/seats/s02/state", json={"state": "ready"}) as answer:
        assert answer.status == 403
    assert api.floor.asked == [("set_seat_state", "s01", "ready", None, "s01")]


async def test_a_supervisor_sets_every_seat_but_none_that_is_not_there(api):
    async with api.browser() as boss:
        await sign_in(boss, "boss")
        body = {"state": "not_ready", "reason": "lunch"}
        async with boss.put("/api/v1/seats/s02/state", json=body) as answer:
            assert answer.status == 200
        async with boss.put("/api/v1/seats/s99/state", json=body) as answer:
            assert answer.status == 404
    assert api.floor.asked == [("set_seat_state", "s02", "not_ready", "lunch", "boss")]


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"],
)
async def test_a_page_of_somebody_else_cannot_write_with_our_cookie(api, operator, origin):
    headers = {"Origin": origin}
    async with operator.post("/api/v1/calls/1.1/hang-up", json={}, headers=headers) as answer:
        assert answer.status == 403
        assert (await answer.json())["error"]["code"] == "wrong_origin"
    assert api.floor.asked == []


async def test_a_cookie_without_origin_cannot_write(api, operator):
    async with operator.post(
        "/api/v1/calls/1.1/hang-up", json={}, skip_auto_headers=["Origin"], headers={"Origin": ""}
    ) as answer:
        assert answer.status == 403
    operator.headers.popall("Origin")
    async with operator.post("/api/v1/calls/1.1/hang-up", json={}) as answer:
        assert answer.status == 403


async def test_a_program_with_the_token_needs_no_origin(api, program):
    async with program.post("/api/v1/calls/1.1/hang-up") as answer:
        assert answer.status == 200
    assert api.floor.asked == [("hang_up", "1.1", "api-token")]


async def test_an_ended_session_is_refused(api):
    person = Person("s01", Role.OPERATOR, seat="s01")
    api.people._clock = lambda: datetime.now(UTC) - timedelta(hours=13)
    token, _ = await api.people.open_session(person)
    api.people._clock = lambda: datetime.now(UTC)
    async with api.browser() as late:
        late.cookie_jar.update_cookies({access.COOKIE: token})
        async with late.get("/api/v1/me") as answer:
            assert answer.status == 401
