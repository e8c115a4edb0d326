"""Moments as people and files write them: local times, with the clock's changes in mind."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from callcenter.rosters.errors import RosterRefused
from callcenter.tuning.hours import moment_of

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


def read(text: str, zone: tzinfo, *, ends: bool = False) -> datetime:
    """A moment such as ``2026-11-01 07:00`` or with an offset, in UTC.

    A local time that is skipped is the moment of the skipping; of one that comes twice, shifts
    begin with the first and (``ends``) end with the second.

    Raises:
        RosterRefused: it is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise RosterRefused(
            f"{text[:40]!r} is no moment; expected for example 2026-11-01 07:00"
        ) from None
    return in_utc(moment, zone, ends=ends)


def in_utc(moment: datetime, zone: tzinfo, *, ends: bool = False) -> datetime:
    """A moment in UTC; one without a zone is local in ``zone``.

    Raises:
        RosterRefused: it is centuries away.
    """
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise RosterRefused(f"year {moment.year}: expected {EARLIEST_YEAR} to {LATEST_YEAR}")
    if moment.tzinfo is None:
        return moment_of(moment.date(), moment.time(), zone, fold=int(ends))
    return moment.astimezone(UTC)


def zone_named(name: str) -> ZoneInfo:
    """A time zone by its name.

    Raises:
        RosterRefused: there is none of that name.
    """
    if name not in available_timezones():
        raise RosterRefused(f"time zone {name[:64]!r} is unknown; expected for example Asia/Seoul")
    return ZoneInfo(name)
