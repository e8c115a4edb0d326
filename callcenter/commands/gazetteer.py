"""`callcenter gazetteer`: import crossings, named places, house numbers and street names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from callcenter.commands.city_options import (
    EXIT_USAGE,
    DatabaseOption,
    SettingsOption,
    opened,
    run,
    where,
)
from callcenter.commands.failure import fail
from callcenter.precincts.gazetteer_files import FIELDS, read_gazetteer
from callcenter.precincts.gazetteer_rows import GazetteerRows
from callcenter.store.places import Places

app = typer.Typer(
    no_args_is_help=True,
    help="The gazetteer: streets, crossings and places that callers name.",
    epilog="Example: callcenter gazetteer import crossings.csv places.csv",
)


@app.callback()
def _gazetteer() -> None:
    """Keep `import` a command of its own, although it is the only one."""


@app.command(
    "import",
    epilog="Example: callcenter gazetteer import shops.csv --map name=TITLE --map lat=Y",
)
def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV with a header, or GeoJSON points.")],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN", help=f"A file's column for one of {', '.join(FIELDS)}."
        ),
    ] = None,
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Import files, each in place of an earlier one of its name: all of them or none.

    Exit 1 when a file is wrong.
    """
    mapping: dict[str, str] = {}
    for pair in columns or ():
        field, mark, column = pair.partition("=")
        if not (mark and field and column):
            fail(f"--map {pair}: expected FIELD=COLUMN", EXIT_USAGE)
        mapping[field.strip()] = column.strip()
    place = where(database, settings)

    async def work() -> list[tuple[str, GazetteerRows]]:
        read = [(file.name, read_gazetteer(file, mapping)) for file in files]
        async with opened(place.database) as store:
            await Places(store).replace_gazetteer(read)
        return read

    for name, rows in run(work):
        counts = {
            "crossings": len(rows.crossings),
            "places": len(rows.landmarks),
            "house_numbers": len(rows.addresses),
            "spellings": len(rows.spellings),
        }
        if as_json:
            typer.echo(json.dumps({"file": name, **counts}, ensure_ascii=False))
        else:
            told = ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in counts.items() if n)
            typer.echo(f"{name}: {told or 'no rows'} imported")
