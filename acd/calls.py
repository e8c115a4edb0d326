"""A call as distribution sees it: a caller's place, and where the caller is.

The table holds every arrow there is. A call that is over is forgotten, from any state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acd.errors import IllegalTransition
from acd.model import CallState, CallView, OverflowRule, SkillNeed

ARROWS: Final[Mapping[CallState, Mapping[CallState, str]]] = {
    CallState.WAITING: {
        CallState.OFFERED: "a seat was chosen, or a person picked the call",
        CallState.TALKING: "a seat answered after its offer had ended, or was found with it",
        CallState.HANDED_OVER: "found on a bridge with nobody of ours",
        CallState.DIVERTED: "overflowed to another number or site",
    },
    CallState.OFFERED: {
        CallState.WAITING: "not answered, cancelled, or expired: back to its place",
        CallState.TALKING: "answered",
        CallState.HANDED_OVER: "found on a bridge with nobody of ours",
    },
    CallState.TALKING: {
        CallState.HANDED_OVER: "the seat left and the call goes on",
        CallState.WAITING: "the seat's phone vanished: back to the head",
    },
    CallState.HANDED_OVER: {
        CallState.TALKING: "found with a seat",
        CallState.WAITING: "left alone by a phone that vanished: back to the head",
    },
    CallState.DIVERTED: {
        CallState.WAITING: "nobody took it there: back to its place",
        CallState.TALKING: "a seat answered after its offer had ended, or was found with it",
        CallState.HANDED_OVER: "found on a bridge with nobody of ours",
    },
}


@dataclass(slots=True)
class Call:
    """One call; ``number`` counts arrivals and settles what nothing else does."""

    id: str
    queue: str
    priority: int
    waiting_since: float
    number: int
    state: CallState
    since: float
    caller: str = ""
    needs: tuple[SkillNeed, ...] = ()
    in_old_place: bool = False
    """Was given the place of an earlier call with the same number."""
    returned: bool = False
    """Was cut off from a conversation: whenever it waits from now on, it is first in its queue."""
    seat_ids: tuple[str, ...] = ()
    """Seats that ring for it, or the one that talks with it."""
    offer_id: str | None = None
    rung: tuple[str, ...] = ()
    """All seats of the offer that stands, also those that have gone away meanwhile."""
    old_seat: str = ""
    """Seat whose phone vanished from it: preferred, as soon as it is back."""
    hears_first: bool = False
    """Hears an announcement before anybody is rung for it."""
    overflowed: tuple[OverflowRule, ...] = ()
    """Rules of its queue that were applied; each is, once."""
    overflow_pools: tuple[str, ...] = ()
    """Queues whose seats may take it too; `acd.strategy.EVERYBODY` for all seats."""

    def move(self, to: CallState, now: float) -> None:
        """Follow an arrow of the table; raises `IllegalTransition` and changes nothing."""
        if to not in ARROWS[self.state]:
            raise IllegalTransition(f"call {self.id}: no arrow from {self.state} to {to}")
        self.state = to
        self.since = now

    def view(self) -> CallView:
        """The call as others see it."""
        return CallView(self.id, self.queue, self.state, self.seat_ids, self.offer_id, self.since)
