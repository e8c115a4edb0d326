"""One call from its first INVITE to its end: the state table and what is known of it.

The states follow where Asterisk has the caller, which is the truth:

- ``ARRIVED``: in ``[line-in]``: being recorded, hearing the greeting, perhaps choosing a language.
- ``WAITING``: in ``[hold]``, distribution looks for a seat.
- ``OFFERED``: in ``[offer]``, a seat's phone rings.
- ``DIVERTED``: in ``[divert]``: being put through to another number or site, or talking there.
- ``FALLBACK``: Asterisk distributes by itself, since the service was not there in time.
- ``TALKING``: on the bridge with an operator, or adopted there.
- ``WITH_OFFICER``: on the bridge with an officer; the operator may have left.
- ``CLOSED``: the caller's channel is gone. Nothing leads out of here.

Every change goes through `TRANSITIONS`. A step that the table does not have raises
`IllegalTransition` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from callcenter.calls.errors import IllegalTransition
from callcenter.calls.ladder import Ladder
from callcenter.calls.legs import Leg, Role

if TYPE_CHECKING:
    from callcenter.calls.parties import Coming
    from callcenter.calls.positions import Position
    from callcenter.precincts.known_positions import KnownPosition


class CallState(StrEnum):
    """Where the caller is."""

    ARRIVED = "arrived"
    WAITING = "waiting"
    OFFERED = "offered"
    DIVERTED = "diverted"
    FALLBACK = "fallback"
    TALKING = "talking"
    WITH_OFFICER = "with_officer"
    CLOSED = "closed"


class Step(StrEnum):
    """What happened to the caller."""

    QUEUED = "queued"
    OFFER_STARTED = "offer_started"
    OFFER_ENDED = "offer_ended"
    DIVERT_STARTED = "divert_started"
    FELL_BACK = "fell_back"
    OPERATOR_JOINED = "operator_joined"
    OFFICER_JOINED = "officer_joined"
    OFFICERS_GONE = "officers_gone"
    RETURNED = "returned"
    ENDED = "ended"


_S: Final = CallState
TRANSITIONS: Final[Mapping[CallState, Mapping[Step, CallState]]] = {
    _S.ARRIVED: {
        Step.QUEUED: _S.WAITING,
        Step.OFFER_STARTED: _S.OFFERED,
        Step.DIVERT_STARTED: _S.DIVERTED,
        Step.FELL_BACK: _S.FALLBACK,
        Step.OPERATOR_JOINED: _S.TALKING,
        Step.OFFICER_JOINED: _S.WITH_OFFICER,
        Step.RETURNED: _S.WAITING,
        Step.ENDED: _S.CLOSED,
    },
    _S.WAITING: {
        Step.QUEUED: _S.WAITING,
        Step.OFFER_STARTED: _S.OFFERED,
        Step.DIVERT_STARTED: _S.DIVERTED,
        Step.FELL_BACK: _S.FALLBACK,
        Step.OPERATOR_JOINED: _S.TALKING,
        Step.OFFICER_JOINED: _S.WITH_OFFICER,
        Step.RETURNED: _S.WAITING,
        Step.ENDED: _S.CLOSED,
    },
    _S.OFFERED: {
        Step.OFFER_STARTED: _S.OFFERED,
        Step.OFFER_ENDED: _S.WAITING,
        Step.QUEUED: _S.WAITING,
        Step.DIVERT_STARTED: _S.DIVERTED,
        Step.FELL_BACK: _S.FALLBACK,
        Step.OPERATOR_JOINED: _S.TALKING,
        Step.OFFICER_JOINED: _S.WITH_OFFICER,
        Step.RETURNED: _S.WAITING,
        Step.ENDED: _S.CLOSED,
    },
    _S.DIVERTED: {
        Step.QUEUED: _S.WAITING,
        Step.OFFER_STARTED: _S.OFFERED,
        Step.DIVERT_STARTED: _S.DIVERTED,
        Step.FELL_BACK: _S.FALLBACK,
        Step.OPERATOR_JOINED: _S.TALKING,
        Step.OFFICER_JOINED: _S.WITH_OFFICER,
        Step.RETURNED: _S.WAITING,
        Step.ENDED: _S.CLOSED,
    },
    _S.FALLBACK: {
        Step.QUEUED: _S.WAITING,
        Step.OFFER_STARTED: _S.OFFERED,
        Step.OPERATOR_JOINED: _S.TALKING,
        Step.OFFICER_JOINED: _S.WITH_OFFICER,
        Step.ENDED: _S.CLOSED,
    },
    _S.TALKING: {
        Step.OPERATOR_JOINED: _S.TALKING,
        Step.OFFICER_JOINED: _S.WITH_OFFICER,
        Step.RETURNED: _S.WAITING,
        Step.FELL_BACK: _S.FALLBACK,
        Step.ENDED: _S.CLOSED,
    },
    _S.WITH_OFFICER: {
        Step.OPERATOR_JOINED: _S.WITH_OFFICER,
        Step.OFFICER_JOINED: _S.WITH_OFFICER,
        Step.OFFICERS_GONE: _S.TALKING,
        Step.RETURNED: _S.WAITING,
        Step.FELL_BACK: _S.FALLBACK,
        Step.ENDED: _S.CLOSED,
    },
    _S.CLOSED: {},
}


@dataclass(slots=True)
class Call:
    """What is known of one call now.

    ``started_at`` is monotonic seconds; it and ``arrived_at`` stand for the first INVITE, so
    every time in ms of this call counts from them.
    """

    id: str
    line: str
    queue: str
    channel: str
    caller_number: str
    arrived_at: datetime
    started_at: float
    ladder: Ladder
    language: str = "en"
    state: CallState = CallState.ARRIVED
    seat: str | None = None
    offered_to: tuple[str, ...] = ()
    """The seats whose phones ring, while the call is offered."""
    origin: str = ""
    """The place that the network says it comes from; empty: unknown."""
    position: Position | None = None
    """Where the caller's phone was, as it or the network said last."""
    line_position: KnownPosition | None = None
    """Where the caller's line is registered."""
    priority_by_hand: int | None = None
    """What a person gave this very call."""
    officer: str | None = None
    officer_state: str | None = None
    officer_precinct: str | None = None
    """The area that was responsible as the officer on the line came; None: not known then."""
    responsible: dict[str, Any] | None = None
    """Who is responsible and why, as it is shown (`callcenter.precincts.responsibility`)."""
    officers_rung: tuple[str, ...] = ()
    """Whose phones ring now, or who hears the brief."""
    in_distribution: bool = False
    """Whether the engine has been told of this call and not yet of its end."""
    call_back_wanted: bool = False
    """Whether the caller was promised to be called back, and that is in the journal."""
    legs: dict[str, Leg] = field(default_factory=dict)
    leaving: dict[str, float] = field(default_factory=dict)
    """Seats that left with the caller and are not free before it is known how the caller went; and
    since when (monotonic seconds)."""
    segments: dict[str, dict[str, Any]] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    adopted: bool = False
    conversed: bool = False
    """Whether a seat and the caller were both heard while they were together."""
    coming: tuple[Coming, ...] = ()
    """Partners and seats whose phones ring because an operator brings them."""
    held_since: float | None = None
    """Since when the caller has been on hold (monotonic seconds)."""
    held_reminded: float | None = None
    """When somebody was last reminded of that."""
    alone_since: float | None = None
    """Since when the caller has been on the bridge with nobody (monotonic seconds)."""

    @property
    def precinct(self) -> str | None:
        """The precinct of the place in the record; None while it is not known."""
        place = self.record.get("fields", {}).get("place") or {}
        precinct: str | None = place.get("precinct")
        return precinct

    @property
    def closed(self) -> bool:
        """Whether the caller has gone."""
        return self.state is CallState.CLOSED

    def may(self, step: Step) -> bool:
        """Whether the table has this step from where the call is."""
        return step in TRANSITIONS[self.state]

    def take(self, step: Step) -> CallState:
        """Go one step; the state that follows.

        Raises:
            IllegalTransition: the table does not have it; nothing was changed.
        """
        following = TRANSITIONS[self.state].get(step)
        if following is None:
            raise IllegalTransition(f"call {self.id}: {step} while {self.state}")
        self.state = following
        return following

    def ms(self, now: float) -> int:
        """Milliseconds from the first INVITE to ``now`` (monotonic seconds)."""
        return max(0, round((now - self.started_at) * 1000))

    def on_bridge(self, role: Role) -> list[Leg]:
        """Legs of that role that are on the bridge now."""
        return [leg for leg in self.legs.values() if leg.role is role and leg.on_bridge]

    @property
    def alone(self) -> bool:
        """Whether the caller is on the bridge and nobody else is."""
        on_bridge = [leg for leg in self.legs.values() if leg.on_bridge]
        return len(on_bridge) == 1 and on_bridge[0].role is Role.CALLER

    @property
    def aside(self) -> list[Leg]:
        """Legs of those who have stepped aside, or were asked first."""
        return [leg for leg in self.legs.values() if leg.aside and not leg.on_bridge]

    @property
    def held(self) -> bool:
        """Whether the caller waits on the bridge, with music, for somebody who stepped aside."""
        return self.alone and bool(self.aside)

    @property
    def caller_leg(self) -> Leg | None:
        """The caller's own leg, once seen."""
        return next((leg for leg in self.legs.values() if leg.role is Role.CALLER), None)
