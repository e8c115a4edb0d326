"""How many seats each half hour takes, from the calls that the journal knows."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from acd.figures import CallOutcome
from acd.staffing import (
    CALLS_PER_SEAT_AND_DAY,
    DAY_S,
    HalfHour,
    Target,
    half_hours,
    mean_patience_s,
    staffing_table,
)
from callcenter.figures.period import Period
from callcenter.figures.reading import read_period
from callcenter.store.journal_pages import JournalPages

LOOK_BACK: Final = timedelta(days=28)
"""As many of each weekday, and not so long ago that the work was another."""
DEFINITIONS: Final = {
    "calls_mean": "Calls that came in this half hour, on average over the days with calls.",
    "calls_busy": "What 9 days of 10 do not exceed; the seats are for this.",
    "load_erlang": "Seats that the work of the busy day would keep busy all the time.",
    "seats": "The fewest seats that reach the target if callers wait as long as it takes"
    " (Erlang C).",
    "seats_with_patience": "The same with callers who leave after some time, as those of this"
    " period did (Erlang A).",
    "expected": "What callers meet with the seats of the Erlang column.",
    "seats_by_rule": f"One seat per {CALLS_PER_SEAT_AND_DAY} calls a day, at every time of the"
    " day alike.",
    "expected_by_rule": "What callers meet with the seats of the rule.",
}


class NothingToGoBy(ValueError):
    """The period does not say how long a call takes; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to staff for; None: taken from the calls of the period."""

    since: str = ""
    until: str = ""
    queue: str = ""
    target: Target = field(default_factory=Target)
    handling_s: float | None = None
    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """What came, and how it was handled; None: nobody knows yet."""

    half_hours: tuple[HalfHour, ...]
    days: int
    calls_per_day: float
    handling_s: float | None
    patience_s: float | None


def demand(outcomes: Iterable[CallOutcome], zone: tzinfo) -> Demand:
    """What these calls say, by the hotline's own clock. Pure."""
    calls = list(outcomes)
    at_s = [_wall_s(call.arrived_s, zone) for call in calls]
    days = len({moment // DAY_S for moment in at_s})
    handled = [call.talk_ms + (call.wrap_up_ms or 0.0) for call in calls if call.talk_ms]
    left = sum(call.abandoned for call in calls)
    waits = (call.wait_ms / 1000 for call in calls if call.wait_ms is not None)
    return Demand(
        half_hours(at_s),
        days,
        len(calls) / days if days else 0.0,
        math.fsum(handled) / len(handled) / 1000 if handled else None,
        mean_patience_s(waits, left) or None,
    )


def _wall_s(at_s: float, zone: tzinfo) -> float:
    """A moment of the Unix epoch as the clock on the wall shows it, in seconds since a midnight."""
    return datetime.fromtimestamp(at_s, zone).replace(tzinfo=UTC).timestamp()


def answer(known: Demand, wanted: Wanted, period: Period, zone: tzinfo) -> dict[str, Any]:
    """The table as JSON values. Pure.

    Raises:
        NothingToGoBy: calls came, but how long one takes is neither known nor said.
    """
    handling_s = wanted.handling_s or known.handling_s
    patience_s = wanted.patience_s or known.patience_s
    if known.half_hours and handling_s is None:
        raise NothingToGoBy("no call of this period was talked with: say how long a call takes")
    rows = (
        staffing_table(known.half_hours, handling_s, wanted.target, patience_s)
        if handling_s
        else ()
    )
    return {
        "from": period.since.isoformat(timespec="seconds"),
        "to": period.until.isoformat(timespec="seconds"),
        "zone": str(zone),
        "queue": wanted.queue,
        "percent": round(wanted.target.share * 100, 6),
        "within_s": wanted.target.within_s,
        "occupancy_percent": round(wanted.target.max_occupancy * 100, 6),
        "days": known.days,
        "calls_per_day": round(known.calls_per_day, 1),
        "handling_s": None if handling_s is None else round(handling_s, 1),
        "patience_s": None if patience_s is None else round(patience_s, 1),
        "half_hours": [row.to_json() for row in rows],
        "definitions": DEFINITIONS,
    }


class StaffingDesk:
    """Answers from the journal, one question at a time; ``zone`` is where the hotline is now."""

    def __init__(
        self,
        pages: JournalPages,
        zone: Callable[[], tzinfo],
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pages = pages
        self._zone = zone
        self._wall = wall
        self._turn = asyncio.Lock()

    async def of(self, wanted: Wanted) -> dict[str, Any]:
        """Seats by half hour; by default from the last four weeks.

        Raises:
            PeriodError: the period cannot be had.
            NothingToGoBy: nobody knows how long a call takes.
            StoreUnavailable: the database does not answer.
        """
        now, zone = self._wall(), self._zone()
        begin = wanted.since or (now - LOOK_BACK).astimezone(zone).date().isoformat()
        period = Period.between(begin, wanted.until, now, zone)
        async with self._turn:
            lives = await read_period(self._pages, period, now)
            calls = lives.outcomes(period.since_s, period.until_s)
            if wanted.queue:
                calls = [call for call in calls if call.queue == wanted.queue]
            known = await asyncio.to_thread(demand, calls, zone)
            return await asyncio.to_thread(answer, known, wanted, period, zone)
