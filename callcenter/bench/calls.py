"""Thousands of real calls of every kind, and then the books: the journal against Asterisk's own.

Callers hang up when they like; phones answer, refuse, are busy, ring in vain, vanish from the
registrar and come back; operators take breaks; settings change. Meanwhile Asterisk writes down
every channel event (CEL, by ``cel_custom``) and every call (CDR, by ``cdr_csv``), both switched on
for this benchmark alone. Afterwards every call is in both books, with the same seats, and ended;
and nothing of any call is left, in Asterisk or in the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from callcenter.bench import books
from callcenter.bench.callers import Callers, calling
from callcenter.bench.errors import BenchFailed
from callcenter.bench.hotline import LINE, BenchHotline, Say, hotline
from callcenter.bench.intervals import journeys
from callcenter.bench.machine import resident_mib
from callcenter.bench.phones import Does, Plan, SeatPhones
from callcenter.bench.report import Figure, Measured
from callcenter.bench.sip import seen
from callcenter.bench.wire import capturing
from callcenter.lab.hotline_api import ApiFault

SEATS = 20
CALLS_PER_S = 15.0
PATIENCE_MS = (200, 12_000)
CROWDS = 10
"""Of equal size, each with a patience of its own."""
TALK_S = (0.1, 2.0)
ANSWER_AFTER_S = (0.0, 0.8)
OUTCOMES = {Does.ANSWERS: 88, Does.REJECTS: 5, Does.IS_BUSY: 4, Does.RINGS: 3}
"""What phones do with a call, of 100."""
RING_S = 3
END_WITHIN_S = 300.0
SETTLE_WITHIN_S = 60.0
DISTURBED_EVERY_S = 0.5
NUMBER = "4"


@dataclass(frozen=True, slots=True)
class Size:
    """How many calls."""

    calls: int


FULL = Size(5000)
QUICK = Size(200)


async def measure(*, quick: bool, say: Say) -> Measured:
    """Let them call, then compare the books."""
    size = QUICK if quick else FULL
    chance = random.Random(5000)  # noqa: S311  # the same disorder every time, as far as it goes

    def plan(seat: str) -> Plan:
        does = chance.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
        return Plan(does, chance.uniform(*ANSWER_AFTER_S), chance.uniform(*TALK_S))

    crowds = [
        Callers(
            LINE,
            f"{NUMBER}{crowd}",
            size.calls // CROWDS,
            CALLS_PER_S / CROWDS,
            patience_ms=round(chance.uniform(*PATIENCE_MS)),
        )
        for crowd in range(CROWDS)
    ]
    async with hotline("calls", seats=SEATS, plan=plan, say=say) as (floor, phones):
        await books.open_books(floor)
        before_mib = resident_mib(floor.service.pid)
        disturbed = _Disturbances(floor, phones, chance)
        with capturing(floor.sip_port) as capture:
            async with AsyncExitStack() as open_lines:
                folder = floor.folder / "calls"
                calls = [
                    await open_lines.enter_async_context(
                        calling(crowd, floor.host, floor.sip_port, folder)
                    )
                    for crowd in crowds
                ]
                disturbing = asyncio.create_task(disturbed.go_on(), name="disturbances")
                try:
                    for crowd in calls:
                        await crowd.done(size.calls / CALLS_PER_S + END_WITHIN_S)
                finally:
                    disturbing.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await disturbing
            await floor.is_quiet()
        phones.plan = lambda seat: Plan()
        left = await _left_over(floor)
        after_mib = resident_mib(floor.service.pid)
        kept = await books.close_books(floor)
        callers = journeys(seen(capture.packets), floor.sip_port, floor.seats)
    differences = books.compare(kept)
    say(f"{len(callers)} calls, {sum(map(len, differences.values()))} differences, left: {left}")
    return Measured(
        figures=(
            Figure("calls made", len(callers), "", at_least=size.calls),
            Figure(
                "calls that journal and Asterisk both know", len(kept.both), "", at_least=size.calls
            ),
            *(
                Figure(f"calls: {what}", len(which), "", at_most=0)
                for what, which in differences.items()
            ),
            Figure("left over afterwards", sum(left.values()), "", at_most=0),
            Figure("calls refused", sum(bool(c.refused) for c in callers.values()), "", at_most=0),
            Figure("conversations at seats", len(kept.asterisk_seats), ""),
            Figure("service's memory, before", before_mib, "MiB"),
            Figure("service's memory, after", after_mib, "MiB"),
        ),
        peer="Asterisk's CDR and CEL of the same calls",
        details={
            "disturbances": disturbed.counted,
            "left_over": left,
            "differences": {what: sorted(which)[:20] for what, which in differences.items()},
        },
    )


class _Disturbances:
    """What people and networks do while calls come."""

    def __init__(self, floor: BenchHotline, phones: SeatPhones, chance: random.Random) -> None:
        self._floor = floor
        self._phones = phones
        self._chance = chance
        self.counted: dict[str, int] = {}

    async def go_on(self) -> None:
        """One after another, until cancelled; then everybody is back at work."""
        kinds: Sequence[Callable[[], Awaitable[None]]] = (
            self._register_again,
            self._vanish,
            self._rest,
            self._change_settings,
            self._wake_everybody,
            self._wake_everybody,
        )
        try:
            while True:
                await asyncio.sleep(DISTURBED_EVERY_S)
                kind = self._chance.choice(kinds)
                name = kind.__name__.strip("_")
                try:
                    await kind()
                except ApiFault as error:
                    name = f"{name}: {error}"
                self.counted[name] = self.counted.get(name, 0) + 1
        finally:
            for seat in self._floor.seats:
                await self._phones.register(seat)
            await self._wake_everybody()

    def _seat(self) -> str:
        return self._chance.choice(sorted(self._floor.seats))

    async def _register_again(self) -> None:
        await self._phones.register(self._seat())

    async def _vanish(self) -> None:
        seat = self._seat()
        await self._phones.unregister(seat)
        try:
            await asyncio.sleep(self._chance.uniform(0.1, 1.0))
        finally:
            await self._phones.register(seat)

    async def _rest(self) -> None:
        await self._floor.api.set_seat_state(self._seat(), "not_ready", "break")

    async def _wake_everybody(self) -> None:
        """Who rests, or was set not ready for missed calls, takes calls again."""
        for seat in await self._floor.api.seats():
            if seat["state"] == "not_ready":
                await self._floor.api.set_seat_state(seat["id"], "ready")

    async def _change_settings(self) -> None:
        await self._floor.tune(
            {
                "ring_s": self._chance.choice((RING_S, RING_S + 1)),
                "priority": self._chance.randrange(5),
                "wrap_up_s": self._chance.choice((0, 0, 0.5)),
            }
        )


async def _left_over(floor: BenchHotline) -> dict[str, int]:
    """What is still there when everybody has gone; looked at until nothing is, or time is up."""
    left: dict[str, int] = {}

    async def nothing() -> bool:
        left.clear()
        seats = await floor.api.seats()
        left.update(
            {
                "channels": await floor.channels(),
                "bridges": await floor.bridges(),
                "callers waiting": await floor.waiting(),
                "open calls": sum(one["state"] != "closed" for one in await floor.api.calls()),
                "seats with a call": sum(bool(seat["call_id"]) for seat in seats),
                "seats not ready": sum(seat["state"] != "ready" for seat in seats),
            }
        )
        return not any(left.values())

    with contextlib.suppress(BenchFailed):
        await floor.until(nothing, "nothing left over", SETTLE_WITHIN_S)
    return dict(left)
