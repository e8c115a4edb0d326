"""Everything about tasks that one service runs: making them, showing them, calling back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.snapshot import Snapshot
from callcenter.calls.call import Call
from callcenter.calls.call_backs import CallBacks
from callcenter.calls.conduct import Conductor
from callcenter.calls.errands import Errands
from callcenter.calls.register import CallRegister, Publisher
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.errors import StoreError
from callcenter.store.following import Follower
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages
from callcenter.store.tasks import Tasks
from callcenter.tasks.desk import TaskDesk
from callcenter.tasks.maker import READER, TaskMaker
from callcenter.tasks.numbers import kept

log = structlog.get_logger(__name__)

SETTLE_S: Final = 1.0


class TaskOffice:
    """Wires tasks to one service's calls. `run` makes tasks until it is cancelled."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        journal: Journal,
        bus: Publisher,
        link: AmiLink,
        register: CallRegister,
        errands: Errands,
        conductor: Conductor,
        calls_known: Callable[[], bool],
    ) -> None:
        """``calls_known``: whether it is known by now which calls are open."""
        self._register = register
        self._errands = errands
        self._journal = journal
        self._calls_known = calls_known
        self._ended_forgotten = False
        tasks = Tasks(database)
        self.call_backs = CallBacks(
            settings=settings,
            link=link,
            register=register,
            distribution=conductor.distribution,
            errands=errands,
            note=journal.note,
            open_call=conductor.open_call,
            on_over=self._call_back_over,
        )
        self.desk = TaskDesk(
            tasks,
            self.call_backs,
            settings.sip.outbound,
            bus,
            journal.note,
            self._on_line,
            [line.number for line in settings.lines],
        )
        self._maker = TaskMaker(
            JournalPages(database),
            tasks,
            settled=partial(journal.flush, SETTLE_S),
            changed=self.desk.changed,
            tidy=self._tidy,
        )
        self._follower = Follower(READER, self._maker.look)

    async def run(self) -> None:
        """Make tasks of calls that ended, for as long as the service lives."""
        await self._follower.run()

    def closed(self, call: Call) -> None:
        """A call has ended: perhaps somebody must look after it."""
        self.call_backs.closed(call)
        self._follower.wake()

    def reconcile(self, snapshot: Snapshot) -> None:
        """Follow a look at Asterisk, after calls were adopted."""
        self.call_backs.reconcile(snapshot)

    async def _tidy(self) -> None:
        """What cannot be said before it is known which calls are open."""
        if not self._calls_known():
            return
        if not self._ended_forgotten:
            await self._maker.end_forgotten(self._at_hand, self._journal.note)
            self._ended_forgotten = True
        await self.desk.let_go(self.call_backs.knows)

    def _at_hand(self, call_id: str) -> bool:
        return self._register.find(call_id) is not None

    def _on_line(self, number: str) -> str | None:
        calls = (call for call in self._register.open() if kept(call.caller_number) == number)
        return next((call.id for call in calls), None)

    def _call_back_over(self, call_id: str) -> None:
        async def over() -> None:
            try:
                await self.desk.over(call_id)
            except StoreError as error:
                # The next tidying lets go of it.
                log.warning("task.not_let_go", call_id=call_id, why=str(error))

        self._errands.run(call_id, "end the call-back", over)
