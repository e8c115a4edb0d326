"""`callcenter figures`: what the hotline answers for, of any period, from the journal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import structlog
import typer

from acd.figures import Figures
from callcenter.commands.failure import fail
from callcenter.commands.figure_lines import figure_lines
from callcenter.commands.settings_option import SettingsOption, meant
from callcenter.figures.lives import Lives
from callcenter.figures.period import Period, PeriodError
from callcenter.figures.reading import read_period
from callcenter.figures.report import Grouping, Measured, measured, report
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
EXIT_REFUSED = 1
EXIT_USAGE = 2
TITLE_CHARS = 12
COLUMNS_AT_MOST = 8
"""More groups than this are printed one below the other."""


class By(StrEnum):
    """What figures are given for one by one."""

    LINE = "line"
    QUEUE = "queue"
    SEAT = "seat"
    HALF_HOUR = "half_hour"


def figures(
    since: Annotated[
        str,
        typer.Option("--from", help="A moment or a date; by default today's midnight."),
    ] = "",
    until: Annotated[str, typer.Option("--to", help="A moment or a date; by default now.")] = "",
    by: Annotated[By | None, typer.Option(help="Figures of each, too.")] = None,
    settings: SettingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compute the figures of a period from the journal; the service may run meanwhile.

    Moments are RFC 3339; without a zone they are of the hotline's. Its time zone and the thresholds
    of service levels are the tuned ones in force; without any, those of the settings file.

    Exit status: 0 done, 1 the database does not answer, 2 wrong options or settings.
    """
    file = meant(settings)
    if file is None:
        fail("no callcenter.toml here and no lab; name the settings with --settings", EXIT_USAGE)
    try:
        known = Settings.load(file)
    except SettingsError as error:
        fail(error, EXIT_USAGE)
    try:
        found = asyncio.run(_read(known, since, until, datetime.now(UTC)))
    except PeriodError as error:
        fail(f"--{error}", EXIT_USAGE)
    except TuningError as error:
        fail(f"settings: {error}", EXIT_USAGE)
    except StoreError as error:
        fail(error, EXIT_REFUSED)
    lives, period, zone, thresholds_s = found
    grouping: Grouping | None = by.value if by else None
    if as_json:
        shown = report(lives, period, grouping, zone, thresholds_s)
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    told = measured(lives, period, grouping, zone, thresholds_s)
    typer.echo(f"Calls that arrived from {period.since:%F %T %Z} to {period.until:%F %T %Z}\n")
    columns = _columns(told, grouping)
    names = list(columns)
    for first in range(0, len(names), COLUMNS_AT_MOST):
        for line in figure_lines({n: columns[n] for n in names[first : first + COLUMNS_AT_MOST]}):
            typer.echo(line)
        typer.echo()


def _columns(found: Measured, by: Grouping | None) -> dict[str, Figures]:
    """Groups by titles that fit above a column."""
    columns = {"all": found.whole}
    for key, group in found.groups.items():
        # Of 2026-03-01T08:00+01:00 the day and the time.
        title = key[5:16] if by == "half_hour" else key[:TITLE_CHARS] or "none"
        while title in columns:
            title += "'"
        columns[title] = group
    return columns


async def _read(
    settings: Settings, since: str, until: str, now: datetime
) -> tuple[Lives, Period, ZoneInfo, Sequence[float]]:
    database = Database(settings.database, read_only=True)
    try:
        tuned = await in_force(settings, TuningVersions(database))
        zone = ZoneInfo(tuned.time_zone)
        period = Period.between(since, until, now, zone)
        lives = await read_period(JournalPages(database), period, now)
        return lives, period, zone, tuned.service_level.thresholds_s
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
