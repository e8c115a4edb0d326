"""The console's types name what the API answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from callcenter.lab.layout import PROJECT

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]

SOURCES = PROJECT / "callcenter/console/src"
_INTERFACE = re.compile(r"export interface (\w+)(?: extends (\w+))? \{\n(.*?)\n\}", re.DOTALL)
_FIELD = re.compile(r"^  (\w+)(\?)?: (.+);$", re.MULTILINE)

DESCRIBED = {
    "CallSummary": "CallSummary",
    "CallPosition": "CallPosition",
    "Responsible": "CallResponsible",
    "Call": "Call",
    "Leg": "Leg",
    "TimelineStep": "Step",
    "Incident": "Incident",
    "Recording": "Recording",
    "Speech": "Speech",
    "Segment": "Segment",
    "Seat": "Seat",
    "Officer": "Officer",
    "Me": "Me",
    "OnDutyNow": "OnDutyNow",
    "OfficerPosition": "OfficerPosition",
    "Roster": "Roster",
    "RosterShift": "RosterShift",
    "RosterAbsence": "RosterAbsence",
    "RosterFinding": "RosterFinding",
    "RosterChange": "RosterChange",
    "Imported": "Imported",
    "DutyState": "DutyState",
    "OfficerLink": "OfficerLink",
    "SeatSkill": "SeatSkill",
    "Queue": "Queue",
    "WaitingCall": "WaitingCall",
    "Reason": "Reason",
    "Task": "Task",
    "TaskCall": "TaskCall",
    "Calling": "Calling",
    "OfficerResponse": "Response",
    "DraftedResponse": "DraftedResponse",
    "Recontact": "Recontact",
    "ResponseNote": "ResponseNote",
    "FiguresAnswer": "Figures",
    "FigureGroup": "FigureGroup",
    "Tuning": "Tuning",
    "TuningVersion": "TuningVersion",
    "TuningChanged": "TuningChanged",
    "FieldChange": "FieldChange",
    "Validation": "Validation",
    "Staffing": "Staffing",
    "StaffedHalfHour": "StaffedHalfHour",
    "WholeIncident": "WholeIncident",
    "CallOfIncident": "CallOfIncident",
    "Joined": "Joined",
    "FieldEdit": "FieldEdit",
    "Offer": "Offer",
    "OfferReason": "OfferReason",
    "Separated": "Separated",
    "IncidentLine": "IncidentLine",
    "IncidentPage": "IncidentPage",
    "KindOfBoundaries": "KindOfBoundaries",
    "VersionOfBoundaries": "VersionOfBoundaries",
    "BoundaryMap": "BoundaryMap",
    "BoundaryFault": "BoundaryFault",
}
"""The console's interface and the schema that `openapi.json` has for it."""


@dataclass(frozen=True)
class Field:
    optional: bool
    nullable: bool


def interfaces() -> dict[str, dict[str, Field]]:
    found: dict[str, dict[str, Field]] = {}
    for file in sorted(SOURCES.rglob("types.ts")):
        for name, base, body in _INTERFACE.findall(file.read_text("utf-8")):
            own = {
                field: Field(bool(optional), "null" in kind or kind in ("unknown", "Json"))
                for field, optional, kind in _FIELD.findall(body)
            }
            assert name not in found, f"{name} is there twice"
            found[name] = {**found.get(base, {}), **own}
    return found


def misfits(name: str, answer: dict[str, Any]) -> list[str]:
    """Where a real answer is not what the console takes it for."""
    return [
        f"{name}.{field}"
        for field, wanted in interfaces()[name].items()
        if (field not in answer and not wanted.optional)
        or (answer.get(field, "") is None and not wanted.nullable)
    ]


async def test_every_field_of_the_console_is_described(hotline):
    schemas = (await hotline.api("openapi.json"))["components"]["schemas"]
    missing = [
        f"{name}.{field}"
        for name, schema in DESCRIBED.items()
        for field, wanted in interfaces()[name].items()
        if field not in schemas[schema]["properties"] and not wanted.optional
    ]
    assert missing == []


async def test_every_field_that_may_be_null_is_expected_to(hotline):
    schemas = (await hotline.api("openapi.json"))["components"]["schemas"]

    def may_be_null(schema: dict[str, Any]) -> bool:
        return {"type": "null"} in schema.get("anyOf", ())

    unexpected = [
        f"{name}.{field}"
        for name, schema in DESCRIBED.items()
        for field, wanted in interfaces()[name].items()
        if may_be_null(schemas[schema]["properties"].get(field, {})) and not wanted.nullable
    ]
    assert unexpected == []


async def test_real_answers_are_what_the_console_takes_them_for(hotline, phone):
    seat, caller = await phone("s01"), await phone("2125550123")
    await caller.dial("110")
    await seat.wait_ringing()
    waiting = await hotline.call_from("2125550123")
    await seat.answer()
    await caller.wait_established()
    await hotline.call_is(waiting["id"], state="talking")
    typed = {"field": "place", "value": "Somewhere"}
    await hotline.api(f"incidents/{waiting['id']}", typed, "PATCH")
    await caller.hang_up()
    call = await hotline.call_is(waiting["id"], state="closed")

    async def kept() -> dict[str, Any] | None:
        now = await hotline.api(f"calls/{waiting['id']}")
        return now if now["recordings"] else None

    call = await hotline.until(kept, "a recording")
    incident = await hotline.api(f"incidents/{waiting['id']}")
    incidents = await hotline.api("incidents")
    assert incident["id"] in {line["id"] for line in incidents["incidents"]}
    place = call["incident"]["fields"]["place"]
    evidence = call["incident"]["evidence"]["place"]
    answers = [
        ("CallSummary", waiting),
        ("Call", call),
        *(("Leg", leg) for leg in call["legs"]),
        *(("TimelineStep", step) for step in call["timeline"]),
        ("Incident", call["incident"]),
        ("WholeIncident", incident),
        *(("CallOfIncident", one) for one in incident["calls"]),
        *(("FieldEdit", one) for one in incident["history"]["place"]),
        ("IncidentPage", incidents),
        *(("IncidentLine", one) for one in incidents["incidents"]),
        ("Place", place),
        *(("Evidence", item) for item in evidence),
        *(("Recording", recording) for recording in call["recordings"]),
        ("Speech", call["speech"]),
        *(("Seat", one) for one in (await hotline.api("seats"))["seats"]),
        *(("Officer", one) for one in (await hotline.api("officers"))["officers"]),
        ("Me", await hotline.api("me")),
        *(("Queue", one) for one in (await hotline.api("queues"))["queues"]),
        *(("Reason", one) for one in (await hotline.api("reasons"))["reasons"]),
        *(("Task", one) for one in (await hotline.api("tasks"))["tasks"]),
        ("FiguresAnswer", await hotline.api("figures?by=queue")),
        ("FiguresAnswer", await hotline.api("figures/live?by=half_hour")),
        ("TuningInForce", await hotline.api("tuning")),
        ("Staffing", await hotline.api("staffing?handling_s=60")),
        *(("TuningVersion", one) for one in (await hotline.api("tuning/versions"))["versions"]),
    ]
    assert [misfit for name, answer in answers for misfit in misfits(name, answer)] == []
