"""New settings on a floor that is at work: in force at the next decision, and nobody is dropped.

What is going on goes on by the rules it began with: an offer rings as long as it was made for, a
wrap-up lasts as long as it was begun for, a seat that is gone from the settings talks to the end. A
queue that is gone keeps its settings for the calls that are still in it.
"""

from __future__ import annotations

from acd.floor import Due, Floor
from acd.model import CallState, FloorSettings, NoticeKind, SeatSettings, SeatState
from acd.order import WaitingCalls
from acd.seats import BUSY, Seat
from acd.strategy import EVERYBODY, ReadySeats


def apply(floor: Floor, settings: FloorSettings) -> None:
    """Take over new settings."""
    _apply_queues(floor, settings)
    _apply_seats(floor, settings)
    _order_anew(floor)


def _apply_queues(floor: Floor, settings: FloorSettings) -> None:
    in_use = {call.queue for call in floor.calls.values()}
    kept = {name: queue for name, queue in floor.queues.items() if name in in_use}
    floor.queues = kept | {queue.id: queue for queue in settings.queues}
    floor.served = frozenset(queue for seat in settings.seats for queue in seat.queues)
    floor.ageing_per_s = settings.ageing_per_s
    floor.last_seat_s = settings.last_seat_s
    floor.memory.forget_seats_before(floor.now - settings.last_seat_s)
    floor.load.keep_only(floor.queues)
    floor.long_queues.clear()
    for queue_id in sorted(floor.queues.keys() - floor.served):
        floor.say_queue_without_seats(queue_id)
    for origin in list(floor.surges.apply(lambda queue_id: floor.queue(queue_id).surge)):
        say_surge(floor, origin, began=False)
    for origin in floor.surges.on():
        await_end_of_surge(floor, origin)


def _apply_seats(floor: Floor, settings: FloorSettings) -> None:
    floor.ready = ReadySeats(floor.strategy_of)
    known, floor.seats = floor.seats, {}
    for index, wanted in enumerate(settings.seats):
        seat = known.pop(wanted.id, None)
        if seat is None:
            seat = _new_seat(floor, wanted)
        floor.seats[seat.id] = seat
        seat.retired = False
        seat.index = index
        seat.pools = (*wanted.queues, EVERYBODY)
        seat.skills = floor.signatures.skills(wanted.skills)
        seat.calls_per_hour = wanted.calls_per_hour
        seat.turns = {name: turn for name, turn in seat.turns.items() if name in floor.queues}
        seat.wanted_phone = wanted.phone or wanted.id
        if seat.state not in BUSY and seat.phone != seat.wanted_phone:
            floor.leave_phone(seat)
            seat.phone = seat.wanted_phone
            floor.join_phone(seat)
    for seat in known.values():
        floor.seats[seat.id] = seat
        seat.retired = True
    for seat in list(floor.seats.values()):
        floor.count_duty(seat)
        if seat.state in BUSY:
            continue
        if seat.state is SeatState.READY and not seat.retired:
            floor.enlist(seat)  # all waiting calls are fresh next, so it need not be
        if seat.id in floor.seats:
            floor.rest(seat)


def _new_seat(floor: Floor, wanted: SeatSettings) -> Seat:
    phone = wanted.phone or wanted.id
    seat = Seat(
        wanted.id,
        floor.now,
        pools=(EVERYBODY,),
        skills=floor.signatures.skills(()),
        phone=phone,
        wanted_phone=phone,
    )
    floor.join_phone(seat)
    return seat


def _order_anew(floor: Floor) -> None:
    floor.waiting = WaitingCalls()
    for call in floor.calls.values():
        if call.state is CallState.WAITING:
            floor.timers.cancel((Due.NEEDS_RELAX, call.id))
            floor.timers.cancel((Due.OVERFLOWS, call.id))
            floor.queue_up(call)


def await_end_of_surge(floor: Floor, origin: str) -> None:
    """Look at a surge again when it may be over."""
    ends_at = floor.surges.ends_at(origin)
    if ends_at is None:
        floor.timers.cancel((Due.SURGE_ENDS, origin))
    else:
        floor.timers.set((Due.SURGE_ENDS, origin), ends_at)


def say_surge(floor: Floor, origin: str, *, began: bool) -> None:
    """Tell the supervisor of a surge; where it is goes into the notice's subject only."""
    if began:
        floor.say(
            NoticeKind.SURGE_BEGAN,
            origin,
            "many calls from one place: callers from there hear a message first",
        )
    else:
        floor.say(NoticeKind.SURGE_ENDED, origin, "the surge of calls from one place is over")
