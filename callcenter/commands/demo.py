"""``callcenter demo``: three scenes on real calls, every step checked."""

from __future__ import annotations

import enum
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from callcenter.commands.failure import fail
from callcenter.lab import demo as demos
from callcenter.lab.errors import LabError
from callcenter.settings import SettingsError

EXIT_FAILED = 1
EXIT_NOT_STARTED = 2
EXIT_BROKEN_OFF = 130


class SceneName(enum.StrEnum):
    """What can be played."""

    robbery = "robbery"
    full_floor = "full-floor"
    dead_service = "dead-service"


def demo(
    scene: Annotated[
        list[SceneName] | None, typer.Option(help="Only this scene; may be given again.")
    ] = None,
    folder: Annotated[Path, typer.Option("--dir", help="The demo's own lab.")] = demos.FOLDER,
) -> None:
    """Start a lab, play real calls through it, check every step, stop everything.

    Exit status: 0 every step happened, 1 one did not (the end says which), 2 the lab did not
    start.

    Example: callcenter demo --scene robbery
    """
    from rich.console import Console

    # A shell that starts it in the background has Ctrl-C ignored; SIGTERM is to work all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    scenes = [one.value for one in scene] if scene else list(demos.SCENES)
    width = None if sys.stdout.isatty() else 120
    try:
        verdict = demos.run(Console(width=width), scenes, folder)
    except (LabError, SettingsError) as error:
        fail(error, EXIT_NOT_STARTED)
    except KeyboardInterrupt:
        fail("broken off; everything is stopped", EXIT_BROKEN_OFF)
    if not verdict.ok:
        raise typer.Exit(EXIT_FAILED)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Told to end, it ends as by Ctrl-C: everything is stopped."""
    signal.raise_signal(signal.SIGINT)
