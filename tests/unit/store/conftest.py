import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from callcenter.store.database import Database
from callcenter.store.journal import Journal
from callcenter.store.people import People


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "callcenter.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{file}")
    yield database
    await database.close()


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    await database.open()
    journal = Journal(database)
    await journal.start()
    yield journal
    await journal.stop(timeout_s=0.2)


@pytest.fixture
async def people(database: Database) -> People:
    await database.open()
    return People(database, hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def locked(file: Path) -> Callable[[], AbstractContextManager[None]]:
    """Somebody else holds SQLite's write lock."""

    @contextmanager
    def lock():
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    return lock
