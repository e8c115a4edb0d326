"""`callcenter simulate` and `callcenter staffing`, as a person types them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.figures import DEFINITIONS
from callcenter.cli import app

DATA = Path(os.environ.get("CALLCENTER_TEST_DATA", "../shared/data"))
BANK = DATA / "arrivals" / "anonymous_bank_1999-02.tsv"
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
needs_data = pytest.mark.skipif(
    not BANK.is_file(), reason=f"no test data in {DATA} (CALLCENTER_TEST_DATA)"
)


def say(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def said_json(*arguments: object) -> dict[str, object]:
    status, out, err = say(*arguments, "--json")
    assert status == 0, err
    shown: dict[str, object] = json.loads(out)
    return shown


def test_the_example_scenario_plays_and_its_figures_come_with_their_definitions():
    status, out, _ = say("simulate", EXAMPLES / "two-lines.toml", "--by", "queue")
    assert status == 0
    assert all(definition in out for definition in DEFINITIONS.values())
    shown = said_json("simulate", EXAMPLES / "two-lines.toml", "--by", "queue")
    assert shown["definitions"] == dict(DEFINITIONS)
    assert set(shown["parts"]) == {"110", "119"}
    assert shown["still_waiting"] == 0


def test_the_same_seed_gives_the_same_figures_and_another_others():
    first, again, other = (
        said_json("simulate", EXAMPLES / "two-lines.toml", "--seed", seed)["figures"]
        for seed in (5, 5, 6)
    )
    assert first == again != other


@pytest.mark.parametrize("by", ["line", "queue", "seat", "half_hour"])
def test_parts_add_up_to_the_whole(by):
    shown = said_json("simulate", EXAMPLES / "two-lines.toml", "--by", by)
    assert sum(part["arrived"] for part in shown["parts"].values()) == shown["calls"]


def test_a_scenario_may_name_a_file_of_calls_beside_it(tmp_path):
    (tmp_path / "calls.csv").write_text(
        "arrived,handling_s,seat\n08:00,1,a\n".replace("08:00", "9")
    )
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"arrivals": [{"file": "calls.csv"}]}))
    shown = said_json("simulate", scenario)
    assert shown["calls"] == 1
    assert shown["recorded"]["arrived"] == 1


def test_callers_who_were_answered_may_be_given_an_end_to_their_patience(tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text("arrived,handling_s\n1,900\n2,900\n")
    patient = said_json("simulate", "--arrivals", file, "--seats", 1)["figures"]
    hasty = said_json("simulate", "--arrivals", file, "--seats", 1, "--patience", 1)["figures"]
    assert (patient["answered"], patient["wait_longest_ms"]) == (2, 899_000)
    assert (hasty["answered"], hasty["abandoned"]) == (1, 1)


@needs_data
def test_a_recorded_month_is_played_as_it_is():
    shown = said_json("simulate", "--arrivals", BANK)
    assert shown["calls"] == shown["figures"]["arrived"] == 33_344
    assert shown["still_waiting"] == 0
    assert shown["recorded"]["answered"] == 27_162


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("hours = [", "Invalid value"),
        ("hours = 'two'", "hours: is 'two', expected a number"),
        ("[[arrivals]]\nfile = 'none.csv'", "none.csv: No such file"),
    ],
)
def test_a_wrong_scenario_is_named_by_file_and_field(tmp_path, text, named):
    file = tmp_path / "scenario.toml"
    file.write_text(text)
    status, out, err = say("simulate", file)
    assert (status, out) == (1, "")
    assert str(tmp_path) in err
    assert named in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate"],
        ["simulate", "x.toml", "--arrivals", "y.csv"],
        ["simulate", "x.toml", "--seats", "3"],
        ["simulate", "x.toml", "--patience", "3"],
        ["staffing"],
        ["staffing", "--rate", "10"],
        ["staffing", "--rate", "10", "--handling", "60", "--target", "100"],
        ["staffing", "--rate", "10", "--handling", "60", "--occupancy", "0"],
        ["staffing", "--arrivals", "x.csv", "--weekday", "someday"],
    ],
)
def test_wrong_usage_is_status_2(arguments):
    assert say(*arguments)[0] == 2


def test_a_steady_rate_needs_as_many_seats_as_the_textbook_says():
    """Call Centre Helper: 200 calls an hour of 3 minutes, 80 % in 20 s: 14."""
    shown = said_json(
        *("staffing", "--rate", 200, "--handling", 180, "--target", 80, "--within", 20),
        *("--occupancy", 100),
    )
    (row,) = shown["half_hours"]
    assert (row["seats"], row["seats_with_patience"], row["seats_by_rule"]) == (14, None, 16)


def test_seats_are_given_for_each_half_hour_of_recorded_days(tmp_path):
    file = tmp_path / "calls.csv"
    calls = [
        f"1970-01-0{day}T09:{minute:02}:00,120" for day in (1, 2) for minute in range(0, 30, 2)
    ]
    file.write_text("\n".join(["arrived,handling_s", *calls]))
    shown = said_json("staffing", "--arrivals", file, "--weekday", "thu")
    assert (shown["days"], shown["calls_per_day"], shown["handling_s"]) == (1, 15, 120)
    rows = {row["from"]: row for row in shown["half_hours"]}
    assert len(rows) == 48
    assert rows["09:00"]["load_erlang"] == 1
    assert rows["09:00"]["seats"] == 4
    assert rows["09:30"]["seats"] == 0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("arrived\n5\n", "handling_s: no call has any; give --handling"),
        ("arrived\nnoon\n", "line 2: arrived is 'noon'"),
    ],
)
def test_recorded_calls_that_do_not_do_are_named(tmp_path, text, named):
    file = tmp_path / "calls.csv"
    file.write_text(text)
    status, out, err = say("staffing", "--arrivals", file)
    assert (status, out) == (1, "")
    assert f"{file}: {named}" in err


@needs_data
def test_a_recorded_month_says_how_long_callers_are_patient():
    shown = said_json("staffing", "--arrivals", BANK, "--weekday", "sun")
    assert shown["days"] == 4
    assert 100 < shown["patience_s"] < 1000
    assert all(row["seats_with_patience"] <= row["seats"] for row in shown["half_hours"])


@pytest.mark.parametrize("command", ["simulate", "staffing"])
def test_help_has_an_example(command):
    status, out, _ = say(command, "--help")
    assert status == 0
    assert f"Example: callcenter {command}" in out
