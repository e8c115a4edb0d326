import asyncio
import contextlib
import json
import os
import sqlite3
import stat
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from callcenter.store import journal as journal_module
from callcenter.store.chain import FIRST_PREVIOUS_HASH
from callcenter.store.database import Database
from callcenter.store.journal import Journal


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("callcenter.store.database.BUSY_TIMEOUT_MS", 20)
    monkeypatch.setattr(journal_module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(journal_module, "LONGEST_PAUSE_S", 0.05)


def rows(file: Path) -> list[tuple]:
    connection = sqlite3.connect(file)
    found = connection.execute("SELECT call_id, kind, payload FROM journal ORDER BY id").fetchall()
    connection.close()
    return found


def numbers(file: Path) -> list[int]:
    return [json.loads(payload)["n"] for _, kind, payload in rows(file) if kind == "step"]


def change(file: Path, statement: str) -> None:
    """What somebody with the file in hand can do, triggers or not."""
    connection = sqlite3.connect(file)
    for trigger in ("journal_refuses_UPDATE", "journal_refuses_DELETE"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(statement)
    connection.commit()
    connection.close()


async def until(condition, seconds=3.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (what it looks at has no event)
            await asyncio.sleep(0.01)


async def test_notes_are_committed_in_the_order_in_which_they_happened(journal, file):
    for n in range(50):
        journal.note("1.1", "step", {"n": n})
    assert await journal.flush()
    assert numbers(file) == list(range(50))


async def test_a_call_is_read_back_with_what_was_noted_in_utc(journal):
    at = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=9)))
    journal.note("1.1", "call.arrived", {"line": "110", "words": "강남역"}, at=at)
    journal.note("1.2", "call.arrived", {})
    (entry,) = await journal.read("1.1")
    assert (entry.kind, entry.payload) == ("call.arrived", {"line": "110", "words": "강남역"})
    assert entry.at == at and entry.at.utcoffset() == timedelta(0)
    assert entry.previous_hash == FIRST_PREVIOUS_HASH


async def test_a_sound_chain_verifies_and_names_its_head(journal):
    for n in range(5):
        journal.note("1.1", "step", {"n": n})
    await journal.flush()
    verdict = await journal.verify()
    assert verdict.sound and verdict.entries == 5
    assert verdict.head == (await journal.read("1.1"))[-1].hash


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE journal SET payload = '{\"n\":7}' WHERE id = 3",
        "UPDATE journal SET at = '2020-01-01 00:00:00.000000' WHERE id = 3",
        "UPDATE journal SET call_id = '1.9' WHERE id = 3",
        "UPDATE journal SET kind = 'other' WHERE id = 3",
        "UPDATE journal SET hash = 'f' WHERE id = 3",
    ],
)
async def test_a_changed_entry_is_found(journal, file, tampering):
    for n in range(5):
        journal.note("1.1", "step", {"n": n})
    await journal.flush()
    change(file, tampering)
    verdict = await journal.verify()
    assert not verdict.sound
    assert (verdict.broken_at, verdict.entries) == (3, 2)


async def test_a_removed_entry_is_found(journal, file):
    for n in range(5):
        journal.note("1.1", "step", {"n": n})
    await journal.flush()
    change(file, "DELETE FROM journal WHERE id = 3")
    assert (await journal.verify()).broken_at == 4


@pytest.mark.parametrize("action", ["UPDATE journal SET kind = 'x'", "DELETE FROM journal"])
async def test_the_database_itself_refuses_to_change_the_journal(journal, file, action):
    journal.note("1.1", "step", {"n": 1})
    await journal.flush()
    connection = sqlite3.connect(file)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(action)
    connection.close()


async def test_notes_survive_a_locked_database_in_order(journal, file, locked):
    with locked():
        for n in range(20):
            journal.note("1.1", "step", {"n": n})
            await asyncio.sleep(0.01)
        assert not await journal.flush(timeout_s=0.05)
        assert "locked" in journal.trouble
    assert await journal.flush()
    assert numbers(file) == list(range(20))
    assert journal.trouble == "" and (await journal.verify()).sound


async def test_while_the_database_refuses_notes_wait_in_a_file_that_only_we_can_read(
    journal, file, locked
):
    spill = file.with_name("journal-spill.jsonl")
    with locked():
        journal.note("1.1", "step", {"n": 0})
        await until(spill.exists)
        journal.note("1.1", "step", {"n": 1})
        await until(lambda: len(spill.read_text().splitlines()) == 2)
        assert journal.backlog == 0, "nothing that kill -9 could take"
        assert stat.S_IMODE(spill.stat().st_mode) == 0o600
    assert await journal.flush()
    assert not spill.exists()


async def test_what_waits_behind_a_refused_batch_is_spilled_with_it(journal, locked, monkeypatch):
    monkeypatch.setattr(journal_module, "FIRST_PAUSE_S", 60)
    with locked():
        for n in range(journal_module.BATCH_NOTES + 100):
            journal.note("1.1", "step", {"n": n})
        await until(lambda: journal.trouble != "" and journal.backlog == 0)


async def test_stopping_while_the_database_hangs_ends_in_time_and_loses_nothing(database, file):
    await database.open()
    journal = Journal(database, commit_patience_s=0.05)
    await journal.start()
    async with database.writing():
        journal.note("1.1", "step", {"n": 0})
        async with asyncio.timeout(2):
            assert not await journal.stop(timeout_s=0.2)
    again = Journal(database)
    await again.start()
    assert await again.flush()
    await again.stop()
    assert numbers(file) == [0]


async def test_spilled_notes_are_committed_by_the_next_process_before_its_own(database, file):
    await database.open()
    dead = Journal(database)
    dead.note("1.1", "step", {"n": 0})
    dead.note("1.1", "step", {"n": 1})
    await dead._spill_queue()  # what the writer had done when it was killed
    journal = Journal(database)
    journal.note("1.1", "step", {"n": 2})
    await journal.start()
    assert await journal.flush()
    assert numbers(file) == [0, 1, 2]
    await journal.stop()


async def test_a_note_that_was_committed_and_spilled_appears_once(journal, database, file):
    journal.note("1.1", "step", {"n": 0})
    note = journal._queue[0]
    assert await journal.flush()
    await journal.stop()
    journal._spill.append([note])
    again = Journal(database)
    again.note("1.1", "step", {"n": 1})
    await again.start()
    assert await again.flush()
    assert numbers(file) == [0, 1]
    await again.stop()


async def test_a_torn_line_in_the_spill_file_costs_only_itself_and_is_journalled(database, file):
    await database.open()
    dead = Journal(database)
    dead.note("1.1", "step", {"n": 0})
    await dead._spill_queue()
    spill = file.with_name("journal-spill.jsonl")
    spill.write_bytes(spill.read_bytes() + b'["torn", "2026-')
    journal = Journal(database)
    journal._spill.open()
    journal.note("1.1", "step", {"n": 1})
    await journal._spill_queue()
    await journal.start()
    assert await journal.flush()
    assert numbers(file) == [0, 1]
    assert (None, "journal.unreadable", '{"lines":1}') in rows(file)
    await journal.stop()


async def test_a_full_disk_is_waited_out(journal, database, file):
    journal.note("1.1", "step", {"n": 0})
    await journal.flush()

    async with database.writing() as connection:
        pages = await connection.exec_driver_sql("PRAGMA page_count")
        most = pages.scalar_one()
    full = Database(f"sqlite+aiosqlite:///{file}")
    limit = {"pages": most}

    await full.open()

    @event.listens_for(full._engine.sync_engine, "begin")
    def _bound(connection):
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit['pages']}")

    on_full = Journal(full, file.with_name("spill-2.jsonl"))
    await on_full.start()
    for n in range(1, 40):
        on_full.note("1.1", "step", {"n": n, "text": "x" * 4000})
    assert not await on_full.flush(timeout_s=0.3)
    assert "full" in on_full.trouble
    limit["pages"] = 100_000
    assert await on_full.flush()
    assert numbers(file) == list(range(40))
    assert (await on_full.verify()).sound
    await on_full.stop()
    await full.close()


async def test_a_disk_that_vanishes_and_comes_back_costs_nothing(journal, database, file, tmp_path):
    journal.note("1.1", "step", {"n": 0})
    await journal.flush()
    away = tmp_path.with_name(tmp_path.name + "-away")
    tmp_path.rename(away)
    tmp_path.write_text("no folder here")
    try:
        await database.doubt()
        for n in range(1, 5):
            journal.note("1.1", "step", {"n": n})
        assert not await journal.flush(timeout_s=0.2)
        await until(lambda: journal.trouble)
        assert journal.backlog >= 4
    finally:
        tmp_path.unlink()
        away.rename(tmp_path)
    assert await journal.flush()
    assert numbers(file) == [0, 1, 2, 3, 4]


async def test_a_database_that_hangs_holds_up_nobody(journal, database, file):
    journal._commit_patience_s = 0.05
    async with database.writing():  # a writer that does not come to an end
        journal.note("1.1", "step", {"n": 0})
        spill = file.with_name("journal-spill.jsonl")
        await until(spill.exists)
        journal.note("1.1", "step", {"n": 1})
        await until(lambda: len(spill.read_text().splitlines()) == 2)
    assert await journal.flush()
    assert numbers(file) == [0, 1]


async def test_beyond_the_memory_limit_notes_are_dropped_counted_and_the_count_is_journalled(
    database, file, locked, monkeypatch
):
    await database.open()
    journal = Journal(database, memory_notes=10)
    monkeypatch.setattr(
        journal._spill, "append", lambda notes: (_ for _ in ()).throw(OSError("no space"))
    )
    await journal.start()
    with locked():
        for n in range(15):
            journal.note("1.1", "step", {"n": n})
        await asyncio.sleep(0.1)
        assert journal.lost == 5
    assert await journal.flush()
    await until(lambda: (None, "journal.lost", '{"notes":5}') in rows(file))
    assert numbers(file) == list(range(10))
    await journal.stop()


@pytest.mark.parametrize(
    "payload",
    [
        {"n": object()},
        {"n": float("nan")},
        {"n": "\ud800"},
        {"n": "nul\0"},
        {"n": "x" * 200_000},
        {1: 2},
        {(1, 2): 3},
        "not a mapping",
        {"n": b"\xff"},
    ],
    ids=repr,
)
async def test_a_payload_that_cannot_be_written_never_raises_into_a_call(journal, payload):
    journal.note("1.1", "step", payload)
    journal.note("1.1", "after", {})
    assert await journal.flush()
    assert [entry.kind for entry in await journal.read("1.1")] == ["step", "after"]
    assert (await journal.verify()).sound


async def test_an_object_that_raises_when_written_never_raises_into_a_call(journal):
    class Hostile:
        def __str__(self):
            raise RuntimeError("no")

    journal.note("1.1", "step", {"n": Hostile()})
    assert await journal.flush()


async def test_ids_beyond_measure_are_cut(journal):
    journal.note("x" * 500, "k" * 500, {})
    journal.note("nul\0\ud800", "k", {})
    assert await journal.flush()
    assert (await journal.verify()).entries == 2


async def test_a_moment_without_zone_is_not_believed(journal):
    journal.note("1.1", "step", {}, at=datetime(2020, 1, 1))
    (entry,) = await journal.read("1.1")
    assert datetime.now(UTC) - entry.at < timedelta(minutes=1)


async def test_two_writers_on_one_database_keep_one_chain(journal, file):
    other_database = Database(f"sqlite+aiosqlite:///{file}")
    other = Journal(other_database, file.with_name("other-spill.jsonl"))
    await other.start()
    for n in range(30):
        journal.note("1.1", "step", {"n": n})
        other.note("1.2", "step", {"n": n})
        await asyncio.sleep(0)
    assert await journal.flush() and await other.flush()
    verdict = await journal.verify()
    assert verdict.sound and verdict.entries == 60
    await other.stop()
    await other_database.close()


async def test_flush_ends_although_notes_keep_coming(journal):
    async def chatter():
        while True:
            journal.note("1.2", "noise", {})
            await asyncio.sleep(0)

    noise = asyncio.create_task(chatter())
    try:
        journal.note("1.1", "step", {"n": 0})
        assert await journal.flush(timeout_s=2)
    finally:
        noise.cancel()


async def test_stopping_with_the_database_gone_leaves_everything_in_the_spill_file(
    database, file, locked
):
    await database.open()
    journal = Journal(database)
    await journal.start()
    with locked():
        for n in range(5):
            journal.note("1.1", "step", {"n": n})
        assert not await journal.stop(timeout_s=0.1)
    again = Journal(database)
    await again.start()
    assert await again.flush()
    assert numbers(file) == list(range(5))
    await again.stop()


async def test_stopping_leaves_no_commit_behind(database, file):
    await database.open()
    journal = Journal(database)
    await journal.start()
    async with database.writing():  # a writer that does not come to an end
        journal.note("1.1", "step", {"n": 0})
        assert not await journal.stop(timeout_s=0.05)
        assert "journal-commit" not in {task.get_name() for task in asyncio.all_tasks()}
    again = Journal(database)
    await again.start()
    assert await again.flush()
    assert numbers(file) == [0]
    await again.stop()


async def test_notes_before_the_start_are_kept(database, file):
    journal = Journal(database)
    journal.note("1.1", "step", {"n": 0})
    await journal.start()
    assert await journal.flush(), "the journal opens the database by itself"
    assert numbers(file) == [0]
    await journal.stop()


async def test_a_spill_file_that_somebody_removes_does_not_stop_the_journal(journal, file, locked):
    with locked():
        journal.note("1.1", "step", {"n": 0})
        spill = file.with_name("journal-spill.jsonl")
        await until(spill.exists)
        os.unlink(spill)
    journal.note("1.1", "step", {"n": 1})
    assert await journal.flush()
    assert numbers(file) == [1]
    assert any(kind == "journal.unreadable" for _, kind, _ in rows(file))


CHILD = """
import asyncio, sys
from callcenter.store.database import Database
from callcenter.store.journal import Journal

async def main():
    journal = Journal(Database(sys.argv[1]))
    await journal.start()
    n = 0
    while True:
        journal.note("1.1", "step", {"n": n})
        if await journal.flush():
            print(n, flush=True)
        n += 1

asyncio.run(main())
"""


async def test_what_was_flushed_survives_kill_9(database, file):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, f"sqlite+aiosqlite:///{file}", stdout=asyncio.subprocess.PIPE
    )
    flushed = -1
    async with asyncio.timeout(20):
        while flushed < 10:
            line = await child.stdout.readline()
            with contextlib.suppress(ValueError):
                flushed = int(line)
    child.kill()
    rest, _ = await child.communicate()
    flushed = max([flushed, *(int(line) for line in rest.split())])
    journal = Journal(database)
    verdict = await journal.verify()
    assert verdict.sound
    kept = numbers(file)
    assert kept == list(range(len(kept))) and len(kept) in (flushed + 1, flushed + 2)


async def test_what_callers_say_is_in_no_log(journal, locked):
    with capture_logs() as logs, locked():
        journal.note("1.1", "words", {"text": "my husband has a knife", "n": object()})
        assert not await journal.flush(timeout_s=0.1)
    assert logs and "knife" not in repr(logs)
