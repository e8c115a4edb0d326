"""`callcenter precincts`: check and import boundaries, and find the precinct of points."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from callcenter.commands.city_options import (
    EXIT_BAD_INPUT,
    EXIT_USAGE,
    DatabaseOption,
    SettingsOption,
    Where,
    opened,
    opened_to_read,
    run,
    where,
)
from callcenter.commands.failure import complain, fail
from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.boundary_faults import Examined, examine_file
from callcenter.precincts.city import load_boundaries
from callcenter.precincts.datum import Datum
from callcenter.precincts.drawn_areas import FaultKind
from callcenter.store.places import Places

FAULTS_SHOWN = 10
"""So many faults of a kind are printed for a person; --json lists all."""

app = typer.Typer(
    no_args_is_help=True,
    help="Precinct boundaries: check and import them, and find the precinct of a point.",
    epilog="Example: callcenter precincts import precincts.geojson --id-property precinct",
)


IdPropertyOption = Annotated[
    str, typer.Option("--id-property", help="The property that holds an area's id.")
]
DatumOption = Annotated[
    Datum | None,
    typer.Option(
        help="What the degrees refer to, for files that do not say so. Kept as WGS-84.",
    ),
]
NearOption = Annotated[
    str | None,
    typer.Option(
        "--near",
        metavar="LAT,LON",
        help="A point of the city, to tell latitude from longitude by; default: the city in use.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable.")]
FILE_HELP = "GeoJSON (plain or gzip), or a shapefile (.shp, or its parts in a zip)."


@app.command(epilog="Example: callcenter precincts check districts.zip --id-property adcode --json")
def check(
    file: Annotated[Path, typer.Argument(help=FILE_HELP)],
    id_property: IdPropertyOption = "precinct",
    datum: DatumOption = None,
    near: NearOption = None,
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every fault of a boundary file with its place. Exit 1 when it would be refused."""
    examined = _examined(file, id_property, datum, near, where(database, settings))
    if as_json:
        typer.echo(json.dumps(_told(examined), ensure_ascii=False))
    else:
        _list_faults(examined)
        good = f"{len(examined.areas)} areas can be used" if not examined.refused else "refused"
        typer.echo(f"{file}: {good}; {len(examined.faults)} faults")
    if examined.refused:
        raise typer.Exit(EXIT_BAD_INPUT)


@app.command(
    "import",
    epilog="Example: callcenter precincts import districts.json --id-property adcode",
)
def import_(
    file: Annotated[Path, typer.Argument(help=FILE_HELP)],
    id_property: IdPropertyOption = "precinct",
    datum: DatumOption = None,
    near: NearOption = None,
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import boundaries in place of all earlier ones.

    Every fault is listed. Nothing is imported, and the exit status is 1, when one of them would
    make answers wrong.
    """
    place = where(database, settings)
    examined = _examined(file, id_property, datum, near, place)
    if not as_json:
        _list_faults(examined)
    if examined.refused:
        if as_json:
            typer.echo(json.dumps(_told(examined), ensure_ascii=False))
        count = sum(fault.refuses for fault in examined.faults)
        fail(f"{file}: {count} faults: nothing was imported", EXIT_BAD_INPUT)

    async def work() -> Boundaries:
        boundaries = examined.boundaries()
        async with opened(place.database) as store:
            await Places(store).replace_precincts(boundaries.geojson()["features"])
        return boundaries

    ids = run(work).ids
    if as_json:
        typer.echo(json.dumps(_told(examined) | {"precincts": len(ids)}, ensure_ascii=False))
    else:
        typer.echo(f"{file}: {len(ids)} precincts imported")


@app.command(epilog="Example: echo 'here,40.7572,-73.9898' | callcenter precincts find")
def find(database: DatabaseOption = None, settings: SettingsOption = None) -> None:
    """Read id,lat,lon rows on standard input; print a JSON line for each.

    A row that is none of these is said on standard error; then the exit status is 1.
    """
    place = where(database, settings)

    if not _find_all(_in_use(place), sys.stdin):
        raise typer.Exit(EXIT_BAD_INPUT)


def _in_use(place: Where) -> Boundaries:
    async def load() -> Boundaries:
        async with opened_to_read(place) as store:
            return await load_boundaries(
                store, place.precincts.boundaries, place.precincts.id_property
            )

    return run(load)


def _examined(
    file: Path, id_property: str, datum: Datum | None, near: str | None, place: Where
) -> Examined:
    if near is not None:
        point = _point(["", *near.split(",")])
        if point is None:
            fail(f"--near {near}: expected LAT,LON in degrees", EXIT_USAGE)
    else:
        point = _in_use(place).centre

    async def examine() -> Examined:
        return examine_file(file, id_property, datum=datum, near=point)

    return run(examine)


def _told(examined: Examined) -> dict[str, Any]:
    return {
        "file": examined.source,
        "sha256": examined.sha256,
        "datum": examined.datum.value,
        "areas": len(examined.areas),
        "refused": examined.refused,
        "faults": [fault.to_json() for fault in examined.faults],
    }


def _list_faults(examined: Examined) -> None:
    """Print faults, of each kind the first ones: one mistake often makes thousands."""
    for kind in FaultKind:
        found = [fault for fault in examined.faults if fault.kind is kind]
        for fault in found[:FAULTS_SHOWN]:
            typer.echo(f"{'' if fault.refuses else 'warning: '}{fault}", err=True)
        if len(found) > FAULTS_SHOWN:
            more = len(found) - FAULTS_SHOWN
            typer.echo(f"{kind.value}: and {more} more; --json lists all", err=True)


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
