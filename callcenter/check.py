"""What would keep this hotline from taking calls, said before the first caller finds out.

Each check gives findings; a finding names the file, the setting, the port or the program, says
what is wrong and what would be right.
"""

from __future__ import annotations

import http.client
import os
import queue
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asr.errors import ModelError
from asr.models import list_models
from callcenter.asterisk import installed as asterisks
from callcenter.asterisk.render import HOLD_MUSIC, RenderError, render
from callcenter.settings import Secrets, Settings, SettingsError
from ivr.prompts import texts

Level = Literal["ok", "warning", "error"]

RESOLVE_WITHIN_S = 1.0
CLOCK_WATCH_S = 1.0
CLOCK_JUMP_S = 0.2
PROBE_TIMEOUT_S = 1.0
VOICES = {"en": "flite"}
"""Which program speaks a language; the others are spoken by `OTHER_VOICE`."""
OTHER_VOICE = "espeak-ng"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    text: str


def check(settings_file: Path, asterisk_folder: Path) -> list[Finding]:
    """Look at everything; wrong settings end the list, for the rest depends on them."""
    try:
        settings = Settings.load(settings_file)
        secrets = Secrets.load_or_generate(settings)
    except SettingsError as error:
        return [Finding("error", "settings", str(error))]
    findings = [Finding("ok", "settings", str(settings_file))]
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _configuration(settings, secrets),
        lambda: _asterisk(asterisk_folder),
        lambda: _ports(settings, secrets),
        lambda: _folders(settings),
        lambda: _sounds(settings),
        lambda: _models(settings),
        lambda: _places(settings),
        _host_name,
        _clock,
    ]
    for one in checks:
        findings += one()
    return findings


def _configuration(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            files = render(settings, secrets, Path(folder))
        except RenderError as error:
            yield Finding("error", "configuration", str(error))
        else:
            yield Finding("ok", "configuration", f"{len(files)} files for Asterisk can be rendered")


def _asterisk(folder: Path) -> Iterator[Finding]:
    oldest = asterisks.dotted(asterisks.OLDEST)
    own = asterisks.installed()
    usable = asterisks.find(folder)
    if usable:
        yield Finding("ok", "asterisk", f"{asterisks.dotted(usable.version)} in {usable.path}")
    elif own:
        yield Finding(
            "error",
            "asterisk",
            f"{own.program} is {asterisks.dotted(own.version)}; expected {oldest} or later, "
            "older ones deadlock under load. `make setup` makes one for the lab.",
        )
    else:
        yield Finding(
            "error", "asterisk", f"none here; expected {oldest} or later. `make setup` makes one."
        )


def _ports(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    """A port may be taken by what is meant to have it, and by nothing else."""
    asterisk_runs = _is_our_asterisk(settings, secrets)
    service_runs = _is_our_service(settings, secrets)
    sip, ami, agi, api = settings.sip, settings.ami, settings.fastagi, settings.api
    wanted = [
        ("sip.port", sip.host, sip.port, True, asterisk_runs),
        ("ami.port", ami.host, ami.port, False, asterisk_runs),
        ("fastagi.port", agi.host, agi.port, False, service_runs),
        ("api.port", api.host, api.port, False, service_runs),
    ]
    if settings.speech.enabled:
        for number in range(settings.speech.workers or os.cpu_count() or 1):
            port = settings.speech.first_port + number
            wanted.append(
                (f"speech.first_port + {number}", settings.speech.host, port, False, service_runs)
            )
    for name, host, port, datagram, ours in wanted:
        if ours:
            yield Finding("ok", name, f"{host}:{port} is held by what is meant to have it")
            continue
        failure = _cannot_bind(host, port, datagram=datagram)
        if failure:
            yield Finding(
                "error",
                name,
                f"{host}:{port}: {failure}; end what holds it or choose another port",
            )
        else:
            yield Finding("ok", name, f"{host}:{port} is free")


def _cannot_bind(host: str, port: int, *, datagram: bool) -> str:
    kinds = [socket.SOCK_STREAM, *([socket.SOCK_DGRAM] if datagram else [])]
    for kind in kinds:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
            with socket.socket(family, kind) as probe:
                if kind is socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _is_our_asterisk(settings: Settings, secrets: Secrets) -> bool:
    """Whether an Asterisk with these passwords has the port; another one would refuse them."""
    login = (
        f"Action: Login\r\nUsername: {settings.ami.reader}\r\n"
        f"Secret: {secrets.ami_reader}\r\nEvents: off\r\n\r\n"
    )
    said = b""
    try:
        address = (settings.ami.host, settings.ami.port)
        with socket.create_connection(address, timeout=PROBE_TIMEOUT_S) as link:
            link.sendall(login.encode())
            while b"Response: " not in said and (more := link.recv(1024)):
                said += more
    except OSError:
        return False
    return b"Response: Success" in said


def _is_our_service(settings: Settings, secrets: Secrets) -> bool:
    """Whether a service that knows this token has the port."""
    link = http.client.HTTPConnection(settings.api.host, settings.api.port, timeout=PROBE_TIMEOUT_S)
    try:
        headers = {"Authorization": f"Bearer {secrets.api_token}"}
        link.request("GET", "/api/v1/queues", headers=headers)
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _folders(settings: Settings) -> Iterator[Finding]:
    for name, folder in (
        ("asterisk.recordings", settings.asterisk.recordings),
        ("asterisk.sounds", settings.asterisk.sounds),
        ("recordings.directory", settings.recordings.directory),
    ):
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            yield Finding("error", name, f"{folder}: cannot be written ({there})")
        else:
            yield Finding("ok", name, str(folder))


def _sounds(settings: Settings) -> Iterator[Finding]:
    folder = settings.asterisk.sounds
    music = folder / HOLD_MUSIC
    if not music.is_file() or music.stat().st_size == 0:
        yield Finding(
            "warning", "music on hold", f"{music} is missing; callcenter asterisk render makes it"
        )
    for language in sorted({language for line in settings.lines for language in line.languages}):
        missing = [
            name for name in texts(language, "") if not (folder / language / f"{name}.sln").exists()
        ]
        voice = VOICES.get(language, OTHER_VOICE)
        if missing and shutil.which(voice) is None:
            yield Finding(
                "error",
                f"prompts {language}",
                f"{folder / language}: {', '.join(missing)} missing, and {voice} that could "
                f"speak them is not installed (apt install {voice})",
            )
        elif missing:
            yield Finding(
                "warning",
                f"prompts {language}",
                f"{folder / language}: {len(missing)} missing; the service speaks them with "
                f"{voice} when it starts",
            )
        else:
            yield Finding("ok", f"prompts {language}", str(folder / language))


def _models(settings: Settings) -> Iterator[Finding]:
    speech = settings.speech
    if not speech.enabled:
        yield Finding("warning", "speech", "speech.enabled is false: nothing is recognised")
        return
    try:
        states = list_models(speech.models)
    except ModelError as error:
        yield Finding("error", "speech", str(error))
        return
    for state in states:
        if state.state == "broken":
            yield Finding("error", f"model {state.entry.name}", state.why)
    for language in sorted({language for line in settings.lines for language in line.languages}):
        names = [
            state.entry.name
            for state in states
            if state.state == "installed"
            and state.entry.language == language
            and state.entry.engine in speech.engines
        ]
        if names:
            yield Finding("ok", f"model {language}", ", ".join(names))
        else:
            yield Finding(
                "warning",
                f"model {language}",
                f"none in {speech.models}: calls are taken, but nothing is recognised; "
                f"callcenter models get {language}",
            )


def _places(settings: Settings) -> Iterator[Finding]:
    files = [("precincts.boundaries", settings.precincts.boundaries)]
    files += [("precincts.gazetteer", file) for file in settings.precincts.gazetteer]
    files += [("precincts.roster", settings.precincts.roster)]
    for name, file in files:
        if file is not None and not file.is_file():
            yield Finding("error", name, f"{file}: no such file")


def _host_name() -> Iterator[Finding]:
    """Asterisk looks its own name up; where that hangs, every call does."""
    name = socket.gethostname()
    answer: queue.Queue[str] = queue.Queue()

    def resolve() -> None:
        try:
            socket.getaddrinfo(name, None)
            answer.put("")
        except OSError as error:
            answer.put(str(error))

    threading.Thread(target=resolve, daemon=True, name="resolve").start()
    try:
        failure = answer.get(timeout=RESOLVE_WITHIN_S)
    except queue.Empty:
        failure = f"no answer within {RESOLVE_WITHIN_S:g} s"
    if failure:
        yield Finding(
            "error",
            "host name",
            f"{name} does not resolve ({failure}): every call would wait for it. "
            f'Put "127.0.1.1 {name}" into /etc/hosts.',
        )
    else:
        yield Finding("ok", "host name", f"{name} resolves")


def _clock() -> Iterator[Finding]:
    """The heartbeat is a time of day: a clock that jumps looks like a dead service."""
    before = time.time() - time.monotonic()
    time.sleep(CLOCK_WATCH_S)
    jump_s = time.time() - time.monotonic() - before
    if abs(jump_s) > CLOCK_JUMP_S:
        yield Finding(
            "error",
            "clock",
            f"the time of day moved by {jump_s:+.1f} s within {CLOCK_WATCH_S:g} s; "
            "expected one time service that slews it (chrony, systemd-timesyncd)",
        )
    else:
        yield Finding("ok", "clock", "steady")
