"""Tasks that calls leave behind: each is open until a person closes it with a result.

A call belongs to at most one task, and its end is dealt with in the same transaction that moves
the journal's reader on: read again after a crash, it changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database, write_over
from .tables import NAME_CHARS, journal_readers
from .tables import calls as calls_table
from .tables import segments as segments_table
from .tables import task_calls as task_calls_table
from .tables import tasks as tasks_table

OPEN_AT_MOST: Final = 500
CLOSED_AT_MOST: Final = 200
OPENS: Final = frozenset({"abandoned", "call_back", "cut_off", "follow_up", "unheard", "unseen"})
"""What a call must be to need somebody; others are only noted on a task that is there."""
PENDING_COLUMNS: Final = ("calling_call", "calling_by", "calling_seat", "calling_since")


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call that is over. ``known``: line, queue, language, place and so on, as JSON values."""

    call_id: str
    what: str
    """abandoned, call_back (the caller's wish), cut_off, follow_up (after the officer was there),
    unheard, unseen, answered, called_back."""
    number: str
    arrived_at: datetime
    wait_ms: int
    known: Mapping[str, Any] = field(default_factory=dict)
    task_id: int | None = None
    """Of a call-back: whose."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task, with the calls that belong to it, oldest first."""

    id: int
    kind: str
    state: str
    number: str
    waiting_since: datetime
    opened_at: datetime
    calling_call: str | None = None
    calling_by: str | None = None
    calling_seat: str | None = None
    calling_since: datetime | None = None
    result: str | None = None
    note: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    calls: tuple[EndedCall, ...] = ()
    words: str = ""
    """What was understood of the caller's words, in order."""


class Tasks:
    """The tasks of one database. Every method may raise `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read_to(self, reader: str) -> int | None:
        """The last journal entry that this reader has dealt with; None for a new reader."""
        statement = select(journal_readers.c.entry).where(journal_readers.c.name == reader)
        async with self._database.reading() as connection:
            entry: int | None = await connection.scalar(statement)
        return entry

    async def record(
        self, reader: str, entry: int, ended: Sequence[EndedCall], at: datetime
    ) -> list[int]:
        """Take in calls that ended, and note how far the journal is read; the tasks touched."""
        async with self._database.writing() as connection:
            touched = await _take_in(connection, ended, at) if ended else []
            values = {"name": reader, "entry": entry}
            await write_over(connection, journal_readers, [values])
        return touched

    async def get(self, task_id: int) -> Task | None:
        """One task."""
        async with self._database.reading() as connection:
            found = await _select(connection, tasks_table.c.id == task_id)
        return found[0] if found else None

    async def some(self, task_ids: Iterable[int]) -> list[Task]:
        """The tasks of these ids."""
        async with self._database.reading() as connection:
            return await _select(connection, tasks_table.c.id.in_(list(task_ids)))

    async def open(self) -> list[Task]:
        """Open tasks, the longest waiting first."""
        async with self._database.reading() as connection:
            return await _select(
                connection,
                tasks_table.c.state == "open",
                order=(tasks_table.c.waiting_since, tasks_table.c.id),
                limit=OPEN_AT_MOST,
            )

    async def closed(self) -> list[Task]:
        """Closed tasks, the last closed first."""
        async with self._database.reading() as connection:
            return await _select(
                connection,
                tasks_table.c.state == "closed",
                order=(tasks_table.c.closed_at.desc(), tasks_table.c.id.desc()),
                limit=CLOSED_AT_MOST,
            )

    async def take(self, task_id: int, call_id: str, by: str, seat: str, at: datetime) -> bool:
        """Begin a call-back; False when the task is closed or is being called back already."""
        statement = (
            update(tasks_table)
            .where(
                tasks_table.c.id == task_id,
                tasks_table.c.state == "open",
                tasks_table.c.calling_call.is_(None),
            )
            .values(calling_call=call_id, calling_by=by, calling_seat=seat, calling_since=at)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def calling(self) -> list[str]:
        """The call-backs that are going on, as far as tasks know."""
        column = tasks_table.c.calling_call
        async with self._database.reading() as connection:
            return [
                call_id
                for call_id in await connection.scalars(select(column).where(column.is_not(None)))
                if call_id is not None
            ]

    async def release(self, call_id: str) -> int | None:
        """End a call-back; the task that it was for, None when it had ended before."""
        async with self._database.writing() as connection:
            task_id: int | None = await connection.scalar(
                select(tasks_table.c.id).where(tasks_table.c.calling_call == call_id)
            )
            if task_id is not None:
                await _release(connection, call_id)
        return task_id

    async def close(self, task_id: int, result: str, note: str, by: str, at: datetime) -> bool:
        """Close an open task; False when it is not open."""
        statement = (
            update(tasks_table)
            .where(tasks_table.c.id == task_id, tasks_table.c.state == "open")
            .values(state="closed", result=result, note=note, closed_by=by[:NAME_CHARS])
            .values(closed_at=at)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(statement)).rowcount == 1


@dataclass(slots=True)
class _OpenTask:
    """What taking in calls must know of a task, and may change."""

    id: int
    waiting_since: datetime


async def _take_in(
    connection: AsyncConnection, ended: Sequence[EndedCall], at: datetime
) -> list[int]:
    """Add calls to the tasks that they belong to, opening those that are missing; all touched."""
    known = select(task_calls_table.c.call_id).where(
        task_calls_table.c.call_id.in_([call.call_id for call in ended])
    )
    done = set(await connection.scalars(known))
    tasks = await _tasks_for(connection, ended)
    touched: dict[int, None] = {}
    notes: list[dict[str, Any]] = []
    for call in ended:
        if call.call_id in done:
            continue
        if call.what == "called_back":
            await _release(connection, call.call_id)
        key = call.task_id if call.task_id is not None else call.number
        task = tasks.get(key)
        if task is not None:
            await _join(connection, task, call)
        elif call.what in OPENS:
            task = await _open(connection, call, at)
            tasks[task.id] = task
            if call.number:
                tasks.setdefault(call.number, task)
        else:
            continue
        done.add(call.call_id)
        touched[task.id] = None
        notes.append(
            {
                "call_id": call.call_id,
                "task_id": task.id,
                "what": call.what,
                "arrived_at": call.arrived_at,
                "wait_ms": call.wait_ms,
                "known": json.dumps(dict(call.known), ensure_ascii=False, default=str),
            }
        )
    if notes:
        await connection.execute(insert(task_calls_table), notes)
    return list(touched)


async def _tasks_for(
    connection: AsyncConnection, ended: Sequence[EndedCall]
) -> dict[int | str, _OpenTask]:
    """The tasks that these calls may belong to, by id for call-backs and by number for others."""
    ids = {call.task_id for call in ended if call.task_id is not None}
    numbers = {call.number for call in ended if call.task_id is None and call.number}
    columns = tasks_table.c
    # Locked on a server, where somebody might close one before the calls are added.
    statement = (
        select(columns.id, columns.number, columns.state, columns.waiting_since)
        .where(or_(columns.id.in_(ids), and_(columns.state == "open", columns.number.in_(numbers))))
        .with_for_update()
    )
    found: dict[int | str, _OpenTask] = {}
    for row in (await connection.execute(statement)).all() if ids or numbers else ():
        task = _OpenTask(row.id, row.waiting_since)
        if row.id in ids:
            found[row.id] = task
        if row.state == "open" and row.number in numbers:
            found[row.number] = task
    return found


async def _join(connection: AsyncConnection, task: _OpenTask, call: EndedCall) -> None:
    changes: dict[str, Any] = {}
    if call.what == "call_back":
        changes["kind"] = "call_back"
    if call.what in OPENS and call.arrived_at < task.waiting_since:
        changes["waiting_since"] = task.waiting_since = call.arrived_at
    if changes:
        await connection.execute(
            update(tasks_table).where(tasks_table.c.id == task.id).values(**changes)
        )


async def _open(connection: AsyncConnection, call: EndedCall, at: datetime) -> _OpenTask:
    made = await connection.execute(
        insert(tasks_table)
        .values(
            kind=call.what if call.what in {"call_back", "follow_up"} else "abandoned",
            state="open",
            number=call.number,
            waiting_since=call.arrived_at,
            opened_at=at,
        )
        .returning(tasks_table.c.id)
    )
    return _OpenTask(made.scalar_one(), call.arrived_at)


async def _release(connection: AsyncConnection, call_id: str) -> None:
    await connection.execute(
        update(tasks_table)
        .where(tasks_table.c.calling_call == call_id)
        .values(dict.fromkeys(PENDING_COLUMNS))
    )


async def _select(
    connection: AsyncConnection,
    *conditions: Any,
    order: Sequence[Any] = (),
    limit: int | None = None,
) -> list[Task]:
    statement = select(tasks_table).where(*conditions).order_by(*order).limit(limit)
    rows = (await connection.execute(statement)).mappings().all()
    ids = [row["id"] for row in rows]
    calls = await _calls_of(connection, ids)
    words = await _words_of(connection, ids)
    return [
        Task(**row, calls=tuple(calls.get(row["id"], ())), words=" ".join(words.get(row["id"], ())))
        for row in rows
    ]


async def _calls_of(connection: AsyncConnection, ids: list[int]) -> dict[int, list[EndedCall]]:
    """The calls of tasks; what the store has learned of a call since it ended comes on top."""
    later = ("language", "category", "level", "place_text", "precinct")
    statement = (
        select(
            task_calls_table,
            tasks_table.c.number,
            *(calls_table.c[name].label(f"later_{name}") for name in later),
        )
        .join(tasks_table, tasks_table.c.id == task_calls_table.c.task_id)
        .join(calls_table, calls_table.c.id == task_calls_table.c.call_id, isouter=True)
        .where(task_calls_table.c.task_id.in_(ids))
        .order_by(task_calls_table.c.arrived_at, task_calls_table.c.call_id)
    )
    found: dict[int, list[EndedCall]] = {}
    for row in (await connection.execute(statement)).mappings():
        known = json.loads(row["known"])
        known |= {name: row[f"later_{name}"] for name in later if row[f"later_{name}"]}
        found.setdefault(row["task_id"], []).append(
            EndedCall(
                row["call_id"],
                row["what"],
                row["number"],
                row["arrived_at"],
                row["wait_ms"],
                known,
                row["task_id"],
            )
        )
    return found


async def _words_of(connection: AsyncConnection, ids: list[int]) -> dict[int, list[str]]:
    statement = (
        select(task_calls_table.c.task_id, segments_table.c.segment)
        .join(segments_table, segments_table.c.call_id == task_calls_table.c.call_id)
        .where(task_calls_table.c.task_id.in_(ids), task_calls_table.c.what.in_(sorted(OPENS)))
        .order_by(task_calls_table.c.arrived_at, segments_table.c.start_ms, segments_table.c.id)
    )
    found: dict[int, list[str]] = {}
    for task_id, text in (await connection.execute(statement)).all():
        segment = json.loads(text)
        if segment.get("role") == "caller" and segment.get("text"):
            found.setdefault(task_id, []).append(segment["text"])
    return found
