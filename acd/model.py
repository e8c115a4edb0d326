"""What the engine is told about the floor, and what it shows of it.

All values are frozen. Durations are seconds (``…_s``), instants are monotonic seconds; a larger
priority is more urgent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acd.errors import InvalidSettings

EVENT_GRACE_S: Final = 5.0
"""How long an event that must come may be overdue before the engine goes on without it."""


class SeatState(StrEnum):
    """What a seat is doing. The arrows between states are in `acd.seats`."""

    OFFLINE = "offline"
    NOT_READY = "not_ready"
    READY = "ready"
    OFFERED = "offered"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


class CallState(StrEnum):
    """Where a call stands. The arrows between states are in `acd.calls`."""

    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    HANDED_OVER = "handed_over"
    """On a bridge, with somebody who is no seat (an officer), or with a seat unknown to us."""


class OfferCause(StrEnum):
    """Why an offer ended without an answer."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CALLER_LEFT = "caller_left"
    """The caller is gone: the call is over, as with `acd.events.CallLeft`."""


class Reason(StrEnum):
    """Reasons that the engine itself gives; people's own reasons are any other text."""

    NOT_SIGNED_IN = "not_signed_in"
    MISSED_CALLS = "missed_calls"
    PHONE_LOST = "phone_lost"
    REMOVED = "removed"


class NoticeKind(StrEnum):
    """What a supervisor is told."""

    SEAT_MISSED_CALLS = "seat_missed_calls"
    PHONE_LOST = "phone_lost"
    OFFER_EXPIRED = "offer_expired"
    QUEUE_WITHOUT_SEATS = "queue_without_seats"


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """How calls of one queue are ordered and offered."""

    id: str
    priority: int = 0
    ring_s: float = 15.0
    wrap_up_s: float = 0.0
    """0: the seat is ready again at once."""
    ageing_per_s: float = 1 / 60
    """Priority that a waiting call gains: one step a minute. 0: none."""
    misses_before_not_ready: int = 2
    """So many offers in a row, unanswered or rejected, and the seat is set not ready."""
    no_answer_pause_s: float = 0.0
    rejected_pause_s: float = 3.0
    busy_pause_s: float = 3.0
    unreachable_pause_s: float = 15.0
    """Also for a seat whose phone vanished while it talked."""

    def __post_init__(self) -> None:
        for name, least, inclusive in (
            ("ring_s", 0.0, False),
            ("wrap_up_s", 0.0, True),
            ("ageing_per_s", 0.0, True),
            ("misses_before_not_ready", 1, True),
            ("no_answer_pause_s", 0.0, True),
            ("rejected_pause_s", 0.0, True),
            # A phone refuses within milliseconds: without a pause it would be rung in a tight loop.
            ("busy_pause_s", 0.0, False),
            ("unreachable_pause_s", 0.0, False),
        ):
            value = getattr(self, name)
            if not (math.isfinite(value) and (value > least or (inclusive and value == least))):
                bound = f"{'at least' if inclusive else 'more than'} {least:g}"
                raise InvalidSettings(f"queue {self.id}: {name} is {value}, expected {bound}")

    def pause_s(self, cause: OfferCause) -> float:
        """How long a seat gets no call after an offer that ended so."""
        return {
            OfferCause.NO_ANSWER: self.no_answer_pause_s,
            OfferCause.REJECTED: self.rejected_pause_s,
            OfferCause.BUSY: self.busy_pause_s,
            OfferCause.UNREACHABLE: self.unreachable_pause_s,
            OfferCause.CALLER_LEFT: 0.0,
        }[cause]


@dataclass(frozen=True, slots=True)
class SeatSettings:
    """A seat and the queues that it serves."""

    id: str
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FloorSettings:
    """Every queue and every seat; raises `InvalidSettings` when they do not fit together."""

    queues: tuple[QueueSettings, ...]
    seats: tuple[SeatSettings, ...] = ()

    def __post_init__(self) -> None:
        _refuse_twice("queue", (queue.id for queue in self.queues))
        _refuse_twice("seat", (seat.id for seat in self.seats))
        known = {queue.id for queue in self.queues}
        if "" in known:
            raise InvalidSettings("a queue has no id")
        for seat in self.seats:
            _refuse_twice(f"seat {seat.id}: queue", seat.queues)
            for queue_id in seat.queues:
                if queue_id not in known:
                    raise InvalidSettings(f"seat {seat.id}: queue {queue_id} is not defined")


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call that waits; ``position`` counts from 1 within its queue."""

    call_id: str
    queue: str
    position: int
    waited_s: float


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat as it is now; ``reason`` is given while it is not ready."""

    id: str
    state: SeatState
    reason: str
    call_id: str | None
    since: float


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as it is now; ``seat_id`` while it is offered or talking."""

    call_id: str
    queue: str
    state: CallState
    seat_id: str | None
    offer_id: str | None
    since: float


def _refuse_twice(kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise InvalidSettings(f"{kind} {name} is named twice")
        seen.add(name)
