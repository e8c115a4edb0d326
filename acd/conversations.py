"""Conversations: a seat and a call come together, and part; what is left to do after it."""

from __future__ import annotations

import math
from typing import Final

from acd.calls import Call
from acd.errors import IllegalTransition
from acd.floor import Due, Floor
from acd.memory import OldPlace
from acd.model import (
    EVENT_GRACE_S,
    AfterCall,
    CallState,
    NoticeKind,
    QueueSettings,
    Reason,
    SeatState,
)
from acd.offers import end_offer, withdraw
from acd.seats import Seat

IN_ONE_PLACE: Final = 2
"""Calls of one number that may wait in an old place at once: the caller's own, and one by somebody
who claims the number."""
JUST_TALKED_S: Final = 10.0
"""So long after a talk an operator who is ready by now may still ask for after-call work."""


def connect(floor: Floor, call: Call, seat: Seat) -> None:
    """Seat and call are in conversation, whatever both were doing by our books."""
    if call.state is CallState.OFFERED:
        for ringing in end_offer(floor, call, cancel=seat.id not in call.seat_ids):
            if ringing is not seat:
                floor.rest(ringing)
    elif call.state is CallState.TALKING:
        part_talk(floor, call)
    elif call.state is CallState.WAITING:
        floor.stop_waiting(call)
    _free(floor, seat)
    floor.ready.discard(seat.id)
    for due in (Due.WRAP_UP_ENDS, Due.PAUSE_ENDS, Due.LEG_OVERDUE):
        floor.timers.cancel((due, seat.id))
    floor.end_hold(seat)
    seat.talk(call.id, call.queue, floor.now)
    seat.idle_key = None
    call.move(CallState.TALKING, floor.now)
    call.seat_ids = (seat.id,)
    call.hears_first = call.in_old_place = False
    call.old_seat = ""
    floor.memory.talked(call.caller, seat.id, floor.now)
    if call.caller and (holder := floor.seats.get(floor.holds.get(call.caller, ""))):
        floor.end_hold(holder)
        if holder.state is SeatState.WRAP_UP:
            floor.rest(holder)
    floor.show(seat)
    _take_phone_from_others(floor, seat)


def _free(floor: Floor, seat: Seat) -> None:
    """Take the seat off its call, because it is found with another."""
    if seat.call_id is None:
        return
    call = floor.calls[seat.call_id]
    if call.state is CallState.OFFERED:
        withdraw(floor, call, seat, rings_on=False)
    else:
        _part(floor, call)
        hand_over(floor, call)


def _take_phone_from_others(floor: Floor, seat: Seat) -> None:
    """A phone has one conversation: whatever other seats had there is over."""
    for other in floor.at_phone(seat):
        was = other.state
        other.lingers_for = ""
        _free(floor, other)
        if was is SeatState.TALKING:
            end_talk(floor, other)
        else:
            floor.rest(other)


def part_talk(floor: Floor, call: Call) -> None:
    """The seat leaves the call that it talks with, which goes on without it."""
    seat = _part(floor, call)
    hand_over(floor, call)
    end_talk(floor, seat)


def hand_over(floor: Floor, call: Call) -> None:
    """Let the call go on with somebody who is no seat; it is free of seats by now."""
    if call.state is not CallState.HANDED_OVER:
        call.move(CallState.HANDED_OVER, floor.now)


def end_talk(floor: Floor, seat: Seat) -> None:
    """The seat's leg is over: after-call work, if the queue wants it, and rest."""
    seat.call_id = None
    seat.leaving_call_id = None
    seat.talked_until = floor.now
    floor.timers.cancel((Due.LEG_OVERDUE, seat.id))
    _wrap_up(floor, seat, wanted=seat.wrap_up_wanted)
    seat.wrap_up_wanted = False
    floor.rest(seat)


def want_wrap_up(floor: Floor, seat: Seat) -> None:
    """The operator asks for after-call work, or for more of it."""
    if seat.state is SeatState.TALKING:
        seat.wrap_up_wanted = True
        return
    just_talked = seat.state is SeatState.READY and seat.talked_until + JUST_TALKED_S >= floor.now
    if just_talked or (seat.state is SeatState.WRAP_UP and seat.wrap_up_until > floor.now):
        _wrap_up(floor, seat, wanted=True)
        floor.rest(seat)


def _wrap_up(floor: Floor, seat: Seat, *, wanted: bool) -> None:
    length_s = _wrap_up_s(floor.queue(seat.talk_queue), wanted=wanted)
    if length_s <= 0:
        return
    seat.wrap_up_until = floor.now + length_s
    if math.isfinite(length_s):
        floor.timers.set((Due.WRAP_UP_ENDS, seat.id), seat.wrap_up_until)


def _wrap_up_s(queue: QueueSettings, *, wanted: bool) -> float:
    match queue.after_call:
        case AfterCall.NONE:
            return 0.0
        case AfterCall.TIMED:
            return queue.wrap_up_s
        case AfterCall.OPTIONAL:
            return (queue.wrap_up_s or math.inf) if wanted else 0.0
        case AfterCall.UNTIL_SAVED:
            return queue.wrap_up_s or math.inf


def caller_gone(floor: Floor, call: Call, *, dropped: bool = False, redial: bool = True) -> None:
    """Forget a call whose caller left; a seat that talked still has its leg to end."""
    if redial:
        _remember(floor, call, dropped=dropped)
    if call.state is CallState.WAITING:
        floor.stop_waiting(call)
    elif call.state is CallState.OFFERED:
        for seat in end_offer(floor, call, cancel=True):
            floor.rest(seat)
    elif call.state is CallState.TALKING:
        seat = _part(floor, call)
        # Its phone is still in the call for a moment, and would answer "busy" to the next.
        seat.leaving_call_id = call.id
        floor.timers.set((Due.LEG_OVERDUE, seat.id), floor.now + EVENT_GRACE_S)
        hold_s = floor.queue(call.queue).called_party_hold_s
        if dropped and redial and call.caller and hold_s > 0 and not call.returned:
            floor.hold_for(seat, call.caller, hold_s)
        floor.show(seat)
    del floor.calls[call.id]


def take_old_place(floor: Floor, call: Call) -> None:
    """Give a call that comes in the place that an earlier one of its caller had.

    Somebody else may claim the number. So the place stays known to its end for the caller's own
    call, and no more than `IN_ONE_PLACE` calls wait in it at once. Once one has been answered, it
    gives nobody the head of the queue, and is not kept any longer by leaving again.
    """
    place = floor.memory.place(call.caller, floor.now)
    if place is None:
        return
    there = [
        other
        for other in floor.calls.values()
        if other.caller == call.caller
        and other.in_old_place
        and other.state in (CallState.WAITING, CallState.OFFERED)
    ]
    if len(there) >= IN_ONE_PLACE:
        return
    call.in_old_place = True
    call.waiting_since = min(call.waiting_since, place.waiting_since)
    call.returned = place.returned


def _remember(floor: Floor, call: Call, *, dropped: bool) -> None:
    """Keep the place of a caller who waited, or was cut off from a conversation."""
    in_conversation = call.state in (CallState.TALKING, CallState.HANDED_OVER)
    if in_conversation and not dropped:
        return
    queue = floor.queue(call.queue)
    kept_s = max(queue.redial_s, queue.called_party_hold_s if in_conversation else 0.0)
    # Cut off again, they wait like others: who drops every call would else keep everybody waiting.
    place = OldPlace(
        waiting_since=floor.now if in_conversation else call.waiting_since,
        returned=call.returned is not in_conversation,
        until=floor.now + kept_s,
    )
    old = floor.memory.place(call.caller, floor.now)
    if old is not None and not in_conversation:
        # Who only claims the number neither spoils the place nor keeps it for ever.
        if old.answered if call.in_old_place else old.rank <= place.rank:
            return
    floor.memory.keep_place(call.caller, place, floor.now)


def call_returned(
    floor: Floor, call: Call, lost_seat_id: str | None, knows_them: str | None = None
) -> None:
    """The caller was left alone by a phone that vanished: back to the head of the queue."""
    if call.returned and call.state in (CallState.WAITING, CallState.OFFERED):
        return  # said twice: it is back already
    by_books = call.seat_ids[0] if len(call.seat_ids) == 1 else ""
    lost = floor.seats.get(lost_seat_id or by_books)
    left: list[Seat] = []
    if call.state is CallState.WAITING:
        floor.stop_waiting(call)
    elif call.state is CallState.OFFERED:
        left = end_offer(floor, call, cancel=True)
    if lost is not None:
        call.old_seat = lost.id
        _lose_phone(floor, lost, call)
    elif knows_them in floor.seats:
        call.old_seat = knows_them
    for seat in left:
        if seat is not lost:
            floor.rest(seat)
    if call.state is CallState.TALKING:
        part_talk(floor, call)
    call.returned = True
    call.waiting_since = floor.now
    floor.queue_up(call)


def _lose_phone(floor: Floor, seat: Seat, call: Call) -> None:
    """A phone vanished from this call: its seat gets no other until it is back."""
    with_call = floor.calls.get(seat.call_id) if seat.call_id else None
    if with_call is not None and with_call is not call:
        if with_call.state is CallState.TALKING:
            return  # it talks with somebody else by now, so its phone is there
        withdraw(floor, with_call, seat, rings_on=False)
    seat.idle_key = None
    floor.pause(seat, Reason.PHONE_LOST, floor.queue(call.queue).unreachable_pause_s)
    floor.say(NoticeKind.PHONE_LOST, seat.id, f"the phone of seat {seat.id} vanished from a call")
    if seat.state is not SeatState.TALKING:
        floor.rest(seat)


def _part(floor: Floor, call: Call) -> Seat:
    if not call.seat_ids:
        raise IllegalTransition(f"call {call.id} is {call.state} and has no seat to part from")
    seat = floor.seats[call.seat_ids[0]]
    call.seat_ids = ()
    seat.call_id = None
    return seat
