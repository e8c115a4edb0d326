"""Officers, shifts, absences, positions, and who changed what of them.

A change reads, checks and writes in one transaction and leaves a row in ``roster_changes``, whose
newest number tells every process whether what it knows is the present.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.rosters.model import Absence, Officer, Position, Shift
from callcenter.store.database import Database
from callcenter.store.tables import HASH_CHARS, NAME_CHARS, Utc, metadata

PRECINCT_CHARS = 255
KEY_CHARS = 400
GONE_BY = timedelta(days=31)
"""What ended longer ago is history: it decides nothing any more."""
SELF = "self"

_BigId = BigInteger().with_variant(Integer, "sqlite")

officers = Table(
    "officers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(NAME_CHARS), nullable=False),
    Column("precinct", String(PRECINCT_CHARS), nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(8)),
    Column("numbers", Text, nullable=False, comment="JSON list, in the order of ringing"),
    Column("link_hash", String(HASH_CHARS), unique=True, comment="of the link's secret"),
)

officer_shifts = Table(
    "officer_shifts",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("officer", String(32), nullable=False),
    Column("precinct", String(PRECINCT_CHARS), nullable=False),
    Column("role", String(16), nullable=False),
    Column("start", Utc, nullable=False),
    Column("end", Utc, nullable=False),
    Column("source", String(16), nullable=False, comment="planned or self"),
    Column("key", String(KEY_CHARS), unique=True, comment="of the calendar entry"),
    Index("ix_officer_shifts_end", "end"),
    Index("ix_officer_shifts_officer", "officer"),
    sqlite_autoincrement=True,
)

officer_absences = Table(
    "officer_absences",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("officer", String(32), nullable=False),
    Column("start", Utc, nullable=False),
    Column("end", Utc, nullable=False),
    Column("why", String(NAME_CHARS), nullable=False),
    Column("key", String(KEY_CHARS), unique=True, comment="of the calendar entry"),
    Index("ix_officer_absences_end", "end"),
    sqlite_autoincrement=True,
)

officer_positions = Table(
    "officer_positions",
    metadata,
    Column("officer", String(32), primary_key=True),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Column("accuracy_m", Float, nullable=False),
    Column("at", Utc, nullable=False),
)

roster_changes = Table(
    "roster_changes",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("who", String(NAME_CHARS), nullable=False),
    Column("what", String(32), nullable=False),
    Column("officer", String(32), nullable=False),
    Column("before", Text, comment="JSON"),
    Column("after", Text, comment="JSON"),
    Index("ix_roster_changes_officer", "officer"),
    sqlite_autoincrement=True,
)


_SHIFT = ("officer", "precinct", "role", "start", "end", "source", "key")
_ABSENCE = ("officer", "start", "end", "why", "key")


@dataclass(frozen=True, slots=True)
class Stored:
    """What there is, without what is long over."""

    version: int
    officers: Mapping[str, Officer]
    shifts: tuple[Shift, ...] = ()
    absences: tuple[Absence, ...] = ()
    rostered: Mapping[str, datetime] = field(default_factory=dict)
    """Officers for whom shifts are, or lately were, planned, and when the first of them begins."""


class Rosters:
    """The rosters of one database. Every method raises `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def version(self) -> int:
        """The number of the newest change; 0: none yet."""
        async with self._database.reading() as connection:
            return await connection.scalar(select(func.max(roster_changes.c.id))) or 0

    async def read(self, since: datetime, until: datetime) -> Stored:
        """What there is of a stretch of time."""
        async with self._database.reading() as connection:
            return await _read(connection, since, until=until)

    @asynccontextmanager
    async def changing(
        self, who: str, now: datetime, of: Collection[str] | None = None
    ) -> AsyncIterator[Changing]:
        """One change: everything in it is done, or nothing.

        ``of``: officers whose shifts and absences are read before; None: all.
        """
        async with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("LOCK TABLE roster_changes IN EXCLUSIVE MODE"))
            yield Changing(connection, who, now, await _read(connection, now - GONE_BY, of=of))

    async def history(
        self, limit: int, *, before: int | None = None, officer: str = ""
    ) -> list[dict[str, Any]]:
        """Who changed what, newest first."""
        query = select(roster_changes).order_by(roster_changes.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(roster_changes.c.id < before)
        if officer:
            query = query.where(roster_changes.c.officer == officer)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).mappings()
            return [
                {
                    **row,
                    "at": row["at"].isoformat(),
                    "before": json.loads(row["before"] or "null"),
                    "after": json.loads(row["after"] or "null"),
                }
                for row in rows
            ]

    async def positions(self) -> list[Position]:
        """The last stored position of every officer."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(officer_positions))).mappings()
            return [Position(**row) for row in rows]

    async def keep_positions(self, positions: Iterable[Position]) -> None:
        """Store these in place of the ones before."""
        rows = [
            {name: getattr(each, name) for name in ("officer", "lat", "lon", "accuracy_m", "at")}
            for each in positions
        ]
        if not rows:
            return
        gone = officer_positions.c.officer.in_([row["officer"] for row in rows])
        async with self._database.writing() as connection:
            await connection.execute(delete(officer_positions).where(gone))
            await connection.execute(insert(officer_positions), rows)

    async def officer_of_link(self, link_hash: str) -> str | None:
        """Whose link has this hash."""
        query = select(officers.c.id).where(officers.c.link_hash == link_hash)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).scalar_one_or_none()


class Changing:
    """What may be done within one change. ``stored`` is what there was before."""

    def __init__(
        self, connection: AsyncConnection, who: str, now: datetime, stored: Stored
    ) -> None:
        self._connection = connection
        self._who = who
        self._now = now
        self.stored = stored

    async def put_officer(self, officer: Officer) -> None:
        """Add an officer, or replace what is known of one."""
        before = self.stored.officers.get(officer.id)
        values = {
            "name": officer.name,
            "precinct": officer.precinct,
            "role": officer.role,
            "language": officer.language,
            "numbers": json.dumps(officer.numbers),
        }
        statement = (
            insert(officers).values(id=officer.id, **values)
            if before is None
            else update(officers).where(officers.c.id == officer.id).values(values)
        )
        await self._connection.execute(statement)
        await self._note("officer", officer.id, before and before.shown(), officer.shown())

    async def drop_officer(self, officer: Officer) -> None:
        """Remove an officer with all that is still to come of them."""
        for shift in self.stored.shifts:
            if shift.officer == officer.id:
                await self.drop_shift(shift)
        for absence in self.stored.absences:
            if absence.officer == officer.id:
                await self.drop_absence(absence)
        position = officer_positions.c.officer == officer.id
        await self._connection.execute(delete(officer_positions).where(position))
        await self._connection.execute(delete(officers).where(officers.c.id == officer.id))
        await self._note("officer", officer.id, officer.shown(), None)

    async def set_link(self, officer_id: str, link_hash: str | None) -> None:
        """Give an officer another link, or none."""
        await self._connection.execute(
            update(officers).where(officers.c.id == officer_id).values(link_hash=link_hash)
        )
        await self._note("link", officer_id, None, {"link": link_hash is not None})

    async def put_shift(self, shift: Shift, before: Shift | None = None) -> Shift:
        """Add a shift, or put one in the place of ``before``."""
        values = _values(shift, _SHIFT)
        number = await self._put(officer_shifts, values, before.id if before else None)
        kept = Shift(id=number, **values)
        await self._note("shift", shift.officer, before and before.shown(), kept.shown())
        return kept

    async def add_all(self, entries: Sequence[Shift | Absence]) -> None:
        """Add many at once: the database is held for less time than one by one."""
        shifts = [_values(each, _SHIFT) for each in entries if isinstance(each, Shift)]
        absences = [_values(each, _ABSENCE) for each in entries if isinstance(each, Absence)]
        for table, rows in ((officer_shifts, shifts), (officer_absences, absences)):
            if rows:
                await self._connection.execute(insert(table), rows)
        notes = [
            self._change(
                "shift" if isinstance(each, Shift) else "absence",
                each.officer,
                None,
                {name: value for name, value in each.shown().items() if name != "id"},
            )
            for each in entries
        ]
        if notes:
            await self._connection.execute(insert(roster_changes), notes)

    async def drop_shift(self, shift: Shift) -> None:
        """Remove a shift."""
        await self._connection.execute(
            delete(officer_shifts).where(officer_shifts.c.id == shift.id)
        )
        await self._note("shift", shift.officer, shift.shown(), None)

    async def put_absence(self, absence: Absence, before: Absence | None = None) -> Absence:
        """Add an absence, or put one in the place of ``before``."""
        values = _values(absence, _ABSENCE)
        number = await self._put(officer_absences, values, before.id if before else None)
        kept = Absence(id=number, **values)
        await self._note("absence", absence.officer, before and before.shown(), kept.shown())
        return kept

    async def drop_absence(self, absence: Absence) -> None:
        """Remove an absence."""
        await self._connection.execute(
            delete(officer_absences).where(officer_absences.c.id == absence.id)
        )
        await self._note("absence", absence.officer, absence.shown(), None)

    async def _put(self, table: Table, values: Mapping[str, Any], number: int | None) -> int:
        if number is None:
            done = await self._connection.execute(
                insert(table).values(values).returning(table.c.id)
            )
            return int(done.scalar_one())
        await self._connection.execute(update(table).where(table.c.id == number).values(values))
        return number

    async def _note(
        self, what: str, officer: str, before: object | None, after: object | None
    ) -> None:
        change = self._change(what, officer, before, after)
        await self._connection.execute(insert(roster_changes).values(change))

    def _change(
        self, what: str, officer: str, before: object | None, after: object | None
    ) -> dict[str, Any]:
        return {
            "at": self._now,
            "who": self._who[:NAME_CHARS],
            "what": what,
            "officer": officer,
            "before": None if before is None else json.dumps(before, ensure_ascii=False),
            "after": None if after is None else json.dumps(after, ensure_ascii=False),
        }


def _values(entry: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in names}


async def _read(
    connection: AsyncConnection,
    since: datetime,
    *,
    until: datetime | None = None,
    of: Collection[str] | None = None,
) -> Stored:
    version = await connection.scalar(select(func.max(roster_changes.c.id))) or 0
    known = (await connection.execute(select(officers).order_by(officers.c.id))).mappings()
    planned = (
        select(officer_shifts.c.officer, func.min(officer_shifts.c.start))
        .where(officer_shifts.c.source != SELF, officer_shifts.c.end > since - GONE_BY)
        .group_by(officer_shifts.c.officer)
    )
    queries = []
    for table in (officer_shifts, officer_absences):
        query = select(table).where(table.c.end > since).order_by(table.c.start, table.c.id)
        if until is not None:
            query = query.where(table.c.start < until)
        if of is not None:
            query = query.where(table.c.officer.in_(of))
        queries.append(query)
    shifts, absences = [(await connection.execute(query)).mappings() for query in queries]
    return Stored(
        version=version,
        officers={row["id"]: _officer(row) for row in known},
        shifts=tuple(Shift(**row) for row in shifts),
        absences=tuple(Absence(**row) for row in absences),
        rostered={officer: first for officer, first in await connection.execute(planned)},
    )


def _officer(row: RowMapping) -> Officer:
    return Officer(
        id=row["id"],
        name=row["name"],
        precinct=row["precinct"],
        role=row["role"],
        language=row["language"],
        numbers=tuple(json.loads(row["numbers"])),
    )
