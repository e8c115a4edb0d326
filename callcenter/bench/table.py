"""Reports as a table for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from callcenter.bench.report import Report, rows

_STYLES = {"NOT MET": "bold red", "NOT CARRIED OUT": "bold red", "SKIPPED": "bold red"}


def print_table(reports: Sequence[Report]) -> None:
    """Figure, value, bound, whether it is met; then what is not."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table(title="Benchmarks" + (" (quick)" if any(r.quick for r in reports) else ""))
    for heading in ("bench", "figure", "value", "bound", ""):
        table.add_column(heading, overflow="fold")
    for report in reports:
        for bench, figure, value, bound, met in rows(report):
            table.add_row(bench, figure, value, bound, met, style=_STYLES.get(met))
        table.add_section()
    console.print(table)
    for report in reports:
        console.print(f"{report.bench}: {report.duration_s:.0f} s on {report.machine.line}")
        if report.measured.peer:
            console.print(f"  beside {report.measured.peer}")
    missed = [report.bench for report in reports if not report.met]
    if missed:
        console.print(f"[bold red]bounds that do not hold: {', '.join(missed)}[/]")
    else:
        console.print("every bound holds")
