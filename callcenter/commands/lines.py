"""`callcenter lines`: the addresses at which callers' lines are registered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callcenter.commands.city_options import (
    EXIT_BAD_INPUT,
    DatabaseOption,
    SettingsOption,
    opened,
    opened_to_read,
    run,
    where,
)
from callcenter.commands.failure import fail
from callcenter.precincts.datum import Datum
from callcenter.precincts.line_files import ExaminedLines, examine_lines
from callcenter.store.line_addresses import LineAddressBook

BAD_ROWS_SHOWN = 20

app = typer.Typer(
    no_args_is_help=True,
    help="Where callers' lines are registered, by number.",
    epilog="Example: callcenter lines import lines.csv",
)
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


@app.command("import", epilog="Example: callcenter lines import lines.csv --datum gcj02")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with number, address, lat, lon.")],
    datum: Annotated[
        Datum, typer.Option(help="What the degrees refer to; kept as WGS-84.")
    ] = Datum.WGS84,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the right rows although others are wrong.")
    ] = False,
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the lines of a file in place of all that are known; calls use them at once.

    All or nothing: wrong rows are listed with their line numbers, and nothing changes unless
    --skip-bad is said. Exit 1 when a row or the file is wrong.
    """
    place = where(database, settings)

    async def work() -> ExaminedLines:
        read = examine_lines(file, datum)
        if not read.bad or skip_bad:
            async with opened(place.database) as store:
                await LineAddressBook(store).replace(read.lines, datetime.now(UTC))
        return read

    read = run(work)
    refused = bool(read.bad) and not skip_bad
    if as_json:
        bad = [{"line": bad.line, "reason": bad.reason} for bad in read.bad]
        told = {"lines": 0 if refused else len(read.lines), "bad": bad}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        for row in read.bad[:BAD_ROWS_SHOWN]:
            typer.echo(f"{file.name}: {row.where}: {row.reason}", err=True)
        if len(read.bad) > BAD_ROWS_SHOWN:
            more = len(read.bad) - BAD_ROWS_SHOWN
            typer.echo(f"{file.name}: and {more} more wrong rows; --json lists all", err=True)
    if refused:
        fail(
            f"{len(read.bad)} wrong rows: nothing was imported; --skip-bad leaves them out",
            EXIT_BAD_INPUT,
        )
    if not as_json:
        typer.echo(f"{len(read.lines)} lines are known now")


@app.command(epilog="Example: callcenter lines count --json")
def count(
    database: DatabaseOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Say how many lines are known."""
    place = where(database, settings)

    async def work() -> int:
        async with opened_to_read(place) as store:
            return await LineAddressBook(store).count() if store else 0

    known = run(work)
    typer.echo(json.dumps({"lines": known}) if as_json else f"{known} lines are known")
