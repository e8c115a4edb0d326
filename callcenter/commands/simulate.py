"""`callcenter simulate`: the engine that distributes live calls, on a scenario in virtual time."""

from __future__ import annotations

import json
import random
import time
import tomllib
from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.figures import DEFINITIONS, CallOutcome, Figures, SeatTime, figures, figures_by
from acd.lots import Lots
from acd.scenario import DAY_S, HALF_HOUR_S, RecordedCall, Scenario
from acd.scenario_file import ScenarioError, scenario_from
from acd.simulate import Simulated
from acd.simulate import simulate as play
from acd.staffing import clock
from callcenter.commands.city_options import EXIT_BAD_INPUT, EXIT_USAGE
from callcenter.commands.failure import complain, fail
from callcenter.commands.figure_lines import figure_lines
from callcenter.recorded_arrivals import ArrivalsError, read_arrivals

EXAMPLE = "Example: callcenter simulate docs/examples/two-lines.toml --by queue"


class By(StrEnum):
    """What figures are given for one by one."""

    LINE = "line"
    QUEUE = "queue"
    SEAT = "seat"
    HALF_HOUR = "half_hour"


def simulate(
    scenario: Annotated[
        Path | None, typer.Argument(help="A scenario, TOML or JSON.", show_default=False)
    ] = None,
    arrivals: Annotated[
        Path | None,
        typer.Option(
            help="Instead of a scenario: recorded calls, with the seats and shifts they tell of."
        ),
    ] = None,
    seats: Annotated[
        int | None,
        typer.Option(min=1, help="With --arrivals: so many seats instead, always on duty."),
    ] = None,
    patience: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            metavar="S",
            help="With --arrivals: who was answered would have waited on for so long on average"
            " (else for ever).",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="In place of the scenario's.")] = None,
    by: Annotated[By | None, typer.Option(help="Figures of each, too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Play calls against the distribution engine in virtual time; print the figures.

    The same scenario and seed give the same figures. Exit status: 0 played, 1 a file is wrong
    (each wrong field is named, with the reason), 2 wrong usage.
    """
    with_arrivals = seats is not None or patience is not None
    if (scenario is None) == (arrivals is None) or (with_arrivals and arrivals is None):
        fail(
            "expected a scenario, or --arrivals FILE (with --seats and --patience if wanted)",
            EXIT_USAGE,
        )
    recorded: list[RecordedCall] = []
    if scenario is not None:
        file, plain = scenario, _load(scenario)
    elif arrivals is not None:
        file, plain = arrivals, _of_arrivals(arrivals, seats, patience)

    def read_calls(name: str) -> Sequence[RecordedCall]:
        calls = read_arrivals(Path(name) if arrivals is not None else file.parent / name)
        recorded.extend(calls)
        return calls

    try:
        checked, its_seed = scenario_from(plain, read_calls)
    except ScenarioError as error:
        for problem in error.problems:
            complain(f"{file}: {problem}")
        raise typer.Exit(EXIT_BAD_INPUT) from error
    except ArrivalsError as error:
        fail(error, EXIT_BAD_INPUT)

    outcomes: list[CallOutcome] = []
    began_s = time.perf_counter()
    simulated = play(checked, _lots(its_seed if seed is None else seed), outcomes.append)
    took_s = time.perf_counter() - began_s
    all_calls = figures(outcomes, seat_time=simulated.seat_time)
    before = figures(map(_outcome, count(), recorded)) if recorded else None
    parts = _parts(by, outcomes, simulated, checked) if by else {}
    if as_json:
        shown = {
            "scenario": checked.name or str(file),
            "seed": its_seed if seed is None else seed,
            "calls": simulated.calls,
            "events": simulated.events,
            "offers": simulated.offers,
            "diverted": simulated.diverted,
            "to_call_back": simulated.to_call_back,
            "still_waiting": simulated.still_waiting,
            "took_s": round(took_s, 3),
            "figures": all_calls.to_json(),
            "recorded": before.to_json() if before else None,
            "by": by,
            "parts": {name: part.to_json() for name, part in parts.items()},
            "definitions": dict(DEFINITIONS),
        }
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    typer.echo(
        f"{checked.name or file}: {simulated.calls} calls, {simulated.events} events"
        f" in {took_s:.1f} s"
    )
    columns = {"simulated": all_calls} | ({"recorded": before} if before else {})
    for line in figure_lines({name: f.to_json() for name, f in columns.items()}, DEFINITIONS):
        typer.echo(line)
    if simulated.still_waiting:
        typer.echo(f"{simulated.still_waiting} callers were still waiting a day after the end.")
    for name, part in parts.items():
        typer.echo(_part_line(name, part))


def _load(file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
        return json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        fail(f"{file}: {error.strerror}", EXIT_BAD_INPUT)
    except UnicodeDecodeError as error:
        fail(f"{file}: is not UTF-8 text: {error.reason}", EXIT_BAD_INPUT)
    except json.JSONDecodeError as error:
        fail(f"{file}: line {error.lineno}: {error.msg}", EXIT_BAD_INPUT)
    except tomllib.TOMLDecodeError as error:
        fail(f"{file}: {error}", EXIT_BAD_INPUT)


def _of_arrivals(arrivals: Path, seats: int | None, patience_s: float | None) -> dict[str, Any]:
    # Ageing by one step in 90 s is what the recorded desk did with its priorities.
    plain: dict[str, Any] = {
        "name": arrivals.name,
        "arrivals": [{"file": str(arrivals)}],
        "overtime": True,
        "ageing_per_s": 1 / 90,
    }
    if patience_s is not None:
        plain["arrivals"][0]["patience"] = {"mean_s": patience_s}
    if seats is not None:
        plain["seats"] = [{"id": "seat", "count": seats}]
    return plain


def _lots(seed: int) -> Callable[[str], Lots]:
    # No secret hangs on these lots: the same seed must give the same calls.
    return lambda purpose: random.Random(f"{seed} {purpose}")  # noqa: S311 # the same


def _outcome(number: int, call: RecordedCall) -> CallOutcome:
    return CallOutcome(
        str(number),
        call.at_s,
        call.answered,
        not call.answered,
        call.waited_s * 1000,
        talk_ms=None if call.handling_s is None else call.handling_s * 1000,
        caller=call.number,
    )


def _parts(
    by: By, outcomes: Sequence[CallOutcome], simulated: Simulated, scenario: Scenario
) -> dict[str, Figures]:
    def key(call: CallOutcome) -> str:
        match by:
            case By.LINE:
                return call.line
            case By.QUEUE:
                return call.queue
            case By.SEAT:
                return call.seat
            case By.HALF_HOUR:
                return clock(call.arrived_s % DAY_S // HALF_HOUR_S * HALF_HOUR_S)

    seat_times: dict[str, SeatTime] = dict(simulated.seat_times) if by is By.SEAT else {}
    parts = figures_by(key, outcomes, seat_times=seat_times)
    return {name or "(none)": parts[name] for name in sorted(parts)}


def _part_line(name: str, part: Figures) -> str:
    mean = "–" if part.wait_mean_ms is None else f"{part.wait_mean_ms / 1000:.1f} s"
    levels = ", ".join(
        f"{'–' if share is None else f'{share:.1%}'} ≤ {at_s:g} s"
        for at_s, share in part.service_level_all.items()
    )
    return (
        f"{name:16} arrived {part.arrived:6}  answered {part.answered:6}"
        f"  abandoned {part.abandoned:5}  mean wait {mean:>8}  {levels}"
    )
