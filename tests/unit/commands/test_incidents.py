"""`callcenter incidents export`: journalled first, then written."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from callcenter.cli import app
from callcenter.store.calls import CallRow, Calls
from callcenter.store.database import Database
from callcenter.store.joins import IncidentJoins

SETTINGS = """
time_zone = "Asia/Seoul"
[[lines]]
number = "110"
queue = "emergency"
[[queues]]
id = "emergency"
"""
ARRIVED = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
"""The 2nd of March in Seoul."""


def call(call_id: str, **fields: Any) -> CallRow:
    detail = {"id": call_id, "incident": {"fields": fields}}
    category = fields.get("category")
    return CallRow(
        call_id,
        "110",
        "+82255",
        "emergency",
        "closed",
        ARRIVED,
        "ko",
        category=category,
        detail=detail,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "callcenter.toml"
    file.write_text(SETTINGS, "utf-8")

    async def fill() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
        rows = (call("1.1", category="fire"), call("1.2"), call("1.3", caller_name="=1+1"))
        await Calls(database).upsert(*rows)
        await IncidentJoins(database).join("1.2", "1.1", "s01", "", ARRIVED)
        await database.close()

    asyncio.run(fill())
    return file


def run(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["incidents", "export", *arguments, "--settings", str(file)])


def journal(file: Path) -> list[tuple[str, dict[str, Any]]]:
    with sqlite3.connect(file.with_name("callcenter.db")) as database:
        rows = database.execute("SELECT kind, payload FROM journal ORDER BY id").fetchall()
    return [(kind, json.loads(payload)) for kind, payload in rows]


DAY = ("--from", "2026-03-02", "--to", "2026-03-03")


def test_a_period_is_that_of_the_hotlines_clocks_and_its_incidents_are_lines(file: Path) -> None:
    result = run(file, *DAY)
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.stdout.removeprefix("\ufeff"), newline="")))
    assert [(row["incident"], row["calls"]) for row in rows] == [("inc-1.1", "2"), ("inc-1.3", "1")]
    assert (rows[1]["caller_name"], rows[1]["numbers"]) == ("'=1+1", "'+82255")
    ((kind, said),) = journal(file)
    assert (kind, said["format"], said["from"]) == (
        "records.exported",
        "csv",
        "2026-03-02T00:00:00+09:00",
    )
    assert said["by"].endswith("(command line)")
    assert run(file, "--from", "2026-03-01", "--to", "2026-03-02").stdout_bytes.count(b"\r\n") == 1


def test_json_has_one_incident_a_line_with_the_record_of_each_call(file: Path) -> None:
    result = run(file, *DAY, "--json", "--category", "fire")
    (incident,) = (json.loads(line) for line in result.stdout.splitlines())
    assert incident["records"]["1.1"]["fields"] == {"category": "fire"}
    assert list(incident["records"]) == ["1.1", "1.2"]
    assert journal(file)[0][1]["category"] == "fire"


def test_a_file_is_its_owners_alone_and_never_overwritten(file: Path) -> None:
    out = file.with_name("march.csv")
    assert run(file, *DAY, "--out", str(out)).exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes().startswith(b"\xef\xbb\xbfincident,")
    again = run(file, *DAY, "--out", str(out))
    assert again.exit_code == 1 and "march.csv" in again.stderr


def test_without_a_note_in_the_journal_nothing_is_exported(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.commands.incidents.JOURNAL_WITHIN_S", 0.1)
    other = sqlite3.connect(file.with_name("callcenter.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        result = run(file, *DAY)
    finally:
        other.close()
    assert result.exit_code == 1 and "incident" not in result.stdout
    assert "nothing is exported" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("--csv", "--json"), ("--category", "flood"), ("--from", "tomorrow")]
)
def test_options_that_mean_nothing_are_refused(file: Path, arguments: tuple[str, ...]) -> None:
    assert run(file, *arguments).exit_code == 2
