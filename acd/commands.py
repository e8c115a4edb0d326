"""What the engine wants done, to be carried out in the order given."""

from __future__ import annotations

from dataclasses import dataclass

from acd.model import NoticeKind, SeatState


@dataclass(frozen=True, slots=True)
class Offer:
    """Ring the seat for the call, ``ring_s`` long."""

    offer_id: str
    call_id: str
    seat_id: str
    ring_s: float


@dataclass(frozen=True, slots=True)
class CancelOffer:
    """The offer is over: the seat's phone must not ring for it any more.

    A caller who is in conversation by now stays there, and a phone that does not ring is left
    alone: the command may come for an offer that has already ended in Asterisk.
    """

    offer_id: str
    call_id: str
    seat_id: str


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


Command = Offer | CancelOffer | SeatChanged | Notice
