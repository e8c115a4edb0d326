"""Imported boundaries: kinds, versions of each with a moment from which they hold, their areas.

Areas are written before the version that shows them, some hundred at a time, so that an import
never holds the database for long while calls are running. A set whose areas no version shows (an
import was cut off) is invisible and is removed by a later import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.store.database import Database
from callcenter.store.errors import StoreUnavailable
from callcenter.store.tables import NAME_CHARS, Utc, metadata

AREA_CHARS = 255
KIND_CHARS = 32
LABEL_CHARS = 80
AREAS_AT_ONCE = 500
"""Areas a transaction; some tens of milliseconds."""
VERSIONS_KEPT = 20
"""Of each kind."""
ABANDONED_AFTER = timedelta(hours=1)
_BIG_ID = BigInteger().with_variant(Integer, "sqlite")

boundary_kinds = Table(
    "boundary_kinds",
    metadata,
    Column("kind", String(KIND_CHARS), primary_key=True),
    Column("label", String(LABEL_CHARS), nullable=False, comment="what people read"),
)
boundary_sets = Table(
    "boundary_sets",
    metadata,
    Column("id", _BIG_ID, primary_key=True, autoincrement=True),
    Column("name", String(AREA_CHARS), nullable=False, comment="of the file"),
    Column("sha256", String(64), nullable=False, comment="of the file as it was given"),
    Column("options", Text, nullable=False, comment="JSON: how it was to be read"),
    Column("area_count", Integer, nullable=False),
    Column("faults", Text, nullable=False, comment="JSON: the warnings of its import"),
    Column("at", Utc, nullable=False),
    Column("warnings", Integer, comment="how many faults; none: not counted"),
    sqlite_autoincrement=True,
)
boundary_areas = Table(
    "boundary_areas",
    metadata,
    Column("set_id", _BIG_ID, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("area", String(AREA_CHARS), nullable=False, comment="its id"),
    Column("geometry", Text, nullable=False, comment="GeoJSON geometry, WGS 84"),
)
boundary_versions = Table(
    "boundary_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False, comment="of all kinds"),
    Column("kind", String(KIND_CHARS), nullable=False),
    Column("holds_from", Utc, nullable=False),
    Column("at", Utc, nullable=False, comment="when it was made"),
    Column("who", String(NAME_CHARS), nullable=False),
    Column("why", Text, nullable=False),
    Column("restored", Integer, comment="the version that it equals, when gone back to"),
    Column("set_id", _BIG_ID, comment="none: nothing imported"),
)


@dataclass(frozen=True, slots=True)
class GivenSet:
    """Areas of one file. ``features``: GeoJSON features with the property ``precinct``."""

    name: str
    sha256: str
    options: Mapping[str, Any]
    features: Sequence[Mapping[str, Any]]
    faults: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class BoundaryVersion:
    """One version of one kind. ``set_id`` None: as if nothing had been imported."""

    version: int
    kind: str
    holds_from: datetime
    at: datetime
    who: str
    why: str
    restored: int | None
    set_id: int | None
    name: str = ""
    sha256: str = ""
    options: str = "{}"
    area_count: int = 0
    warnings: int = 0


class BoundaryVersions:
    """Repository of imported boundaries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kinds(self) -> dict[str, str]:
        """Labels by kind, in alphabetical order of the kinds."""
        query = select(boundary_kinds).order_by(boundary_kinds.c.kind)
        async with self._database.reading() as connection:
            return {row.kind: row.label for row in await connection.execute(query)}

    async def kept(self, kind: str | None = None) -> list[BoundaryVersion]:
        """Every version that is kept, newest first."""
        names = ("name", "sha256", "options", "area_count", "warnings")
        query = (
            select(boundary_versions, *(boundary_sets.c[name] for name in names))
            .outerjoin(boundary_sets, boundary_sets.c.id == boundary_versions.c.set_id)
            .order_by(boundary_versions.c.version.desc())
        )
        if kind is not None:
            query = query.where(boundary_versions.c.kind == kind)
        async with self._database.reading() as connection:
            return [_version(row) for row in (await connection.execute(query)).mappings()]

    async def add(
        self,
        kind: str,
        given: GivenSet,
        *,
        holds_from: datetime,
        who: str,
        why: str,
        now: datetime,
        label: str | None = None,
    ) -> int:
        """Make a version with these areas; its number. A ``label`` renames the kind."""
        number = await self._write(given, now)
        return await self._add(
            kind, number, holds_from=holds_from, who=who, why=why, now=now, label=label
        )

    async def restore(
        self,
        version: int,
        *,
        kind: str | None = None,
        holds_from: datetime,
        who: str,
        why: str,
        now: datetime,
    ) -> int | None:
        """Make a version that equals an earlier one; 0, with a kind: nothing imported.

        None when there is no such version.
        """
        set_id: int | None = None
        if version != 0:
            found = next((each for each in await self.kept() if each.version == version), None)
            if found is None:
                return None
            kind, set_id = found.kind, found.set_id
        if kind is None:
            return None
        return await self._add(
            kind, set_id, holds_from=holds_from, who=who, why=why, now=now, restored=version
        )

    async def areas(self, set_id: int) -> dict[str, Any]:
        """The areas of a set as a FeatureCollection with the property ``precinct``."""
        query = select(boundary_areas).where(boundary_areas.c.set_id == set_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(boundary_areas.c.position))).all()
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"precinct": row.area},
                    "geometry": json.loads(row.geometry),
                }
                for row in rows
            ],
        }

    async def texts(self, set_id: int) -> list[tuple[str, str]]:
        """The areas of a set: ids and the texts of their GeoJSON geometries."""
        columns = boundary_areas.c.area, boundary_areas.c.geometry
        query = select(*columns).where(boundary_areas.c.set_id == set_id)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(boundary_areas.c.position))
            return [(row.area, row.geometry) for row in rows]

    async def faults(self, set_id: int) -> Any:
        """The warnings of the import of a set, as JSON values in a list."""
        query = select(boundary_sets.c.faults).where(boundary_sets.c.id == set_id)
        async with self._database.reading() as connection:
            return json.loads(await connection.scalar(query) or "[]")

    async def area_ids(self, set_id: int) -> list[str]:
        """The ids of the areas of a set."""
        query = select(boundary_areas.c.area).where(boundary_areas.c.set_id == set_id)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(boundary_areas.c.position))
            return list(rows.scalars())

    async def _write(self, given: GivenSet, now: datetime) -> int:
        async with self._database.writing() as connection:
            result = await connection.execute(
                insert(boundary_sets).values(
                    name=given.name[:AREA_CHARS],
                    sha256=given.sha256,
                    options=_json(given.options),
                    area_count=len(given.features),
                    faults=_json(list(given.faults)),
                    warnings=len(given.faults),
                    at=now,
                )
            )
            key = result.inserted_primary_key
            if key is None:
                raise StoreUnavailable("the database gave new boundaries no number")
            number = int(key[0])
        rows = [
            {
                "set_id": number,
                "position": position,
                "area": feature["properties"]["precinct"],
                "geometry": _json(feature["geometry"]),
            }
            for position, feature in enumerate(given.features)
        ]
        for start in range(0, len(rows), AREAS_AT_ONCE):
            async with self._database.writing() as connection:
                part = rows[start : start + AREAS_AT_ONCE]
                await connection.execute(insert(boundary_areas), part)
        return number

    async def _add(
        self,
        kind: str,
        set_id: int | None,
        *,
        holds_from: datetime,
        who: str,
        why: str,
        now: datetime,
        label: str | None = None,
        restored: int | None = None,
    ) -> int:
        try:
            async with self._database.writing() as connection:
                await _name(connection, kind, label)
                newest = select(func.max(boundary_versions.c.version))
                number = (await connection.scalar(newest) or 0) + 1
                await connection.execute(
                    insert(boundary_versions).values(
                        version=number,
                        kind=kind,
                        holds_from=holds_from,
                        at=now,
                        who=who[:NAME_CHARS],
                        why=why,
                        restored=restored,
                        set_id=set_id,
                    )
                )
                await _forget_old(connection, kind, now)
        except IntegrityError:
            raise StoreUnavailable(
                "another import came first; look at what it changed and try again"
            ) from None
        return number


async def _name(connection: AsyncConnection, kind: str, label: str | None) -> None:
    known = await connection.scalar(
        select(boundary_kinds.c.label).where(boundary_kinds.c.kind == kind)
    )
    if known is None:
        told = label or kind.replace("_", " ")
        await connection.execute(insert(boundary_kinds).values(kind=kind, label=told))
    elif label and label != known:
        renamed = update(boundary_kinds).where(boundary_kinds.c.kind == kind)
        await connection.execute(renamed.values(label=label))


async def _forget_old(connection: AsyncConnection, kind: str, now: datetime) -> None:
    """Forget versions beyond those kept, save those that hold or will; and sets nobody shows."""
    versions = boundary_versions
    query = select(versions.c.version, versions.c.holds_from).where(versions.c.kind == kind)
    rows = (await connection.execute(query.order_by(versions.c.version.desc()))).all()
    begun = [row for row in rows if row.holds_from <= now]
    holds = max(begun, key=lambda row: (row.holds_from, row.version), default=None)
    old = [
        row.version
        for row in rows[VERSIONS_KEPT:]
        if row.holds_from <= now and (holds is None or row.version != holds.version)
    ]
    if old:
        await connection.execute(delete(versions).where(versions.c.version.in_(old)))
    shown = select(versions.c.set_id).where(versions.c.set_id.is_not(None))
    lost = select(boundary_sets.c.id).where(
        boundary_sets.c.id.not_in(shown), boundary_sets.c.at < now - ABANDONED_AFTER
    )
    numbers = (await connection.execute(lost)).scalars().all()
    if numbers:
        await connection.execute(delete(boundary_areas).where(boundary_areas.c.set_id.in_(numbers)))
        await connection.execute(delete(boundary_sets).where(boundary_sets.c.id.in_(numbers)))


def _version(row: RowMapping) -> BoundaryVersion:
    return BoundaryVersion(
        **{name: value for name, value in row.items() if value is not None}
        | {name: row[name] for name in ("restored", "set_id")}
    )


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
