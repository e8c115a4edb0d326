"""What people see of a call: the words as they are spoken, the timeline, the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.lab.timeline import STEPS, Row

COLOURS = {"caller": "yellow", "operator": "cyan", "officer": "green"}
HOW_MANY_EVIDENCE = 2


def segment(console: Console, one: Mapping[str, Any]) -> None:
    """One finished piece of the transcript."""
    console.print(segment_text(one), highlight=False)


def segment_text(one: Mapping[str, Any]) -> str:
    """A piece of the transcript: when, who, what."""
    role = str(one.get("role", ""))
    colour = COLOURS.get(role, "white")
    seconds = int(one.get("start_ms", 0)) / 1000
    return f"  {seconds:6.1f} s  [{colour}]{role:8}[/]  {escape(str(one.get('text', '')))}"


def transcript(console: Console, segments: Sequence[Mapping[str, Any]]) -> None:
    """The whole transcript."""
    for one in segments:
        if one.get("final"):
            segment(console, one)


def timeline(console: Console, rows: Sequence[Row]) -> None:
    """The steps of a call in ms from its first INVITE."""
    table = Table(title="ms from the first INVITE", title_justify="left")
    table.add_column("step")
    table.add_column("service", justify="right")
    table.add_column("phones", justify="right")
    table.add_column("budget", justify="right")
    table.add_column("")
    for row in rows:
        verdict = ""
        if row.budget_ms is not None and row.service_ms is not None:
            verdict = "[red]late[/]" if row.late else "[green]in time[/]"
        table.add_row(
            row.step.replace("_", " "),
            _number(row.service_ms),
            _number(row.phones_ms),
            _number(row.budget_ms),
            verdict,
        )
    console.print(table)


def several(console: Console, calls: Sequence[Mapping[str, Any]]) -> None:
    """Timelines of several calls beside each other, then their records."""
    table = Table(title="ms from each first INVITE", title_justify="left")
    table.add_column("step")
    by_call = []
    for call in calls:
        seats = [leg["party"] for leg in call.get("legs", ()) if leg["role"] == "operator"]
        table.add_column(f"{call['from']}\nseat {', '.join(seats) or '—'}", justify="right")
        by_call.append({entry["step"]: int(entry["ms"]) for entry in call["timeline"]})
    for step in STEPS:
        if any(step in steps for steps in by_call):
            cells = [_number(steps.get(step)) for steps in by_call]
            table.add_row(step.replace("_", " "), *cells)
    console.print(table)
    for call in calls:
        console.print(f"[bold]{call['from']}[/]", highlight=False)
        record(console, call)


def record(console: Console, call: Mapping[str, Any]) -> None:
    """The record with its evidence, and where the recordings lie."""
    incident = call.get("incident") or {}
    evidence = incident.get("evidence") or {}
    table = Table(title="record", title_justify="left")
    table.add_column("field")
    table.add_column("value")
    table.add_column("evidence")
    for name, value in (incident.get("fields") or {}).items():
        if value in (None, "", [], {}):
            continue
        proofs = [_proof(one) for one in (evidence.get(name) or [])[:HOW_MANY_EVIDENCE]]
        table.add_row(name, escape(_value(value)), "\n".join(proofs))
    if table.row_count:
        console.print(table)
    for kept in call.get("recordings") or []:
        console.print(
            f"recording: {kept['path']} ({int(kept['duration_ms']) / 1000:.1f} s,"
            f" sha256 {str(kept['sha256'])[:12]}…)",
            highlight=False,
            soft_wrap=True,
        )


def faults(console: Console, found: Sequence[str]) -> None:
    """What did not happen."""
    for fault in found:
        console.print(f"[red]not ok:[/] {escape(fault)}", highlight=False, soft_wrap=True)


def _number(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def _proof(one: Mapping[str, Any]) -> str:
    parts = [str(one.get("source", "")).replace("_", " ")]
    if one.get("start_ms") is not None:
        parts.append(f"at {int(one['start_ms']) / 1000:.1f} s")
    if one.get("words"):
        parts.append(f"“{one['words']}”")
    return escape(" ".join(parts))


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        shown = [str(value.get("text", ""))]
        if value.get("precinct"):
            shown.append(f"precinct {value['precinct']}")
        runner_up = value.get("runner_up")
        if isinstance(runner_up, Mapping) and runner_up.get("text"):
            shown.append(f"(or {runner_up['text']})")
        return ", ".join(part for part in shown if part)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)
