"""``callcenter incidents``: records of a period, out of the database and into a file."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO
from zoneinfo import ZoneInfo

import typer

from callcenter.commands.failure import fail
from callcenter.commands.figures import in_force
from callcenter.commands.settings_option import SettingsOption, meant
from callcenter.figures.period import Period, PeriodError
from callcenter.incidents.record import CATEGORIES
from callcenter.records import csv_lines
from callcenter.records.summaries import line, summary
from callcenter.settings import Settings, SettingsError
from callcenter.store.database import Database
from callcenter.store.errors import StoreError, StoreUnavailable
from callcenter.store.incident_pages import Incident, IncidentPages, Search
from callcenter.store.journal import Journal
from callcenter.store.tuning import TuningVersions
from callcenter.tuning.errors import TuningError

EXAMPLE = "Example: callcenter incidents export --from 2026-03-01 --to 2026-04-01 --csv > march.csv"
EXIT_REFUSED = 1
EXIT_USAGE = 2
JOURNAL_WITHIN_S = 10.0

app = typer.Typer(no_args_is_help=True, help="Records of incidents.", epilog=EXAMPLE)


@app.callback()
def incidents() -> None:
    """Records of incidents."""


@app.command(epilog=EXAMPLE)
def export(
    since: Annotated[
        str,
        typer.Option("--from", help="A moment or a date; by default today's midnight."),
    ] = "",
    until: Annotated[str, typer.Option("--to", help="A moment or a date; by default now.")] = "",
    category: Annotated[str, typer.Option(help="Only incidents of this kind.")] = "",
    precinct: Annotated[str, typer.Option(help="Only those in this precinct.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="One line an incident (default).")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with the whole records.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="A file that is not there yet; else printed.")
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """Write the incidents that began in a period, the oldest first; the service may run meanwhile.

    Moments are RFC 3339; without a zone they are of the hotline's. That somebody exported is
    written into the journal before the first line is.

    Exit status: 0 done, 1 the database does not answer or the file cannot be written, 2 wrong
    options or settings.
    """
    if as_csv and as_json:
        fail("--csv or --json, not both", EXIT_USAGE)
    if category and category not in CATEGORIES:
        fail(f"--category: expected one of {', '.join(CATEGORIES)}", EXIT_USAGE)
    file = meant(settings)
    if file is None:
        fail("no callcenter.toml here and no lab; name the settings with --settings", EXIT_USAGE)
    try:
        known = Settings.load(file)
    except SettingsError as error:
        fail(error, EXIT_USAGE)
    try:
        asyncio.run(_export(known, (since, until), (category, precinct), as_json, out))
    except PeriodError as error:
        fail(f"--{error}", EXIT_USAGE)
    except TuningError as error:
        fail(f"settings: {error}", EXIT_USAGE)
    except (StoreError, OSError) as error:
        fail(error, EXIT_REFUSED)


async def _export(
    settings: Settings,
    between: tuple[str, str],
    wanted: tuple[str, str],
    as_json: bool,
    out: Path | None,
) -> None:
    database = Database(settings.database, read_only=True)
    try:
        tuned = await in_force(settings, TuningVersions(database))
        period = Period.between(*between, datetime.now(UTC), ZoneInfo(tuned.time_zone))
        category, precinct = wanted
        search = Search(period.since, period.until, category or None, precinct or None)
        pages = IncidentPages(database).all(search)
        await _note(settings, search, "json" if as_json else "csv")
        if out is None:
            await _write(pages, as_json, sys.stdout)
            return
        with await asyncio.to_thread(_new_file, out) as target:
            await _write(pages, as_json, target)
    finally:
        await database.close()


def _new_file(file: Path) -> TextIO:
    # Records are nobody else's to read.
    file.touch(mode=0o600, exist_ok=False)
    return file.open("w", encoding="utf-8", newline="")


async def _write(pages: AsyncIterator[list[Incident]], as_json: bool, target: TextIO) -> None:
    if not as_json:
        target.write(csv_lines.heading())
    async for page in pages:
        if not as_json:
            target.write(csv_lines.lines(line(calls) for calls in page))
            continue
        for calls in page:
            records = {call.id: call.detail.get("incident") for call in calls}
            whole = summary(calls) | {"records": records}
            text = json.dumps(whole, ensure_ascii=False, default=str)
            # Half a surrogate pair, which no UTF-8 can hold, may be in what was typed.
            target.write(text.encode("utf-8", "replace").decode() + "\n")
    target.flush()


async def _note(settings: Settings, search: Search, form: str) -> None:
    """Journal the export; without that nothing is exported.

    Raises:
        StoreUnavailable: the note was not committed.
    """
    database = Database(settings.database)
    with tempfile.TemporaryDirectory() as folder:
        # The service has a spill file of its own beside the database.
        journal = Journal(database, Path(folder) / "spill.jsonl")
        await journal.start()
        said = {
            "by": f"{getpass.getuser()} (command line)",
            "format": form,
            "from": search.since.isoformat(),
            "to": search.until.isoformat(),
            **({"category": search.category} if search.category else {}),
            **({"precinct": search.precinct} if search.precinct else {}),
        }
        journal.note(None, "records.exported", said)
        committed = await journal.flush(JOURNAL_WITHIN_S)
        await journal.stop(0.5)
        await database.close()
    if not committed:
        raise StoreUnavailable(
            "the journal cannot be written, and nothing is exported without a note of it"
        )
