"""``callcenter lab``: a whole hotline on this machine, on loopback."""

from __future__ import annotations

import enum
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from callcenter.lab import lab as labs
from callcenter.lab.errors import AlreadyRunning, LabError
from callcenter.lab.layout import DEFAULT_LAB, LabOptions
from callcenter.settings import SettingsError

EXIT_FAILED = 1
EXIT_SETTINGS = 2
EXIT_NOT_RUNNING = 3
EXIT_ALREADY = 4

app = typer.Typer(no_args_is_help=True, help="A whole hotline on this machine, on loopback.")


class Language(enum.StrEnum):
    """What callers speak in the lab; none runs without a recogniser."""

    en = "en"
    ko = "ko"
    none = "none"


Folder = Annotated[Path, typer.Option("--dir", help="The lab's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog="Example: callcenter lab up --seats 4 --officers 8 --detach")
def up(
    seats: Annotated[int, typer.Option(help="Operators' seats.")] = 2,
    officers: Annotated[int, typer.Option(help="Precinct officers.")] = 4,
    lang: Annotated[Language, typer.Option(help="What callers speak.")] = Language.en,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it running and return.")] = False,
    as_json: AsJson = False,
    folder: Folder = DEFAULT_LAB,
) -> None:
    """Start Asterisk and the service, and wait until they take calls.

    Without --detach it runs until Ctrl-C, which takes everything down. Exit status: 0 started
    (and taken down), 1 something did not start or ended, 2 wrong settings, 4 it is up already.
    """
    options = LabOptions(folder, seats, officers, _language(lang))
    # Told to end while starting, it takes down what has started.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        lab = labs.up(options, _say)
    except AlreadyRunning as error:
        _fail(error, EXIT_ALREADY)
    except SettingsError as error:
        _fail(error, EXIT_SETTINGS)
    except LabError as error:
        _fail(error, EXIT_FAILED)
    except KeyboardInterrupt:
        _say("taken down")
        raise typer.Exit(EXIT_FAILED) from None
    value = lab.description
    typer.echo(json.dumps(value, indent=2) if as_json else _guide(value))
    if not detach:
        _stay(lab)


def _stay(lab: labs.Lab) -> None:
    """Stay until Ctrl-C, SIGTERM or Asterisk's end; the service may die and be started again."""
    _say("Ctrl-C takes the lab down.")
    status = 0
    try:
        lab.stay(_say)
        _say("Asterisk has ended by itself; see asterisk/log in the lab's folder")
        status = EXIT_FAILED
    except KeyboardInterrupt:
        pass
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lab.down()
    _say("taken down")
    raise typer.Exit(status)


@app.command(epilog="Example: callcenter lab down")
def down(folder: Folder = DEFAULT_LAB) -> None:
    """Take the lab down; nothing of it is left running."""
    try:
        ran = labs.down(folder)
    except LabError as error:
        _fail(error, EXIT_FAILED)
    typer.echo("taken down" if ran else "no lab was up")


@app.command(epilog="Example: callcenter lab status --json")
def status(as_json: AsJson = False, folder: Folder = DEFAULT_LAB) -> None:
    """Say what of the lab runs. Exit status: 0 all of it and ready, 3 not."""
    now = labs.status(folder)
    if as_json:
        typer.echo(json.dumps({**asdict(now), "running": now.running}))
    else:
        for part, alive in now.parts.items():
            typer.echo(f"{part}: {'runs' if alive else 'does not run'}")
        if now.parts["service"]:
            typer.echo(f"calls: {'taken' if now.ready else 'not taken yet'}")
        if now.stale:
            typer.echo("the last lab died; `callcenter lab down` clears up after it")
    if not (now.running and now.ready):
        raise typer.Exit(EXIT_NOT_RUNNING)


@app.command(epilog="Example: callcenter lab restart")
def restart(folder: Folder = DEFAULT_LAB) -> None:
    """Start the service again after it died; Asterisk and its calls go on meanwhile."""
    try:
        labs.restart_service(folder, _say)
    except SettingsError as error:
        _fail(error, EXIT_SETTINGS)
    except LabError as error:
        _fail(error, EXIT_FAILED)


def _guide(value: dict[str, Any]) -> str:
    """How to use it, for a person with a softphone and a browser."""
    sip = value["sip"]
    numbers = " or ".join(line["number"] for line in value["lines"])
    phones = [
        *(f"  seat     {seat['user']}  password {seat['password']}" for seat in value["seats"]),
        *(
            f"  officer  {officer['user']}  password {officer['password']}"
            f"  precinct {officer['precinct']}"
            for officer in value["officers"]
        ),
    ]
    return "\n".join(
        [
            "",
            f"The hotline is up. SIP server {sip['host']}:{sip['port']} (UDP or TCP).",
            "Register softphones as:",
            *phones,
            f"Call {numbers} from any softphone on this machine, without an account;",
            "a registered seat rings. A registered phone tests itself with *43 (echo).",
            f"Console: {value['console']['url']}",
            f"  sign in as {value['console']['user']} with {value['console']['password']}",
            f"Recordings: {value['recordings']}",
            f"Asterisk's console: {value['asterisk_cli']} 'core show channels'",
            "",
        ]
    )


def _language(lang: Language) -> Any:
    return lang.value


def _say(text: str) -> None:
    """Progress, apart from what the command prints for programs."""
    typer.echo(text, file=sys.stderr)


def _fail(error: Exception, status: int) -> NoReturn:
    typer.echo(f"callcenter: {error}", err=True)
    raise typer.Exit(status) from None


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
