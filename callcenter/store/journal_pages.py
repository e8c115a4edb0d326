"""The journal of a period, page by page: whoever reads it never has more than a page in hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from .database import Database
from .tables import journal as journal_table

PAGE_ROWS = 500
DISORDER = timedelta(minutes=10)
"""Entries are kept in the order in which they were noted; a clock that was set may have given
neighbours other times, by less than this."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One entry, without its place in the chain of hashes."""

    id: int
    at: datetime
    call_id: str | None
    kind: str
    payload: dict[str, Any]


class JournalPages:
    """Reads the journal of one database in order. Every method may raise `StoreUnavailable`."""

    def __init__(self, database: Database, page_rows: int = PAGE_ROWS) -> None:
        self._database = database
        self._page_rows = page_rows

    async def newest(self) -> int:
        """The id of the newest entry; 0 while there is none."""
        async with self._database.reading() as connection:
            return await connection.scalar(select(func.max(journal_table.c.id))) or 0

    async def before(self, moment: datetime) -> int:
        """An id below those of all entries from ``moment`` on, and not far below."""
        wanted = moment - DISORDER
        low, high = 0, await self.newest()
        # Ids grow with time: halve the range until nothing is between.
        async with self._database.reading() as connection:
            while low < high:
                middle = (low + high + 1) // 2
                at = await connection.scalar(
                    select(journal_table.c.at)
                    .where(journal_table.c.id >= middle)
                    .order_by(journal_table.c.id)
                    .limit(1)
                )
                if at is not None and at < wanted:
                    low = middle
                else:
                    high = middle - 1
        return low

    async def pages(
        self, after: int, kinds: Collection[str] = (), up_to: int | None = None
    ) -> AsyncIterator[list[JournalRow]]:
        """Entries of these kinds (all, when none are named) with ids beyond ``after``, in order."""
        while True:
            conditions = [journal_table.c.id > after]
            if up_to is not None:
                conditions.append(journal_table.c.id <= up_to)
            if kinds:
                conditions.append(journal_table.c.kind.in_(sorted(kinds)))
            statement = (
                select(
                    journal_table.c.id,
                    journal_table.c.at,
                    journal_table.c.call_id,
                    journal_table.c.kind,
                    journal_table.c.payload,
                )
                .where(*conditions)
                .order_by(journal_table.c.id)
                .limit(self._page_rows)
            )
            async with self._database.reading() as connection:
                found = (await connection.execute(statement)).all()
            if found:
                yield [_row(*entry) for entry in found]
                after = found[-1].id
            if len(found) < self._page_rows:
                return

    async def of_calls(
        self, call_ids: Collection[str], kinds: Collection[str] = ()
    ) -> dict[str, list[JournalRow]]:
        """What was noted of each of these calls (of these kinds), in order; they should be few."""
        conditions = [journal_table.c.call_id.in_(call_ids)]
        if kinds:
            conditions.append(journal_table.c.kind.in_(sorted(kinds)))
        statement = (
            select(
                journal_table.c.id,
                journal_table.c.at,
                journal_table.c.call_id,
                journal_table.c.kind,
                journal_table.c.payload,
            )
            .where(*conditions)
            .order_by(journal_table.c.call_id, journal_table.c.id)
        )
        found: dict[str, list[JournalRow]] = {call_id: [] for call_id in call_ids}
        async with self._database.reading() as connection:
            for entry in (await connection.execute(statement)).all():
                found[entry.call_id].append(_row(*entry))
        return found

    async def never_ended(self, since: datetime) -> list[JournalRow]:
        """The arrivals since then of calls whose end was not noted, in order."""
        after = await self.before(since)
        ended = journal_table.alias("ended")
        statement = (
            select(
                journal_table.c.id,
                journal_table.c.at,
                journal_table.c.call_id,
                journal_table.c.kind,
                journal_table.c.payload,
            )
            .where(
                journal_table.c.id > after,
                journal_table.c.kind == "call.arrived",
                ~select(ended.c.id)
                .where(ended.c.call_id == journal_table.c.call_id, ended.c.kind == "call.ended")
                .exists(),
            )
            .order_by(journal_table.c.id)
        )
        async with self._database.reading() as connection:
            return [_row(*entry) for entry in (await connection.execute(statement)).all()]


def _row(entry_id: int, at: datetime, call_id: str | None, kind: str, payload: str) -> JournalRow:
    try:
        content = json.loads(payload)
    except ValueError:  # not ours; what it says cannot be known
        content = {}
    return JournalRow(entry_id, at, call_id, kind, content if isinstance(content, dict) else {})
