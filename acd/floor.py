"""The floor: calls, seats, and the indexes and timers that follow from them, always in agreement.

What can happen between a call and a seat is in `acd.offers` and `acd.conversations`, new settings
are in `acd.apply`; `acd.engine` decides which of them an event calls for. What is always true
between two events:

- a call that talks has one seat, one that is offered has one or more, and each of those seats has
  this call and no other; of the seats at one phone, one at most is offered or talking;
- a call stands in `WaitingCalls` exactly when its state says so, and a seat in `ReadySeats`
  exactly when it is ready;
- every offer has a timer, and so has every step that waiting leads to.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum, auto

from acd.calls import Call
from acd.commands import Command, Notice, SeatChanged
from acd.load import Load
from acd.memory import Memory
from acd.model import (
    CallState,
    NoticeKind,
    OverflowWhen,
    QueueSettings,
    Reason,
    SeatState,
    Strategy,
)
from acd.order import Standing, WaitingCalls, place_of
from acd.seats import BUSY, NEVER, Seat
from acd.skills import Signatures
from acd.strategy import EVERYBODY, ReadySeats
from acd.surge import Surges
from acd.timers import Timers


class Due(IntEnum):
    """What a timer is for, and whose id it carries."""

    # A call's
    OFFER_EXPIRES = auto()
    NEEDS_RELAX = auto()
    OVERFLOWS = auto()
    ANNOUNCEMENT_OVER = auto()
    # A seat's
    WRAP_UP_ENDS = auto()
    PAUSE_ENDS = auto()
    HOLD_ENDS = auto()
    LIMIT_EASES = auto()
    LEG_OVERDUE = auto()
    # A queue's
    ESTIMATES = auto()
    # An origin's
    SURGE_ENDS = auto()


OF_A_WAIT = (Due.NEEDS_RELAX, Due.OVERFLOWS, Due.ANNOUNCEMENT_OVER)
OF_A_SEAT = (
    Due.WRAP_UP_ENDS,
    Due.PAUSE_ENDS,
    Due.HOLD_ENDS,
    Due.LIMIT_EASES,
    Due.LEG_OVERDUE,
)


class Floor:
    """Everything that the engine knows; ``now`` is set before each event."""

    def __init__(self, now: float, first_offer_number: int) -> None:
        self.now = now
        self.commands: list[Command] = []
        self.calls: dict[str, Call] = {}
        self.seats: dict[str, Seat] = {}
        self.phones: dict[str, dict[str, Seat]] = {}
        """Seats at each phone."""
        self.holds: dict[str, str] = {}
        """Caller who was dropped → seat that is held for them."""
        self.signatures = Signatures()
        self.waiting = WaitingCalls()
        self.ready = ReadySeats(self.strategy_of)
        self.timers: Timers[tuple[Due, str]] = Timers()
        self.memory = Memory()
        self.load = Load()
        self.surges = Surges()
        self.fresh_calls: dict[str, None] = {}
        """Calls that began to wait, or wait for more seats, since the last decision."""
        self.fresh_seats: dict[str, None] = {}
        """Seats that became ready since the last decision."""
        self.unchecked: dict[str, None] = {}
        """Waiting calls for which overflow is to be looked at, if no seat takes them at once."""
        self.long_queues: dict[tuple[str, float], bool] = {}
        """Whether a queue was as long as a rule's threshold when somebody came to it last."""
        self.queues: dict[str, QueueSettings] = {}
        self.served: frozenset[str] = frozenset()
        """Queues that some seat serves."""
        self.ageing_per_s = 0.0
        self.last_seat_s = 0.0
        self.next_offer = first_offer_number
        self.seen: dict[str, tuple[SeatState, str, str | None]] = {}
        """What was told of each seat last."""
        self._calls_counted = 0
        self._idle_counted = 0

    # Settings

    def queue(self, queue_id: str) -> QueueSettings:
        """Settings of a queue; of one that nobody defined, the defaults."""
        return self.queues.get(queue_id) or QueueSettings(queue_id)

    def pool_of(self, queue_id: str) -> str:
        """Under which name `ReadySeats` has the seats for this queue."""
        return queue_id if queue_id in self.served else EVERYBODY

    def strategy_of(self, pool: str) -> Strategy:
        """How the seats of a pool are chosen; among everybody, the longest idle."""
        queue = self.queues.get(pool)
        return queue.strategy if queue else Strategy.LONGEST_IDLE

    # Calls that wait

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
        self._stand(call)

    def stop_waiting(self, call: Call) -> None:
        """Take the call out of its place."""
        self.waiting.remove(call.id)
        for due in OF_A_WAIT:
            self.timers.cancel((due, call.id))
        self.unchecked.pop(call.id, None)

    def stand_anew(self, call: Call) -> None:
        """Put a call that waits where it belongs by now."""
        if call.state is CallState.WAITING:
            self.waiting.remove(call.id)
            self._stand(call)

    def _stand(self, call: Call) -> None:
        queue = self.queue(call.queue)
        timetable = self.signatures.timetable(queue.needs + call.needs)
        needs, relaxes_at = timetable.at(call.waiting_since, self.now)
        if relaxes_at is not None:
            self.timers.set((Due.NEEDS_RELAX, call.id), relaxes_at)
        else:
            self.timers.cancel((Due.NEEDS_RELAX, call.id))
        pools: tuple[str, ...] = (self.pool_of(call.queue),)
        if call.overflow_pools:
            pools = tuple(dict.fromkeys((*pools, *map(self.pool_of, call.overflow_pools))))
        self.waiting.add(
            call.id,
            Standing(
                place_of(call, queue.priority, self.ageing_per_s),
                call.queue,
                pools,
                None if call.hears_first else needs,
            ),
        )
        self.fresh_calls[call.id] = None
        if queue.overflow:
            self.unchecked[call.id] = None

    def end_announcement(self, call: Call) -> None:
        """Let seats be rung for a call that was to hear something first."""
        if not call.hears_first:
            return
        call.hears_first = False
        self.timers.cancel((Due.ANNOUNCEMENT_OVER, call.id))
        self.stand_anew(call)

    # Seats at rest

    def rest(self, seat: Seat) -> None:
        """Send a seat that has neither a call nor an offer where its facts say."""
        if seat.retired:
            self.dismiss(seat)
            return
        was = seat.state
        if was in BUSY and seat.phone != seat.wanted_phone:
            self._change_phone(seat)
        seat.phone_in_use = self._phone_is_taken(seat)
        state = seat.resting_state(self.now)
        if state is not was:
            if was is SeatState.READY:
                self.ready.discard(seat.id)
            seat.move(state, self.now)
            if state is SeatState.READY:
                self._become_ready(seat)
            elif not (seat.phone_in_use and seat.on_duty):
                seat.idle_key = None
        if seat.busy_since is not None and state is not SeatState.WRAP_UP:
            if seat.talk_queue in self.queues:
                self.load.handled(seat.talk_queue, self.now - seat.busy_since)
            seat.busy_since = None
        if state is SeatState.WRAP_UP and seat.held_for:
            self._call_for_held(seat)
        self.show(seat)
        if was in BUSY:
            self.tell_phone(seat)

    def dismiss(self, seat: Seat) -> None:
        """Forget a seat that is free and no longer in the settings."""
        if self.seats.get(seat.id) is not seat:
            return  # gone together with another at its phone
        for due in OF_A_SEAT:
            self.timers.cancel((due, seat.id))
        self.end_hold(seat)
        self.ready.discard(seat.id)
        self.count_duty(seat)
        del self.seats[seat.id]
        self.seen.pop(seat.id, None)
        self.commands.append(SeatChanged(seat.id, SeatState.OFFLINE, Reason.REMOVED, None))
        self.leave_phone(seat)
        self.tell_phone(seat)

    def _become_ready(self, seat: Seat) -> None:
        if seat.idle_key is None:
            self._idle_counted += 1
            seat.idle_key = (self.now, self._idle_counted)
        self.enlist(seat)
        self.fresh_seats[seat.id] = None

    def enlist(self, seat: Seat) -> None:
        """Let a ready seat be chosen, by what counts for that now."""
        if seat.idle_key is None:
            return
        limited_until = seat.limited_until(self.now)
        if limited_until > self.now:
            self.timers.set((Due.LIMIT_EASES, seat.id), limited_until)
        self.ready.discard(seat.id)
        self.ready.add(seat, seat.idle_key, over_limit=limited_until > self.now)

    def count_duty(self, seat: Seat) -> None:
        """Count who is on duty anew, and look after queues that nobody is on duty for any more."""
        deserted = self.load.count(seat.id, seat.pools if seat.on_duty else ())
        if not deserted:
            return
        for queue in self.queues.values():
            if self.pool_of(queue.id) in deserted and any(
                rule.when is OverflowWhen.NO_SEAT for rule in queue.overflow
            ):
                self.unchecked.update(dict.fromkeys(self.waiting.in_queue(queue.id)))

    # Several seats at one phone

    def join_phone(self, seat: Seat) -> None:
        """Let the seat be one of those at its phone."""
        self.phones.setdefault(seat.phone, {})[seat.id] = seat

    def leave_phone(self, seat: Seat) -> None:
        """Let the seat be at its phone no longer."""
        there = self.phones[seat.phone]
        del there[seat.id]
        if not there:
            del self.phones[seat.phone]

    def at_phone(self, seat: Seat) -> Sequence[Seat]:
        """The other seats at its phone."""
        there = self.phones.get(seat.phone)
        if there is None or (len(there) == 1 and seat.id in there):
            return ()
        return [other for other in there.values() if other is not seat]

    def tell_phone(self, seat: Seat) -> None:
        """Let the other seats at its phone rest anew, since the seat took it or left it."""
        for other in self.at_phone(seat):
            if other.state not in BUSY:
                self.rest(other)

    def _phone_is_taken(self, seat: Seat) -> bool:
        return bool(seat.lingers_for) or any(
            other.state in BUSY or other.lingers_for for other in self.at_phone(seat)
        )

    def _change_phone(self, seat: Seat) -> None:
        before = self.at_phone(seat)
        self.leave_phone(seat)
        seat.phone = seat.wanted_phone
        self.join_phone(seat)
        for other in before:
            if other.state not in BUSY:
                self.rest(other)

    # What keeps a seat from calls

    def pause(self, seat: Seat, reason: str, pause_s: float) -> None:
        """Let the seat get no call for a while; it rests next."""
        seat.paused_until = self.now + pause_s
        seat.pause_reason = reason
        self.timers.set((Due.PAUSE_ENDS, seat.id), seat.paused_until)

    def forgive(self, seat: Seat) -> None:
        """Let nothing of the past keep the seat from calls: wrap-up, hold, pause, misses."""
        self.end_wrap_up(seat)
        self.end_hold(seat)
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

    def hold_for(self, seat: Seat, caller: str, hold_s: float) -> None:
        """Keep the seat for a caller who was dropped from it; it rests next."""
        self.end_hold(seat)
        if (other := self.seats.get(self.holds.get(caller, ""))) is not None:
            self.end_hold(other)
            if other.state not in BUSY:
                self.rest(other)
        seat.held_for = caller
        seat.held_until = self.now + hold_s
        self.holds[caller] = seat.id
        self.timers.set((Due.HOLD_ENDS, seat.id), seat.held_until)

    def end_hold(self, seat: Seat) -> None:
        """Keep the seat for nobody any more; it rests next."""
        if seat.held_for:
            self.holds.pop(seat.held_for, None)
            seat.held_for = ""
            seat.held_until = NEVER
            self.timers.cancel((Due.HOLD_ENDS, seat.id))

    def holder_of(self, call: Call) -> Seat | None:
        """The seat that is kept for this caller and can be rung."""
        seat = self.seats.get(self.holds.get(call.caller, ""))
        if seat is None or seat.state is not SeatState.WRAP_UP or seat.phone_in_use:
            return None
        return seat if seat.held_until > self.now else None

    def _call_for_held(self, seat: Seat) -> None:
        for call_id in self.waiting_of(seat.held_for):
            self.fresh_calls[call_id] = None

    def waiting_of(self, caller: str) -> list[str]:
        """Calls of one caller that wait."""
        return [
            call.id
            for call in self.calls.values()
            if call.caller == caller and call.state is CallState.WAITING
        ]

    # What is told

    def show(self, seat: Seat) -> None:
        """Tell how the seat looks, if that is news."""
        looks = (seat.state, seat.reason, seat.call_id)
        if self.seen.get(seat.id) != looks:
            self.seen[seat.id] = looks
            self.commands.append(SeatChanged(seat.id, *looks))

    def say(self, kind: NoticeKind, subject: str, text: str) -> None:
        """Tell the supervisor."""
        self.commands.append(Notice(kind, subject, text))

    def say_queue_without_seats(self, queue_id: str) -> None:
        """Tell the supervisor that everybody serves this queue because nobody was named for it."""
        self.say(
            NoticeKind.QUEUE_WITHOUT_SEATS,
            queue_id,
            f"no seat serves queue {queue_id}: its calls go to every seat",
        )
