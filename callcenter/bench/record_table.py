"""The record benchmark for people: fields beside sets, what confidence is worth, mistakes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.bench.report import Report
from callcenter.incidents.record import FIELDS

FILE_WIDTH = 160


def print_record(report: Report, *, held_out_unlisted: bool = False) -> None:
    """What stands behind the figures. ``held_out_unlisted``: say why those are not listed."""
    console = Console(width=None if sys.stdout.isatty() else FILE_WIDTH, highlight=False)
    details = report.measured.details
    for language, sets in details.get("sets", {}).items():
        console.print(_fields(language, sets))
        console.print(_reliability(language, sets))
    for key, name in (("extraction_ms", "clock"), ("extraction_processor_ms", "processor")):
        if spread := details.get(key):
            console.print(
                f"extraction per segment, {name}: p50 {spread['p50']} ms,"
                f" p99 {spread['p99']} ms, most {spread['most']} ms of {spread['count']}"
            )
    if "mistakes" in details:
        _heard(console, details["heard"])
        _mistakes(console, details["mistakes"])
        if held_out_unlisted:
            console.print(
                "Mistakes of held-out calls are not listed: rules that were written for them"
                " could not be judged by them."
            )


def _fields(language: str, sets: Mapping[str, Any]) -> Table:
    title = ", ".join(f"{name}: {one['calls']} calls" for name, one in sets.items())
    table = Table(title=f"{language} ({title})", title_justify="left")
    table.add_column("field")
    for name in sets:
        for heading in (f"{name} F1", "precision", "recall", "right", "wrong", "missed"):
            table.add_column(heading, justify="right")
    for field in FIELDS:
        cells = []
        for one in sets.values():
            counts = one["fields"][field]
            cells += [_share(counts[key]) for key in ("f1", "precision", "recall")]
            cells += [str(counts[key]) for key in ("right", "wrong", "missed")]
        table.add_row(field, *cells)
    table.add_section()
    for one_row in (_precinct, _asked):
        cells = []
        for one in sets.values():
            cells += [one_row(one), *([""] * 5)]
        table.add_row("precinct right" if one_row is _precinct else "place asked", *cells)
    for name, one in sets.items():
        precinct = one["precinct"]
        table.caption = "\n".join(
            [
                *([str(table.caption)] if table.caption else []),
                f"{name}: precincts {precinct['right']} right, {precinct['sure_and_wrong']} wrong"
                f" with confidence ≥ 0.9, {precinct['unsure_and_wrong']} wrong and unsure,"
                f" {precinct['asked']} asked, of {precinct['of']};"
                f" unresolvable places {one['unresolvable_places']['asked']} left open"
                f" ({one['unresolvable_places']['with_a_question']} with a question ready),"
                f" {one['unresolvable_places']['guessed']} guessed,"
                f" of {one['unresolvable_places']['of']}",
            ]
        )
    table.caption_justify = "left"
    return table


def _precinct(one: Mapping[str, Any]) -> str:
    of = one["precinct"]["of"]
    return _share(one["precinct"]["right"] / of if of else None)


def _asked(one: Mapping[str, Any]) -> str:
    places = one["unresolvable_places"]
    return _share(places["asked"] / places["of"] if places["of"] else None)


def _reliability(language: str, sets: Mapping[str, Any]) -> Table:
    table = Table(title=f"{language}: what confidence is worth", title_justify="left")
    for heading in ("set", "confidence", "said on average", "right", "of"):
        table.add_column(heading, justify="right")
    for name, one in sets.items():
        for bucket in one["reliability"]:
            table.add_row(
                name,
                f"{bucket['at_least']:.1f} to {bucket['below']:.1f}",
                _share(bucket["mean_confidence"]),
                _share(bucket["share_right"]),
                str(bucket["count"]),
            )
    return table


def _heard(console: Console, heard: Mapping[str, Any]) -> None:
    for call, turns in heard.items():
        console.print(f"[bold]{escape(call)}[/]")
        for turn in turns:
            console.print(f"  {turn['who']:8} {escape(turn['text'])}", soft_wrap=True)


def _mistakes(console: Console, mistakes: Sequence[Mapping[str, Any]]) -> None:
    for one in mistakes:
        words = f"  ← {one['words']}" if one["words"] else ""
        expected, found = _text(one["expected"]), _text(one["found"])
        told = escape(f"{one['field']}: expected {expected}, found {found}{words}")
        console.print(f"[bold]{escape(one['call'])}[/] {told}", soft_wrap=True)
    console.print(f"{len(mistakes)} mistakes in the dev set")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"
