"""Officers' responses to calls. One row for each officer who took a call, however often."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Index, Integer, String, Table, Text, insert, select, update

from .database import Database, write_over
from .tables import CALL_ID_CHARS, NAME_CHARS, Utc, journal_readers, metadata
from .tables import calls as calls_table

SHOWN_AT_MOST: Final = 200

responses = Table(
    "responses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("call_id", String(CALL_ID_CHARS), nullable=False),
    Column("officer", String(NAME_CHARS), nullable=False),
    Column("step", String(16), nullable=False),
    Column("taken_at", Utc, nullable=False),
    Column("on_the_way_at", Utc),
    Column("there_at", Utc),
    Column("done_at", Utc),
    Column("decided_at", Utc),
    Column("decided_by", String(NAME_CHARS)),
    Column("result", String(16)),
    Column("category", String(NAME_CHARS)),
    Column("report", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("late_told_at", Utc),
    Index("uq_responses_call_id", "call_id", "officer", unique=True),
    Index("ix_responses_step", "step", "taken_at"),
    Index("ix_responses_officer", "officer", "step"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Response:
    """An officer's response to one call, with what the store knows of the call."""

    id: int
    call_id: str
    officer: str
    step: str
    taken_at: datetime
    on_the_way_at: datetime | None = None
    there_at: datetime | None = None
    done_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    result: str | None = None
    category: str | None = None
    """As the officer confirmed it."""
    report: str = ""
    notes: tuple[Mapping[str, Any], ...] = ()
    """Each with ``at`` (RFC 3339), ``by``, ``text``, ``how`` (typed or dictated)."""
    question: str = ""
    """Why the report came back to the officer."""
    late_told_at: datetime | None = None
    call: Mapping[str, Any] | None = None
    """Number, category, level, place_text, precinct; None while the call is not filed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An officer took a call."""

    call_id: str
    officer: str
    at: datetime


class Responses:
    """The responses of one database. Every method may raise `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read_to(self, reader: str) -> int | None:
        """The last journal entry that this reader has dealt with; None for a new reader."""
        statement = select(journal_readers.c.entry).where(journal_readers.c.name == reader)
        async with self._database.reading() as connection:
            entry: int | None = await connection.scalar(statement)
        return entry

    async def begin(self, reader: str, entry: int, taken: Sequence[Taken]) -> list[int]:
        """Begin responses, and note how far the journal is read; the ids of those that are new."""
        begun = []
        async with self._database.writing() as connection:
            for each in taken:
                known = select(responses.c.id).where(
                    responses.c.call_id == each.call_id, responses.c.officer == each.officer
                )
                if await connection.scalar(known) is not None:
                    continue
                made = await connection.execute(
                    insert(responses)
                    .values(
                        call_id=each.call_id,
                        officer=each.officer,
                        step="taken",
                        taken_at=each.at,
                        report="",
                        notes="[]",
                        question="",
                    )
                    .returning(responses.c.id)
                )
                begun.append(made.scalar_one())
            await write_over(connection, journal_readers, [{"name": reader, "entry": entry}])
        return begun

    async def get(self, response_id: int) -> Response | None:
        """One response."""
        found = await self._select(responses.c.id == response_id)
        return found[0] if found else None

    async def of_calls(self, call_ids: Collection[str]) -> list[Response]:
        """The responses to these calls, the first officer's first."""
        return await self._select(responses.c.call_id.in_(list(call_ids)))

    async def in_steps(self, steps: Collection[str], officer: str | None = None) -> list[Response]:
        """Responses that stand there, the newest first; of one officer, or of all."""
        conditions: list[Any] = [responses.c.step.in_(sorted(steps))]
        if officer is not None:
            conditions.append(responses.c.officer == officer)
        return await self._select(*conditions, newest_first=True)

    async def move(
        self, response_id: int, after: Collection[str], values: Mapping[str, Any]
    ) -> bool:
        """Change a response that stands in one of ``after``; False when it does not."""
        statement = (
            update(responses)
            .where(responses.c.id == response_id, responses.c.step.in_(sorted(after)))
            .values(**values)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def add_note(self, response_id: int, note: Mapping[str, Any]) -> bool:
        """Add a note, whatever step it is; False when there is no such response."""
        async with self._database.writing() as connection:
            known = await connection.scalar(
                select(responses.c.notes).where(responses.c.id == response_id).with_for_update()
            )
            if known is None:
                return False
            notes = json.dumps([*json.loads(known), dict(note)], ensure_ascii=False)
            await connection.execute(
                update(responses).where(responses.c.id == response_id).values(notes=notes)
            )
        return True

    async def _select(self, *conditions: Any, newest_first: bool = False) -> list[Response]:
        known = ("caller_number", "category", "level", "place_text", "precinct", "arrived_at")
        order = responses.c.taken_at.desc() if newest_first else responses.c.taken_at
        statement = (
            select(responses, *(calls_table.c[name].label(f"call_{name}") for name in known))
            .join(calls_table, calls_table.c.id == responses.c.call_id, isouter=True)
            .where(*conditions)
            .order_by(order, responses.c.id)
            .limit(SHOWN_AT_MOST)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        own = [each.name for each in fields(Response) if each.name not in {"notes", "call"}]
        return [
            Response(
                **{name: row[name] for name in own},
                notes=tuple(json.loads(row["notes"])),
                call={name: row[f"call_{name}"] for name in known}
                if row["call_arrived_at"] is not None
                else None,
            )
            for row in rows
        ]
