"""Transcripts: the segments of each call, by speaker and time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database, write_over
from .tables import segments as segments_table


class Transcripts:
    """The transcripts of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, *segments: Mapping[str, Any]) -> None:
        """Write segments; one with a known ``id`` replaces that one. Raises `StoreUnavailable`.

        A segment has at least ``id``, ``call_id`` and ``start_ms``; the rest is kept as it is.
        """
        if not segments:
            return
        async with self._database.writing() as connection:
            await write_segments(connection, segments)

    async def of(self, call_id: str) -> list[dict[str, Any]]:
        """The segments of one call by their start."""
        statement = (
            select(segments_table.c.segment)
            .where(segments_table.c.call_id == call_id)
            .order_by(segments_table.c.start_ms, segments_table.c.id)
        )
        async with self._database.reading() as connection:
            return [json.loads(text) for text in await connection.scalars(statement)]

    async def of_calls(self, call_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """The segments of several calls, each call's by their start."""
        columns = segments_table.c
        statement = (
            select(columns.call_id, columns.segment)
            .where(columns.call_id.in_(list(call_ids)))
            .order_by(columns.call_id, columns.start_ms, columns.id)
        )
        found: dict[str, list[dict[str, Any]]] = {}
        async with self._database.reading() as connection:
            for call_id, text in (await connection.execute(statement)).all():
                found.setdefault(call_id, []).append(json.loads(text))
        return found


async def write_segments(
    connection: AsyncConnection, segments: Iterable[Mapping[str, Any]]
) -> None:
    """Write segments, as `Transcripts.add` does, within a transaction."""
    latest = {(segment["call_id"], segment["id"]): segment for segment in segments}
    values = [
        {
            "call_id": call_id,
            "id": segment_id,
            "start_ms": int(segment["start_ms"]),
            "segment": json.dumps(
                {name: value for name, value in segment.items() if name != "call_id"},
                ensure_ascii=False,
                default=str,
            ),
        }
        for (call_id, segment_id), segment in latest.items()
    ]
    await write_over(connection, segments_table, values)
