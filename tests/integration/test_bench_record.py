"""`callcenter bench record` on calls of one's own, from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROBBED = {
    "id": "robbed",
    "turns": [
        {"who": "operator", "text": "Emergency hotline. What happened?"},
        {"who": "caller", "text": "I was robbed at Broadway and Canal Street, he had a knife."},
    ],
    "expected": {
        "category": "robbery",
        "level": "red",
        "place": {
            "text": "Broadway and Canal Street",
            "lat": 40.7191,
            "lon": -74.0018,
            "precinct": "5",
        },
        "weapons": ["knife"],
    },
}
BURNING = {
    "id": "burning",
    "turns": [{"who": "caller", "text": "There is a fire in our kitchen, please hurry!"}],
    "expected": {"category": "theft", "level": "red"},
}


def bench(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "callcenter", "bench", "record", "--data", str(data), *options]
    return subprocess.run(program, capture_output=True, text=True, timeout=60)


def folder(tmp_path: Path) -> Path:
    (tmp_path / "held_out").mkdir()
    (tmp_path / "robbed.json").write_text(json.dumps(ROBBED), "utf-8")
    (tmp_path / "held_out" / "burning.json").write_text(json.dumps(BURNING), "utf-8")
    return tmp_path


def test_two_calls_are_judged_and_only_the_dev_set_is_listed(tmp_path: Path) -> None:
    done = bench(folder(tmp_path), "--list", "--json")
    assert done.returncode == 1, done.stderr  # the held-out call's category is not a theft
    report: dict[str, Any] = json.loads(done.stdout)
    figures = {figure["name"]: figure for figure in report["figures"]}
    assert figures["en dev: category F1"]["value"] == 1.0
    assert figures["en dev: weapons F1"]["value"] == 1.0
    assert figures["en held-out: category F1"] == {
        "name": "en held-out: category F1",
        "value": 0.0,
        "unit": "",
        "at_least": 0.92,
        "met": False,
    }
    assert report["details"]["extraction_ms"]["count"] == 3
    assert "burning" not in done.stdout


def test_held_out_mistakes_are_refused_with_the_reason(tmp_path: Path) -> None:
    done = bench(folder(tmp_path), "--set", "held-out", "--list")
    assert done.returncode == 2
    assert "could not be judged by them" in done.stderr


def test_a_wrong_call_is_said_with_its_file_and_place(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({**ROBBED, "expected": {"level": "red"}}), "utf-8")
    done = bench(tmp_path, "--json")
    assert done.returncode == 1
    assert "a.json: expected.category" in json.loads(done.stdout)["failed"]
