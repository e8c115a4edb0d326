"""A record is corrected after the call, and its history says who did what."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callcenter.calls.errors import UnknownCall
from callcenter.records.filed_edits import FiledEdits
from callcenter.records.history import FieldHistory
from callcenter.store.calls import CallRow, Calls
from callcenter.store.database import Database
from callcenter.store.filed import FiledCalls
from callcenter.store.incidents import Incidents
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEARD = {"value": "robbery", "source": "caller_words", "words": "robbed", "confidence": 0.8}
RECORD = {"fields": {"category": "robbery"}, "evidence": {"category": [HEARD]}}


def placed(language: str, text: str) -> dict[str, object]:
    return {"text": text, "precinct": "19", "lat": 40.7, "lon": -73.9, "language": language}


@dataclass
class Filed:
    edits: FiledEdits
    calls: Calls
    incidents: Incidents
    history: FieldHistory
    told: list[tuple[str, dict[str, Any]]]


class Told(list[tuple[str, dict[str, Any]]]):
    """What consoles are told."""

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        self.append((topic, message))


@pytest.fixture
async def filed(tmp_path: Path) -> AsyncIterator[Filed]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    await database.open()
    journal = Journal(database)
    await journal.start()
    calls, incidents, bus = Calls(database), Incidents(database), Told()
    row = CallRow("1.1", "110", "555", "emergency", "closed", AT, "en", detail={"id": "1.1"})
    await calls.upsert(row)
    await incidents.save("1.1", RECORD)
    yield Filed(
        FiledEdits(calls, FiledCalls(database), placed, journal.note, bus),
        calls,
        incidents,
        FieldHistory(JournalPages(database), journal.flush),
        bus,
    )
    await journal.stop(0.5)
    await database.close()


async def test_a_correction_is_in_the_record_in_the_lists_and_in_the_history(filed):
    await filed.edits.edit("1.1", "category", "theft", "boss", AT)
    kept = await filed.incidents.get("1.1")
    assert kept.record["fields"]["category"] == "theft"
    assert kept.record["contradictions"][0]["heard"] == "robbery"
    assert kept.typed == {
        "category": {"value": "theft", "by": "boss", "at": "2026-03-01T12:00:00.000Z"}
    }
    row = await filed.calls.get("1.1")
    assert (row.category, row.detail["category"]) == ("theft", "theft")
    assert row.detail["incident"] == kept.record
    shown = {"type": "incident", "call_id": "1.1", "incident": kept.record}
    assert filed.told == [("call:1.1", shown)]


async def test_the_history_of_a_field_says_who_typed_what_and_what_that_replaced(filed):
    await filed.edits.edit("1.1", "category", "theft", "boss", AT)
    await filed.edits.edit("1.1", "category", "fraud", "admin", AT)
    await filed.edits.edit("1.1", "category", None, "boss", AT)
    edits = (await filed.history.of(["1.1"]))["category"]
    told = [(each["by"], each["value"], each["before"], each["before_by"]) for each in edits]
    assert told == [
        ("boss", "theft", "robbery", None),
        ("admin", "fraud", "theft", "boss"),
        ("boss", None, "fraud", "admin"),
    ]
    assert {each["call_id"] for each in edits} == {"1.1"}
    assert (await filed.incidents.get("1.1")).record["fields"]["category"] == "robbery"
    assert await filed.history.of(["1.2"]) == {}


async def test_a_typed_place_is_found_on_the_map_in_the_language_of_the_call(filed):
    record = await filed.edits.edit("1.1", "place", "Main Street", "boss", AT)
    assert record["fields"]["place"]["language"] == "en"
    row = await filed.calls.get("1.1")
    assert (row.place_text, row.precinct) == ("Main Street", "19")


async def test_a_call_that_had_no_record_gets_one(filed):
    await filed.calls.upsert(
        CallRow("1.2", "110", "", "emergency", "closed", AT, "en", detail={"id": "1.2"})
    )
    record = await filed.edits.edit("1.2", "caller_name", "Kim", "boss", AT)
    assert record["fields"]["caller_name"] == "Kim"


async def test_a_call_that_is_not_filed_is_unknown(filed):
    with pytest.raises(UnknownCall):
        await filed.edits.edit("9.9", "level", "red", "boss", AT)
    assert await filed.history.of(["9.9"]) == {}
