"""The service is killed in the middle of hunts, again and again: what do callers and officers see?

Operators hang up while officers' phones ring, so that callers are alone; the duty officer never
answers, the deputy does. Whatever the service misses, no caller may hear nothing for long, no phone
may ring twice for one hunt, and nothing may be left over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from callcenter.bench.errors import BenchFailed
from callcenter.bench.hotline import LINE, BenchHotline, Say
from callcenter.bench.hunts import Calls, Precinct, floor_with_officers, said
from callcenter.bench.phones import Does, Plan
from callcenter.bench.report import Figure, Measured
from callcenter.bench.talkers import Mouth, OfficerPhones, SpeakingCallers
from callcenter.lab.errors import LabError
from callcenter.lab.hotline_api import ApiFault
from callcenter.lab.processes import stop

AT_ONCE = 6
FULL, QUICK = 100, 5
SILENCE_AT_MOST_S = 5.0
OPERATOR_LEAVES_S = (0.5, 5.0)
KILLED_AFTER_S = (0.5, 6.0)
DEPUTY_PICKS_UP_S = 1.5
KEY_AFTER_S = 0.5
CALL_WITHIN_S = 60.0
API_AGAIN_S = 0.2

T = TypeVar("T")


@dataclass(slots=True)
class Killed:
    """One call among the kills."""

    number: str
    heard: bool = False
    over: bool = False
    ended: bool = False
    """Asterisk ended the call: an operator hung up, perhaps one who had taken it over."""
    silence_s: float = 0.0
    rings: Counter[str] = field(default_factory=Counter)
    failed: str = ""


class _Scene:
    """Calls in every precinct until there have been enough kills."""

    def __init__(
        self,
        floor: BenchHotline,
        phones: OfficerPhones,
        callers: SpeakingCallers,
        calls: Calls,
        sound: bytes,
    ) -> None:
        self._floor = floor
        self._phones = phones
        self._callers = callers
        self._calls = calls
        self._sound = sound
        self._of_officer: dict[str, Killed] = {}
        self._left_at: dict[str, float] = {}
        self._taking: set[asyncio.Task[None]] = set()
        self.over = False
        self.calls: list[Killed] = []
        phones.on_ring = self._rings
        phones.on_answer = self._answers

    def operator_left(self, caller: str) -> None:
        """A seat's phone has hung up."""
        self._left_at[caller] = time.monotonic()

    def _rings(self, officer: str) -> None:
        if killed := self._of_officer.get(officer):
            killed.rings[officer] += 1

    def _answers(self, officer: str, mouth: Mouth) -> None:
        async def take() -> None:
            await asyncio.sleep(KEY_AFTER_S)
            await mouth.press(1)
            # Whoever is on the line is heard there: only silence of nobody counts.
            while not mouth.closed:
                await mouth.speak(self._sound)

        task = asyncio.create_task(take())
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def go_on(self, precinct: Precinct, numbers: Sequence[str]) -> None:
        """One call after another."""
        for number in numbers:
            if self.over:
                return
            killed = Killed(number)
            self.calls.append(killed)
            self._of_officer = self._of_officer | dict.fromkeys(precinct.officers.values(), killed)
            try:
                await self._one(killed, precinct)
            except BenchFailed as error:
                killed.failed = str(error)

    async def _one(self, killed: Killed, precinct: Precinct) -> None:
        number = killed.number
        call = await self._callers.dial(number, LINE, CALL_WITHIN_S)
        try:
            told = await self._calls.of(number, CALL_WITHIN_S, state=("talking", "closed"))
            api = self._floor.api
            await _persist(lambda: api.edit_field(told["id"], "place", precinct.place))
            await _persist(lambda: api.ring_officer(told["id"]))
            with_officer = asyncio.create_task(
                self._calls.of(
                    number, CALL_WITHIN_S, officer_state=("joined", "heard"), state="with_officer"
                )
            )
            over = asyncio.create_task(call.over.wait())
            await asyncio.wait((with_officer, over), return_when=asyncio.FIRST_COMPLETED)
            over.cancel()
            if with_officer.done():
                with contextlib.suppress(BenchFailed):
                    with_officer.result()
                    killed.heard = True
            with_officer.cancel()
            await asyncio.sleep(1.0)
        finally:
            killed.over = True
            killed.ended = call.over_at is not None
            if number in self._left_at:
                until = call.over_at or time.monotonic()
                killed.silence_s = call.silence_s(self._left_at[number], until)
            self._callers.hang_up(call)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(call.over.wait(), 5)


async def measure(*, quick: bool, say: Say) -> Measured:
    """Kill, and look."""
    kills = QUICK if quick else FULL
    chance = random.Random(110)  # noqa: S311  # the same disorder every time, as far as it goes
    async with floor_with_officers("kills", AT_ONCE, say) as (floor, precincts, phones, seats):
        seats.plan = lambda seat: Plan(talk_s=chance.uniform(*OPERATOR_LEAVES_S))
        duty = {one.officers["duty"] for one in precincts}
        phones.plan = lambda officer: (
            Plan(Does.RINGS) if officer in duty else Plan(after_s=DEPUTY_PICKS_UP_S)
        )
        calls = Calls()
        sound = await said(floor.folder)
        async with SpeakingCallers(floor.host, floor.sip_port) as callers:
            scene = _Scene(floor, phones, callers, calls, sound)
            seats.on_hang_up = scene.operator_left
            following = asyncio.create_task(floor.api.follow(calls.event))
            calling = [
                asyncio.create_task(
                    scene.go_on(precinct, [f"8{index}{number:04}" for number in range(10_000)])
                )
                for index, precinct in enumerate(precincts)
            ]
            try:
                for number in range(kills):
                    await asyncio.sleep(chance.uniform(*KILLED_AFTER_S))
                    await _kill(floor)
                    if (number + 1) % 10 == 0:
                        say(f"{number + 1} kills, {len(scene.calls)} calls")
                scene.over = True
                await asyncio.gather(*calling)
            finally:
                for task in (*calling, following):
                    task.cancel()
                await asyncio.gather(*calling, following, return_exceptions=True)
        left = await _left_over(floor)
    return Measured(figures=figures(kills, scene.calls, left), details=_details(scene.calls))


def figures(kills: int, calls: Sequence[Killed], left: int) -> list[Figure]:
    """What came of it."""
    twice = sum(count > 1 for one in calls for count in one.rings.values())
    silent = max((one.silence_s for one in calls), default=0.0)
    return [
        Figure("kills", kills, ""),
        Figure("calls", len(calls), "", at_least=1),
        Figure("calls that an officer took", sum(one.heard for one in calls), ""),
        Figure(
            "calls that an operator ended",
            sum(one.ended and not one.heard for one in calls),
            "",
        ),
        Figure("longest silence of a caller alone", silent, "s", at_most=SILENCE_AT_MOST_S),
        Figure("officers rung twice in one hunt", twice, "", at_most=0),
        Figure("channels left over", left, "", at_most=0),
    ]


def _details(calls: Sequence[Killed]) -> dict[str, Any]:
    odd = [
        [one.number, one.heard, one.ended, round(one.silence_s, 2), dict(one.rings), one.failed]
        for one in calls
        if not one.heard
        or one.silence_s > SILENCE_AT_MOST_S
        or max(one.rings.values(), default=0) > 1
    ]
    return {"odd": odd[:50]}


async def _left_over(floor: BenchHotline) -> int:
    try:
        await floor.is_quiet()
    except BenchFailed:
        return await floor.channels()
    return 0


async def _kill(floor: BenchHotline) -> None:
    service = floor.service
    os.kill(service.pid, signal.SIGKILL)
    await asyncio.to_thread(stop, service, within_s=5.0, group=True)
    try:
        await floor.restart_service()
    except LabError as error:
        raise BenchFailed(f"the service does not come up again: {error}") from error


async def _persist(ask: Callable[[], Awaitable[T]]) -> T | None:
    """Ask until the service answers; a refusal is an answer."""
    end = time.monotonic() + CALL_WITHIN_S
    while True:
        try:
            return await ask()
        except ApiFault as error:
            if ": 4" in str(error) or time.monotonic() > end:
                return None
            await asyncio.sleep(API_AGAIN_S)
