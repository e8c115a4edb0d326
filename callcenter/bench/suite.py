"""Every benchmark by name, and how one is run."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from callcenter.bench import (
    boundaries,
    calls,
    decisions,
    failopen,
    hunt_kills,
    hunts,
    memory,
    overload,
    record,
    seats,
    speech,
)
from callcenter.bench.errors import BenchFailed, BenchSkipped
from callcenter.bench.machine import Machine
from callcenter.bench.report import Measured, Report

Say = Callable[[str], None]


class Bench(Protocol):
    """Measures; ``quick`` is a small size for development, ``say`` hears of progress.

    Raises:
        BenchFailed: it cannot be carried out here.
    """

    def __call__(self, *, quick: bool, say: Say) -> Measured | Awaitable[Measured]:
        """Measure now."""


BENCHES: Mapping[str, Bench] = {
    "decisions": decisions.measure,
    "boundaries": boundaries.measure,
    "seats": seats.measure,
    "overload": overload.measure,
    "failopen": failopen.measure,
    "memory": memory.measure,
    "calls": calls.measure,
    "hunts": hunts.measure,
    "kills": hunt_kills.measure,
    "record": record.measure,
    "speech": speech.measure,
}


def run(name: str, *, quick: bool, say: Say, bench: Bench | None = None) -> Report:
    """Carry out one benchmark, whatever comes of it. ``bench``: it, with options of its own."""
    machine = Machine.this_one()
    began = time.monotonic()
    failed = skipped = ""
    try:
        measured = asyncio.run(_measure(bench or BENCHES[name], quick, say))
    except BenchSkipped as error:
        measured, skipped = Measured(figures=()), str(error)
    except BenchFailed as error:
        measured, failed = Measured(figures=()), str(error)
    return Report(name, quick, time.monotonic() - began, machine, measured, failed, skipped)


async def _measure(bench: Bench, quick: bool, say: Say) -> Measured:
    measured = bench(quick=quick, say=say)
    return await measured if inspect.isawaitable(measured) else measured
