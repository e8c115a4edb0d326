"""``callcenter people``: who may sign in to the console, and as what."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from callcenter.commands.failure import fail
from callcenter.commands.settings_option import SettingsOption, meant
from callcenter.settings import Settings, SettingsError
from callcenter.store.database import Database
from callcenter.store.errors import StoreError
from callcenter.store.people import People, Person, Role
from callcenter.store.rosters import Rosters

EXIT_REFUSED = 1
EXIT_USAGE = 2
PASSWORD_BYTES = 12

Result = TypeVar("Result")
Name = Annotated[str, typer.Argument(help="The name that is typed to sign in.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input, one line."),
]

app = typer.Typer(
    no_args_is_help=True,
    help="Who may sign in. Users of seats and officers, and admin, the service makes by itself.",
    epilog="Example: callcenter people add ann --role supervisor",
)


@app.command(epilog="Example: callcenter people add ann --role supervisor")
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")],
    seat: Annotated[str | None, typer.Option(help="An operator's own seat.")] = None,
    officer: Annotated[
        str | None, typer.Option(help="Which officer of the settings or the roster it is.")
    ] = None,
    password_stdin: PasswordStdin = False,
    settings: SettingsOption = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody sign in; a password that is generated is printed, this once.

    Exit status: 0 done, 1 refused (the name is taken, the password too short, the database does
    not answer), 2 wrong options or settings.
    """
    known = _settings(settings)
    _check_place(known, role, seat, officer, _officers(known, officer))
    password = _password(password_stdin)

    def work(people: People) -> Awaitable[Person]:
        return people.add(name, role, password, seat=seat, officer=officer)

    person = _run(known, work)
    _tell(asdict(person), f"{name}: {role.value}", password, password_stdin, as_json)


@app.command("list", epilog="Example: callcenter people list --json")
def list_(settings: SettingsOption = None, as_json: AsJson = False) -> None:
    """List everybody who may sign in."""
    people = _run(_settings(settings), lambda people: people.all())
    if as_json:
        typer.echo(json.dumps([asdict(person) for person in people]))
        return
    for person in people:
        typer.echo("  ".join(filter(None, (person.name, person.role, person.seat, person.officer))))


@app.command(epilog="Example: callcenter people set-password ann")
def set_password(
    name: Name,
    password_stdin: PasswordStdin = False,
    settings: SettingsOption = None,
    as_json: AsJson = False,
) -> None:
    """Give somebody another password and end their sessions. Exit status as of `add`."""
    known = _settings(settings)
    password = _password(password_stdin)
    _run(known, lambda people: people.set_password(name, password))
    _tell({"name": name}, name, password, password_stdin, as_json)


@app.command(epilog="Example: callcenter people remove ann")
def remove(name: Name, settings: SettingsOption = None) -> None:
    """Let somebody sign in no more. Exit status as of `add`.

    The service makes users of seats and officers, and admin, again when it starts: give such a
    one another password instead.
    """
    _run(_settings(settings), lambda people: people.remove(name))
    typer.echo(f"{name}: removed")


def _settings(option: Path | None) -> Settings:
    file = meant(option)
    if file is None:
        fail("no callcenter.toml here and no lab; name the settings with --settings", EXIT_USAGE)
    try:
        return Settings.load(file)
    except SettingsError as error:
        fail(error, EXIT_USAGE)


def _officers(settings: Settings, wanted: str | None) -> list[str]:
    """Officers of the settings and, where that is not enough, of the roster."""
    known = [officer.id for officer in settings.officers]
    if wanted is None or wanted in known:
        return known

    async def read() -> list[str]:
        database = Database(settings.database)
        try:
            await database.open()
            now = datetime.now(UTC)
            return sorted((await Rosters(database).read(now, now)).officers)
        finally:
            await database.close()

    try:
        return sorted({*known, *asyncio.run(read())})
    except StoreError as error:
        fail(error, EXIT_REFUSED)


def _check_place(
    settings: Settings,
    role: Role,
    seat: str | None,
    officer: str | None,
    officers: list[str],
) -> None:
    """A seat is an operator's and an officer's id an officer's, and both are known."""
    for option, value, its_role, known in (
        ("--seat", seat, Role.OPERATOR, [seat.id for seat in settings.seats]),
        ("--officer", officer, Role.OFFICER, officers),
    ):
        if value is None and role is its_role:
            fail(f"--role {role.value} needs {option}: which one they are", EXIT_USAGE)
        if value is not None and role is not its_role:
            fail(f"{option} goes with --role {its_role.value} only", EXIT_USAGE)
        if value is not None and value not in known:
            choice = ", ".join(known) or "(there is none)"
            fail(f"{option} {value}: expected one of {choice}", EXIT_USAGE)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _run(settings: Settings, work: Callable[[People], Awaitable[Result]]) -> Result:
    async def open_and_work() -> Result:
        database = Database(settings.database)
        try:
            await database.open()
            return await work(People(database))
        finally:
            await database.close()

    try:
        return asyncio.run(open_and_work())
    except StoreError as error:
        fail(error, EXIT_REFUSED)


def _tell(
    person: dict[str, str | None], text: str, password: str, was_given: bool, as_json: bool
) -> None:
    """Say what was done; a password that was generated is said only here."""
    if as_json:
        shown = person if was_given else person | {"password": password}
        typer.echo(json.dumps(shown))
    else:
        typer.echo(f"{text}: done" if was_given else f"{text}, password {password}")
