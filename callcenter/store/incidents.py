"""Records of calls: what the machine found and what people typed, kept apart.

Which calls are one incident is told by `callcenter.store.joins`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database, write_over
from .tables import incidents as incidents_table


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """The record of one call. ``typed`` is by field what people entered."""

    call_id: str
    record: dict[str, Any]
    typed: dict[str, Any]
    updated_at: datetime


class Incidents:
    """The records of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self,
        call_id: str,
        record: Mapping[str, Any],
        typed: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Write the record of a call over the one before. Raises `StoreUnavailable`."""
        incident = StoredIncident(call_id, dict(record), dict(typed or {}), at or datetime.now(UTC))
        async with self._database.writing() as connection:
            await write_incidents(connection, [incident])

    async def get(self, call_id: str) -> StoredIncident | None:
        """The record of a call."""
        statement = select(incidents_table).where(incidents_table.c.call_id == call_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else stored_incident(row)


def stored_incident(row: Any) -> StoredIncident:
    """A row of the table as the record that it is."""
    return StoredIncident(
        row.call_id, json.loads(row.record), json.loads(row.typed), row.updated_at
    )


async def write_incidents(connection: AsyncConnection, incidents: Iterable[StoredIncident]) -> None:
    """Write records over the ones before, within a transaction."""
    values = [
        {
            "call_id": incident.call_id,
            "record": json.dumps(incident.record, ensure_ascii=False, default=str),
            "typed": json.dumps(incident.typed, ensure_ascii=False, default=str),
            "updated_at": incident.updated_at,
        }
        for incident in incidents
    ]
    await write_over(connection, incidents_table, values)
