"""Five times as many calls as the seats can take, for a minute.

Some hundred callers wait with all the patience in the world; behind them come, five times faster
than the seats can talk, callers who soon give up. The seats must not notice: each gets its next
call as soon as it is free. Then the crowd stays away, and callers who come at half of what the
seats can take must soon be served at once again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from callcenter.bench.callers import Callers, calling
from callcenter.bench.hotline import LINE, Say, hotline
from callcenter.bench.intervals import Journey, busy_share, journeys, talks
from callcenter.bench.machine import resident_mib
from callcenter.bench.phones import Plan
from callcenter.bench.report import Figure, Measured
from callcenter.bench.sip import seen
from callcenter.bench.wire import capturing

TIMES_CAPACITY = 5
GOODPUT_AT_LEAST = 0.9
NORMAL_WITHIN_S = 10.0
SERVED_AT_ONCE_S = 1.0
"""A caller who waits longer than this is not served as in normal times."""
PATIENCE_MS = 5000
PREFILL_PER_S = 40.0
AFTER_S = 20.0
END_WITHIN_S = 120.0
PATIENT, CROWD, AFTER = "61", "62", "63"
"""What the numbers of the three kinds of callers begin with."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    seats: int
    talk_s: float
    overload_s: float

    @property
    def capacity_per_s(self) -> float:
        """So many calls the seats can take."""
        return self.seats / self.talk_s

    @property
    def patient(self) -> int:
        """Callers who wait from the beginning: enough to keep all seats busy throughout."""
        prefill_s = self.capacity_per_s * self.overload_s / (PREFILL_PER_S - self.capacity_per_s)
        return round(self.capacity_per_s * (self.overload_s + prefill_s))


FULL = Size(seats=8, talk_s=2.0, overload_s=60.0)
QUICK = Size(seats=4, talk_s=1.0, overload_s=12.0)


async def measure(*, quick: bool, say: Say) -> Measured:
    """Fill the queue, overload it, and let it recover."""
    size = QUICK if quick else FULL

    def plan(seat: str) -> Plan:
        return Plan(talk_s=size.talk_s)

    arriving = TIMES_CAPACITY * size.capacity_per_s
    after = size.capacity_per_s / 2
    patient = Callers(LINE, PATIENT, size.patient, PREFILL_PER_S)
    crowd = Callers(
        LINE, CROWD, round(arriving * size.overload_s), arriving, patience_ms=PATIENCE_MS
    )
    normal = Callers(LINE, AFTER, round(after * AFTER_S), after)
    async with hotline("overload", seats=size.seats, plan=plan, say=say) as (floor, _):
        where = (floor.host, floor.sip_port)
        with capturing(floor.sip_port) as capture:
            async with (
                calling(patient, *where, floor.folder / "patient") as patient_calls,
            ):
                await asyncio.sleep(size.patient / PREFILL_PER_S)
                began = time.time()
                say(f"{size.patient} callers have come; now {arriving:g} a second")
                async with calling(crowd, *where, floor.folder / "crowd") as crowd_calls:
                    await asyncio.sleep(size.overload_s)
                    ended = time.time()
                    memory_mib = resident_mib(floor.service.pid)
                    async with calling(normal, *where, floor.folder / "after") as normal_calls:
                        for calls in (crowd_calls, normal_calls, patient_calls):
                            await calls.done(END_WITHIN_S)
            await floor.is_quiet()
        messages = list(seen(capture.packets))
    callers = journeys(messages, floor.sip_port, floor.seats)
    share = busy_share(talks(messages, floor.sip_port, floor.seats), size.seats, began, ended)
    refused = sum(bool(one.refused) or one.answered is None for one in callers.values())
    waiting = waiting_at(callers.values(), (began + ended) / 2)
    say(f"{len(callers)} callers, {waiting} waiting halfway, seats busy {100 * share:.0f} %")
    return Measured(
        figures=(
            Figure(
                "seats' time in conversation under 5 times overload",
                100 * share,
                "%",
                at_least=100 * GOODPUT_AT_LEAST,
            ),
            Figure(
                "until callers are served at once again",
                recovered_s(callers.values(), ended),
                "s",
                at_most=NORMAL_WITHIN_S,
            ),
            Figure("calls refused or never answered", refused, "", at_most=0),
            Figure("callers who wait halfway", waiting, ""),
            Figure("service's memory at the end of it", memory_mib, "MiB"),
        ),
        ratio=share,
        peer="what the seats can take",
        details={
            "seats": size.seats,
            "talk_s": size.talk_s,
            "calls": len(callers),
            "overload_s": size.overload_s,
            "arriving_per_s": arriving,
            "left_while_waiting": sum(one.at_seat is None for one in callers.values()),
        },
    )


def waiting_at(callers: Iterable[Journey], instant: float) -> int:
    """How many had called and were neither at a seat nor gone."""
    return sum(
        one.invited <= instant
        and (one.at_seat is None or one.at_seat > instant)
        and (one.left is None or one.left > instant)
        for one in callers
    )


def recovered_s(callers: Iterable[Journey], ended: float) -> float:
    """Seconds from the end of the overload until nobody who came since was kept waiting."""
    kept = [
        one.rung if one.rung is not None else float("inf")
        for one in callers
        if one.number.startswith(AFTER)
        and (one.rung is None or one.rung - one.invited > SERVED_AT_ONCE_S)
    ]
    return max(0.0, max(kept, default=ended) - ended)
