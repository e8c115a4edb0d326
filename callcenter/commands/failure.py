"""How every command says what is wrong: on standard error, behind the program's name."""

from __future__ import annotations

from typing import NoReturn

import typer


def complain(why: object) -> None:
    """Say what is wrong, and go on."""
    typer.echo(f"callcenter: {why}", err=True)


def fail(why: object, status: int) -> NoReturn:
    """Say what is wrong, and end with this exit status."""
    complain(why)
    raise typer.Exit(status)
