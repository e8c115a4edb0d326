"""The distribution engine: one door. An event and the time go in, commands come out.

Deterministic: the same events at the same times give the same commands.

What Asterisk says and what people do may come late, twice or crossed with the engine's own
commands. The rules for that:

- an answer is the truth: a seat that answered an offer which has ended meanwhile has the call, and
  whoever else was being rung for it is cancelled; unless the call is already in conversation, or
  the seat is;
- a failure counts only for the offer that it names, and only while that offer stands;
- `CallAdopted` is the truth against everything;
- an offer of which nothing is heard expires, a seat whose leg should have ended is freed.

A call is forgotten when its caller is gone (`CallLeft`, or an offer that failed with
``CALLER_LEFT``), and by nothing else.
"""

from __future__ import annotations

import heapq
import math
from typing import assert_never

from acd.calls import Call
from acd.commands import Command
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
from acd.order import Rank
from acd.seats import Seat
from acd.strategy import EVERYBODY


class Engine:
    """Distributes the calls of one floor.

    ``first_offer_number``: offers are numbered from here. A service that starts anew gives a
    number that it has not used yet, so that answers to offers of its former life match none.
    """

    def __init__(
        self, settings: FloorSettings, *, now: float = 0.0, first_offer_number: int = 1
    ) -> None:
        self._floor = Floor(settings, now, first_offer_number)

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
        self._decide()
        return floor.commands

    def next_wakeup(self) -> float | None:
        """When a `Tick` is due; None: not before another event."""
        return self._floor.timers.next_at()

    def waiting(self, now: float) -> tuple[WaitingCall, ...]:
        """Calls that wait, in the order in which a seat that serves every queue would get them."""
        floor = self._floor
        ranked: list[tuple[Rank, WaitingCall]] = []
        for queue_id in floor.waiting.queues():
            for position, call_id in enumerate(floor.waiting.in_order(queue_id), start=1):
                call = floor.calls[call_id]
                waited_s = max(0.0, now - call.waiting_since)
                ranked.append(
                    (
                        floor.waiting.rank(call, now),
                        WaitingCall(call_id, queue_id, position, waited_s),
                    )
                )
        return tuple(waiting for _, waiting in sorted(ranked, key=lambda entry: entry[0]))

    def seats(self) -> tuple[SeatView, ...]:
        """All seats, as they are in the settings; removed ones that still talk come last."""
        return tuple(seat.view() for seat in self._floor.seats.values())

    def calls(self) -> tuple[CallView, ...]:
        """All calls that the engine knows, in the order in which it heard of them."""
        return tuple(call.view() for call in self._floor.calls.values())

    def call(self, call_id: str) -> CallView | None:
        """One call, if the engine knows it."""
        call = self._floor.calls.get(call_id)
        return call.view() if call else None

    def _take(self, event: Event) -> None:
        match event:
            case Tick():
                pass
            case CallArrived():
                self._call_arrived(event)
            case CallLeft(call_id):
                if call := self._floor.calls.get(call_id):
                    self._floor.caller_gone(call)
            case OfferAnswered(call_id, seat_id):
                self._offer_answered(call_id, seat_id)
            case OfferFailed():
                self._offer_failed(event)
            case SeatLeft(seat_id, call_id):
                self._seat_left(seat_id, call_id)
            case CallReturned(call_id, lost_seat):
                self._call_returned(call_id, lost_seat)
            case CallAdopted():
                self._call_adopted(event)
            case SettingsChanged(settings):
                self._floor.apply(settings)
            case (
                RecordSaved(seat_id)
                | SeatRegistered(seat_id)
                | SeatUnregistered(seat_id)
                | SeatReady(seat_id)
                | SeatNotReady(seat_id)
            ):
                if seat := self._floor.seats.get(seat_id):
                    self._seat_said(seat, event)
            case (
                CallNeeds()
                | CallPrioritised()
                | CallMoved()
                | CallPicked()
                | AnnouncementEnded()
                | DivertFailed()
                | WrapUpWanted()
                | SurgeSet()
                | DayBegan()
            ):
                pass
            case _:
                assert_never(event)

    # Calls

    def _call_arrived(self, event: CallArrived) -> None:
        if event.call_id in self._floor.calls:
            return
        call = self._meet(
            event.call_id, event.queue, event.priority, event.waiting_since, CallState.WAITING
        )
        self._floor.queue_up(call)

    def _call_returned(self, call_id: str, lost_seat_id: str | None) -> None:
        floor = self._floor
        call = floor.calls.get(call_id)
        if call is None:
            return
        if call.returned and call.state in (CallState.WAITING, CallState.OFFERED):
            return  # said twice: it is back already
        lost = floor.seats.get(lost_seat_id or call.seat_id or "")
        left: Seat | None = None
        if call.state is CallState.WAITING:
            floor.waiting.remove(call)
        elif call.state is CallState.OFFERED:
            left = floor.end_offer(call, cancel=True)
        if lost is not None:
            self._take_phone(lost, call)
        if left is not None and left is not lost:
            floor.rest(left)
        if call.state is CallState.TALKING:
            floor.part_talk(call)
        call.returned = True
        call.waiting_since = floor.now
        floor.queue_up(call)

    def _take_phone(self, seat: Seat, call: Call) -> None:
        """A phone vanished from this call: its seat gets no other until it is back."""
        floor = self._floor
        with_call = floor.calls.get(seat.call_id) if seat.call_id else None
        if with_call is not None and with_call is not call:
            if with_call.state is CallState.TALKING:
                return  # it talks with somebody else by now, so its phone is there
            floor.end_offer(with_call, cancel=True)
            floor.queue_up(with_call)
        floor.lose_phone(seat, floor.queue(call.queue))
        if seat.state is not SeatState.TALKING:
            floor.rest(seat)

    def _call_adopted(self, event: CallAdopted) -> None:
        floor = self._floor
        call = floor.calls.get(event.call_id)
        if call is None:
            call = self._meet(
                event.call_id, event.queue, 0, event.waiting_since, CallState.HANDED_OVER
            )
        seat = floor.seats.get(event.seat_id) if event.seat_id else None
        if seat is not None:
            if not (call.state is CallState.TALKING and call.seat_id == seat.id):
                floor.connect(call, seat)
        elif call.state is CallState.TALKING:
            floor.part_talk(call)
        elif call.state is not CallState.HANDED_OVER:
            if call.state is CallState.OFFERED:
                floor.rest(floor.end_offer(call, cancel=True))
            else:
                floor.waiting.remove(call)
            floor.hand_over(call)

    def _meet(
        self,
        call_id: str,
        queue_id: str,
        priority: int,
        waiting_since: float | None,
        state: CallState,
    ) -> Call:
        floor = self._floor
        since = floor.now
        if waiting_since is not None and math.isfinite(waiting_since):
            since = min(waiting_since, since)
        if floor.served_by(queue_id) == EVERYBODY:
            floor.say_queue_without_seats(queue_id)
        return floor.new_call(call_id, queue_id, priority, since, state)

    # Offers

    def _offer_answered(self, call_id: str, seat_id: str) -> None:
        call = self._floor.calls.get(call_id)
        seat = self._floor.seats.get(seat_id)
        if call is None or seat is None or call.state is CallState.TALKING:
            return
        if seat.state is SeatState.TALKING and seat.call_id is not None:
            return
        self._floor.connect(call, seat)

    def _offer_failed(self, event: OfferFailed) -> None:
        floor = self._floor
        call = floor.calls.get(event.call_id)
        if (
            call is None
            or call.offer_id is None
            or (call.offer_id, call.seat_id) != (event.offer_id, event.seat_id)
        ):
            return
        seat = floor.end_offer(call, cancel=False)
        if event.cause is OfferCause.CALLER_LEFT:
            del floor.calls[call.id]
        else:
            floor.queue_up(call)
            floor.blame(seat, event.cause, floor.queue(call.queue))
        floor.rest(seat)

    def _expire(self, call: Call) -> None:
        # Nobody knows whether the phone rang, so it is no miss; but others go first now.
        floor = self._floor
        seat = floor.end_offer(call, cancel=True)
        floor.queue_up(call)
        seat.idle_key = None
        floor.say_offer_expired(seat)
        floor.rest(seat)

    # Seats

    def _seat_left(self, seat_id: str, call_id: str) -> None:
        floor = self._floor
        seat = floor.seats.get(seat_id)
        if seat is None or seat.state is not SeatState.TALKING:
            return
        if seat.call_id == call_id:
            floor.part_talk(floor.calls[call_id])
        elif seat.leaving_call_id == call_id:
            floor.end_talk(seat)

    def _seat_said(
        self,
        seat: Seat,
        event: RecordSaved | SeatRegistered | SeatUnregistered | SeatReady | SeatNotReady,
    ) -> None:
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
        if seat.state is SeatState.OFFERED and seat.call_id is not None:
            if seat.registered and seat.takes_calls:
                return
            call = floor.calls[seat.call_id]
            floor.end_offer(call, cancel=True)
            floor.queue_up(call)
        elif seat.state is SeatState.TALKING:
            return
        floor.rest(seat)

    # Time and decisions

    def _fall_due(self, due: Due, subject: str) -> None:
        floor = self._floor
        if due is Due.OFFER_EXPIRES:
            self._expire(floor.calls[subject])
            return
        seat = floor.seats[subject]
        if due is Due.LEG_OVERDUE:
            floor.end_talk(seat)
        elif seat.state not in (SeatState.OFFERED, SeatState.TALKING):
            floor.rest(seat)

    def _decide(self) -> None:
        """Give waiting calls to ready seats, the first call first, until one side has none.

        Only queues in which something became free are looked at: in the others nothing changed.
        """
        floor = self._floor
        heads: list[tuple[Rank, str]] = []
        for queue_id in floor.opened:
            self._push_head(heads, queue_id)
        floor.opened = {}
        while heads:
            _, queue_id = heapq.heappop(heads)
            seat_id = floor.ready.longest_idle(floor.served_by(queue_id))
            call_id = floor.waiting.first(queue_id)
            if seat_id is None or call_id is None:
                continue
            floor.offer(floor.calls[call_id], floor.seats[seat_id])
            self._push_head(heads, queue_id)

    def _push_head(self, heads: list[tuple[Rank, str]], queue_id: str) -> None:
        floor = self._floor
        call_id = floor.waiting.first(queue_id)
        if call_id is not None and floor.ready.longest_idle(floor.served_by(queue_id)):
            heapq.heappush(heads, (floor.waiting.rank(floor.calls[call_id], floor.now), queue_id))
