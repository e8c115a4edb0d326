"""From AMI's headers to typed events: one table for each of Asterisk's and the dialplan's kinds.

What is in neither table reads as None: other kinds may come and are nobody's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from callcenter.asterisk.errors import MalformedEvent
from callcenter.asterisk.events import (
    AnnouncementEnded,
    BridgeJoined,
    BridgeLeft,
    CallArrived,
    CallBackDialled,
    CallbackWanted,
    CallerReturned,
    CallWaiting,
    ChannelCreated,
    ChannelHungUp,
    ChannelRinging,
    ContactChanged,
    DeviceState,
    DivertFailed,
    DivertStarted,
    DivertTaken,
    Event,
    FallbackEntered,
    OfferEnded,
    OfferStarted,
    OfficerAnswered,
    OfficerDeclined,
    OfficerTook,
    OperatorHangsUp,
    OriginateFailed,
    PartyJoining,
)
from callcenter.asterisk.headers import Headers
from callcenter.asterisk.snapshot import number

UNREACHABLE = frozenset({"Unreachable", "Removed"})
"""What a contact's status is when its phone cannot be rung. Asterisk also says ``Created``,
``Updated``, ``Reachable``, ``NonQualified`` (never asked) and ``Unknown``."""

Field = Callable[[Headers], str | int | bool | tuple[str, ...]]
Reader = Callable[[Headers], Event]


def parse(headers: Headers) -> Event | None:
    """Return what a received event means; None for one that nobody follows.

    Raises `MalformedEvent` when a header is missing that the kind promises.
    """
    kind = headers["event"]
    if kind == "OriginateResponse" and headers["response"] == "Success":
        return None
    if kind == "Newstate" and headers["channelstatedesc"] != "Ringing":
        return None
    reader = _FROM_DIALPLAN.get(headers["userevent"]) if kind == "UserEvent" else _OWN.get(kind)
    return reader(headers) if reader else None


def _must(name: str) -> Field:
    def read(headers: Headers) -> str:
        value = headers[name]
        if not value:
            raise MalformedEvent(f"{headers['userevent'] or headers['event']} without {name}")
        return value

    return read


def _may(name: str) -> Field:
    return lambda headers: headers[name]


def _whole(name: str) -> Field:
    def read(headers: Headers) -> int:
        value = headers[name]
        if not (value.isascii() and value.isdecimal()):
            raise MalformedEvent(f"{headers['event']}: {name} is not a number")
        return int(value)

    return read


def _several(name: str) -> Field:
    """Ids joined by ``&``, at least one."""
    must = _must(name)
    return lambda headers: tuple(str(must(headers)).split("&"))


def _reachable(headers: Headers) -> bool:
    return headers["contactstatus"] not in UNREACHABLE


def _reader(kind: Callable[..., Event], **fields: Field) -> Reader:
    def read(headers: Headers) -> Event:
        values = {name: value(headers) for name, value in fields.items()}
        return kind(**values, variables=headers.variables())

    return read


_CHANNEL: Mapping[str, Field] = {"channel": _must("channel"), "uniqueid": _must("uniqueid")}
_OF_CALL: Mapping[str, Field] = {"call_id": _must("callid"), **_CHANNEL}
_OF_BRIDGE: Mapping[str, Field] = {"call_id": _must("conference"), **_CHANNEL}
_OF_OFFER: Mapping[str, Field] = {
    "call_id": _must("callid"),
    "seat_ids": _several("seat"),
    "offer_id": _must("offerid"),
}
_OF_OFFICER: Mapping[str, Field] = {
    **_OF_CALL,
    "officer_id": _must("officer"),
    "attempt_id": _must("attemptid"),
}

_OWN: Mapping[str, Reader] = {
    "Newchannel": _reader(
        ChannelCreated, **_CHANNEL, linkedid=_must("linkedid"), caller_number=number
    ),
    "Newstate": _reader(ChannelRinging, **_CHANNEL, linkedid=_must("linkedid")),
    "Hangup": _reader(ChannelHungUp, **_CHANNEL, linkedid=_must("linkedid"), cause=_whole("cause")),
    "HangupRequest": _reader(OperatorHangsUp, **_CHANNEL),
    "ConfbridgeJoin": _reader(BridgeJoined, **_OF_BRIDGE),
    "ConfbridgeLeave": _reader(BridgeLeft, **_OF_BRIDGE),
    "OriginateResponse": _reader(
        OriginateFailed, channel_id=_must("uniqueid"), reason=_whole("reason")
    ),
    "ContactStatus": _reader(ContactChanged, phone=_must("endpointname"), reachable=_reachable),
    "DeviceStateChange": _reader(DeviceState, device=_must("device"), state=_must("state")),
}

_FROM_DIALPLAN: Mapping[str, Reader] = {
    "CallArrived": _reader(
        CallArrived,
        **_OF_CALL,
        line=_must("line"),
        queue=_must("queue"),
        caller_number=number,
        access=_may("access"),
        geolocation=_may("geolocation"),
    ),
    "CallBackDialled": _reader(
        CallBackDialled,
        **_OF_CALL,
        seat_id=_must("seat"),
        task=_may("task"),
        line=_must("line"),
        queue=_must("queue"),
        number=_must("number"),
    ),
    "CallWaiting": _reader(CallWaiting, **_OF_CALL),
    "OfferStarted": _reader(OfferStarted, **_OF_OFFER),
    # Dial sets no status when it could not even begin.
    "OfferEnded": _reader(OfferEnded, **_OF_OFFER, dial_status=_may("dialstatus")),
    "PartyJoining": _reader(
        PartyJoining,
        **_OF_CALL,
        role=_must("role"),
        party_id=_may("party"),
        offer_id=_may("offerid"),
    ),
    "AnnouncementEnded": _reader(AnnouncementEnded, **_OF_CALL),
    "CallbackWanted": _reader(CallbackWanted, **_OF_CALL),
    "DivertStarted": _reader(DivertStarted, **_OF_CALL),
    "DivertTaken": _reader(DivertTaken, **_OF_CALL),
    "DivertFailed": _reader(DivertFailed, **_OF_CALL, why=_may("why")),
    "OfficerAnswered": _reader(OfficerAnswered, **_OF_OFFICER),
    "OfficerTook": _reader(OfficerTook, **_OF_OFFICER),
    "OfficerDeclined": _reader(OfficerDeclined, **_OF_OFFICER, key=_may("key")),
    "FallbackEntered": _reader(FallbackEntered, **_OF_CALL),
    "CallerReturned": _reader(CallerReturned, **_OF_CALL, why=_may("why")),
}
