"""``callcenter asterisk``: the configuration that Asterisk is given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callcenter.asterisk.render import HOLD_MUSIC, Folders
from callcenter.asterisk.render import render as render_configuration
from callcenter.commands.failure import fail
from callcenter.settings import Secrets, Settings, SettingsError
from ivr.hold_music import write_hold_music

EXIT_FAILED = 1
EXIT_SETTINGS = 2

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
    installed_at: Annotated[
        Path | None,
        typer.Option(help="Where the files will be when Asterisk reads them; by default --to."),
    ] = None,
) -> None:
    """Write Asterisk's whole configuration from the settings, with generated passwords.

    The music on hold is made too where there is none.
    """
    try:
        values = Settings.load(settings)
        folders = Folders(config=(installed_at or to).absolute())
        files = render_configuration(values, Secrets.load_or_generate(values), to, folders)
        music = values.asterisk.sounds / HOLD_MUSIC
        if not music.exists():
            write_hold_music(music)
            files = (*files, music)
    except SettingsError as error:
        fail(error, EXIT_SETTINGS)
    except OSError as error:
        fail(error, EXIT_FAILED)
    for file in files:
        typer.echo(str(file))
