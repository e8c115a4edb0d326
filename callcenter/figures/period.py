"""Periods, and the half hours that they consist of, in the hotline's own time zone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

HALF_HOUR_S: Final = 1800
LONGEST: Final = timedelta(days=366)
"""Figures of a longer period are asked for in parts."""


_TYPED: Final = re.compile(r"[0-9T:.+Zz \-]{8,40}", re.ASCII)


class PeriodError(ValueError):
    """The period cannot be had; ``parameter`` and the message say why."""

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__(f"{parameter}: {why}")
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment until just before another."""

    since: datetime
    until: datetime

    @property
    def since_s(self) -> float:
        """Its beginning in seconds of the Unix epoch."""
        return self.since.timestamp()

    @property
    def until_s(self) -> float:
        """Its end in seconds of the Unix epoch."""
        return self.until.timestamp()

    @classmethod
    def today(cls, now: datetime, zone: tzinfo) -> Period:
        """From midnight, where the hotline is, until now."""
        local = now.astimezone(zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return cls(midnight, local)

    @classmethod
    def last_hour(cls, now: datetime, zone: tzinfo) -> Period:
        """The hour until now."""
        local = now.astimezone(zone)
        return cls((now.astimezone(UTC) - timedelta(hours=1)).astimezone(zone), local)

    @classmethod
    def between(cls, since: str, until: str, now: datetime, zone: tzinfo) -> Period:
        """A period as it is typed: RFC 3339 moments or dates; without a zone, the hotline's.

        Empty ``since``: today's midnight. Empty ``until``: now. A date stands for its midnight.

        Raises:
            PeriodError: one of the two is no moment, or there is nothing between them.
        """
        begin = _moment("from", since, zone) if since else cls.today(now, zone).since
        end = _moment("to", until, zone) if until else now.astimezone(zone)
        if begin >= end:
            raise PeriodError("to", f"expected a moment after from ({begin.isoformat()})")
        if end - begin > LONGEST:
            raise PeriodError("to", f"expected at most {LONGEST.days} days after from")
        return cls(begin, end)


def half_hour(at_s: float, zone: tzinfo) -> str:
    """The half hour, where the hotline is, in which a moment (Unix epoch) lies: its beginning."""
    local = datetime.fromtimestamp(at_s, zone)
    begin = local.replace(minute=local.minute // 30 * 30, second=0, microsecond=0)
    return begin.isoformat(timespec="minutes")


def half_hours(since_s: float, until_s: float, zone: tzinfo) -> Iterator[tuple[str, float]]:
    """The half hours of a stretch of time: each one's name and its end within the stretch."""
    at_s = since_s
    while at_s < until_s:
        local = datetime.fromtimestamp(at_s, zone)
        into_s = local.minute % 30 * 60 + local.second + local.microsecond / 1e6
        end_s = min(until_s, at_s + HALF_HOUR_S - into_s)
        yield half_hour(at_s, zone), end_s
        # Never stand still, however small the rest is.
        at_s = max(end_s, at_s + 1e-3)


def _moment(parameter: str, text: str, zone: tzinfo) -> datetime:
    try:
        if not _TYPED.fullmatch(text):
            raise ValueError
        # A plus sign that was not encoded arrives as a space.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text)
    except ValueError:
        raise PeriodError(
            parameter, "expected a moment such as 2026-03-01T08:00:00+01:00 or a date"
        ) from None
    return of_these_times(parameter, moment, zone)


def of_these_times(parameter: str, moment: datetime, zone: tzinfo) -> datetime:
    """A moment in the hotline's zone (which is meant where it has none), safe to calculate with.

    Raises:
        PeriodError: it is centuries away.
    """
    try:
        moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
        moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise PeriodError(parameter, "expected a moment of these times") from None
    if not 1970 < moment.year < 9000:
        raise PeriodError(parameter, "expected a moment of these times")
    return moment
