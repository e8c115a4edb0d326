"""How many seats it takes: for a target, half hour by half hour, beside the rule of 300.

The formulas are those of `acd.erlang`; what they assume, and what follows from it, is written for
a floor manager in ``docs/staffing.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from acd.erlang import Waiting, waiting

CALLS_PER_SEAT_AND_DAY: Final = 300
"""The reform's rule: one seat per 300 calls a day."""
HALF_HOUR_S: Final = 1800
HALF_HOURS: Final = 48
DAY_S: Final = 86400
BUSY_DAY: Final = 0.9
"""A half hour is staffed for the day that so large a share of days does not exceed."""


@dataclass(frozen=True, slots=True)
class Target:
    """So large a share of all callers is answered within so many seconds."""

    share: float = 0.95
    within_s: float = 3.0
    max_occupancy: float = 0.85
    """People who are busy all the time make mistakes and leave."""

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share is {self.share}, expected more than 0 and less than 1")
        if not (math.isfinite(self.within_s) and self.within_s >= 0):
            raise ValueError(f"within_s is {self.within_s}, expected at least 0")
        if not 0 < self.max_occupancy <= 1:
            raise ValueError(
                f"max_occupancy is {self.max_occupancy}, expected more than 0 and at most 1"
            )


@dataclass(frozen=True, slots=True)
class HalfHour:
    """Calls of one half hour of the day, over the days that were looked at."""

    start_s: int
    """Seconds after midnight."""
    calls_mean: float
    calls_busy: float
    """What 9 days of 10 do not exceed."""


@dataclass(frozen=True, slots=True)
class StaffingRow:
    """One half hour: what it takes, and what the rule of 300 would bring."""

    start_s: int
    calls_mean: float
    calls_busy: float
    load_erlang: float
    """Of the busy day."""
    seats: int
    """For the target on the busy day, callers waiting as long as it takes (Erlang C)."""
    seats_with_patience: int | None
    """The same with callers who leave (Erlang A); None: no patience was given."""
    expected: Waiting
    """With ``seats``, as Erlang C or, where patience is known, Erlang A says."""
    seats_by_rule: int
    expected_by_rule: Waiting
    """With the seats of the rule, likewise."""

    def to_json(self) -> dict[str, object]:
        """As JSON values; an infinite wait is None."""
        shown: dict[str, object] = asdict(self)
        for name in ("expected", "expected_by_rule"):
            shown[name] = _finite(asdict(getattr(self, name)))
        return {"from": clock(self.start_s), **shown, "load_erlang": round(self.load_erlang, 6)}


def clock(second_of_day: float) -> str:
    """Hours and minutes of a second of the day."""
    hours, minutes = divmod(int(second_of_day) // 60, 60)
    return f"{hours:02}:{minutes:02}"


def seats_needed(
    calls_per_hour: float,
    handling_s: float,
    target: Target | None = None,
    patience_s: float | None = None,
) -> int:
    """The fewest seats that reach the target and stay below its occupancy; none for no calls.

    With ``patience_s`` callers leave (Erlang A). Who leaves never counts as answered.
    """
    target = target or Target()
    if calls_per_hour == 0:
        return 0

    def enough(seats: int) -> bool:
        met = waiting(seats, calls_per_hour, handling_s, target.within_s, patience_s)
        return met.answered_within >= target.share and met.occupancy <= target.max_occupancy

    few, many = 0, 1
    while not enough(many):
        few, many = many, many * 2
    while many - few > 1:
        middle = (few + many) // 2
        if enough(middle):
            many = middle
        else:
            few = middle
    return many


def seats_by_rule(calls_per_day: float) -> int:
    """Seats on duty by the rule of one per 300 calls a day."""
    return math.ceil(calls_per_day / CALLS_PER_SEAT_AND_DAY)


def half_hours(arrived_s: Iterable[float]) -> tuple[HalfHour, ...]:
    """The 48 half hours of a day, over all days with a call; instants count from a midnight.

    Days without any call are taken for days on which the desk was closed.
    """
    counts: dict[int, list[int]] = {}
    for at_s in arrived_s:
        day, second = divmod(at_s, DAY_S)
        counts.setdefault(int(day), [0] * HALF_HOURS)[int(second // HALF_HOUR_S)] += 1
    if not counts:
        return ()
    days = list(counts.values())
    busy = math.ceil(BUSY_DAY * len(days) - 1e-9) - 1
    return tuple(
        HalfHour(
            slot * HALF_HOUR_S,
            sum(day[slot] for day in days) / len(days),
            float(sorted(day[slot] for day in days)[busy]),
        )
        for slot in range(HALF_HOURS)
    )


def staffing_table(
    demand: Sequence[HalfHour],
    handling_s: float,
    target: Target | None = None,
    patience_s: float | None = None,
) -> tuple[StaffingRow, ...]:
    """What each half hour takes. Each is taken to be in its own steady state."""
    target = target or Target()
    by_rule = seats_by_rule(sum(half_hour.calls_mean for half_hour in demand))
    rows = []
    for half_hour in demand:
        per_hour = half_hour.calls_busy * 2
        seats = seats_needed(per_hour, handling_s, target)
        with_patience = (
            None if patience_s is None else seats_needed(per_hour, handling_s, target, patience_s)
        )
        expected, expected_by_rule = (
            waiting(count, per_hour, handling_s, target.within_s, patience_s)
            for count in (seats, by_rule)
        )
        rows.append(
            StaffingRow(
                half_hour.start_s,
                half_hour.calls_mean,
                half_hour.calls_busy,
                expected.load_erlang,
                seats,
                with_patience,
                expected,
                by_rule,
                expected_by_rule,
            )
        )
    return tuple(rows)


def mean_patience_s(waits_s: Iterable[float], abandoned: int) -> float | None:
    """Mean patience of exponential callers: all waiting there was, per caller who left.

    ``waits_s`` are those of all callers, answered too: who was answered would have waited longer,
    and leaving them out makes callers look hastier than they are. None: nobody left.
    """
    return math.fsum(waits_s) / abandoned if abandoned else None


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    return {
        name: round(value, 6) if math.isfinite(value) else None for name, value in values.items()
    }
