"""The append-only journal: everything that happens to a call is first one entry here.

`Journal.note` only puts the entry into memory: it neither waits nor raises, whatever the database
does. One writer task commits, in order, what has gathered in `GATHER_S`. When the database refuses
or hangs, entries go to a spill file beside it and are committed from there, still in order, when it
is back; an ``entry_id`` keeps those that were committed after all from appearing twice.

What ``kill -9`` loses: entries noted since the last commit began, normally `GATHER_S` and the few
milliseconds that one commit takes. While the database refuses, entries are in the spill
file within milliseconds too. Only when database *and* spill file refuse do entries stay in memory,
and beyond ``memory_notes`` of them the newest are dropped, counted, and the count is journalled
afterwards (kind ``journal.lost``).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import insert, select

from .chain import FIRST_PREVIOUS_HASH, Entry, Note, Verification, Verifier, chained_hash
from .database import Database
from .notes import make_note
from .spill import Spill
from .tables import journal as journal_table

BATCH_NOTES = 500
MEMORY_NOTES = 100_000
GATHER_S = 0.02
COMMIT_PATIENCE_S = 2.0
"""A commit that takes longer counts as hung: what waits behind it is spilled."""
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
VERIFY_ROWS = 1000

_NEWEST = select(journal_table.c.hash).order_by(journal_table.c.id.desc()).limit(1)
_ADD = insert(journal_table)

_log = structlog.get_logger(__name__)


class Journal:
    """Notes what happens. Use from one event loop; `start` before, `stop` after."""

    def __init__(
        self,
        database: Database,
        spill: Path | None = None,
        *,
        memory_notes: int = MEMORY_NOTES,
        commit_patience_s: float = COMMIT_PATIENCE_S,
    ) -> None:
        if spill is None:
            if database.file is None:
                raise ValueError("a database on a server needs a spill file to be named")
            spill = database.file.with_name("journal-spill.jsonl")
        self._database = database
        self._spill = Spill(spill)
        self._memory_notes = memory_notes
        self._commit_patience_s = commit_patience_s
        self._queue: deque[Note] = deque()
        self._wake = asyncio.Event()
        self._noted = 0
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._committing: asyncio.Task[None] | None = None
        self._stopping = False
        self._in_doubt = True
        self._in_flight = 0
        self._lost = 0
        self._why = ""

    @property
    def backlog(self) -> int:
        """Notes in memory that are not committed yet (those in the spill file not counted)."""
        return len(self._queue) + self._in_flight

    @property
    def trouble(self) -> str:
        """Why notes are not reaching the database now; empty when they are."""
        return self._why

    @property
    def lost(self) -> int:
        """Notes dropped since the last time that this was journalled."""
        return self._lost

    def note(
        self,
        call_id: str | None,
        kind: str,
        payload: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Put one entry into the journal's queue. Never waits, never raises.

        ``payload`` is copied now. What JSON does not know is written as text; a payload beyond
        64 Ki characters is replaced by its length and its beginning.
        """
        if len(self._queue) >= self._memory_notes:
            self._lost += 1
            return
        self._queue.append(make_note(call_id, kind, payload or {}, at))
        self._noted += 1
        self._wake.set()

    async def start(self) -> None:
        """Start the writer. Entries that an earlier process spilled are committed first."""
        try:
            await asyncio.to_thread(self._spill.open)
        except OSError as error:
            _log.error("journal_spill_unreadable", file=str(self._spill.file), why=str(error))
        self._stopping = False
        self._wake.set()
        self._writer = asyncio.create_task(self._run(), name="journal-writer")

    async def stop(self, timeout_s: float = 5.0) -> bool:
        """Commit what waits, or spill it; returns whether everything is in the database."""
        committed = await self.flush(timeout_s)
        self._stopping = True
        self._wake.set()
        if self._writer is not None:
            _, pending = await asyncio.wait({self._writer}, timeout=0 if self._why else timeout_s)
            for task in pending:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            self._writer = None
        await self._abort_commit()
        if self._queue:
            await self._spill_queue()
        if self._queue:
            _log.error("journal_notes_lost", notes=len(self._queue), why=self._why)
        return committed and not self._queue and self._spill.empty

    async def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all that was noted so far is committed; False when that took too long."""
        if not self._queue and not self._in_flight and self._spill.empty:
            return True
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append((self._noted, waiter))
        try:
            async with asyncio.timeout(timeout_s):
                await waiter
        except TimeoutError:
            return False
        return True

    async def read(self, call_id: str) -> list[Entry]:
        """The committed entries of one call, in order. Raises `StoreUnavailable`."""
        await self.flush(timeout_s=1.0)
        statement = (
            select(journal_table)
            .where(journal_table.c.call_id == call_id)
            .order_by(journal_table.c.id)
        )
        async with self._database.reading() as connection:
            return [_entry(row) for row in (await connection.execute(statement)).all()]

    async def verify(self) -> Verification:
        """Check the whole chain, from the first entry to the newest committed one."""
        verifier = Verifier()
        after = 0
        while True:
            statement = (
                select(journal_table)
                .where(journal_table.c.id > after)
                .order_by(journal_table.c.id)
                .limit(VERIFY_ROWS)
            )
            async with self._database.reading() as connection:
                entries = [_entry(row) for row in (await connection.execute(statement)).all()]
            if not entries:
                return verifier.verdict()
            broken = verifier.feed(entries)
            if broken is not None:
                return broken
            after = entries[-1].id

    async def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._gather()
            while self._queue or not self._spill.empty:
                try:
                    await self._write_some()
                except Exception as error:  # whatever it is, a call must not notice
                    await self._refused(error)
                    if self._stopping:
                        return
                    await self._pause(pause_s * random.uniform(0.7, 1.3))  # noqa: S311 (jitter)
                    pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                else:
                    pause_s = FIRST_PAUSE_S
                    self._tell_waiters()
                    await self._gather()
            if self._stopping:
                return

    async def _gather(self) -> None:
        # A commit costs what fifty entries do, and what is noted first is what a phone is about
        # to be rung for.
        hurried = self._waiters or self._stopping or not self._spill.empty
        if not hurried and 0 < len(self._queue) < BATCH_NOTES:
            await asyncio.sleep(GATHER_S)

    async def _write_some(self) -> None:
        """Commit the oldest batch: from the spill file while it has any, else from memory."""
        if self._spill.empty:
            await self._write_from_memory()
        else:
            await self._write_from_spill()
        if self._why:
            _log.info("journal_recovered", backlog=len(self._queue))
            self._why = ""
        if self._lost:
            lost, self._lost = self._lost, 0
            self._noted += 1
            self._queue.append(make_note(None, "journal.lost", {"notes": lost}))

    async def _write_from_spill(self) -> None:
        notes, position = await asyncio.to_thread(self._spill.peek, BATCH_NOTES)
        if self._spill.unreadable_lines:
            notes.append(
                make_note(None, "journal.unreadable", {"lines": self._spill.unreadable_lines})
            )
        if notes:
            commit = self._begin_commit(notes)
            if not await self._in_time(commit):
                await self._spill_until_done(commit)
            await commit
        await asyncio.to_thread(self._spill.taken, position)

    async def _write_from_memory(self) -> None:
        notes = self._take()
        self._in_flight = len(notes)
        commit = self._begin_commit(notes)
        spilled = False
        try:
            if not await self._in_time(commit):
                spilled = await self._spill_notes(notes)
                await self._spill_until_done(commit, also_queue=spilled)
            await commit
        except BaseException:
            if not spilled and not await self._spill_notes(notes):
                self._queue.extendleft(reversed(notes))
            raise
        finally:
            self._in_flight = 0
        self._in_doubt = False

    def _begin_commit(self, notes: list[Note]) -> asyncio.Task[None]:
        self._committing = asyncio.create_task(self._commit(notes), name="journal-commit")
        return self._committing

    async def _abort_commit(self) -> None:
        """End a commit that outlives the writer; its notes are in the spill file."""
        commit, self._committing = self._committing, None
        if commit is None or commit.done():
            return
        commit.cancel()
        # It waits for what the database is doing, which may be nothing any more.
        await asyncio.wait({commit}, timeout=self._commit_patience_s)
        if not commit.done():
            _log.error("journal_commit_hangs")
        elif not commit.cancelled() and commit.exception() is not None:
            _log.info("journal_commit_refused", why=str(commit.exception()))

    async def _in_time(self, commit: asyncio.Task[None]) -> bool:
        # Only watched, never cancelled: a cancelled commit would leave its connection in doubt.
        done, _ = await asyncio.wait({commit}, timeout=self._commit_patience_s)
        if not done:
            self._complain("the database does not answer")
        return bool(done)

    async def _spill_until_done(
        self, commit: asyncio.Task[None], *, also_queue: bool = True
    ) -> None:
        """Wait for a hung commit; spill what is noted meanwhile, but never before its own notes."""
        while not commit.done():
            if also_queue:
                await self._spill_queue()
            noted = asyncio.create_task(self._wake.wait(), name="journal-noted")
            await asyncio.wait({commit, noted}, return_when=asyncio.FIRST_COMPLETED)
            noted.cancel()
            await asyncio.gather(noted, return_exceptions=True)
            self._wake.clear()

    async def _commit(self, notes: list[Note]) -> None:
        async with self._database.writing() as connection:
            if self._in_doubt or not self._spill.empty:
                known = await connection.scalars(
                    select(journal_table.c.entry_id).where(
                        journal_table.c.entry_id.in_([note.entry_id for note in notes])
                    )
                )
                there = set(known)
                notes = [note for note in notes if note.entry_id not in there]
                if not notes:
                    return
            previous = await connection.scalar(_NEWEST) or FIRST_PREVIOUS_HASH
            rows = []
            for note in notes:
                hashed = chained_hash(previous, note)
                rows.append(
                    {
                        "entry_id": note.entry_id,
                        "at": note.at,
                        "call_id": note.call_id,
                        "kind": note.kind,
                        "payload": note.payload,
                        "previous_hash": previous,
                        "hash": hashed,
                    }
                )
                previous = hashed
            await connection.execute(_ADD, rows)

    async def _refused(self, error: Exception) -> None:
        self._in_doubt = True
        self._complain(str(error))
        await self._database.doubt()
        await self._spill_queue()

    def _complain(self, why: str) -> None:
        if not self._why:
            _log.error("journal_not_written", why=why, backlog=len(self._queue))
        self._why = why

    async def _spill_queue(self) -> None:
        while self._queue:
            notes = self._take()
            if not await self._spill_notes(notes):
                self._queue.extendleft(reversed(notes))
                return

    async def _spill_notes(self, notes: list[Note]) -> bool:
        try:
            await asyncio.to_thread(self._spill.append, notes)
        except OSError as error:
            _log.error("journal_not_spilled", why=str(error), backlog=len(self._queue))
            return False
        return True

    async def _pause(self, pause_s: float) -> None:
        """Wait before the next attempt; what is noted meanwhile is spilled as it comes."""
        end = time.monotonic() + pause_s
        while not self._stopping and (left := end - time.monotonic()) > 0:
            try:
                # wait_for, before Python 3.12, loses a cancellation in the moment of waking.
                async with asyncio.timeout(left):
                    await self._wake.wait()
            except TimeoutError:
                return
            self._wake.clear()
            await self._spill_queue()

    def _take(self) -> list[Note]:
        return [self._queue.popleft() for _ in range(min(BATCH_NOTES, len(self._queue)))]

    def _tell_waiters(self) -> None:
        if not self._spill.empty:
            return
        settled = self._noted - len(self._queue)
        for target, waiter in self._waiters:
            if settled >= target and not waiter.done():
                waiter.set_result(None)
        self._waiters = [entry for entry in self._waiters if not entry[1].done()]


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        entry_id=row.entry_id,
        at=row.at,
        call_id=row.call_id,
        kind=row.kind,
        payload_text=row.payload,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
