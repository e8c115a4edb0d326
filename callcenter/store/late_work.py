"""What is still to be transcribed from recordings, and the transcripts that were replaced.

A row of ``late_work`` stays until its words are in the transcript, so that a service that was ended
meanwhile goes on with it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, Text, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database, write_over
from .tables import CALL_ID_CHARS, NAME_CHARS, Utc, metadata
from .tables import segments as segments_table
from .transcripts import write_segments

WORK_ID_CHARS = 32

late_work = Table(
    "late_work",
    metadata,
    Column("id", String(WORK_ID_CHARS), primary_key=True),
    Column("call_id", String(CALL_ID_CHARS), nullable=False),
    # Empty: the whole call is to be recognised again.
    Column("leg", String(CALL_ID_CHARS), nullable=False),
    Column("role", String(16), nullable=False),
    Column("party", String(NAME_CHARS), nullable=False),
    Column("language", String(16), nullable=False),
    Column("from_ms", Integer, nullable=False),
    Column("to_ms", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("asked_by", String(NAME_CHARS)),
    Column("asked_at", Utc, nullable=False),
    Index("ix_late_work_call_id", "call_id"),
    Index("ix_late_work_asked_at", "asked_at"),
)

transcript_versions = Table(
    "transcript_versions",
    metadata,
    Column("call_id", String(CALL_ID_CHARS), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("language", String(16), nullable=False),
    Column("replaced_at", Utc, nullable=False),
    Column("replaced_by", String(NAME_CHARS)),
    Column("why", Text, nullable=False),
    Column("segments", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class LateItem:
    """One stretch of a recording that is to be transcribed; ms from the call's start.

    Without ``leg`` it is the whole call, which ``asked_by`` wants recognised again.
    """

    id: str
    call_id: str
    language: str
    why: str
    asked_at: datetime
    leg: str = ""
    role: str = ""
    party: str = ""
    from_ms: int = 0
    to_ms: int = 0
    asked_by: str | None = None

    @property
    def whole_call(self) -> bool:
        """Whether all of the call is recognised again."""
        return not self.leg


@dataclass(frozen=True, slots=True)
class ReplacedTranscript:
    """A transcript as it was before another one took its place.

    ``language`` is what it was recognised in; ``replaced_by`` None: by the service itself.
    """

    call_id: str
    version: int
    language: str
    replaced_at: datetime
    replaced_by: str | None
    why: str
    segments: list[dict[str, Any]]


class LateWork:
    """The work that waits in one database. Every method raises `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, items: Iterable[LateItem]) -> None:
        """Write work down, new or changed."""
        rows = [{name: getattr(item, name) for name in LateItem.__slots__} for item in items]
        if rows:
            async with self._database.writing() as connection:
                await write_over(connection, late_work, rows)

    async def waiting(self, limit: int = 200) -> list[LateItem]:
        """What waits: what people asked for first, then the oldest."""
        statement = (
            select(late_work)
            .order_by(late_work.c.asked_by.is_(None), late_work.c.asked_at, late_work.c.from_ms)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [LateItem(**row) for row in rows]

    async def of(self, call_id: str) -> list[LateItem]:
        """What waits of one call."""
        statement = (
            select(late_work).where(late_work.c.call_id == call_id).order_by(late_work.c.asked_at)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [LateItem(**row) for row in rows]

    async def drop(self, ids: Collection[str]) -> None:
        """Give work up."""
        async with self._database.writing() as connection:
            await _drop(connection, ids)

    async def done(
        self,
        call_id: str,
        ids: Collection[str],
        *,
        removed: Collection[str],
        added: Sequence[Mapping[str, Any]],
        kept: ReplacedTranscript | None,
    ) -> None:
        """Put the words of finished work into the transcript, in one transaction with its end.

        ``removed``: segments that others replace; ``kept``: the transcript as it was, of which the
        version is given here.
        """
        async with self._database.writing() as connection:
            if kept is not None:
                newest = select(func.max(transcript_versions.c.version)).where(
                    transcript_versions.c.call_id == call_id
                )
                version = (await connection.scalar(newest) or 0) + 1
                await write_over(
                    connection, transcript_versions, [_row(replace(kept, version=version))]
                )
            if removed:
                await connection.execute(
                    delete(segments_table).where(
                        segments_table.c.call_id == call_id, segments_table.c.id.in_(removed)
                    )
                )
            await write_segments(connection, [{**each, "call_id": call_id} for each in added])
            await _drop(connection, ids)

    async def replaced(self, call_id: str) -> list[ReplacedTranscript]:
        """The transcripts of a call that were replaced, oldest first."""
        statement = (
            select(transcript_versions)
            .where(transcript_versions.c.call_id == call_id)
            .order_by(transcript_versions.c.version)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [
            ReplacedTranscript(**{**row, "segments": json.loads(row["segments"])}) for row in rows
        ]


def whole_call(item_id: str, call_id: str, language: str, by: str) -> LateItem:
    """The wish that a call be recognised again."""
    why = "recognised again from the recording"
    return LateItem(item_id, call_id, language, why, datetime.now(UTC), asked_by=by)


async def _drop(connection: AsyncConnection, ids: Collection[str]) -> None:
    await connection.execute(delete(late_work).where(late_work.c.id.in_(ids)))


def _row(kept: ReplacedTranscript) -> dict[str, Any]:
    row = {name: getattr(kept, name) for name in ReplacedTranscript.__slots__}
    return {**row, "segments": json.dumps(kept.segments, ensure_ascii=False, default=str)}
