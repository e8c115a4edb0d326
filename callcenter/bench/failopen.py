"""Calls while the service is dead, hung, restarting again and again, or without its database.

Each fault begins among calls and lasts until the last of them. What counts is the caller: how long
from the first INVITE until a seat has answered, on the wire. Redis is not part of this product's
service as it is, so there is no such fault.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from callcenter.bench.callers import Callers, calling
from callcenter.bench.errors import BenchFailed
from callcenter.bench.hotline import LINE, BenchHotline, Say, hotline
from callcenter.bench.intervals import Journey, journeys
from callcenter.bench.phones import Plan
from callcenter.bench.report import Figure, Measured
from callcenter.bench.sip import seen
from callcenter.bench.statistics import Spread
from callcenter.bench.wire import capturing
from callcenter.lab.errors import LabError
from callcenter.lab.processes import ProcessId, stop

LATER_AT_MOST_S = 5.0
SEATS = 20
TALK_S = 1.0
CALLS_PER_S = 10.0
BEFORE_S = 1.0
"""Calls come for so long before the fault."""
RESTART_EVERY_S = 5.0
END_WITHIN_S = 120.0
KILLED_WITHIN_S = 5.0
RUN_AGAIN_TRIES = 30
FULL, QUICK = 500, 60


Fault = Callable[[BenchHotline], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def none(floor: BenchHotline) -> AsyncIterator[None]:
    """Everything works."""
    yield


@asynccontextmanager
async def dead(floor: BenchHotline) -> AsyncIterator[None]:
    """The service was killed."""
    await _kill(floor.service)
    try:
        yield
    finally:
        await floor.restart_service()


@asynccontextmanager
async def hung(floor: BenchHotline) -> AsyncIterator[None]:
    """The service is stopped in the middle of whatever it does; its connections stand."""
    service = floor.service
    os.kill(service.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(service.pid, signal.SIGCONT)


@asynccontextmanager
async def restarting(floor: BenchHotline) -> AsyncIterator[None]:
    """The service is killed and started again and again."""

    async def again_and_again() -> None:
        while True:
            await _kill(floor.service)
            await floor.restart_service()
            await asyncio.sleep(RESTART_EVERY_S)

    task = asyncio.create_task(again_and_again(), name="restarting")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await _run_again(floor)


@asynccontextmanager
async def without_sql(floor: BenchHotline) -> AsyncIterator[None]:
    """The database refuses every write: somebody else holds it and does not let go."""
    file = floor.settings.database.partition(":///")[2]
    other = sqlite3.connect(file, timeout=10, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


FAULTS: Mapping[str, Fault] = {
    "none": none,
    "dead": dead,
    "hung": hung,
    "restarting": restarting,
    "SQL gone": without_sql,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the calls of one fault."""

    calls: int
    reached: int
    to_seat: Spread | None
    """Seconds from the caller's INVITE to a seat's answer."""

    @classmethod
    def of(cls, callers: Sequence[Journey]) -> Outcome:
        """Of these callers."""
        took = [one.at_seat - one.invited for one in callers if one.at_seat is not None]
        return cls(len(callers), len(took), Spread.of(took) if took else None)


async def measure(*, quick: bool, say: Say) -> Measured:
    """The same calls without a fault and with each."""
    count = QUICK if quick else FULL

    def plan(seat: str) -> Plan:
        return Plan(talk_s=TALK_S)

    found: dict[str, Outcome] = {}
    async with hotline("failopen", seats=SEATS, plan=plan, say=say) as (floor, _):
        for number, (name, fault) in enumerate(FAULTS.items()):
            found[name] = await _calls(floor, f"5{number}", count, fault)
            reached, spread = found[name].reached, found[name].to_seat
            took = f"p99 {spread.p99:.2f} s" if spread else "none"
            say(f"{name}: {reached} of {found[name].calls} at a seat, {took}")
            await floor.seats_are("ready")
    return Measured(
        figures=figures(found),
        peer="the same calls without a fault",
        details={
            name: {
                "calls": one.calls,
                "reached": one.reached,
                "to_seat_s": one.to_seat.rounded() if one.to_seat else None,
            }
            for name, one in found.items()
        }
        | {"redis": "not used"},
    )


def figures(found: Mapping[str, Outcome]) -> list[Figure]:
    """Two of each fault: how many reached a seat, and how much later than without the fault."""
    usual = found["none"].to_seat
    told: list[Figure] = []
    for name, one in found.items():
        share = 100 * one.reached / one.calls if one.calls else None
        told.append(Figure(f"{name}: callers at a seat", share, "%", at_least=100))
        if name != "none":
            later = one.to_seat.p99 - usual.p99 if one.to_seat and usual else None
            told.append(Figure(f"{name}: p99 later by", later, "s", at_most=LATER_AT_MOST_S))
    return told


async def _calls(floor: BenchHotline, number: str, count: int, fault: Fault) -> Outcome:
    crowd = Callers(LINE, number, count, CALLS_PER_S)
    with capturing(floor.sip_port) as capture:
        async with calling(crowd, floor.host, floor.sip_port, floor.folder / number) as calls:
            await asyncio.sleep(BEFORE_S)
            async with fault(floor):
                with contextlib.suppress(BenchFailed):  # the outcome says who was not served
                    await calls.done(count / CALLS_PER_S + END_WITHIN_S)
        await floor.is_quiet()
    callers = journeys(seen(capture.packets), floor.sip_port, floor.seats)
    return Outcome.of(list(callers.values()))


async def _kill(service: ProcessId) -> None:
    os.kill(service.pid, signal.SIGKILL)
    # What is left of its group goes too; waits until it is gone.
    await asyncio.to_thread(stop, service, within_s=KILLED_WITHIN_S, group=True)


async def _run_again(floor: BenchHotline) -> None:
    """Have the service up, also while another start of it is under way."""
    for _ in range(RUN_AGAIN_TRIES):
        try:
            await floor.restart_service()
            return
        except LabError:
            await asyncio.sleep(1.0)
    raise BenchFailed("the service does not come up again; see service.log in the lab's folder")
