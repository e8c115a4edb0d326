from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.store.database import Database
from callcenter.store.journal import Journal
from callcenter.store.tasks import EndedCall, Tasks

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
READER = "test"


def ended(call_id: str = "1.1", what: str = "abandoned", number: str = "5550100", **more):
    after_s = more.pop("after_s", 0)
    return EndedCall(
        call_id,
        what,
        number,
        NOON + timedelta(seconds=after_s),
        more.pop("wait_ms", 20_000),
        more.pop("known", {"line": "110", "queue": "emergency"}),
        more.pop("task_id", None),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "callcenter.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def tasks(database: Database) -> Tasks:
    return Tasks(database)


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    journal = Journal(database)
    await journal.start()
    yield journal
    await journal.stop(0.5)


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
