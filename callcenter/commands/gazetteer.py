"""`callcenter gazetteer`: crossings, named places, house numbers and street names, in versions."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from callcenter.commands.city_options import (
    EXIT_BAD_INPUT,
    EXIT_USAGE,
    DatabaseOption,
    SettingsOption,
    opened,
    opened_to_read,
    run,
    where,
)
from callcenter.commands.failure import fail
from callcenter.precincts.datum import Datum
from callcenter.precincts.gazetteer_files import FIELDS, Examined, examine
from callcenter.store.gazetteer import GazetteerVersion, GazetteerVersions, GivenFile

BAD_ROWS_SHOWN = 20
"""So many wrong rows of a file are printed for a person; --json lists all."""
DATE = "%Y-%m-%d %H:%M"

app = typer.Typer(
    no_args_is_help=True,
    help="The gazetteer: streets, crossings and places that callers name.",
    epilog="Example: callcenter gazetteer import crossings.csv places.csv",
)
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable.")]
WhyOption = Annotated[str, typer.Option(help="Why, for whoever reads the list of versions later.")]


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
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the right rows although others are wrong.")
    ] = False,
    datum: Annotated[
        Datum,
        typer.Option(help="What the degrees refer to: Chinese maps shift them. Kept as WGS-84."),
    ] = Datum.WGS84,
    why: WhyOption = "",
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a version with these files, each in place of an earlier one of its name.

    All of them or none: wrong rows are listed, and nothing changes unless --skip-bad is said.
    Files that are there already, unchanged, make no version. Exit 1 when a row or file is wrong.
    """
    mapping = _mapping(columns or ())
    place = where(database, settings)
    options: dict[str, Any] = {"map": mapping}
    if datum is not Datum.WGS84:
        options["datum"] = datum.value
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        fail("two files have one name; each stands in place of the other", EXIT_USAGE)

    async def work() -> tuple[list[Examined], int | None, int]:
        read = [examine(file, mapping) for file in files]
        if any(found.bad for found in read) and not skip_bad:
            return read, None, -1
        given = [
            GivenFile(name, found.sha256, options, found.rows.in_wgs84(datum), len(found.bad))
            for name, found in zip(names, read, strict=True)
        ]
        async with opened(place.database) as store:
            versions = GazetteerVersions(store)
            made = await versions.take(given, who=getpass.getuser(), why=why, now=datetime.now(UTC))
            return read, made, await versions.newest_number()

    read, made, newest = run(work)
    refused = newest < 0
    for name, found in zip(names, read, strict=True):
        if as_json:
            version = None if refused else newest
            typer.echo(json.dumps(_told(name, found, version), ensure_ascii=False))
        else:
            _say(name, found, refused=refused)
    if refused:
        count = sum(len(found.bad) for found in read)
        fail(
            f"{count} wrong rows: nothing was imported; --skip-bad leaves them out", EXIT_BAD_INPUT
        )
    if not as_json:
        typer.echo(f"version {newest}" + ("" if made else ": the same files, nothing changed"))


@app.command(epilog="Example: callcenter gazetteer versions --json")
def versions(
    database: DatabaseOption = None, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List the versions, the newest (which is in use) first, with their files."""
    place = where(database, settings)

    async def work() -> list[GazetteerVersion]:
        async with opened_to_read(place) as store:
            return await GazetteerVersions(store).list() if store else []

    found = run(work)
    if as_json:
        for version in found:
            typer.echo(json.dumps(_version(version), ensure_ascii=False))
        return
    if not found:
        typer.echo("Nothing was imported: the city that comes with the product is in use.")
    for version in found:
        back = "" if version.restored is None else f", equals version {version.restored}"
        told = f": {version.why}" if version.why else ""
        typer.echo(f"{version.version}  {version.at:{DATE}} UTC  {version.who}{back}{told}")
        for file in version.files:
            left = f", {file.skipped} wrong ones left out" if file.skipped else ""
            typer.echo(f"    {file.name}: {file.row_count} rows{left}, {file.sha256[:12] or '-'}")


@app.command(epilog="Example: callcenter gazetteer restore 3")
def restore(
    version: Annotated[int, typer.Argument(min=0, help="0: the city of the product itself.")],
    why: WhyOption = "",
    database: DatabaseOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go back: make a new version that equals an earlier one."""
    place = where(database, settings)

    async def work() -> int | None:
        async with opened(place.database) as store:
            return await GazetteerVersions(store).restore(
                version, who=getpass.getuser(), why=why, now=datetime.now(UTC)
            )

    made = run(work)
    if made is None:
        fail(f"there is no version {version}; see callcenter gazetteer versions", EXIT_BAD_INPUT)
    if as_json:
        typer.echo(json.dumps({"version": made, "restored": version}))
    else:
        typer.echo(f"version {made} equals version {version}")


def _mapping(pairs: list[str] | tuple[()]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, mark, column = pair.partition("=")
        if not (mark and field and column):
            fail(f"--map {pair}: expected FIELD=COLUMN", EXIT_USAGE)
        mapping[field.strip()] = column.strip()
    return mapping


def _counts(found: Examined) -> dict[str, int]:
    return {
        "crossings": len(found.rows.crossings),
        "places": len(found.rows.landmarks),
        "house_numbers": len(found.rows.addresses),
        "spellings": len(found.rows.spellings),
        "neighbourhoods": len(found.rows.neighbourhoods),
    }


def _told(name: str, found: Examined, version: int | None) -> dict[str, Any]:
    return {
        "file": name,
        "sha256": found.sha256,
        **_counts(found),
        "version": version,
        "bad": [{"line": bad.line, "where": bad.where, "reason": bad.reason} for bad in found.bad],
    }


def _say(name: str, found: Examined, *, refused: bool) -> None:
    for bad in found.bad[:BAD_ROWS_SHOWN]:
        typer.echo(f"{name}: {bad.where}: {bad.reason}", err=True)
    if len(found.bad) > BAD_ROWS_SHOWN:
        more = len(found.bad) - BAD_ROWS_SHOWN
        typer.echo(f"{name}: and {more} more wrong rows; --json lists all", err=True)
    if refused:
        return
    told = ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in _counts(found).items() if n)
    left = f"; {len(found.bad)} wrong rows left out" if found.bad else ""
    typer.echo(f"{name}: {told or 'no rows'} imported{left}")


def _version(version: GazetteerVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "at": version.at.isoformat().replace("+00:00", "Z"),
        "who": version.who,
        "why": version.why,
        "restored": version.restored,
        "files": [
            {
                "name": file.name,
                "sha256": file.sha256 or None,
                "rows": file.row_count,
                "skipped": file.skipped,
                "options": json.loads(file.options),
            }
            for file in version.files
        ],
    }
