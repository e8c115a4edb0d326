"""What the commands about places share: the options, the database, and how failures are said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from callcenter.incidents.errors import IncidentError
from callcenter.precincts.errors import PrecinctError
from callcenter.settings import Precincts, Settings, SettingsError
from callcenter.store.database import Database
from callcenter.store.errors import StoreError

EXIT_BAD_INPUT = 1
EXIT_USAGE = 2
DEFAULT_CONFIG = Path("callcenter.toml")
Result = TypeVar("Result")

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="Database to use instead of the configured one, such as sqlite+aiosqlite:///x.db.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help=f"Settings file; default: {DEFAULT_CONFIG} where there is one."),
]


@dataclass(frozen=True, slots=True)
class Where:
    """Which database, and what the settings say of places."""

    database: str
    precincts: Precincts

    def exists(self) -> bool:
        """Whether reading can find anything there: a file that is absent holds no imports."""
        file = Database(self.database).file
        return file is None or file.exists()


def where(database: str | None, config: Path | None) -> Where:
    """The database and place settings that the options mean; exits with 2 on wrong settings."""
    if config is None and DEFAULT_CONFIG.exists():
        config = DEFAULT_CONFIG
    if config is None:
        default: str = Settings.model_fields["database"].default
        return Where(database or default, Precincts())
    try:
        settings = Settings.load(config)
    except SettingsError as error:
        typer.echo(f"callcenter: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    return Where(database or settings.database, settings.precincts)


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
        typer.echo(f"callcenter: {error}", err=True)
        raise typer.Exit(EXIT_BAD_INPUT) from None
