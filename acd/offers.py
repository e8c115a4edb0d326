"""Offers: one call reserved for one seat, or for several that ring at once.

An offer ends in one of these ways: a seat answers (`acd.conversations.connect`), it fails, it
expires, its caller leaves, or the last of its seats goes away. Each way leads through `end_offer`,
so no reservation outlives its offer.
"""

from __future__ import annotations

from collections.abc import Sequence

from acd.calls import Call
from acd.commands import CancelOffer, Offer
from acd.floor import Due, Floor
from acd.model import EVENT_GRACE_S, CallState, NoticeKind, OfferCause, QueueSettings, Reason
from acd.seats import BUSY, Seat


def offer(floor: Floor, call: Call, seats: Sequence[Seat]) -> None:
    """Reserve free seats, no two at one phone, for a waiting call and ring them."""
    offer_id = str(floor.next_offer)
    ring_s = floor.queue(call.queue).ring_s
    for seat in seats:
        seat.be_offered(call.id, offer_id, floor.now)
        seat.turns[call.queue] = floor.next_offer
        floor.ready.discard(seat.id)
    floor.next_offer += 1
    floor.stop_waiting(call)
    call.move(CallState.OFFERED, floor.now)
    call.hears_first = False
    call.seat_ids = call.rung = tuple(seat.id for seat in seats)
    call.offer_id = offer_id
    floor.timers.set((Due.OFFER_EXPIRES, call.id), floor.now + ring_s + EVENT_GRACE_S)
    floor.commands.append(Offer(offer_id, call.id, call.seat_ids, ring_s))
    for seat in seats:
        floor.show(seat)
        floor.tell_phone(seat)


def end_offer(floor: Floor, call: Call, *, cancel: bool) -> list[Seat]:
    """Dissolve the reservation; the call and the seats still have to be put somewhere."""
    seats = [floor.seats[seat_id] for seat_id in call.seat_ids]
    gone = [floor.seats.get(seat_id) for seat_id in call.rung if seat_id not in call.seat_ids]
    if cancel and call.offer_id is not None:
        floor.commands.append(CancelOffer(call.offer_id, call.id, call.rung))
    for seat in seats:
        seat.call_id = seat.offer_id = None
    for other in gone:
        if other is not None and other.lingers_for == call.offer_id:
            other.lingers_for = ""
            if other.state not in BUSY:
                floor.rest(other)
            floor.tell_phone(other)
    call.offer_id = None
    call.seat_ids = call.rung = ()
    floor.timers.cancel((Due.OFFER_EXPIRES, call.id))
    return seats


def withdraw(floor: Floor, call: Call, seat: Seat, *, rings_on: bool = True) -> None:
    """One seat goes away from an offer; it rests next. The last one ends it, the call waits.

    ``rings_on``: its phone may, for as long as the offer stands.
    """
    if len(call.seat_ids) == 1:
        end_offer(floor, call, cancel=True)
        floor.queue_up(call)
        return
    call.seat_ids = tuple(seat_id for seat_id in call.seat_ids if seat_id != seat.id)
    seat.call_id = None
    if rings_on and seat.offer_id is not None:
        seat.lingers_for = seat.offer_id
    seat.offer_id = None


def offer_failed(floor: Floor, call: Call, cause: OfferCause) -> None:
    """Nobody took it: back to its place, and the seats bear the consequence."""
    seats = end_offer(floor, call, cancel=False)
    floor.queue_up(call)
    queue = floor.queue(call.queue)
    for seat in seats:
        _blame(floor, seat, cause, queue)
        floor.end_hold(seat)
        floor.rest(seat)


def offer_expired(floor: Floor, call: Call) -> None:
    """Nothing was heard of it: back to its place."""
    # Nobody knows whether the phones rang, so it is no miss; but others go first now.
    seats = end_offer(floor, call, cancel=True)
    floor.queue_up(call)
    for seat in seats:
        seat.idle_key = None
        floor.end_hold(seat)
        floor.say(
            NoticeKind.OFFER_EXPIRED,
            seat.id,
            f"nothing was heard of a call offered to seat {seat.id}; it is offered again",
        )
        floor.rest(seat)


def _blame(floor: Floor, seat: Seat, cause: OfferCause, queue: QueueSettings) -> None:
    seat.idle_key = None
    pause_s = queue.pause_s(cause)
    if pause_s > 0:
        floor.pause(seat, cause.value, pause_s)
    if cause not in (OfferCause.NO_ANSWER, OfferCause.REJECTED) or not seat.takes_calls:
        return
    seat.misses += 1
    if seat.misses >= queue.misses_before_not_ready:
        seat.takes_calls = False
        seat.not_ready_reason = Reason.MISSED_CALLS
        floor.count_duty(seat)
        floor.say(
            NoticeKind.SEAT_MISSED_CALLS,
            seat.id,
            f"seat {seat.id} was set not ready: {seat.misses} calls in a row not taken",
        )
