"""``callcenter roster``: who is on duty when, from files; and what will not work."""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from callcenter.commands.failure import complain, fail
from callcenter.commands.settings_option import SettingsOption, meant
from callcenter.precincts.city import load_territories
from callcenter.precincts.errors import PrecinctError
from callcenter.precincts.roster import Roster
from callcenter.rosters import moments
from callcenter.rosters.desk import MOST_FILE_CHARACTERS, RosterDesk
from callcenter.rosters.errors import FileRefused, RosterRefused
from callcenter.settings import Settings, SettingsError
from callcenter.store.database import Database
from callcenter.store.errors import StoreError
from callcenter.store.rosters import Rosters
from callcenter.store.tuning import TuningVersions
from callcenter.tuning import apply, files
from callcenter.tuning.errors import BadDocument, BadFile

EXIT_REFUSED = 1
EXIT_USAGE = 2

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(
    no_args_is_help=True,
    help="Officers, their shifts and absences: import them, look what will not work.",
    epilog="Example: callcenter roster import november.csv",
)


@app.command(
    "import", epilog="Example: callcenter roster import november.ics --time-zone Asia/Seoul"
)
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or iCalendar.")],
    time_zone: Annotated[
        str | None, typer.Option(help="Of times without one; the hotline's by default.")
    ] = None,
    try_only: Annotated[
        bool, typer.Option("--try", help="Say what it would change, and change nothing.")
    ] = False,
    settings: SettingsOption = None,
    as_json: AsJson = False,
) -> None:
    """Take over officers, shifts or absences from a file, whole or not at all.

    The columns of a CSV file tell what it holds: shifts (officer,from,to and perhaps
    precinct,role), absences (officer,from,to,absence) or officers (officer,name,precinct,numbers
    and perhaps role,language). What is there already stays; a running service follows within
    seconds.

    Exit status: 0 taken over, 1 refused (each wrong line is named), 2 wrong options or settings.
    """
    known = _settings(settings)
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            text = opened.read(MOST_FILE_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: {error}", EXIT_REFUSED)

    async def work(desk: RosterDesk) -> dict[str, int]:
        zone: ZoneInfo | None = moments.zone_named(time_zone) if time_zone else None
        return await desk.take_file(text, _who(), zone=zone, try_only=try_only)

    try:
        counts = _run(known, work)
    except FileRefused as refused:
        if as_json:
            faults = [{"line": fault.line, "why": fault.why} for fault in refused.faults]
            typer.echo(json.dumps({"faults": faults}, ensure_ascii=False))
        for fault in refused.faults:
            complain(f"{file}: {fault}")
        fail(f"{file}: nothing was taken over", EXIT_REFUSED)
    if as_json:
        typer.echo(json.dumps({"file": str(file), "tried": try_only} | counts))
        return
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    typer.echo(f"{file}: {told}{' (tried only)' if try_only else ''}")


@app.command(epilog="Example: callcenter roster check --days 14 --json")
def check(
    days: Annotated[float, typer.Option(min=0.1, max=31, help="How far to look ahead.")] = 7.0,
    settings: SettingsOption = None,
    as_json: AsJson = False,
) -> None:
    """Print hours with nobody on duty, and shifts that will not work, in the next days.

    Exit status: 0 all is well, 1 something was found, 2 wrong options or settings.
    """

    async def work(desk: RosterDesk) -> list[dict[str, Any]]:
        return [finding.shown(desk.zone) for finding in await desk.findings(days)]

    found = _run(_settings(settings), work)
    if as_json:
        typer.echo(json.dumps({"days": days, "findings": found}, ensure_ascii=False))
    else:
        for finding in found:
            typer.echo(f"{finding['from'][:16]} to {finding['to'][:16]}: {finding['text']}")
        if not found:
            typer.echo(f"nothing in the next {days:g} days")
    if found:
        raise typer.Exit(EXIT_REFUSED)


@app.command("list", epilog="Example: callcenter roster list --json")
def list_(settings: SettingsOption = None, as_json: AsJson = False) -> None:
    """List every officer: who is on duty now, as what, until when."""

    async def work(desk: RosterDesk) -> list[dict[str, Any]]:
        now = desk.clock()
        listed = []
        for officer in desk.officers:
            state = desk.plan.state_of(officer.id, now)
            until = state.until.astimezone(desk.zone).isoformat() if state and state.until else None
            on_duty = state and {"precinct": state.precinct, "role": state.role, "until": until}
            listed.append({**officer.shown(), "on_duty": on_duty})
        return listed

    for officer in (listed := _run(_settings(settings), work)):
        if as_json:
            continue
        on = officer["on_duty"]
        told = (
            f"{on['role']} in {on['precinct']} until {on['until'] or 'further notice'}"
            if on
            else "off duty"
        )
        typer.echo(f"{officer['id']}  {officer['name']}  {told}")
    if as_json:
        typer.echo(json.dumps({"officers": listed}, ensure_ascii=False))


def _who() -> str:
    try:
        return f"{getpass.getuser()} (command line)"
    except (OSError, KeyError):
        return "command line"


def _settings(option: Path | None) -> Settings:
    file = meant(option)
    if file is None:
        fail("no callcenter.toml here and no lab; name the settings with --settings", EXIT_USAGE)
    try:
        return Settings.load(file)
    except SettingsError as error:
        fail(error, EXIT_USAGE)


def _run(settings: Settings, work: Callable[[RosterDesk], Awaitable[Result]]) -> Result:
    async def open_and_work() -> Result:
        database = Database(settings.database)
        try:
            await database.open()
            return await work(await _desk(database, settings))
        finally:
            await database.close()

    try:
        return asyncio.run(open_and_work())
    except FileRefused:
        raise
    except (RosterRefused, PrecinctError, StoreError) as error:
        fail(error, EXIT_REFUSED)


async def _desk(database: Database, settings: Settings) -> RosterDesk:
    """The desk as the service has it, with the roster that is tuned."""
    place = settings.precincts
    territories = await load_territories(database, place.boundaries, place.id_property)
    desk = RosterDesk(
        Rosters(database), settings, precincts=territories.known, neighbours=territories.neighbours
    )
    standing: Roster | None = None
    if place.roster:
        standing = Roster.load(place.roster, settings.officers, precincts=territories.known)
    stored = await TuningVersions(database).newest()
    if stored is not None:
        try:
            document = files.migrated(stored.document or {}, stored.format)
            standing = apply.roster(document) or standing
            desk.zone = ZoneInfo(document.time_zone)
        except (BadDocument, BadFile) as error:
            complain(f"the tuned roster cannot be read: {error}")
    desk.set_standing(standing)
    await desk.load()
    return desk
