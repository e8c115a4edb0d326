"""`callcenter people`, as an administrator at a shell uses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from structlog.testing import capture_logs
from typer.testing import CliRunner

from callcenter.commands import people as command
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.people import People, Person, Role

SETTINGS = """
[[lines]]
number = "110"
queue = "emergency"
[[queues]]
id = "emergency"
[[seats]]
id = "s01"
queues = ["emergency"]
[[officers]]
id = "o19a"
name = "A"
precinct = "19"
"""
Run = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "callcenter.toml"
    file.write_text(SETTINGS, "utf-8")
    return file


@pytest.fixture
def run(file: Path) -> Run:
    def invoke(*arguments: str, given: str = "") -> Result:
        with capture_logs():  # as a program it logs to standard error
            options = ["--settings", str(file)]
            return CliRunner().invoke(command.app, [*arguments, *options], input=given)

    return invoke


def signs_in(file: Path, name: str, password: str) -> Person | None:
    async def verify() -> Person | None:
        database = Database(Settings.load(file).database)
        try:
            return await People(database).verify(name, password)
        finally:
            await database.close()

    return asyncio.run(verify())


def test_supervisor_signs_in_with_the_password_that_was_printed(run: Run, file: Path) -> None:
    result = run("add", "ann", "--role", "supervisor")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("ann: supervisor, password ")
    password = result.stdout.split()[-1]
    assert signs_in(file, "ann", password) == Person("ann", Role.SUPERVISOR)


def test_given_password_is_taken_and_never_printed(run: Run, file: Path) -> None:
    result = run("add", "ann", "--role", "admin", "--password-stdin", given="long enough\n")
    assert result.exit_code == 0
    assert "long enough" not in result.output
    assert signs_in(file, "ann", "long enough") is not None


def test_operator_has_the_seat_and_officer_the_id_that_was_named(run: Run) -> None:
    run("add", "ann", "--role", "operator", "--seat", "s01")
    run("add", "bob", "--role", "officer", "--officer", "o19a")
    listed = {one["name"]: one for one in json.loads(run("list", "--json").stdout)}
    assert (listed["ann"]["role"], listed["ann"]["seat"]) == ("operator", "s01")
    assert (listed["bob"]["role"], listed["bob"]["officer"]) == ("officer", "o19a")
    assert run("list").stdout == "ann  operator  s01\nbob  officer  o19a\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--role", "operator"], "--role operator needs --seat"),
        (["--role", "officer"], "--role officer needs --officer"),
        (["--role", "supervisor", "--seat", "s01"], "--seat goes with --role operator only"),
        (["--role", "operator", "--seat", "s09"], "--seat s09: expected one of s01"),
        (["--role", "operator", "--seat", "s01", "--officer", "o19a"], "--officer goes with"),
    ],
)
def test_place_that_does_not_fit_the_role_is_refused(
    run: Run, options: list[str], said: str
) -> None:
    result = run("add", "ann", *options)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"callcenter: {said}")
    assert run("list").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["add", "ann", "--role", "admin"], "", "there is a user ann already"),
        (["add", "bob", "--role", "admin", "--password-stdin"], "short\n", "a password has 8"),
        (["add", "a b", "--role", "admin"], "", "user name 'a b'"),
        (["set-password", "nobody"], "", "there is no user nobody"),
        (["remove", "nobody"], "", "there is no user nobody"),
    ],
)
def test_what_the_store_refuses_is_said(
    run: Run, arguments: list[str], given: str, said: str
) -> None:
    run("add", "ann", "--role", "admin")
    result = run(*arguments, given=given)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"callcenter: {said}")


def test_new_password_takes_the_place_of_the_old_one(run: Run, file: Path) -> None:
    old = run("add", "ann", "--role", "admin").stdout.split()[-1]
    new = json.loads(run("set-password", "ann", "--json").stdout)["password"]
    assert signs_in(file, "ann", old) is None
    assert signs_in(file, "ann", new) is not None


def test_who_is_removed_signs_in_no_more(run: Run, file: Path) -> None:
    password = run("add", "ann", "--role", "admin").stdout.split()[-1]
    assert run("remove", "ann").exit_code == 0
    assert signs_in(file, "ann", password) is None


def test_wrong_settings_are_said_with_status_2(run: Run, file: Path) -> None:
    file.write_text("lines = 3")
    result = run("list")
    assert result.exit_code == 2
    assert str(file) in result.stderr
