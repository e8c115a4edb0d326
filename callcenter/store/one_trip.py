"""SQLite on its driver's thread with one trip a statement.

aiosqlite makes a trip to its thread for everything that a cursor does: to make it, to execute, to
fetch, to close. Each wakes the event loop and fights it for the interpreter. Here the rows come
back with their statement, a transaction begins together with its first statement, and one that
never read anything is not ended.

Only what SQLAlchemy's asyncio adapter asks of a connection and a cursor is here: results are
fetched whole, so `AsyncConnection.stream` is not for these connections.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, Self

from aiosqlite import Connection


class _Outcome(NamedTuple):
    description: Any
    rowcount: int
    lastrowid: int | None
    rows: list[Any]


_NOTHING = _Outcome(None, -1, None, [])


class Cursor:
    """The outcome of one statement; has nothing open on the other side."""

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._outcome = _NOTHING
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        """The columns, as DB-API 2.0 has them; None when the statement gives no rows."""
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        """Rows that were changed."""
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Of the row that was inserted."""
        return self._outcome.lastrowid

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Execute one statement and fetch all that it gives."""
        self._outcome = await self._connection.run(sql, parameters, many=False)

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Execute one statement for each of these parameters."""
        self._outcome = await self._connection.run(sql, parameters, many=True)

    async def fetchall(self) -> list[Any]:
        """The rows, once."""
        rows, self._outcome = self._outcome.rows, self._outcome._replace(rows=[])
        return rows

    async def close(self) -> None:
        """Nothing is open."""


class OneTripConnection(Connection):
    """An aiosqlite connection for SQLAlchemy; ``isolation_level`` must be None."""

    _begin = ""

    def begin_with_next(self, begin: str) -> None:
        """Have the next statement open a transaction first, with ``BEGIN`` or a variant."""
        self._begin = begin

    def cursor(self) -> Cursor:  # type: ignore[override]  # no trip, hence nothing to await
        """A cursor, without a trip."""
        return Cursor(self)

    async def run(self, sql: str, parameters: Any, *, many: bool) -> _Outcome:
        """Execute a statement, in the transaction that was asked for."""
        begin, self._begin = self._begin, ""
        outcome: _Outcome
        outcome = await self._execute(self._run, begin, sql, parameters, many)  # type: ignore[no-untyped-call]  # theirs
        return outcome

    def _run(self, begin: str, sql: str, parameters: Any, many: bool) -> _Outcome:
        connection: sqlite3.Connection = self._conn
        if begin:
            connection.execute(begin).close()
        cursor = connection.cursor()
        try:
            (cursor.executemany if many else cursor.execute)(sql, parameters)
            rows = cursor.fetchall() if cursor.description else []
            # Only now: rows that an insert gives back count once they are fetched.
            return _Outcome(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
        finally:
            cursor.close()

    async def commit(self) -> None:
        """Commit what has begun. An unused transaction that locks still says if it cannot."""
        if self._begin not in ("", "BEGIN"):
            await self.run("SELECT 1", (), many=False)
        self._begin = ""
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Undo what has begun."""
        self._begin = ""
        if self.in_transaction:
            await super().rollback()


def connection(path: str, **options: Any) -> OneTripConnection:
    """A connection that opens when it is awaited; options as of `sqlite3.connect`."""
    return OneTripConnection(partial(sqlite3.connect, path, **options), iter_chunk_size=64)
