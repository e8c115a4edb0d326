from datetime import UTC, datetime, timedelta

import pytest

from callcenter.store.calls import CallRow, Calls
from callcenter.store.errors import StoreUnavailable
from callcenter.store.incidents import Incidents
from callcenter.store.recordings import RecordingsTable
from callcenter.store.transcripts import Transcripts

ARRIVED = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
HOSTILE = "'; DROP TABLE calls; --"


def call(call_id="1.1", **changes) -> CallRow:
    values = {
        "id": call_id,
        "line": "110",
        "caller_number": "5551234",
        "queue": "emergency",
        "state": "talking",
        "arrived_at": ARRIVED,
        "language": "en",
    }
    return CallRow(**(values | changes))


async def test_a_call_is_replaced_by_its_newer_state(database):
    calls = Calls(database)
    await calls.upsert(call(state="waiting"))
    row = call(state="closed", seat="s01", wait_ms=1200, detail={"legs": [{"id": "1.1"}]})
    await calls.upsert(row)
    assert await calls.get("1.1") == row
    assert await calls.get("1.2") is None


async def test_calls_are_listed_newest_first_and_open_ones_apart(database):
    calls = Calls(database)
    rows = [
        call(
            f"1.{n}",
            arrived_at=ARRIVED + timedelta(seconds=n),
            state="closed" if n < 3 else "talking",
        )
        for n in range(5)
    ]
    await calls.upsert(*rows)
    assert [row.id for row in await calls.recent(2)] == ["1.4", "1.3"]
    older = await calls.recent(10, before=ARRIVED + timedelta(seconds=2))
    assert [row.id for row in older] == ["1.1", "1.0"]
    assert [row.id for row in await calls.not_closed()] == ["1.4", "1.3"]
    await calls.remove("1.4")
    assert [row.id for row in await calls.not_closed()] == ["1.3"]


async def test_the_same_call_twice_in_one_write_keeps_the_later(database):
    calls = Calls(database)
    await calls.upsert(call(state="waiting"), call(state="talking"))
    assert (await calls.get("1.1")).state == "talking"


async def test_hostile_words_stay_words(database):
    calls = Calls(database)
    await calls.upsert(call(HOSTILE, place_text=HOSTILE))
    assert (await calls.get(HOSTILE)).place_text == HOSTILE


async def test_a_summary_has_times_with_zone(database):
    calls = Calls(database)
    await calls.upsert(call(answered_at=ARRIVED))
    summary = (await calls.get("1.1")).summary()
    assert summary["arrived_at"] == "2026-03-01T12:00:00.250000+00:00"
    assert summary["from"] == "5551234" and summary["closed_at"] is None


async def test_segments_come_by_time_and_a_later_form_replaces_the_earlier(database):
    transcripts = Transcripts(database)
    await transcripts.add(
        {"call_id": "1.1", "id": "b", "start_ms": 2000, "text": "the bank"},
        {"call_id": "1.1", "id": "a", "start_ms": 1000, "text": "someone"},
        {"call_id": "1.2", "id": "a", "start_ms": 0, "text": "other"},
    )
    await transcripts.add({"call_id": "1.1", "id": "b", "start_ms": 2000, "text": "은행"})
    assert await transcripts.of("1.1") == [
        {"id": "a", "start_ms": 1000, "text": "someone"},
        {"id": "b", "start_ms": 2000, "text": "은행"},
    ]


async def test_a_record_keeps_what_was_typed_apart(database):
    incidents = Incidents(database)
    await incidents.save("1.1", {"fields": {"category": "theft"}})
    await incidents.save("1.1", {"fields": {"category": "robbery"}}, {"level": {"value": "red"}})
    stored = await incidents.get("1.1")
    assert stored.record == {"fields": {"category": "robbery"}}
    assert stored.typed == {"level": {"value": "red"}}
    assert stored.updated_at.tzinfo is UTC
    assert await incidents.get("1.2") is None


async def test_recordings_are_registered_and_name_the_last_of_their_chain(database):
    recordings = RecordingsTable(database)
    assert await recordings.last_hash() == ""
    for n in range(2):
        await recordings.add(
            "1.1", path=f"/r/{n}.wav", sha256=f"a{n}", bytes=5, duration_ms=10, chained_hash=f"h{n}"
        )
    assert await recordings.last_hash() == "h1"
    assert [row.path for row in await recordings.of("1.1")] == ["/r/0.wav", "/r/1.wav"]


async def test_a_recording_told_twice_is_registered_once(database):
    recordings = RecordingsTable(database)
    for _ in range(2):
        await recordings.add(
            "1.1", path="/r/1.wav", sha256="a", bytes=5, duration_ms=10, chained_hash="h"
        )
    assert len(await recordings.of("1.1")) == 1


async def test_writing_to_a_locked_database_is_refused_as_unavailable(
    database, locked, monkeypatch
):
    monkeypatch.setattr("callcenter.store.database.BUSY_TIMEOUT_MS", 20)
    await database.open()
    with locked(), pytest.raises(StoreUnavailable):
        await Calls(database).upsert(call())
