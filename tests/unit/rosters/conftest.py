from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.rosters.desk import RosterDesk
from callcenter.settings import Line, Officer, Outbound, Queue, Settings, Sip
from callcenter.store.database import Database
from callcenter.store.rosters import Rosters

SETTINGS = Settings(
    lines=(Line(number="110", queue="emergency"),),
    queues=(Queue(id="emergency"),),
    officers=(
        Officer(id="o14a", name="Ann", precinct="14"),
        Officer(id="o14b", name="Bo", precinct="14", duty="deputy", language="ko"),
        Officer(id="o18a", name="Cy", precinct="18"),
    ),
    officer_phones=("desk14",),
    sip=Sip(outbound=Outbound(host="192.0.2.1", officers=("1917555", "00"))),
    time_zone="America/New_York",
)
PRECINCTS = ("14", "18")


@dataclass
class Clock:
    now: datetime = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_h(self, hours: float) -> None:
        self.now += timedelta(hours=hours)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def desk(database: Database, clock: Clock) -> RosterDesk:
    desk = RosterDesk(
        Rosters(database),
        SETTINGS,
        precincts=PRECINCTS,
        neighbours=lambda precinct: [each for each in PRECINCTS if each != precinct],
        clock=clock,
    )
    await desk.load()
    return desk


def ids(desk: RosterDesk, precinct: str = "14") -> list[tuple[str, str]]:
    """The ladder as officers and rungs."""
    ladder = desk.plan.ladder(precinct, desk.clock())
    return [(each.officer_id, each.rung.value) for each in ladder]
