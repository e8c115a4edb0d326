"""The register of finished recordings: where each lies, and its place in their hash chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select

from .database import Database
from .tables import recordings as recordings_table


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One finished recording as the vault stored it."""

    call_id: str
    path: str
    sha256: str
    bytes: int
    duration_ms: int
    chained_hash: str
    stored_at: datetime
    starts_ms: int = 0
    """When its first sample was heard, from the call's start."""


class RecordingsTable:
    """The register of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        call_id: str,
        *,
        path: str,
        sha256: str,
        bytes: int,
        duration_ms: int,
        chained_hash: str,
        stored_at: datetime | None = None,
        starts_ms: int = 0,
    ) -> RecordingRow:
        """Register a recording, once however often it is told. Raises `StoreUnavailable`."""
        row = RecordingRow(
            call_id,
            path,
            sha256,
            bytes,
            duration_ms,
            chained_hash,
            stored_at or datetime.now(UTC),
            starts_ms,
        )
        values = {name: getattr(row, name) for name in RecordingRow.__slots__}
        known = select(recordings_table.c.id).where(
            recordings_table.c.call_id == call_id, recordings_table.c.sha256 == sha256
        )
        async with self._database.writing() as connection:
            if await connection.scalar(known.limit(1)) is None:
                await connection.execute(insert(recordings_table), [values])
        return row

    async def of(self, call_id: str) -> list[RecordingRow]:
        """The recordings of one call, oldest first."""
        columns = [recordings_table.c[name] for name in RecordingRow.__slots__]
        statement = (
            select(*columns)
            .where(recordings_table.c.call_id == call_id)
            .order_by(recordings_table.c.id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [RecordingRow(**row) for row in rows]

    async def last_hash(self) -> str:
        """The newest chained hash, which the next recording follows; empty when there is none."""
        statement = (
            select(recordings_table.c.chained_hash).order_by(recordings_table.c.id.desc()).limit(1)
        )
        async with self._database.reading() as connection:
            return await connection.scalar(statement) or ""
