"""Incidents of several calls: who sees, joins, separates and exports them."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.api.incident_shapes import (
    ExportedIncident,
    IncidentPage,
    Offer,
    Recontact,
    WholeIncident,
)
from callcenter.store.calls import CallRow, Calls
from callcenter.store.errors import StoreUnavailable
from callcenter.store.joins import IncidentJoins
from tests.unit.api.conftest import sign_in
from tests.unit.api.fake_floor import detail, summary

ARRIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)
PERIOD = "from=2026-03-01&to=2026-03-02"
PLACE = {"text": "Madison Avenue", "lat": 40.7753, "lon": -73.9632, "precinct": "19"}


def record(**fields):
    rows = {
        name: [{"value": value, "source": "caller_words", "words": "so", "confidence": 0.8}]
        for name, value in fields.items()
    }
    return {"fields": fields, "evidence": rows, "contradictions": []}


async def has(api, call_id, minutes=0, record=None, **changes):
    """A call that the floor knows and that is filed."""
    arrived = ARRIVED + timedelta(minutes=minutes)
    moment = arrived.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = (record or {}).get("fields", {})
    place = fields.get("place") or {}
    known = {
        "arrived_at": moment,
        "category": fields.get("category"),
        "place_text": place.get("text"),
        "precinct": place.get("precinct"),
    }
    shown = summary(call_id, **(known | changes))
    api.floor.summaries[call_id] = shown
    if record:
        api.floor.records[call_id] = record
    row = CallRow(
        id=call_id,
        line=shown["line"],
        caller_number=shown["from"],
        queue=shown["queue"],
        state=shown["state"],
        arrived_at=arrived,
        language="en",
        seat=shown["seat"],
        category=shown["category"],
        place_text=shown["place_text"],
        precinct=shown["precinct"],
        closed_at=arrived + timedelta(minutes=1) if shown["state"] == "closed" else None,
        detail=detail(shown) | {"incident": record},
    )
    await Calls(api.database).upsert(row)


@pytest.fixture
async def robbery(api):
    """Two calls about one robbery, one open at s01, one that s02 had."""
    here = record(category="robbery", place=PLACE, weapons=["gun"])
    await has(api, "1.1", record=here, **{"from": "5550001"})
    there = record(category="robbery", place=PLACE | {"lat": 40.7755}, weapons=[])
    closed = {"state": "closed", "seat": "s02", "from": "5550002"}
    await has(api, "1.2", 3, record=there, **closed)


@pytest.fixture
async def boss(api):
    async with api.browser() as session:
        await sign_in(session, "boss")
        yield session


async def get(session, path, status=200):
    async with session.get(f"/api/v1/{path}") as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def post(session, path, body=None, status=200):
    async with session.post(f"/api/v1/{path}", json=body or {}) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


def noted(api, kind):
    return [(call_id, said) for call_id, each, said in api.journal.notes if each == kind]


async def test_a_likely_duplicate_is_offered_with_reasons(api, robbery, operator):
    (offer,) = (await get(operator, "incidents/1.1/duplicates"))["duplicates"]
    Offer.model_validate(offer)
    assert (offer["incident"], offer["numbers"], offer["finished"]) == (
        "inc-1.2",
        ["5550002"],
        True,
    )
    assert [each["name"] for each in offer["reasons"]] == ["same_kind", "near", "close_in_time"]
    (back,) = (await get(operator, "incidents/inc-1.2/duplicates"))["duplicates"]
    assert (back["incident"], back["score"]) == ("inc-1.1", offer["score"])


async def test_a_call_that_is_not_filed_yet_is_offered_too(api, robbery, operator):
    await Calls(api.database).remove("1.2")
    (offer,) = (await get(operator, "incidents/1.1/duplicates"))["duplicates"]
    assert offer["incident"] == "inc-1.2"


async def test_joined_incidents_are_one_under_every_id_and_nothing_is_overwritten(
    api, robbery, operator
):
    joined = await post(operator, "incidents/inc-1.2/join", {"incident": "inc-1.1"})
    WholeIncident.model_validate(joined)
    assert (joined["id"], [call["id"] for call in joined["calls"]]) == ("inc-1.1", ["1.1", "1.2"])
    assert joined["fields"]["weapons"] == ["gun"]
    (against,) = joined["contradictions"]
    assert (against["field"], against["heard"], against["call_id"]) == ("weapons", [], "1.2")
    for any_id in ("1.1", "1.2", "inc-1.1", "inc-1.2"):
        assert await get(operator, f"incidents/{any_id}") == joined
    assert (await get(operator, "incidents/1.1/duplicates"))["duplicates"] == []
    assert joined["calls"][1]["fields"]["weapons"] == [], "each call keeps what it said"
    ((call_id, said), (other, _)) = noted(api, "incident.joined")
    assert {call_id, other} == {"1.1", "1.2"}
    assert (said["by"], said["into"]) == ("s01", "inc-1.1")
    assert said["why"].startswith("offered: both robbery, 22 m apart, 3 min apart")


async def test_taking_the_join_back_restores_exactly_what_was(api, robbery, operator):
    before = [await get(operator, f"incidents/{any_id}") for any_id in ("1.1", "1.2")]
    joined = await post(operator, "incidents/1.1/join", {"incident": "1.2", "why": "both saw it"})
    body = {"join": joined["joins"][0]["join"], "why": "another gun"}
    left = await post(operator, "incidents/1.1/separate", body)
    after = [await get(operator, f"incidents/{any_id}") for any_id in ("1.1", "1.2")]
    (undone,) = left["separated"]
    assert (undone["why"], undone["separated_why"], undone["separated_by"]) == (
        "both saw it",
        "another gun",
        "s01",
    )
    assert [{**each, "separated": []} for each in after] == before
    assert len(noted(api, "incident.separated")) == 2
    # Offered still, but last, and with who took them apart.
    (offer,) = (await get(operator, "incidents/1.1/duplicates"))["duplicates"]
    assert offer["separated"]["by"] == "s01"


async def test_what_is_one_already_or_not_any_more_is_a_conflict(robbery, operator):
    await post(operator, "incidents/1.1/join", {"incident": "1.2"})
    await post(operator, "incidents/1.2/join", {"incident": "1.1"}, status=409)
    await post(operator, "incidents/1.1/separate", {"join": 99}, status=409)
    await post(operator, "incidents/1.1/separate")
    await post(operator, "incidents/1.1/separate", status=409)
    await post(operator, "incidents/1.1/join", {"incident": "9.9"}, status=404)


async def test_an_operator_changes_what_is_open_or_was_theirs_and_a_supervisor_anything(
    api, operator, boss
):
    finished = {"state": "closed", "seat": "s02"}
    await has(api, "2.1", **finished)
    await has(api, "2.2", 1, **finished)
    await has(api, "2.3", 2, state="closed", seat="s01")
    await post(operator, "incidents/2.1/join", {"incident": "2.2"}, status=403)
    edit = {"field": "level", "value": "red"}
    async with operator.patch("/api/v1/incidents/2.1", json=edit) as answer:
        assert answer.status == 403
    async with operator.patch("/api/v1/incidents/2.3", json=edit) as answer:
        assert answer.status == 200
    await post(boss, "incidents/2.1/join", {"incident": "2.2"})
    await post(operator, "incidents/2.1/separate", status=403)
    # To one of their own an operator may join any.
    await post(operator, "incidents/2.1/join", {"incident": "2.3"})
    await post(operator, "incidents/2.1/separate")
    await post(boss, "incidents/2.1/separate")


async def test_officers_see_an_incident_that_they_are_on_whole_and_change_nothing(api, officer):
    await post_as_program(api, "incidents/1.1/join", {"incident": "1.2"})
    seen = await get(officer, "incidents/1.1")
    assert [call["id"] for call in seen["calls"]] == ["1.1", "1.2"]
    await get(officer, "incidents/inc-1.2/export.json")
    for path in ("join", "separate"):
        await post(officer, f"incidents/1.2/{path}", {}, status=403)
    for path in ("incidents", "incidents/1.2/duplicates", "incidents.csv"):
        await get(officer, path, status=403)
    await post_as_program(api, "incidents/1.1/separate", {})
    await get(officer, "incidents/1.1", status=404)
    await get(officer, "incidents/1.1/export.json", status=404)
    await get(officer, "incidents/1.1/print", status=404)


async def post_as_program(api, path, body):
    async with api.program() as session:
        return await post(session, path, body)


async def test_what_is_typed_into_the_incident_stands_and_is_taken_back_everywhere(
    api, robbery, boss
):
    await post(boss, "incidents/1.1/join", {"incident": "1.2"})
    async with boss.patch(
        "/api/v1/incidents/inc-1.2", json={"field": "category", "value": "theft"}
    ) as answer:
        assert (await answer.json())["fields"]["category"] == "theft"
    assert api.floor.asked == [("edit_field", "1.1", "category", "theft", "boss")]
    await api.floor.edit_field("1.2", "category", "fire", "s02")
    async with boss.patch(
        "/api/v1/incidents/inc-1.1", json={"field": "category", "value": None}
    ) as answer:
        assert answer.status == 200
    assert [each[1:4] for each in api.floor.asked[2:]] == [
        ("1.1", "category", None),
        ("1.2", "category", None),
    ]


async def test_looking_at_a_finished_record_is_journalled_once_a_viewing(api, boss):
    await has(api, "2.1", state="closed")
    for path in ("incidents/2.1", "calls/2.1", "calls/2.1/transcript", "incidents/inc-2.1"):
        await get(boss, path)
    ((call_id, said),) = noted(api, "record.viewed")
    assert (call_id, said["by"], said["role"]) == ("2.1", "boss", "supervisor")
    assert said["address"]
    await get(boss, "calls/1.1")
    assert len(noted(api, "record.viewed")) == 1, "one that goes on is work, not a look at a file"


async def test_following_a_finished_call_live_is_a_look_too(api, boss):
    await has(api, "2.1", state="closed")
    async with boss.ws_connect("/api/v1/events") as stream:
        await stream.receive_json()
        await stream.send_json({"subscribe": "2.1"})
        assert (await stream.receive_json())["type"] == "call_detail"
    assert [call_id for call_id, _ in noted(api, "record.viewed")] == ["2.1"]


async def test_the_whole_incident_is_exported_with_words_and_the_export_journalled(
    api, robbery, operator
):
    await post(operator, "incidents/1.1/join", {"incident": "1.2"})
    async with operator.get("/api/v1/incidents/1.2/export.json") as answer:
        content = await answer.json()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="inc-1.1.json"'
    ExportedIncident.model_validate(content)
    assert content["calls"][0]["transcript"][0]["text"] == "somebody is robbing the bank"
    assert "/r/" not in json.dumps(content)
    assert [(call, said["format"], said["by"]) for call, said in noted(api, "record.exported")] == [
        ("1.1", "json", "s01"),
        ("1.2", "json", "s01"),
    ]


async def test_the_printed_page_is_escaped_and_may_run_and_load_nothing(api, operator):
    await has(api, "2.1", record=record(caller_name="<script>alert(1)</script>"))
    async with operator.get("/api/v1/incidents/2.1/print") as answer:
        html = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert answer.content_type == "text/html"
    assert "<script" not in html and "&lt;script&gt;" in html
    assert "default-src 'none'" in policy and "'sha256-" in policy and "unsafe" not in policy
    assert [call for call, _ in noted(api, "record.exported")] == ["2.1"]


async def csv_of(session, query):
    async with session.get(f"/api/v1/incidents.csv?{query}") as answer:
        assert answer.status == 200, await answer.text()
        content = await answer.read()
    assert content.startswith(b"\xef\xbb\xbf")
    return answer, list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_incidents_of_a_period_are_csv_one_a_line_and_formulas_are_text(api, robbery, boss):
    await post(boss, "incidents/1.1/join", {"incident": "1.2"})
    for number in range(5):
        await has(api, f"2.{number}", 10 + number, record=record(caller_name="=1+1"))
    answer, rows = await csv_of(boss, PERIOD)
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert [row["incident"] for row in rows] == ["inc-1.1", *(f"inc-2.{n}" for n in range(5))]
    assert (rows[0]["calls"], rows[0]["call_ids"], rows[0]["numbers"]) == (
        "2",
        "1.1 1.2",
        "5550001 5550002",
    )
    assert (rows[0]["place"], rows[0]["position"]) == ("Madison Avenue", "40.775300 -73.963200")
    assert (rows[0]["contradictions"], rows[0]["injured"]) == ("1", "")
    assert {row["caller_name"] for row in rows[1:]} == {"'=1+1"}
    ((_, said),) = noted(api, "records.exported")
    assert (said["by"], said["format"]) == ("boss", "csv")
    assert noted(api, "records.export_ended")[0][1]["incidents"] == 6


async def test_an_empty_period_is_a_file_with_a_heading(boss):
    _, rows = await csv_of(boss, "from=2020-01-01&to=2020-01-02")
    assert rows == []


async def test_operators_do_not_export_many(operator):
    await get(operator, f"incidents.csv?{PERIOD}", status=403)


async def test_incidents_are_found_by_period_kind_and_precinct_a_page_at_a_time(
    api, robbery, operator
):
    await has(api, "2.1", 10, record=record(category="fire"))
    await post(operator, "incidents/1.1/join", {"incident": "1.2"})
    first = await get(operator, f"incidents?{PERIOD}&limit=1")
    IncidentPage.model_validate(first)
    second = await get(operator, f"incidents?{PERIOD}&limit=1&after={first['next']}")
    third = await get(operator, f"incidents?{PERIOD}&limit=1&after={second['next']}")
    pages = [first, second, third]
    assert [row["id"] for page in pages for row in page["incidents"]] == ["inc-2.1", "inc-1.1"]
    assert third["next"] is None
    only = await get(operator, f"incidents?{PERIOD}&category=robbery&precinct=19&words=5550002")
    assert [row["call_ids"] for row in only["incidents"]] == [["1.1", "1.2"]]
    assert only["incidents"][0]["contradictions"] == 1
    searched = [said for _, said in noted(api, "records.searched")]
    assert searched[-1]["words"] == "5550002" and len(searched) == 2


@pytest.mark.parametrize(
    "query",
    [
        "from=tomorrow",
        "from=2026-03-02&to=2026-03-01",
        "category=flood",
        "level=green",
        "limit=-1",
        "after=xxx",
        "after=Zm9v",
        "colour=red",
        "words=%00",
    ],
)
async def test_a_search_that_cannot_be_is_refused(operator, query):
    body = await get(operator, f"incidents?{query}", status=400)
    assert body["error"]["code"] == "bad_input"


async def test_the_record_of_a_call_is_had_while_the_database_is_away(api, operator, monkeypatch):
    async def away(*_):
        raise StoreUnavailable("locked")

    monkeypatch.setattr(IncidentJoins, "wholes", away)
    seen = await get(operator, "incidents/1.1")
    assert (seen["id"], seen["complete"]) == ("inc-1.1", False)
    await get(operator, "incidents/1.1/duplicates", status=503)


async def test_on_a_busy_floor_the_one_in_the_same_precinct_is_found_among_many(api, operator):
    await has(api, "1.1", 20, record=record(category="robbery", place=PLACE))
    far = PLACE | {"lat": 40.9, "precinct": "50"}
    for number in range(60):
        await has(api, f"3.{number}", 19, record=record(category="robbery", place=far))
    await has(api, "2.1", 1, record=record(category="theft", place=PLACE))
    (offer,) = (await get(operator, "incidents/1.1/duplicates"))["duplicates"]
    assert offer["incident"] == "inc-2.1"


async def test_a_number_that_calls_again_is_offered_before_anything_is_known(api, operator):
    await has(api, "1.1", 50, **{"from": "+1 212 555 0142"})
    await has(api, "2.1", 1, state="closed", **{"from": "+1 212 555 0142"})
    (offer,) = (await get(operator, "incidents/1.1/duplicates"))["duplicates"]
    assert (offer["incident"], offer["reasons"][0]["name"]) == ("inc-2.1", "same_number")


async def test_links_are_shown_to_whoever_may_see_the_incident(api, program, officer):
    await has(api, "1.2", officer="o19a", state="closed")
    await has(api, "1.9", minutes=90, state="closed")
    async with program.get("/api/v1/incidents/1.2/recontacts") as answer:
        (found,) = (await answer.json())["recontacts"]
    assert Recontact.model_validate(found).call_id == "1.9"
    async with officer.get("/api/v1/incidents/1.2/recontacts") as answer:
        assert answer.status == 200
    async with officer.get("/api/v1/incidents/1.9/recontacts") as answer:
        assert answer.status == 404
    assert ("1.2", "record.viewed") in [(call_id, kind) for call_id, kind, _ in api.journal.notes]
