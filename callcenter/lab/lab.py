"""The whole hotline on one machine: up, down, status, and the service alone again.

``processes.json`` says what runs from the moment it runs, ``lab.json`` is written when all of it
is ready and removed when it is taken down. Both name processes by id and start time, so that
files of a lab that died are recognised as such.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import http.client
import os
import shlex
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from callcenter.asterisk.installed import dotted
from callcenter.asterisk.render import HOLD_MUSIC
from callcenter.checks.places import refuse_wrong_places
from callcenter.lab import asterisk as lab_asterisk
from callcenter.lab import description
from callcenter.lab.errors import AlreadyRunning, LabError, NotStarted
from callcenter.lab.layout import (
    LabFolders,
    LabOptions,
    asterisk_root,
    free_ports,
    settings_text,
)
from callcenter.lab.processes import ProcessId, end_status, spawn, stop
from callcenter.lab.root import Say, find_or_build
from callcenter.settings import Secrets, Settings
from ivr.errors import IvrError
from ivr.hold_music import write_hold_music
from ivr.prompts import render_prompts

Part = Literal["asterisk", "service"]
PARTS: tuple[Part, ...] = ("asterisk", "service")
SERVICE_READY_S = 60.0
SERVICE_STOP_S = 10.0
_POLL_S = 0.1
_STAY_POLL_S = 0.5
_LOG_TAIL_LINES = 15


@dataclass(frozen=True, slots=True)
class Status:
    """What of the lab runs."""

    parts: dict[str, bool]
    ready: bool
    """The service answers and says that it can take calls."""
    stale: bool
    """Files of a lab that died lie here."""

    @property
    def running(self) -> bool:
        """Whether everything runs."""
        return all(self.parts.get(part, False) for part in PARTS)


@dataclass(frozen=True, slots=True)
class Lab:
    """A running lab."""

    folders: LabFolders

    @property
    def description(self) -> dict[str, Any]:
        """The content of ``lab.json``."""
        return description.read(self.folders.description) or {}

    def status(self) -> Status:
        """What of it runs now."""
        return status(self.folders.base)

    def down(self) -> None:
        """Take it down."""
        down(self.folders.base)

    def restart_service(self, say: Say = print) -> None:
        """Start the service again after it died."""
        restart_service(self.folders.base, say)

    def stay(self, say: Say = print) -> None:
        """Return when Asterisk ends by itself; say when the service does, or is back."""
        service_ran = True
        while True:
            known = _processes(self.folders)
            asterisk, service = known.get("asterisk"), known.get("service")
            if asterisk is None or not asterisk.alive:
                return
            service_runs = service is not None and service.alive
            if service_ran and not service_runs:
                say(f"the service has died; start it again: {self.description.get('restart')}")
            elif service_runs and not service_ran:
                say("the service is back")
            service_ran = service_runs
            time.sleep(_STAY_POLL_S)


def up(options: LabOptions, say: Say = print) -> Lab:
    """Start everything and wait until it takes calls.

    Raises:
        AlreadyRunning: this lab is up.
        LabError: something is missing or did not start; nothing is left running.
        SettingsError: the settings cannot be rendered.
    """
    folders = LabFolders(options.folder.absolute())
    with _locked(folders):
        known = status(folders.base)
        if any(known.parts.values()):
            raise AlreadyRunning(
                f"a lab is up in {folders.base}; `callcenter lab down` takes it down"
            )
        _forget(folders)
        try:
            with _choosing_ports():
                return _start(options, folders, say)
        except BaseException:
            _stop_all(folders)
            raise


def _start(options: LabOptions, folders: LabFolders, say: Say) -> Lab:
    root = find_or_build(asterisk_root(), say)
    ports = free_ports(os.cpu_count() or 1, options.port_shift)
    folders.settings.write_text(settings_text(options, ports), "utf-8")
    settings = Settings.load(folders.settings)
    secrets = Secrets.load_or_generate(settings)
    with _step(say, "sounds: what callers hear"):
        prepare_sounds(settings, say)
    with _step(say, f"Asterisk {dotted(root.version)}"):
        asterisk = lab_asterisk.start(settings, secrets, root, folders.asterisk)
    _note(folders, "asterisk", asterisk.process)
    lab_asterisk.write_cli(folders.asterisk_cli, asterisk.cli_command())
    with _step(say, "service"):
        service = _start_service(folders, settings, secrets, append=False)
    description.write(
        folders.description,
        describe_running(options, folders, settings, secrets, asterisk.process, service),
    )
    return Lab(folders)


def describe_running(
    options: LabOptions,
    folders: LabFolders,
    settings: Settings,
    secrets: Secrets,
    asterisk: ProcessId,
    service: ProcessId,
) -> dict[str, Any]:
    """``lab.json`` of these processes."""
    program = [sys.executable, "-m", "callcenter", "lab", "restart"]
    restart = shlex.join([*program, "--dir", str(folders.base)])
    pids = {"service": service.pid, "asterisk": asterisk.pid}
    return description.describe(options, folders, settings, secrets, pids, restart)


def prepare_sounds(settings: Settings, say: Say) -> None:
    """Make the music on hold and the prompts; a missing prompt is said and costs no call."""
    music = settings.asterisk.sounds / HOLD_MUSIC
    if not music.exists():
        write_hold_music(music)
    languages = {language for line in settings.lines for language in line.languages}
    try:
        asyncio.run(render_prompts(settings.asterisk.sounds, sorted(languages | {"en"})))
    except IvrError as error:
        say(f"  prompts are missing, callers hear music instead: {error}")


def _start_service(
    folders: LabFolders, settings: Settings, secrets: Secrets, *, append: bool
) -> ProcessId:
    program = [sys.executable, "-m", "callcenter", "serve", "--settings", str(folders.settings)]
    process = spawn(program, folders.service_log, append=append)
    _note(folders, "service", process)
    until = time.monotonic() + SERVICE_READY_S
    while time.monotonic() < until:
        ended = end_status(process)
        if ended is not None:
            raise NotStarted(f"the service ended with status {ended}\n{_tail(folders.service_log)}")
        if service_ready(settings, secrets):
            return process
        time.sleep(_POLL_S)
    raise NotStarted(
        f"the service was not ready after {SERVICE_READY_S:.0f} s\n{_tail(folders.service_log)}"
    )


def service_ready(settings: Settings, secrets: Secrets) -> bool:
    """Whether our service, not another's on the same port, says that it can take calls."""
    try:
        return all(_answers(settings, secrets, path) for path in ("/readyz", "/api/v1/queues"))
    except (OSError, http.client.HTTPException):
        return False


def _answers(settings: Settings, secrets: Secrets, path: str) -> bool:
    link = http.client.HTTPConnection(settings.api.host, settings.api.port, timeout=2)
    try:
        link.request("GET", path, headers={"Authorization": f"Bearer {secrets.api_token}"})
        return link.getresponse().status == http.client.OK
    finally:
        link.close()


def restart_service(folder: Path, say: Say = print) -> None:
    """Start the service of a running lab again; nothing when it runs.

    Raises:
        LabError: the lab is not up, or the service does not come up.
        SettingsError: the settings, or a file that they name, are wrong.
    """
    folders = LabFolders(folder.absolute())
    with _locked(folders):
        known = _processes(folders)
        value = description.read(folders.description)
        if value is None or "asterisk" not in known or not known["asterisk"].alive:
            raise LabError(f"no lab is up in {folders.base}; `callcenter lab up` starts one")
        service = known.get("service")
        if service and service.alive:
            say("the service runs")
            return
        if service:
            # Workers of a service that was killed hold its ports.
            stop(service, within_s=SERVICE_STOP_S, group=True)
        with _step(say, "service"):
            settings = Settings.load(folders.settings)
            refuse_wrong_places(settings)
            process = _start_service(folders, settings, Secrets.load(settings.secrets), append=True)
        value["pids"]["service"] = process.pid
        description.write(folders.description, value)


def restart_asterisk(folder: Path, say: Say = print) -> None:
    """Start the Asterisk of a running lab again after it died; it remembers who was registered.

    Raises:
        LabError: the lab is not up, its Asterisk runs, or does not start.
        SettingsError: a setting cannot be rendered.
    """
    folders = LabFolders(folder.absolute())
    with _locked(folders):
        value = description.read(folders.description)
        asterisk = _processes(folders).get("asterisk")
        if value is None or asterisk is None or asterisk.alive:
            raise LabError(f"no lab with a dead Asterisk is in {folders.base}")
        settings = Settings.load(folders.settings)
        root = find_or_build(asterisk_root(), say)
        with _step(say, "Asterisk"):
            started = lab_asterisk.start(
                settings,
                Secrets.load(settings.secrets),
                root,
                folders.asterisk,
                "console-again",
                anew=False,
            )
        _note(folders, "asterisk", started.process)
        lab_asterisk.write_cli(folders.asterisk_cli, started.cli_command())
        value["pids"]["asterisk"] = started.process.pid
        description.write(folders.description, value)


def down(folder: Path) -> bool:
    """Take a lab down, or clear up after one that died; whether anything ran."""
    folders = LabFolders(folder.absolute())
    if not folders.base.exists():
        return False
    with _locked(folders):
        ran = any(process.alive for process in _processes(folders).values())
        _stop_all(folders)
        return ran


def status(folder: Path) -> Status:
    """What of a lab runs."""
    folders = LabFolders(folder.absolute())
    parts: dict[str, bool] = {part: process.alive for part, process in _processes(folders).items()}
    running = any(parts.values())
    ready = False
    if parts.get("service"):
        with contextlib.suppress(Exception):
            settings = Settings.load(folders.settings)
            ready = service_ready(settings, Secrets.load(settings.secrets))
    return Status(
        parts={part: parts.get(part, False) for part in PARTS},
        ready=ready,
        stale=not running and folders.description.exists(),
    )


def _stop_all(folders: LabFolders) -> None:
    """The service first: it says good-bye to consoles while Asterisk still answers it."""
    known = _processes(folders)
    if "service" in known:
        stop(known["service"], within_s=SERVICE_STOP_S, group=True)
    if "asterisk" in known:
        stop(known["asterisk"], within_s=lab_asterisk.STOP_TIMEOUT_S, group=True)
    _forget(folders)


def _forget(folders: LabFolders) -> None:
    folders.description.unlink(missing_ok=True)
    folders.processes.unlink(missing_ok=True)


def _processes(folders: LabFolders) -> dict[str, ProcessId]:
    value = description.read(folders.processes) or {}
    return {
        part: ProcessId(int(entry["pid"]), int(entry["started"])) for part, entry in value.items()
    }


def _note(folders: LabFolders, part: Part, process: ProcessId) -> None:
    value = description.read(folders.processes) or {}
    description.write(folders.processes, {**value, part: asdict(process)})


def _tail(file: Path) -> str:
    lines = file.read_text("utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-_LOG_TAIL_LINES:])


@contextlib.contextmanager
def _step(say: Callable[[str], None], what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"{what}: ready ({time.monotonic() - began:.1f} s)")


@contextlib.contextmanager
def _locked(folders: LabFolders) -> Iterator[None]:
    """Only one at a time starts or stops a lab."""
    folders.base.mkdir(parents=True, exist_ok=True)
    with folders.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError(
                f"the lab in {folders.base} is being started or taken down; wait for it"
            ) from None
        yield


@contextlib.contextmanager
def _choosing_ports() -> Iterator[None]:
    """Keep two labs from choosing the same free ports before either listens on them.

    Others can write to the folder and guess the name: what lies there is neither followed
    elsewhere nor emptied, and is used only if it is ours.
    """
    file = Path(tempfile.gettempdir()) / f"callcenter-ports-{os.geteuid()}.lock"
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        lock = os.open(file, flags, 0o600)
    except OSError as error:
        raise LabError(f"{file}: {error.strerror}; remove it") from None
    try:
        known = os.fstat(lock)
        if known.st_uid != os.geteuid() or not stat.S_ISREG(known.st_mode):
            raise LabError(f"{file}: not a file of this user; have it removed")
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
