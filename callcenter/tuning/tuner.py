"""Keeps the running rooms equal to what is tuned: at a change, at a calendar's hour, at the start.

Calls never wait for it. While the database does not answer, what was in force last stays so, and
before the first answer that is what the settings file says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from acd.model import FloorSettings
from callcenter.precincts.roster import Roster
from callcenter.settings import Settings
from callcenter.store.errors import StoreError
from callcenter.store.tuning import TuningVersions
from callcenter.tuning import apply
from callcenter.tuning.desk import Desk, InForce, Note
from callcenter.tuning.document import Document
from callcenter.tuning.errors import TuningError
from callcenter.tuning.known import Known
from callcenter.tuning.rules import TunedRules

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0
"""Another node, or the command line, may have made a version; the wall clock may have jumped."""
ANSWER_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a document means now, ready to be put in force."""

    version: int
    document: Document
    floor: FloorSettings
    rules: TunedRules
    settings: Settings
    """The settings file's, with all that is tuned in its place."""
    roster: Roster | None
    """None: all officers at all times."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Tuner:
    """One service's tuning. ``retune`` is given what is to be in force and must not fail."""

    def __init__(
        self,
        settings: Settings,
        versions: TuningVersions,
        known: Callable[[], Known],
        *,
        retune: Callable[[Tuned], None],
        note: Note,
        make_roster: Callable[[Document], Roster | None] = apply.roster,
        wall: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._settings = settings
        self._retune = retune
        self._make_roster = make_roster
        self._wall = wall
        self._woken = asyncio.Event()
        self._closed: frozenset[str] = frozenset()
        self._silent = ""
        self.desk = Desk(settings, versions, known, put_in_force=self._enter, note=note, clock=wall)

    @property
    def tuned(self) -> Tuned:
        """What is in force, for this moment."""
        return self._meant(self.desk.in_force)

    def _meant(self, in_force: InForce) -> Tuned:
        document, now = in_force.document, self._wall()
        return Tuned(
            version=in_force.version,
            document=document,
            floor=apply.floor_settings(document, now),
            rules=TunedRules(document),
            settings=apply.settings_with(document, self._settings),
            roster=self._make_roster(document),
        )

    async def load(self, within_s: float = ANSWER_WITHIN_S) -> bool:
        """Put the newest version in force; False while it cannot be had."""
        try:
            async with asyncio.timeout(within_s):
                await self.desk.load()
        except (StoreError, TuningError, TimeoutError) as error:
            why = str(error) or "the database does not answer in time"
            if why != self._silent:
                log.warning("tuning.not_loaded", why=why)
            self._silent = why
            return False
        except Exception:
            # Whatever is stored there: calls go on with what was in force.
            log.exception("tuning.not_loaded")
            return False
        self._silent = ""
        return True

    async def run(self) -> None:
        """Follow the database and the calendars."""
        while True:
            self._woken.clear()
            await self.load()
            try:
                self.follow_calendars()
            except Exception:
                log.exception("tuning.calendars_not_followed")
            try:
                # wait_for, before Python 3.12, loses a cancellation in the moment of waking.
                async with asyncio.timeout(self._rest_s()):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def follow_calendars(self) -> None:
        """Put the rules of this hour in force, if they are others."""
        closed = apply.closed_queues(self.desk.in_force.document, self._wall())
        if closed != self._closed:
            log.info("tuning.hours", closed=sorted(closed))
            self._put(self.desk.in_force)

    def _rest_s(self) -> float:
        now = self._wall()
        change = apply.next_change(self.desk.in_force.document, now)
        left_s = LOOK_EVERY_S if change is None else (change - now).total_seconds()
        # A little later rather than a little earlier, which would be in vain.
        return min(LOOK_EVERY_S, max(0.0, left_s) + 0.01)

    def _enter(self, in_force: InForce) -> None:
        log.info("tuning.in_force", version=in_force.version, who=in_force.who)
        self._put(in_force)
        self._woken.set()

    def _put(self, in_force: InForce) -> None:
        meant = self._meant(in_force)
        self._closed = apply.closed_queues(in_force.document, self._wall())
        self._retune(meant)
