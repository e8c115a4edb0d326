"""The demo: a lab of its own, three scenes on real calls, every printed step checked.

Everything is stopped afterwards, and it is checked that nothing is left running.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from callcenter.lab import lab as labs
from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile
from callcenter.lab.lab_phones import LabPhones
from callcenter.lab.layout import PROJECT, LabFolders, LabOptions
from callcenter.lab.live_words import LiveWords
from callcenter.lab.phone_errors import PhoneError
from callcenter.lab.scenes import dead_service, full_floor, robbery
from callcenter.lab.scenes.stage import SceneBroken, Stage
from callcenter.lab.script import ScriptError
from ivr.errors import SpeechOutError

FOLDER = PROJECT / "var" / "demo"
SEATS = 2
OFFICERS = 4
AT_MOST_S = 180.0
GONE_WITHIN_S = 5.0

Scene = Callable[[Stage], Awaitable[None]]
SCENES: dict[str, Scene] = {
    "robbery": robbery.play,
    "full-floor": full_floor.play,
    "dead-service": dead_service.play,
}


@dataclass(slots=True)
class Verdict:
    """What came of a demo."""

    faults: list[str] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Every step happened."""
        return not self.faults


def run(console: Console, scenes: Sequence[str], folder: Path = FOLDER) -> Verdict:
    """Start the lab, play scenes, stop everything. `LabError` when the lab does not start."""
    began = time.monotonic()
    verdict = Verdict()
    before = frozenset(_pids())
    folders = LabFolders(folder.absolute())
    labs.down(folders.base)  # of a demo that was killed
    options = LabOptions(folders.base, SEATS, OFFICERS, "en")
    console.rule("[bold]the lab[/]: Asterisk and the service on loopback", align="left")
    labs.up(options, lambda text: console.print(f"  [dim]{escape(text)}[/]", highlight=False))
    try:
        asyncio.run(_play(console, LabFile.load(folders.description), scenes, verdict))
    finally:
        console.print()
        with _undisturbed():
            labs.down(folders.base)
    left = left_running(folders.base, before)
    for process in left:
        verdict.faults.append(f"left running: {process}")
    verdict.took_s = time.monotonic() - began
    if verdict.took_s > AT_MOST_S:
        verdict.faults.append(f"took {verdict.took_s:.0f} s, expected less than {AT_MOST_S:.0f} s")
    _sum_up(console, verdict, left)
    return verdict


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C must not leave half of it running."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def _play(console: Console, lab: LabFile, scenes: Sequence[str], verdict: Verdict) -> None:
    async with HotlineApi(lab.api.url, lab.api.token) as api:
        with LiveWords(console) as words:
            following = asyncio.create_task(api.follow(words.on_event), name="event stream")
            try:
                for name in scenes:
                    # Phones of its own for each scene: none can help or hinder the next.
                    async with LabPhones(lab) as phones:
                        stage = Stage(lab, api, phones, console, words)
                        await _play_scene(stage, SCENES[name])
                    verdict.faults += stage.faults
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)


async def _play_scene(stage: Stage, scene: Scene) -> None:
    known = len(stage.faults)
    try:
        await scene(stage)
    except (SceneBroken, PhoneError, ApiFault, ScriptError, SpeechOutError) as error:
        # A step that was waited for in vain has been told already.
        if len(stage.faults) == known or not isinstance(error, SceneBroken):
            stage.check("the scene was played to its end", False, error)


def left_running(base: Path, before: frozenset[int] = frozenset()) -> list[str]:
    """Processes, newer than those ``before``, that still work for the lab in this folder.

    Waits a moment for them to end.
    """
    until = time.monotonic() + GONE_WITHIN_S
    while (left := _processes_of(base, before)) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _processes_of(base: Path, before: frozenset[int]) -> list[str]:
    found = []
    for pid in _pids():
        if pid in before:
            continue
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            folder = Path(f"/proc/{pid}/cwd").readlink()
        except (OSError, UnicodeDecodeError):
            continue
        if str(base) in command or folder.is_relative_to(base):
            found.append(f"{pid} {command.strip()[:100]}")
    return found


def _sum_up(console: Console, verdict: Verdict, left: Sequence[str]) -> None:
    console.rule("[bold]the end[/]", align="left")
    if not left:
        console.print("  [green]ok[/]     everything is stopped, no process is left")
    if verdict.ok:
        console.print(f"  [green]ok[/]     every step happened, in {verdict.took_s:.0f} s")
        return
    console.print(f"[red]{len(verdict.faults)} steps did not happen ({verdict.took_s:.0f} s):[/]")
    for fault in verdict.faults:
        console.print(f"  [red]-[/] {escape(fault)}", highlight=False, soft_wrap=True)
