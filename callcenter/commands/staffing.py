"""`callcenter staffing`: how many seats it takes, half hour by half hour."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from acd.scenario import RecordedCall
from acd.staffing import (
    CALLS_PER_SEAT_AND_DAY,
    DAY_S,
    HALF_HOUR_S,
    HALF_HOURS,
    HalfHour,
    StaffingRow,
    Target,
    clock,
    half_hours,
    mean_patience_s,
    staffing_table,
)
from callcenter.commands.city_options import EXIT_BAD_INPUT, EXIT_USAGE
from callcenter.commands.failure import fail
from callcenter.recorded_arrivals import ArrivalsError, read_arrivals

EXAMPLE = "Example: callcenter staffing --rate 120 --handling 180 --target 95 --within 3"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class _Demand:
    half_hours: tuple[HalfHour, ...]
    calls_per_day: float
    days: int
    handling_s: float
    patience_s: float | None


def staffing(
    arrivals: Annotated[
        Path | None, typer.Option(help="Recorded calls, with a header; see docs/staffing.md.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, help="Instead: calls an hour, all day.")
    ] = None,
    handling: Annotated[
        float | None,
        typer.Option(min=0.1, help="Seconds a call takes, work after it included.", metavar="S"),
    ] = None,
    patience: Annotated[
        float | None,
        typer.Option(
            min=0.001, help="Seconds a caller waits on average before leaving.", metavar="S"
        ),
    ] = None,
    target: Annotated[float, typer.Option(help="Percent of callers…")] = 95.0,
    within: Annotated[float, typer.Option(min=0, help="…answered within so many seconds.")] = 3.0,
    occupancy: Annotated[
        float, typer.Option(help="Percent of their time that seats are busy at most.")
    ] = 85.0,
    weekday: Annotated[
        list[str] | None, typer.Option(help="Of the recorded days only mon, tue…; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Seats needed for a target (Erlang C and A), beside the rule of one seat per 300 calls a day.

    A half hour is staffed for its busy day: 9 days of 10 bring no more calls. Of a file, handling
    and patience are taken from its calls unless given. Exit status: 0 done, 1 the file is wrong,
    2 wrong usage.
    """
    if (arrivals is None) == (rate is None):
        fail("expected either --arrivals FILE or --rate", EXIT_USAGE)
    if rate is not None and handling is None:
        fail("--rate needs --handling too", EXIT_USAGE)
    unknown = set(weekday or ()) - set(WEEKDAYS)
    if unknown:
        fail(f"--weekday {min(unknown)}: expected any of {', '.join(WEEKDAYS)}", EXIT_USAGE)
    try:
        wanted = Target(target / 100, within, occupancy / 100)
    except ValueError as error:
        fail(f"{error} (percent / 100)", EXIT_USAGE)
    if rate is not None and handling is not None:
        demand = _steady(rate, handling, patience)
    elif arrivals is not None:
        demand = _recorded(arrivals, weekday or [], handling, patience)
    rows = staffing_table(demand.half_hours, demand.handling_s, wanted, demand.patience_s)
    if rate is not None:
        rows = rows[:1]
    if as_json:
        shown = {
            "target": target,
            "within_s": within,
            "max_occupancy": occupancy,
            "days": demand.days,
            "calls_per_day": round(demand.calls_per_day, 1),
            "handling_s": round(demand.handling_s, 1),
            "patience_s": None if demand.patience_s is None else round(demand.patience_s, 1),
            "calls_per_seat_and_day": CALLS_PER_SEAT_AND_DAY,
            "half_hours": [row.to_json() for row in rows],
        }
        typer.echo(json.dumps(shown, indent=2))
        return
    _print(demand, rows, target, within)


def _steady(rate: float, handling_s: float, patience_s: float | None) -> _Demand:
    slots = tuple(
        HalfHour(number * HALF_HOUR_S, rate / 2, rate / 2) for number in range(HALF_HOURS)
    )
    return _Demand(slots, rate * 24, 0, handling_s, patience_s)


def _recorded(
    file: Path, weekdays: Sequence[str], handling_s: float | None, patience_s: float | None
) -> _Demand:
    try:
        calls = read_arrivals(file)
    except ArrivalsError as error:
        fail(error, EXIT_BAD_INPUT)
    if weekdays:
        calls = [call for call in calls if _weekday(call) in weekdays]
        if not calls:
            fail(f"{file}: has no calls on {', '.join(weekdays)}", EXIT_BAD_INPUT)
    days = len({call.at_s // DAY_S for call in calls})
    if handling_s is None:
        talks = [call.handling_s for call in calls if call.handling_s is not None]
        if not talks or not sum(talks):
            fail(f"{file}: handling_s: no call has any; give --handling", EXIT_BAD_INPUT)
        handling_s = math.fsum(talks) / len(talks)
    if patience_s is None:
        # Who left at once never came to wait: a wrong number, or a caller lost in a voice menu.
        left = sum(not call.answered and call.waited_s > 0 for call in calls)
        patience_s = mean_patience_s((call.waited_s for call in calls), left)
    return _Demand(
        half_hours(call.at_s for call in calls), len(calls) / days, days, handling_s, patience_s
    )


def _weekday(call: RecordedCall) -> str:
    return WEEKDAYS[datetime.fromtimestamp(call.at_s, UTC).weekday()]


def _print(demand: _Demand, rows: Sequence[StaffingRow], target: float, within: float) -> None:
    patience = "" if demand.patience_s is None else f", patience {demand.patience_s:.0f} s"
    days = f" on {demand.days} days" if demand.days else ""
    typer.echo(
        f"{demand.calls_per_day:.0f} calls a day{days}, handling {demand.handling_s:.0f} s"
        f"{patience}; target {target:g} % within {within:g} s"
    )
    typer.echo(
        f"{'from':5} {'calls':>6} {'busy':>5} {'erlang':>7} {'seats C':>8} {'seats A':>8}"
        f" {'rule':>5}  with the rule: answered within {within:g} s, lost, mean wait"
    )
    for row in rows:
        by_rule = row.expected_by_rule
        wait = "–" if math.isinf(by_rule.mean_wait_s) else f"{by_rule.mean_wait_s:.0f} s"
        patient = "–" if row.seats_with_patience is None else str(row.seats_with_patience)
        typer.echo(
            f"{clock(row.start_s):5} {row.calls_mean:6.1f} {row.calls_busy:5.0f}"
            f" {row.load_erlang:7.2f} {row.seats:8} {patient:>8} {row.seats_by_rule:5}"
            f"  {by_rule.answered_within:6.1%} {by_rule.abandoned_share:6.1%} {wait:>7}"
        )
