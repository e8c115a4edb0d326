"""`callcenter figures`: what the hotline answers for, of any period, from the journal."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final, get_args
from zoneinfo import ZoneInfo

import structlog
import typer

from acd.figures import DEFINITIONS
from callcenter.commands.failure import fail
from callcenter.commands.figure_lines import figure_lines
from callcenter.commands.settings_option import SettingsOption, meant
from callcenter.figures.officer_report import DEFINITIONS as OFFICER_DEFINITIONS
from callcenter.figures.officer_report import OfficerGrouping, officer_report
from callcenter.figures.period import Period, PeriodError
from callcenter.figures.reading import read_officers, read_period
from callcenter.figures.report import Grouping, report
from callcenter.settings import Settings, SettingsError
from callcenter.store.database import Database
from callcenter.store.errors import StoreError
from callcenter.store.journal_pages import JournalPages
from callcenter.store.tuning import TuningVersions
from callcenter.tuning.document import Document
from callcenter.tuning.errors import TuningError
from callcenter.tuning.files import migrated
from callcenter.tuning.first import first_document

log = structlog.get_logger(__name__)

EXAMPLE = "Example: callcenter figures --from 2026-03-01 --to 2026-03-02 --by queue --json"
OF_CALLS: Final = get_args(Grouping)
OF_OFFICERS: Final = get_args(OfficerGrouping)
EXIT_REFUSED = 1
EXIT_USAGE = 2
TITLE_CHARS = 12
COLUMNS_AT_MOST = 8
"""More groups than this are printed one below the other."""


def figures(
    since: Annotated[
        str,
        typer.Option("--from", help="A moment or a date; by default today's midnight."),
    ] = "",
    until: Annotated[str, typer.Option("--to", help="A moment or a date; by default now.")] = "",
    officers: Annotated[
        bool, typer.Option("--officers", help="Of the hunts for officers, instead of calls.")
    ] = False,
    by: Annotated[
        str,
        typer.Option(
            metavar="|".join(dict.fromkeys((*OF_CALLS, *OF_OFFICERS))), help="Figures of each, too."
        ),
    ] = "",
    settings: SettingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compute the figures of a period from the journal; the service may run meanwhile.

    Moments are RFC 3339; without a zone they are of the hotline's. Its time zone and the thresholds
    of service levels are the tuned ones in force; without any, those of the settings file. Calls
    are divided by line, queue, seat or half_hour; hunts for officers by rung, officer, precinct,
    category, level, line or hour.

    Exit status: 0 done, 1 the database does not answer, 2 wrong options or settings.
    """
    groupings = OF_OFFICERS if officers else OF_CALLS
    if by and by not in groupings:
        of = "hunts for officers are" if officers else "calls are"
        fail(f"--by {by}: {of} divided by {', '.join(groupings)}", EXIT_USAGE)
    file = meant(settings)
    if file is None:
        fail("no callcenter.toml here and no lab; name the settings with --settings", EXIT_USAGE)
    try:
        known = Settings.load(file)
    except SettingsError as error:
        fail(error, EXIT_USAGE)
    try:
        shown = asyncio.run(_read(known, since, until, datetime.now(UTC), by or None, officers))
    except PeriodError as error:
        fail(f"--{error}", EXIT_USAGE)
    except TuningError as error:
        fail(f"settings: {error}", EXIT_USAGE)
    except StoreError as error:
        fail(error, EXIT_REFUSED)
    if as_json:
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    begin, end = (datetime.fromisoformat(shown[name]) for name in ("from", "to"))
    typer.echo(f"Calls that arrived from {begin:%F %T %Z} to {end:%F %T %z}\n")
    columns = _columns(shown)
    names = list(columns)
    for first in range(0, len(names), COLUMNS_AT_MOST):
        part = {n: columns[n] for n in names[first : first + COLUMNS_AT_MOST]}
        for line in figure_lines(part, OFFICER_DEFINITIONS if officers else DEFINITIONS):
            typer.echo(line)
        typer.echo()


def _columns(shown: dict[str, Any]) -> dict[str, dict[str, object]]:
    """Groups by titles that fit above a column."""
    columns: dict[str, dict[str, object]] = {"all": shown["figures"]}
    for group in shown["groups"]:
        # Of 2026-03-01T08:00+01:00 the day and the time.
        key = group["key"]
        title = key[5:16] if shown["by"] == "half_hour" else key[:TITLE_CHARS] or "none"
        while title in columns:
            title += "'"
        columns[title] = group["figures"]
    return columns


async def _read(
    settings: Settings, since: str, until: str, now: datetime, by: Any, officers: bool
) -> dict[str, Any]:
    database = Database(settings.database, read_only=True)
    try:
        tuned = await in_force(settings, TuningVersions(database))
        zone = ZoneInfo(tuned.time_zone)
        period = Period.between(since, until, now, zone)
        pages = JournalPages(database)
        if officers:
            return officer_report(await read_officers(pages, period), period, by, zone)
        lives = await read_period(pages, period, now)
        return report(lives, period, by, zone, tuned.service_level.thresholds_s)
    finally:
        await database.close()


async def in_force(settings: Settings, versions: TuningVersions) -> Document:
    """The newest document that can be used, as a service that starts now would have it."""
    try:
        stored = await versions.newest()
        if stored is not None:
            return migrated(stored.document or {}, stored.format)
    except (TuningError, StoreError) as error:
        # A database that does not answer is said by whoever reads the calls.
        log.warning("tuning.not_loaded", why=str(error))
    return first_document(settings)
