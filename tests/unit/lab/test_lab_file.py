"""Reading lab.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callcenter.lab.lab_file import LabFile, LabFileError

WHOLE = {
    "sip": {"host": "127.0.0.1", "port": 5060},
    "lines": [{"number": "110", "queue": "emergency"}],
    "seats": [{"id": "s01", "user": "s01", "password": "secret-1"}],
    "officers": [{"id": "o19a", "precinct": "19", "user": "o19a", "password": "secret-2"}],
    "api": {"url": "http://127.0.0.1:8110", "token": "secret-3"},
    "recordings": "/somewhere",
    "asterisk_cli": "/somewhere/cli",
    "pids": {"service": 1, "asterisk": 2},
    "restart": "callcenter lab restart",
}


def test_a_lab_file_is_read_and_its_secrets_are_not_shown(tmp_path: Path):
    file = tmp_path / "lab.json"
    file.write_text(json.dumps(WHOLE))
    lab = LabFile.load(file)
    assert lab.officers[0].precinct == "19"
    assert lab.folder == tmp_path
    assert "secret" not in repr(lab)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "expected what `callcenter lab up` writes"),
        (json.dumps([1]), "expected what `callcenter lab up` writes"),
        (json.dumps({**WHOLE, "seats": []}), "seats: .*expected what"),
        (json.dumps({**WHOLE, "sip": {"host": "x"}}), r"sip\.port: Field required"),
    ],
)
def test_a_broken_lab_file_is_refused(tmp_path: Path, content: str, message: str):
    file = tmp_path / "lab.json"
    file.write_text(content)
    with pytest.raises(LabFileError, match=rf"lab\.json: .*{message}"):
        LabFile.load(file)


def test_no_lab_says_how_to_start_one(tmp_path: Path):
    with pytest.raises(LabFileError, match="`callcenter lab up --detach` starts one"):
        LabFile.load(tmp_path / "lab.json")
