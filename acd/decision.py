"""The decision: which waiting call goes to which ready seat now.

Between two events no call waits for a seat that is ready and may take it. So after an event only
the calls that are *fresh* (began to wait, or may be taken by more seats) and the seats that are
fresh (became ready) can come together with anybody. The first of all calls that a seat could take
is either a fresh call, or the first call for some fresh seat. It chooses its seat, and so on, until
one side has none.
"""

from __future__ import annotations

import heapq

from acd.calls import Call
from acd.floor import Floor
from acd.model import Strategy
from acd.offers import offer
from acd.order import Place, Standing
from acd.seats import Seat


def decide(floor: Floor) -> None:
    """Give waiting calls to ready seats, the first call first, until one side has none."""
    firsts: list[tuple[Place, str]] = []
    for call_id in floor.fresh_calls:
        standing = floor.waiting.find(call_id)
        if standing is not None and standing.needs is not None:
            firsts.append((standing.place, ""))
    for seat_id in floor.fresh_seats:
        if place := _first_for(floor, seat_id):
            firsts.append((place, seat_id))
    floor.fresh_calls, floor.fresh_seats = {}, {}
    heapq.heapify(firsts)
    while firsts:
        first, seat_id = heapq.heappop(firsts)
        call = floor.calls[first[-1]]
        standing = floor.waiting.find(call.id)
        if standing is not None:
            seats = seats_for(floor, call, standing)
            if seats:
                offer(floor, call, seats)
            elif seat_id:
                continue  # cannot be, but must not go round for ever
        if seat_id and (place := _first_for(floor, seat_id)):
            heapq.heappush(firsts, (place, seat_id))


def _first_for(floor: Floor, seat_id: str) -> Place | None:
    """The first call that a seat may take, if it can be rung."""
    if seat_id not in floor.ready:
        return None
    seat = floor.seats[seat_id]
    return floor.waiting.first_for(seat.pools, seat.skills)


def seats_for(floor: Floor, call: Call, standing: Standing) -> list[Seat]:
    """The seats to ring for this call; several at once, where the queue's strategy says so."""
    if standing.needs is None:
        return []
    if call.caller and (holder := floor.holder_of(call)):
        return [holder]
    if call.old_seat:
        old = floor.seats.get(call.old_seat)
        if (
            old is not None
            and old.id in floor.ready
            and any(pool in old.pools for pool in standing.pools)
            and standing.needs.match(old.skills) is not None
        ):
            return [old]
    last = None
    if call.caller and floor.queue(call.queue).strategy is Strategy.LAST_SEAT:
        last = floor.memory.last_seat(call.caller, floor.now - floor.last_seat_s)
    chosen: list[Seat] = []
    phones: set[str] = set()
    for seat_id in floor.ready.choose(standing.pools, standing.needs, last):
        seat = floor.seats[seat_id]
        if seat.phone not in phones:
            phones.add(seat.phone)
            chosen.append(seat)
    return chosen
