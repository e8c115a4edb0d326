"""Figures of any period, and live ones, read from the journal behind the calls' backs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from acd.figures import RECONTACT_S, THRESHOLDS_S
from callcenter.figures.lives import KINDS, Lives
from callcenter.figures.officer_lives import KINDS as OFFICER_KINDS
from callcenter.figures.officer_lives import OfficerLives
from callcenter.figures.officer_report import OfficerGrouping, officer_report
from callcenter.figures.period import Period
from callcenter.figures.report import Grouping, report
from callcenter.store.journal_pages import JournalPages, JournalRow

LONGEST_CALL = timedelta(hours=6)
"""Calls of a period are followed so long beyond its end."""
LIVE_AT_MOST_EVERY_S = 1.0
LOOK_BACK = timedelta(seconds=RECONTACT_S)


class TooManyCalls(Exception):
    """More calls arrived in the period than were to be read."""


async def read_period(
    pages: JournalPages,
    period: Period,
    now: datetime,
    *,
    running: bool = False,
    most_calls: int | None = None,
) -> Lives:
    """What the journal says of a period and the day before; one pass, a page at a time.

    ``running``: this process keeps the journal, so that what goes on goes on until now.

    Raises:
        StoreUnavailable: the database does not answer.
        TooManyCalls: more than ``most_calls`` arrived in the period; the rest was not read.
    """
    lives = Lives()
    last = period.until + LONGEST_CALL
    async for page in pages.pages(await pages.before(period.since - LOOK_BACK), KINDS):
        # In a thread: a year's calls must not hold up the ones that wait now.
        await asyncio.to_thread(_feed, lives, page)
        if most_calls is not None and len(lives) > most_calls:
            # Not all that are known: the day before counts for nothing here.
            if await asyncio.to_thread(lives.arrived, period.since_s, period.until_s) > most_calls:
                raise TooManyCalls
        if page[-1].at > last:
            break
    if running:
        lives.seats.seen(now.timestamp())
    return lives


async def read_officers(pages: JournalPages, period: Period) -> OfficerLives:
    """What the journal says of the hunts of a period; one pass, a page at a time.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    lives = OfficerLives()
    last = period.until + LONGEST_CALL
    async for page in pages.pages(await pages.before(period.since), OFFICER_KINDS):
        await asyncio.to_thread(_feed, lives, page)
        if page[-1].at > last:
            break
    return lives


def _feed(lives: Lives | OfficerLives, page: list[JournalRow]) -> None:
    for row in page:
        lives.feed(row)


class FiguresDesk:
    """Answers for figures; one question at a time, so that a floor's screens cost little."""

    def __init__(
        self,
        pages: JournalPages,
        zone: tzinfo,
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pages = pages
        self.zone = zone
        self.thresholds_s: Sequence[float] = THRESHOLDS_S
        """Of service levels; both may be replaced at any time."""
        self._wall = wall
        self._clock = clock
        self._turn = asyncio.Lock()
        self._live_turn = asyncio.Lock()
        self._live = Lives()
        self._live_since: datetime | None = None
        self._read_to = 0
        self._read_at = float("-inf")

    async def of(self, since: str, until: str, by: Grouping | None) -> dict[str, Any]:
        """The figures of a period as typed.

        Raises:
            PeriodError: the period cannot be had.
            StoreUnavailable: the database does not answer.
        """
        now = self._wall()
        period = Period.between(since, until, now, self.zone)
        async with self._turn:
            lives = await read_period(self._pages, period, now, running=True)
            return await asyncio.to_thread(report, lives, period, by, self.zone, self.thresholds_s)

    async def officers(self, since: str, until: str, by: OfficerGrouping | None) -> dict[str, Any]:
        """The figures of officers' hunts of a period as typed.

        Raises:
            PeriodError: the period cannot be had.
            StoreUnavailable: the database does not answer.
        """
        period = Period.between(since, until, self._wall(), self.zone)
        async with self._turn:
            lives = await read_officers(self._pages, period)
            return await asyncio.to_thread(officer_report, lives, period, by, self.zone)

    async def live(self, by: Grouping | None = None) -> dict[str, Any]:
        """Today so far and, as ``hour``, the last hour. Only what is new in the journal is read.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with self._live_turn:
            now = self._wall()
            await self._catch_up(now)
            today, hour = Period.today(now, self.zone), Period.last_hour(now, self.zone)
            work = partial(
                report, self._live, by=by, zone=self.zone, thresholds_s=self.thresholds_s
            )
            answer = await asyncio.to_thread(work, today)
            last_hour = await asyncio.to_thread(work, hour)
        kept = ("from", "to", "figures", "groups")
        return answer | {"hour": {name: last_hour[name] for name in kept}}

    async def _catch_up(self, now: datetime) -> None:
        if self._clock() - self._read_at < LIVE_AT_MOST_EVERY_S:
            return
        # The last hour may reach into yesterday.
        midnight = Period.today(now, self.zone).since
        since = min(midnight, now - timedelta(hours=1)) - LOOK_BACK
        if self._live_since is None or since < self._live_since:
            # Nothing is read yet, or the time zone was changed to one where it is earlier.
            self._live = Lives()
            self._read_to = await self._pages.before(since)
            self._live_since = since
        async for page in self._pages.pages(self._read_to, KINDS):
            await asyncio.to_thread(_feed, self._live, page)
            self._read_to = page[-1].id
        if since - self._live_since > timedelta(minutes=30):
            self._live.forget_before(since.timestamp())
            self._live_since = since
        self._live.seats.seen(now.timestamp())
        self._read_at = self._clock()
