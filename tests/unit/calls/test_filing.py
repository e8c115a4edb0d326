"""What is marked is written together, once, and nothing that a store refuses is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from callcenter.calls import filing as filings
from callcenter.calls.call import Call, CallState
from callcenter.calls.filing import Filing
from callcenter.store.errors import StoreUnavailable
from tests.unit.calls.floor import TestFloor


class Files:
    """A store in memory that can refuse."""

    def __init__(self) -> None:
        self.rounds: list[list[Any]] = []
        self.locked = False
        self.poison = ""

    async def write(self, sheets: list[Any]) -> None:
        if self.locked:
            raise StoreUnavailable("locked")
        if any(sheet.row.id == self.poison for sheet in sheets):
            raise ValueError("a row that no database takes")
        self.rounds.append(sheets)

    @property
    def ids(self) -> list[list[str]]:
        return [[sheet.row.id for sheet in sheets] for sheets in self.rounds]


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def typed() -> dict[str, Any]:
    return {}


@pytest.fixture
def may() -> set[str]:
    """Calls that must not be filed yet."""
    return set()


@pytest.fixture
async def filing(files, typed, may, monkeypatch) -> AsyncIterator[Filing]:
    monkeypatch.setattr(filings, "GATHER_S", 0.001)
    filing = Filing(files, lambda _: dict(typed), dict, lambda call: call.id not in may)
    task = asyncio.create_task(filing.run())
    yield filing
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@contextmanager
def locked(files: Files) -> Iterator[None]:
    files.locked = True
    try:
        yield
    finally:
        files.locked = False


def calls(*ids: str) -> list[Call]:
    floor = TestFloor()
    for call_id in ids:
        floor.arrives(call_id)
    return [floor.register.get(call_id) for call_id in ids]


def said(text: str) -> dict[str, Any]:
    return {"id": "w1", "role": "caller", "text": text, "start_ms": 0, "final": True}


async def filed(filing: Filing, *marked: Call) -> None:
    for call in marked:
        filing.mark(call)
    assert await filing.flush(2)


async def test_calls_that_change_together_are_written_in_one_transaction(filing, files):
    some = calls("1.1", "1.2", "1.3")
    await filed(filing, *some, *some)
    assert files.ids == [["1.1", "1.2", "1.3"]]


async def test_a_refused_round_is_written_later_with_the_newest_state(filing, files):
    (call,) = calls("1.1")
    with locked(files):
        filing.mark(call)
        assert not await filing.flush(0.02)
        call.state = CallState.CLOSED
    assert await filing.flush(2)
    assert [sheet.row.state for (sheet,) in files.rounds] == ["closed"]


async def test_a_row_that_no_database_takes_does_not_hold_the_others(filing, files):
    files.poison = "1.2"
    await filed(filing, *calls("1.1", "1.2", "1.3"))
    assert files.ids == [["1.1"], ["1.3"]]


async def test_what_may_not_be_filed_yet_does_not_hold_the_others(filing, files, may):
    may.add("1.1")
    first, second = calls("1.1", "1.2")
    filing.mark(first)
    filing.mark(second)
    async with asyncio.timeout(10):
        while not files.ids:
            assert not await filing.flush(0.02)
    assert files.ids == [["1.2"]]
    assert not await filing.flush(0.02)
    may.clear()
    assert await filing.flush(2)
    assert files.ids == [["1.2"], ["1.1"]]


async def test_words_and_records_are_written_once_also_after_the_end(filing, files):
    (call,) = calls("1.1")
    call.segments["w1"] = said("help")
    call.record = {"fields": {"category": "fire"}}
    await filed(filing, call)
    call.state = CallState.CLOSED
    await filed(filing, call)
    call.recordings.append({"path": "/r"})
    await filed(filing, call)
    assert [len(sheet.segments) for (sheet,) in files.rounds] == [1, 0, 0]
    assert [sheet.incident is not None for (sheet,) in files.rounds] == [True, False, False]


async def test_words_typed_fields_and_records_that_change_are_written_again(filing, files, typed):
    (call,) = calls("1.1")
    call.segments["w1"] = said("hell")
    await filed(filing, call)
    call.segments["w1"] = said("help")
    await filed(filing, call)
    typed["level"] = {"value": "red", "by": "s01", "at": "now"}
    await filed(filing, call)
    call.record = {"fields": {}, "evidence": {}, "closed": True}
    await filed(filing, call)
    (first,), (second,), (third,), (fourth,) = files.rounds
    assert [segment["text"] for segment in (*first.segments, *second.segments)] == ["hell", "help"]
    assert third.incident.typed == typed
    assert fourth.incident.record == call.record


async def test_words_that_a_store_refused_are_not_taken_for_written(filing, files):
    (call,) = calls("1.1")
    call.segments["w1"] = said("help")
    with locked(files):
        filing.mark(call)
        assert not await filing.flush(0.02)
    assert await filing.flush(2)
    assert [segment["text"] for segment in files.rounds[-1][0].segments] == ["help"]


async def test_what_is_marked_when_the_service_stops_is_still_written(files, typed):
    filing = Filing(files, lambda _: typed, dict, lambda _: True)
    (call,) = calls("1.1")
    filing.mark(call)
    assert await filing.finish(1)
    assert files.ids == [["1.1"]]
    filing.mark(call)
    with locked(files):
        assert not await filing.finish(1)
