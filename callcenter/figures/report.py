"""Figures of a period, whole and divided, as JSON values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final, Literal

from acd.figures import (
    DEFINITIONS,
    RECONTACT_S,
    THRESHOLDS_S,
    CallOutcome,
    Figures,
    SeatTime,
    figures,
    figures_by,
    recontacts,
)
from callcenter.figures.lives import Lives
from callcenter.figures.period import Period, half_hour, half_hours
from callcenter.figures.seats import Stretch

Grouping = Literal["line", "queue", "seat", "half_hour"]

UNSEEN_SENTENCE: Final = (
    "Calls that the house made (call-backs) are in no figure. A call whose end nobody saw, because"
    " the service was away, has arrived and is neither answered nor abandoned."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a period: of all calls, and of each group by its key, in order."""

    whole: Figures
    groups: Mapping[str, Figures]


def report(
    lives: Lives,
    period: Period,
    by: Grouping | None,
    zone: tzinfo,
    thresholds_s: Sequence[float] = THRESHOLDS_S,
) -> dict[str, Any]:
    """`measured` as JSON values, with what each figure means."""
    found = measured(lives, period, by, zone, thresholds_s)
    return {
        "from": period.since.isoformat(timespec="seconds"),
        "to": period.until.isoformat(timespec="seconds"),
        "by": by,
        "zone": str(zone),
        "figures": found.whole.to_json(),
        "groups": [{"key": key, "figures": group.to_json()} for key, group in found.groups.items()],
        "definitions": definitions(),
        "note": UNSEEN_SENTENCE,
    }


def definitions() -> dict[str, str]:
    """What each figure means, by its name."""
    return dict(DEFINITIONS)


def measured(
    lives: Lives,
    period: Period,
    by: Grouping | None,
    zone: tzinfo,
    thresholds_s: Sequence[float] = THRESHOLDS_S,
) -> Measured:
    """The figures of the calls that arrived in the period, and of each group of them.

    ``lives`` should know the day before the period too: recontacts look back on it.
    """
    since_s, until_s = period.since_s, period.until_s
    # Once for all: a recontact is one wherever the earlier call belonged, and whenever it came.
    again = recontacts(lives.outcomes(since_s - RECONTACT_S, until_s))
    calls = lives.outcomes(since_s, until_s)
    by_seat = lives.seats.totals(since_s, until_s)
    everybody = SeatTime(
        sum(time.on_duty_ms for time in by_seat.values()),
        sum(time.busy_ms for time in by_seat.values()),
    )
    whole = figures(calls, thresholds_s, seat_time=everybody, recontact_ids=again)
    if by is None:
        return Measured(whole, {})
    times: Mapping[str, SeatTime] = {}
    if by == "seat":
        times = by_seat
        # Others reached no seat: they belong to none.
        calls = [call for call in calls if call.seat]
    elif by == "half_hour":
        times = lives.seats.divided(since_s, until_s, _into_half_hours(zone))
    groups = figures_by(_key(by, zone), calls, thresholds_s, seat_times=times, recontact_ids=again)
    for key in times.keys() - groups.keys():
        groups[key] = figures((), thresholds_s, seat_time=times[key], recontact_ids=again)
    return Measured(whole, dict(sorted(groups.items())))


def _key(by: Grouping, zone: tzinfo) -> Callable[[CallOutcome], str]:
    match by:
        case "line":
            return lambda call: call.line
        case "queue":
            return lambda call: call.queue
        case "seat":
            return lambda call: call.seat
        case "half_hour":
            return lambda call: half_hour(call.arrived_s, zone)


def _into_half_hours(zone: tzinfo) -> Callable[[Stretch], Iterable[tuple[str, float]]]:
    return lambda stretch: half_hours(stretch.since_s, stretch.until_s, zone)
