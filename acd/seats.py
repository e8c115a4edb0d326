"""A seat: an operator's place with one phone.

::

    offline → not_ready → ready → offered → talking → wrap_up → ready

is the plain way through the table below. A seat that has neither a call nor an offer *rests*, and
where it rests follows from facts that each event changes one of: is its phone registered, does the
operator take calls, is wrap-up running, is the seat paused. So an operator who says "not ready"
while talking, or whose phone drops its registration, is where they belong when the call ends.

Every state leads to ``talking``: an answer can cross a cancellation on the wire, and a seat that
is in conversation is talking whatever was decided meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acd.errors import IllegalTransition
from acd.model import Reason, SeatState, SeatView

NEVER: Final = float("-inf")

_CONNECTED = "in conversation, by a late answer or as found on Asterisk"

ARROWS: Final[Mapping[SeatState, Mapping[SeatState, str]]] = {
    SeatState.OFFLINE: {
        SeatState.NOT_READY: "phone registered; the operator takes no calls",
        SeatState.READY: "phone registered; the operator takes calls",
        SeatState.WRAP_UP: "phone registered again within wrap-up",
        SeatState.TALKING: _CONNECTED,
    },
    SeatState.NOT_READY: {
        SeatState.OFFLINE: "phone unregistered",
        SeatState.READY: "the operator takes calls, or a pause is over",
        SeatState.TALKING: _CONNECTED,
    },
    SeatState.READY: {
        SeatState.OFFLINE: "phone unregistered",
        SeatState.NOT_READY: "the operator takes no calls, or a pause began",
        SeatState.OFFERED: "chosen for a call",
        SeatState.TALKING: _CONNECTED,
    },
    SeatState.OFFERED: {
        SeatState.TALKING: "answered",
        SeatState.READY: "offer over; the next call may come",
        SeatState.NOT_READY: "offer over; missed too many, paused, or the operator takes no calls",
        SeatState.OFFLINE: "offer over; phone unregistered",
    },
    SeatState.TALKING: {
        SeatState.TALKING: "found in conversation with another call",
        SeatState.WRAP_UP: "the seat left the call",
        SeatState.READY: "the seat left the call; no wrap-up",
        SeatState.NOT_READY: "the seat left the call; the operator takes no calls, or phone lost",
        SeatState.OFFLINE: "the seat left the call; phone unregistered meanwhile",
    },
    SeatState.WRAP_UP: {
        SeatState.READY: "wrap-up over",
        SeatState.NOT_READY: "the operator takes no calls, or a pause began",
        SeatState.OFFLINE: "phone unregistered",
        SeatState.TALKING: _CONNECTED,
    },
}


@dataclass(slots=True)
class Seat:
    """One seat: its state and the facts that its resting state follows from."""

    id: str
    queues: tuple[str, ...]
    since: float
    state: SeatState = SeatState.OFFLINE
    call_id: str | None = None
    offer_id: str | None = None
    talk_queue: str = ""
    """Queue of the call that it talks with or talked with last: whose wrap-up it is."""
    leaving_call_id: str | None = None
    """The caller is gone and the seat's own leg is about to be."""
    registered: bool = False
    takes_calls: bool = False
    not_ready_reason: str = Reason.NOT_SIGNED_IN
    wrap_up_until: float = NEVER
    paused_until: float = NEVER
    pause_reason: str = ""
    misses: int = 0
    idle_key: tuple[float, int] | None = None
    """Its place among ready seats, kept through an offer that ends through no fault of its own."""
    retired: bool = False
    """No longer in the settings: gone as soon as it is free."""

    def move(self, to: SeatState, now: float) -> None:
        """Follow an arrow of the table; raises `IllegalTransition` and changes nothing."""
        if to not in ARROWS[self.state]:
            raise IllegalTransition(f"seat {self.id}: no arrow from {self.state} to {to}")
        self.state = to
        self.since = now

    def be_offered(self, call_id: str, offer_id: str, now: float) -> None:
        """Be reserved for a call."""
        self.move(SeatState.OFFERED, now)
        self.call_id = call_id
        self.offer_id = offer_id

    def talk(self, call_id: str, queue: str, now: float) -> None:
        """Be in conversation; that forgives misses, and ends wrap-up and pause."""
        self.move(SeatState.TALKING, now)
        self.call_id = call_id
        self.talk_queue = queue
        self.offer_id = None
        self.leaving_call_id = None
        self.misses = 0
        self.wrap_up_until = NEVER
        self.paused_until = NEVER

    def resting_state(self, now: float) -> SeatState:
        """Where the seat belongs when it has neither a call nor an offer."""
        if not self.registered:
            return SeatState.OFFLINE
        if not self.takes_calls:
            return SeatState.NOT_READY
        if self.wrap_up_until > now:
            return SeatState.WRAP_UP
        if self.paused_until > now:
            return SeatState.NOT_READY
        return SeatState.READY

    @property
    def reason(self) -> str:
        """Why it is not ready; empty in every other state."""
        if self.state is not SeatState.NOT_READY:
            return ""
        return self.pause_reason if self.takes_calls else self.not_ready_reason

    def view(self) -> SeatView:
        """The seat as others see it."""
        return SeatView(self.id, self.state, self.reason, self.call_id, self.since)
