"""Tasks over HTTP: who may, what is refused, and what reaches the desk."""

from __future__ import annotations

import json

import pytest

from callcenter.api import shapes
from callcenter.api.tasks import CloseTask, Task
from callcenter.store.errors import StoreUnavailable
from callcenter.tasks.results import Result
from tests.unit.api.conftest import sign_in


async def asked(session, method, path, **rest):
    async with session.request(method, f"/api/v1/{path}", **rest) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(("query", "state"), [("", "open"), ("?state=closed", "closed")])
async def test_tasks_are_listed_by_state(api, program, query, state):
    status, body = await asked(program, "GET", f"tasks{query}")
    assert status == 200 and api.tasks.asked == [("tasks", state)]
    (task,) = body["tasks"]
    assert Task.model_validate(task).state == state


async def test_unknown_state_or_parameter_is_refused_by_name(program):
    for query, name in (("state=lost", "state"), ("sate=open", "sate"), ("state=open&state=x", "")):
        status, body = await asked(program, "GET", f"tasks?{query}")
        assert status == 400 and name in body["error"]["message"]


@pytest.mark.parametrize("name", ["s01", "boss", "admin", "o19a"])
async def test_operators_and_leaders_work_tasks_and_officers_do_not(api, name):
    async with api.browser() as person:
        await sign_in(person, name)
        expected = 403 if name == "o19a" else 200
        body = {"seat": "s01"}
        for method, path, content in (
            ("GET", "tasks", None),
            ("POST", "tasks/7/call", body),
            ("POST", "tasks/7/close", {"result": "reached"}),
        ):
            status, _ = await asked(person, method, path, json=content)
            assert status == expected, (method, path)


async def test_operator_calls_back_from_the_own_seat_with_one_action(api, operator):
    assert (await asked(operator, "POST", "tasks/7/call"))[0] == 200
    status, body = await asked(operator, "POST", "tasks/7/call", json={"seat": "s02"})
    assert status == 403 and "own seat" in body["error"]["message"]
    assert api.tasks.asked == [("call", 7, "s01", "s01")]


async def test_leader_names_the_seat(api, program):
    status, body = await asked(program, "POST", "tasks/7/call")
    assert status == 400 and body["error"]["message"].startswith("seat")
    assert (await asked(program, "POST", "tasks/7/call", json={"seat": "s02"}))[0] == 200
    assert api.tasks.asked == [("call", 7, "s02", "api-token")]


async def test_refusal_says_why_and_what_to_do(api, operator):
    api.tasks.refuse("bob is calling this number back", "Take the next task.")
    status, body = await asked(operator, "POST", "tasks/7/call")
    assert status == 409
    assert body["error"]["message"].startswith("bob is calling")
    assert body["error"]["next"] == "Take the next task."


async def test_task_is_closed_with_its_result_and_by_whom(api, operator):
    body = {"result": "not_reached", "note": "  rang out twice  "}
    status, answer = await asked(operator, "POST", "tasks/7/close", json=body)
    assert status == 200 and answer["state"] == "closed"
    assert api.tasks.asked == [("close", 7, "not_reached", "rang out twice", "s01")]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "result"),
        ({"result": "done"}, "result"),
        ({"result": "reached", "by": "somebody else"}, "by"),
        ({"result": "other"}, "note"),
        ({"result": "other", "note": " \n "}, "note"),
        ({"result": "reached", "note": "x" * 2001}, "note"),
        ({"result": "reached", "note": "a\0b"}, "note"),
        ({"result": "reached", "note": 5}, "note"),
    ],
)
async def test_closing_that_says_nothing_is_refused_by_name(api, program, body, place):
    status, answer = await asked(program, "POST", "tasks/7/close", json=body)
    assert status == 400 and answer["error"]["message"].startswith(place)
    assert api.tasks.asked == []


async def test_html_in_a_note_is_text(api, program):
    note = "<img src=x onerror=alert(1)> '; DROP TABLE tasks; --"
    status, answer = await asked(
        program, "POST", "tasks/7/close", json={"result": "other", "note": note}
    )
    assert status == 200 and answer["note"] == note


@pytest.mark.parametrize("task_id", ["8", "999999999999999"])
async def test_task_that_is_not_there_is_404(program, task_id):
    status, _ = await asked(program, "POST", f"tasks/{task_id}/close", json={"result": "reached"})
    assert status == 404


@pytest.mark.parametrize("hostile", ["abc", "-1", "7%0d%0aX", "1" * 16, "7;--", "0x7", "٧", "_"])
async def test_task_id_that_cannot_be_one_reaches_nobody(api, program, hostile):
    status, _ = await asked(program, "POST", f"tasks/{hostile}/close", json={"result": "reached"})
    assert status == 404 and api.tasks.asked == []


async def test_database_that_does_not_answer_is_503(api, program):
    api.tasks.refuses = StoreUnavailable("/var/lib/x: locked")
    status, body = await asked(program, "POST", "tasks/7/close", json={"result": "reached"})
    assert status == 503 and "/var/lib" not in json.dumps(body)


async def test_officers_are_told_of_no_task(api, officer):
    async with officer.ws_connect("/api/v1/events", headers={"Origin": api.url}) as stream:
        assert (await stream.receive_json())["type"] == "hello"
        api.bus.publish("tasks", {"type": "task", "task": {"id": 7, "number": "5550100"}})
        await stream.send_json({"ping": 1})
        assert (await stream.receive_json())["type"] == "pong"


async def test_operators_are_told_of_every_task(api, operator):
    async with operator.ws_connect("/api/v1/events", headers={"Origin": api.url}) as stream:
        assert (await stream.receive_json())["type"] == "hello"
        api.bus.publish("tasks", {"type": "task", "task": {"id": 7}})
        assert await stream.receive_json() == {"type": "task", "task": {"id": 7}}


def test_results_are_one_list():
    offered = CloseTask.model_fields["result"].annotation.__args__
    assert offered == tuple(result.value for result in Result)
    assert shapes.TASK_ID_PATTERN
