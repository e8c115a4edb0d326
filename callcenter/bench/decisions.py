"""How long one decision takes: a seat gets free, and the engine names its next call.

A floor as full as any: every seat talks, and thousands wait in queues that share seats, each call
with needs of its own besides its queue's. One operator hangs up after another; what is timed is
`acd.engine.Engine.handle` alone, from the event to the commands. Python's garbage collection stays
on, as it is in the service.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from acd import commands, events
from acd.engine import Engine
from acd.model import FloorSettings, QueueSettings, RelaxStep, SeatSettings, SkillNeed
from callcenter.bench.errors import BenchFailed
from callcenter.bench.report import Figure, Measured
from callcenter.bench.statistics import Spread

SEATS = 1000
QUEUES = 40
WAITING = (100, 1000, 10_000)
DECISIONS = 5000
QUICK_DECISIONS = 500
WARM_UP = 200
"""Decisions before the first one that counts."""

P50_AT_MOST_US = 50.0
P99_AT_MOST_US = 500.0
GROWTH_AT_MOST = math.log(WAITING[-1]) / math.log(WAITING[0])
"""What O(log n) allows from the shortest to the longest queue."""

LANGUAGES = ("en", "zh", "ko")
OTHER_SKILLS = ("sign_language", "line_110", "line_119")
_STEP_S = 0.05


def measure(*, quick: bool, say: Callable[[str], None]) -> Measured:
    """Time decisions with ever more callers waiting."""
    count = QUICK_DECISIONS if quick else DECISIONS
    spreads: dict[int, Spread] = {}
    arrivals: dict[int, Spread] = {}
    for waiting in WAITING:
        bench = _FullFloor(random.Random(4), waiting)  # noqa: S311  # the same floor every time
        bench.decide(WARM_UP)
        bench.decided_us.clear()
        bench.arrived_us.clear()
        bench.decide(count)
        spreads[waiting] = Spread.of(bench.decided_us)
        arrivals[waiting] = Spread.of(bench.arrived_us)
        say(f"{waiting} waiting: p50 {spreads[waiting].p50:.0f} µs")
    largest, smallest = spreads[WAITING[-1]], spreads[WAITING[0]]
    growth = largest.p50 / smallest.p50
    return Measured(
        figures=(
            Figure("decision, 10,000 waiting, p50", largest.p50, "µs", at_most=P50_AT_MOST_US),
            Figure("decision, 10,000 waiting, p99", largest.p99, "µs", at_most=P99_AT_MOST_US),
            Figure("p50 with 10,000 waiting to p50 with 100", growth, "", at_most=GROWTH_AT_MOST),
            Figure("arrival, nobody free, p99", arrivals[WAITING[-1]].p99, "µs"),
        ),
        details={
            "seats": SEATS,
            "queues": QUEUES,
            "decision_us": {str(n): spread.rounded() for n, spread in spreads.items()},
            "arrival_us": {str(n): spread.rounded() for n, spread in arrivals.items()},
        },
    )


@dataclass
class _FullFloor:
    """Every seat talks, ``waiting`` callers wait, and whoever is served is replaced."""

    chance: random.Random
    waiting: int
    decided_us: list[float] = field(default_factory=list)
    arrived_us: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queues = [f"q{number:02}" for number in range(QUEUES)]
        self.own_queue = {f"s{n:04}": self.queues[n % QUEUES] for n in range(SEATS)}
        self.engine = Engine(self._settings(), now=0.0)
        self.now = 1.0
        self.arrived = 0
        self.talks: dict[str, str] = {}
        """Which call each seat has."""
        for seat in range(SEATS):
            for ready in (events.SeatRegistered, events.SeatReady):
                self.engine.handle(ready(f"s{seat:04}"), self.now)
        # Calls without needs, one a seat: everybody talks before anybody waits.
        while len(self.talks) < SEATS:
            before = len(self.talks)
            for queue in self.queues:
                self._arrive(queue, ())
            if len(self.talks) == before:
                raise BenchFailed("decisions: not every seat could be given a call")
        for known in self.engine.waiting(self.now):
            self.engine.handle(events.CallLeft(known.call_id), self.now)
        for _ in range(self.waiting):
            self._arrive(self.chance.choice(self.queues), self._needs())

    def decide(self, count: int) -> None:
        """Let seats get free, one after another, until so many have found their next call."""
        seats = list(self.talks)
        wanted = len(self.decided_us) + count
        while len(self.decided_us) < wanted:
            self.now += _STEP_S
            seat = self.chance.choice(seats)
            ended = self.talks.pop(seat)
            event = events.SeatLeft(seat, ended)
            began_ns = time.perf_counter_ns()
            decided = self.engine.handle(event, self.now)
            took_us = (time.perf_counter_ns() - began_ns) / 1000
            self.engine.handle(events.CallLeft(ended), self.now)
            if self._answer(decided):
                self.decided_us.append(took_us)
                self._arrive(self.chance.choice(self.queues), self._needs())
            else:
                # None who waits may be taken by it: it gets a call that just comes.
                self._arrive(self.own_queue[seat], ())

    def _arrive(self, queue: str, needs: tuple[SkillNeed, ...]) -> None:
        self.arrived += 1
        event = events.CallArrived(
            f"c{self.arrived}",
            queue,
            priority=self.chance.choice((0, 0, 0, 1, 5)),
            caller=f"n{self.chance.randrange(1_000_000)}",
            needs=needs,
        )
        began_ns = time.perf_counter_ns()
        decided = self.engine.handle(event, self.now)
        self.arrived_us.append((time.perf_counter_ns() - began_ns) / 1000)
        self._answer(decided)

    def _answer(self, decided: list[commands.Command]) -> bool:
        """Answer what is offered; whether anything was."""
        offers = [command for command in decided if isinstance(command, commands.Offer)]
        for offer in offers:
            seat = offer.seat_ids[0]
            self.talks[seat] = offer.call_id
            answered = events.OfferAnswered(offer.call_id, seat, offer.offer_id)
            self.engine.handle(answered, self.now)
        return bool(offers)

    def _needs(self) -> tuple[SkillNeed, ...]:
        needs = [SkillNeed(self.chance.choice(LANGUAGES), level=self.chance.randint(1, 3))]
        if self.chance.random() < 0.2:
            needs.append(
                SkillNeed(
                    self.chance.choice(OTHER_SKILLS),
                    required=self.chance.random() < 0.5,
                    relax=(RelaxStep(30.0, 0),),
                )
            )
        return tuple(needs)

    def _settings(self) -> FloorSettings:
        return FloorSettings(
            queues=tuple(
                QueueSettings(
                    name,
                    priority=number % 3,
                    needs=(SkillNeed(OTHER_SKILLS[number % 3], required=False),)
                    if number % 4 == 0
                    else (),
                )
                for number, name in enumerate(self.queues)
            ),
            seats=tuple(self._seat(number) for number in range(SEATS)),
        )

    def _seat(self, number: int) -> SeatSettings:
        own = self.own_queue[f"s{number:04}"]
        others = self.chance.sample(self.queues, self.chance.randint(0, 4))
        skills = {"en": 3} | {
            skill: self.chance.randint(1, 5)
            for skill in (*LANGUAGES, *OTHER_SKILLS)
            if self.chance.random() < 0.6
        }
        return SeatSettings(
            f"s{number:04}",
            tuple(dict.fromkeys((own, *others))),
            skills=tuple(skills.items()),
        )
