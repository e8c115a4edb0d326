"""``callcenter call``: one scripted call through a running lab."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from callcenter.lab.errors import LabError
from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile
from callcenter.lab.lab_phones import LabPhones
from callcenter.lab.layout import DEFAULT_LAB, LabFolders
from callcenter.lab.phone_errors import PhoneError
from callcenter.lab.play import Player, Tell
from callcenter.lab.played import Played
from callcenter.lab.script import Script, ScriptError
from ivr.errors import SpeechOutError

EXIT_FAILED = 1
EXIT_SCRIPT = 2
EXIT_NO_LAB = 3


def call(
    script: Annotated[Path, typer.Option(help="What is said by whom, in JSON.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    folder: Annotated[Path, typer.Option("--dir", help="The lab's folder.")] = DEFAULT_LAB,
) -> None:
    """Play one scripted call through the running lab with real SIP phones.

    Prints the timeline (as the service tells it and as the phones measured it) and the record.
    Exit status: 0 every step happened, 1 one did not, 2 the script is wrong, 3 no lab is up.

    Example: callcenter call --script callcenter/lab/scripts/robbery.json --json
    """
    try:
        known = Script.load(script)
        lab = LabFile.load(LabFolders(folder.absolute()).description)
    except ScriptError as error:
        _fail(error, EXIT_SCRIPT)
    except LabError as error:
        _fail(error, EXIT_NO_LAB)
    try:
        played = asyncio.run(_play(lab, known, script, _tell))
    except ScriptError as error:
        _fail(error, EXIT_SCRIPT)
    except (PhoneError, ApiFault, SpeechOutError) as error:
        _fail(error, EXIT_FAILED)
    except KeyboardInterrupt:
        _fail("broken off", EXIT_FAILED)
    if as_json:
        typer.echo(json.dumps(played.to_json(), ensure_ascii=False, indent=2))
    else:
        _print(played)
    if not played.ok:
        raise typer.Exit(EXIT_FAILED)


async def _play(lab: LabFile, script: Script, file: Path, tell: Tell) -> Played:
    async with HotlineApi(lab.api.url, lab.api.token) as api, LabPhones(lab) as phones:
        return await Player(lab, api, phones, script, file, tell=tell).play()


def _print(played: Played) -> None:
    from rich.console import Console

    from callcenter.lab import screen

    console = Console()
    screen.transcript(console, played.transcript)
    screen.timeline(console, played.rows)
    screen.record(console, played.call)
    screen.faults(console, played.faults)


def _tell(text: str) -> None:
    typer.echo(text, file=sys.stderr)


def _fail(error: object, status: int) -> NoReturn:
    typer.echo(f"callcenter: {error}", err=True)
    raise typer.Exit(status)
