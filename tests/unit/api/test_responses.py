"""Responses over HTTP: officers see and move their own, the hotline judges reports."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from callcenter.api.responses import DraftedResponse, Response
from callcenter.responses.dictation import BODY_BYTES
from callcenter.store.responses import Taken
from tests.unit.api.conftest import sign_in
from tests.unit.responses.test_dictation import wav

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DONE = {"result": "settled", "category": "theft", "report": "All quiet."}


async def asked(session, method, path, **rest):
    async with session.request(method, f"/api/v1/{path}", **rest) as answer:
        return answer.status, await answer.json()


@pytest.fixture
async def mine(api) -> int:
    """A response of the officer who is signed in; the next id is another's."""
    call = "1.2"
    made = await api.responses.begin(
        "test", 1, [Taken(call, "o19a", NOON), Taken(call, "o5", NOON)]
    )
    return made[0]


async def test_an_officer_sees_the_own_responses_and_the_hotline_all(api, officer, program, mine):
    _, body = await asked(officer, "GET", "responses")
    assert [Response.model_validate(each).officer for each in body["responses"]] == ["o19a"]
    _, body = await asked(program, "GET", "responses?state=open")
    assert {each["officer"] for each in body["responses"]} == {"o19a", "o5"}
    status, body = await asked(program, "GET", "responses?state=lost")
    assert status == 400 and body["error"]["message"].startswith("state: ")


async def test_an_officer_goes_there_and_reports(api, officer, mine):
    for step in ("on_the_way", "there"):
        status, body = await asked(officer, "POST", f"responses/{mine}/step", json={"step": step})
        assert (status, body["step"]) == (200, step)
    note = {"text": " Lock broken. ", "how": "dictated"}
    status, body = await asked(officer, "POST", f"responses/{mine}/notes", json=note)
    assert body["notes"][0]["text"] == "Lock broken." and body["notes"][0]["by"] == "o19a"
    _, body = await asked(officer, "GET", f"responses/{mine}")
    assert "- Lock broken." in DraftedResponse.model_validate(body).draft
    status, body = await asked(officer, "POST", f"responses/{mine}/done", json=DONE)
    assert (status, body["step"], body["category"]) == (200, "done", "theft")


async def test_anothers_response_is_not_there_for_an_officer(officer, mine):
    other = mine + 1
    for method, path, body in (
        ("GET", f"responses/{other}", None),
        ("POST", f"responses/{other}/step", {"step": "there"}),
        ("POST", f"responses/{other}/done", DONE),
        ("POST", f"responses/{other}/notes", {"text": "x"}),
    ):
        assert (await asked(officer, method, path, json=body))[0] == 404, path
    sound = {"data": wav(), "headers": {"Content-Type": "audio/wav"}}
    assert (await asked(officer, "POST", f"responses/{other}/dictation", **sound))[0] == 404


async def test_reports_are_judged_by_the_hotline_and_never_by_the_officer(api, officer, mine):
    await asked(officer, "POST", f"responses/{mine}/done", json=DONE)
    question = {"question": "Which door?"}
    for path, body in ((f"responses/{mine}/accept", None), (f"responses/{mine}/return", question)):
        assert (await asked(officer, "POST", path, json=body))[0] == 403
    async with api.browser() as person:
        await sign_in(person, "s01")
        status, body = await asked(person, "POST", f"responses/{mine}/return", json=question)
        assert (status, body["question"]) == (200, "Which door?")
        status, body = await asked(person, "POST", f"responses/{mine}/accept")
        assert status == 409 and "returned already" in body["error"]["message"]
        await asked(officer, "POST", f"responses/{mine}/done", json=DONE)
        status, body = await asked(person, "POST", f"responses/{mine}/accept")
        assert (status, body["decided_by"]) == (200, "s01")


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("step", {"step": "done"}, "step"),
        ("step", {}, "step"),
        ("done", DONE | {"category": "weather"}, "category"),
        ("done", DONE | {"result": "lost"}, "result"),
        ("done", DONE | {"result": "other", "report": "  "}, "report"),
        ("done", DONE | {"report": "x" * 8001}, "report"),
        ("done", DONE | {"call_back": "a\0b"}, "call_back"),
        ("notes", {"text": "   "}, "text"),
        ("notes", {"text": "x", "how": "sung"}, "how"),
        ("return", {"question": " "}, "question"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(program, mine, path, body, name):
    status, answer = await asked(program, "POST", f"responses/{mine}/{path}", json=body)
    assert status == 400 and answer["error"]["message"].startswith(f"{name}: "), answer
    assert (await asked(program, "GET", f"responses/{mine}"))[1]["step"] == "taken"


async def test_dictated_words_come_back_and_are_not_kept(api, officer, mine):
    headers = {"Content-Type": "audio/wav"}
    status, body = await asked(
        officer, "POST", f"responses/{mine}/dictation", data=wav(0.5), headers=headers
    )
    assert (status, body) == (200, {"text": "16000 bytes"})
    assert api.dictated.asked[0][0] == 16_000
    assert ("response.dictated", 500) in [
        (kind, payload.get("ms")) for _, kind, payload in api.journal.notes
    ]
    assert (await asked(officer, "GET", f"responses/{mine}"))[1]["notes"] == []


async def test_sound_that_cannot_be_heard_is_refused_with_what_to_do(api, officer, mine):
    path, headers = f"responses/{mine}/dictation", {"Content-Type": "audio/wav"}
    status, body = await asked(officer, "POST", path, data=wav(), headers={})
    assert status == 415 and "audio/wav" in body["error"]["next"]
    status, body = await asked(officer, "POST", path, data=b"x" * 50, headers=headers)
    assert status == 400 and "expected a WAV file" in body["error"]["message"]
    status, body = await asked(
        officer, "POST", path, data=io.BytesIO(b"x" * (BODY_BYTES + 1)), headers=headers
    )
    assert status == 413 and "in parts" in body["error"]["next"]
    api.dictated.off = True
    status, body = await asked(officer, "POST", path, data=wav(), headers=headers)
    assert status == 503 and body["error"]["next"].startswith("Type the note")


async def test_an_officer_of_no_roster_is_told_whom_to_ask(api):
    await api.people.add("nobody", "officer", "correct horse", seat=None, officer=None)
    async with api.browser() as person:
        await sign_in(person, "nobody")
        status, body = await asked(person, "GET", "responses")
        assert status == 403 and "administrator" in body["error"]["next"]
