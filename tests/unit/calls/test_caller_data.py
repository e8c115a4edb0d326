"""What a caller says, and who they are, never stands in the text of a log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import structlog

from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Action, OriginateExtension, Redirect
from callcenter.asterisk.errors import ActionFailed, OutcomeUnknown
from callcenter.calls.call import Call
from callcenter.calls.legs import Role
from callcenter.calls.write_up import WriteUp
from callcenter.incidents.extract import Extractor
from callcenter.incidents.record import Record
from callcenter.logs import processors
from tests.unit.calls.floor import TestFloor

NUMBER = "2125550142"
WORDS = "a tall man in a red hat, with a gun, took my bag"
PLACE = "Madison Avenue and East Seventy Ninth Street"
PRIVATE = (NUMBER, NUMBER[-4:], "tall man in a red hat", "gun", PLACE, "Madison")

Logged = list[Mapping[str, Any]]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Every event at any level, with its traceback, as a line of the log would have it."""
    events: Logged = []

    def keep(_logger: Any, _method: str, event: Any) -> Any:
        events.append(dict(event))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[*processors(), keep],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        cache_logger_on_first_use=False,
    )
    yield events
    structlog.configure(**before)


def names(logged: Logged) -> set[str]:
    return {str(event["event"]) for event in logged}


def assert_nothing_private(logged: Logged) -> None:
    text = json.dumps(logged, default=repr, ensure_ascii=False).lower()
    assert [one for one in PRIVATE if one.lower() in text] == []


def arrives(floor: TestFloor) -> Call:
    floor.phone("s01", "NOT_INUSE")
    floor.tell(ami.CallArrived("1.1", "PJSIP/trunk-1", "1.1", "110", "emergency", NUMBER))
    return floor.register.get("1.1")


async def says(writing: WriteUp, call: Call, role: Role, text: str) -> None:
    number = len(call.segments)
    segment = {
        "id": f"w{number}",
        "leg": "1.1",
        "role": role.value,
        "party": role.value,
        "text": text,
        "start_ms": number * 1000,
        "end_ms": number * 1000 + 900,
        "final": True,
    }
    call.segments[segment["id"]] = segment
    writing.words(call, segment)
    await writing.settle(call)


async def whole_call(
    floor: TestFloor, extractor: Extractor, refusal: Exception | None = None
) -> Call:
    """Arrival, seat, words, a typed place, the officer, and the end.

    When they talk, Asterisk refuses everything with ``refusal``.
    """
    writing = WriteUp({"en": extractor}, floor.register, floor.bus, floor.note)
    call = arrives(floor)
    if refusal is None:
        await floor.settle()
    floor.rings("1.1", "s01")
    floor.answers("1.1", "s01", "1.2")
    floor.actor.error = refusal
    await floor.settle()
    await says(writing, call, Role.CALLER, WORDS)
    await says(writing, call, Role.CALLER, f"I am at {PLACE}.")
    writing.edit(call, "place", PLACE, by="s01", at="2026-01-01T00:00:00Z")
    await writing.settle(call)
    await floor.officers.ring(call, (), "s01")
    await floor.settle()
    attempts = [
        action.variables["ATTEMPT_ID"] for action in floor.actor.of(OriginateExtension)
    ] or ["none"]
    floor.tell(
        ami.OfficerAnswered("1.1", "o14a", attempts[0], "PJSIP/o14a-1", "1.3"),
        ami.OfficerTook("1.1", "o14a", attempts[0], "PJSIP/o14a-1", "1.3"),
        ami.PartyJoining("1.1", "PJSIP/o14a-1", "1.3", "officer", "o14a", ""),
        ami.BridgeJoined("1.1", "PJSIP/o14a-1", "1.3"),
    )
    await floor.settle()
    floor.hangs_up("1.2")
    floor.hangs_up("1.1")
    await floor.settle()
    assert call.closed
    return call


async def test_whole_call_logs_nothing_of_the_caller(logged: Logged) -> None:
    floor = TestFloor()
    call = await whole_call(floor, Extractor("en"))
    # It did pass through here: what the record, the journal and the console are told.
    told = json.dumps([floor.journal, floor.bus.told, call.record], default=str)
    assert [one for one in PRIVATE if one not in told] == []
    assert_nothing_private(logged)


@pytest.mark.parametrize(
    "error", [ActionFailed("no"), OutcomeUnknown("Redirect", "lost")], ids=["refused", "unknown"]
)
async def test_call_that_asterisk_obeys_in_nothing_logs_nothing_of_the_caller(
    logged: Logged, error: Exception
) -> None:
    await whole_call(TestFloor(), Extractor("en"), error)
    assert names(logged) >= {"officer.coming_unset", "officer.ring_failed"}
    assert_nothing_private(logged)


async def test_events_that_fit_no_call_log_nothing_of_the_caller(logged: Logged) -> None:
    floor = TestFloor()
    call = arrives(floor)
    floor.answers("1.1", "s01", "1.2")
    floor.tell(ami.OfferStarted("1.1", ("s01",), "stale"))
    floor.hangs_up("1.1")
    assert call.closed
    assert "call.odd_step" in names(logged)
    assert_nothing_private(logged)


class BrokenExtractor(Extractor):
    """Fails over the words, and says so with them."""

    def extract(self, turns: Any, **known: Any) -> Record:
        raise KeyError(turns[-1].text)


async def test_words_that_cannot_be_read_do_not_reach_the_log_with_the_error(
    logged: Logged,
) -> None:
    await whole_call(TestFloor(), BrokenExtractor("en"))
    assert "record.unread" in names(logged)
    assert_nothing_private(logged)


async def test_refused_actions_name_nothing_of_the_caller(logged: Logged) -> None:
    """Actions carry ids and channels alone, so that their errors may be logged whole."""
    floor = TestFloor()
    await whole_call(floor, Extractor("en"))
    actions: list[Action] = floor.actor.sent
    assert {type(action) for action in actions} >= {Redirect, OriginateExtension}
    assert [one for one in PRIVATE if one.lower() in repr(actions).lower()] == []
