"""Opening hours on real clocks: from local times of day to moments, through every change of clocks.

An opening begins at its local time and ends at its local time. Where the clock is put forward past
one of them, the moment of the change counts; where an hour comes twice, an opening begins with the
first and ends with the second of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from callcenter.precincts.roster import DAYS
from callcenter.tuning.document import Calendar, HolidayOpening, Opening

LOOK_AHEAD_DAYS = 400
"""A calendar whose openings do not change within so long is taken for one that never does."""


def is_open(calendar: Calendar, zone: ZoneInfo, at: datetime) -> bool:
    """Whether the calendar is open at a moment (with a zone)."""
    moment = at.astimezone(UTC)
    today = at.astimezone(zone).date()
    return any(
        begin <= moment < end
        for day in (today - timedelta(days=1), today)
        for begin, end in _openings(calendar, zone, day)
    )


def next_change(calendar: Calendar, zone: ZoneInfo, at: datetime) -> datetime | None:
    """The first moment after ``at`` when the calendar opens or closes; None: not foreseeably."""
    moment = at.astimezone(UTC)
    before = is_open(calendar, zone, at)
    today = at.astimezone(zone).date()
    for day in (today + timedelta(days=ahead) for ahead in range(-1, LOOK_AHEAD_DAYS)):
        # An end may lie in the day after, behind a beginning of that day that does not matter.
        edges = sorted({edge for span in _openings(calendar, zone, day) for edge in span})
        for edge in edges:
            if edge > moment and is_open(calendar, zone, edge) is not before:
                return edge
    return None


def _openings(calendar: Calendar, zone: ZoneInfo, day: date) -> Iterator[tuple[datetime, datetime]]:
    openings: tuple[Opening | HolidayOpening, ...] = next(
        (holiday.opening for holiday in calendar.holidays if holiday.date == day.isoformat()),
        tuple(opening for opening in calendar.opening if DAYS[day.weekday()] in opening.days),
    )
    for opening in openings:
        begin, end = time.fromisoformat(opening.from_), time.fromisoformat(opening.to)
        last = day if begin < end else day + timedelta(days=1)
        yield moment_of(day, begin, zone, fold=0), moment_of(last, end, zone, fold=1)


def moment_of(day: date, clock: time, zone: tzinfo, *, fold: int) -> datetime:
    """The UTC moment of a local time; of one that is skipped, the moment of the skipping.

    ``fold``: which of two, where the time comes twice.
    """
    local = datetime.combine(day, clock)
    moment = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    early = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
