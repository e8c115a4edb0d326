"""Versions of boundaries of several kinds."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import create_engine, func, select

from callcenter.store import boundaries as store
from callcenter.store import migrate
from callcenter.store.boundaries import BoundaryVersions, GivenSet
from callcenter.store.errors import StoreUnavailable

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RING = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]


def given(*ids, name="city.geojson"):
    features = [
        {
            "type": "Feature",
            "properties": {"precinct": each},
            "geometry": {"type": "Polygon", "coordinates": [RING]},
        }
        for each in ids
    ]
    return GivenSet(name, "1" * 64, {"datum": "wgs84"}, features, [{"kind": "gap"}])


async def add(versions, kind, *ids, holds_from=NOW, now=NOW, label=None):
    return await versions.add(
        kind, given(*ids), holds_from=holds_from, who="ann", why="try", now=now, label=label
    )


async def ids_of(versions, number):
    (found,) = [each for each in await versions.kept() if each.version == number]
    document = await versions.areas(found.set_id)
    return [each["properties"]["precinct"] for each in document["features"]]


async def count(database, table):
    async with database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(table))


async def test_versions_of_several_kinds_are_counted_together(database):
    versions = BoundaryVersions(database)
    assert await add(versions, "precinct", "1", "2") == 1
    later = NOW + timedelta(days=8)
    assert await add(versions, "traffic_section", "3", holds_from=later, label="section") == 2
    newest, first = await versions.kept()
    assert (newest.kind, newest.holds_from, newest.area_count) == ("traffic_section", later, 1)
    assert (first.who, first.why, first.warnings) == ("ann", "try", 1)
    assert await versions.faults(first.set_id) == [{"kind": "gap"}]
    assert await versions.kinds() == {"precinct": "precinct", "traffic_section": "section"}
    assert await ids_of(versions, 1) == ["1", "2"]
    assert [each.version for each in await versions.kept("precinct")] == [1]


async def test_kind_is_named_after_its_id_until_somebody_names_it(database):
    versions = BoundaryVersions(database)
    await add(versions, "anti_fraud", "city")
    assert (await versions.kinds())["anti_fraud"] == "anti fraud"
    await add(versions, "anti_fraud", "city", label="fraud desk")
    await add(versions, "anti_fraud", "city")
    assert (await versions.kinds())["anti_fraud"] == "fraud desk"


async def test_going_back_writes_no_area_again(database):
    versions = BoundaryVersions(database)
    await add(versions, "precinct", "1")
    await add(versions, "precinct", "2")
    before = await count(database, store.boundary_areas)
    made = await versions.restore(1, holds_from=NOW, who="bob", why="wrong", now=NOW)
    assert made == 3
    assert await ids_of(versions, 3) == ["1"]
    assert await count(database, store.boundary_areas) == before
    assert (await versions.kept())[0].restored == 1
    assert await versions.restore(9, holds_from=NOW, who="bob", why="", now=NOW) is None


async def test_going_back_to_nothing_is_of_one_kind(database):
    versions = BoundaryVersions(database)
    await add(versions, "precinct", "1")
    made = await versions.restore(0, kind="precinct", holds_from=NOW, who="b", why="", now=NOW)
    newest = (await versions.kept())[0]
    assert (newest.version, newest.kind, newest.set_id) == (made, "precinct", None)


async def test_old_versions_are_forgotten_but_never_what_holds_or_will(database, monkeypatch):
    monkeypatch.setattr(store, "VERSIONS_KEPT", 2)
    versions = BoundaryVersions(database)
    await add(versions, "harbour", "1")
    await add(versions, "precinct", "held", holds_from=NOW + timedelta(days=3))
    await add(versions, "precinct", "planned", holds_from=NOW + timedelta(days=30))
    after = NOW + timedelta(days=4)
    for hour in (0, 2, 4):
        # Planned for a moment that has passed for none of these: the first goes on holding.
        await add(
            versions,
            "precinct",
            "x",
            holds_from=NOW + timedelta(days=1),
            now=after + timedelta(hours=hour),
        )
    kept = {each.version for each in await versions.kept()}
    assert kept == {1, 2, 3, 5, 6}
    assert await count(database, store.boundary_sets) == 5


async def test_areas_of_an_import_that_was_cut_off_are_not_seen(database, monkeypatch):
    versions = BoundaryVersions(database)
    await add(versions, "precinct", "1")

    async def cut_off(*arguments, **named):
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(BoundaryVersions, "_add", cut_off)
        with pytest.raises(StoreUnavailable):
            await add(versions, "precinct", "2")
    assert [each.version for each in await versions.kept()] == [1]
    await add(versions, "precinct", "3", now=NOW + timedelta(hours=2))
    assert await count(database, store.boundary_areas) == 2


async def test_precincts_imported_before_versions_were_kept_are_version_one(database, file):
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(migrate.configuration(connection), "0011")
    engine.dispose()
    plain = sqlite3.connect(file)
    for position, name in enumerate(("b", "a")):
        geometry = json.dumps({"type": "Polygon", "coordinates": [RING]})
        plain.execute(
            "INSERT INTO precinct_areas (precinct, position, geometry) VALUES (?, ?, ?)",
            (name, position, geometry),
        )
    plain.commit()
    plain.close()
    versions = BoundaryVersions(database)
    (first,) = await versions.kept()
    assert (first.version, first.kind, first.area_count) == (1, "precinct", 2)
    assert first.holds_from <= datetime.now(UTC)
    assert await ids_of(versions, 1) == ["b", "a"]
    assert await add(versions, "precinct", "c") == 2
