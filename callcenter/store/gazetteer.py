"""Imported gazetteers: versions that consist of files, and the rows of each file.

Rows are written before the version that shows them, a few at a time, so that an import never
holds the database for long while calls are running. A file whose rows no version shows (an
import was cut off) is invisible and is removed by a later import.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.precincts.gazetteer_rows import (
    Address,
    Crossing,
    GazetteerRows,
    Landmark,
    Neighbourhood,
    Spelling,
)
from callcenter.store.database import Database
from callcenter.store.errors import StoreUnavailable
from callcenter.store.tables import NAME_CHARS, Utc, metadata

PLACE_CHARS = 255
ROWS_AT_ONCE = 2000
"""Rows a transaction; some tens of milliseconds."""
VERSIONS_KEPT = 20
ABANDONED_AFTER = timedelta(hours=1)
_BIG_ID = BigInteger().with_variant(Integer, "sqlite")

gazetteer_versions = Table(
    "gazetteer_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("who", String(NAME_CHARS), nullable=False),
    Column("why", Text, nullable=False),
    Column("restored", Integer, comment="the version that it equals, when gone back to"),
)
gazetteer_files = Table(
    "gazetteer_files",
    metadata,
    Column("id", _BIG_ID, primary_key=True, autoincrement=True),
    Column("name", String(PLACE_CHARS), nullable=False),
    Column("sha256", String(64), nullable=False, comment="of the file as it was given"),
    Column("options", Text, nullable=False, comment="JSON: how it was to be read"),
    Column("row_count", Integer, nullable=False),
    Column("skipped", Integer, nullable=False, comment="rows that were wrong"),
    Column("at", Utc, nullable=False),
    sqlite_autoincrement=True,
)
gazetteer_version_files = Table(
    "gazetteer_version_files",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("file_id", _BIG_ID, nullable=False),
)
gazetteer_rows = Table(
    "gazetteer_rows",
    metadata,
    Column("id", _BIG_ID, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False, comment="crossing, landmark, address, spelling"),
    Column("name", String(PLACE_CHARS), nullable=False, comment="street or landmark"),
    Column("other", String(PLACE_CHARS), nullable=False),
    Column("district", String(PLACE_CHARS), nullable=False),
    Column("lat", Float(53)),
    Column("lon", Float(53)),
    Column("sightings", Integer, nullable=False),
    Column("file_id", _BIG_ID, nullable=False),
    Index("ix_gazetteer_rows_file_id", "file_id"),
)


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that was read: what it is, how it was to be read, and its rows."""

    name: str
    sha256: str
    options: Mapping[str, Any]
    rows: GazetteerRows
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a version."""

    id: int
    name: str
    sha256: str
    options: str
    row_count: int
    skipped: int


@dataclass(frozen=True, slots=True)
class GazetteerVersion:
    """Which files a gazetteer consisted of, since when, and by whom."""

    version: int
    at: datetime
    who: str
    why: str
    restored: int | None
    files: tuple[KeptFile, ...]


class GazetteerVersions:
    """The gazetteers of one database. Every method raises `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest_number(self) -> int:
        """The number of the newest version; 0: nothing was imported."""
        async with self._database.reading() as connection:
            return await _newest(connection)

    async def list(self, limit: int = VERSIONS_KEPT) -> list[GazetteerVersion]:
        """The newest versions, newest first."""
        query = select(gazetteer_versions).order_by(gazetteer_versions.c.version.desc())
        async with self._database.reading() as connection:
            heads = (await connection.execute(query.limit(limit))).mappings().all()
            return [
                GazetteerVersion(**head, files=tuple(await _files(connection, head["version"])))
                for head in heads
            ]

    async def take(
        self, given: Sequence[GivenFile], *, who: str, why: str, now: datetime
    ) -> int | None:
        """Make a version in which these files stand, each in place of one of its name.

        Gives its number; None when the newest version is exactly that already.
        """
        await self._tidy_up(now)
        async with self._database.reading() as connection:
            before = await _newest(connection)
            current = await _files(connection, before)
            known = {_identity(file): file.id for file in await _all_files(connection)}
        ids = {file.name: file.id for file in current}
        after = dict(ids)
        for file in given:
            same = known.get((file.name[:PLACE_CHARS], file.sha256, _json(file.options)))
            if same is None or not file.sha256:
                same = await self._write(file, now)
            after[file.name[:PLACE_CHARS]] = same
        if after == ids:
            return None
        return await self._add(before, list(after.values()), who=who, why=why, now=now)

    async def restore(self, version: int, *, who: str, why: str, now: datetime) -> int | None:
        """Make a version that equals an earlier one; 0: no files, the product's own city.

        None when there is no such version.
        """
        async with self._database.reading() as connection:
            before = await _newest(connection)
            query = select(gazetteer_versions.c.version).where(
                gazetteer_versions.c.version == version
            )
            if version != 0 and await connection.scalar(query) is None:
                return None
            ids = [file.id for file in await _files(connection, version)]
        return await self._add(before, ids, who=who, why=why, now=now, restored=version)

    async def rows(self) -> GazetteerRows | None:
        """All rows of the newest version, or None when it has none."""
        rows = GazetteerRows()
        async with self._database.reading() as connection:
            for file in await _files(connection, await _newest(connection)):
                query = select(gazetteer_rows).where(gazetteer_rows.c.file_id == file.id)
                for row in await connection.execute(query.order_by(gazetteer_rows.c.id)):
                    _take_row(rows, row)
        return rows if rows.count else None

    async def _write(self, file: GivenFile, now: datetime) -> int:
        plain = list(_plain(file.rows))
        async with self._database.writing() as connection:
            result = await connection.execute(
                insert(gazetteer_files).values(
                    name=file.name[:PLACE_CHARS],
                    sha256=file.sha256,
                    options=_json(file.options),
                    row_count=len(plain),
                    skipped=file.skipped,
                    at=now,
                )
            )
            key = result.inserted_primary_key
            if key is None:
                raise StoreUnavailable("the database gave a new file no number")
            number = int(key[0])
        for start in range(0, len(plain), ROWS_AT_ONCE):
            part = [{**row, "file_id": number} for row in plain[start : start + ROWS_AT_ONCE]]
            async with self._database.writing() as connection:
                await connection.execute(insert(gazetteer_rows), part)
        return number

    async def _add(
        self,
        before: int,
        ids: Sequence[int],
        *,
        who: str,
        why: str,
        now: datetime,
        restored: int | None = None,
    ) -> int:
        number = before + 1
        try:
            async with self._database.writing() as connection:
                await connection.execute(
                    insert(gazetteer_versions).values(
                        version=number, at=now, who=who[:NAME_CHARS], why=why, restored=restored
                    )
                )
                for position, file_id in enumerate(ids):
                    await connection.execute(
                        insert(gazetteer_version_files).values(
                            version=number, position=position, file_id=file_id
                        )
                    )
        except IntegrityError:
            raise StoreUnavailable(
                "another import came first; look at what it changed and try again"
            ) from None
        return number

    async def _tidy_up(self, now: datetime) -> None:
        """Forget versions beyond those kept, and rows that no version shows any more."""
        async with self._database.writing() as connection:
            oldest = await _newest(connection) - VERSIONS_KEPT + 1
            for table in (gazetteer_versions, gazetteer_version_files):
                await connection.execute(delete(table).where(table.c.version < oldest))
            shown = select(gazetteer_version_files.c.file_id)
            query = select(gazetteer_files.c.id).where(
                gazetteer_files.c.id.not_in(shown), gazetteer_files.c.at < now - ABANDONED_AFTER
            )
            lost = (await connection.execute(query)).scalars().all()
        for number in lost:
            async with self._database.writing() as connection:
                await connection.execute(
                    delete(gazetteer_rows).where(gazetteer_rows.c.file_id == number)
                )
                await connection.execute(
                    delete(gazetteer_files).where(gazetteer_files.c.id == number)
                )


async def _newest(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.max(gazetteer_versions.c.version))) or 0


async def _files(connection: AsyncConnection, version: int) -> list[KeptFile]:
    links = gazetteer_version_files
    query = (
        select(gazetteer_files)
        .join(links, links.c.file_id == gazetteer_files.c.id)
        .where(links.c.version == version)
        .order_by(links.c.position)
    )
    return [_kept(row) for row in (await connection.execute(query)).mappings()]


async def _all_files(connection: AsyncConnection) -> list[KeptFile]:
    shown = select(gazetteer_version_files.c.file_id)
    query = select(gazetteer_files).where(gazetteer_files.c.id.in_(shown))
    return [_kept(row) for row in (await connection.execute(query)).mappings()]


def _kept(row: RowMapping) -> KeptFile:
    return KeptFile(**{name: row[name] for name in KeptFile.__slots__})


def _identity(file: KeptFile) -> tuple[str, str, str]:
    return file.name, file.sha256, file.options


def _json(options: Mapping[str, Any]) -> str:
    return json.dumps(options, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _take_row(rows: GazetteerRows, row: Any) -> None:
    if row.kind == "crossing":
        rows.crossings.append(
            Crossing(row.name, row.other, row.district, row.lat, row.lon, row.sightings)
        )
    elif row.kind == "landmark":
        rows.landmarks.append(Landmark(row.name, row.other, row.district, row.lat, row.lon))
    elif row.kind == "address":
        rows.addresses.append(Address(row.other, row.name, row.district, row.lat, row.lon))
    elif row.kind == "neighbourhood":
        rows.neighbourhoods.append(Neighbourhood(row.name, row.district))
    else:
        rows.spellings.append(Spelling(row.name, row.district, row.other))


def _plain(rows: GazetteerRows) -> Iterable[dict[str, Any]]:
    def row(
        kind: str,
        name: str,
        other: str,
        district: str,
        lat: float | None,
        lon: float | None,
        sightings: int = 0,
    ) -> dict[str, Any]:
        return {
            "kind": kind,
            "name": name,
            "other": other,
            "district": district,
            "lat": lat,
            "lon": lon,
            "sightings": sightings,
        }

    for c in rows.crossings:
        yield row("crossing", c.street_a, c.street_b, c.district, c.lat, c.lon, c.sightings)
    for p in rows.landmarks:
        yield row("landmark", p.name, p.kind, p.district, p.lat, p.lon)
    for a in rows.addresses:
        yield row("address", a.street, a.number, a.district, a.lat, a.lon)
    for s in rows.spellings:
        yield row("spelling", s.street, s.spelling, s.district, None, None)
    for n in rows.neighbourhoods:
        yield row("neighbourhood", n.name, "", n.district, None, None)
