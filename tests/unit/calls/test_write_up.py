"""What people type into a record, and take back."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.api import shapes
from callcenter.asterisk import events as ami
from callcenter.calls.call import Call
from callcenter.calls.write_up import WriteUp
from callcenter.incidents.extract import Extractor
from tests.unit.calls.floor import TestFloor

AT = "2026-01-01T00:00:00Z"


@pytest.fixture
async def floor() -> TestFloor:
    return TestFloor()


@pytest.fixture
async def call(floor: TestFloor) -> Call:
    floor.phone("s01", "NOT_INUSE")
    floor.tell(ami.CallArrived("1.1", "PJSIP/trunk-1", "1.1", "110", "emergency", "5551234"))
    return floor.register.get("1.1")


@pytest.fixture
def writing(floor: TestFloor) -> WriteUp:
    return WriteUp({"en": Extractor("en", None)}, floor.register, floor.bus, floor.note)


async def types(writing: WriteUp, call: Call, field: str, value: Any) -> Any:
    """The field of the record after a person typed this."""
    writing.edit(call, field, value, by="s01", at=AT)
    await writing.settle(call)
    return call.record["fields"][field]


async def test_typed_value_that_is_taken_back_is_gone(writing: WriteUp, call: Call) -> None:
    assert await types(writing, call, "caller_name", "Ann Lee") == "Ann Lee"
    assert await types(writing, call, "caller_name", None) is None
    assert writing.typed("1.1") == {}
    assert "caller_name" not in call.record["evidence"]


async def test_what_was_heard_is_back_when_what_was_typed_is_taken_back(
    writing: WriteUp, call: Call
) -> None:
    segment = {
        "id": "w1",
        "leg": "1.1",
        "role": "caller",
        "party": None,
        "text": "a man with a gun robbed me",
        "start_ms": 0,
        "end_ms": 900,
        "final": True,
    }
    call.segments["w1"] = segment
    writing.words(call, segment)
    await writing.settle(call)
    heard = call.record["fields"]["category"]
    assert heard == "robbery"
    assert await types(writing, call, "category", "theft") == "theft"
    assert await types(writing, call, "category", None) == heard
    assert call.record["contradictions"] == []


async def test_taking_back_what_nobody_typed_changes_nothing(writing: WriteUp, call: Call) -> None:
    assert await types(writing, call, "place", None) is None


async def test_answer_to_asking_for_an_officer_has_the_promised_shape(
    floor: TestFloor, call: Call
) -> None:
    await floor.settle()
    floor.rings("1.1", "s01")
    floor.answers("1.1", "s01", "1.2")
    for state in ("ringing", "already_ringing"):
        answer = await floor.officers.ring(call, "o14a", "s01")
        assert shapes.OfficerRinging.model_validate(answer).state == state
        await floor.settle()
