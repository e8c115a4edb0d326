"""What the engine is told. Ids that it does not know are answered with nothing.

``queue``, ``seat_id`` and the rest are ids as in `acd.model`; instants are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from acd.model import FloorSettings, OfferCause, SkillNeed


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A caller waits for a seat; ``waiting_since`` gives an older place (default: now).

    ``caller`` is whatever knows the same caller again (empty: unknown), ``origin`` the place that
    the call comes from, as far as the network tells it (empty: unknown; a cell, an area).
    """

    call_id: str
    queue: str
    priority: int = 0
    waiting_since: float | None = None
    caller: str = ""
    origin: str = ""
    needs: tuple[SkillNeed, ...] = ()


@dataclass(frozen=True, slots=True)
class CallLeft:
    """The caller is gone, at whatever moment. A seat that talked is freed by its `SeatLeft`.

    ``dropped``: the connection failed, the caller did not hang up. ``redial``: the caller, should
    they call again, takes the old place (not when they chose to be called back).
    """

    call_id: str
    dropped: bool = False
    redial: bool = True


@dataclass(frozen=True, slots=True)
class CallNeeds:
    """What this call needs of its seat, from now on, besides its queue's needs."""

    call_id: str
    needs: tuple[SkillNeed, ...]


@dataclass(frozen=True, slots=True)
class CallPrioritised:
    """A person (or a list that people keep) gave the call this priority."""

    call_id: str
    priority: int


@dataclass(frozen=True, slots=True)
class CallMoved:
    """A person moved a waiting call to another queue; it keeps the time that it waited."""

    call_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class CallPicked:
    """A person takes a waiting call out of turn for this seat: an offer as every other.

    The seat may also be one that is not ready or in wrap-up. Answered with `Refused` when the call
    does not wait, or the seat or its phone cannot be rung.
    """

    call_id: str
    seat_id: str


@dataclass(frozen=True, slots=True)
class AnnouncementEnded:
    """The caller has heard what was announced to them first."""

    call_id: str


@dataclass(frozen=True, slots=True)
class DivertFailed:
    """Nobody took the call where it was diverted to: back to its place."""

    call_id: str


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """Seat and caller are connected."""

    call_id: str
    seat_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The seat's phone stopped ringing and the caller is not connected."""

    call_id: str
    seat_id: str
    offer_id: str
    cause: OfferCause


@dataclass(frozen=True, slots=True)
class SeatLeft:
    """The operator's leg ended; the call may go on without the seat."""

    seat_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class CallReturned:
    """The caller was left alone by a phone that vanished: back to the head of the queue.

    ``lost_seat`` is the seat whose phone it was. Without it, it is the seat that has the call as
    far as the engine knows, if any (none when the call was handed over: then it was an officer's).
    ``knows_them`` is a seat that had the call before, whose phone is well: it is asked first.
    """

    call_id: str
    lost_seat: str | None = None
    knows_them: str | None = None


@dataclass(frozen=True, slots=True)
class WrapUpWanted:
    """The operator who talks (or has just talked) asks for work after the call."""

    seat_id: str


@dataclass(frozen=True, slots=True)
class RecordSaved:
    """The operator finished the record: wrap-up is over."""

    seat_id: str


@dataclass(frozen=True, slots=True)
class SeatRegistered:
    """The seat's phone can be reached (it could not be before)."""

    seat_id: str


@dataclass(frozen=True, slots=True)
class SeatUnregistered:
    """The seat's phone cannot be reached any more."""

    seat_id: str


@dataclass(frozen=True, slots=True)
class SeatReady:
    """The operator takes calls. Remembered while the phone is unregistered or in a call."""

    seat_id: str


@dataclass(frozen=True, slots=True)
class SeatNotReady:
    """The operator takes no calls from now on, or after the call that goes on."""

    seat_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallAdopted:
    """Asterisk has this call on a bridge: with ``seat_id``, or with nobody of ours (None).

    It is the truth, whatever the engine believed before.
    """

    call_id: str
    queue: str
    seat_id: str | None
    waiting_since: float | None = None


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """New settings, in force from the next decision; no call is dropped for them."""

    settings: FloorSettings


@dataclass(frozen=True, slots=True)
class SurgeSet:
    """A person begins a surge for calls from this origin, until told otherwise, or ends one.

    A surge that a person ended begins by itself again only after the rush is over.
    """

    origin: str
    on: bool


@dataclass(frozen=True, slots=True)
class DayBegan:
    """Calls of a seat are counted from here, for `acd.model.Strategy.FEWEST_CALLS`."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: due when `acd.engine.Engine.next_wakeup` says."""


Event = (
    CallArrived
    | CallLeft
    | CallNeeds
    | CallPrioritised
    | CallMoved
    | CallPicked
    | AnnouncementEnded
    | DivertFailed
    | OfferAnswered
    | OfferFailed
    | SeatLeft
    | CallReturned
    | WrapUpWanted
    | RecordSaved
    | SeatRegistered
    | SeatUnregistered
    | SeatReady
    | SeatNotReady
    | CallAdopted
    | SettingsChanged
    | SurgeSet
    | DayBegan
    | Tick
)
