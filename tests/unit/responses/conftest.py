from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callcenter.calls.errors import UnknownCall
from callcenter.calls.notices import Notices
from callcenter.responses.desk import ResponseDesk
from callcenter.responses.maker import ResponseMaker
from callcenter.store.calls import CallRow, Calls
from callcenter.store.database import Database
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages
from callcenter.store.responses import Responses

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WITHIN_S = {"red": 300.0, "yellow": 7200.0}


class Floor:
    """Calls as the running service has them."""

    def __init__(self) -> None:
        self.calls: dict[str, dict[str, Any]] = {}
        self.said: dict[str, list[dict[str, Any]]] = {}
        self.edits: list[tuple[Any, ...]] = []

    async def call(self, call_id: str) -> dict[str, Any] | None:
        return self.calls.get(call_id)

    async def transcript(self, call_id: str) -> list[dict[str, Any]]:
        return self.said.get(call_id, [])

    async def edit_field(self, call_id: str, field: str, value: Any, by: str) -> dict[str, Any]:
        if call_id == "gone":
            raise UnknownCall("there is no such call")
        self.edits.append((call_id, field, value, by))
        return {}


class Heard:
    """What pages and the journal were told."""

    def __init__(self) -> None:
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.noted: list[tuple[str | None, str, dict[str, Any]]] = []

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        self.published.append((topic, message))

    def note(self, call_id: str | None, kind: str, payload: dict[str, Any]) -> None:
        self.noted.append((call_id, kind, payload))

    @property
    def notices(self) -> list[dict[str, Any]]:
        return [message for topic, message in self.published if topic == "notices"]


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def after(self, **time: float) -> None:
        self.now = self.now + timedelta(**time)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    journal = Journal(database)
    await journal.start()
    yield journal
    await journal.stop(0.5)


@pytest.fixture
def responses(database: Database) -> Responses:
    return Responses(database)


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(responses: Responses, floor: Floor, heard: Heard, clock: Clock) -> ResponseDesk:
    return ResponseDesk(
        responses,
        floor,
        Notices(heard, heard.note),
        heard,
        heard.note,
        WITHIN_S,
        lambda: UTC,
        {"o19a": "en", "o5": "ko"}.get,
        clock,
    )


@pytest.fixture
def maker(database, journal, responses, desk, clock) -> ResponseMaker:
    return ResponseMaker(JournalPages(database), responses, desk, journal.flush, clock)


@pytest.fixture
def file_call(database: Database):
    """Put a call with this level into the store, as the service files it."""

    async def put(call_id: str, level: str | None = "red") -> None:
        await Calls(database).upsert(
            CallRow(
                call_id,
                line="110",
                caller_number="5550100",
                queue="emergency",
                state="closed",
                arrived_at=NOON,
                language="en",
                category="robbery",
                level=level,
                place_text="Madison Avenue",
                precinct="19",
            )
        )

    return put
