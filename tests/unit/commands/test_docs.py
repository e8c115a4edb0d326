"""The pages that are made from the code are what the code says."""

from pathlib import Path

from typer.testing import CliRunner

from acd import calls, seats
from callcenter.calls.call import TRANSITIONS
from callcenter.cli import app

PAGE = Path(__file__).parents[3] / "docs" / "states.md"


def test_the_page_of_state_tables_is_what_the_code_says():
    shown = CliRunner().invoke(app, ["docs", "states"])
    assert shown.exit_code == 0
    assert PAGE.read_text(encoding="utf-8") == shown.output, (
        "run: callcenter docs states --to docs/states.md"
    )


def test_every_arrow_of_every_table_is_on_the_page():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "|" in line]
    arrows = sum(
        len(following)
        for table in (calls.ARROWS, seats.ARROWS, TRANSITIONS)
        for following in table.values()
    )
    headings, ends = 2 * 3, sum(not following for following in TRANSITIONS.values())
    assert len(rows) == arrows + headings + ends


def test_the_page_is_written_where_it_is_wanted(tmp_path):
    written = tmp_path / "states.md"
    assert CliRunner().invoke(app, ["docs", "states", "--to", str(written)]).exit_code == 0
    assert written.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_said(tmp_path):
    result = CliRunner().invoke(app, ["docs", "states", "--to", str(tmp_path)])
    assert result.exit_code == 1
