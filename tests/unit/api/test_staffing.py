"""Staffing through the API: what may be asked, by whom, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from callcenter.api.app import build_app
from callcenter.api.shapes import Answer
from callcenter.api.staffing import Staffing, StaffingOperations
from callcenter.figures.period import Period, PeriodError
from callcenter.figures.staffing import NothingToGoBy, Wanted, answer, demand
from callcenter.live.bus import Bus
from callcenter.store.database import Database
from callcenter.store.people import People
from tests.unit.api.conftest import SECRETS, TOKEN
from tests.unit.api.fake_floor import FakeFloor, FakeJournal
from tests.unit.api.fake_tasks import FakeFigures, FakeTasks
from tests.unit.figures.test_staffing import two_days

PERIOD = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC))


class Source:
    def __init__(self) -> None:
        self.asked: list[Wanted] = []
        self.refuses: Exception | None = None

    async def of(self, wanted: Wanted) -> dict[str, Any]:
        self.asked.append(wanted)
        if self.refuses:
            raise self.refuses
        return answer(demand(two_days(), UTC), wanted, PERIOD, UTC)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
async def program(tmp_path: Path, source: Source) -> AsyncIterator[ClientSession]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    app = build_app(
        FakeFloor(),
        People(database),
        Bus(),
        FakeJournal(),
        SECRETS,
        tmp_path,
        tasks=FakeTasks(),
        figures=FakeFigures(),
        staffing=StaffingOperations(source),
    )
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with ClientSession(server.make_url("/"), headers=headers) as session:
        yield session
    await server.close()
    await database.close()


async def test_seats_are_told_in_the_shape_that_is_described(program, source):
    async with program.get("/api/v1/staffing?percent=90&within_s=10&queue=fire") as got:
        table = await got.json()
    assert got.status == 200
    shape: type[Answer] = Staffing
    shape.model_validate(table)
    wanted = source.asked[0]
    assert (wanted.queue, wanted.target.share, wanted.target.within_s) == ("fire", 0.9, 10.0)
    assert (wanted.handling_s, wanted.patience_s) == (None, None)


@pytest.mark.parametrize(
    "query", ["percent=100", "percent=x", "within_s=-1", "handling_s=nan", "colour=red"]
)
async def test_what_makes_no_target_is_refused_by_name(program, source, query):
    async with program.get(f"/api/v1/staffing?{query}") as got:
        problem = (await got.json())["error"]
    assert (got.status, problem["code"]) == (400, "bad_input")
    assert problem["message"].startswith(query.split("=")[0])
    assert source.asked == []


@pytest.mark.parametrize(
    ("error", "status"),
    [(PeriodError("from", "expected a date"), 400), (NothingToGoBy("say how long"), 422)],
)
async def test_a_period_that_says_nothing_is_answered_with_why(program, source, error, status):
    source.refuses = error
    async with program.get("/api/v1/staffing") as got:
        assert got.status == status
        assert (await got.json())["error"]["message"] == str(error)
