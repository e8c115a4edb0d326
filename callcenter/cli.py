"""The command line: one program, a command for each thing that a person does."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.asterisk.errors import BadCredentials
from callcenter.commands import (
    asterisk,
    call,
    check,
    demo,
    extract,
    gazetteer,
    lab,
    models,
    precincts,
)
from callcenter.logs import write_logs
from callcenter.settings import Secrets, Settings, SettingsError
from callcenter.store.errors import DatabaseUnusable

if TYPE_CHECKING:
    from callcenter.service import Service

EXIT_SETTINGS = 2
EXIT_CREDENTIALS = 3

app = typer.Typer(
    name="callcenter",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Emergency hotline that puts the caller straight through to the officer.",
)
app.add_typer(lab.app, name="lab")
app.add_typer(asterisk.app, name="asterisk")
app.add_typer(models.app, name="models")
app.add_typer(gazetteer.app, name="gazetteer")
app.add_typer(precincts.app, name="precincts")
app.command("call")(call.call)
app.command("check")(check.check)
app.command("demo")(demo.demo)
app.command("extract", epilog=extract.EXAMPLE)(extract.extract)


@app.command(epilog="Example: callcenter serve --settings /etc/callcenter/callcenter.toml")
def serve(
    settings: Annotated[Path, typer.Option(help="The settings file.")] = Path("callcenter.toml"),
) -> None:
    """Run the service until it is told to stop (SIGTERM or Ctrl-C).

    Exit status: 0 stopped, 2 wrong settings, 3 Asterisk refused the AMI password.
    """
    from callcenter.service import Service

    write_logs()
    try:
        known = Settings.load(settings)
        service = Service(known, Secrets.load(known.secrets))
    except SettingsError as error:
        typer.echo(f"callcenter: {error}", err=True)
        raise typer.Exit(EXIT_SETTINGS) from None
    try:
        asyncio.run(_until_told(service))
    except* DatabaseUnusable as unusable:
        typer.echo(f"callcenter: {unusable.exceptions[0]}", err=True)
        sys.exit(EXIT_SETTINGS)
    except* BadCredentials as refused:
        typer.echo(f"callcenter: {refused.exceptions[0]}", err=True)
        sys.exit(EXIT_CREDENTIALS)


async def _until_told(service: Service) -> None:
    """Run until SIGTERM or SIGINT."""
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
