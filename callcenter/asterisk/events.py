"""What Asterisk tells, typed. One class for each kind of event that the service follows.

``channel`` names the channel (actions take it), ``uniqueid`` never returns for another one
(state is kept under it).

What may come twice or late, and how to be safe from it:

- Events that were raised while a snapshot was taken come after `Connected` although the snapshot
  may show their effect. So an event is a statement, "this is so", never "one more": a channel
  that is known is created again, a party joins a bridge that it is on. The last one is right.
- ``BridgeLeft`` may come after the same channel's ``ChannelHungUp``.
- Between `Disconnected` and the next `Connected` events are lost; the snapshot stands for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callcenter.asterisk.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Connected:
    """The link is there, and this is what is going on.

    ``restarted``: Asterisk is another one than before; all calls of before have ended with it.
    """

    snapshot: Snapshot
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The link is gone, or could not be made in the first place. Said once an outage."""

    why: str


@dataclass(frozen=True, slots=True)
class Event:
    """Base of what Asterisk tells. ``variables``: the channel's, as manager.conf names them."""

    variables: Mapping[str, str] = field(repr=False, kw_only=True, default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallArrived(Event):
    """A caller has dialled a line.

    ``access`` and ``geolocation``: the SIP headers P-Access-Network-Info and Geolocation,
    percent-encoded, as the network (or anybody) sent them.
    """

    call_id: str
    channel: str
    uniqueid: str
    line: str
    queue: str
    caller_number: str = field(repr=False)
    access: str = field(repr=False, default="")
    geolocation: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class CallBackDialled(Event):
    """A seat calls somebody back; this is the leg of the party that is called."""

    call_id: str
    channel: str
    uniqueid: str
    seat_id: str
    task: str
    line: str
    queue: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CallWaiting(Event):
    """A caller has entered hold."""

    call_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class OfferStarted(Event):
    """The phones of these seats begin to ring for a call."""

    call_id: str
    seat_ids: tuple[str, ...]
    offer_id: str


@dataclass(frozen=True, slots=True)
class OfferEnded(Event):
    """No seat answered.

    ``dial_status`` is Dial's (NOANSWER, CHANUNAVAIL, …), or REJECTED by a person whose phone rang,
    BUSY by a phone that did not ring, PHONE_IN_USE for one that was not tried.
    """

    call_id: str
    seat_ids: tuple[str, ...]
    offer_id: str
    dial_status: str


@dataclass(frozen=True, slots=True)
class AnnouncementEnded(Event):
    """A caller has heard what was announced to them, or there was nothing to hear."""

    call_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class CallbackWanted(Event):
    """A caller chose to be called back; they hear that it is noted, and are hung up."""

    call_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class DivertStarted(Event):
    """A caller is being put through to another number or site."""

    call_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class DivertTaken(Event):
    """A caller who was diverted talks with whoever answered there."""

    call_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class DivertFailed(Event):
    """Nobody took a diverted caller. ``why``: Dial's status, or NOT_ALLOWED."""

    call_id: str
    why: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class PartyJoining(Event):
    """An operator or officer is about to enter the call's bridge."""

    call_id: str
    channel: str
    uniqueid: str
    role: str
    party_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class _OfficerEvent(Event):
    call_id: str
    officer_id: str
    attempt_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class OfficerAnswered(_OfficerEvent):
    """An officer's phone was answered and hears the brief."""


@dataclass(frozen=True, slots=True)
class OfficerTook(_OfficerEvent):
    """An officer pressed 1."""


@dataclass(frozen=True, slots=True)
class OfficerDeclined(_OfficerEvent):
    """An officer pressed another key than 1, or none: then ``key`` is empty."""

    key: str = ""


@dataclass(frozen=True, slots=True)
class FallbackEntered(Event):
    """Asterisk takes care of a caller alone."""

    call_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class CallerReturned(Event):
    """A caller was left alone and goes back to hold.

    ``why``: ``vanished`` (the operator's phone or network failed), ``hung-up`` (the operator did,
    and the line's calls return then), ``officer-vanished``, ``no-officer``, ``site-lost``,
    ``put-out``.
    """

    call_id: str
    why: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class BridgeJoined(Event):
    """A channel has entered a call's bridge."""

    call_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class BridgeLeft(Event):
    """A channel has left a call's bridge."""

    call_id: str
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class OperatorHangsUp(Event):
    """An operator's phone has said that it hangs up; what it is part of takes it out by and by."""

    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True)
class ChannelCreated(Event):
    """A channel came into being. Its variables are still empty."""

    channel: str
    uniqueid: str
    linkedid: str
    caller_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChannelRinging(Event):
    """The phone at the end of a channel rings, and says so itself."""

    channel: str
    uniqueid: str
    linkedid: str


@dataclass(frozen=True, slots=True)
class ChannelHungUp(Event):
    """A channel is gone. ``cause`` is Q.850's: 16 normal, 44 no more audio from the phone."""

    channel: str
    uniqueid: str
    linkedid: str
    cause: int


@dataclass(frozen=True, slots=True)
class OriginateFailed(Event):
    """An Originate did not end in an answered channel.

    ``channel_id`` is the id that the action gave the channel. ``reason``: 0 no such phone, not
    registered, or hung up while ringing; 3 not answered in time; 5 busy; 8 congestion.
    """

    channel_id: str
    reason: int


@dataclass(frozen=True, slots=True)
class ContactChanged(Event):
    """A phone's registration, or whether it answers OPTIONS, changed.

    The device's state does not tell it while the phone has a call.
    """

    phone: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class DeviceState(Event):
    """A phone's state: ``NOT_INUSE``, ``INUSE``, ``BUSY``, ``UNAVAILABLE``, ….

    A phone for one call at a time (``device_state_busy_at=1``) is ``BUSY`` as soon as it is
    called and never ``RINGING``: `ChannelRinging` tells that.
    """

    device: str
    state: str


Message = Connected | Disconnected | Event
