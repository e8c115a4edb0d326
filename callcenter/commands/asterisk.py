"""``callcenter asterisk``: the configuration that Asterisk is given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callcenter.asterisk.render import render as render_configuration
from callcenter.settings import Secrets, Settings, SettingsError

app = typer.Typer(no_args_is_help=True, help="Asterisk's configuration.")


@app.callback()
def _group() -> None:
    """Asterisk's configuration."""


@app.command(
    epilog="Example: callcenter asterisk render --settings /etc/callcenter.toml --to /etc/asterisk"
)
def render(
    to: Annotated[Path, typer.Option(help="Folder to write to; other files in it stay.")],
    settings: Annotated[Path, typer.Option(help="Settings file.")] = Path("callcenter.toml"),
) -> None:
    """Write Asterisk's whole configuration from the settings, with generated passwords."""
    try:
        values = Settings.load(settings)
        files = render_configuration(values, Secrets.load_or_generate(values), to)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    for file in files:
        typer.echo(str(file))
