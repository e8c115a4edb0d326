"""A seat: an operator's place at a phone.

::

    offline → not_ready → ready → offered → talking → wrap_up → ready

is the plain way through the table below. A seat that has neither a call nor an offer *rests*, and
where it rests follows from facts that each event changes one of: is its phone registered, does the
operator take calls, is wrap-up running, is it held for a caller, is its phone in use by another
seat, is it paused. So an operator who says "not ready" while talking, or whose phone drops its
registration, is where they belong when the call ends.

Every state leads to ``talking``: an answer can cross a cancellation on the wire, and a seat that
is in conversation is talking whatever was decided meanwhile.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acd.errors import IllegalTransition
from acd.model import Reason, SeatState, SeatView
from acd.skills import Skills

NEVER: Final = float("-inf")
HOUR_S: Final = 3600.0
BUSY: Final = frozenset({SeatState.OFFERED, SeatState.TALKING})
"""States in which a seat has its phone to itself."""

_TALLY: Final = 1000
"""Calls of the last hour that are remembered at most."""

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
        SeatState.READY: "the operator takes calls, a pause is over, or the phone is free again",
        SeatState.WRAP_UP: "the operator takes calls, and is held for a caller",
        SeatState.OFFERED: "a person picked a waiting call for it",
        SeatState.TALKING: _CONNECTED,
    },
    SeatState.READY: {
        SeatState.OFFLINE: "phone unregistered",
        SeatState.NOT_READY: "the operator takes no calls, a pause began, or the phone is in use",
        SeatState.WRAP_UP: "the operator asked for work after the call that has just ended",
        SeatState.OFFERED: "chosen for a call",
        SeatState.TALKING: _CONNECTED,
    },
    SeatState.OFFERED: {
        SeatState.TALKING: "answered",
        SeatState.READY: "offer over; the next call may come",
        SeatState.NOT_READY: "offer over; missed too many, paused, or the operator takes no calls",
        SeatState.WRAP_UP: "offer over; wrap-up goes on",
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
        SeatState.OFFERED: "a person picked a call for it, or the caller it is held for is back",
        SeatState.TALKING: _CONNECTED,
    },
}


@dataclass(slots=True)
class Seat:
    """One seat: its state and the facts that its resting state follows from."""

    id: str
    since: float
    pools: tuple[str, ...]
    """Queues that it serves, and at last `acd.strategy.EVERYBODY`."""
    skills: Skills
    phone: str
    wanted_phone: str
    """Its phone as settings have it: in force when the seat is free."""
    calls_per_hour: int = 0
    index: int = 0
    """Its place in the settings."""
    state: SeatState = SeatState.OFFLINE
    call_id: str | None = None
    offer_id: str | None = None
    lingers_for: str = ""
    """Offer that it went away from, and that stands: its phone may ring on until that ends."""
    talk_queue: str = ""
    """Queue of the call that it talks with or talked with last: whose wrap-up it is."""
    leaving_call_id: str | None = None
    """The caller is gone and the seat's own leg is about to be."""
    registered: bool = False
    takes_calls: bool = False
    not_ready_reason: str = Reason.NOT_SIGNED_IN
    wrap_up_until: float = NEVER
    wrap_up_wanted: bool = False
    talked_until: float = NEVER
    held_for: str = ""
    """Caller who was dropped from it and may call again."""
    held_until: float = NEVER
    paused_until: float = NEVER
    pause_reason: str = ""
    phone_in_use: bool = False
    misses: int = 0
    busy_since: float | None = None
    """Since when it handles the call of ``talk_queue``."""
    calls_today: int = 0
    taken: deque[float] = field(default_factory=lambda: deque(maxlen=_TALLY))
    """When it took its latest calls."""
    turns: dict[str, int] = field(default_factory=dict)
    """The latest of all offers that it was chosen for, by queue."""
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
        self.lingers_for = ""
        self.leaving_call_id = None
        self.misses = 0
        self.wrap_up_until = NEVER
        self.wrap_up_wanted = False
        self.paused_until = NEVER
        self.busy_since = now
        self.calls_today += 1
        self.taken.append(now)

    def resting_state(self, now: float) -> SeatState:
        """Where the seat belongs when it has neither a call nor an offer."""
        if not self.registered:
            return SeatState.OFFLINE
        if not self.takes_calls:
            return SeatState.NOT_READY
        if self.wrap_up_until > now or self.held_until > now:
            return SeatState.WRAP_UP
        if self.phone_in_use or self.paused_until > now:
            return SeatState.NOT_READY
        return SeatState.READY

    def limited_until(self, now: float) -> float:
        """Until when it is over its limit of calls an hour; `NEVER` when it is not."""
        while self.taken and self.taken[0] + HOUR_S <= now:
            self.taken.popleft()
        if not 0 < self.calls_per_hour <= len(self.taken):
            return NEVER
        return self.taken[-self.calls_per_hour] + HOUR_S

    @property
    def on_duty(self) -> bool:
        """Whether the seat can be reached and its operator takes calls, sooner or later."""
        return self.registered and self.takes_calls and not self.retired

    @property
    def reason(self) -> str:
        """Why it is not ready, or held; empty in every other state."""
        if self.state is SeatState.WRAP_UP and self.held_for:
            return Reason.HELD_FOR_CALLER
        if self.state is not SeatState.NOT_READY:
            return ""
        if not self.takes_calls:
            return self.not_ready_reason
        return Reason.PHONE_IN_USE if self.phone_in_use else self.pause_reason

    def view(self) -> SeatView:
        """The seat as others see it."""
        until = NEVER
        if self.state is SeatState.WRAP_UP:
            until = max(self.wrap_up_until, self.held_until)
        elif self.state is SeatState.NOT_READY and self.takes_calls and not self.phone_in_use:
            until = self.paused_until
        return SeatView(
            self.id,
            self.state,
            self.reason,
            self.call_id,
            self.since,
            until if math.isfinite(until) else None,
        )
