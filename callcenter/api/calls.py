"""Calls, their transcripts and recordings."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import hdrs, web

from callcenter.calls.positions import GivenPosition, fault
from callcenter.precincts.datum import Datum, to_wgs84
from callcenter.store.people import Role

from .errors import BadInput, Forbidden, Missing
from .operations import EVERYONE, LEADERS, STAFF, Asked, Operation, body_of
from .shapes import (
    Call,
    CallPosition,
    CallSummary,
    Done,
    Leave,
    Move,
    Nothing,
    OfficerRinging,
    Pick,
    Picked,
    Prioritise,
    PutPosition,
    RingOfficer,
    Segment,
)
from .sight import may_see, viewed_call, visible_call


async def calls(asked: Asked) -> list[dict[str, Any]]:
    """Open calls and the newest closed ones."""
    return [call for call in await asked.floor.calls() if may_see(asked.who, call)]


async def call(asked: Asked) -> dict[str, Any]:
    """One call; looking at one that is over is journalled."""
    return await viewed_call(asked)


async def transcript(asked: Asked) -> list[dict[str, Any]]:
    """What was said in a call; looking at one that is over is journalled."""
    seen = await viewed_call(asked)
    return await asked.floor.transcript(seen["id"])


async def ring_officer(asked: Asked) -> dict[str, Any]:
    """Put the responsible officer, or the named one, on the line."""
    seen = await visible_call(asked)
    wanted = body_of(asked, RingOfficer)
    named = ([wanted.officer] if wanted.officer else []) + wanted.officers
    return await asked.floor.ring_officer(seen["id"], tuple(dict.fromkeys(named)), asked.who.name)


async def stop_ringing(asked: Asked) -> dict[str, Any]:
    """Stop ringing officers."""
    seen = await visible_call(asked)
    await asked.floor.stop_ringing(seen["id"], asked.who.name)
    return {"ok": True}


async def hang_up(asked: Asked) -> dict[str, Any]:
    """End the caller's call."""
    seen = await visible_call(asked)
    await asked.floor.hang_up(seen["id"], asked.who.name)
    return {"ok": True}


async def prioritise(asked: Asked) -> dict[str, Any]:
    """Give a waiting caller a priority."""
    seen = await visible_call(asked)
    wanted = body_of(asked, Prioritise)
    return await asked.floor.prioritise(seen["id"], wanted.priority, asked.who.name)


async def put_position(asked: Asked) -> dict[str, Any]:
    """Keep where the caller's phone is; the record's place is looked for anew."""
    seen = await visible_call(asked)
    wanted = body_of(asked, PutPosition)
    now = datetime.now(UTC)
    at = wanted.at or now
    wrong = fault(wanted.latitude, wanted.longitude, at, now)
    if wrong:
        raise BadInput(wrong, "Send the newest position that is known, with its own time.")
    lat, lon = to_wgs84(wanted.latitude, wanted.longitude, Datum(wanted.datum))
    place = GivenPosition(round(lat, 7), round(lon, 7), wanted.accuracy_m, at, wanted.source)
    return await asked.floor.put_position(seen["id"], place, asked.who.name)


async def move(asked: Asked) -> dict[str, Any]:
    """Let a waiting caller wait in another queue."""
    seen = await visible_call(asked)
    wanted = body_of(asked, Move)
    return await asked.floor.move(seen["id"], wanted.queue, asked.who.name)


async def pick(asked: Asked) -> dict[str, Any]:
    """Offer a waiting caller to a seat out of turn; operators only to their own."""
    seen = await visible_call(asked)
    seat = _seat(asked, body_of(asked, Pick).seat, "picks calls for")
    return await asked.floor.pick(seen["id"], seat, asked.who.name)


async def leave(asked: Asked) -> dict[str, Any]:
    """Leave caller and officer to each other; operators with their own seat only."""
    seen = await visible_call(asked)
    seat = _seat(asked, body_of(asked, Leave).seat, "leaves with")
    await asked.floor.leave(seen["id"], seat, asked.who.name)
    return {"ok": True}


def _seat(asked: Asked, wanted: str | None, does: str) -> str:
    """The seat that is meant: an operator's own."""
    own = asked.who.seat
    seat = wanted or own
    if asked.who.role is Role.OPERATOR and seat != own:
        raise Forbidden(f"an operator {does} the own seat only (yours: {own or 'none'})")
    if seat is None:
        raise BadInput("seat: which seat is not said", "Name a seat of the floor.")
    return seat


async def recording(asked: Asked) -> web.FileResponse:
    """The recording as a WAV file (parts of it with ``Range``); every access is journalled."""
    seen = await visible_call(asked)
    call_id: str = seen["id"]
    file = await asked.floor.recording_file(call_id)
    if file is None or not file.is_file():
        raise Missing(
            "this call has no finished recording",
            "A recording is finished some seconds after the call has ended.",
        )
    asked.services.journal.note(
        call_id,
        "recording.played",
        {
            "by": asked.who.name,
            "role": asked.who.role.value,
            "recording": file.name,
            "range": asked.request.headers.get(hdrs.RANGE, "")[:100],
            "address": asked.address,
        },
    )
    safe_id = re.sub(r"[^A-Za-z0-9._-]", "_", call_id)
    return web.FileResponse(
        file,
        headers={
            hdrs.CONTENT_TYPE: "audio/wav",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="call-{safe_id}.wav"',
        },
    )


_CALL = "/api/v1/calls/{call_id}"

OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/calls",
        calls,
        "Open calls and the newest closed ones",
        EVERYONE,
        answer=CallSummary,
        listed_as="calls",
    ),
    Operation("GET", _CALL, call, "One call", EVERYONE, answer=Call),
    Operation(
        "GET",
        f"{_CALL}/transcript",
        transcript,
        "What was said in a call",
        EVERYONE,
        answer=Segment,
        listed_as="segments",
    ),
    Operation(
        "POST",
        f"{_CALL}/officer",
        ring_officer,
        "Put an officer on the line",
        STAFF,
        body=RingOfficer,
        answer=OfficerRinging,
    ),
    Operation(
        "POST",
        f"{_CALL}/officer/stop",
        stop_ringing,
        "Stop ringing officers",
        STAFF,
        body=Nothing,
        answer=Done,
    ),
    Operation(
        "POST",
        f"{_CALL}/hang-up",
        hang_up,
        "End the caller's call",
        STAFF,
        body=Nothing,
        answer=Done,
    ),
    Operation(
        "POST",
        f"{_CALL}/leave",
        leave,
        "Leave caller and officer to each other; warned once while not both were heard",
        STAFF,
        body=Leave,
        answer=Done,
    ),
    Operation(
        "POST",
        f"{_CALL}/priority",
        prioritise,
        "Give a waiting caller a priority",
        LEADERS,
        body=Prioritise,
        answer=CallSummary,
    ),
    Operation(
        "POST",
        f"{_CALL}/position",
        put_position,
        "Say where the caller's phone is",
        STAFF,
        body=PutPosition,
        answer=CallPosition,
    ),
    Operation(
        "POST",
        f"{_CALL}/queue",
        move,
        "Let a waiting caller wait in another queue",
        LEADERS,
        body=Move,
        answer=CallSummary,
    ),
    Operation(
        "POST",
        f"{_CALL}/pick",
        pick,
        "Offer a waiting caller to a seat out of turn",
        STAFF,
        body=Pick,
        answer=Picked,
    ),
    Operation(
        "GET",
        f"{_CALL}/recording",
        recording,
        "The recording; every access is journalled",
        EVERYONE,
        answer_type="audio/wav",
    ),
)
