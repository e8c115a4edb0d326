"""Everything about responses that one service runs: beginning them, showing them, timing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import partial
from typing import Final

from callcenter.calls.notices import Notices
from callcenter.calls.register import Publisher
from callcenter.responses.desk import Floor, ResponseDesk
from callcenter.responses.maker import READER, ResponseMaker
from callcenter.store.database import Database
from callcenter.store.following import Follower
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages
from callcenter.store.responses import Responses

SETTLE_S: Final = 1.0


class ResponseOffice:
    """Wires responses to one service's calls."""

    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        bus: Publisher,
        notices: Notices,
        floor: Floor,
        within_s: Mapping[str, float],
        zone: Callable[[], tzinfo],
        language_of: Callable[[str], str | None],
    ) -> None:
        responses = Responses(database)
        self.desk = ResponseDesk(
            responses, floor, notices, bus, journal.note, within_s, zone, language_of
        )
        maker = ResponseMaker(
            JournalPages(database), responses, self.desk, settled=partial(journal.flush, SETTLE_S)
        )
        self._follower = Follower(READER, maker.look)

    async def run(self) -> None:
        """Begin responses and watch their times for as long as the service lives."""
        await self._follower.run()
