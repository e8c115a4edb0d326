"""How soon a freed seat rings again, and how soon an idle one rings for a new caller.

Both against Asterisk's own queue, on the same Asterisk, with the same phones and callers, one after
the other. While the peer is measured our service is stopped, so that the peer has the machine for
itself. Times are those of packets on loopback.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.bench.callers import Callers, calling
from callcenter.bench.errors import BenchFailed
from callcenter.bench.hotline import LINE, PEER_LINE, BenchHotline, Say, hotline
from callcenter.bench.intervals import journeys, turnarounds, waits
from callcenter.bench.phones import Plan, SeatPhones
from callcenter.bench.report import Figure, Measured
from callcenter.bench.sip import Seen, seen
from callcenter.bench.statistics import Spread
from callcenter.bench.wire import capturing

TIMES_FASTER_AT_LEAST = 100.0
OWN_P99_AT_MOST_MS = 20.0
IDLE_RATIO_AT_MOST = 1.5

BUSY_SEATS = 4
WAITING = 20
"""Callers who wait while every seat talks."""
TALK_S = (0.5, 1.5)
IDLE_SEATS = 40
IDLE_TALK_S = 1.0
IDLE_CALLS_PER_S = 20.0
END_WITHIN_S = 120.0

PEER = "app_queue, retry=1, autofill=yes, our service stopped meanwhile"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    freed: int
    idle: int


FULL = Size(freed=400, idle=600)
QUICK = Size(freed=60, idle=100)


async def measure(*, quick: bool, say: Say) -> Measured:
    """Freed seats, then idle seats, each ours and the peer's."""
    size = QUICK if quick else FULL
    chance = random.Random(8)  # noqa: S311  # the same talks every time

    def busy(seat: str) -> Plan:
        return Plan(talk_s=chance.uniform(*TALK_S))

    async with hotline("seats", seats=BUSY_SEATS, plan=busy, say=say) as (floor, _):
        await floor.add_peer()
        own_freed = await _freed(floor, LINE, size.freed, say)
        await floor.stop_service()
        peer_freed = await _freed(floor, PEER_LINE, size.freed, say)

    def idle(seat: str) -> Plan:
        return Plan(talk_s=IDLE_TALK_S)

    async with hotline("idle", seats=IDLE_SEATS, plan=idle, say=say) as (floor, phones):
        await floor.add_peer()
        own_idle = await _idle(floor, phones, LINE, size.idle, say)
        await floor.stop_service()
        peer_idle = await _idle(floor, phones, PEER_LINE, size.idle, say)
    faster = peer_freed.p50 / own_freed.p50
    slower = own_idle.p95 / peer_idle.p95
    return Measured(
        figures=(
            Figure(
                "freed seat to next INVITE, times faster than app_queue at p50",
                faster,
                "",
                at_least=TIMES_FASTER_AT_LEAST,
            ),
            Figure(
                "freed seat to next INVITE, p99", own_freed.p99, "ms", at_most=OWN_P99_AT_MOST_MS
            ),
            Figure("freed seat to next INVITE, p50", own_freed.p50, "ms"),
            Figure("the same, app_queue, p50", peer_freed.p50, "ms"),
            Figure(
                "idle seat: caller's INVITE to seat's, p95 to app_queue's",
                slower,
                "",
                at_most=IDLE_RATIO_AT_MOST,
            ),
            Figure("idle seat, p95", own_idle.p95, "ms"),
            Figure("the same, app_queue, p95", peer_idle.p95, "ms"),
        ),
        peer=PEER,
        ratio=faster,
        details={
            "freed_ms": {"own": own_freed.rounded(), "peer": peer_freed.rounded()},
            "idle_ms": {"own": own_idle.rounded(), "peer": peer_idle.rounded()},
        },
    )


async def _freed(floor: BenchHotline, line: str, count: int, say: Say) -> Spread:
    """Seats that get free while callers wait."""
    crowd = Callers(line, "7", calls=count + WAITING, per_s=20.0, at_once=BUSY_SEATS + WAITING)
    messages = await _run(floor, crowd)
    # The last calls find nobody waiting behind them.
    found = turnarounds(messages, floor.sip_port, floor.seats)[:count]
    return _spread(f"freed seat, line {line}", found, count // 2, say)


async def _idle(floor: BenchHotline, phones: SeatPhones, line: str, count: int, say: Say) -> Spread:
    """Callers who come while a seat is free."""
    messages = await _run(floor, Callers(line, "8", calls=count, per_s=IDLE_CALLS_PER_S))
    found = waits(journeys(messages, floor.sip_port, floor.seats).values())
    return _spread(f"idle seat, line {line}", found, count, say)


async def _run(floor: BenchHotline, crowd: Callers) -> list[Seen]:
    with capturing(floor.sip_port) as capture:
        async with calling(crowd, floor.host, floor.sip_port, floor.folder / crowd.line) as calls:
            await calls.done(END_WITHIN_S + crowd.calls)
        await floor.is_quiet()
    return list(seen(capture.packets))


def _spread(
    what: str, found_s: Sequence[float], at_least: int, say: Callable[[str], None]
) -> Spread:
    if len(found_s) < at_least:
        raise BenchFailed(f"{what}: {len(found_s)} of at least {at_least} were measured")
    spread = Spread.of(1000 * each for each in found_s)
    say(f"{what}: {spread.count} measured, p50 {spread.p50:.1f} ms, p99 {spread.p99:.1f} ms")
    return spread
