"""``callcenter docs``: pages of the manual that are made from the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from acd import calls as acd_calls
from acd import seats as acd_seats
from callcenter.calls.call import TRANSITIONS
from callcenter.commands.failure import fail

EXIT_FAILED = 1

State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)

_HEAD: Final = """\
# The state tables

Made from the code by `callcenter docs states --to docs/states.md`; a test holds that this page is
what the code says. A step that a table does not have is refused, and changes nothing.
"""

app = typer.Typer(no_args_is_help=True, help="Pages of the manual that are made from the code.")


@app.callback()
def _group() -> None:
    """Pages of the manual that are made from the code."""


@app.command(epilog="Example: callcenter docs states --to docs/states.md")
def states(
    to: Annotated[Path | None, typer.Option(help="File to write; standard output if none.")] = None,
) -> None:
    """Write the state tables of seats and calls as they are in the code."""
    page = states_page()
    if to is None:
        typer.echo(page, nl=False)
        return
    try:
        to.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(error, EXIT_FAILED)


def states_page() -> str:
    """The page of all state tables, as Markdown."""
    return "\n".join(
        (
            _HEAD,
            "## A seat, in distribution (`acd.seats`)\n",
            *_arrows(acd_seats.ARROWS),
            "## A call, in distribution (`acd.calls`)\n",
            "A call that is over is forgotten, from any state.\n",
            *_arrows(acd_calls.ARROWS),
            "## A call, on Asterisk (`callcenter.calls.call`)\n",
            *_steps(TRANSITIONS),
        )
    )


def _arrows(table: Mapping[State, Mapping[State, str]]) -> Iterable[str]:
    """Rows of a table that says why a state follows another."""
    yield "| from | to | when |\n|---|---|---|"
    for state, following in table.items():
        for to, why in following.items():
            yield f"| {_words(state)} | {_words(to)} | {why} |"
    yield ""


def _steps(table: Mapping[State, Mapping[Step, State]]) -> Iterable[str]:
    """Rows of a table that says where a step leads."""
    yield "| from | what happens | to |\n|---|---|---|"
    for state, following in table.items():
        if not following:
            yield f"| {_words(state)} | nothing any more | |"
        for step, to in following.items():
            yield f"| {_words(state)} | {_words(step)} | {_words(to)} |"
    yield ""


def _words(name: StrEnum) -> str:
    return name.value.replace("_", " ")
