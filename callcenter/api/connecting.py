"""Who else is brought to a call: partners, other seats, another queue; hold, and the way back."""

from __future__ import annotations

from typing import Any

from callcenter.store.people import Role

from .errors import BadInput, Forbidden
from .operations import STAFF, Asked, Operation, body_of
from .shapes import Bring, Done, OfSeat, PutOut, StopParty
from .sight import visible_call


async def partners(asked: Asked) -> list[dict[str, Any]]:
    """Every desk that may be brought to a call."""
    return await asked.floor.partners()


async def bring(asked: Asked) -> dict[str, Any]:
    """Ring somebody for the call, or give it to another queue; operators from their own seat."""
    seen = await visible_call(asked)
    wanted = body_of(asked, Bring)
    seat = _seat(asked, wanted.seat) if wanted.how != "add" or wanted.seat else asked.who.seat or ""
    call_id, by = seen["id"], asked.who.name
    if wanted.queue is not None:
        await asked.floor.give_to_queue(call_id, wanted.queue, seat, by)
    elif wanted.partner is not None:
        await asked.floor.bring(call_id, "partner", wanted.partner, wanted.how, seat, by)
    elif wanted.to_seat is not None:
        await asked.floor.bring(call_id, "operator", wanted.to_seat, wanted.how, seat, by)
    return {"ok": True}


async def stop_party(asked: Asked) -> dict[str, Any]:
    """Ring somebody no more."""
    seen = await visible_call(asked)
    await asked.floor.stop_party(seen["id"], body_of(asked, StopParty).party, asked.who.name)
    return {"ok": True}


async def put_out(asked: Asked) -> dict[str, Any]:
    """Take somebody off the call."""
    seen = await visible_call(asked)
    await asked.floor.put_out(seen["id"], body_of(asked, PutOut).leg, asked.who.name)
    return {"ok": True}


async def hold(asked: Asked) -> dict[str, Any]:
    """Step aside; a caller who is alone then hears music."""
    seen = await visible_call(asked)
    seat = _seat(asked, body_of(asked, OfSeat).seat)
    await asked.floor.step_aside(seen["id"], seat, asked.who.name)
    return {"ok": True}


async def back(asked: Asked) -> dict[str, Any]:
    """Go back to the caller, with whoever is aside, too."""
    seen = await visible_call(asked)
    seat = _seat(asked, body_of(asked, OfSeat).seat)
    await asked.floor.back(seen["id"], seat, asked.who.name)
    return {"ok": True}


def _seat(asked: Asked, wanted: str | None) -> str:
    """The seat that is meant: an operator's own."""
    own = asked.who.seat
    seat = wanted or own
    if asked.who.role is Role.OPERATOR and seat != own:
        raise Forbidden(f"an operator acts from the own seat only (yours: {own or 'none'})")
    if seat is None:
        raise BadInput("seat: which seat is not said", "Name a seat of the floor.")
    return seat


_CALL = "/api/v1/calls/{call_id}"

OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/partners",
        partners,
        "Desks outside the hotline that may be brought to a call",
        STAFF,
        listed_as="partners",
    ),
    *(
        Operation("POST", f"{_CALL}/{path}", handler, summary, STAFF, body=body, answer=Done)
        for path, handler, summary, body in (
            ("parties", bring, "Bring a partner or seat to the call, or give it away", Bring),
            ("parties/stop", stop_party, "Ring somebody no more", StopParty),
            ("parties/put-out", put_out, "Take somebody off the call", PutOut),
            ("hold", hold, "Step aside; the caller has music", OfSeat),
            ("back", back, "Go back to the caller", OfSeat),
        )
    ),
)
