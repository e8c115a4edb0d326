"""Boundaries are in use without a restart, from their moment on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callcenter.precincts.city import load_territories
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.gazetteer_rows import GazetteerRows
from callcenter.precincts.live_territories import LiveTerritories
from callcenter.precincts.places import PlaceFinder
from callcenter.precincts.territories import Territories
from callcenter.store.boundaries import BoundaryVersions, GivenSet
from callcenter.store.database import Database
from callcenter.store.errors import StoreUnavailable

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
POINT = (26.5, 106.5)


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/city.db")
    await database.open()
    yield database
    await database.close()


class Room:
    """A service's side of it."""

    def __init__(self, database: Database, first: Territories, folder: Path) -> None:
        self.at = NOW
        self.used: list[PlaceFinder | None] = []
        self.noted: list[dict[str, Any]] = []
        self.live = LiveTerritories(
            first,
            database,
            f"sqlite+aiosqlite:///{folder}/city.db",
            note=lambda call_id, kind, payload: self.noted.append(payload),
            clock=lambda: self.at,
        )
        self.live.use = lambda territories, finder: self.used.append(finder)
        gazetteer = Gazetteer(GazetteerRows())
        self.live.gazetteer = lambda: gazetteer


@pytest.fixture
async def room(database, tmp_path):
    return Room(database, await load_territories(None), tmp_path)


async def imported(database, name, kind="precinct", days=0.0):
    ring = [[106.0, 26.0], [107.0, 26.0], [107.0, 27.0], [106.0, 27.0], [106.0, 26.0]]
    feature = {
        "type": "Feature",
        "properties": {"precinct": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    begins = NOW + timedelta(days=days)
    given = GivenSet("city.json", "", {}, [feature])
    return await BoundaryVersions(database).add(
        kind, given, holds_from=begins, who="ann", why="", now=NOW
    )


async def test_import_and_the_way_back_are_taken_without_a_restart(database, room):
    assert not await room.live.look()
    assert room.live.find(40.75723, -73.98979).precinct == "14"
    await imported(database, "a")
    assert await room.live.look()
    assert room.live.find(*POINT).precinct == "a"
    assert room.used[-1].boundaries is room.live.now.precincts
    await BoundaryVersions(database).restore(
        0, kind="precinct", holds_from=NOW, who="ann", why="", now=NOW
    )
    assert await room.live.look()
    assert room.live.find(40.75723, -73.98979).precinct == "14"
    assert not await room.live.look()
    assert room.noted == [
        {"from": {"precinct": 0}, "to": {"precinct": 1}},
        {"from": {"precinct": 1}, "to": {"precinct": 0}},
    ]


async def test_planned_boundaries_hold_when_their_moment_comes(database, room):
    await imported(database, "a")
    await imported(database, "b", days=8)
    await room.live.look()
    assert room.live.find(*POINT).precinct == "a"
    assert room.live.known() >= {"a", "b"}
    assert room.live.ids == ("a",)
    room.at = NOW + timedelta(days=8, seconds=-1)
    assert not await room.live.look()
    room.at = NOW + timedelta(days=8)
    assert await room.live.look()
    assert room.live.find(*POINT).precinct == "b"


async def test_another_kind_leaves_precincts_and_places_as_they_are(database, room):
    precincts = room.live.now.precincts
    await imported(database, "north", kind="traffic_section")
    assert await room.live.look()
    assert room.live.now.precincts is precincts
    assert room.used == [None]
    assert room.live.now.area("traffic_section", *POINT) == "north"
    assert "traffic_section:north" in room.live.known()


async def test_database_that_does_not_answer_leaves_what_is_in_use(database, room, monkeypatch):
    await imported(database, "a")
    await room.live.look()
    await imported(database, "b")

    async def away(self):
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(BoundaryVersions, "kept", away)
        assert not await room.live.look()
    assert room.live.find(*POINT).precinct == "a"
    assert await room.live.look()
    assert room.live.find(*POINT).precinct == "b"


async def test_boundaries_that_cannot_be_read_change_nothing(database, room):
    broken = {"type": "Feature", "properties": {"precinct": "x"}, "geometry": None}
    given = GivenSet("city.json", "", {}, [broken])
    await BoundaryVersions(database).add(
        "precinct", given, holds_from=NOW, who="ann", why="", now=NOW
    )
    assert not await room.live.look()
    assert room.live.find(40.75723, -73.98979).precinct == "14"
