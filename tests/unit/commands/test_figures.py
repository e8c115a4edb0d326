"""`callcenter figures`: by the time zone and thresholds in force, not those of the file."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from callcenter.cli import app
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.journal import Journal
from callcenter.store.tuning import TuningVersions
from callcenter.tuning.desk import Desk
from callcenter.tuning.known import known_of

SETTINGS = """
time_zone = "Asia/Seoul"
[[lines]]
number = "110"
queue = "emergency"
[[queues]]
id = "emergency"
[[seats]]
id = "s1"
queues = ["emergency"]
"""
ARRIVED = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
"""The 2nd of March in Seoul, the 1st in New York."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "callcenter.toml"
    file.write_text(SETTINGS, "utf-8")
    return file


def journalled(file: Path, tuned: dict[str, Any] | None) -> None:
    """One call in the journal, and perhaps a version of what is tuned."""

    async def write() -> None:
        settings = Settings.load(file)
        database = Database(settings.database)
        await database.open()
        journal = Journal(database)
        await journal.start()
        journal.note("1.1", "call.arrived", {"line": "110", "ms": 0}, ARRIVED)
        journal.note("1.1", "officer.hunt", {"by": "s1"}, ARRIVED)
        rings = {"officer": "o1", "rung": "duty", "attempt": "a"}
        journal.note("1.1", "officer.ring", rings, ARRIVED)
        journal.note("1.1", "officer.result", rings | {"outcome": "no_answer"}, ARRIVED)
        later = ARRIVED + timedelta(seconds=7)
        journal.note("1.1", "call.ended", {"why": "cause 16", "ms": 7000}, later)
        await journal.stop()
        if tuned is not None:
            desk = Desk(settings, TuningVersions(database), lambda: known_of(settings))
            await desk.load()
            document = desk.in_force.document.to_json() | tuned
            await desk.change(document, who="ann", why="test", based_on=1)
        await database.close()

    asyncio.run(write())


def figures(file: Path, since: str, until: str) -> dict[str, Any]:
    with capture_logs():  # as a program it logs to standard error
        options = ["--from", since, "--to", until, "--settings", str(file), "--json"]
        result = CliRunner().invoke(app, ["figures", *options])
    assert result.exit_code == 0, result.stderr
    shown: dict[str, Any] = json.loads(result.stdout)
    return shown


def test_days_and_thresholds_are_those_that_were_tuned(file):
    tuned = {"time_zone": "America/New_York", "service_level": {"thresholds_s": [7.5]}}
    journalled(file, tuned)
    shown = figures(file, "2026-03-01", "2026-03-02")
    assert (shown["zone"], shown["figures"]["arrived"]) == ("America/New_York", 1)
    assert list(shown["figures"]["service_level_all"]) == ["7.5"]


def test_where_nothing_was_tuned_the_settings_file_holds(file):
    journalled(file, None)
    shown = figures(file, "2026-03-02", "2026-03-03")
    assert (shown["zone"], shown["figures"]["arrived"]) == ("Asia/Seoul", 1)
    assert "15" in shown["figures"]["service_level_all"]


def test_what_was_tuned_and_cannot_be_read_leaves_the_settings_file(file):
    journalled(file, {"time_zone": "America/New_York"})
    database = sqlite3.connect(file.with_name("callcenter.db"))
    database.execute("UPDATE tuning_versions SET format = 999")
    database.commit()
    database.close()
    assert figures(file, "2026-03-02", "2026-03-03")["zone"] == "Asia/Seoul"


def test_without_a_database_it_says_so_after_a_look_at_what_was_typed(file):
    for since, status in (("2026-03-01", 1), ("yesterday", 2)):
        with capture_logs():
            arguments = ["figures", "--from", since, "--settings", str(file)]
            assert CliRunner().invoke(app, arguments).exit_code == status


def told(file: Path, *options: str):
    with capture_logs():
        return CliRunner().invoke(app, ["figures", "--settings", str(file), *options])


def test_hunts_for_officers_are_shown_by_rung(file):
    journalled(file, None)
    result = told(file, "--from", "2026-03-02", "--to", "2026-03-03", "--officers", "--by", "rung")
    assert result.exit_code == 0, result.stderr
    lines = {line[:34].strip(): line[34:].split() for line in result.stdout.splitlines()}
    assert lines["no_answer"][:2] == ["1", "1"]
    assert lines["to_officer_mean_ms"][:2] == ["–", "–"]
    assert any(line.split() == ["all", "duty"] for line in result.stdout.splitlines())


def test_what_calls_are_not_divided_by_is_refused_with_what_they_are(file):
    result = told(file, "--by", "rung")
    assert result.exit_code == 2
    assert "calls are divided by line, queue, seat, half_hour" in result.stderr
    result = told(file, "--officers", "--by", "seat")
    assert result.exit_code == 2 and "hunts for officers are divided by rung" in result.stderr
