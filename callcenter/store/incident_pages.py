"""Incidents as lists and exports go through them: a page at a time, each with all of its calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from .calls import CallRow, call_row
from .database import Database
from .tables import calls as calls_table
from .tables import incident_joins as joins_table

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Search:
    """Which incidents: those whose first call came in a period, and of which a call has all this.

    ``words`` stand in the place or the caller's number, in any case of letters.
    """

    since: datetime
    until: datetime
    category: str | None = None
    level: str | None = None
    precinct: str | None = None
    words: str = ""


Position = tuple[datetime, str]
"""Where a page ended: when the last incident's first call arrived, and that call's id."""
Incident = list[CallRow]
"""The calls of an incident, the one that began it first."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What tells whether a call is worth a closer look."""

    id: str
    arrived_at: datetime
    category: str | None
    precinct: str | None
    caller_number: str


class IncidentPages:
    """Reads the incidents of one database. Every method may raise `StoreUnavailable`."""

    def __init__(self, database: Database, page_rows: int = PAGE_ROWS) -> None:
        self._database = database
        self._page_rows = page_rows

    async def page(
        self,
        search: Search,
        *,
        after: Position | None = None,
        limit: int | None = None,
        newest_first: bool = True,
    ) -> list[Incident]:
        """Some incidents, the newest first or the oldest, from beyond a position on."""
        columns = calls_table.c
        conditions = _conditions(search)
        if after is not None:
            arrived_at, call_id = after
            beyond = (
                (columns.arrived_at < arrived_at, columns.id < call_id)
                if newest_first
                else (columns.arrived_at > arrived_at, columns.id > call_id)
            )
            conditions.append(or_(beyond[0], and_(columns.arrived_at == arrived_at, beyond[1])))
        order = (columns.arrived_at, columns.id)
        statement = (
            select(calls_table)
            .where(*conditions)
            .order_by(*(column.desc() if newest_first else column for column in order))
            .limit(limit or self._page_rows)
        )
        async with self._database.reading() as connection:
            heads = [call_row(row) for row in (await connection.execute(statement)).mappings()]
            joined = (
                select(joins_table.c.top_call_id, calls_table)
                .join(calls_table, calls_table.c.id == joins_table.c.call_id)
                .where(
                    joins_table.c.top_call_id.in_([head.id for head in heads]),
                    joins_table.c.separated_at.is_(None),
                )
                .order_by(calls_table.c.arrived_at, calls_table.c.id)
            )
            incidents = {head.id: [head] for head in heads}
            for row in (await connection.execute(joined)).mappings() if heads else ():
                values = {name: value for name, value in row.items() if name != "top_call_id"}
                incidents[row["top_call_id"]].append(call_row(values))
        return list(incidents.values())

    async def all(self, search: Search) -> AsyncIterator[list[Incident]]:
        """Every incident of a search, the oldest first; never more than a page in hand."""
        after: Position | None = None
        while True:
            found = await self.page(search, after=after, newest_first=False)
            if found:
                yield found
                after = (found[-1][0].arrived_at, found[-1][0].id)
            if len(found) < self._page_rows:
                return

    async def of_kinds(
        self, since: datetime, until: datetime, kinds: Collection[str], limit: int
    ) -> list[Glimpse]:
        """Calls between two moments that name a place, of these kinds or none yet, newest first."""
        columns = calls_table.c
        kind = or_(columns.category.in_(list(kinds)), columns.category.is_(None))
        return await self._glimpses(since, until, limit, columns.place_text.is_not(None), kind)

    async def by_numbers(
        self, since: datetime, until: datetime, numbers: Collection[str], limit: int
    ) -> list[Glimpse]:
        """Calls between two moments from one of these numbers, the newest first."""
        wanted = calls_table.c.caller_number.in_(list(numbers))
        return await self._glimpses(since, until, limit, wanted)

    async def in_precincts(
        self, since: datetime, until: datetime, precincts: Collection[str], limit: int
    ) -> list[Glimpse]:
        """Calls between two moments about places in one of these precincts, the newest first."""
        wanted = calls_table.c.precinct.in_(list(precincts))
        return await self._glimpses(since, until, limit, wanted)

    async def _glimpses(
        self, since: datetime, until: datetime, limit: int, *wanted: ColumnElement[bool]
    ) -> list[Glimpse]:
        columns = [calls_table.c[name] for name in Glimpse.__slots__]
        statement = (
            select(*columns)
            .where(calls_table.c.arrived_at >= since, calls_table.c.arrived_at <= until, *wanted)
            .order_by(calls_table.c.arrived_at.desc(), calls_table.c.id.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return [Glimpse(*row) for row in (await connection.execute(statement)).all()]

    async def calls(self, call_ids: Collection[str]) -> dict[str, CallRow]:
        """These calls, as far as they are filed."""
        statement = select(calls_table).where(calls_table.c.id.in_(list(call_ids)))
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).mappings()
            return {row["id"]: call_row(row) for row in rows}


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    columns = calls_table.c
    joined = and_(joins_table.c.call_id == columns.id, joins_table.c.separated_at.is_(None))
    conditions: list[ColumnElement[bool]] = [
        columns.arrived_at >= search.since,
        columns.arrived_at < search.until,
        ~exists(select(joins_table.c.id).where(joined)),
    ]
    wanted = _wanted(calls_table, search)
    if wanted:
        part = calls_table.alias("part")
        of_it = (
            select(joins_table.c.id)
            .join(part, part.c.id == joins_table.c.call_id)
            .where(
                joins_table.c.top_call_id == columns.id,
                joins_table.c.separated_at.is_(None),
                *_wanted(part, search),
            )
        )
        conditions.append(or_(and_(*wanted), exists(of_it)))
    return conditions


def _wanted(table: Any, search: Search) -> Sequence[ColumnElement[bool]]:
    """What one call of the incident must have."""
    found: list[ColumnElement[bool]] = [
        table.c[name] == value
        for name in ("category", "level", "precinct")
        if (value := getattr(search, name))
    ]
    if search.words:
        found.append(
            or_(
                table.c.place_text.icontains(search.words, autoescape=True),
                table.c.caller_number.icontains(search.words, autoescape=True),
            )
        )
    return found
