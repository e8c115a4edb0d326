"""What is tuned, over HTTP: who may, what is refused and how, versions, previews."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest
from aiohttp import ClientSession

from callcenter.commands.tuning_access import access
from callcenter.figures.period import PeriodError
from callcenter.settings import Api as ApiSettings
from callcenter.store.errors import StoreUnavailable
from callcenter.tuning.document import read
from callcenter.tuning.errors import BadDocument, ChangedMeanwhile, TuningError, UnknownVersion
from tests.unit.api.conftest import SECRETS, Api, sign_in
from tests.unit.tuning.conftest import SETTINGS
from tests.unit.tuning.documents import valid

TUNING = "/api/v1/tuning"


@pytest.fixture(autouse=True)
async def loaded(api: Api) -> None:
    await api.desk.load()


async def ask(
    session: ClientSession, method: str, path: str = "", body: object = None
) -> tuple[int, Any]:
    content = None if body is None else io.BytesIO(json.dumps(body).encode())
    headers = {"Content-Type": "application/json"}
    async with session.request(method, f"{TUNING}{path}", data=content, headers=headers) as answer:
        return answer.status, await answer.json()


def wanted(seed: int = 3, based_on: int = 1) -> dict[str, Any]:
    return {"document": valid(seed), "why": "winter", "based_on": based_on}


async def test_what_is_in_force_is_shown_with_who_when_why_and_what_forms_offer(
    program: ClientSession,
) -> None:
    status, answer = await ask(program, "GET")
    assert status == 200
    assert (answer["version"], answer["who"]) == (1, "callcenter")
    assert read(answer["document"]).queues[0].ring_s == 20
    assert answer["choices"] == {"announcements": ["surge"]}


async def test_a_change_is_answered_with_the_version_and_its_differences(
    api: Api, program: ClientSession
) -> None:
    status, answer = await ask(program, "PUT", "", wanted())
    assert status == 200
    assert (answer["version"], answer["who"], answer["why"]) == (2, "api-token", "winter")
    assert "queues.second" in [change["path"] for change in answer["changes"]]
    assert api.desk.in_force.document == read(valid(3))
    assert (await ask(program, "GET"))[1]["version"] == 2
    assert "tuning.changed" in api.journal.kinds()


async def test_supervisors_look_and_only_admins_change(api: Api) -> None:
    reading = [("GET", "", None), ("GET", "/versions", None), ("GET", "/versions/1", None)]
    trying = [("POST", "/validate", {"document": valid()}), ("POST", "/preview", wanted())]
    trying[1][2].pop("why"), trying[1][2].pop("based_on")
    writing = [("PUT", "", wanted()), ("POST", "/versions/1/restore", {"why": "back"})]
    allowed = {
        "s01": set(),
        "boss": {*range(len(reading + trying))},
        "admin": {*range(len(reading + trying + writing))},
    }
    for name, may in allowed.items():
        async with api.browser() as browser:
            await sign_in(browser, name)
            for number, (method, path, body) in enumerate(reading + trying + writing):
                status, answer = await ask(browser, method, path, body)
                assert status == (200 if number in may else 403), (name, method, path, answer)
    assert api.desk.in_force.version == 3
    assert api.desk.in_force.who == "admin"


async def test_wrong_fields_are_named_with_their_reasons_and_nothing_is_changed(
    api: Api, program: ClientSession
) -> None:
    body = wanted()
    body["document"]["queues"][1]["ring_s"] = -1
    body["document"]["lines"][0]["queue"] = ["x"]
    for method, path, sent in (
        ("PUT", "", body),
        ("POST", "/validate", {"document": body["document"]}),
        ("POST", "/preview", {"document": body["document"]}),
    ):
        status, answer = await ask(program, method, path, sent)
        assert status == 422
        error = answer["error"]
        assert error["code"] == "unfit_document"
        assert {field["path"] for field in error["fields"]} == {"queues.1.ring_s", "lines.0.queue"}
        assert all(field["reason"] for field in error["fields"])
        assert error["next"]
    assert api.desk.in_force.version == 1
    assert api.preview.asked == []


async def test_who_changed_something_meanwhile_is_named(program: ClientSession) -> None:
    await ask(program, "PUT", "", wanted(3))
    status, answer = await ask(program, "PUT", "", wanted(4))
    assert status == 409
    assert answer["error"]["code"] == "changed_meanwhile"
    assert "api-token made version 2" in answer["error"]["message"]


async def test_going_back_is_one_action(api: Api, program: ClientSession) -> None:
    first = api.desk.in_force.document
    await ask(program, "PUT", "", wanted())
    status, answer = await ask(program, "POST", "/versions/1/restore", {"why": "misses"})
    assert status == 200
    assert (answer["version"], read(answer["document"])) == (3, first)
    _, listed = await ask(program, "GET", "/versions")
    assert [(row["version"], row["restored"]) for row in listed["versions"]] == [
        (3, 1),
        (2, None),
        (1, None),
    ]
    _, older = await ask(program, "GET", "/versions?before=2")
    assert [row["version"] for row in older["versions"]] == [1]


async def test_a_version_says_what_it_changed(program: ClientSession) -> None:
    await ask(program, "PUT", "", wanted())
    body = wanted(based_on=2)
    body["document"]["queues"][0]["priority"] = 77
    await ask(program, "PUT", "", body)
    _, answer = await ask(program, "GET", "/versions/3")
    assert [(change["path"], change["new"]) for change in answer["changes"]] == [
        ("queues.emergency.priority", 77)
    ]


@pytest.mark.parametrize("number", ["9", "0", "x", "99999999999"])
async def test_a_version_that_never_was_is_not_found(program: ClientSession, number: str) -> None:
    for method, path, body in (
        ("GET", f"/versions/{number}", None),
        ("POST", f"/versions/{number}/restore", {"why": "back"}),
    ):
        status, answer = await ask(program, method, path, body)
        assert (status, answer["error"]["code"]) == (404, "not_found")


async def test_a_database_that_does_not_answer_is_said_and_nothing_changed(
    api: Api, program: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(*_: object) -> bool:
        raise StoreUnavailable("locked")

    monkeypatch.setattr("callcenter.store.tuning.TuningVersions.add", locked)
    for method, path, body in (
        ("PUT", "", wanted()),
        ("POST", "/versions/1/restore", {"why": "back"}),
    ):
        status, answer = await ask(program, method, path, body)
        assert status == 503
        assert "not in force" in answer["error"]["message"]
    assert api.desk.in_force.version == 1


@pytest.mark.parametrize("why", ["", " ", "x" * 501])
async def test_a_change_needs_a_reason(program: ClientSession, why: str) -> None:
    assert (await ask(program, "PUT", "", wanted() | {"why": why}))[0] == 400


async def test_a_document_may_be_large_and_other_bodies_may_not(program: ClientSession) -> None:
    body = wanted()
    body["document"]["callers"] = [
        {"number": f"{5550000 + n}", "priority": 1, "reason": "on the list of the embassies"}
        for n in range(5000)
    ]
    assert (await ask(program, "PUT", "", body))[0] == 200
    body["document"]["callers"][0]["reason"] = "x" * (4 << 20)
    status, answer = await ask(program, "PUT", "", body)
    assert (status, answer["error"]["code"]) == (413, "too_large")
    assert "4096 KiB" in answer["error"]["next"]
    async with program.post("/api/v1/sign-in", json={"name": "x" * 70000}) as refused:
        assert refused.status == 413


async def test_a_preview_is_asked_with_both_documents_and_a_period(
    api: Api, program: ClientSession
) -> None:
    body = {"document": valid(3), "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00+01:00"}
    assert (await ask(program, "POST", "/preview", body))[0] == 200
    current, proposed, begin, end = api.preview.asked[0]
    assert (current, proposed) == (api.desk.in_force.document, read(valid(3)))
    assert (end - begin).total_seconds() == 23 * 3600
    for moment in ("yesterday", "2026-03-01T00:00:00", "", "9" * 41):
        assert (await ask(program, "POST", "/preview", body | {"from": moment}))[0] == 400


async def test_a_preview_of_a_period_that_cannot_be_names_its_field(
    api: Api, program: ClientSession
) -> None:
    api.preview.refused = PeriodError("to", "expected a moment of these times")
    body = {"document": valid(3), "to": "9999-12-31T23:59:59-12:00"}
    status, answer = await ask(program, "POST", "/preview", body)
    assert status == 400
    assert answer["error"]["message"] == "to: expected a moment of these times"


async def test_only_one_preview_runs_at_a_time(api: Api, program: ClientSession) -> None:
    api.preview.go_on.clear()
    first = asyncio.create_task(ask(program, "POST", "/preview", {"document": valid()}))
    await api.preview.begun.wait()
    status, answer = await ask(program, "POST", "/preview", {"document": valid()})
    assert status == 409
    assert "another preview" in answer["error"]["message"]
    api.preview.go_on.set()
    assert (await first)[0] == 200


async def test_the_command_line_works_through_a_running_service(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.settings.Secrets.load", lambda file: SECRETS)
    settings = SETTINGS.model_copy(update={"api": ApiSettings(host=api.host, port=api.port)})
    async with access(settings) as way:
        assert way.through_service
        before = await way.version()
        assert before.version == 1
        assert await way.check(read(valid(3))) != ()
        after = await way.change(read(valid(3)), "winter", 1)
        assert (after.version, api.desk.in_force.document) == (2, read(valid(3)))
        assert "by the command line" in api.desk.in_force.why
        with pytest.raises(ChangedMeanwhile, match="made version 2"):
            await way.change(read(valid(4)), "summer", 1)
        with pytest.raises(BadDocument) as refused:
            await way.change(read(valid(3) | {"deadlines": {"officer_overlap_s": 30.0}}), "oops", 2)
        assert [flaw.path for flaw in refused.value.flaws] == ["deadlines.officer_overlap_s"]
        with pytest.raises(UnknownVersion):
            await way.restore(9, "back")
        assert (await way.restore(1, "back")).document == before.document
        assert [row["version"] for row in await way.versions()] == [3, 2, 1]
    await api.people.remove("admin")
    monkeypatch.setattr(
        "callcenter.settings.Secrets.load",
        lambda file: SECRETS.model_copy(update={"api_token": "another-token-of-16"}),
    )
    async with access(settings) as way:
        with pytest.raises(TuningError, match="nobody is signed in"):
            await way.version()
