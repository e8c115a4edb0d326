"""Makes tasks of calls that ended, by following the journal.

The journal is what outlives a crash, so it and nothing else says which calls need somebody. How
far it was read is kept with the tasks, in one transaction: a call is neither lost nor counted
twice, whenever the service dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from callcenter.calls.register import Note
from callcenter.store.journal_pages import JournalPages, JournalRow
from callcenter.store.tasks import EndedCall, Tasks
from callcenter.tasks.verdict import RESPONSE_DONE, follow_up, verdict

log = structlog.get_logger(__name__)

READER: Final = "tasks"
AWAY: Final = "ended while the service was away"
CALLS_AT_ONCE: Final = 20
"""So many calls' entries are in memory together."""
FIRST_LOOK_BACK: Final = timedelta(hours=24)
"""A database that never had tasks gets those of the last day."""


class TaskMaker:
    """Reads on in the journal, whenever it is asked to."""

    def __init__(
        self,
        pages: JournalPages,
        tasks: Tasks,
        settled: Callable[[], Awaitable[object]],
        changed: Callable[[list[int]], Awaitable[None]],
        tidy: Callable[[], Awaitable[None]],
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``settled``: waits until what was noted is committed. ``changed``: told of tasks.

        ``tidy``: done after every look; may raise `StoreUnavailable`.
        """
        self._pages = pages
        self._tasks = tasks
        self._settled = settled
        self._changed = changed
        self._tidy = tidy
        self._wall = wall

    async def look(self) -> None:
        """Deal with everything that is committed by now, and tidy.

        Raises:
            StoreUnavailable: the database does not answer; nothing is lost.
        """
        await self._settled()
        await self.catch_up()
        await self._tidy()

    async def catch_up(self) -> None:
        """Deal with everything that the journal has by now.

        Raises:
            StoreUnavailable: the database does not answer; nothing is lost.
        """
        read_to = await self._tasks.read_to(READER)
        if read_to is None:
            read_to = await self._pages.before(self._wall() - FIRST_LOOK_BACK)
        async for page in self._pages.pages(read_to, {"call.ended", RESPONSE_DONE}):
            ended: list[EndedCall] = []
            for some in _batched([row for row in page if row.call_id is not None], CALLS_AT_ONCE):
                ended += await self._judged(some)
            touched = await self._tasks.record(READER, page[-1].id, ended, self._wall())
            if touched:
                await self._changed(touched)

    async def _judged(self, ends: Sequence[JournalRow]) -> list[EndedCall]:
        noted = await self._pages.of_calls({row.call_id for row in ends if row.call_id is not None})
        ended = []
        for row in ends:
            # What phones wait for comes in between.
            await asyncio.sleep(0)
            entries = noted[row.call_id or ""]
            if row.kind == RESPONSE_DONE and not any(one.kind == "call.ended" for one in entries):
                continue  # its end will find what the officer wished
            ended.append(follow_up(_verdict(row, entries), entries))
        return ended

    async def end_forgotten(self, at_hand: Callable[[str], bool], note: Note) -> None:
        """Note the end of calls that arrived before a crash and that nobody has now.

        Call it once it is known what Asterisk has. ``at_hand``: whether the service has the call.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        await self._settled()
        for row in await self._pages.never_ended(self._wall() - FIRST_LOOK_BACK):
            if row.call_id is None or at_hand(row.call_id):
                continue
            ms = round((self._wall() - row.at).total_seconds() * 1000)
            known = {name: row.payload.get(name) for name in ("line", "queue", "from")}
            note(row.call_id, "call.ended", {"why": AWAY, "ms": ms, "was": "arrived", **known})


def _verdict(end: JournalRow, entries: Sequence[JournalRow]) -> EndedCall:
    call_id = end.call_id or ""
    try:
        found = verdict(entries)
    except Exception:
        # Rather a task too many than a caller whom nobody looks after.
        log.exception("task.call_unread", call_id=call_id)
        found = None
    return found or EndedCall(call_id, "unseen", "", end.at, 0)


def _batched(rows: Sequence[JournalRow], most: int) -> Iterator[Sequence[JournalRow]]:
    for start in range(0, len(rows), most):
        yield rows[start : start + most]
