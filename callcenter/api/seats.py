"""Seats and queues."""

from __future__ import annotations

from typing import Any

from callcenter.store.people import Role

from .errors import Forbidden, Missing
from .operations import STAFF, Asked, Operation, body_of
from .shapes import Queue, Seat, SeatChange


async def seats(asked: Asked) -> list[dict[str, Any]]:
    """Every seat with its state."""
    return await asked.floor.seats()


async def set_state(asked: Asked) -> dict[str, Any]:
    """Make a seat ready or not ready; operators only their own."""
    seat_id = asked.request.match_info["seat_id"]
    if asked.who.role is Role.OPERATOR and asked.who.seat != seat_id:
        own = asked.who.seat or "none"
        raise Forbidden(f"an operator sets only the own seat's state (yours: {own})")
    if seat_id not in {seat["id"] for seat in await asked.floor.seats()}:
        raise Missing("there is no such seat")
    change = body_of(asked, SeatChange)
    return await asked.floor.set_seat_state(seat_id, change.state, change.reason, asked.who.name)


async def queues(asked: Asked) -> list[dict[str, Any]]:
    """Every queue with who waits in it."""
    return await asked.floor.queues()


OPERATIONS = (
    Operation("GET", "/api/v1/seats", seats, "Every seat", STAFF, answer=Seat, listed_as="seats"),
    Operation(
        "PUT",
        "/api/v1/seats/{seat_id}/state",
        set_state,
        "Make a seat ready or not ready",
        STAFF,
        body=SeatChange,
        answer=Seat,
    ),
    Operation(
        "GET",
        "/api/v1/queues",
        queues,
        "Every queue with who waits in it",
        STAFF,
        answer=Queue,
        listed_as="queues",
    ),
)
