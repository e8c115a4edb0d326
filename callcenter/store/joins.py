"""Incidents that people joined: one row a join, which a separation marks and never deletes.

An incident stands here by the call that began it. Of each row that is in force ``top_call_id``
names the whole incident that it belongs to now, so that lists need no recursion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.incidents import grouping

from .database import Database
from .tables import NAME_CHARS
from .tables import incident_joins as joins_table

_POSTGRESQL_LOCK = 0x6A6F696E
"""Advisory lock: two joins at once could otherwise each put one incident into the other."""
_IN_FORCE = joins_table.c.separated_at.is_(None)


@dataclass(frozen=True, slots=True)
class Join:
    """That one incident was made part of another, and whether it is still."""

    id: int
    call_id: str
    into_call_id: str
    at: datetime
    by: str
    why: str
    separated_at: datetime | None = None
    separated_by: str | None = None
    separated_why: str | None = None


class IncidentJoins:
    """The joins of one database. Every method may raise `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tops(self, call_ids: Collection[str]) -> dict[str, str]:
        """Of each call the one that began the whole incident: itself while it was not joined."""
        statement = select(joins_table.c.call_id, joins_table.c.top_call_id).where(
            joins_table.c.call_id.in_(list(call_ids)), _IN_FORCE
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(statement)).all()
        return {call_id: call_id for call_id in call_ids} | {call: top for call, top in found}

    async def wholes(self, call_ids: Collection[str]) -> dict[str, list[str]]:
        """The incidents of these calls: by the call that began each, all of its calls, it first."""
        ids = list(call_ids)
        tops = select(joins_table.c.top_call_id).where(joins_table.c.call_id.in_(ids), _IN_FORCE)
        statement = (
            select(joins_table.c.top_call_id, joins_table.c.call_id)
            .where(
                or_(joins_table.c.top_call_id.in_(tops), joins_table.c.top_call_id.in_(ids)),
                _IN_FORCE,
            )
            .order_by(joins_table.c.id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        top_of = {call_id: top for top, call_id in rows}
        found = {top_of.get(call_id, call_id): [top_of.get(call_id, call_id)] for call_id in ids}
        for top, call_id in rows:
            found[top].append(call_id)
        return found

    async def of(self, call_ids: Collection[str]) -> list[Join]:
        """Every join that these calls were part of, oldest first, those taken back too."""
        ids = list(call_ids)
        columns = [joins_table.c[name] for name in Join.__slots__]
        statement = (
            select(*columns)
            .where(or_(joins_table.c.call_id.in_(ids), joins_table.c.into_call_id.in_(ids)))
            .order_by(joins_table.c.id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [Join(**row) for row in rows]

    async def join(self, call_id: str, into: str, by: str, why: str, at: datetime) -> Join | None:
        """Make the incident of one call part of that of another; None when they are one already."""
        async with self._database.writing() as connection:
            await _alone(connection)
            links = await _links(connection, await _tops(connection, (call_id, into)))
            try:
                after = grouping.joined(links, call_id, into)
            except ValueError:
                return None
            joined, target = next(iter(set(after.items()) - set(links.items())))
            values = {
                "call_id": joined,
                "into_call_id": target,
                "at": at,
                "by": by[:NAME_CHARS],
                "why": why,
            }
            made = await connection.execute(
                insert(joins_table).values(**values, top_call_id=target).returning(joins_table.c.id)
            )
            join_id = made.scalar_one()
            await _set_top(connection, grouping.members(links, joined), target)
        return Join(id=join_id, **values)  # type: ignore[arg-type]  # as they are named above

    async def separate(self, join_id: int, by: str, why: str, at: datetime) -> Join | None:
        """Take a join back; None when it is not in force."""
        columns = [joins_table.c[name] for name in Join.__slots__]
        async with self._database.writing() as connection:
            await _alone(connection)
            statement = select(*columns, joins_table.c.top_call_id)
            found = (
                (await connection.execute(statement.where(joins_table.c.id == join_id, _IN_FORCE)))
                .mappings()
                .one_or_none()
            )
            if found is None:
                return None
            links = await _links(connection, {found["top_call_id"]})
            freed = grouping.members(grouping.separated(links, found["call_id"]), found["call_id"])
            changes = {
                "separated_at": at,
                "separated_by": by[:NAME_CHARS],
                "separated_why": why,
            }
            await connection.execute(
                update(joins_table).where(joins_table.c.id == join_id).values(**changes)
            )
            await _set_top(connection, freed - {found["call_id"]}, found["call_id"])
        return Join(**{name: found[name] for name in Join.__slots__} | changes)


async def _alone(connection: AsyncConnection) -> None:
    """Nobody else joins or separates during this transaction; SQLite knows one writer anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK}
        )


async def _tops(connection: AsyncConnection, call_ids: Iterable[str]) -> set[str]:
    ids = list(call_ids)
    statement = select(joins_table.c.call_id, joins_table.c.top_call_id).where(
        joins_table.c.call_id.in_(ids), _IN_FORCE
    )
    known = {call_id: top for call_id, top in (await connection.execute(statement)).all()}
    return {known.get(call_id, call_id) for call_id in ids}


async def _links(connection: AsyncConnection, tops: Collection[str]) -> dict[str, str]:
    statement = select(joins_table.c.call_id, joins_table.c.into_call_id).where(
        joins_table.c.top_call_id.in_(list(tops)), _IN_FORCE
    )
    return {call_id: into for call_id, into in (await connection.execute(statement)).all()}


async def _set_top(connection: AsyncConnection, call_ids: Collection[str], top: str) -> None:
    await connection.execute(
        update(joins_table)
        .where(joins_table.c.call_id.in_(list(call_ids)), _IN_FORCE)
        .values(top_call_id=top)
    )
