"""The floor: calls, seats and the reservations between them, always in agreement.

Each method here is one thing that can happen between a call and a seat. It changes both sides, the
indexes and the timers together and notes the commands that follow; `acd.engine` decides which of
them an event calls for. What is always true between two events:

- a call that is offered or talking has one seat, and that seat has this call and no other;
- a call waits in `WaitingCalls` exactly when its state says so, and a seat is in `ReadySeats`
  exactly when it is ready;
- every offer has a timer.
"""

from __future__ import annotations

from enum import Enum, auto

from acd.calls import Call
from acd.commands import CancelOffer, Command, Notice, Offer, SeatChanged
from acd.errors import IllegalTransition
from acd.model import (
    EVENT_GRACE_S,
    CallState,
    FloorSettings,
    NoticeKind,
    OfferCause,
    QueueSettings,
    Reason,
    SeatState,
)
from acd.order import WaitingCalls
from acd.seats import NEVER, Seat
from acd.strategy import EVERYBODY, ReadySeats
from acd.timers import Timers


class Due(Enum):
    """What a timer is for. An offer's carries the call's id, the others the seat's."""

    OFFER_EXPIRES = auto()
    WRAP_UP_ENDS = auto()
    PAUSE_ENDS = auto()
    LEG_OVERDUE = auto()


class Floor:
    """Everything that the engine knows; ``now`` is set before each event."""

    def __init__(self, settings: FloorSettings, now: float, first_offer_number: int) -> None:
        self.now = now
        self.commands: list[Command] = []
        self.calls: dict[str, Call] = {}
        self.seats: dict[str, Seat] = {}
        self.ageing_per_s = settings.ageing_per_s
        self.waiting = WaitingCalls(self.queue, lambda: self.ageing_per_s)
        self.ready = ReadySeats()
        self.timers: Timers[tuple[Due, str]] = Timers()
        self.opened: dict[str, None] = {}
        """Queues in which a call or a seat became free since the last decision."""
        self._queues: dict[str, QueueSettings] = {}
        self._served: frozenset[str] = frozenset()
        self._seen: dict[str, tuple[SeatState, str, str | None]] = {}
        self._calls_counted = 0
        self._idle_counted = 0
        self._next_offer = first_offer_number
        self.apply(settings)
        self.commands.clear()

    # Settings

    def queue(self, queue_id: str) -> QueueSettings:
        """Settings of a queue; of one that nobody defined, the defaults."""
        return self._queues.get(queue_id) or QueueSettings(queue_id)

    def served_by(self, queue_id: str) -> str:
        """Under which name `ReadySeats` has the seats for this queue."""
        return queue_id if queue_id in self._served else EVERYBODY

    def apply(self, settings: FloorSettings) -> None:
        """Take over new settings; what is going on goes on."""
        in_use = {call.queue for call in self.calls.values()}
        # A queue that is gone keeps its settings for the calls that are still in it.
        kept = {name: queue for name, queue in self._queues.items() if name in in_use}
        self.ageing_per_s = settings.ageing_per_s
        self._queues = kept | {queue.id: queue for queue in settings.queues}
        self._served = frozenset(queue for seat in settings.seats for queue in seat.queues)
        for queue_id in sorted(self._queues.keys() - self._served):
            self.say_queue_without_seats(queue_id)
        self.ready = ReadySeats()
        known, self.seats = self.seats, {}
        for wanted in settings.seats:
            seat = known.pop(wanted.id, None) or Seat(wanted.id, wanted.queues, self.now)
            seat.retired = False
            seat.queues = wanted.queues
            self.seats[seat.id] = seat
            if seat.state is SeatState.READY and seat.idle_key is not None:
                self.ready.add(seat, seat.idle_key)
            self._show(seat)
        for seat in known.values():
            self.seats[seat.id] = seat
            seat.retired = True
            if seat.state not in (SeatState.OFFERED, SeatState.TALKING):
                self._dismiss(seat)
        self.waiting.reorder(
            [call for call in self.calls.values() if call.state is CallState.WAITING]
        )
        self.opened = dict.fromkeys(self.waiting.queues())

    def say_queue_without_seats(self, queue_id: str) -> None:
        """Tell the supervisor that everybody serves this queue because nobody was named for it."""
        self._say(
            NoticeKind.QUEUE_WITHOUT_SEATS,
            queue_id,
            f"no seat serves queue {queue_id}: its calls go to every seat",
        )

    def _dismiss(self, seat: Seat) -> None:
        for due in (Due.WRAP_UP_ENDS, Due.PAUSE_ENDS):
            self.timers.cancel((due, seat.id))
        del self.seats[seat.id]
        self._seen.pop(seat.id, None)
        self.commands.append(SeatChanged(seat.id, SeatState.OFFLINE, Reason.REMOVED, None))

    # Calls

    def new_call(
        self, call_id: str, queue: str, priority: int, waiting_since: float, state: CallState
    ) -> Call:
        """A call that was not known; it still has to be put where its state says."""
        self._calls_counted += 1
        call = Call(
            call_id, queue, priority, waiting_since, self._calls_counted, state, since=self.now
        )
        self.calls[call_id] = call
        return call

    def queue_up(self, call: Call) -> None:
        """Let the call wait in its place, for the next decision."""
        if call.state is not CallState.WAITING:
            call.move(CallState.WAITING, self.now)
        self.waiting.add(call)
        self.opened[call.queue] = None

    def hand_over(self, call: Call) -> None:
        """Let the call go on with somebody who is no seat; it is free of seats by now."""
        if call.state is not CallState.HANDED_OVER:
            call.move(CallState.HANDED_OVER, self.now)

    # Between a call and a seat

    def offer(self, call: Call, seat: Seat) -> None:
        """Reserve a ready seat for a waiting call and ring it."""
        offer_id = str(self._next_offer)
        ring_s = self.queue(call.queue).ring_s
        seat.be_offered(call.id, offer_id, self.now)
        call.move(CallState.OFFERED, self.now)
        self._next_offer += 1
        self.ready.discard(seat)
        self.waiting.remove(call)
        call.seat_id = seat.id
        call.offer_id = offer_id
        self.timers.set((Due.OFFER_EXPIRES, call.id), self.now + ring_s + EVENT_GRACE_S)
        self.commands.append(Offer(offer_id, call.id, (seat.id,), ring_s))
        self._show(seat)

    def end_offer(self, call: Call, *, cancel: bool) -> Seat:
        """Dissolve the reservation; the call and the seat still have to be put somewhere."""
        seat = self._part(call)
        if cancel and call.offer_id is not None:
            self.commands.append(CancelOffer(call.offer_id, call.id, (seat.id,)))
        call.offer_id = None
        seat.offer_id = None
        self.timers.cancel((Due.OFFER_EXPIRES, call.id))
        return seat

    def connect(self, call: Call, seat: Seat) -> None:
        """Seat and call are in conversation, whatever both were doing by our books."""
        if call.state is CallState.OFFERED:
            ringing = self.end_offer(call, cancel=call.seat_id != seat.id)
            if ringing is not seat:
                self.rest(ringing)
        elif call.state is CallState.TALKING:
            self.part_talk(call)
        elif call.state is CallState.WAITING:
            self.waiting.remove(call)
        if seat.call_id is not None:
            self._vacate(self.calls[seat.call_id])
        self.ready.discard(seat)
        for due in (Due.WRAP_UP_ENDS, Due.PAUSE_ENDS, Due.LEG_OVERDUE):
            self.timers.cancel((due, seat.id))
        seat.talk(call.id, call.queue, self.now)
        seat.idle_key = None
        call.move(CallState.TALKING, self.now)
        call.seat_id = seat.id
        self._show(seat)

    def part_talk(self, call: Call) -> Seat:
        """The seat leaves the call that it talks with, which goes on without it."""
        seat = self._part(call)
        self.hand_over(call)
        self.end_talk(seat)
        return seat

    def end_talk(self, seat: Seat) -> None:
        """The seat's leg is over: wrap up, if the queue wants it, and rest."""
        seat.call_id = None
        seat.leaving_call_id = None
        self.timers.cancel((Due.LEG_OVERDUE, seat.id))
        wrap_up_s = self.queue(seat.talk_queue).wrap_up_s
        if wrap_up_s > 0:
            seat.wrap_up_until = self.now + wrap_up_s
            self.timers.set((Due.WRAP_UP_ENDS, seat.id), seat.wrap_up_until)
        self.rest(seat)

    def caller_gone(self, call: Call) -> None:
        """Forget a call whose caller left; a seat that talked still has its leg to end."""
        if call.state is CallState.WAITING:
            self.waiting.remove(call)
        elif call.state is CallState.OFFERED:
            self.rest(self.end_offer(call, cancel=True))
        elif call.state is CallState.TALKING:
            seat = self._part(call)
            # Its phone is still in the call for a moment, and would answer "busy" to the next.
            seat.leaving_call_id = call.id
            self.timers.set((Due.LEG_OVERDUE, seat.id), self.now + EVENT_GRACE_S)
            self._show(seat)
        del self.calls[call.id]

    def _part(self, call: Call) -> Seat:
        if call.seat_id is None:
            raise IllegalTransition(f"call {call.id} is {call.state} and has no seat to part from")
        seat = self.seats[call.seat_id]
        call.seat_id = None
        seat.call_id = None
        return seat

    def _vacate(self, call: Call) -> None:
        """Take a call off its seat, because the seat is found with another."""
        if call.state is CallState.OFFERED:
            self.end_offer(call, cancel=True)
            self.queue_up(call)
        else:
            self._part(call)
            self.hand_over(call)

    # Seats

    def rest(self, seat: Seat) -> None:
        """Send a seat that has neither a call nor an offer where its facts say."""
        if seat.retired:
            self._dismiss(seat)
            return
        state = seat.resting_state(self.now)
        if state is not seat.state:
            if seat.state is SeatState.READY:
                self.ready.discard(seat)
            seat.move(state, self.now)
            if state is SeatState.READY:
                self._become_ready(seat)
            else:
                seat.idle_key = None
        self._show(seat)

    def blame(self, seat: Seat, cause: OfferCause, queue: QueueSettings) -> None:
        """Let a seat that did not take an offer bear the consequence; it rests next."""
        seat.idle_key = None
        pause_s = queue.pause_s(cause)
        if pause_s > 0:
            self.pause(seat, cause.value, pause_s)
        if cause in (OfferCause.NO_ANSWER, OfferCause.REJECTED):
            seat.misses += 1
            if seat.misses >= queue.misses_before_not_ready:
                seat.takes_calls = False
                seat.not_ready_reason = Reason.MISSED_CALLS
                self._say(
                    NoticeKind.SEAT_MISSED_CALLS,
                    seat.id,
                    f"seat {seat.id} was set not ready: {seat.misses} calls in a row not taken",
                )

    def lose_phone(self, seat: Seat, queue: QueueSettings) -> None:
        """Pause a seat whose phone vanished; until it registers anew, or for a while."""
        seat.idle_key = None
        self.pause(seat, Reason.PHONE_LOST, queue.unreachable_pause_s)
        self._say(
            NoticeKind.PHONE_LOST, seat.id, f"the phone of seat {seat.id} vanished from a call"
        )

    def pause(self, seat: Seat, reason: str, pause_s: float) -> None:
        """Let the seat get no call for a while; it rests next."""
        seat.paused_until = self.now + pause_s
        seat.pause_reason = reason
        self.timers.set((Due.PAUSE_ENDS, seat.id), seat.paused_until)

    def forgive(self, seat: Seat) -> None:
        """Let nothing of the past keep the seat from calls: wrap-up, pause, misses."""
        self.end_wrap_up(seat)
        self.end_pause(seat)
        seat.misses = 0

    def end_wrap_up(self, seat: Seat) -> None:
        """Let the after-call work be over; the seat rests next."""
        seat.wrap_up_until = NEVER
        self.timers.cancel((Due.WRAP_UP_ENDS, seat.id))

    def end_pause(self, seat: Seat) -> None:
        """Let the pause be over; the seat rests next."""
        seat.paused_until = NEVER
        self.timers.cancel((Due.PAUSE_ENDS, seat.id))

    def say_offer_expired(self, seat: Seat) -> None:
        """Tell the supervisor that nothing was heard of an offer."""
        self._say(
            NoticeKind.OFFER_EXPIRED,
            seat.id,
            f"nothing was heard of a call offered to seat {seat.id}; it is offered again",
        )

    def _become_ready(self, seat: Seat) -> None:
        if seat.idle_key is None:
            self._idle_counted += 1
            seat.idle_key = (self.now, self._idle_counted)
        self.ready.add(seat, seat.idle_key)
        self.opened.update(dict.fromkeys(seat.queues))
        for queue_id in self.waiting.queues():
            if queue_id not in self._served:
                self.opened[queue_id] = None

    def _show(self, seat: Seat) -> None:
        looks = (seat.state, seat.reason, seat.call_id)
        if self._seen.get(seat.id) != looks:
            self._seen[seat.id] = looks
            self.commands.append(SeatChanged(seat.id, *looks))

    def _say(self, kind: NoticeKind, subject: str, text: str) -> None:
        self.commands.append(Notice(kind, subject, text))
