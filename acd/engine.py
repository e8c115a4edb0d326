"""The distribution engine: one door. An event and the time go in, commands come out.

Deterministic: the same events at the same times give the same commands.

What Asterisk says and what people do may come late, twice or crossed with the engine's own
commands. The rules for that:

- an answer is the truth: a seat that answered an offer which has ended meanwhile has the call, and
  whoever else was being rung for it is cancelled; unless the call is already in conversation, or
  the seat is;
- a failure counts only for the offer that it names, and only while that offer stands; it is that of
  every seat which still rings for it;
- `CallAdopted` is the truth against everything;
- an offer of which nothing is heard expires, a seat whose leg should have ended is freed.

A call is forgotten when its caller is gone (`CallLeft`, or an offer that failed with
``CALLER_LEFT``), and by nothing else.
"""

from __future__ import annotations

import math
from typing import assert_never

from acd import apply as new_settings
from acd import conversations, offers, overflow, wishes
from acd.calls import Call
from acd.commands import Announce, Command
from acd.decision import decide, seats_for
from acd.events import (
    AnnouncementEnded,
    CallAdopted,
    CallArrived,
    CallLeft,
    CallMoved,
    CallNeeds,
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
    SurgeSet,
    Tick,
    WrapUpWanted,
)
from acd.floor import Due, Floor
from acd.model import (
    CallState,
    CallView,
    FloorSettings,
    OfferCause,
    SeatState,
    SeatView,
    WaitingCall,
)
from acd.seats import BUSY, Seat
from acd.strategy import EVERYBODY
from acd.surge import BY_HAND

SeatSaid = SeatRegistered | SeatUnregistered | SeatReady | SeatNotReady | RecordSaved


class Engine:
    """Distributes the calls of one floor.

    ``first_offer_number``: offers are numbered from here. A service that starts anew gives a
    number that it has not used yet, so that answers to offers of its former life match none.
    """

    def __init__(
        self, settings: FloorSettings, *, now: float = 0.0, first_offer_number: int = 1
    ) -> None:
        self._floor = Floor(now, first_offer_number)
        new_settings.apply(self._floor, settings)
        self._floor.commands.clear()

    def handle(self, event: Event, now: float) -> list[Command]:
        """What is to be done about this event, at this monotonic time in seconds.

        A time before that of the last event counts as the same moment. The event is looked at
        before what has become due: an answer that is late but here beats its expiry.
        """
        floor = self._floor
        floor.now = max(floor.now, now)
        floor.commands = []
        self._take(event)
        while (due := floor.timers.pop_due(floor.now)) is not None:
            self._fall_due(*due)
        decide(floor)
        while floor.unchecked:
            overflow.check(floor)
            decide(floor)
        return floor.commands

    def next_wakeup(self) -> float | None:
        """When a `Tick` is due; None: not before another event."""
        return self._floor.timers.next_at()

    def waiting(self, now: float) -> tuple[WaitingCall, ...]:
        """Calls that wait, in the order in which a seat that may take every call would get them."""
        floor = self._floor
        positions: dict[str, int] = {}
        listed = []
        for call_id in floor.waiting.in_order():
            call = floor.calls[call_id]
            position = positions[call.queue] = positions.get(call.queue, 0) + 1
            listed.append(
                WaitingCall(
                    call_id,
                    call.queue,
                    position,
                    max(0.0, now - call.waiting_since),
                    call.priority,
                    overflow.estimate_s(floor, call, position),
                    bool(call.overflowed),
                )
            )
        return tuple(listed)

    def seats(self) -> tuple[SeatView, ...]:
        """All seats, as they are in the settings; removed ones that still talk come last."""
        return tuple(seat.view() for seat in self._floor.seats.values())

    def seat(self, seat_id: str) -> SeatView | None:
        """One seat, if the engine knows it."""
        seat = self._floor.seats.get(seat_id)
        return seat.view() if seat else None

    def calls(self) -> tuple[CallView, ...]:
        """All calls that the engine knows, in the order in which it heard of them."""
        return tuple(call.view() for call in self._floor.calls.values())

    def call(self, call_id: str) -> CallView | None:
        """One call, if the engine knows it."""
        call = self._floor.calls.get(call_id)
        return call.view() if call else None

    def surges(self) -> tuple[str, ...]:
        """Origins with a surge now."""
        return self._floor.surges.on()

    def _take(self, event: Event) -> None:
        floor = self._floor
        match event:
            case Tick():
                pass
            case CallArrived():
                self._call_arrived(event)
            case OfferAnswered(call_id, seat_id):
                self._offer_answered(call_id, seat_id)
            case OfferFailed():
                self._offer_failed(event)
            case SeatLeft(seat_id, call_id):
                self._seat_left(seat_id, call_id)
            case CallAdopted():
                self._call_adopted(event)
            case CallPicked(call_id, seat_id):
                wishes.pick(floor, call_id, seat_id)
            case CallMoved(call_id, queue_id):
                wishes.move(floor, call_id, queue_id)
            case SettingsChanged(settings):
                new_settings.apply(floor, settings)
            case SurgeSet(origin, on):
                if floor.surges.set(origin, on, floor.now):
                    new_settings.say_surge(floor, origin, began=on)
                new_settings.await_end_of_surge(floor, origin)
            case DayBegan():
                self._day_began()
            case (
                CallLeft(call_id)
                | CallReturned(call_id)
                | CallNeeds(call_id)
                | CallPrioritised(call_id)
                | AnnouncementEnded(call_id)
                | DivertFailed(call_id)
            ):
                if call := floor.calls.get(call_id):
                    self._call_said(call, event)
            case WrapUpWanted(seat_id):
                if seat := floor.seats.get(seat_id):
                    conversations.want_wrap_up(floor, seat)
            case (
                RecordSaved(seat_id)
                | SeatRegistered(seat_id)
                | SeatUnregistered(seat_id)
                | SeatReady(seat_id)
                | SeatNotReady(seat_id)
            ):
                if seat := floor.seats.get(seat_id):
                    self._seat_said(seat, event)
            case _:
                assert_never(event)

    # Calls

    def _call_arrived(self, event: CallArrived) -> None:
        floor = self._floor
        known = floor.calls.get(event.call_id)
        if known is not None:
            if known.state is CallState.DIVERTED:
                floor.queue_up(known)  # it would not come again if it were still there
            return
        call = self._meet(event.call_id, event.queue, event.waiting_since, CallState.WAITING)
        call.priority, call.caller, call.needs = event.priority, event.caller, event.needs
        conversations.take_old_place(floor, call)
        floor.queue_up(call)
        self._hear_of_surge(call, event.origin)

    def _hear_of_surge(self, call: Call, origin: str) -> None:
        """Count the call; in a surge, let its caller hear the message before anybody is rung.

        Not while a seat is free for them: the message spares seats that are busy.
        """
        floor = self._floor
        surge = floor.queue(call.queue).surge
        hears, began = floor.surges.arrived(origin, call.queue, surge, floor.now)
        if began:
            new_settings.say_surge(floor, origin, began=True)
        if surge is not None:
            new_settings.await_end_of_surge(floor, origin)
        if not hears or call.returned or seats_for(floor, call, floor.waiting.standing(call.id)):
            return
        surge = surge or BY_HAND
        call.hears_first = True
        floor.stand_anew(call)
        floor.timers.set((Due.ANNOUNCEMENT_OVER, call.id), floor.now + surge.announcement_s)
        floor.commands.append(Announce(call.id, surge.announcement, first=True, call_back=False))

    def _call_said(
        self,
        call: Call,
        event: CallLeft
        | CallReturned
        | CallNeeds
        | CallPrioritised
        | AnnouncementEnded
        | DivertFailed,
    ) -> None:
        floor = self._floor
        match event:
            case CallLeft(_, dropped, redial):
                conversations.caller_gone(floor, call, dropped=dropped, redial=redial)
            case CallReturned(_, lost_seat, knows_them):
                conversations.call_returned(floor, call, lost_seat, knows_them)
            case CallNeeds(_, needs):
                call.needs = needs
                floor.stand_anew(call)
            case CallPrioritised(_, priority):
                wishes.prioritise(floor, call, priority)
            case AnnouncementEnded():
                floor.end_announcement(call)
            case DivertFailed():
                if call.state is CallState.DIVERTED:
                    floor.queue_up(call)

    def _call_adopted(self, event: CallAdopted) -> None:
        floor = self._floor
        call = floor.calls.get(event.call_id)
        if call is None:
            call = self._meet(
                event.call_id, event.queue, event.waiting_since, CallState.HANDED_OVER
            )
        seat = floor.seats.get(event.seat_id) if event.seat_id else None
        if seat is not None:
            if not (call.state is CallState.TALKING and call.seat_ids == (seat.id,)):
                conversations.connect(floor, call, seat)
        elif call.state is CallState.TALKING:
            conversations.part_talk(floor, call)
        elif call.state is not CallState.HANDED_OVER:
            if call.state is CallState.OFFERED:
                for ringing in offers.end_offer(floor, call, cancel=True):
                    floor.rest(ringing)
            elif call.state is CallState.WAITING:
                floor.stop_waiting(call)
            conversations.hand_over(floor, call)

    def _meet(
        self, call_id: str, queue_id: str, waiting_since: float | None, state: CallState
    ) -> Call:
        floor = self._floor
        since = floor.now
        if waiting_since is not None and math.isfinite(waiting_since):
            since = min(waiting_since, since)
        if floor.pool_of(queue_id) == EVERYBODY:
            floor.say_queue_without_seats(queue_id)
        return floor.new_call(call_id, queue_id, 0, since, state)

    # Offers

    def _offer_answered(self, call_id: str, seat_id: str) -> None:
        floor = self._floor
        call = floor.calls.get(call_id)
        seat = floor.seats.get(seat_id)
        if call is None or seat is None or call.state is CallState.TALKING:
            return
        for there in (seat, *floor.at_phone(seat)):
            if there.state is SeatState.TALKING and there.call_id is not None:
                return
        conversations.connect(floor, call, seat)

    def _offer_failed(self, event: OfferFailed) -> None:
        floor = self._floor
        call = floor.calls.get(event.call_id)
        if call is None or call.offer_id != event.offer_id or event.seat_id not in call.rung:
            return
        if event.cause is OfferCause.CALLER_LEFT:
            # The phones have stopped ringing already: nothing is left to cancel.
            for seat in offers.end_offer(floor, call, cancel=False):
                floor.rest(seat)
            floor.queue_up(call)
            conversations.caller_gone(floor, call)
        else:
            offers.offer_failed(floor, call, event.cause)

    # Seats

    def _seat_left(self, seat_id: str, call_id: str) -> None:
        floor = self._floor
        seat = floor.seats.get(seat_id)
        if seat is None or seat.state is not SeatState.TALKING:
            return
        if seat.call_id == call_id:
            conversations.part_talk(floor, floor.calls[call_id])
        elif seat.leaving_call_id == call_id:
            conversations.end_talk(floor, seat)

    def _seat_said(self, seat: Seat, event: SeatSaid) -> None:
        floor = self._floor
        match event:
            case RecordSaved():
                floor.end_wrap_up(seat)
            case SeatRegistered():
                if not seat.registered:
                    seat.registered = True
                    seat.misses = 0
                    floor.end_pause(seat)
            case SeatUnregistered():
                seat.registered = False
            case SeatReady():
                seat.takes_calls = True
                floor.forgive(seat)
            case SeatNotReady(_, reason):
                seat.takes_calls = False
                seat.not_ready_reason = reason
                floor.end_wrap_up(seat)
                floor.end_hold(seat)
        floor.count_duty(seat)
        if seat.state is SeatState.OFFERED and seat.call_id is not None:
            goes_away = isinstance(event, SeatUnregistered | SeatNotReady)
            if not goes_away:
                return
            offers.withdraw(floor, floor.calls[seat.call_id], seat, rings_on=seat.registered)
        elif seat.state is SeatState.TALKING:
            return
        floor.rest(seat)

    def _day_began(self) -> None:
        floor = self._floor
        for seat in floor.seats.values():
            seat.calls_today = 0
            if seat.id in floor.ready:
                floor.enlist(seat)

    # Time

    def _fall_due(self, due: Due, subject: str) -> None:
        floor = self._floor
        match due:
            case Due.OFFER_EXPIRES:
                offers.offer_expired(floor, floor.calls[subject])
            case Due.NEEDS_RELAX:
                floor.stand_anew(floor.calls[subject])
            case Due.OVERFLOWS:
                floor.unchecked[subject] = None
            case Due.ANNOUNCEMENT_OVER:
                floor.end_announcement(floor.calls[subject])
            case Due.ESTIMATES:
                overflow.check_estimates(floor, subject)
            case Due.SURGE_ENDS:
                floor.surges.end(subject)
                new_settings.say_surge(floor, subject, began=False)
            case _:
                self._seat_due(due, floor.seats[subject])

    def _seat_due(self, due: Due, seat: Seat) -> None:
        floor = self._floor
        if due is Due.LEG_OVERDUE:
            conversations.end_talk(floor, seat)
            return
        if due is Due.HOLD_ENDS:
            floor.end_hold(seat)
        if due is Due.LIMIT_EASES:
            if seat.id in floor.ready:
                floor.enlist(seat)
        elif seat.state not in BUSY:
            floor.rest(seat)
