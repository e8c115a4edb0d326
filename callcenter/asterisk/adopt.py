"""From a snapshot to the calls that are going on: what a restarted service takes up again.

Evidence, in this order: the variables that the dialplan sets on every leg (``CALL_ID``,
``CALL_ROLE``, ``CALL_PARTY``), who is in the call's conference, then the channel's context and
application. Nothing is asked of Asterisk here and nothing is done to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from callcenter.asterisk.snapshot import ChannelInfo, Snapshot

PARTY_ROLES = frozenset({"operator", "officer", "partner"})
"""Who may be hung up once the caller is gone. What says neither is nobody's to hang up."""


class Where(StrEnum):
    """Where a caller is."""

    ARRIVING = "arriving"
    """Before hold: the greeting, the choice of a language, an announcement. `CallWaiting`
    follows."""
    WAITING = "waiting"
    OFFERED = "offered"
    DIVERTED = "diverted"
    """On the way to another number or site, or talking there."""
    BRIDGED = "bridged"
    OFFICER_AWAITED = "officer_awaited"
    """The operator has left; the caller is kept for an officer whose phone rings."""
    FALLBACK = "fallback"
    """Asterisk's own queue has the caller; parties ring, talk or are not there."""


class PartyState(StrEnum):
    """What a party's phone does."""

    RINGING = "ringing"
    ANSWERED = "answered"
    """Not with the caller yet: an officer hears the brief, a seat is about to join."""
    TALKING = "talking"
    ASIDE = "aside"
    """Apart from the caller, who may be on hold."""


@dataclass(frozen=True, slots=True)
class FoundParty:
    """An operator's or officer's leg."""

    role: str
    party_id: str
    channel: str
    uniqueid: str
    state: PartyState
    duration_s: int
    offer_id: str = ""
    attempt_id: str = ""


@dataclass(frozen=True, slots=True)
class FoundTap:
    """A channel that carries one leg's audio to a recogniser."""

    channel: str
    uniqueid: str
    target: str
    """The channel that it listens to."""


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call whose caller is there.

    ``seat_ids`` and ``offer_id``: of the offer under way, only when `Where.OFFERED` (no seats of
    one that rings more than an extension can name: their legs tell them). ``line`` and
    ``queue`` are empty before the dialplan has set them. ``arrived_at`` and ``answered_at`` (first
    by a person) are seconds since 1970 by Asterisk's clock, None where it has not been.
    """

    call_id: str
    channel: str
    uniqueid: str
    where: Where
    age_s: int
    line: str
    queue: str
    seat_ids: tuple[str, ...]
    offer_id: str
    caller_number: str = field(repr=False)
    parties: tuple[FoundParty, ...] = ()
    taps: tuple[FoundTap, ...] = ()
    arrived_at: float | None = None
    answered_at: float | None = None
    officer_coming: str = ""
    """What the service that rang officers wrote; empty when none was on the way."""
    party_coming: str = ""
    """What the service that rang partners and seats by hand wrote."""

    def talking(self, role: str) -> tuple[FoundParty, ...]:
        """Return the parties of a role that are with the caller."""
        return tuple(p for p in self.parties if p.role == role and p.state is PartyState.TALKING)


@dataclass(frozen=True, slots=True)
class Found:
    """All calls, and what is left of calls whose caller is gone."""

    calls: tuple[FoundCall, ...]
    strays: tuple[ChannelInfo, ...]
    """Legs and taps without a caller: nobody else will hang them up."""


def adopt(snapshot: Snapshot) -> Found:
    """Find the calls in a snapshot."""
    by_call: dict[str, list[ChannelInfo]] = defaultdict(list)
    taps: list[ChannelInfo] = []
    for channel in snapshot.channels:
        if _is_tap(channel):
            taps.append(channel)
        elif call_id := channel.variables.get("CALL_ID"):
            by_call[call_id].append(channel)
    calls: list[FoundCall] = []
    strays: list[ChannelInfo] = []
    heard: set[str] = set()
    for call_id, channels in by_call.items():
        caller = _caller(call_id, channels)
        if caller is None:
            strays += [c for c in channels if c.variables.get("CALL_ROLE") in PARTY_ROLES]
            continue
        legs = {channel.channel for channel in channels}
        of_call = [tap for tap in taps if _target(tap) in legs]
        heard |= {tap.uniqueid for tap in of_call}
        calls.append(_call(call_id, caller, channels, of_call, snapshot))
    strays += [tap for tap in taps if tap.uniqueid not in heard]
    return Found(tuple(calls), tuple(strays))


def _call(
    call_id: str,
    caller: ChannelInfo,
    channels: Sequence[ChannelInfo],
    taps: Iterable[ChannelInfo],
    snapshot: Snapshot,
) -> FoundCall:
    bridged = {user.uniqueid for user in snapshot.conferences.get(call_id, ())}
    aside = {user.uniqueid for user in snapshot.conferences.get(f"{call_id}-aside", ())}
    where = _where(caller, bridged)
    seats, _, offer = caller.exten.partition("*") if where is Where.OFFERED else ("", "", "")
    return FoundCall(
        call_id=call_id,
        channel=caller.channel,
        uniqueid=caller.uniqueid,
        where=where,
        age_s=caller.duration_s,
        line=caller.variables.get("LINE", ""),
        queue=caller.variables.get("QUEUE", ""),
        seat_ids=tuple(each.partition("@")[0] for each in seats.split("&") if each),
        offer_id=offer.partition("*")[2],
        caller_number=caller.caller_number,
        parties=tuple(
            _party(channel, caller, bridged, aside)
            for channel in _without_local_halves(channels)
            if channel is not caller and channel.variables.get("CALL_ROLE") in PARTY_ROLES
        ),
        taps=tuple(FoundTap(tap.channel, tap.uniqueid, _target(tap)) for tap in taps),
        arrived_at=_moment(caller, "ARRIVED_AT"),
        answered_at=_moment(caller, "ANSWERED_AT"),
        officer_coming=caller.variables.get("OFFICER_COMING", ""),
        party_coming=caller.variables.get("PARTY_COMING", ""),
    )


def _moment(channel: ChannelInfo, variable: str) -> float | None:
    try:
        return float(channel.variables[variable])
    except (KeyError, ValueError):
        return None


def _caller(call_id: str, channels: Sequence[ChannelInfo]) -> ChannelInfo | None:
    """Return the caller's channel: it gave the call its id, or says that it is the caller.

    The first holds from the first moment on, before the dialplan has said who is who.
    """
    own = [channel for channel in channels if channel.uniqueid == call_id]
    named = [channel for channel in channels if channel.variables.get("CALL_ROLE") == "caller"]
    return next(iter(own or sorted(named, key=lambda channel: -channel.duration_s)), None)


def _where(caller: ChannelInfo, bridged: set[str]) -> Where:
    if caller.uniqueid in bridged:
        return Where.BRIDGED
    match caller.context:
        case "hold":
            return Where.WAITING
        case "offer":
            return Where.OFFERED
        case "divert" | "diverted":
            return Where.DIVERTED
        case "officer-wait":
            return Where.OFFICER_AWAITED
        case "fallback":
            return Where.FALLBACK
        case "join":
            # Between the seat's answer and the conference: a matter of milliseconds.
            return Where.BRIDGED
        case _:
            return Where.ARRIVING


def _party(
    channel: ChannelInfo, caller: ChannelInfo, bridged: set[str], aside: set[str]
) -> FoundParty:
    variables: Mapping[str, str] = channel.variables
    together = bool(channel.bridge_id) and channel.bridge_id == caller.bridge_id
    if together or channel.uniqueid in bridged:
        state = PartyState.TALKING
    elif channel.uniqueid in aside:
        state = PartyState.ASIDE
    elif channel.state == "Up":
        state = PartyState.ANSWERED
    else:
        state = PartyState.RINGING
    return FoundParty(
        role=variables["CALL_ROLE"],
        party_id=variables.get("CALL_PARTY", ""),
        channel=channel.channel,
        uniqueid=channel.uniqueid,
        state=state,
        duration_s=channel.duration_s,
        offer_id=variables.get("OFFER_ID", ""),
        attempt_id=variables.get("ATTEMPT_ID", ""),
    )


def _without_local_halves(channels: Sequence[ChannelInfo]) -> Iterable[ChannelInfo]:
    """Leave out the far half of a Local channel, which copies the near half's variables."""
    names = {channel.channel for channel in channels}
    return (
        channel
        for channel in channels
        if not (channel.channel.endswith(";2") and channel.channel[:-1] + "1" in names)
    )


def _is_tap(channel: ChannelInfo) -> bool:
    return channel.application == "ChanSpy" and channel.channel.startswith("AudioSocket/")


def _target(tap: ChannelInfo) -> str:
    return tap.application_data.partition(",")[0]
