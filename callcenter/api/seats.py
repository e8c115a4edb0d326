"""Seats and queues, and what holds for all of them."""

from __future__ import annotations

from typing import Any

from callcenter.store.people import Role

from .errors import Forbidden, Missing, Unfit
from .operations import LEADERS, STAFF, Asked, Operation, body_of
from .shapes import Queue, Reason, Seat, SeatChange, SetSurge, Surge, WrapUp


async def seats(asked: Asked) -> list[dict[str, Any]]:
    """Every seat with its state."""
    return await asked.floor.seats()


async def _own_seat(asked: Asked) -> str:
    """The seat that the path names; operators only their own."""
    seat_id = asked.request.match_info["seat_id"]
    if asked.who.role is Role.OPERATOR and asked.who.seat != seat_id:
        own = asked.who.seat or "none"
        raise Forbidden(f"an operator sets only the own seat's state (yours: {own})")
    if seat_id not in {seat["id"] for seat in await asked.floor.seats()}:
        raise Missing("there is no such seat")
    return seat_id


async def set_state(asked: Asked) -> dict[str, Any]:
    """Make a seat ready or not ready; operators only their own."""
    seat_id = await _own_seat(asked)
    change = body_of(asked, SeatChange)
    if change.state == "not_ready" and change.reason is not None:
        known = [reason["id"] for reason in await asked.floor.reasons()]
        if change.reason not in known:
            raise Unfit(
                "reason: none of the list of reasons", f"Choose one of: {', '.join(known)}."
            )
    return await asked.floor.set_seat_state(seat_id, change.state, change.reason, asked.who.name)


async def wrap_up(asked: Asked) -> dict[str, Any]:
    """Begin or end work after a call; operators only their own."""
    seat_id = await _own_seat(asked)
    return await asked.floor.wrap_up(seat_id, body_of(asked, WrapUp).on, asked.who.name)


async def reasons(asked: Asked) -> list[dict[str, Any]]:
    """Why a seat may be set not ready."""
    return await asked.floor.reasons()


async def queues(asked: Asked) -> list[dict[str, Any]]:
    """Every queue with who waits in it."""
    return await asked.floor.queues()


async def set_surge(asked: Asked) -> dict[str, Any]:
    """Begin or end a surge."""
    wanted = body_of(asked, SetSurge)
    return await asked.floor.set_surge(wanted.origin, wanted.on, asked.who.name)


async def surges(asked: Asked) -> list[dict[str, Any]]:
    """Every surge that is on."""
    return await asked.floor.surges()


_STATE = "/api/v1/seats/{seat_id}/state"

OPERATIONS = (
    Operation("GET", "/api/v1/seats", seats, "Every seat", STAFF, answer=Seat, listed_as="seats"),
    *(
        Operation(
            method,
            _STATE,
            set_state,
            "Make a seat ready or not ready",
            STAFF,
            body=SeatChange,
            answer=Seat,
        )
        for method in ("PUT", "POST")
    ),
    Operation(
        "POST",
        "/api/v1/seats/{seat_id}/wrap-up",
        wrap_up,
        "Begin or end work after a call",
        STAFF,
        body=WrapUp,
        answer=Seat,
    ),
    Operation(
        "GET",
        "/api/v1/reasons",
        reasons,
        "Why a seat may be set not ready",
        STAFF,
        answer=Reason,
        listed_as="reasons",
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
    Operation(
        "GET",
        "/api/v1/surges",
        surges,
        "Every surge that is on, begun by a person or by many calls from one place",
        STAFF,
        answer=Surge,
        listed_as="surges",
    ),
    Operation(
        "POST",
        "/api/v1/surges",
        set_surge,
        "Begin or end a surge of calls from one place",
        LEADERS,
        body=SetSurge,
        answer=Surge,
    ),
)
