import json

import pytest
from yarl import URL

from callcenter.api import shapes
from callcenter.api.app import OPERATIONS
from callcenter.api.incident_shapes import WholeIncident
from callcenter.asterisk.errors import AmiError
from callcenter.calls.errors import UnknownCall
from callcenter.incidents.typed import typed_value
from callcenter.store.errors import StoreUnavailable
from tests.unit.api.fake_floor import SEGMENT


async def asked(session, method, path, **kwargs):
    async with session.request(method, f"/api/v1/{path}", **kwargs) as answer:
        return answer.status, await answer.json()


ANSWERS = [
    ("calls", "calls", shapes.CallSummary),
    ("calls/1.1", None, shapes.Call),
    ("calls/1.1/transcript", "segments", shapes.Segment),
    ("incidents/1.1", None, WholeIncident),
    ("incidents/inc-1.1", None, WholeIncident),
    ("seats", "seats", shapes.Seat),
    ("queues", "queues", shapes.Queue),
    ("reasons", "reasons", shapes.Reason),
    ("officers", "officers", shapes.Officer),
    ("precincts", None, shapes.GeoJson),
    ("speech", None, shapes.Speech),
    ("me", None, shapes.Me),
]


@pytest.mark.parametrize(("path", "listed_as", "shape"), ANSWERS)
async def test_an_answer_has_the_promised_shape(program, path, listed_as, shape):
    status, body = await asked(program, "GET", path)
    assert status == 200
    found = [body] if listed_as is None else body[listed_as]
    assert found
    for one in found:
        shape.model_validate(one)


async def test_the_words_of_a_call_come_whole(program):
    assert await asked(program, "GET", "calls/1.1/transcript") == (200, {"segments": [SEGMENT]})


async def test_a_call_without_a_record_has_an_empty_one(program):
    _, body = await asked(program, "GET", "incidents/1.1")
    assert (body["fields"], body["evidence"], body["contradictions"]) == ({}, {}, [])
    assert (body["id"], body["joins"]) == ("inc-1.1", [])


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (None, ()),
        ({}, ()),
        ({"officer": None}, ()),
        ({"officer": "o19a"}, ("o19a",)),
        ({"officers": ["o19a", "o5", "o19a"]}, ("o19a", "o5")),
    ],
)
async def test_officers_are_rung_with_or_without_names(api, program, body, wanted):
    status, answer = await asked(program, "POST", "calls/1.1/officer", json=body)
    assert status == 200 and answer["state"] == "ringing"
    shapes.OfficerRinging.model_validate(answer)
    assert api.floor.asked == [("ring_officer", "1.1", wanted, "api-token")]


async def test_ringing_is_stopped_by_the_hotline_and_not_by_an_officer(api, program, officer):
    status, _ = await asked(program, "POST", "calls/1.1/officer/stop")
    assert status == 200 and api.floor.asked == [("stop_ringing", "1.1", "api-token")]
    assert (await asked(officer, "POST", "calls/1.2/officer/stop"))[0] == 403


async def test_an_officer_sees_a_call_while_the_phone_rings_for_it(api, officer):
    assert (await asked(officer, "GET", "calls/1.1"))[0] == 404
    api.floor.summaries["1.1"]["officers_rung"] = ["o5", "o19a"]
    status, call = await asked(officer, "GET", "calls/1.1")
    assert status == 200 and call["officers_rung"] == ["o5", "o19a"]
    api.floor.summaries["1.1"]["officers_rung"] = []
    assert (await asked(officer, "GET", "calls/1.1"))[0] == 404


async def test_what_was_typed_reaches_the_record_with_who_typed_it(api, operator):
    body = {"field": "place", "value": {"text": "5th Avenue", "lat": 40.7, "lon": -74.0}}
    status, answer = await asked(operator, "PATCH", "incidents/1.1", json=body)
    assert status == 200 and answer["fields"] == {"place": body["value"]}
    assert api.floor.asked == [("edit_field", "1.1", "place", body["value"], "s01")]


@pytest.mark.parametrize(
    ("method", "path", "body", "place"),
    [
        ("PATCH", "incidents/1.1", {"field": "colour", "value": 1}, "field"),
        ("PATCH", "incidents/1.1", {"field": "level"}, "value"),
        ("PATCH", "incidents/1.1", {"field": "level", "value": 1, "by": "me"}, "by"),
        ("PATCH", "incidents/1.1", [], ""),
        ("POST", "calls/1.1/officer", {"officer": "../x"}, "officer"),
        ("POST", "calls/1.1/officer", {"officer": 5}, "officer"),
        ("POST", "calls/1.1/hang-up", {"force": True}, "force"),
        ("PUT", "seats/s01/state", {"state": "asleep"}, "state"),
        ("PUT", "seats/s01/state", {"state": "ready", "reason": "x" * 65}, "reason"),
        ("PUT", "seats/s01/state", {}, "state"),
    ],
)
async def test_a_body_that_is_not_as_described_is_refused_with_its_place(
    api, program, method, path, body, place
):
    status, answer = await asked(program, method, path, json=body)
    assert status == 400
    assert answer["error"]["code"] == "bad_input"
    assert answer["error"]["message"].startswith(place)
    assert api.floor.asked == []


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"field":"level","value":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b"nonsense",
        b'{"field":"level","value":NaN}',
        b"\0" * 100,
    ],
    ids=["torn", "not utf-8", "deep", "deep value", "words", "not a number", "zeros"],
)
async def test_garbage_for_json_is_refused(api, program, content):
    headers = {"Content-Type": "application/json"}
    status, answer = await asked(program, "PATCH", "incidents/1.1", data=content, headers=headers)
    assert status == 400 and answer["error"]["code"] == "bad_input"
    assert api.floor.asked == []


async def test_what_was_sent_is_not_repeated_in_the_refusal(program):
    body = {"field": "my secret words", "value": 1}
    _, answer = await asked(program, "PATCH", "incidents/1.1", json=body)
    assert "secret" not in json.dumps(answer)


async def test_a_body_that_is_not_declared_as_json_is_refused(program):
    status, answer = await asked(program, "PATCH", "incidents/1.1", data=b"{}")
    assert status == 415 and answer["error"]["code"] == "wrong_type"


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_beyond_the_limit_is_refused(program, chunked):
    async def flood():
        for _ in range(100):
            yield b"x" * 1024

    data = flood() if chunked else b"x" * 100_000
    headers = {"Content-Type": "application/json"}
    status, answer = await asked(program, "PATCH", "incidents/1.1", data=data, headers=headers)
    assert status == 413 and "64 KiB" in answer["error"]["next"]


@pytest.mark.parametrize(
    "path",
    ["calls/9.9", "calls/%2e%2e", "calls/..%2f..", "calls/x%00y", "calls/" + "9" * 65, "nothing"],
)
async def test_what_is_not_there_is_said_with_a_next_step(program, path):
    status, answer = await asked(program, "GET", path)
    assert status == 404
    assert set(answer["error"]) == {"code", "message", "next"}


@pytest.mark.parametrize("hostile", ["..%2f..", "x%00y", "%27%3B--", "9" * 65, "-x", "a%0d%0ab"])
async def test_an_id_that_cannot_be_one_never_gets_past_the_gate(api, program, hostile):
    for path in (f"calls/{hostile}", f"incidents/{hostile}", f"calls/{hostile}/recording"):
        url = URL(f"{api.url}/api/v1/{path}", encoded=True)
        async with program.get(url) as answer:
            assert answer.status == 404
    assert api.floor.looked_up == []


async def test_a_wrong_method_is_said_with_those_that_fit(program):
    async with program.delete("/api/v1/calls/1.1") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET,HEAD" or "GET" in answer.headers["Allow"]
        assert (await answer.json())["error"]["code"] == "http_405"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UnknownCall("call 1.1 is not open"), 404, "not_found"),
        (StoreUnavailable("/var/lib/x: locked"), 503, "unavailable"),
        (AmiError("lost"), 503, "unavailable"),
        (RuntimeError("a secret in an exception"), 500, "internal"),
    ],
)
async def test_what_fails_behind_the_api_becomes_a_problem(api, program, error, status, code):
    api.floor.fails = error
    answered, body = await asked(program, "GET", "calls/1.1")
    assert answered == status and body["error"]["code"] == code
    assert "secret" not in json.dumps(body) and "/var/lib" not in json.dumps(body)


async def test_what_the_state_does_not_allow_is_a_conflict_with_its_reason(api, program):
    api.floor.summaries["1.1"]["state"] = "closed"
    status, body = await asked(program, "POST", "calls/1.1/officer")
    assert status == 409 and "nobody to put through" in body["error"]["message"]


async def test_what_a_field_cannot_hold_is_refused_with_what_to_type(api, program, monkeypatch):
    async def edit_field(call_id, field, value, by):
        return {"fields": {field: typed_value(field, value)}}

    monkeypatch.setattr(api.floor, "edit_field", edit_field)
    body = {"field": "level", "value": "purple"}
    status, answer = await asked(program, "PATCH", "incidents/1.1", json=body)
    assert status == 422
    assert answer["error"]["message"] == "level: expected one of red, orange, yellow, blue"
    assert answer["error"]["next"] == "Type one of red, orange, yellow, blue."


async def test_description_promises_of_each_answer_what_it_is(program):
    _, description = await asked(program, "GET", "openapi.json")

    def answer(path, method="get"):
        return description["paths"][f"/api/v1/{path}"][method]["responses"]["200"]["content"]

    assert answer("openapi.json") == {"application/json": {}}
    schema = answer("calls/{call_id}/officer", "post")["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/OfficerRinging"}


async def test_every_operation_is_described_with_its_models(api, program):
    status, description = await asked(program, "GET", "openapi.json")
    assert status == 200 and description["openapi"].startswith("3.1")
    described = {
        (method.upper(), path)
        for path, operations in description["paths"].items()
        for method in operations
    }
    routes = {
        (route.method, route.resource.canonical)
        for route in api.app.router.routes()
        if route.method != "HEAD" and route.resource.canonical != "/{path}"
    }
    assert described == routes
    for operation in api.app[OPERATIONS]:
        entry = description["paths"][operation.path][operation.method.lower()]
        assert bool(entry["security"]) == bool(operation.roles)
        assert ("requestBody" in entry) == (operation.body is not None)


async def test_every_reference_in_the_description_leads_somewhere(program):
    _, description = await asked(program, "GET", "openapi.json")
    text = json.dumps(description)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names and names <= set(description["components"]["schemas"])
    call = description["components"]["schemas"]["CallSummary"]
    assert "from" in call["properties"] and "caller" not in call["properties"]
