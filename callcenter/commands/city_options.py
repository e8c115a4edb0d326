"""What the commands about places share: the options, the database, and how failures are said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from callcenter.commands.failure import fail
from callcenter.commands.settings_option import HERE
from callcenter.incidents.errors import IncidentError
from callcenter.precincts.errors import PrecinctError
from callcenter.settings import Precincts, Settings, SettingsError
from callcenter.store.database import Database
from callcenter.store.errors import StoreError

EXIT_BAD_INPUT = 1
EXIT_USAGE = 2
Result = TypeVar("Result")

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="Database to use instead of the configured one, such as sqlite+aiosqlite:///x.db.",
    ),
]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help=f"Settings file; default: {HERE} where there is one."),
]


@dataclass(frozen=True, slots=True)
class Where:
    """Which database, and what the settings say of places."""

    database: str
    precincts: Precincts
    zone: tzinfo = UTC
    """In which times without a zone are meant."""

    def exists(self) -> bool:
        """Whether reading can find anything there: a file that is absent holds no imports."""
        file = Database(self.database).file
        return file is None or file.exists()


def where(database: str | None, file: Path | None) -> Where:
    """The database and place settings that the options mean; exits with 2 on wrong settings.

    Not the lab's: a city that is imported without a word of where must not become the lab's.
    """
    if file is None and HERE.exists():
        file = HERE
    if file is None:
        default: str = Settings.model_fields["database"].default
        return Where(database or default, Precincts())
    try:
        settings = Settings.load(file)
    except SettingsError as error:
        fail(error, EXIT_USAGE)
    return Where(database or settings.database, settings.precincts, settings.zone)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A database, closed at the end."""
    database = Database(url)
    try:
        await database.open()
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def opened_to_read(place: Where) -> AsyncIterator[Database | None]:
    """A database to look into, or None when there is none yet (none is made)."""
    if not place.exists():
        yield None
        return
    async with opened(place.database) as database:
        yield database


def run(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run; what is wrong with files, settings or database is said, and the exit status is 1."""
    try:
        return asyncio.run(work())
    except (PrecinctError, IncidentError, StoreError) as error:
        fail(error, EXIT_BAD_INPUT)
