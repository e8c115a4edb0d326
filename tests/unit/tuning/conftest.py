from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callcenter.settings import Line, Officer, Outbound, Queue, Seat, Settings, Sip
from callcenter.store.database import Database
from callcenter.store.tuning import TuningVersions
from callcenter.tuning.desk import Desk, InForce
from callcenter.tuning.known import Known
from tests.unit.tuning.documents import KNOWN

SETTINGS = Settings(
    lines=(
        Line(number="110", queue="emergency"),
        Line(number="911", queue="emergency", hang_up="return"),
    ),
    queues=(Queue(id="emergency", ring_s=20, wrap_up_s=5),),
    seats=(
        Seat(id="s1", queues=("emergency",)),
        Seat(id="s2", queues=("emergency",), phone="p1"),
        Seat(id="s3", queues=("emergency",)),
    ),
    officers=tuple(Officer(id=name, name=name, precinct="14") for name in ("o1", "o2", "o3")),
    sip=Sip(outbound=Outbound(divert_to=("5550100", "5550101"))),
)


@dataclass
class Clock:
    """A minute passes each time that somebody looks."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@dataclass
class Office:
    """A desk on a database, and what it did."""

    desk: Desk
    versions: TuningVersions
    entered: list[InForce]
    noted: list[tuple[str, dict[str, Any]]]
    clock: Clock


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    yield database
    await database.close()


@pytest.fixture
async def office(database: Database) -> Office:
    return await opened(database)


async def opened(database: Database, settings: Settings = SETTINGS, known: Known = KNOWN) -> Office:
    """A desk as a service has it when it starts."""
    versions, clock = TuningVersions(database), Clock()
    entered: list[InForce] = []
    noted: list[tuple[str, dict[str, Any]]] = []
    desk = Desk(
        settings,
        versions,
        lambda: known,
        put_in_force=entered.append,
        note=lambda call_id, kind, payload: noted.append((kind, payload)),
        clock=clock,
    )
    await desk.load()
    return Office(desk, versions, entered, noted, clock)
