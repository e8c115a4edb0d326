"""Whether boundaries, gazetteer and roster can be read, as the service will read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from callcenter.checks.finding import Finding
from callcenter.precincts.city import load_territories
from callcenter.precincts.errors import PrecinctError
from callcenter.precincts.gazetteer_files import read_gazetteer
from callcenter.precincts.roster import Roster
from callcenter.precincts.territories import Territories
from callcenter.settings import Settings, SettingsError
from callcenter.store.database import Database
from callcenter.store.errors import DatabaseUnusable, StoreError


def look_at_places(settings: Settings) -> list[Finding]:
    """What is wrong with the files that the settings name; each names the place in the file."""
    return asyncio.run(_look(settings))


def refuse_wrong_places(settings: Settings) -> None:
    """For a start. Raises `SettingsError` with the first file that cannot be used."""
    for finding in look_at_places(settings):
        if finding.level == "error":
            raise SettingsError(finding.text)


async def _look(settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    place = settings.precincts
    territories: Territories | None = None
    async with _looked_into(settings.database, findings) as database:
        try:
            territories = await load_territories(database, place.boundaries, place.id_property)
        except PrecinctError as error:
            findings.append(Finding("error", "precincts.boundaries", str(error)))
        except StoreError as error:
            findings.append(Finding("warning", "database", str(error)))
        else:
            told = _count(territories)
            findings.append(Finding("ok", "precincts.boundaries", told))
    for file in place.gazetteer:
        try:
            told = f"{file}: {read_gazetteer(file).count} rows"
        except PrecinctError as error:
            findings.append(Finding("error", "precincts.gazetteer", str(error)))
        else:
            findings.append(Finding("ok", "precincts.gazetteer", told))
    # Where the database could not be read, imported precincts may be others than the file's.
    sure = territories and all(one.level == "ok" for one in findings if one.what == "database")
    findings.append(_roster(settings, territories if sure else None))
    return findings


def _roster(settings: Settings, territories: Territories | None) -> Finding:
    file = settings.precincts.roster
    try:
        Roster.load(file, settings.officers)
    except PrecinctError as error:
        return Finding("error", "precincts.roster", str(error))
    try:
        Roster.load(file, settings.officers, precincts=territories.known if territories else None)
    except PrecinctError as error:
        # A service starts all the same with boundaries that were imported meanwhile.
        lenient = territories is not None and territories.imported
        return Finding("warning" if lenient else "error", "precincts.roster", str(error))
    told = str(file or f"{len(settings.officers)} officers at all times")
    return Finding("ok", "precincts.roster", told)


def _count(territories: Territories) -> str:
    """How many areas of each kind hold."""
    first, *others = territories.kinds
    told = [f"{len(first.boundaries.ids)} precincts"]
    return ", ".join(told + [f"{each.kind}: {len(each.boundaries.ids)}" for each in others])


@asynccontextmanager
async def _looked_into(url: str, findings: list[Finding]) -> AsyncIterator[Database | None]:
    """The database, read only; None where there is none yet or it cannot be read now."""
    try:
        database = Database(url, read_only=True)
    except DatabaseUnusable as error:
        findings.append(Finding("error", "database", str(error)))
        yield None
        return
    if database.file and not database.file.exists():
        yield None
        return
    try:
        await database.open()
    except DatabaseUnusable as error:
        findings.append(Finding("error", "database", str(error)))
        yield None
    except StoreError as error:
        findings.append(Finding("warning", "database", str(error)))
        yield None
    else:
        findings.append(Finding("ok", "database", database.name))
        yield database
    finally:
        await database.close()
