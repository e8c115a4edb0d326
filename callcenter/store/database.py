"""One database: how connections are opened, and the two ways to use them.

``reading()`` and ``writing()`` are the only doors. A write holds SQLite's write lock from its
first statement (``BEGIN IMMEDIATE``), so a transaction never fails half way because somebody else
wrote in between; writers of this process queue up in Python, where waiting costs no thread.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.dml import Insert

from . import migrate
from .connections import ClosingPool, SqliteThreads
from .errors import DatabaseUnusable, StoreUnavailable

DATABASE_MODE = 0o600
BUSY_TIMEOUT_MS = 1000
"""How long SQLite waits for a lock of another process before it says "locked"."""
POOL_CONNECTIONS = 16
"""All are kept once they were opened: to open one under load costs more than ten statements."""
POOL_TIMEOUT_S = 5.0
CLOSE_WITHIN_S = 2.0
"""Longer than SQLite waits for a lock; a disk that hangs must not keep the process."""

_log = structlog.get_logger(__name__)


class Database:
    """The SQL database behind a URL such as ``sqlite+aiosqlite:////var/lib/x/callcenter.db``.

    With ``read_only`` it is looked at as it is: neither made nor brought up to date.

    Raises `DatabaseUnusable` for a URL that cannot mean a database of ours.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        try:
            self._url = make_url(url)
        except ArgumentError:
            raise DatabaseUnusable(
                "the database URL cannot be read; expected for example"
                " sqlite+aiosqlite:///callcenter.db"
            ) from None
        if self._url.get_dialect().name not in ("sqlite", "postgresql"):
            raise DatabaseUnusable(f"{self.name}: expected sqlite+aiosqlite or postgresql+asyncpg")
        if self._url.get_backend_name() == "sqlite" and self.file is None:
            raise DatabaseUnusable(f"{self.name}: a database in memory forgets; name a file")
        self._read_only = read_only
        self._engine: AsyncEngine | None = None
        self._threads = SqliteThreads()
        self._migrated = False
        self._opening = asyncio.Lock()
        self._writer = asyncio.Lock()

    @property
    def name(self) -> str:
        """The URL without its password, for messages."""
        return self._url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None for a server."""
        path = self._url.database
        if self._url.get_backend_name() != "sqlite" or not path or path == ":memory:":
            return None
        return Path(path)

    async def open(self) -> None:
        """Connect and bring the schema up to date; does nothing when that was done.

        Raises `StoreUnavailable` (try again) or `DatabaseUnusable` (a person must act).
        """
        async with self._opening:
            if self._migrated:
                return
            if not self._read_only:
                self._prepare_file()
            if self._engine is None:
                self._engine = self._create_engine()
            # Looked at by reading first: a database locked for writing can still be read.
            async with self._connection(self._engine, writing=False) as connection:
                current = await connection.run_sync(migrate.is_current)
            if not current and self._read_only:
                raise StoreUnavailable(
                    f"{self.name}: not a schema of this version; the service brings an older one"
                    " up to date when it starts"
                )
            if not current:
                async with self._connection(self._engine, writing=True) as connection:
                    await connection.run_sync(migrate.upgrade, self.name)
                _log.info("database_migrated", database=self.name, schema=migrate.head())
            self._migrated = True

    async def close(self) -> None:
        """Close every connection, those in use as they are given back. A later `open` starts anew.

        Returns when all are closed, or after `CLOSE_WITHIN_S`.
        """
        engine, self._engine, self._migrated = self._engine, None, False
        if engine is not None:
            await engine.dispose()
        if not await self._threads.ended(CLOSE_WITHIN_S):
            _log.warning("database_not_closed", database=self.name)

    async def doubt(self) -> None:
        """Forget open connections and look at the schema again before the next use.

        For after a failure: the file may have been replaced under us, or the server restarted.
        """
        self._migrated = False
        if self._engine is not None:
            await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads. Raises `StoreUnavailable`."""
        async with self._connection(await self._ready(), writing=False) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes; committed at its end. Raises `StoreUnavailable`."""
        if self._read_only:
            raise StoreUnavailable(f"{self.name} is only looked at")
        engine = await self._ready()
        if engine.dialect.name != "sqlite":
            async with self._connection(engine, writing=True) as connection:
                yield connection
            return
        async with self._writer, self._connection(engine, writing=True) as connection:
            yield connection

    async def _ready(self) -> AsyncEngine:
        if not self._migrated:
            await self.open()
        if self._engine is None:
            raise StoreUnavailable(f"{self.name} is closed")
        return self._engine

    @asynccontextmanager
    async def _connection(
        self, engine: AsyncEngine, *, writing: bool
    ) -> AsyncIterator[AsyncConnection]:
        try:
            async with engine.execution_options(writing=writing).begin() as connection:
                yield connection
        except (IntegrityError, ProgrammingError):
            raise
        except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
            raise StoreUnavailable(f"{self.name}: {_reason(error)}") from error
        except SqlDatabaseError as error:
            if "not a database" in str(error) or "malformed" in str(error):
                raise DatabaseUnusable(
                    f"{self.name}: {_reason(error)}; restore a backup or name another file"
                ) from error
            raise

    def _prepare_file(self) -> None:
        """Create the SQLite file so that only its owner can read it; WAL files inherit that."""
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            # One that is there is not opened here: closing it again would drop every lock that this
            # process has on it (POSIX), and another process would take the file for unused.
            os.close(os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_EXCL, DATABASE_MODE))
        except FileExistsError:
            return
        except OSError as error:
            raise StoreUnavailable(f"{self.name}: {error.strerror or error}") from error

    def _create_engine(self) -> AsyncEngine:
        try:
            if self._url.get_backend_name() != "sqlite":
                return create_async_engine(
                    self._url, poolclass=ClosingPool, pool_pre_ping=True, hide_parameters=True
                )
            engine = create_async_engine(
                self._url,
                poolclass=ClosingPool,
                connect_args={"async_creator_fn": self._threads.connect},
                pool_size=POOL_CONNECTIONS,
                max_overflow=0,
                pool_timeout=POOL_TIMEOUT_S,
                hide_parameters=True,
            )
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise DatabaseUnusable(f"{self.name}: its driver is not installed: {error}") from error
        prepare = _prepare_sqlite_to_read if self._read_only else _prepare_sqlite
        event.listen(engine.sync_engine, "connect", prepare)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine


async def write_over(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows of the same columns; each replaces the one with its primary key."""
    if rows:
        statement = _upsert(connection.dialect.name, table, tuple(rows[0]))
        await connection.execute(statement, [dict(row) for row in rows])


@cache
def _upsert(dialect: str, table: Table, columns: tuple[str, ...]) -> Insert:
    # One statement for any number of rows: SQLAlchemy would compile another number anew.
    keys = [column.name for column in table.primary_key.columns]
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    return insert.on_conflict_do_update(
        index_elements=keys,
        set_={name: insert.excluded[name] for name in columns if name not in keys},
    )


def _prepare_sqlite_to_read(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "query_only=ON", "trusted_schema=OFF"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and only at the first write.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    driver: Any = connection.connection.driver_connection
    driver.begin_with_next("BEGIN IMMEDIATE" if writing else "BEGIN")


def _reason(error: BaseException) -> str:
    """What the driver said, without the SQL and its values (they hold callers' data)."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause) or type(cause).__name__
