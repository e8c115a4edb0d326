"""`callcenter precincts`: import boundaries, and find the precinct of points."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterable
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
from callcenter.commands.failure import complain
from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.city import load_boundaries
from callcenter.store.places import Places

app = typer.Typer(
    no_args_is_help=True,
    help="Precinct boundaries: import them, and find the precinct of a point.",
    epilog="Example: callcenter precincts import precincts.geojson --id-property precinct",
)


@app.command(
    "import",
    epilog="Example: callcenter precincts import districts.json --id-property adcode",
)
def import_(
    file: Annotated[Path, typer.Argument(help="GeoJSON, WGS 84, one feature a precinct.")],
    id_property: Annotated[
        str, typer.Option("--id-property", help="The property that holds a precinct's id.")
    ] = "precinct",
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Import boundaries in place of all earlier ones. Exit 1 when the file is wrong."""
    place = where(database, settings)

    async def work() -> Boundaries:
        boundaries = Boundaries.load(file, id_property)
        async with opened(place.database) as store:
            await Places(store).replace_precincts(boundaries.geojson()["features"])
        return boundaries

    ids = run(work).ids
    if as_json:
        typer.echo(json.dumps({"file": str(file), "precincts": len(ids)}))
    else:
        typer.echo(f"{file}: {len(ids)} precincts imported")


@app.command(epilog="Example: echo 'here,40.7572,-73.9898' | callcenter precincts find")
def find(database: DatabaseOption = None, settings: SettingsOption = None) -> None:
    """Read id,lat,lon rows on standard input; print a JSON line for each.

    A row that is none of these is said on standard error; then the exit status is 1.
    """
    place = where(database, settings)

    async def load() -> Boundaries:
        async with opened_to_read(place) as store:
            return await load_boundaries(
                store, place.precincts.boundaries, place.precincts.id_property
            )

    if not _find_all(run(load), sys.stdin):
        raise typer.Exit(EXIT_BAD_INPUT)


def _find_all(boundaries: Boundaries, lines: Iterable[str]) -> bool:
    good = True
    for number, row in enumerate(csv.reader(lines), 1):
        if not row or (number == 1 and [cell.strip() for cell in row[1:3]] == ["lat", "lon"]):
            continue
        point = _point(row)
        if point is None:
            complain(f"row {number}: expected id,lat,lon in WGS 84 degrees")
            good = False
            continue
        found = boundaries.find(*point)
        typer.echo(
            json.dumps(
                {
                    "id": row[0],
                    "precinct": found.precinct,
                    "runner_up": found.runner_up,
                    "metres_to_boundary": found.metres_to_boundary,
                },
                ensure_ascii=False,
            )
        )
    return good


def _point(row: list[str]) -> tuple[float, float] | None:
    if len(row) != 3:
        return None
    try:
        lat, lon = float(row[1]), float(row[2])
    except ValueError:
        return None
    fits = math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180
    return (lat, lon) if fits else None
