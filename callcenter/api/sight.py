"""Which calls a person may see: all, or as an officer those that they are on or rung for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callcenter.store.calls import CLOSED
from callcenter.store.people import Role

from .errors import Missing
from .operations import Asked, Who


def may_see(who: Who, call: Mapping[str, Any]) -> bool:
    """Whether this call is for the eyes of ``who``. Takes a summary or a whole call."""
    if who.role is not Role.OFFICER:
        return True
    if who.officer is None:
        return False
    if who.officer in call.get("officers_rung", ()):
        return True
    return call.get("officer") == who.officer or any(
        leg.get("role") == "officer" and leg.get("party") == who.officer
        for leg in call.get("legs", ())
    )


def note_viewing(asked: Asked, call: Mapping[str, Any]) -> None:
    """Journal that somebody looks at this call, if it is over."""
    if call["state"] == CLOSED:
        asked.services.viewings.note(asked, call["id"], "call")


async def viewed_call(asked: Asked) -> dict[str, Any]:
    """The same as `visible_call`, for whoever looks at it."""
    call = await visible_call(asked)
    note_viewing(asked, call)
    return call


async def visible_call(asked: Asked) -> dict[str, Any]:
    """The call that the path names. Raises `Missing`, also when it is not theirs to know of."""
    call = await asked.floor.call(asked.request.match_info["call_id"])
    if call is None or not may_see(asked.who, call):
        raise Missing("there is no such call")
    return call
