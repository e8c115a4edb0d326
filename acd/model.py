"""What the engine is told about the floor, and what it shows of it.

All values are frozen. Durations are seconds (``…_s``), instants are monotonic seconds; a larger
priority is more urgent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acd.checks import expect_number, refuse_twice
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
    DIVERTED = "diverted"
    """Sent to another number or site."""


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
    PHONE_IN_USE = "phone_in_use"
    """Another seat at the same phone rings or talks."""
    HELD_FOR_CALLER = "held_for_caller"
    """In wrap-up, kept free for a caller who was dropped from it."""
    REMOVED = "removed"


class NoticeKind(StrEnum):
    """What a supervisor is told."""

    SEAT_MISSED_CALLS = "seat_missed_calls"
    PHONE_LOST = "phone_lost"
    OFFER_EXPIRED = "offer_expired"
    QUEUE_WITHOUT_SEATS = "queue_without_seats"
    SURGE_BEGAN = "surge_began"
    SURGE_ENDED = "surge_ended"


class Strategy(StrEnum):
    """Which of the seats that may take a call is rung."""

    LONGEST_IDLE = "longest_idle"
    FEWEST_CALLS = "fewest_calls"
    """Fewest calls since `acd.events.DayBegan`."""
    ROUND_ROBIN = "round_robin"
    MOST_SKILLED = "most_skilled"
    """The highest sum of levels in the skills that the call needs."""
    RING_ALL = "ring_all"
    LAST_SEAT = "last_seat"
    """The seat that talked with this caller last; if it is not free, the longest idle."""


class AfterCall(StrEnum):
    """Work after a call, before the next one."""

    NONE = "none"
    OPTIONAL = "optional"
    """Only when the operator asked for it (`acd.events.WrapUpWanted`)."""
    TIMED = "timed"
    UNTIL_SAVED = "until_saved"
    """Until the record is saved; ``wrap_up_s`` bounds it, 0 does not."""


class OverflowWhen(StrEnum):
    """What makes a call overflow; the threshold's unit is in the name."""

    WAITED_S = "waited_s"
    QUEUE_LENGTH = "queue_length"
    """So many calls or more wait in the queue."""
    NO_SEAT = "no_seat"
    """No seat of the queue is on duty: registered and taking calls. No threshold."""
    ESTIMATED_WAIT_S = "estimated_wait_s"


class OverflowTo(StrEnum):
    """Where a call overflows to. It keeps its place in its own queue, save to a number."""

    QUEUE = "queue"
    """Seats of another queue may take it too."""
    EVERYBODY = "everybody"
    """Every seat may take it, supervisors' too."""
    NUMBER = "number"
    """Another number or site; it comes back to its place when nobody takes it there."""
    ANNOUNCEMENT = "announcement"
    """A recorded message with the choice to be called back."""


@dataclass(frozen=True, slots=True)
class RelaxStep:
    """After ``after_s`` of waiting this level is enough; 0: the skill is only preferred."""

    after_s: float
    level: int = 0


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """A skill that a call needs of its seat: a language, sign language video, a line and so on.

    Not ``required``: a seat that has it is preferred to one that has not.
    """

    skill: str
    level: int = 1
    required: bool = True
    relax: tuple[RelaxStep, ...] = ()

    def __post_init__(self) -> None:
        if not self.skill:
            raise InvalidSettings("a needed skill has no name")
        expect_number(f"skill {self.skill}", "level", self.level, at_least=1)
        level, after_s = self.level, 0.0
        for step in self.relax:
            expect_number(f"skill {self.skill}", "relax after_s", step.after_s, at_least=after_s)
            if not 0 <= step.level <= level:
                raise InvalidSettings(
                    f"skill {self.skill}: relax level is {step.level}, expected 0 to {level}"
                )
            level, after_s = step.level, step.after_s


@dataclass(frozen=True, slots=True)
class OverflowRule:
    """Done once to a call for which ``when`` reaches ``threshold``; ``target`` names where to.

    A queue's id, a number or an announcement's name; empty for everybody.
    """

    when: OverflowWhen
    to: OverflowTo
    threshold: float = 0.0
    target: str = ""

    def __post_init__(self) -> None:
        least = 1.0 if self.when is OverflowWhen.QUEUE_LENGTH else 0.0
        expect_number(f"overflow on {self.when}", "threshold", self.threshold, at_least=least)
        if not self.target and self.to is not OverflowTo.EVERYBODY:
            raise InvalidSettings(f"overflow to {self.to}: target is empty, expected where to")

    @property
    def shares_seats(self) -> bool:
        """Whether more seats may take the call then, as against sending the caller somewhere."""
        return self.to in (OverflowTo.QUEUE, OverflowTo.EVERYBODY)


@dataclass(frozen=True, slots=True)
class Surge:
    """Many calls from one place at once: ``calls`` within ``within_s``.

    Later callers from there for whom no seat is free hear the announcement first, at most
    ``announcement_s`` long, and keep their place. It is over when fewer than half as many came
    within ``within_s``.
    """

    calls: int
    within_s: float = 60.0
    announcement: str = "surge"
    announcement_s: float = 15.0

    def __post_init__(self) -> None:
        expect_number("surge", "calls", self.calls, at_least=1)
        expect_number("surge", "within_s", self.within_s, more_than=0)
        expect_number("surge", "announcement_s", self.announcement_s, more_than=0)
        if not self.announcement:
            raise InvalidSettings("surge: announcement is empty, expected the name of a recording")


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """How calls of one queue are ordered and offered."""

    id: str
    priority: int = 0
    ring_s: float = 15.0
    wrap_up_s: float = 0.0
    """0: the seat is ready again at once."""
    after_call: AfterCall = AfterCall.TIMED
    strategy: Strategy = Strategy.LONGEST_IDLE
    needs: tuple[SkillNeed, ...] = ()
    """What every call of this queue needs, besides its own needs."""
    overflow: tuple[OverflowRule, ...] = ()
    surge: Surge | None = None
    redial_s: float = 600.0
    """Who hung up while waiting and calls again within this takes the old place. 0: never."""
    called_party_hold_s: float = 0.0
    """A seat stays reserved so long for a caller who was dropped from it. 0: not."""
    misses_before_not_ready: int = 2
    """So many offers in a row, unanswered or rejected, and the seat is set not ready."""
    no_answer_pause_s: float = 0.0
    rejected_pause_s: float = 3.0
    busy_pause_s: float = 3.0
    unreachable_pause_s: float = 15.0
    """Also for a seat whose phone vanished while it talked."""

    def __post_init__(self) -> None:
        who = f"queue {self.id}"
        for name in (
            "wrap_up_s",
            "redial_s",
            "called_party_hold_s",
            "no_answer_pause_s",
            "rejected_pause_s",
        ):
            expect_number(who, name, getattr(self, name), at_least=0)
        expect_number(who, "misses_before_not_ready", self.misses_before_not_ready, at_least=1)
        # A phone refuses within milliseconds: without a pause it would be rung in a tight loop.
        for name in ("ring_s", "busy_pause_s", "unreachable_pause_s"):
            expect_number(who, name, getattr(self, name), more_than=0)

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
    """A seat and the queues that it serves; none: it takes only calls that go to everybody."""

    id: str
    queues: tuple[str, ...]
    skills: tuple[tuple[str, int], ...] = ()
    """Skill and level, 1 or more."""
    phone: str = ""
    """SIP phone that it is reached at; its own by default. A phone shared by several seats is rung
    and busy for one of them at a time."""
    calls_per_hour: int = 0
    """A seat that took so many within an hour is chosen only when no other can be. 0: no limit."""

    def __post_init__(self) -> None:
        if any(len(pair) != 2 for pair in self.skills):
            raise InvalidSettings(f"seat {self.id}: skills are pairs of a name and a level")
        refuse_twice(f"seat {self.id}: skill", (skill for skill, _ in self.skills))
        for skill, level in self.skills:
            expect_number(f"seat {self.id}: skill {skill}", "level", level, at_least=1)
        expect_number(f"seat {self.id}", "calls_per_hour", self.calls_per_hour, at_least=0)


@dataclass(frozen=True, slots=True)
class FloorSettings:
    """Every queue and every seat; raises `InvalidSettings` when they do not fit together."""

    queues: tuple[QueueSettings, ...]
    seats: tuple[SeatSettings, ...] = ()
    ageing_per_s: float = 1 / 60
    """Priority that every waiting call gains: one step a minute. 0: none. One rate for all queues,
    so that the order among waiting calls never changes by itself."""
    last_seat_s: float = 86400.0
    """How long it is remembered which seat knew a caller."""

    def __post_init__(self) -> None:
        expect_number("floor", "ageing_per_s", self.ageing_per_s, at_least=0)
        expect_number("floor", "last_seat_s", self.last_seat_s, at_least=0)
        refuse_twice("queue", (queue.id for queue in self.queues))
        refuse_twice("seat", (seat.id for seat in self.seats))
        known = {queue.id for queue in self.queues}
        if "" in known:
            raise InvalidSettings("a queue has no id")
        for queue in self.queues:
            for rule in queue.overflow:
                if rule.to is not OverflowTo.QUEUE:
                    continue
                if rule.target not in known:
                    raise InvalidSettings(
                        f"queue {queue.id}: overflow to queue {rule.target}, which is not defined"
                    )
                if rule.target == queue.id:
                    raise InvalidSettings(f"queue {queue.id}: overflow to itself")
        for seat in self.seats:
            refuse_twice(f"seat {seat.id}: queue", seat.queues)
            for queue_id in seat.queues:
                if queue_id not in known:
                    raise InvalidSettings(f"seat {seat.id}: queue {queue_id} is not defined")


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call that waits; ``position`` counts from 1 within its queue.

    ``estimated_wait_s``: how much longer it will wait, as far as that can be told.
    """

    call_id: str
    queue: str
    position: int
    waited_s: float
    priority: int = 0
    estimated_wait_s: float | None = None
    overflowed: bool = False


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat as it is now; ``reason`` is given while it is not ready, or held for a caller.

    ``until``: when its wrap-up or pause ends by itself.
    """

    id: str
    state: SeatState
    reason: str
    call_id: str | None
    since: float
    until: float | None = None


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as it is now; ``seat_ids`` while it is offered (to one or several) or talking."""

    call_id: str
    queue: str
    state: CallState
    seat_ids: tuple[str, ...]
    offer_id: str | None
    since: float

    @property
    def seat_id(self) -> str | None:
        """The seat, or the first of several that ring."""
        return self.seat_ids[0] if self.seat_ids else None
