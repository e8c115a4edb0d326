"""``callcenter call``: a script played through the running hotline, as a person would run it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from callcenter.lab.demo import left_running
from tests.integration.service.hotline import Hotline

pytestmark = pytest.mark.asterisk

SCRIPT: dict[str, Any] = {
    "id": "short",
    "line": "110",
    "from": "2125550199",
    "turns": [
        {"who": "operator", "text": "Emergency hotline. What has happened?"},
        {"who": "caller", "text": "A man with a gun took my bag."},
        {"who": "operator", "text": "The officer is coming on the line now."},
        {"who": "officer", "text": "Are you hurt? Where did he go?"},
        {"who": "caller", "text": "I am fine. He ran into the park."},
        {"who": "officer", "text": "We are on our way to you."},
    ],
}


async def call(script: Path, lab: Path) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", "call", "--json"),
        *("--script", str(script), "--dir", str(lab)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 100)
    return process.returncode or 0, out.decode(), err.decode()


def folder_of(hotline: Hotline) -> Path:
    return Path(hotline.description["settings"]).parent


def write(folder: Path, **changes: Any) -> Path:
    file = folder / "script.json"
    file.write_text(json.dumps({**SCRIPT, **changes}), "utf-8")
    return file


async def test_a_call_goes_the_whole_way_to_the_officer(hotline, tmp_path: Path):
    lab = folder_of(hotline)
    status, out, err = await call(write(tmp_path), lab)
    assert status == 0, f"{out}\n{err}"
    played = json.loads(out)
    assert played["ok"]
    assert [turn["who"] for turn in played["turns"]] == [t["who"] for t in SCRIPT["turns"]]
    # In mid-call three are on the line, after the operator has left two.
    assert [sorted(turn["heard_by"]) for turn in played["turns"][3:]] == [
        ["caller", "operator"],
        ["officer", "operator"],
        ["caller"],
    ]
    steps = {row["step"]: row["ms"] for row in played["timeline"]}
    assert steps["answered"] < 3000
    assert steps["officer_took"] < steps["both_heard"] < steps["operator_left"] < steps["closed"]
    assert played["call"]["state"] == "closed"
    assert played["recordings"]
    assert not left_running(lab / "phones")


async def test_a_call_without_an_officer_ends_when_the_caller_hangs_up(hotline, tmp_path: Path):
    status, out, err = await call(write(tmp_path, turns=SCRIPT["turns"][:2]), folder_of(hotline))
    assert status == 0, f"{out}\n{err}"
    assert [row["step"] for row in json.loads(out)["timeline"]] == ["ringing", "answered", "closed"]


async def test_a_wrong_script_costs_no_call(hotline, tmp_path: Path):
    status, out, err = await call(write(tmp_path, lang="fr"), folder_of(hotline))
    assert status == 2
    assert out == ""
    assert 'script.json: lang: got "fr"; expected one of en, ko, zh' in err


async def test_a_line_that_the_lab_does_not_have_is_a_fault(hotline, tmp_path: Path):
    status, out, _ = await call(write(tmp_path, line="999"), folder_of(hotline))
    assert status == 1
    assert json.loads(out)["faults"] == ["line 999 is not a line of this lab; it has 110, 911"]


async def test_without_a_lab_it_says_how_to_start_one(tmp_path: Path):
    status, _, err = await call(write(tmp_path), tmp_path / "no-lab")
    assert status == 3
    assert "`callcenter lab up --detach` starts one" in err
