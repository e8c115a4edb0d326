"""Versions of the gazetteer in the database."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from callcenter.precincts.gazetteer_rows import Address, Crossing, GazetteerRows, Landmark, Spelling
from callcenter.store import gazetteer, migrate
from callcenter.store.gazetteer import GazetteerVersions, GivenFile

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def given(name="a.csv", sha256="1" * 64, street="Elm Street", **options):
    rows = GazetteerRows(crossings=[Crossing(street, "Oak Road", "West", 1.5, 2.5, 7)])
    return GivenFile(name, sha256, options, rows)


async def take(versions, *files, now=NOW):
    return await versions.take(files, who="ann", why="test", now=now)


async def count(database, table):
    async with database.reading() as connection:
        return await connection.scalar(text(f"SELECT COUNT(*) FROM {table}"))  # noqa: S608


async def test_every_kind_of_row_comes_back_as_it_was_given(database):
    rows = GazetteerRows(
        crossings=[Crossing("Elm Street", "Oak Road", "West", 1.5, 2.5, 7)],
        landmarks=[Landmark("甲秀楼", "landmark", "", 26.57, 106.72)],
        addresses=[Address("108-05", "Elm Street", "West", 1.25, 2.25)],
        spellings=[Spelling("Elm Street", "West", "ELM ST")],
    )
    versions = GazetteerVersions(database)
    assert await versions.rows() is None
    assert await take(versions, GivenFile("a.csv", "1" * 64, {}, rows)) == 1
    assert await versions.rows() == rows


async def test_a_file_replaces_the_one_of_its_name_and_the_others_stay(database):
    versions = GazetteerVersions(database)
    await take(versions, given(), given("b.csv", street="Fir Street"))
    await take(versions, given(sha256="2" * 64, street="Ash Street"))
    rows = await versions.rows()
    assert [c.street_a for c in rows.crossings] == ["Ash Street", "Fir Street"]


async def test_going_back_writes_no_row_again(database):
    versions = GazetteerVersions(database)
    await take(versions, given())
    await take(versions, given(sha256="2" * 64))
    assert await versions.restore(1, who="ann", why="", now=NOW) == 3
    assert await take(versions, given(sha256="2" * 64)) == 4
    assert await count(database, "gazetteer_rows") == 2


async def test_the_same_file_read_in_another_way_is_another_file(database):
    versions = GazetteerVersions(database)
    await take(versions, given())
    assert await take(versions, given()) is None
    assert await take(versions, given(map={"name": "TITLE"})) == 2


async def test_old_versions_and_rows_that_no_version_shows_are_forgotten(database, monkeypatch):
    monkeypatch.setattr(gazetteer, "VERSIONS_KEPT", 2)
    versions = GazetteerVersions(database)
    for number in range(5):
        later = NOW + timedelta(hours=2 * number)
        await take(versions, given(sha256=str(number) * 64), now=later)
    await take(versions, given(sha256="4" * 64), now=NOW + timedelta(hours=20))
    assert [version.version for version in await versions.list()] == [5, 4]
    assert await count(database, "gazetteer_files") == 2
    assert await count(database, "gazetteer_rows") == 2


async def test_rows_of_an_import_that_was_cut_off_are_not_seen(database, monkeypatch):
    versions = GazetteerVersions(database)
    await take(versions, given())

    async def cut_off(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(versions, "_add", cut_off)
        await take(versions, given(sha256="2" * 64, street="Ash Street"))
    rows = await versions.rows()
    assert [c.street_a for c in rows.crossings] == ["Elm Street"]
    assert await count(database, "gazetteer_rows") == 2


async def test_rows_imported_before_versions_were_kept_are_version_one(database, file):
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(migrate.configuration(connection), "0004")
        assert MigrationContext.configure(connection).get_current_revision() == "0004"
    engine.dispose()
    plain = sqlite3.connect(file)
    for number, source in enumerate(("b.csv", "a.csv", "b.csv")):
        plain.execute(
            "INSERT INTO gazetteer_rows (source, kind, name, other, district, lat, lon, sightings)"
            " VALUES (?, 'crossing', ?, 'Oak Road', '', 1.5, 2.5, 1)",
            (source, f"{number} Street"),
        )
    plain.commit()
    plain.close()
    versions = GazetteerVersions(database)
    (first,) = await versions.list()
    assert [(kept.name, kept.row_count) for kept in first.files] == [("b.csv", 2), ("a.csv", 1)]
    rows = await versions.rows()
    assert [c.street_a for c in rows.crossings] == ["0 Street", "2 Street", "1 Street"]
    assert await take(versions, given()) == 2
