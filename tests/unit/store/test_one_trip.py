"""Each statement is one trip to SQLite's thread, and transactions are what they were."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from callcenter.store.one_trip import OneTripConnection


@pytest.fixture
def trips(monkeypatch) -> Iterator[list[Any]]:
    made: list[Any] = []
    once = OneTripConnection._execute

    async def counted(self, function, *args, **options):
        made.append(function)
        return await once(self, function, *args, **options)

    monkeypatch.setattr(OneTripConnection, "_execute", counted)
    return made


@pytest.fixture
async def ready(database):
    await database.open()
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    return database


async def test_a_small_read_is_two_trips_and_an_unused_one_none(ready, trips):
    async with ready.reading() as connection:
        assert (await connection.execute(text("SELECT 1"))).all() == [(1,)]
    assert len(trips) == 2
    async with ready.reading():
        pass
    assert len(trips) == 2


async def test_writing_many_rows_is_two_trips(ready, trips):
    async with ready.writing() as connection:
        await connection.execute(text("INSERT INTO t VALUES (:n)"), [{"n": n} for n in range(9)])
    assert len(trips) == 2


async def test_what_is_read_in_one_go_is_of_one_moment(ready, file):
    async with ready.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM t")) == 0
        other = sqlite3.connect(file)
        other.execute("INSERT INTO t VALUES (1)")
        other.commit()
        other.close()
        assert await connection.scalar(text("SELECT count(*) FROM t")) == 0
    async with ready.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM t")) == 1


async def test_what_fails_half_way_leaves_nothing_and_the_connection_usable(ready):
    for _ in range(2):
        with pytest.raises(IntegrityError):
            async with ready.writing() as connection:
                await connection.execute(text("INSERT INTO t VALUES (1)"))
                await connection.execute(text("INSERT INTO t VALUES (1)"))
    async with ready.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM t")) == 0


async def test_what_an_insert_gives_back_and_changed_rows_are_known(ready):
    async with ready.writing() as connection:
        made = await connection.execute(text("INSERT INTO t VALUES (7) RETURNING n"))
        assert made.scalar_one() == 7
        changed = await connection.execute(text("UPDATE t SET n = 8"))
        assert changed.rowcount == 1
