"""``callcenter bench``: what the product promises in figures, measured here and now."""

from __future__ import annotations

import enum
import json
import signal
import sys
from functools import partial
from types import FrameType
from typing import Annotated

import typer

EXIT_NOT_MET = 1
EXIT_BROKEN_OFF = 130


class BenchName(enum.StrEnum):
    """What can be measured; all is one after another."""

    seats = "seats"
    overload = "overload"
    decisions = "decisions"
    failopen = "failopen"
    memory = "memory"
    calls = "calls"
    all = "all"


EXAMPLE = "Example: callcenter bench seats --json"


def bench(
    name: Annotated[BenchName, typer.Argument(help="What is measured.")],
    quick: Annotated[
        bool, typer.Option("--quick", help="A small size, for development: its figures are rough.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure on a lab of its own, beside a peer where there is one; needs root for packets.

    Exit status: 0 every bound holds, 1 one does not, or a benchmark could not be carried out.
    """
    from callcenter.bench import suite
    from callcenter.bench.report import Report
    from callcenter.bench.table import print_table

    # A shell that starts it in the background has Ctrl-C ignored; SIGTERM is to work all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    names = list(suite.BENCHES) if name is BenchName.all else [name.value]
    reports: list[Report] = []
    try:
        for one in names:
            reports.append(suite.run(one, quick=quick, say=partial(_say, one)))
    except KeyboardInterrupt:
        _say(names[len(reports)], "broken off; everything is stopped")
        raise typer.Exit(EXIT_BROKEN_OFF) from None
    if as_json:
        values = [report.to_json() for report in reports]
        typer.echo(json.dumps(values if name is BenchName.all else values[0], indent=2))
    else:
        print_table(reports)
    if not all(report.met for report in reports):
        raise typer.Exit(EXIT_NOT_MET)


def _say(name: str, text: str) -> None:
    print(f"{name}: {text}", file=sys.stderr, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Told to end, it ends as by Ctrl-C: everything is stopped."""
    signal.raise_signal(signal.SIGINT)
