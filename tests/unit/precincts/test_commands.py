"""`callcenter precincts`, `gazetteer` and `extract`, as a person at a shell uses them."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from callcenter.commands import extract, gazetteer, precincts
from callcenter.store.database import Database
from callcenter.store.tuning import StoredVersion, TuningVersions
from callcenter.tuning.document import FORMAT
from tests.unit.tuning.documents import valid

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.add_typer(precincts.app, name="precincts")
    app.add_typer(gazetteer.app, name="gazetteer")
    app.command("extract")(extract.extract)

    def invoke(*arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=given)

    return invoke


DATABASE = "sqlite+aiosqlite:///own.db"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def city(path: Path, adcode: int = 520102, west: float = 106.0) -> Path:
    east = west + 1
    ring = [[west, 26.0], [east, 26.0], [east, 27.0], [west, 27.0], [west, 26.0]]
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"adcode": adcode},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        ],
    }
    path.write_text(json.dumps(document))
    return path


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_without_an_import_new_york_is_known_and_no_database_is_made(
    run: Run, tmp_path: Path
) -> None:
    result = run("precincts", "find", given="id,lat,lon\na,40.75723,-73.98979\nb,0,0\n")
    assert result.exit_code == 0
    first, second = lines(result.stdout)
    assert first["precinct"] == "14"
    assert set(first) == {"id", "precinct", "runner_up", "metres_to_boundary"}
    assert second["precinct"] is None
    assert list(tmp_path.iterdir()) == []


def test_rows_that_are_no_points_are_said_and_the_others_answered(run: Run) -> None:
    result = run("precincts", "find", given="a,40.75,-73.99\nb,x,1\nc,1\nd,95,0\n")
    assert result.exit_code == 1
    assert [row["id"] for row in lines(result.stdout)] == ["a"]
    assert [line.split(":")[:2] for line in result.stderr.splitlines()] == [
        ["callcenter", f" row {number}"] for number in (2, 3, 4)
    ]


def test_imported_precincts_take_the_place_of_new_york(run: Run, tmp_path: Path) -> None:
    file = str(city(tmp_path / "city.json"))
    done = run("precincts", "import", file, "--id-property", "adcode", "--database", DATABASE)
    assert done.exit_code == 0, done.stderr
    assert "1 precincts imported" in done.stdout
    found = run("precincts", "find", "--database", DATABASE, given="a,26.5,106.5\n")
    assert lines(found.stdout)[0]["precinct"] == "520102"
    elsewhere = run("precincts", "find", given="a,26.5,106.5\n")
    assert lines(elsewhere.stdout)[0]["precinct"] is None


def test_imported_precincts_take_the_place_of_earlier_ones(run: Run, tmp_path: Path) -> None:
    for file in (city(tmp_path / "a.json"), city(tmp_path / "b.json", 520103, west=108.0)):
        run("precincts", "import", str(file), "--id-property", "adcode", "--database", DATABASE)
    found = run("precincts", "find", "--database", DATABASE, given="a,26.5,106.5\nb,26.5,108.5\n")
    assert [row["precinct"] for row in lines(found.stdout)] == [None, "520103"]


def test_wrong_boundaries_leave_the_earlier_ones(run: Run, tmp_path: Path) -> None:
    file = str(city(tmp_path / "city.json"))
    run("precincts", "import", file, "--id-property", "adcode", "--database", DATABASE)
    bad = run("precincts", "import", file, "--id-property", "name", "--database", DATABASE)
    assert bad.exit_code == 1
    assert "missing_id: feature 1: no name; properties there: adcode" in bad.stderr
    found = run("precincts", "find", "--database", DATABASE, given="a,26.5,106.5\n")
    assert lines(found.stdout)[0]["precinct"] == "520102"


def test_file_is_refused_with_all_of_its_faults_and_nothing_is_imported(
    run: Run, tmp_path: Path
) -> None:
    document = json.loads(city(tmp_path / "city.json").read_text())
    moon = {"type": "Polygon", "coordinates": [[[106, 26], [384400, 0], [106, 27], [106, 26]]]}
    document["features"] += [
        {"type": "Feature", "properties": {"adcode": 2}, "geometry": moon},
        {"type": "Feature", "properties": {}, "geometry": None},
    ]
    (tmp_path / "wrong.json").write_text(json.dumps(document))
    arguments = ["wrong.json", "--id-property", "adcode", "--database", DATABASE]
    done = run("precincts", "import", *arguments)
    assert done.exit_code == 1
    assert "off_the_earth: feature 2, id 2: [384400, 0]" in done.stderr
    assert "missing_id: feature 3" in done.stderr
    assert "empty: feature 3" in done.stderr
    assert not (tmp_path / "own.db").exists()
    told = json.loads(run("precincts", "check", *arguments, "--json").stdout)
    assert [fault["kind"] for fault in told["faults"]] == ["missing_id", "empty", "off_the_earth"]
    assert told["refused"]


def test_overlap_is_taken_when_a_person_accepts_it(run: Run, tmp_path: Path) -> None:
    document = json.loads(city(tmp_path / "city.json").read_text())
    document["features"] += json.loads(city(tmp_path / "b.json", 2, 106.5).read_text())["features"]
    (tmp_path / "two.json").write_text(json.dumps(document))
    arguments = ["two.json", "--id-property", "adcode", "--database", DATABASE]
    assert run("precincts", "import", *arguments).exit_code == 1
    done = run("precincts", "import", *arguments, "--accept", "overlap", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["precincts"] == 2


def test_kinds_have_versions_that_begin_at_a_moment(run: Run, tmp_path: Path) -> None:
    first, second = city(tmp_path / "a.json"), city(tmp_path / "b.json", 7)
    options = ["--id-property", "adcode", "--database", DATABASE]
    kind = ["--kind", "traffic_section", "--label", "section"]
    assert run("precincts", "import", str(first), *options).exit_code == 0
    assert run("precincts", "import", str(first), *options, *kind).exit_code == 0
    later = run("precincts", "import", str(second), *options, *kind, "--from", "2099-12-01")
    assert "from 2099-12-01T00:00+00:00 on" in later.stdout
    found = run("precincts", "find", *options[2:], *kind[:2], given="a,26.5,106.5\n")
    assert lines(found.stdout)[0]["precinct"] == "520102"
    told = lines(run("precincts", "versions", "--json", *options[2:]).stdout)
    assert [(each["version"], each["kind"], each["state"]) for each in told] == [
        (3, "traffic_section", "planned"),
        (2, "traffic_section", "holds"),
        (1, "precinct", "holds"),
    ]
    back = run("precincts", "restore", "0", *kind[:2], *options[2:])
    assert back.exit_code == 0
    none = run("precincts", "find", *options[2:], *kind[:2], given="")
    assert none.exit_code == 2
    assert "no boundaries of kind traffic_section hold" in none.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--kind", "Traffic Section", "expected small letters"),
        ("--from", "soon", "expected a date"),
        ("--from", "2020-01-01", "has passed"),
        ("--near", "moon", "expected LAT,LON"),
        ("--label", " ", "expected 1 to 80"),
    ],
)
def test_wrong_option_of_an_import_is_named(
    run: Run, tmp_path: Path, option: str, value: str, said: str
) -> None:
    file = str(city(tmp_path / "city.json"))
    done = run("precincts", "import", file, "--id-property", "adcode", option, value)
    assert (done.exit_code, option in done.stderr, said in done.stderr) == (2, True, True)
    assert not (tmp_path / "callcenter.db").exists()


def crossings(path: Path, *names: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["street_a", "street_b", "borough", "lat", "lon"])
    writer.writerows([name, "Oak Road", "West", 40.75723, -73.98979] for name in names)
    path.write_text(out.getvalue())
    return str(path)


def place(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    value: dict[str, Any] = json.loads(result.stdout)["fields"]["place"]
    return value


def test_imported_gazetteer_is_what_a_record_is_read_with(run: Run, tmp_path: Path) -> None:
    said = json.dumps({"who": "caller", "text": "I'm at Elm Street and Oak Road", "start_ms": 0})
    file = crossings(tmp_path / "mine.csv", "Elm Street")
    done = run("gazetteer", "import", file, "--database", DATABASE)
    assert done.stdout.endswith("mine.csv: 1 crossings imported\nversion 1\n")
    found = place(run("extract", "--database", DATABASE, given=said))
    assert (found["text"], found["precinct"]) == ("Elm Street and Oak Road, West", "14")


def test_file_of_the_same_name_replaces_its_rows_and_a_wrong_one_changes_nothing(
    run: Run, tmp_path: Path
) -> None:
    elm = json.dumps({"who": "caller", "text": "I'm at Elm Street and Oak Road", "start_ms": 0})
    ash = elm.replace("Elm", "Ash")
    file = crossings(tmp_path / "mine.csv", "Elm Street")
    run("gazetteer", "import", file, "--database", DATABASE)
    crossings(tmp_path / "mine.csv", "Ash Street")
    other = tmp_path / "other.csv"
    other.write_text("street_a,street_b,lat,lon\nA,B,north,1\n")
    bad = run("gazetteer", "import", file, str(other), "--database", DATABASE)
    assert bad.exit_code == 1
    assert "other.csv: row 2" in bad.stderr
    assert place(run("extract", "--database", DATABASE, given=elm))["resolved"]
    assert run("gazetteer", "import", file, "--database", DATABASE).exit_code == 0
    assert place(run("extract", "--database", DATABASE, given=ash))["resolved"]
    gone = place(run("extract", "--database", DATABASE, given=elm))
    assert gone is None or not gone["resolved"]


def test_map_without_a_column_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    file = crossings(tmp_path / "mine.csv", "Elm Street")
    result = run("gazetteer", "import", file, "--map", "name", "--database", DATABASE)
    assert result.exit_code == 2
    assert "expected FIELD=COLUMN" in result.stderr


def versions(run: Run) -> list[dict[str, Any]]:
    return lines(run("gazetteer", "versions", "--json", "--database", DATABASE).stdout)


def test_same_files_again_make_no_version_and_changed_ones_do(run: Run, tmp_path: Path) -> None:
    file = crossings(tmp_path / "mine.csv", "Elm Street")
    run("gazetteer", "import", file, "--database", DATABASE, "--why", "first")
    again = run("gazetteer", "import", file, "--database", DATABASE)
    assert "nothing changed" in again.stdout
    crossings(tmp_path / "mine.csv", "Elm Street", "Ash Street")
    run("gazetteer", "import", file, "--database", DATABASE)
    second, first = versions(run)
    assert (first["version"], first["why"], second["version"]) == (1, "first", 2)
    assert [version["files"][0]["rows"] for version in (first, second)] == [1, 2]
    assert first["files"][0]["sha256"] != second["files"][0]["sha256"]
    assert first["who"] and first["at"].endswith("Z")


def test_one_command_goes_back_and_restoring_nothing_gives_the_products_city(
    run: Run, tmp_path: Path
) -> None:
    elm = json.dumps({"who": "caller", "text": "I'm at Elm Street and Oak Road", "start_ms": 0})
    canal = json.dumps({"who": "caller", "text": "at Broadway and Canal Street", "start_ms": 0})
    file = crossings(tmp_path / "mine.csv", "Elm Street")
    run("gazetteer", "import", file, "--database", DATABASE)
    crossings(tmp_path / "mine.csv", "Ash Street")
    run("gazetteer", "import", file, "--database", DATABASE)
    back = run("gazetteer", "restore", "1", "--database", DATABASE)
    assert back.stdout == "version 3 equals version 1\n"
    assert place(run("extract", "--database", DATABASE, given=elm))["resolved"]
    run("gazetteer", "restore", "0", "--database", DATABASE)
    assert place(run("extract", "--database", DATABASE, given=canal))["precinct"] == "5"
    assert [version["restored"] for version in versions(run)] == [0, 1, None, None]
    missing = run("gazetteer", "restore", "9", "--database", DATABASE)
    assert (missing.exit_code, "no version 9" in missing.stderr) == (1, True)


def test_wrong_rows_are_listed_and_left_out_only_when_that_is_said(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "mine.csv"
    wrong = "\n".join(f"Elm Street,Oak Road,West,{lat},-73.9" for lat in range(100, 130))
    good = "Ash Street,Oak Road,West,40.75,-73.98"
    file.write_text(f"street_a,street_b,borough,lat,lon\n{good}\n{wrong}\n")
    refused = run("gazetteer", "import", str(file), "--database", DATABASE)
    assert refused.exit_code == 1
    told = refused.stderr.splitlines()
    assert told[0].startswith("mine.csv: row 3: lat '100'")
    assert (len(told), told[-2]) == (
        22,
        "mine.csv: and 10 more wrong rows; --json lists all",
    )
    assert versions(run) == []
    whole = run("gazetteer", "import", str(file), "--database", DATABASE, "--json")
    assert (whole.exit_code, lines(whole.stdout)[0]["version"]) == (1, None)
    assert [bad["line"] for bad in lines(whole.stdout)[0]["bad"]] == list(range(3, 33))
    done = run("gazetteer", "import", str(file), "--database", DATABASE, "--skip-bad")
    assert done.exit_code == 0
    assert "1 crossings imported; 30 wrong rows left out" in done.stdout
    kept = versions(run)[0]["files"][0]
    assert (kept["rows"], kept["skipped"]) == (1, 30)


def test_extract_reads_turns_and_prints_the_record(run: Run) -> None:
    said = [
        {"who": "operator", "text": "Is anyone hurt?", "start_ms": 0},
        {"who": "caller", "text": "No. I was robbed at Broadway and Canal Street.", "start_ms": 9},
    ]
    result = run("extract", "--lang", "en", given="\n".join(map(json.dumps, said)))
    record = json.loads(result.stdout)
    assert record["fields"]["category"] == "robbery"
    assert record["fields"]["injured"] == 0
    assert record["fields"]["place"]["precinct"] == "5"
    assert record["evidence"]["category"][0]["start_ms"] == 9


def test_extract_reads_with_the_words_that_are_taught(run: Run) -> None:
    said = json.dumps({"who": "caller", "text": "there is a pike on the road", "start_ms": 0})
    saw = {"id": "pike", "language": "en", "means": "weapon", "name": "pike", "says": ["pike"]}
    gone = saw | {"id": "gone", "says": ["<gone>"]}

    async def teach() -> None:
        database = Database(DATABASE)
        document = valid() | {"words": [gone, saw]}
        version = StoredVersion(1, NOW, "ann", "test", None, FORMAT, document)
        assert await TuningVersions(database).add(version)
        await database.close()

    asyncio.run(teach())
    result = run("extract", "--database", DATABASE, given=said)
    assert json.loads(result.stdout)["fields"]["weapons"] == ["pike"]
    assert "left out: gone" in result.stderr
    assert json.loads(run("extract", given=said).stdout)["fields"]["weapons"] is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", "line 1: Expecting"),
        ("[]", "line 1: not an object"),
        ('\n{"who": "bot", "text": "x"}', "line 2: who: expected one of caller"),
        ('{"who": "caller", "text": 1}', "line 1: text: expected a string"),
        ('{"who": "caller", "text": "x", "start_ms": "0"}', "line 1: start_ms: expected a number"),
    ],
)
def test_line_that_is_no_turn_is_refused_with_its_number(run: Run, given: str, said: str) -> None:
    result = run("extract", given=given)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_unknown_language_is_a_usage_error(run: Run) -> None:
    assert run("extract", "--lang", "fr").exit_code == 2


def test_wrong_settings_are_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "callcenter.toml").write_text("lines = 1\n")
    result = run("precincts", "find", given="a,1,1\n")
    assert result.exit_code == 2
    assert "callcenter.toml: lines" in result.stderr
