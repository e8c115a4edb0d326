"""Calls as they stand: one row a call, replaced whenever it changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database, write_over
from .tables import calls as calls_table

CLOSED = "closed"
PAGE_ROWS = 200


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call. ``detail`` holds what lists do not show: legs, timeline."""

    id: str
    line: str
    caller_number: str
    queue: str
    state: str
    arrived_at: datetime
    language: str
    wait_ms: int = 0
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    seat: str | None = None
    officer: str | None = None
    officer_state: str | None = None
    category: str | None = None
    level: str | None = None
    place_text: str | None = None
    precinct: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """The call as lists and the live events show it."""
        return {
            "id": self.id,
            "line": self.line,
            "from": self.caller_number,
            "queue": self.queue,
            "state": self.state,
            "arrived_at": self.arrived_at.isoformat(),
            "wait_ms": self.wait_ms,
            "answered_at": None if self.answered_at is None else self.answered_at.isoformat(),
            "closed_at": None if self.closed_at is None else self.closed_at.isoformat(),
            "seat": self.seat,
            "officer": self.officer,
            "officer_state": self.officer_state,
            "language": self.language,
            "category": self.category,
            "level": self.level,
            "place_text": self.place_text,
            "precinct": self.precinct,
        }


class Calls:
    """The calls of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def upsert(self, *rows: CallRow) -> None:
        """Write calls, new or known. Raises `StoreUnavailable`."""
        if not rows:
            return
        async with self._database.writing() as connection:
            await write_calls(connection, rows)

    async def get(self, call_id: str) -> CallRow | None:
        """One call."""
        rows = await self._select(calls_table.c.id == call_id)
        return rows[0] if rows else None

    async def recent(self, limit: int = 100, *, before: datetime | None = None) -> list[CallRow]:
        """The newest calls, newest first; ``before`` a moment for the next page."""
        conditions = [] if before is None else [calls_table.c.arrived_at < before]
        return await self._select(*conditions, limit=limit)

    async def between(self, since: datetime, until: datetime) -> AsyncIterator[list[CallRow]]:
        """Calls that arrived from one moment on and before another, the oldest first, in pages."""
        columns = calls_table.c
        last: tuple[datetime, str] | None = None
        while True:
            statement = select(calls_table).where(
                columns.arrived_at >= since, columns.arrived_at < until
            )
            if last is not None:
                at, call_id = last
                same = and_(columns.arrived_at == at, columns.id > call_id)
                statement = statement.where(or_(columns.arrived_at > at, same))
            ordered = statement.order_by(columns.arrived_at, columns.id).limit(PAGE_ROWS)
            async with self._database.reading() as connection:
                rows = (await connection.execute(ordered)).mappings().all()
            page = await asyncio.to_thread(_call_rows, rows)
            if page:
                yield page
                last = page[-1].arrived_at, page[-1].id
            if len(page) < PAGE_ROWS:
                return

    async def not_closed(self) -> list[CallRow]:
        """Calls that were alive when they were last written, newest first."""
        return await self._select(calls_table.c.state != CLOSED)

    async def remove(self, call_id: str) -> None:
        """Delete one call's row."""
        async with self._database.writing() as connection:
            await connection.execute(delete(calls_table).where(calls_table.c.id == call_id))

    async def _select(self, *conditions: Any, limit: int | None = None) -> list[CallRow]:
        statement = (
            select(calls_table)
            .where(*conditions)
            .order_by(calls_table.c.arrived_at.desc(), calls_table.c.id.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return [call_row(found) for found in (await connection.execute(statement)).mappings()]


async def write_calls(connection: AsyncConnection, rows: Iterable[CallRow]) -> None:
    """Write calls, new or known, within a transaction."""
    latest = {row.id: row for row in rows}
    await write_over(connection, calls_table, [_values(row) for row in latest.values()])


def _values(row: CallRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in CallRow.__slots__}
    values["detail"] = json.dumps(dict(row.detail), default=str)
    return values


def _call_rows(found: Sequence[RowMapping]) -> list[CallRow]:
    return [call_row(row) for row in found]


def call_row(found: RowMapping | Mapping[str, Any]) -> CallRow:
    """A row of the table as the call that it is."""
    return CallRow(**{**found, "detail": json.loads(found["detail"])})
