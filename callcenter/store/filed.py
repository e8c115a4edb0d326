"""What is written of calls behind their backs, many calls in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from .calls import CallRow, call_row, write_calls
from .database import Database
from .incidents import StoredIncident, stored_incident, write_incidents
from .tables import calls as calls_table
from .tables import incidents as incidents_table
from .transcripts import write_segments


@dataclass(frozen=True, slots=True)
class Sheet:
    """What has changed of one call. ``segments`` are as `Transcripts.add` takes them."""

    row: CallRow
    segments: Sequence[Mapping[str, Any]] = ()
    incident: StoredIncident | None = None


Amend = Callable[[CallRow, StoredIncident | None], tuple[CallRow, StoredIncident]]
"""A filed call and its record as they are to become."""


class FiledCalls:
    """The calls of one database with their transcripts and records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, sheets: Sequence[Sheet]) -> None:
        """Write all of these or none. Raises `StoreUnavailable`."""
        incidents = [sheet.incident for sheet in sheets if sheet.incident]
        async with self._database.writing() as connection:
            await write_calls(connection, [sheet.row for sheet in sheets])
            await write_segments(
                connection, [segment for sheet in sheets for segment in sheet.segments]
            )
            await write_incidents(connection, incidents)

    async def amend(self, call_id: str, amend: Amend) -> StoredIncident | None:
        """Change a filed record as it is at this moment; None when the call is not filed.

        Raises `StoreUnavailable`; the change is all or nothing.
        """
        call = select(calls_table).where(calls_table.c.id == call_id).with_for_update()
        record = select(incidents_table).where(incidents_table.c.call_id == call_id)
        async with self._database.writing() as connection:
            row = (await connection.execute(call)).mappings().one_or_none()
            if row is None:
                return None
            kept = (await connection.execute(record)).one_or_none()
            changed, incident = amend(call_row(row), stored_incident(kept) if kept else None)
            await write_calls(connection, [changed])
            await write_incidents(connection, [incident])
        return incident
