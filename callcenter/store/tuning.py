"""Versions of what is tuned: a new row for each, none ever changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, RowMapping, String, Table, Text, func, insert, select
from sqlalchemy.exc import IntegrityError

from callcenter.store.database import Database
from callcenter.store.tables import NAME_CHARS, Utc, metadata

tuning_versions = Table(
    "tuning_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("who", String(NAME_CHARS), nullable=False),
    Column("why", Text, nullable=False),
    Column("restored", Integer, comment="the version that it equals, when gone back to"),
    Column("format", Integer, nullable=False),
    Column("document", Text, nullable=False, comment="JSON of this format"),
)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version without its document: who made it, when and why."""

    version: int
    at: datetime
    who: str
    why: str
    restored: int | None = None


@dataclass(frozen=True, slots=True)
class StoredVersion(VersionRow):
    """One version with its document, as JSON values of that format."""

    format: int = 0
    document: Mapping[str, Any] | None = None


_HEAD = [tuning_versions.c[name] for name in ("version", "at", "who", "why", "restored")]


class TuningVersions:
    """The versions of one database. Every method raises `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest_number(self) -> int:
        """The number of the newest version; 0: there is none."""
        async with self._database.reading() as connection:
            return await connection.scalar(select(func.max(tuning_versions.c.version))) or 0

    async def newest(self) -> StoredVersion | None:
        """The newest version."""
        query = select(tuning_versions).order_by(tuning_versions.c.version.desc()).limit(1)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _stored(row) if row else None

    async def get(self, version: int) -> StoredVersion | None:
        """One version."""
        query = select(tuning_versions).where(tuning_versions.c.version == version)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _stored(row) if row else None

    async def list(self, limit: int = 100, *, before: int | None = None) -> list[VersionRow]:
        """The newest versions, newest first; ``before`` a version for the next page."""
        query = select(*_HEAD).order_by(tuning_versions.c.version.desc()).limit(limit)
        if before is not None:
            query = query.where(tuning_versions.c.version < before)
        async with self._database.reading() as connection:
            return [VersionRow(**row) for row in (await connection.execute(query)).mappings()]

    async def add(self, row: StoredVersion) -> bool:
        """Keep a version; False when there is one of that number already."""
        values = {
            **{column.name: getattr(row, column.name) for column in _HEAD},
            "format": row.format,
            "document": json.dumps(row.document, separators=(",", ":")),
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(tuning_versions).values(values))
        except IntegrityError:
            return False
        return True


def _stored(row: RowMapping) -> StoredVersion:
    return StoredVersion(**{**row, "document": json.loads(row["document"])})
