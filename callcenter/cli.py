"""The command line: one program, a command for each thing that a person does."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from callcenter.asterisk.errors import BadCredentials
from callcenter.commands import (
    asterisk,
    bench,
    call,
    check,
    config,
    demo,
    docs,
    extract,
    figures,
    gazetteer,
    incidents,
    lab,
    lexicon,
    lines,
    models,
    people,
    precincts,
    roster,
    simulate,
    staffing,
)
from callcenter.incidents.errors import LexiconError
from callcenter.logs import write_logs
from callcenter.precincts.errors import PrecinctError
from callcenter.settings import Secrets, Settings, SettingsError
from callcenter.store.errors import DatabaseUnusable

EXIT_FAILED = 1
EXIT_SETTINGS = 2
EXIT_CREDENTIALS = 3
SWITCH_S = 0.0005

app = typer.Typer(
    name="callcenter",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Emergency hotline that puts the caller straight through to the officer.",
)
app.add_typer(lab.app, name="lab")
app.add_typer(asterisk.app, name="asterisk")
app.add_typer(models.app, name="models")
app.add_typer(people.app, name="people")
app.add_typer(config.app, name="config")
app.add_typer(docs.app, name="docs")
app.add_typer(gazetteer.app, name="gazetteer")
app.add_typer(lines.app, name="lines")
app.add_typer(precincts.app, name="precincts")
app.add_typer(roster.app, name="roster")
app.add_typer(incidents.app, name="incidents")
app.add_typer(lexicon.app, name="lexicon")
app.command("bench", epilog=bench.EXAMPLE)(bench.bench)
app.command("call")(call.call)
app.command("check")(check.check)
app.command("demo")(demo.demo)
app.command("extract", epilog=extract.EXAMPLE)(extract.extract)
app.command("figures", epilog=figures.EXAMPLE)(figures.figures)
app.command("simulate", epilog=simulate.EXAMPLE)(simulate.simulate)
app.command("staffing", epilog=staffing.EXAMPLE)(staffing.staffing)


@app.command(epilog="Example: callcenter serve --settings /etc/callcenter/callcenter.toml")
def serve(
    settings: Annotated[Path, typer.Option(help="The settings file.")] = Path("callcenter.toml"),
) -> None:
    """Run the service until it is told to stop (SIGTERM or Ctrl-C).

    Exit status: 0 stopped, 1 a port is in use, 2 settings, a file they name or the database is
    wrong, 3 Asterisk refused the AMI password.
    """
    write_logs()
    try:
        known = Settings.load(settings)
        secrets = Secrets.load(known.secrets)
    except SettingsError as error:
        _refuse(error, EXIT_SETTINGS)
    try:
        asyncio.run(_serve(known, secrets))
    except* (DatabaseUnusable, PrecinctError, LexiconError, SettingsError) as wrong:
        _refuse(wrong.exceptions[0], EXIT_SETTINGS)
    except* BadCredentials as refused:
        _refuse(refused.exceptions[0], EXIT_CREDENTIALS)
    except* OSError as error:
        _refuse(error.exceptions[0], EXIT_FAILED)


def _refuse(why: BaseException, status: int) -> NoReturn:
    typer.echo(f"callcenter: {why}", err=True)
    sys.exit(status)


async def _serve(settings: Settings, secrets: Secrets) -> None:
    """Run until SIGTERM or SIGINT."""
    from callcenter.service.lifecycle import (
        Service,  # speech and the city load only for the service
    )

    # A thread that has run for this long gives way to the one that rings the phones. By default it
    # is 5 ms, and each call goes through many threads' hands.
    sys.setswitchinterval(SWITCH_S)
    service = await Service.prepare(settings, secrets)
    running = asyncio.create_task(service.run(), name="service")
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return


def main() -> None:
    """Run the program. What it logs goes to standard error: standard output is for results."""
    write_logs(level=logging.WARNING)
    app()
