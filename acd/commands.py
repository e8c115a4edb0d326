"""What the engine wants done, to be carried out in the order given."""

from __future__ import annotations

from dataclasses import dataclass

from acd.model import NoticeKind, OverflowRule, SeatState


@dataclass(frozen=True, slots=True)
class Offer:
    """Ring the seats (one, or several at once) for the call, ``ring_s`` long.

    Whoever answers first has the call. An answer or a failure names the offer and any of its seats.
    """

    offer_id: str
    call_id: str
    seat_ids: tuple[str, ...]
    ring_s: float


@dataclass(frozen=True, slots=True)
class CancelOffer:
    """The offer is over: the seats' phones must not ring for it any more.

    None comes when one of its seats answers, though the others stop ringing; nor when one of
    several seats goes away: its phone may ring on with the others, and is rung for nobody else
    meanwhile.

    A caller who is in conversation by now stays there, and a phone that does not ring is left
    alone: the command may come for an offer that has already ended in Asterisk.
    """

    offer_id: str
    call_id: str
    seat_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Announce:
    """Let the caller hear this recorded message, then say `acd.events.AnnouncementEnded`.

    ``call_back``: with the choice to be called back. The call keeps its place; an offer may cut the
    message short when ``first`` is not set.
    """

    call_id: str
    announcement: str
    first: bool
    call_back: bool


@dataclass(frozen=True, slots=True)
class Divert:
    """Send the caller to this number; `acd.events.DivertFailed` when nobody takes it there."""

    call_id: str
    number: str


@dataclass(frozen=True, slots=True)
class Overflowed:
    """A rule was applied to the call. Nothing needs to be done for it."""

    call_id: str
    queue: str
    rule: OverflowRule


@dataclass(frozen=True, slots=True)
class Refused:
    """What a person asked for cannot be done; ``why`` is a sentence for them."""

    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class SeatChanged:
    """A seat is seen differently from now on. Nothing needs to be done for it."""

    seat_id: str
    state: SeatState
    reason: str
    call_id: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a supervisor should know; ``subject`` is the seat's or queue's id."""

    kind: NoticeKind
    subject: str
    text: str


Command = Offer | CancelOffer | Announce | Divert | Overflowed | Refused | SeatChanged | Notice
