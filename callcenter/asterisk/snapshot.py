"""What is going on in Asterisk right now, asked for in one go.

Four lists make a snapshot: channels, conferences, who is in each, device states. Asterisk has no
transaction over them: a party that moves in between may be in a conference without being in the
list of channels, or the other way round. The event of that move follows and puts it right.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from callcenter.asterisk.actions import (
    Action,
    GetDeviceState,
    ListChannels,
    ListConferences,
    ListConferenceUsers,
    ListDeviceStates,
    Reply,
)
from callcenter.asterisk.errors import ActionRefused
from callcenter.asterisk.headers import Headers

AT_ONCE = 32
"""So many conferences or phones are asked for before the first answer must have come."""

NO_CONFERENCES = ("No active conferences.", "No Conference by that name found.")
"""With these words app_confbridge refuses to list what is empty."""

UNKNOWN_NUMBER = "<unknown>"

T = TypeVar("T")
Perform = Callable[[Action], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """One channel. ``variables`` are those that manager.conf names, without the empty ones."""

    channel: str
    uniqueid: str
    linkedid: str
    context: str
    exten: str
    application: str
    application_data: str
    state: str
    """``Down``, ``Ring``, ``Ringing``, ``Up``, …"""
    bridge_id: str
    duration_s: int
    caller_number: str = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConferenceUser:
    """One party of a conference."""

    channel: str
    uniqueid: str
    marked: bool
    variables: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All channels, the users of every conference by its name, the state of every device."""

    channels: tuple[ChannelInfo, ...] = ()
    conferences: Mapping[str, tuple[ConferenceUser, ...]] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)


async def take_snapshot(perform: Perform, devices: Sequence[str] = ()) -> Snapshot:
    """Ask for the lists; raises what ``perform`` raises.

    Name the ``devices`` wherever they are known: Asterisk's own list keeps an entry for every
    conference that ever was, so that it grows by one a call until Asterisk is restarted.
    """
    channels = (await perform(ListChannels())).items
    rooms = [item["conference"] for item in await _list(perform, ListConferences())]
    users = await _in_turns(_list(perform, ListConferenceUsers(room)) for room in rooms)
    return Snapshot(
        channels=tuple(map(_channel, channels)),
        conferences={
            room: tuple(map(_user, items))
            for room, items in zip(rooms, users, strict=True)
            if items
        },
        devices=await _devices(perform, devices),
    )


async def _devices(perform: Perform, devices: Sequence[str]) -> Mapping[str, str]:
    if not devices:
        items = (await perform(ListDeviceStates())).items
        return {item["device"]: item["state"] for item in items}
    states = await _in_turns(perform(GetDeviceState(device)) for device in devices)
    return {device: state.response["value"] for device, state in zip(devices, states, strict=True)}


async def _in_turns(answers: Iterable[Awaitable[T]]) -> list[T]:
    found: list[T] = []
    pending = iter(answers)
    while some := list(islice(pending, AT_ONCE)):
        found += await asyncio.gather(*some)
    return found


def number(headers: Headers) -> str:
    """Return the caller's number, ``""`` when it is withheld."""
    value = headers["calleridnum"]
    return "" if value == UNKNOWN_NUMBER else value


async def _list(perform: Perform, action: Action) -> tuple[Headers, ...]:
    try:
        return (await perform(action)).items
    except ActionRefused as error:
        if error.message in NO_CONFERENCES:
            return ()
        raise


def _channel(item: Headers) -> ChannelInfo:
    return ChannelInfo(
        channel=item["channel"],
        uniqueid=item["uniqueid"],
        linkedid=item["linkedid"],
        context=item["context"],
        exten=item["exten"],
        application=item["application"],
        application_data=item["applicationdata"],
        state=item["channelstatedesc"],
        bridge_id=item["bridgeid"],
        duration_s=_seconds(item["duration"]),
        caller_number=number(item),
        variables=item.variables(),
    )


def _user(item: Headers) -> ConferenceUser:
    return ConferenceUser(
        channel=item["channel"],
        uniqueid=item["uniqueid"],
        marked=item["markeduser"] == "Yes",
        variables=item.variables(),
    )


def _seconds(duration: str) -> int:
    """Read ``HH:MM:SS``; what is not that reads as 0, since an age is not worth a lost call."""
    parts = duration.split(":")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        return 0
    hours, minutes, seconds = map(int, parts)
    return (hours * 60 + minutes) * 60 + seconds
