"""What `callcenter check` finds before a caller does."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from callcenter import check as checks
from callcenter.asterisk import installed as asterisks
from callcenter.check import check
from callcenter.lab.layout import HOST, LabOptions, free_ports, settings_text


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
    check(file, Path("/nowhere"))
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


def test_boundary_file_that_is_not_there_is_named(file):
    file.write_text(file.read_text() + '\n[precincts]\nboundaries = "no-such.geojson"\n')
    assert "no-such.geojson" in found(file, "error")["precincts.boundaries"]


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
