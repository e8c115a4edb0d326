"""What people ask for a waiting call: to pick it, to move it, to give it another priority.

What cannot be done is refused with a sentence that says why, and what can be done instead.
"""

from __future__ import annotations

from typing import Final

from acd.calls import Call
from acd.commands import Refused
from acd.floor import Floor
from acd.model import CallState, SeatState
from acd.offers import offer
from acd.seats import Seat

_INSTEAD: Final = {
    CallState.OFFERED: "it rings at {seats}: wait until that offer is over",
    CallState.TALKING: "{seats} talks with the caller: listen in or step in there",
    CallState.HANDED_OVER: "somebody talks with the caller already",
    CallState.DIVERTED: "it was sent to another number: it comes back if nobody takes it there",
}


def pick(floor: Floor, call_id: str, seat_id: str) -> None:
    """Ring this seat for this waiting call, out of turn."""
    call = floor.calls.get(call_id)
    seat = floor.seats.get(seat_id)
    why = _does_not_wait(call) or _cannot_ring(floor, seat, seat_id)
    if why or call is None or seat is None:
        floor.commands.append(Refused(call_id, why))
        return
    offer(floor, call, [seat])


def move(floor: Floor, call_id: str, queue_id: str) -> None:
    """Let a waiting call wait in another queue, with the time that it waited."""
    call = floor.calls.get(call_id)
    why = _does_not_wait(call)
    if not why and queue_id not in floor.queues:
        why = f"there is no queue {queue_id}: choose one of {', '.join(sorted(floor.queues))}"
    if why or call is None:
        floor.commands.append(Refused(call_id, why))
        return
    if call.queue == queue_id:
        return
    floor.stop_waiting(call)
    call.queue = queue_id
    call.overflowed = ()
    call.overflow_pools = ()
    call.hears_first = False
    if floor.pool_of(queue_id) != queue_id:
        floor.say_queue_without_seats(queue_id)
    floor.queue_up(call)


def prioritise(floor: Floor, call: Call, priority: int) -> None:
    """Give a call another priority, for as often as it waits from now on."""
    call.priority = priority
    floor.stand_anew(call)


def _does_not_wait(call: Call | None) -> str:
    if call is None:
        return "the call does not wait any more: the caller has left"
    if call.state is CallState.WAITING:
        return ""
    instead = _INSTEAD[call.state].format(seats=" and ".join(f"seat {s}" for s in call.seat_ids))
    return f"the call does not wait: {instead}"


def _cannot_ring(floor: Floor, seat: Seat | None, seat_id: str) -> str:
    if seat is None or seat.retired:
        return f"there is no seat {seat_id}: choose one that the floor has"
    if seat.state is SeatState.OFFLINE:
        return f"the phone of seat {seat_id} is not registered: switch it on, or choose another"
    if seat.state is SeatState.OFFERED:
        return f"seat {seat_id} rings for another call: answer or reject that first"
    if seat.state is SeatState.TALKING:
        return f"seat {seat_id} talks: hand that call over or end it first"
    if seat.phone_in_use or seat.lingers_for:
        return f"the phone of seat {seat_id} rings or talks already: choose a seat at another phone"
    return ""
