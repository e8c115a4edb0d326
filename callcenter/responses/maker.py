"""Begins a response for every officer who takes a call, by following the journal.

The journal is what outlives a crash; how far it was read is kept with the responses, in one
transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from callcenter.responses.desk import ResponseDesk
from callcenter.store.journal_pages import JournalPages
from callcenter.store.responses import Responses, Taken

READER: Final = "responses"
FIRST_LOOK_BACK: Final = timedelta(hours=24)
"""A database that never had responses gets those of the last day."""


class ResponseMaker:
    """Reads on in the journal, whenever it is asked to."""

    def __init__(
        self,
        pages: JournalPages,
        responses: Responses,
        desk: ResponseDesk,
        settled: Callable[[], Awaitable[object]],
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``settled``: waits until what was noted is committed."""
        self._pages = pages
        self._responses = responses
        self._desk = desk
        self._settled = settled
        self._wall = wall

    async def look(self) -> None:
        """Begin what is new, and tell of officers who are late.

        Raises:
            StoreUnavailable: the database does not answer; nothing is lost.
        """
        await self._settled()
        await self.catch_up()
        await self._desk.tell_late()

    async def catch_up(self) -> None:
        """Deal with everything that the journal has by now.

        Raises:
            StoreUnavailable: the database does not answer; nothing is lost.
        """
        read_to = await self._responses.read_to(READER)
        if read_to is None:
            read_to = await self._pages.before(self._wall() - FIRST_LOOK_BACK)
        async for page in self._pages.pages(read_to, {"officer.took"}):
            taken = [
                Taken(row.call_id, officer, row.at)
                for row in page
                if row.call_id is not None
                if isinstance(officer := row.payload.get("officer"), str) and officer
            ]
            await self._desk.begun(await self._responses.begin(READER, page[-1].id, taken))
