import asyncio
import contextlib
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, text
from structlog.testing import capture_logs

from callcenter.store import migrate
from callcenter.store.database import Database
from callcenter.store.errors import DatabaseTooNew, DatabaseUnusable, StoreUnavailable
from callcenter.store.tables import metadata, people


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("callcenter.store.database.BUSY_TIMEOUT_MS", 20)


async def test_a_new_database_gets_the_newest_schema_and_opening_again_changes_nothing(database):
    await database.open()
    await database.close()
    await database.open()
    async with database.reading() as connection:
        revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert revision == migrate.head()


async def test_migrations_and_tables_agree(database):
    await database.open()
    async with database.reading() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    assert differences == []


def test_migrations_can_be_written_for_postgresql(capsys):
    config = migrate.configuration()
    config.set_main_option("dialect", "postgresql")
    command.upgrade(config, "head", sql=True)
    sql = capsys.readouterr().out
    assert "BIGSERIAL" in sql and "TIMESTAMP WITH TIME ZONE" in sql
    assert "CREATE TRIGGER journal_refuses BEFORE UPDATE OR DELETE" in sql


async def test_only_the_owner_can_read_the_database(database, file):
    await database.open()
    files = list(file.parent.glob("callcenter.db*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


async def test_a_commit_is_on_disk_when_it_returns(database):
    await database.open()
    async with database.reading() as connection:
        mode = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
        full = (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one()
    assert (mode, full) == ("wal", 2)


async def test_a_database_of_a_later_version_is_refused_and_left_alone(database, file):
    await database.open()
    await database.close()
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseTooNew, match=r"schema 9999.*up to \d+.*later version wrote it"):
        await database.open()
    with pytest.raises(DatabaseTooNew):
        async with database.writing():
            pass


async def test_somebody_elses_tables_are_refused(database, file):
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE invoices (id INTEGER)")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseUnusable, match="invoices"):
        await database.open()


async def test_a_file_that_is_no_database_is_refused(database, file):
    file.write_bytes(b"not a database at all, but long enough to be looked at" * 100)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        await database.open()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "cannot be read"),
        ("mysql://x/y", r"expected sqlite\+aiosqlite or postgresql\+asyncpg"),
        ("sqlite+aiosqlite://", "in memory"),
        ("sqlite+aiosqlite:///:memory:", "in memory"),
    ],
)
def test_a_url_that_cannot_be_ours_is_refused(url, said):
    with pytest.raises(DatabaseUnusable, match=said):
        Database(url)


def test_a_password_in_the_url_is_never_shown():
    assert "hunter2" not in Database("postgresql+asyncpg://cc:hunter2@db/cc").name


async def test_a_missing_driver_is_named():
    with pytest.raises(DatabaseUnusable, match="driver is not installed"):
        await Database("postgresql+asyncpg://cc:x@127.0.0.1:1/cc").open()


async def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/file/x.db")
    with pytest.raises(StoreUnavailable):
        await nowhere.open()
    await nowhere.close()


async def test_a_locked_database_can_be_read_but_says_so_when_written(database, locked):
    await database.open()
    await database.doubt()
    with locked():
        async with database.reading() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM calls"))).scalar() == 0
        with pytest.raises(StoreUnavailable, match="locked"):
            async with database.writing():
                pass
    async with database.writing():
        pass


async def test_messages_of_the_driver_come_without_the_values(database):
    await database.open()
    word = "-".join(("secret", "word"))  # tracebacks quote the lines of this file
    with pytest.raises(StoreUnavailable) as refused:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO gone VALUES (:x)"), {"x": word})
    told = "".join(traceback.format_exception(refused.value))
    assert "no such table" in told and word not in told


async def test_a_write_that_fails_half_way_leaves_nothing(database):
    await database.open()
    with pytest.raises(RuntimeError):
        async with database.writing() as connection:
            row = {
                "name": "a",
                "role": "admin",
                "password_hash": "x",
                "created_at": datetime.now(UTC),
            }
            await connection.execute(insert(people).values(row))
            raise RuntimeError
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM people"))).scalar() == 0


async def test_a_file_that_vanishes_is_made_anew(database, file: Path):
    await database.open()
    await database.doubt()
    for path in file.parent.glob("callcenter.db*"):
        path.unlink()
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM calls"))).scalar() == 0


async def test_looking_whether_the_file_is_there_drops_no_lock(database, file: Path):
    """Whoever else leaves the file would take it for unused, and remove its log from under us."""
    await database.open()
    leave = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version')"
    )
    with contextlib.closing(sqlite3.connect(file)) as ours:
        ours.execute("SELECT count(*) FROM journal").fetchone()
        await database.doubt()
        await database.open()
        await database.close()
        await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", f"{leave}; c.close()", str(file)], check=True
        )
        assert Path(f"{file}-wal").exists()


async def test_a_moment_without_zone_is_never_stored(database):
    await database.open()
    with pytest.raises(Exception, match="without a time zone"):
        async with database.writing() as connection:
            row = {
                "name": "a",
                "role": "admin",
                "password_hash": "x",
                "created_at": datetime(2026, 1, 1),
            }
            await connection.execute(insert(people).values(row))


@pytest.fixture
def open_connections():
    """Those of this test: each has a thread of its own."""
    before = set(threading.enumerate())

    def of_this_test() -> list[threading.Thread]:
        threads = set(threading.enumerate()) - before
        return [one for one in threads if "_connection_worker_thread" in one.name]

    return of_this_test


@pytest.mark.parametrize("forget", [Database.doubt, Database.close])
async def test_a_connection_in_use_meanwhile_is_closed_when_it_is_given_back(
    database, forget, open_connections
):
    await database.open()
    async with database.reading() as connection:
        forgetting = asyncio.create_task(forget(database))
        await asyncio.sleep(0.05)
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1
    await forgetting
    async with asyncio.timeout(1):
        while open_connections():  # noqa: ASYNC110 (a thread's end has no event)
            await asyncio.sleep(0.01)


async def test_who_waits_for_a_connection_gets_one_although_the_database_is_doubted(
    database, open_connections, monkeypatch
):
    monkeypatch.setattr("callcenter.store.database.POOL_CONNECTIONS", 1)
    await database.open()
    database._engine.pool._max_overflow = 0

    async def read() -> int:
        async with database.reading() as connection:
            return (await connection.execute(text("SELECT 1"))).scalar_one()

    async with database.reading():
        waiting = asyncio.create_task(read())
        await asyncio.sleep(0.02)
        await database.doubt()
    async with asyncio.timeout(1):
        assert await waiting == 1
    await database.close()
    assert not open_connections()


@pytest.fixture
def slow_threads(monkeypatch):
    """A machine under load: connections are opened and ended late."""
    connect, stop = sqlite3.connect, aiosqlite.Connection.stop

    def late(*args, **options):
        time.sleep(0.1)
        return connect(*args, **options)

    def stop_late(connection):
        connection._tx.put_nowait((None, lambda: time.sleep(0.1)))
        return stop(connection)

    monkeypatch.setattr(sqlite3, "connect", late)
    monkeypatch.setattr(aiosqlite.Connection, "stop", stop_late)


async def test_closing_waits_for_a_connection_that_was_refused(
    tmp_path, slow_threads, open_connections
):
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/none/x.db", read_only=True)
    with pytest.raises(StoreUnavailable):
        await nowhere.open()
    await nowhere.close()
    assert not open_connections()


async def test_closing_waits_for_a_connection_whose_opening_was_given_up(
    database, slow_threads, open_connections
):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.03):
            await database.open()
    await database.close()
    assert not open_connections()


async def test_closing_does_not_wait_for_ever(database, monkeypatch):
    monkeypatch.setattr("callcenter.store.database.CLOSE_WITHIN_S", 0.05)
    await database.open()
    async with database.reading():
        async with asyncio.timeout(1):
            with capture_logs() as logs:
                await database.close()
    assert [entry["event"] for entry in logs] == ["database_not_closed"]
    assert await database._threads.ended(1)
