"""An import is in use without a restart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.gazetteer_rows import GazetteerRows, Landmark
from callcenter.precincts.live_gazetteer import LiveGazetteer
from callcenter.precincts.places import PlaceFinder
from callcenter.store.database import Database
from callcenter.store.errors import StoreUnavailable
from callcenter.store.gazetteer import GazetteerVersions, GivenFile

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/city.db")
    await database.open()
    yield database
    await database.close()


async def imported(database, name):
    rows = GazetteerRows(landmarks=[Landmark(name, "landmark", "West", 40.75, -73.98)])
    given = GivenFile("places.csv", name.ljust(64, "0"), {}, rows)
    await GazetteerVersions(database).take([given], who="ann", why="", now=NOW)


async def test_new_version_and_the_way_back_are_taken_without_a_restart(
    database: Database, boundaries: Boundaries, tmp_path
):
    used: list[PlaceFinder] = []
    noted: list[dict[str, object]] = []
    live = LiveGazetteer(
        database,
        f"sqlite+aiosqlite:///{tmp_path}/city.db",
        lambda: boundaries,
        version=0,
        use=used.append,
        note=lambda call_id, kind, payload: noted.append(payload),
    )
    assert not await live.look()
    await imported(database, "GREEN LANTERN")
    assert await live.look()
    await imported(database, "BLUE LANTERN")
    assert await live.look()
    await GazetteerVersions(database).restore(1, who="ann", why="", now=NOW)
    assert await live.look()
    assert not await live.look()
    names = [finder.gazetteer.landmarks[0].name for finder in used]
    assert names == ["GREEN LANTERN", "BLUE LANTERN", "GREEN LANTERN"]
    assert noted[-1] == {"from": 2, "to": 3}


async def test_database_that_does_not_answer_leaves_what_is_in_use(
    database: Database, boundaries: Boundaries, monkeypatch
):
    async def away(self):
        raise StoreUnavailable("away")

    monkeypatch.setattr(GazetteerVersions, "newest_number", away)
    used: list[PlaceFinder] = []
    live = LiveGazetteer(
        database, "sqlite+aiosqlite:///x.db", lambda: boundaries, version=4, use=used.append,
        note=lambda call_id, kind, payload: None,
    )  # fmt: skip
    assert not await live.look()
    assert (used, live.version) == ([], 4)
