"""`callcenter precincts`: check and import boundaries, and find the precinct of points."""

from __future__ import annotations

import csv
import enum
import getpass
import json
import math
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callcenter.commands.boundary_lines import (
    examined_json,
    fault_lines,
    states,
    version_json,
    version_line,
)
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
from callcenter.precincts.city import load_territories
from callcenter.precincts.datum import Datum
from callcenter.precincts.drawn_areas import FaultKind
from callcenter.precincts.territories import KIND_ID, PRECINCT, Territories
from callcenter.store.boundaries import LABEL_CHARS, BoundaryVersion, BoundaryVersions, GivenSet

FAULTS_KEPT = 1000
"""So many faults are kept with a version, to be seen on its map."""


class Acceptable(enum.StrEnum):
    """Faults that a person may take all the same."""

    overlap = "overlap"


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
KindOption = Annotated[
    str,
    typer.Option(
        "--kind", help="What the areas are: precinct, or an id of your own such as traffic_section."
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="WHEN",
        help="From when they hold: 2026-12-01 or 2026-12-01T06:00, in the hotline's time zone.",
    ),
]
WhyOption = Annotated[str, typer.Option(help="Why, for whoever reads the list of versions later.")]
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
        typer.echo(json.dumps(examined_json(examined), ensure_ascii=False))
    else:
        _list(examined)
        good = f"{len(examined.areas)} areas can be used" if not examined.refused else "refused"
        typer.echo(f"{file}: {good}; {len(examined.faults)} faults")
    if examined.refused:
        raise typer.Exit(EXIT_BAD_INPUT)


@app.command(
    "import",
    epilog="Example: callcenter precincts import sections.zip --id-property nr "
    "--kind traffic_section --from 2026-12-01",
)
def import_(
    file: Annotated[Path, typer.Argument(help=FILE_HELP)],
    id_property: IdPropertyOption = "precinct",
    datum: DatumOption = None,
    near: NearOption = None,
    kind: KindOption = PRECINCT,
    label: Annotated[
        str | None, typer.Option(help="What people read for the kind, such as 'traffic section'.")
    ] = None,
    holds_from: FromOption = None,
    accept: Annotated[
        list[Acceptable] | None,
        typer.Option(help="Take a file with such faults all the same."),
    ] = None,
    why: WhyOption = "",
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import boundaries of a kind, in place of its earlier ones from the moment on that is said.

    Every fault is listed. Nothing is imported, and the exit status is 1, when one of them would
    make answers wrong. A running service takes them over within seconds.
    """
    place = where(database, settings)
    _look_at_kind(kind, label)
    begins = _begins(holds_from, place)
    examined = _examined(file, id_property, datum, near, place)
    for accepted in accept or ():
        examined.accept(FaultKind(accepted.value))
    if not as_json:
        _list(examined)
    if examined.refused:
        if as_json:
            typer.echo(json.dumps(examined_json(examined), ensure_ascii=False))
        count = sum(fault.refuses for fault in examined.faults)
        fail(f"{file}: {count} faults: nothing was imported", EXIT_BAD_INPUT)
    given = GivenSet(
        file.name,
        examined.sha256,
        {"id_property": id_property, "datum": examined.datum.value},
        examined.boundaries().geojson()["features"],
        [fault.drawn_json() for fault in examined.faults[:FAULTS_KEPT]],
    )
    count = len(given.features)

    async def work() -> int:
        now = datetime.now(UTC)
        async with opened(place.database) as store:
            return await BoundaryVersions(store).add(
                kind,
                given,
                label=label,
                holds_from=begins or now,
                who=getpass.getuser(),
                why=why,
                now=now,
            )

    version = run(work)
    if as_json:
        made = {"kind": kind, "version": version, "precincts": count}
        typer.echo(json.dumps(examined_json(examined) | made, ensure_ascii=False))
    else:
        what = "precincts" if kind == PRECINCT else f"areas of kind {kind}"
        when = f", from {begins.isoformat(timespec='minutes')} on" if begins else ""
        typer.echo(f"{file}: {count} {what} imported as version {version}{when}")


@app.command(epilog="Example: callcenter precincts versions --kind traffic_section --json")
def versions(
    kind: Annotated[str | None, typer.Option(help="Of this kind only.")] = None,
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the versions of boundaries, newest first, and which of them hold or are planned."""
    place = where(database, settings)

    async def work() -> list[BoundaryVersion]:
        async with opened_to_read(place) as store:
            return await BoundaryVersions(store).kept() if store else []

    found = run(work)
    state = states(found, datetime.now(UTC))
    if not found and not as_json:
        typer.echo("Nothing was imported: the precincts that come with the product are in use.")
    for each in found:
        if kind in (None, each.kind):
            if as_json:
                told = version_json(each, state[each.version])
                typer.echo(json.dumps(told, ensure_ascii=False))
            else:
                typer.echo(version_line(each, state[each.version]))


@app.command(epilog="Example: callcenter precincts restore 3 --why 'the new sections are wrong'")
def restore(
    version: Annotated[int, typer.Argument(min=0, help="0: as if nothing had been imported.")],
    kind: Annotated[
        str, typer.Option(help="Whose imports to set aside, with version 0.")
    ] = PRECINCT,
    holds_from: FromOption = None,
    why: WhyOption = "",
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go back: make a new version that equals an earlier one."""
    place = where(database, settings)
    begins = _begins(holds_from, place)

    async def work() -> int | None:
        now = datetime.now(UTC)
        async with opened(place.database) as store:
            return await BoundaryVersions(store).restore(
                version,
                kind=kind,
                holds_from=begins or now,
                who=getpass.getuser(),
                why=why,
                now=now,
            )

    made = run(work)
    if made is None:
        fail(f"there is no version {version}; see callcenter precincts versions", EXIT_BAD_INPUT)
    if as_json:
        typer.echo(json.dumps({"version": made, "restored": version}))
    else:
        typer.echo(f"version {made} equals version {version}")


@app.command(epilog="Example: echo 'here,40.7572,-73.9898' | callcenter precincts find")
def find(
    kind: KindOption = PRECINCT,
    database: DatabaseOption = None,
    settings: SettingsOption = None,
) -> None:
    """Read id,lat,lon rows on standard input; print a JSON line for each.

    A row that is none of these is said on standard error; then the exit status is 1.
    """
    held = _in_use(where(database, settings)).of(kind)
    if held is None:
        fail(f"no boundaries of kind {kind} hold; see callcenter precincts versions", EXIT_USAGE)
    if not _find_all(held.boundaries, sys.stdin):
        raise typer.Exit(EXIT_BAD_INPUT)


def _in_use(place: Where) -> Territories:
    async def load() -> Territories:
        async with opened_to_read(place) as store:
            return await load_territories(
                store, place.precincts.boundaries, place.precincts.id_property
            )

    return run(load)


def _look_at_kind(kind: str, label: str | None) -> None:
    if not KIND_ID.fullmatch(kind):
        fail(f"--kind {kind}: expected small letters, digits and _, 32 at most", EXIT_USAGE)
    if label is not None and not 0 < len(label.strip()) <= LABEL_CHARS:
        fail(f"--label: expected 1 to {LABEL_CHARS} characters", EXIT_USAGE)


def _begins(text: str | None, place: Where) -> datetime | None:
    """The moment from which boundaries are to hold; None: now."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--from {text}: expected a date or time such as 2026-12-01T06:00", EXIT_USAGE)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=place.zone)
    if moment < datetime.now(UTC):
        fail(f"--from {text}: has passed; leave it out to begin now", EXIT_USAGE)
    return moment


def _examined(
    file: Path, id_property: str, datum: Datum | None, near: str | None, place: Where
) -> Examined:
    if near is not None:
        point = _point(["", *near.split(",")])
        if point is None:
            fail(f"--near {near}: expected LAT,LON in degrees", EXIT_USAGE)
    else:
        point = _in_use(place).precincts.centre

    async def examine() -> Examined:
        return examine_file(file, id_property, datum=datum, near=point)

    return run(examine)


def _list(examined: Examined) -> None:
    for line in fault_lines(examined):
        typer.echo(line, err=True)


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
