from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from asr.errors import SpeechOff
from asr.events import RecordedSegment
from callcenter.api.app import IDLE_CONNECTION_S, build_app
from callcenter.api.boundaries import BoundaryOperations
from callcenter.api.incidents import IncidentOperations
from callcenter.api.responses import ResponseOperations
from callcenter.api.rosters import RosterOperations
from callcenter.api.tuning import TuningOperations
from callcenter.calls.notices import Notices
from callcenter.live.bus import Bus
from callcenter.precincts.boundaries import Boundaries, Precinct
from callcenter.precincts.territories import Territories, Territory
from callcenter.records.desk import IncidentDesk
from callcenter.records.history import FieldHistory
from callcenter.records.offers import Offers
from callcenter.records.recontacts import Recontacts
from callcenter.responses.desk import ResponseDesk
from callcenter.rosters.office import RosterOffice
from callcenter.settings import Officer, Secrets
from callcenter.store.boundaries import BoundaryVersions
from callcenter.store.database import Database
from callcenter.store.incident_pages import IncidentPages
from callcenter.store.joins import IncidentJoins
from callcenter.store.journal_pages import JournalPages
from callcenter.store.people import People
from callcenter.store.responses import Responses
from callcenter.store.tuning import TuningVersions
from callcenter.tuning.desk import Desk
from tests.unit.api.fake_floor import FakeFloor, FakeJournal
from tests.unit.api.fake_tasks import FakeFigures, FakeTasks
from tests.unit.tuning.conftest import SETTINGS
from tests.unit.tuning.documents import KNOWN

TOKEN = "api-token-of-the-test-0123456789"
PASSWORD = "correct horse"

SECRETS = Secrets(
    ami_reader="r", ami_actor="a", phones={}, api_token=TOKEN, admin_password="admin-password"
)


ROSTER_SETTINGS = SETTINGS.model_copy(
    update={
        "officers": (
            Officer(id="o19a", name="Ann", precinct="19"),
            Officer(id="o19b", name="Bo", precinct="19"),
        )
    }
)


class AroundPrecinct19:
    """Boundaries of one precinct, a degree wide."""

    ids = ("19",)

    def neighbours(self, precinct: str) -> tuple[str, ...]:
        return ()

    def find(self, lat: float, lon: float) -> Any:
        away = max(abs(lat - 40.77), abs(lon + 73.96))
        return SimpleNamespace(
            precinct="19" if away < 1 else None, metres_to_boundary=abs(away - 1) * 111_000
        )


AROUND_PRECINCT_19 = AroundPrecinct19()


class Clock:
    """Monotonic seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakePreview:
    """Answers with what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.begun = asyncio.Event()
        self.refused: Exception | None = None

    async def __call__(self, *wanted: Any) -> dict[str, Any]:
        self.asked.append(wanted)
        self.begun.set()
        await self.go_on.wait()
        if self.refused:
            raise self.refused
        return {
            "period": {},
            "calls": 0,
            "current": {},
            "proposed": {},
            "differences": {},
            "remarks": [],
        }


class FakeRecogniser:
    """Hears so many bytes, and says so; or is off."""

    def __init__(self) -> None:
        self.off = False
        self.asked: list[tuple[int, str]] = []

    async def recognise_recorded(
        self, read: Any, *, rate_hz: int, language: str, from_ms: int
    ) -> list[RecordedSegment]:
        if self.off:
            raise SpeechOff("no worker has room for a recording in en")
        self.asked.append((rate_hz, language))
        told = {"start_ms": from_ms, "end_ms": from_ms, "confidence": None, "language": language}
        text = f"{len(read(1 << 30))} bytes"
        return [RecordedSegment(**told, text=text, engine="none", model="none", words=())]


@dataclass
class Api:
    """The API on a loopback port, with everything behind it in reach."""

    url: str
    host: str
    port: int
    floor: FakeFloor
    journal: FakeJournal
    bus: Bus
    people: People
    clock: Clock
    tasks: FakeTasks
    figures: FakeFigures
    desk: Desk
    preview: FakePreview
    database: Database
    responses: Responses
    dictated: FakeRecogniser
    office: RosterOffice
    territories: Shelf
    app: object

    def browser(self) -> ClientSession:
        """A browser with a cookie jar, on one of our own pages."""
        return ClientSession(
            self.url, cookie_jar=CookieJar(unsafe=True), headers={"Origin": self.url}
        )

    def program(self, token: str = TOKEN) -> ClientSession:
        """A program that holds the API token."""
        return ClientSession(self.url, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def console(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>console</title>")
    (folder / "assets" / "app-abc.js").write_text("console.log(1)")
    (tmp_path / "secret.txt").write_text("not for the world")
    return folder


TWO_SQUARES = Boundaries(
    [
        Precinct("18", shapely.box(-74.0, 40.7, -73.99, 40.71)),
        Precinct("19", shapely.box(-73.99, 40.7, -73.98, 40.71)),
    ]
)
TERRITORIES = Territories([Territory("precinct", "precinct", 0, None, TWO_SQUARES)])


@dataclass
class Shelf:
    """The boundaries that a service has in use."""

    now: Territories

    def get(self) -> Territories:
        return self.now


HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="session")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one user of each role, to be copied by each test."""
    file = tmp_path_factory.mktemp("api") / "populated.db"

    async def populate() -> None:
        database = Database(f"sqlite+aiosqlite:///{file}")
        people = People(database, hasher=HASHER)
        for name, role, seat, officer in (
            ("s01", "operator", "s01", None),
            ("boss", "supervisor", None, None),
            ("admin", "admin", None, None),
            ("o19a", "officer", None, "o19a"),
        ):
            await people.add(name, role, PASSWORD, seat=seat, officer=officer)
        await database.close()

    asyncio.run(populate())
    return file


@pytest.fixture
async def api(tmp_path: Path, console: Path, populated: Path) -> AsyncIterator[Api]:
    shutil.copy(populated, tmp_path / "callcenter.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    people = People(database, hasher=HASHER)
    floor, journal, bus, clock = FakeFloor(), FakeJournal(), Bus(), Clock()
    tasks, figures = FakeTasks(), FakeFigures()
    desk = Desk(SETTINGS, TuningVersions(database), lambda: KNOWN, note=journal.note)
    preview = FakePreview()
    joins, pages = IncidentJoins(database), IncidentPages(database, page_rows=2)
    history = FieldHistory(JournalPages(database), lambda: asyncio.sleep(0))
    responses, dictated = Responses(database), FakeRecogniser()
    response_desk = ResponseDesk(
        responses, floor, Notices(bus, journal.note), bus, journal.note, {}, lambda: UTC, {}.get
    )
    office = RosterOffice(
        database,
        ROSTER_SETTINGS,
        AROUND_PRECINCT_19,  # type: ignore[arg-type]  # stands for the boundaries
        Notices(bus, journal.note),
        journal.note,
    )
    territories = Shelf(TERRITORIES)
    app = build_app(
        floor,
        people,
        bus,
        journal,
        SECRETS,
        console,
        tasks=tasks,
        figures=figures,
        incidents=IncidentOperations(
            IncidentDesk(floor, joins, pages, history, journal.note),
            Offers(floor, joins, pages),
            Recontacts(pages, joins, responses),
            lambda: UTC,
        ),
        responses=ResponseOperations(response_desk, dictated),
        rosters=RosterOperations(office),
        boundaries=BoundaryOperations(territories.get, BoundaryVersions(database)),
        tuning=TuningOperations(desk, preview, lambda: {"announcements": ["surge"]}),
        clock=clock,
    )
    server = TestServer(app, host="127.0.0.1")
    await server.start_server(access_log=None, keepalive_timeout=IDLE_CONNECTION_S)
    yield Api(
        url=f"http://127.0.0.1:{server.port}",
        host="127.0.0.1",
        port=server.port,
        floor=floor,
        journal=journal,
        bus=bus,
        people=people,
        clock=clock,
        tasks=tasks,
        figures=figures,
        desk=desk,
        preview=preview,
        database=database,
        responses=responses,
        dictated=dictated,
        office=office,
        territories=territories,
        app=app,
    )
    await server.close()
    await database.close()


@pytest.fixture
async def program(api: Api) -> AsyncIterator[ClientSession]:
    async with api.program() as session:
        yield session


@pytest.fixture
async def operator(api: Api) -> AsyncIterator[ClientSession]:
    async with api.browser() as session:
        await sign_in(session, "s01")
        yield session


@pytest.fixture
async def officer(api: Api) -> AsyncIterator[ClientSession]:
    async with api.browser() as session:
        await sign_in(session, "o19a")
        yield session


async def sign_in(session: ClientSession, name: str) -> None:
    body = {"name": name, "password": PASSWORD}
    async with session.post("/api/v1/sign-in", json=body) as answer:
        assert answer.status == 200, await answer.text()
