"""What would keep this hotline from taking calls, said before the first caller finds out.

Each check gives findings; a finding names the file, the setting, the port or the program, says
what is wrong and what would be right.
"""

from __future__ import annotations

import os
import queue
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from asr.errors import ModelError
from asr.models import list_models
from callcenter.asterisk import installed as asterisks
from callcenter.asterisk.render import HOLD_MUSIC, RenderError, render
from callcenter.checks.finding import SETTINGS, Finding
from callcenter.checks.places import look_at_places
from callcenter.checks.ports import look_at_ports
from callcenter.settings import Secrets, Settings, SettingsError
from ivr.prompts import texts

RESOLVE_WITHIN_S = 1.0
CLOCK_WATCH_S = 1.0
CLOCK_JUMP_S = 0.2
VOICES = {"en": "flite"}
"""Which program speaks a language; the others are spoken by `OTHER_VOICE`."""
OTHER_VOICE = "espeak-ng"


def check(settings_file: Path, asterisk_folder: Path) -> list[Finding]:
    """Look at everything and change nothing.

    Wrong settings are the only finding then, named ``settings``: the rest depends on them.
    """
    try:
        settings = Settings.load(settings_file)
        known = None if _missing(settings.secrets) else Secrets.load(settings.secrets)
    except SettingsError as error:
        return [Finding("error", SETTINGS, str(error))]
    secrets = Secrets.complete(settings, known)
    findings = [Finding("ok", SETTINGS, str(settings_file))]
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "secrets": lambda: _secrets(settings.secrets, known, secrets),
        "configuration": lambda: _configuration(settings, secrets),
        "asterisk": lambda: _asterisk(asterisk_folder),
        "ports": lambda: look_at_ports(settings, secrets),
        "folders": lambda: _folders(settings),
        "sounds": lambda: _sounds(settings),
        "models": lambda: _models(settings),
        "places": lambda: look_at_places(settings),
        "host name": _host_name,
        "clock": _clock,
    }
    for what, one in checks.items():
        try:
            findings += one()
        except OSError as error:
            findings.append(Finding("error", what, str(error)))
    return findings


def _missing(file: Path) -> bool:
    """Whether there is none; one that cannot be looked at is for `Secrets.load` to refuse."""
    try:
        file.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _secrets(file: Path, known: Secrets | None, complete: Secrets) -> Iterator[Finding]:
    """Passwords that are still to be made; here they are made up and forgotten."""
    if known is None:
        yield Finding(
            "warning", "secrets", f"{file}: no such file; callcenter asterisk render makes it"
        )
    elif lacking := sorted(complete.phones.keys() - known.phones.keys()):
        yield Finding(
            "warning",
            "secrets",
            f"{file}: no password for {', '.join(lacking)}; callcenter asterisk render makes one",
        )
    else:
        yield Finding("ok", "secrets", str(file))


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
