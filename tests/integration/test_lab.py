"""The lab's life: up, said in lab.json, down without a trace, and every way of dying."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callcenter.lab import lab as labs
from callcenter.lab.processes import identify

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]


def command(*arguments):
    return [sys.executable, "-m", "callcenter", "lab", *map(str, arguments)]


def run(*arguments):
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120)


def bring_up(folder):
    up = run("up", "--dir", folder, "--seats", 3, "--officers", 2, "--lang", "none", "--detach")
    assert up.returncode == 0, up.stderr
    return json.loads((folder / "lab.json").read_text())


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A lab that nobody changes: its folder and what lab.json says."""
    folder = tmp_path_factory.mktemp("shared") / "lab"
    yield folder, bring_up(folder)
    labs.down(folder)


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "lab"
    labs.down(tmp_path / "lab")


@pytest.fixture
def lab(folder):
    """A lab to take apart; what lab.json says."""
    return bring_up(folder)


def alive(pid):
    return identify(pid) is not None


def wait_until(holds, within_s=10):
    until = time.monotonic() + within_s
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def test_lab_json_says_what_phones_consoles_and_checks_need(shared):
    folder, lab = shared
    assert [seat["id"] for seat in lab["seats"]] == ["s01", "s02", "s03"]
    assert {"id", "user", "password"} <= set(lab["seats"][0])
    assert {"id", "precinct", "user", "password"} <= set(lab["officers"][0])
    assert [line["number"] for line in lab["lines"]] == ["110", "911"]
    assert lab["sip"]["host"] == "127.0.0.1"
    assert all(alive(pid) for pid in lab["pids"].values())
    assert Path(lab["recordings"]).is_absolute()
    assert stat.S_IMODE((folder / "lab.json").stat().st_mode) == 0o600
    api = http.client.HTTPConnection(lab["api"]["url"].removeprefix("http://"), timeout=5)
    api.request("GET", "/api/v1/seats", headers={"Authorization": f"Bearer {lab['api']['token']}"})
    assert api.getresponse().status == 200
    api.close()


@pytest.mark.parametrize("prefix", [[], ["-rx"]])
def test_asterisk_cli_runs_one_command(shared, prefix):
    _, lab = shared
    said = subprocess.run(
        [lab["asterisk_cli"], *prefix, "core show channels"], capture_output=True, text=True
    )
    assert "active channel" in said.stdout
    assert said.stderr == ""


def test_asterisk_is_not_root(shared):
    _, lab = shared
    status = Path(f"/proc/{lab['pids']['asterisk']}/status").read_text()
    uids = re.search(r"^Uid:\s+(\d+)\s+(\d+)", status, re.M)
    assert uids
    assert "0" not in uids.groups()


def test_second_up_is_refused_and_harms_nothing(shared):
    folder, _ = shared
    again = run("up", "--dir", folder, "--detach")
    assert again.returncode == 4
    assert "lab down" in again.stderr
    assert run("status", "--dir", folder).returncode == 0


def test_status_says_what_runs(shared):
    folder, _ = shared
    now = json.loads(run("status", "--dir", folder, "--json").stdout)
    assert now["running"]
    assert now["ready"]
    assert not now["stale"]


def test_down_leaves_no_process_no_port_and_no_description(lab, folder):
    members = _session(lab["pids"]["service"])
    down = run("down", "--dir", folder)
    assert down.returncode == 0
    assert not any(alive(pid) for pid in [*lab["pids"].values(), *members])
    assert not (folder / "lab.json").exists()
    assert run("status", "--dir", folder).returncode == 3
    assert str(folder) not in Path("/proc/mounts").read_text()
    assert "no lab" in run("down", "--dir", folder).stdout


def _session(leader):
    """Everything in the session that a process leads."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader:
                members.append(int(entry.name))
    return members


def test_service_that_was_killed_is_started_again_by_the_command_in_lab_json(lab, folder):
    os.kill(lab["pids"]["service"], signal.SIGKILL)
    assert wait_until(lambda: not alive(lab["pids"]["service"]))
    assert run("status", "--dir", folder).returncode == 3
    restart = subprocess.run(shlex.split(lab["restart"]), capture_output=True, text=True)
    assert restart.returncode == 0, restart.stderr
    again = json.loads((folder / "lab.json").read_text())
    assert again["pids"]["asterisk"] == lab["pids"]["asterisk"]
    assert again["pids"]["service"] != lab["pids"]["service"]
    assert run("status", "--dir", folder).returncode == 0


def test_lab_that_died_is_recognised_and_does_not_stand_in_the_way(lab, folder):
    for pid in (*_session(lab["pids"]["service"]), lab["pids"]["asterisk"]):
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not any(alive(pid) for pid in lab["pids"].values()))
    now = json.loads(run("status", "--dir", folder, "--json").stdout)
    assert now["stale"]
    assert not now["running"]
    up = run("up", "--dir", folder, "--lang", "none", "--detach")
    assert up.returncode == 0, up.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_lab_in_the_foreground_ends_with_ctrl_c(folder, how):
    child = subprocess.Popen(
        command("up", "--dir", folder, "--lang", "none"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert wait_until(lambda: (folder / "lab.json").exists(), 60)
        pids = json.loads((folder / "lab.json").read_text())["pids"]
        time.sleep(0.5)
        child.send_signal(how)
        said, _ = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 0, said
    assert "Register softphones as" in said
    assert not any(alive(pid) for pid in pids.values())


def test_up_that_is_interrupted_leaves_nothing_behind(folder):
    child = subprocess.Popen(
        command("up", "--dir", folder, "--lang", "none"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert wait_until(lambda: "asterisk" in _noted(folder), 60)
        pid = _noted(folder)["asterisk"]["pid"]
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=30)
    finally:
        child.kill()
    assert not alive(pid)
    assert not (folder / "lab.json").exists()


def _noted(folder):
    try:
        return json.loads((folder / "processes.json").read_text())
    except (OSError, ValueError):
        return {}


def test_asterisk_that_cannot_start_is_explained_and_nothing_is_left(folder, monkeypatch):
    broken = labs.lab_asterisk.render

    def render(*arguments):
        files = broken(*arguments)
        modules = arguments[2] / "modules.conf"
        modules.write_text(modules.read_text() + "require = no_such_module.so\n")
        return files

    monkeypatch.setattr(labs.lab_asterisk, "render", render)
    with pytest.raises(labs.LabError, match="no_such_module"):
        labs.up(labs.LabOptions(folder, language="none"), lambda text: None)
    assert not labs.status(folder).parts["asterisk"]
    assert not (folder / "lab.json").exists()
