"""The lock that labs of one user share, in a folder that everybody may write to."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from callcenter.lab import lab
from callcenter.lab.errors import LabError


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lab.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path / f"callcenter-ports-{os.geteuid()}.lock"


def test_link_that_somebody_put_there_is_not_followed(file: Path) -> None:
    theirs = file.with_name("precious")
    theirs.write_text("precious")
    file.symlink_to(theirs)
    with pytest.raises(LabError, match="remove it"), lab._choosing_ports():
        pass
    assert theirs.read_text() == "precious"


def test_pipe_that_somebody_put_there_holds_nobody_up(file: Path) -> None:
    os.mkfifo(file)
    with pytest.raises(LabError, match="not a file of this user"), lab._choosing_ports():
        pass


def test_file_of_somebody_else_is_not_used(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.touch()
    monkeypatch.setattr(lab.os, "geteuid", lambda: 12345)
    file.rename(file.with_name("callcenter-ports-12345.lock"))
    with pytest.raises(LabError, match="not a file of this user"), lab._choosing_ports():
        pass


def test_one_lab_waits_for_the_other(file: Path) -> None:
    chosen = threading.Event()

    def choose() -> None:
        with lab._choosing_ports():
            chosen.set()

    other = threading.Thread(target=choose)
    with lab._choosing_ports():
        other.start()
        assert not chosen.wait(0.1)
    assert chosen.wait(2)
    other.join()
    assert file.stat().st_mode & 0o077 == 0
