"""`callcenter config`, as a floor manager at a shell uses it while the service is stopped."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from structlog.testing import capture_logs
from typer.testing import CliRunner

from callcenter.commands import config as command

SETTINGS = """
[[lines]]
number = "110"
queue = "emergency"
[[queues]]
id = "emergency"
ring_s = 13
[[seats]]
id = "s01"
queues = ["emergency"]
[api]
port = {port}
"""
Run = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = tmp_path / "callcenter.toml"
    file.write_text(SETTINGS.format(port=port), "utf-8")
    return file


@pytest.fixture
def run(file: Path) -> Run:
    def invoke(*arguments: str, given: str = "") -> Result:
        with capture_logs():  # as a program it logs to standard error
            options = ["--settings", str(file)]
            return CliRunner().invoke(command.app, [*arguments, *options], input=given)

    return invoke


@pytest.fixture
def exported(run: Run, tmp_path: Path) -> Path:
    copy = tmp_path / "tuning.toml"
    copy.write_text(run("export").stdout, "utf-8")
    return copy


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_what_is_exported_changes_nothing_when_it_is_imported(run: Run, exported: Path) -> None:
    result = run("import", str(exported), "--why", "same")
    assert result.exit_code == 0, result.output
    assert "nothing differs" in result.stdout
    assert run("versions").stdout == ""


def test_an_import_is_a_version_and_one_can_go_back(run: Run, exported: Path) -> None:
    change(exported, "ring_s = 13.0", "ring_s = 9.0")
    result = run("import", str(exported), "--why", "shorter")
    assert result.exit_code == 0, result.output
    assert "queues.emergency.ring_s: 13.0 → 9.0" in result.stdout
    assert "version 2: in force when the service starts" in result.stdout
    assert "ring_s = 9.0" in run("export").stdout
    assert "ring_s = 13.0" in run("export", "--version", "1").stdout
    assert "version 3: as version 1" in run("restore", "1", "--why", "misses").stdout
    assert "ring_s = 13.0" in run("export").stdout
    listed = json.loads(run("versions", "--json").stdout)
    assert [(row["version"], row["why"]) for row in listed[:2]] == [(3, "misses"), (2, "shorter")]


def test_a_dry_run_says_what_would_change_and_changes_nothing(run: Run, exported: Path) -> None:
    change(exported, "ring_s = 13.0", "ring_s = 9.0")
    result = run("import", str(exported), "--why", "try", "--dry-run", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["changes"] == [{"path": "queues.emergency.ring_s", "old": 13.0, "new": 9.0}]
    assert report["version"] is None
    assert "ring_s = 13.0" in run("export").stdout


def test_a_wrong_file_is_refused_by_field_and_nothing_is_changed(run: Run, exported: Path) -> None:
    for old, new, said in (
        ("ring_s = 13.0", "ring_s = -1.0", f"callcenter: {exported}: queues.0.ring_s: "),
        ('queue = "emergency"', 'queue = "x"', "callcenter: lines.0.queue: queue x is not defined"),
        ("format = 2", "format = 7", "later version"),
        ("format = 2", "format = 2\n[[", "expected TOML"),
    ):
        good = exported.read_text("utf-8")
        change(exported, old, new)
        result = run("import", str(exported), "--why", "x")
        assert result.exit_code == 1
        assert said in result.stderr
        exported.write_text(good, "utf-8")
    assert run("versions").stdout == ""


def test_a_file_that_is_not_there_is_said(run: Run) -> None:
    result = run("import", "nowhere.toml", "--why", "x")
    assert (result.exit_code, result.stderr) == (
        1,
        "callcenter: nowhere.toml: No such file or directory\n",
    )


def test_a_settings_file_is_imported_as_format_1(run: Run, file: Path) -> None:
    result = run("import", str(file), "--why", "x", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["format"], report["changes"]) == (1, [])
    assert report["remarks"] == ["api: not tuned while calls run; it stays in the settings file"]


def test_differences_are_shown_and_the_exit_status_tells(run: Run, exported: Path) -> None:
    assert run("diff", "now", str(exported)).exit_code == 0
    change(exported, "ring_s = 13.0", "ring_s = 9.0")
    result = run("diff", "now", str(exported))
    assert (result.exit_code, result.stdout) == (1, "queues.emergency.ring_s: 13.0 → 9.0\n")
    run("import", str(exported), "--why", "shorter")
    assert json.loads(run("diff", "2", "1", "--json").stdout) == [
        {"path": "queues.emergency.ring_s", "old": 9.0, "new": 13.0}
    ]
    assert run("diff", "1", "9").exit_code == 2


def test_a_change_made_meanwhile_refuses_the_import_that_says_what_it_is_based_on(
    run: Run, exported: Path
) -> None:
    change(exported, "ring_s = 13.0", "ring_s = 9.0")
    run("import", str(exported), "--why", "first")
    change(exported, "ring_s = 9.0", "ring_s = 8.0")
    result = run("import", str(exported), "--why", "second", "--based-on", "1")
    assert result.exit_code == 1
    assert "made version 2" in result.stderr


def test_a_file_may_come_from_standard_input(run: Run, exported: Path) -> None:
    text = exported.read_text("utf-8").replace("ring_s = 13.0", "ring_s = 9.0")
    assert run("import", "-", "--why", "pipe", given=text).exit_code == 0
    assert "ring_s = 9.0" in run("export").stdout


def test_what_is_odd_and_not_wrong_is_a_warning(run: Run, exported: Path) -> None:
    change(exported, 'queues = ["emergency"]', "queues = []")
    result = run("import", str(exported), "--why", "x")
    assert result.exit_code == 0
    assert "warning: lines.0 (110).queue: no seat serves queue emergency" in result.stderr
