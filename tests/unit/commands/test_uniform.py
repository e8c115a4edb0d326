"""All commands speak alike: one name for the settings, one way to say that they are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import structlog
import typer.main
from typer.testing import CliRunner

from callcenter.cli import app

EXIT_SETTINGS = 2


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that writes logs would leave them going to a stream that is closed."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def commands(
    group: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))
    if not hasattr(group, "commands"):
        yield path, group


ALL = dict(commands(typer.main.get_command(app)))


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}


WITH_SETTINGS = sorted(path for path, command in ALL.items() if "--settings" in options(command))
ARGUMENTS = {
    ("asterisk", "render"): ["--to", "out"],
    ("config", "diff"): ["1", "2"],
    ("config", "import"): ["x.toml", "--why", "x"],
    ("config", "restore"): ["1", "--why", "x"],
    ("gazetteer", "import"): ["x.csv"],
    ("lines", "import"): ["lines.csv"],
    ("gazetteer", "restore"): ["1", "--why", "x"],
    ("precincts", "check"): ["x.json"],
    ("precincts", "import"): ["x.json"],
    ("precincts", "restore"): ["1"],
    ("roster", "import"): ["x.csv"],
    ("models", "get"): ["en"],
    ("people", "add"): ["ann", "--role", "admin"],
    ("people", "remove"): ["ann"],
    ("people", "set-password"): ["ann"],
}


def test_settings_are_named_by_one_option() -> None:
    assert [path for path, command in ALL.items() if "--config" in options(command)] == []
    assert len(WITH_SETTINGS) >= 10


@pytest.mark.parametrize("path", WITH_SETTINGS, ids=" ".join)
def test_wrong_settings_are_said_by_name_with_status_2(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "wrong.toml"
    file.write_text("lines = 3", "utf-8")
    arguments = [*path, *ARGUMENTS.get(path, []), "--settings", str(file)]
    result = CliRunner().invoke(app, arguments, input="")
    assert result.exit_code == EXIT_SETTINGS, result.output
    if path == ("check",):
        assert f"error    settings: {file}" in result.stdout
    else:
        assert result.stderr.startswith(f"callcenter: {file}: lines")
