"""What `callcenter check` finds before a caller does."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callcenter import check as checks
from callcenter.asterisk import installed as asterisks
from callcenter.check import check
from callcenter.checks.places import refuse_wrong_places
from callcenter.commands.check import check as check_command
from callcenter.lab.layout import HOST, LabOptions, free_ports, settings_text
from callcenter.settings import Secrets, Settings, SettingsError
from callcenter.store.boundaries import BoundaryVersions, GivenSet
from callcenter.store.database import Database


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "CLOCK_WATCH_S", 0.01)
    monkeypatch.setattr(checks.socket, "gethostname", lambda: "localhost")
    options = LabOptions(tmp_path, language="none")
    path = tmp_path / "callcenter.toml"
    path.write_text(settings_text(options, free_ports(1, 31000)), "utf-8")
    return path


def found(file, level, asterisk=Path("/nowhere")):
    return {one.what: one.text for one in check(file, asterisk) if one.level == level}


def change(file, old, new):
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_wrong_setting_is_named_with_its_file(file):
    change(file, 'number = "110"', 'number = "1x0"')
    errors = found(file, "error")
    assert list(errors) == ["settings"]
    assert str(file) in errors["settings"]
    assert "lines.0.number" in errors["settings"]


def test_secrets_that_others_may_read_are_refused(file):
    Secrets.load_or_generate(Settings.load(file))
    (file.parent / "secrets.toml").chmod(0o644)
    assert "chmod 600" in found(file, "error")["settings"]


def test_setting_that_asterisk_would_misread_is_named(file):
    change(file, 'sounds = "sounds"', 'sounds = "so,unds"')
    assert "asterisk.sounds" in found(file, "error")["configuration"]


def test_port_in_use_is_named_with_its_setting(file):
    port = checks.Settings.load(file).api.port
    with socket.socket() as held:
        held.bind((HOST, port))
        held.listen()
        errors = found(file, "error")
    assert f"{HOST}:{port}" in errors["api.port"]
    assert "api.port" not in found(file, "error")


def test_sip_port_counts_as_used_when_only_datagrams_go_there(file):
    port = checks.Settings.load(file).sip.port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind((HOST, port))
        assert "sip.port" in found(file, "error")


def test_asterisk_that_is_too_old_is_named_with_what_is_expected(file, monkeypatch):
    old = asterisks.AsteriskRoot(Path("/"), Path("/usr/sbin/asterisk"), (20, 6, 0))
    monkeypatch.setattr(asterisks, "installed", lambda: old)
    text = found(file, "error")["asterisk"]
    assert "20.6.0" in text
    assert "22.10.1" in text


def test_missing_asterisk_is_said(file, monkeypatch):
    monkeypatch.setattr(asterisks, "installed", lambda: None)
    assert "make setup" in found(file, "error")["asterisk"]


def test_missing_music_and_prompts_are_warnings_for_they_cost_no_call(file):
    warnings = found(file, "warning")
    assert "hold.sln" in warnings["music on hold"]
    assert "prompts en" in warnings


def test_prompts_that_nothing_can_speak_are_an_error(file, monkeypatch):
    monkeypatch.setattr(checks.shutil, "which", lambda name: None)
    monkeypatch.setattr(asterisks, "find", lambda folder: None)
    monkeypatch.setattr(asterisks, "installed", lambda: None)
    assert "apt install flite" in found(file, "error")["prompts en"]


def test_missing_model_is_said_with_the_command_that_gets_it(file):
    change(file, "enabled = false", "enabled = true")
    change(file, 'languages = ["en"]', 'languages = ["zh"]')
    assert "callcenter models get zh" in found(file, "warning")["model zh"]


def test_look_changes_nothing_and_says_that_passwords_are_still_to_be_made(file):
    before = sorted(file.parent.rglob("*"))
    warnings = found(file, "warning")
    assert "callcenter asterisk render" in warnings["secrets"]
    assert sorted(file.parent.rglob("*")) == before


def test_seat_without_a_password_is_named_and_gets_none_by_looking(file):
    secrets = Secrets.load_or_generate(Settings.load(file)).model_dump()
    change(file, 'id = "s02"', 'id = "s99"')
    assert "s99" in found(file, "warning")["secrets"]
    assert Secrets.load(file.parent / "secrets.toml").model_dump() == secrets


def test_secrets_that_cannot_be_read_are_a_finding(file):
    (file.parent / "secrets.toml").mkdir(mode=0o700)
    assert "secrets.toml" in found(file, "error")["settings"]


def test_secrets_that_cannot_be_written_are_wrong_settings(file):
    change(file, 'secrets = "secrets.toml"', 'secrets = "callcenter.toml/secrets.toml"')
    with pytest.raises(SettingsError, match=r"secrets\.toml: "):
        Secrets.load_or_generate(Settings.load(file))


def test_failure_of_the_machine_is_a_finding_and_the_rest_is_looked_at(file, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checks, "render", full)
    errors = found(file, "error")
    assert "No space left" in errors["configuration"]
    assert "clock" in found(file, "ok")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("boundaries", None, "No such file"),
        ("boundaries", '{"type": "FeatureCollection", "features": [3]}', "features[0]"),
        ("roster", "[precincts.19]\nshifts = []", "precincts.19.shifts"),
        ("roster", None, "expected a roster in TOML"),
    ],
)
def test_file_that_cannot_be_used_is_named_with_the_place_in_it(file, name, content, expected):
    named = file.parent / "named.file"
    if content is not None:
        named.write_text(content)
    file.write_text(f'{file.read_text()}\n[precincts]\n{name} = "named.file"\n')
    text = found(file, "error")[f"precincts.{name}"]
    assert str(named) in text
    assert expected in text


def test_gazetteer_row_that_cannot_be_used_is_named(file):
    (file.parent / "crossings.csv").write_text("name,lat,lon\nThe Inn,x,1\n")
    file.write_text(file.read_text() + '\n[precincts]\ngazetteer = ["crossings.csv"]\n')
    assert "crossings.csv: row 2: lat" in found(file, "error")["precincts.gazetteer"]


def test_officer_of_a_precinct_that_does_not_exist_is_named(file):
    change(file, 'precinct = "14"', 'precinct = "999"')
    assert "999" in found(file, "error")["precincts.roster"]


def square(precinct):
    ring = [[106.0, 26.0], [107.0, 26.0], [107.0, 27.0], [106.0, 27.0], [106.0, 26.0]]
    return {
        "type": "Feature",
        "properties": {"precinct": precinct},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_officers_are_looked_up_in_imported_precincts(file):
    async def import_them():
        database = Database(Settings.load(file).database)
        now = datetime.now(UTC)
        given = GivenSet("city.json", "", {}, [square("520102")])
        await BoundaryVersions(database).add(
            "precinct", given, holds_from=now, who="ann", why="", now=now
        )
        await database.close()

    asyncio.run(import_them())
    # A reform that has come into force must not keep the hotline from starting again.
    assert "officer o14a: no precinct 14" in found(file, "warning")["precincts.roster"]
    assert "precincts.roster" not in found(file, "error")
    refuse_wrong_places(Settings.load(file))
    text = file.read_text("utf-8")
    for precinct in ("14", "18", "1", "19"):
        text = text.replace(f'precinct = "{precinct}"', 'precinct = "520102"')
    file.write_text(text, "utf-8")
    assert "precincts.roster" in found(file, "ok")


def test_database_of_something_else_is_left_as_it_is(file):
    other = file.parent / "callcenter.db"
    other.write_bytes(b"no database, but somebody's work " * 100)
    before = other.read_bytes()
    assert "callcenter.db" in found(file, "error")["database"]
    assert other.read_bytes() == before


def test_empty_database_is_not_filled_by_looking(file):
    (file.parent / "callcenter.db").touch()
    assert "when it starts" in found(file, "warning")["database"]
    assert os.path.getsize(file.parent / "callcenter.db") == 0


def test_wrong_settings_and_findings_have_statuses_of_their_own(file, monkeypatch):
    app = typer.Typer()
    app.command()(check_command)
    monkeypatch.setattr(asterisks, "find", lambda folder: None)

    def status():
        return CliRunner().invoke(app, ["--settings", str(file)]).exit_code

    assert status() == 1
    change(file, 'number = "110"', 'number = "1x0"')
    assert status() == 2


def test_host_name_that_does_not_resolve_is_said_with_the_remedy(file, monkeypatch):
    monkeypatch.setattr(checks.socket, "gethostname", lambda: "no-such-host.invalid")
    assert "/etc/hosts" in found(file, "error")["host name"]


def test_host_name_that_resolves_slowly_is_an_error_too(file, monkeypatch):
    monkeypatch.setattr(checks, "RESOLVE_WITHIN_S", 0.05)
    resolve = socket.getaddrinfo

    def slow(host, *rest, **more):
        if host == "localhost":
            time.sleep(0.3)
        return resolve(host, *rest, **more)

    monkeypatch.setattr(checks.socket, "getaddrinfo", slow)
    assert "no answer" in found(file, "error")["host name"]


def test_clock_that_jumps_is_said(file, monkeypatch):
    times = iter([1000.0, 1007.0, 1007.0])
    monkeypatch.setattr(checks.time, "time", lambda: next(times, 1007.0))
    assert "+7" in found(file, "error")["clock"]


def test_steady_clock_is_fine(file):
    assert found(file, "ok")["clock"] == "steady"
