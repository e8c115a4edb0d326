"""What is written of calls behind their backs, many calls in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .calls import CallRow, write_calls
from .database import Database
from .incidents import StoredIncident, write_incidents
from .transcripts import write_segments


@dataclass(frozen=True, slots=True)
class Sheet:
    """What has changed of one call. ``segments`` are as `Transcripts.add` takes them."""

    row: CallRow
    segments: Sequence[Mapping[str, Any]] = ()
    incident: StoredIncident | None = None


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
