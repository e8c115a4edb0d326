"""A hundred thousand calls, with everything that happens on a floor, while settings change.

One seeded day in virtual time. Callers come in waves, have needs, hang up, call again and are
dropped; seats miss, reject, go on breaks and lose their phones; people pick, move and prioritise;
every so many calls the settings are others. After it, every call is accounted for.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter

import pytest

from acd.commands import Announce, CancelOffer, Command, Divert, Offer
from acd.engine import Engine
from acd.events import (
    AnnouncementEnded,
    CallArrived,
    CallLeft,
    CallMoved,
    CallPicked,
    CallPrioritised,
    CallReturned,
    DayBegan,
    DivertFailed,
    Event,
    OfferAnswered,
    OfferFailed,
    RecordSaved,
    SeatLeft,
    SeatNotReady,
    SeatReady,
    SeatRegistered,
    SeatUnregistered,
    SettingsChanged,
    Tick,
)
from acd.model import (
    AfterCall,
    CallState,
    FloorSettings,
    OfferCause,
    OverflowRule,
    OverflowTo,
    OverflowWhen,
    QueueSettings,
    RelaxStep,
    SeatSettings,
    SeatState,
    SkillNeed,
    Strategy,
    Surge,
)

CALLS = 100_000
CALLS_BETWEEN_CHANGES = 1000
QUEUES = [f"q{n}" for n in range(6)]
SEATS = [f"s{n}" for n in range(40)]
NEEDS = [
    (),
    (),
    (SkillNeed("zh", relax=(RelaxStep(30.0),)),),
    (SkillNeed("ko", required=False),),
]
RULES = [
    OverflowRule(OverflowWhen.WAITED_S, OverflowTo.QUEUE, 30.0, "q0"),
    OverflowRule(OverflowWhen.QUEUE_LENGTH, OverflowTo.EVERYBODY, 10),
    OverflowRule(OverflowWhen.ESTIMATED_WAIT_S, OverflowTo.ANNOUNCEMENT, 60.0, "busy"),
    OverflowRule(OverflowWhen.WAITED_S, OverflowTo.NUMBER, 90.0, "119"),
    OverflowRule(OverflowWhen.NO_SEAT, OverflowTo.EVERYBODY),
]


class Day:
    """The floor, and what callers and phones do in answer to its commands."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  # the same day every time
        self.now = 0.0
        self.engine = Engine(self.settings())
        self.coming: list[tuple[float, int, Event]] = []
        self.count = itertools.count()
        self.ends: Counter[str] = Counter()
        self.commands: Counter[str] = Counter()
        self.ringing: dict[str, Offer] = {}
        self.talked: set[str] = set()
        self.here: set[str] = set()

    def settings(self) -> FloorSettings:
        chance = self.chance
        queues = tuple(
            QueueSettings(
                queue,
                priority=chance.choice((0, 0, 1, 3)),
                wrap_up_s=chance.choice((0.0, 5.0)),
                after_call=chance.choice(list(AfterCall)),
                strategy=chance.choice(list(Strategy)),
                needs=chance.choice(NEEDS),
                overflow=() if queue == "q0" else tuple(chance.sample(RULES, chance.randint(0, 3))),
                surge=chance.choice((None, Surge(20, 60.0, announcement_s=8.0))),
                called_party_hold_s=chance.choice((0.0, 20.0)),
                no_answer_pause_s=chance.choice((0.0, 5.0)),
            )
            for queue in QUEUES
        )
        seats = tuple(
            SeatSettings(
                seat,
                tuple(chance.sample(QUEUES, chance.randint(0, 3))),
                skills=(("zh", 1),) if number % 3 == 0 else (("ko", 2),) if number % 5 == 0 else (),
                phone=f"desk{number}" if number < 4 else "desk" if number < 6 else "",
                calls_per_hour=chance.choice((0, 0, 10)),
            )
            for number, seat in enumerate(SEATS)
            if number < 6 or chance.random() < 0.95
        )
        return FloorSettings(queues, seats)

    def later(self, seconds: float, event: Event) -> None:
        heapq.heappush(self.coming, (self.now + seconds, next(self.count), event))

    def tell(self, event: Event) -> None:
        if isinstance(event, CallArrived):
            self.here.add(event.call_id)
        elif isinstance(event, CallLeft) and event.call_id in self.here:
            self.here.discard(event.call_id)
            self.ends["served" if event.call_id in self.talked else "gave up"] += 1
        for command in self.engine.handle(event, self.now):
            self.commands[type(command).__name__] += 1
            self.obey(command)

    def obey(self, command: Command) -> None:
        chance = self.chance
        match command:
            case Offer(offer_id, call_id, seats):
                for other in self.ringing.values():
                    assert other.call_id != call_id, "one call is offered twice"
                self.ringing[offer_id] = command
                self.answer_or_not(offer_id, call_id, seats)
            case CancelOffer(offer_id):
                del self.ringing[offer_id]
            case Announce(call_id, first=True):
                if chance.random() < 0.9:
                    self.later(6.0, AnnouncementEnded(call_id))
            case Divert(call_id):
                self.later(20.0, DivertFailed(call_id))

    def answer_or_not(self, offer_id: str, call_id: str, seats: tuple[str, ...]) -> None:
        chance, seat = self.chance, self.chance.choice(seats)
        luck = chance.random()
        if luck < 0.9:
            self.later(chance.uniform(1, 5), OfferAnswered(call_id, seat, offer_id))
        elif luck < 0.98:
            cause = chance.choice(
                (OfferCause.NO_ANSWER, OfferCause.REJECTED, OfferCause.BUSY, OfferCause.UNREACHABLE)
            )
            self.later(10.0, OfferFailed(call_id, seat, offer_id, cause))

    def happens(self, event: Event) -> None:
        """An event that was on its way: true by now, or late."""
        if isinstance(event, OfferAnswered | OfferFailed):
            stood = self.ringing.pop(event.offer_id, None)
            if stood is None:
                return  # stopped ringing meanwhile
            seats = self.engine.call(event.call_id)
            if isinstance(event, OfferAnswered) and seats and event.seat_id not in seats.seat_ids:
                self.ringing[event.offer_id] = stood
                return  # that seat went away; the others ring on, to the end
        self.tell(event)
        if isinstance(event, OfferAnswered):
            self.talk(event)

    def talk(self, event: OfferAnswered) -> None:
        chance = self.chance
        call = self.engine.call(event.call_id)
        assert call is not None
        assert (call.state, call.seat_ids) == (CallState.TALKING, (event.seat_id,))
        self.talked.add(event.call_id)
        talk_s = chance.expovariate(1 / 25)
        luck = chance.random()
        if luck < 0.03:
            self.later(talk_s, CallReturned(event.call_id))
            return
        self.later(talk_s, CallLeft(event.call_id, dropped=luck < 0.08))
        if luck < 0.98:
            self.later(talk_s + 0.2, SeatLeft(event.seat_id, event.call_id))
        self.later(talk_s + 10, RecordSaved(event.seat_id))

    def people_do_something(self) -> None:
        chance = self.chance
        seat, luck = chance.choice(SEATS), chance.random()
        if luck < 0.4:
            self.tell(SeatNotReady(seat, "break"))
            self.later(chance.uniform(5, 60), SeatReady(seat))
        elif luck < 0.6:
            self.tell(SeatUnregistered(seat))
            self.later(chance.uniform(1, 20), SeatRegistered(seat))
        elif self.here:
            call_id = chance.choice(sorted(self.here))
            self.tell(
                chance.choice(
                    (
                        CallPicked(call_id, seat),
                        CallMoved(call_id, chance.choice(QUEUES)),
                        CallPrioritised(call_id, chance.randint(-1, 5)),
                        DayBegan(),
                    )
                )
            )

    def until(self, moment: float) -> None:
        """Let everything happen that happens until then, in its order."""
        while True:
            due = self.engine.next_wakeup()
            coming = self.coming[0][0] if self.coming else moment
            following = min(moment, coming, moment if due is None else due)
            self.now = max(self.now, following)
            if self.coming and coming <= following and coming < moment:
                self.happens(heapq.heappop(self.coming)[2])
            elif due is not None and due <= following and due < moment:
                self.tell(Tick())
            else:
                return

    def all_seats_come_back(self) -> None:
        for seat in SEATS:
            self.tell(SeatRegistered(seat))
            self.tell(SeatReady(seat))

    def someone_calls(self, number: int) -> None:
        chance = self.chance
        wave = 1.6 if number % 5000 < 1000 else 0.9
        self.until(self.now + chance.expovariate(wave))
        event = CallArrived(
            f"c{number}",
            chance.choice(QUEUES),
            priority=chance.choice((0, 0, 0, 2)),
            caller=f"n{chance.randrange(3000)}",
            origin=f"cell{chance.randrange(40)}",
            needs=chance.choice(NEEDS),
        )
        self.tell(event)
        patience_s = chance.expovariate(1 / 200)
        if patience_s < 600:
            self.later(patience_s, CallLeft(event.call_id))


@pytest.mark.timeout(300)  # seconds when the machine is its own, minutes when it is not
def test_a_hundred_thousand_calls_are_all_accounted_for_while_settings_change():
    day = Day(seed=20240511)
    day.all_seats_come_back()
    for number in range(CALLS):
        if number % CALLS_BETWEEN_CHANGES == 0:
            day.tell(SettingsChanged(day.settings()))
            day.all_seats_come_back()
        if number % 7 == 0:
            day.people_do_something()
        day.someone_calls(number)
    day.until(day.now + 3600)
    for call_id in sorted(day.here):
        day.tell(CallLeft(call_id))
    day.until(day.now + 7200)
    day.all_seats_come_back()
    day.until(day.now + 600)

    assert all(
        day.commands[kind] > 100
        for kind in ("Announce", "CancelOffer", "Divert", "Notice", "Overflowed", "Refused")
    )
    assert sum(day.ends.values()) == CALLS
    assert day.ends["served"] > 0.6 * CALLS
    assert day.engine.calls() == ()
    assert day.ringing == {}
    assert {seat.state for seat in day.engine.seats()} <= {SeatState.READY, SeatState.NOT_READY}
