"""Which settings a command means: the file that is named, the one here, or the lab's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callcenter.lab.layout import DEFAULT_LAB, LabFolders

HERE = Path("callcenter.toml")

SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings", help="Settings file; by default callcenter.toml here, else the lab's."
    ),
]


def meant(settings: Path | None) -> Path | None:
    """The settings file that the option means; None where there is none at all."""
    lab = LabFolders(DEFAULT_LAB).settings
    return settings or next((file for file in (HERE, lab) if file.exists()), None)
