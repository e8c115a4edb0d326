"""The engine in virtual time: callers, phones and people are played, decisions are the engine's.

The same scenario with the same lots gives the same calls, whoever answers them when: each stream of
callers draws from lots of its own, so two settings can be compared on the very same callers.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from acd.commands import Announce, CancelOffer, Command, Divert, Offer, SeatChanged
from acd.engine import Engine
from acd.events import (
    AnnouncementEnded,
    CallArrived,
    CallLeft,
    CallReturned,
    DayBegan,
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
    WrapUpWanted,
)
from acd.figures import CallOutcome, SeatTime
from acd.lots import Lots
from acd.model import AfterCall, OfferCause, QueueSettings, Reason, SeatState
from acd.scenario import DAY_S, Caller, OffersFail, PhonesVanish, Scenario, SettingsChange, Shift

LotsFor = Callable[[str], Lots]
"""Independent lots for each purpose; the same purpose always gives the same ones."""

DRAIN_S: Final = DAY_S
"""So long after the end calls may still be served."""
_REFUSED_AFTER_S: Final = 0.1
_OVERTIME_S: Final = 60.0
_STUCK: Final = 10_000
"""So many ticks at one instant, and the engine turns in a circle."""
_ON_DUTY: Final = (SeatState.READY, SeatState.OFFERED, SeatState.TALKING, SeatState.WRAP_UP)
_BUSY: Final = (SeatState.TALKING, SeatState.WRAP_UP)


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of it besides the calls; the times of seats are those up to the scenario's end."""

    calls: int
    events: int
    """Told to the engine, ticks included."""
    offers: int
    diverted: int
    to_call_back: int
    """Callers who chose to be called back."""
    still_waiting: int
    """Callers whom nobody had answered a day after the end."""
    seat_times: Mapping[str, SeatTime]

    @property
    def seat_time(self) -> SeatTime:
        """Of all seats together."""
        return SeatTime(
            math.fsum(time.on_duty_ms for time in self.seat_times.values()),
            math.fsum(time.busy_ms for time in self.seat_times.values()),
        )


def simulate(
    scenario: Scenario, lots_for: LotsFor, take: Callable[[CallOutcome], None]
) -> Simulated:
    """Play the scenario to its end; ``take`` is given each call when it is over."""
    return _Simulation(scenario, lots_for, take).run()


@dataclass(slots=True)
class _Call:
    caller: Caller
    offer_id: str = ""
    """The offer that stands."""
    seat: str = ""
    """Who talks with the caller now."""
    talks: int = 0
    """Counts conversations, so that the end of one that was cut off is known as such."""
    talk_since_s: float = 0.0
    left_to_say_s: float = 0.0
    answered_at_s: float | None = None
    answered_by: str = ""
    talked_s: float = 0.0
    wrapped_up_s: float | None = None
    ring_no_answers: int = 0


@dataclass(slots=True)
class _Seat:
    id: str
    state: SeatState = SeatState.OFFLINE
    since_s: float = 0.0
    call_id: str = ""
    on_duty_s: float = 0.0
    busy_s: float = 0.0
    on_shift: bool = False
    wrapping_up: tuple[str, _Call] | None = None


class _Simulation:
    def __init__(
        self, scenario: Scenario, lots_for: LotsFor, take: Callable[[CallOutcome], None]
    ) -> None:
        self._scenario = scenario
        self._take = take
        self._lots = lots_for("floor")
        self._engine = Engine(scenario.floor, now=scenario.begin_s)
        self._now = scenario.begin_s
        self._agenda: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._number = 0
        self._commands: deque[Command] = deque()
        self._telling = False
        self._calls: dict[str, _Call] = {}
        self._arrived = self._events = self._offers = self._diverted = self._to_call_back = 0
        self._seats: dict[str, _Seat] = {}
        self._queues: dict[str, QueueSettings] = {}
        self._failing: list[OffersFail] = []
        self._know(scenario.floor.queues, (seat.id for seat in scenario.floor.seats))
        for number, arrivals in enumerate(scenario.arrivals):
            callers = arrivals.callers(
                lots_for(f"arrivals {number}"), scenario.begin_s, scenario.end_s
            )
            self._await_next(callers)
        self._plan()

    def run(self) -> Simulated:
        agenda = self._agenda
        last_s = self._scenario.end_s + DRAIN_S
        ticks = 0
        while True:
            due_s = self._engine.next_wakeup()
            if due_s is not None and (not agenda or due_s <= agenda[0][0]):
                if due_s > last_s:
                    break
                ticks = ticks + 1 if due_s <= self._now else 0
                if ticks > _STUCK:
                    raise RuntimeError(f"the engine wants to be woken at {due_s} without end")
                self._now = max(self._now, due_s)
                self._tell(Tick())
            elif agenda and agenda[0][0] <= last_s:
                self._now, _, do, what = heapq.heappop(agenda)
                do(*what)
            else:
                break
        return self._result()

    def _result(self) -> Simulated:
        for seat in self._seats.values():
            self._seat_is(seat, seat.state, max(self._now, self._scenario.end_s))
            if seat.wrapping_up:
                self._over(*seat.wrapping_up)
        waiting = 0
        for call_id, call in self._calls.items():
            waiting += call.answered_at_s is None
            self._over(call_id, call)
        return Simulated(
            self._arrived,
            self._events,
            self._offers,
            self._diverted,
            self._to_call_back,
            waiting,
            {
                seat.id: SeatTime(seat.on_duty_s * 1000, seat.busy_s * 1000)
                for seat in self._seats.values()
            },
        )

    # The agenda

    def _at(self, at_s: float, do: Callable[..., None], *what: object) -> None:
        self._number += 1
        heapq.heappush(self._agenda, (at_s, self._number, do, what))

    def _plan(self) -> None:
        scenario = self._scenario
        always = (Shift(scenario.begin_s, math.inf),)
        for seat in scenario.floor.seats:
            for shift in scenario.shifts.get(seat.id, always):
                if shift.to_s > scenario.begin_s and shift.from_s < scenario.end_s:
                    self._at(max(shift.from_s, scenario.begin_s), self._begin_shift, seat.id)
                    if shift.to_s < scenario.end_s:
                        self._at(shift.to_s, self._end_shift, seat.id)
        midnight_s = (scenario.begin_s // DAY_S + 1) * DAY_S
        while midnight_s < scenario.end_s:
            self._at(midnight_s, self._tell, DayBegan())
            midnight_s += DAY_S
        for fault in scenario.faults:
            match fault:
                case PhonesVanish(at_s, for_s, seats):
                    for seat_id in seats:
                        self._at(at_s, self._phone_vanishes, seat_id)
                        self._at(at_s + for_s, self._tell, SeatRegistered(seat_id))
                case OffersFail(at_s, for_s):
                    self._at(at_s, self._failing.append, fault)
                    self._at(at_s + for_s, self._failing.remove, fault)
                case SettingsChange(at_s):
                    self._at(at_s, self._change_settings, fault)

    def _know(self, queues: Iterable[QueueSettings], seat_ids: Iterable[str]) -> None:
        self._queues = {queue.id: queue for queue in queues}
        for seat_id in seat_ids:
            self._seats.setdefault(seat_id, _Seat(seat_id, since_s=self._now))

    # The engine

    def _tell(self, event: Event) -> None:
        self._events += 1
        self._commands.extend(self._engine.handle(event, self._now))
        if self._telling:
            return  # what comes of it is carried out after what came before
        self._telling = True
        while self._commands:
            self._carry_out(self._commands.popleft())
        self._telling = False

    def _carry_out(self, command: Command) -> None:
        kind = type(command)
        if kind is SeatChanged:
            self._seat_changed(command)  # type: ignore[arg-type] # as kind says; match is slower
        elif kind is Offer:
            self._ring(command)  # type: ignore[arg-type] # the same
        elif isinstance(command, CancelOffer):
            call = self._calls.get(command.call_id)
            if call is not None and call.offer_id == command.offer_id:
                call.offer_id = ""
        elif isinstance(command, Announce):
            self._announce(command)
        elif isinstance(command, Divert):
            self._diverted += 1
            self._gone(command.call_id, CallLeft(command.call_id))

    # Callers

    def _await_next(self, callers: Iterator[Caller]) -> None:
        caller = next(callers, None)
        if caller is not None:
            self._at(caller.at_s, self._arrive, caller, callers)

    def _arrive(self, caller: Caller, others: Iterator[Caller]) -> None:
        self._await_next(others)
        self._arrived += 1
        call_id = str(self._arrived)
        self._calls[call_id] = _Call(caller, left_to_say_s=caller.handling_s)
        if caller.patience_s < math.inf:
            self._at(self._now + caller.patience_s, self._lose_patience, call_id)
        self._tell(
            CallArrived(
                call_id,
                caller.queue,
                caller.priority,
                caller=caller.number,
                origin=caller.origin,
                needs=caller.needs,
            )
        )

    def _lose_patience(self, call_id: str) -> None:
        call = self._calls.get(call_id)
        if call is not None and call.answered_at_s is None:
            self._gone(call_id, CallLeft(call_id), abandoned=True)

    def _announce(self, announce: Announce) -> None:
        if announce.call_back and self._lots.random() < self._scenario.call_back_share:
            self._to_call_back += 1
            self._gone(announce.call_id, CallLeft(announce.call_id, redial=False))
            return
        ended = AnnouncementEnded(announce.call_id)
        self._at(self._now + self._scenario.announcement_s, self._tell, ended)

    def _gone(self, call_id: str, left: CallLeft, *, abandoned: bool = False) -> None:
        call = self._calls.pop(call_id, None)
        if call is not None:
            self._tell(left)
            self._over(call_id, call, abandoned=abandoned)

    def _over(self, call_id: str, call: _Call, *, abandoned: bool = False) -> None:
        caller = call.caller
        wait_ms: float | None = None
        if call.answered_at_s is not None:
            wait_ms = (call.answered_at_s - caller.at_s) * 1000
        elif abandoned:
            wait_ms = (self._now - caller.at_s) * 1000
        answered = call.answered_at_s is not None
        self._take(
            CallOutcome(
                call_id,
                caller.at_s,
                answered,
                abandoned,
                wait_ms,
                answered_ms=wait_ms if answered else None,
                talk_ms=call.talked_s * 1000 if answered else None,
                wrap_up_ms=None if call.wrapped_up_s is None else call.wrapped_up_s * 1000,
                ring_no_answers=call.ring_no_answers,
                line=caller.line,
                queue=caller.queue,
                seat=call.answered_by,
                caller=caller.number,
            )
        )

    # Offers and conversations

    def _ring(self, offer: Offer) -> None:
        self._offers += 1
        self._calls[offer.call_id].offer_id = offer.offer_id
        answers: tuple[float, str] | None = None
        fails: tuple[float, str, OfferCause] = (-1.0, "", OfferCause.NO_ANSWER)
        for seat_id in offer.seat_ids:
            cause = self._failure(seat_id)
            after_s = _REFUSED_AFTER_S
            if cause is None:
                after_s = self._scenario.answering.draw_s(self._lots)
                if after_s < offer.ring_s:
                    answers = min(answers or (math.inf, ""), (after_s, seat_id))
                    continue
                cause = OfferCause.NO_ANSWER
            if cause is OfferCause.NO_ANSWER:
                after_s = offer.ring_s
            fails = max(fails, (after_s, seat_id, cause))
        if answers is None:
            self._at(self._now + fails[0], self._fail, offer, fails[1], fails[2])
        else:
            # Also at once only when its turn comes: who leaves at this very instant has left.
            self._at(self._now + answers[0], self._answer, offer, answers[1])

    def _failure(self, seat_id: str) -> OfferCause | None:
        for fault in self._failing:
            if (not fault.seats or seat_id in fault.seats) and self._lots.random() < fault.share:
                return fault.cause
        return None

    def _standing(self, offer: Offer) -> _Call | None:
        call = self._calls.get(offer.call_id)
        return call if call is not None and call.offer_id == offer.offer_id else None

    def _fail(self, offer: Offer, seat_id: str, cause: OfferCause) -> None:
        if (call := self._standing(offer)) is not None:
            call.offer_id = ""
            call.ring_no_answers += 1
            self._tell(OfferFailed(offer.call_id, seat_id, offer.offer_id, cause))

    def _answer(self, offer: Offer, seat_id: str) -> None:
        if (call := self._standing(offer)) is None:
            return
        call.offer_id = ""
        call.seat = seat_id
        call.talks += 1
        call.talk_since_s = self._now
        if call.answered_at_s is None:
            call.answered_at_s = self._now
            call.answered_by = seat_id
        self._at(self._now + call.left_to_say_s, self._hang_up, offer.call_id, call.talks)
        self._tell(OfferAnswered(offer.call_id, seat_id, offer.offer_id))

    def _hang_up(self, call_id: str, talk: int) -> None:
        call = self._calls.get(call_id)
        if call is None or not call.seat or call.talks != talk:
            return
        del self._calls[call_id]
        seat = self._seats[call.seat]
        call.talked_s += self._now - call.talk_since_s
        queue = self._queues.get(call.caller.queue)
        by_operator = queue is not None and queue.after_call in (
            AfterCall.OPTIONAL,
            AfterCall.UNTIL_SAVED,
        )
        wrap_up_s = self._scenario.wrap_up.draw_s(self._lots) if by_operator else 0.0
        if wrap_up_s > 0 and queue is not None and queue.after_call is AfterCall.OPTIONAL:
            self._tell(WrapUpWanted(seat.id))
        self._tell(CallLeft(call_id))
        self._tell(SeatLeft(seat.id, call_id))
        if seat.state is not SeatState.WRAP_UP:
            self._over(call_id, call)
            return
        seat.wrapping_up = (call_id, call)
        if by_operator:
            self._at(self._now + wrap_up_s, self._save_record, seat, call_id)

    def _save_record(self, seat: _Seat, call_id: str) -> None:
        if seat.wrapping_up is not None and seat.wrapping_up[0] == call_id:
            self._tell(RecordSaved(seat.id))

    # Seats

    def _begin_shift(self, seat_id: str) -> None:
        self._seats[seat_id].on_shift = True
        self._tell(SeatRegistered(seat_id))
        self._tell(SeatReady(seat_id))

    def _end_shift(self, seat_id: str) -> None:
        seat = self._seats[seat_id]
        if self._scenario.overtime and self._now < self._scenario.end_s:
            others = any(other.on_shift for other in self._seats.values() if other is not seat)
            if not others and self._engine.waiting(self._now):
                self._at(self._now + _OVERTIME_S, self._end_shift, seat_id)
                return
        seat.on_shift = False
        self._tell(SeatNotReady(seat_id, "off_duty"))

    def _seat_changed(self, change: SeatChanged) -> None:
        seat = self._seats.get(change.seat_id)
        if seat is None:
            return
        if seat.wrapping_up is not None and change.state is not SeatState.WRAP_UP:
            call_id, call = seat.wrapping_up
            seat.wrapping_up = None
            call.wrapped_up_s = self._now - seat.since_s
            self._over(call_id, call)
        if change.state is not seat.state:
            self._seat_is(seat, change.state, self._now)
        if change.state is SeatState.NOT_READY and change.reason == Reason.MISSED_CALLS:
            self._at(self._now + self._scenario.back_after_misses_s, self._come_back, seat)

    def _come_back(self, seat: _Seat) -> None:
        if seat.on_shift and seat.state is SeatState.NOT_READY:
            self._tell(SeatReady(seat.id))

    def _seat_is(self, seat: _Seat, state: SeatState, now: float) -> None:
        spent_s = max(0.0, min(now, self._scenario.end_s) - seat.since_s)
        if seat.state in _ON_DUTY:
            seat.on_duty_s += spent_s
        if seat.state in _BUSY:
            seat.busy_s += spent_s
        seat.state = state
        seat.since_s = now

    # Faults

    def _phone_vanishes(self, seat_id: str) -> None:
        self._tell(SeatUnregistered(seat_id))
        for call_id, call in self._calls.items():
            if call.seat == seat_id:
                spoken_s = self._now - call.talk_since_s
                call.talked_s += spoken_s
                call.left_to_say_s = max(0.0, call.left_to_say_s - spoken_s)
                call.seat = ""
                self._tell(CallReturned(call_id, seat_id))
                return

    def _change_settings(self, change: SettingsChange) -> None:
        self._know(change.floor.queues, (seat.id for seat in change.floor.seats))
        self._tell(SettingsChanged(change.floor))
