"""A floor that tests drive in the words of the domain; time moves only when they say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from acd.commands import (
    Announce,
    CancelOffer,
    Command,
    Divert,
    Notice,
    Offer,
    Overflowed,
    Refused,
    SeatChanged,
)
from acd.engine import Engine
from acd.events import (
    CallAdopted,
    CallArrived,
    CallLeft,
    CallPicked,
    CallReturned,
    Event,
    OfferAnswered,
    OfferFailed,
    SeatLeft,
    SeatNotReady,
    SeatReady,
    SeatRegistered,
    SeatUnregistered,
    SettingsChanged,
    Tick,
)
from acd.model import (
    CallState,
    FloorSettings,
    NoticeKind,
    OfferCause,
    QueueSettings,
    SeatSettings,
    SeatState,
    SkillNeed,
)


class FloorInTest:
    """An engine, a clock, and the commands that the last event led to."""

    def __init__(self, settings: FloorSettings) -> None:
        self.engine = Engine(settings)
        self.now = 1000.0
        self.commands: list[Command] = []

    def tell(self, event: Event) -> list[Command]:
        self.commands = self.engine.handle(event, self.now)
        return self.commands

    # What people and phones do

    def seats_ready(self, *seat_ids: str) -> None:
        for seat_id in seat_ids:
            self.tell(SeatRegistered(seat_id))
            self.tell(SeatReady(seat_id))
            self.now += 0.001

    def seat_not_ready(self, seat_id: str, reason: str = "lunch") -> None:
        self.tell(SeatNotReady(seat_id, reason))

    def phone_gone(self, seat_id: str) -> None:
        self.tell(SeatUnregistered(seat_id))

    def phone_back(self, seat_id: str) -> None:
        self.tell(SeatRegistered(seat_id))

    def arrives(
        self,
        *call_ids: str,
        queue: str = "q",
        priority: int = 0,
        caller: str = "",
        origin: str = "",
        needs: tuple[SkillNeed, ...] = (),
    ) -> None:
        for call_id in call_ids:
            self.tell(
                CallArrived(call_id, queue, priority, caller=caller, origin=origin, needs=needs)
            )
            self.now += 0.001

    def leaves(self, call_id: str, *, dropped: bool = False, redial: bool = True) -> None:
        self.tell(CallLeft(call_id, dropped, redial))

    def takes(self, seat_id: str, call_id: str, talk_s: float = 0.0) -> None:
        """The seat answers the call that it rings for, talks, and both hang up."""
        assert self.call_of(seat_id) == call_id
        self.answers(seat_id)
        self.passes(talk_s)
        self.seat_leaves(seat_id, call_id)
        self.leaves(call_id)

    def picks(self, call_id: str, seat_id: str) -> None:
        self.tell(CallPicked(call_id, seat_id))

    def answers(self, seat_id: str) -> None:
        offer = self.offer_to(seat_id)
        assert offer is not None, f"{seat_id} does not ring"
        self.answers_offer(offer)

    def rings_at(self, call_id: str) -> list[str]:
        """The seats that ring for the call."""
        view = self.engine.call(call_id)
        return list(view.seat_ids) if view and view.state is CallState.OFFERED else []

    def answers_offer(self, offer: Offer) -> None:
        self.tell(OfferAnswered(offer.call_id, offer.seat_ids[0], offer.offer_id))

    def fails(self, seat_id: str, cause: OfferCause = OfferCause.NO_ANSWER) -> None:
        offer = self.offer_to(seat_id)
        assert offer is not None, f"{seat_id} does not ring"
        self.tell(OfferFailed(offer.call_id, seat_id, offer.offer_id, cause))

    def seat_leaves(self, seat_id: str, call_id: str) -> None:
        self.tell(SeatLeft(seat_id, call_id))

    def returns(self, call_id: str, lost_seat: str | None = None) -> None:
        self.tell(CallReturned(call_id, lost_seat))

    def found(self, call_id: str, seat_id: str | None, queue: str = "q") -> None:
        self.tell(CallAdopted(call_id, queue, seat_id))

    def settings(self, settings: FloorSettings) -> None:
        self.tell(SettingsChanged(settings))

    def passes(self, seconds: float) -> list[Command]:
        """Let time pass, with a tick whenever the engine wants one."""
        until = self.now + seconds
        heard: list[Command] = []
        while (due := self.engine.next_wakeup()) is not None and due <= until:
            self.now = max(self.now, due)
            heard += self.tell(Tick())
        self.now = until
        self.commands = heard
        return heard

    # What can be seen

    def seat(self, seat_id: str) -> SeatState:
        return self._view(seat_id).state

    def reason(self, seat_id: str) -> str:
        return self._view(seat_id).reason

    def call_of(self, seat_id: str) -> str | None:
        return self._view(seat_id).call_id

    def has_seat(self, seat_id: str) -> bool:
        return any(view.id == seat_id for view in self.engine.seats())

    def call(self, call_id: str) -> CallState | None:
        view = self.engine.call(call_id)
        return view.state if view else None

    def seat_of(self, call_id: str) -> str | None:
        view = self.engine.call(call_id)
        return view.seat_id if view else None

    def offer_to(self, seat_id: str) -> Offer | None:
        """The offer that the seat rings for."""
        for view in self.engine.calls():
            if view.state is CallState.OFFERED and seat_id in view.seat_ids:
                return Offer(view.offer_id or "", view.call_id, (seat_id,), 0.0)
        return None

    @property
    def waiting(self) -> list[str]:
        return [call.call_id for call in self.engine.waiting(self.now)]

    @property
    def offered(self) -> list[tuple[str, str]]:
        """(call, seat) of each offer that the last event led to."""
        return [(c.call_id, "+".join(c.seat_ids)) for c in self.commands if isinstance(c, Offer)]

    @property
    def cancelled(self) -> list[tuple[str, str]]:
        return [
            (c.call_id, "+".join(c.seat_ids)) for c in self.commands if isinstance(c, CancelOffer)
        ]

    @property
    def refused(self) -> list[str]:
        return [c.why for c in self.commands if isinstance(c, Refused)]

    @property
    def announced(self) -> list[Announce]:
        return [c for c in self.commands if isinstance(c, Announce)]

    @property
    def diverted(self) -> list[tuple[str, str]]:
        return [(c.call_id, c.number) for c in self.commands if isinstance(c, Divert)]

    @property
    def overflowed(self) -> list[str]:
        return [c.call_id for c in self.commands if isinstance(c, Overflowed)]

    @property
    def seat_changes(self) -> list[tuple[str, SeatState]]:
        return [(c.seat_id, c.state) for c in self.commands if isinstance(c, SeatChanged)]

    @property
    def notices(self) -> list[tuple[NoticeKind, str]]:
        return [(c.kind, c.subject) for c in self.commands if isinstance(c, Notice)]

    def _view(self, seat_id: str):
        return next(view for view in self.engine.seats() if view.id == seat_id)


@pytest.fixture
def make_floor() -> Callable[..., FloorInTest]:
    """A floor of queues and seats; without more said, seats serve every queue."""

    def make(
        *queues: QueueSettings,
        seats: dict[str, tuple[str, ...]] | Sequence[SeatSettings] | None = None,
        ageing_per_s: float = 1 / 60,
        last_seat_s: float = 86400.0,
    ) -> FloorInTest:
        queues = queues or (QueueSettings("q"),)
        every = tuple(queue.id for queue in queues)
        seats = {"a": every, "b": every} if seats is None else seats
        if isinstance(seats, dict):
            seats = [SeatSettings(seat, qs) for seat, qs in seats.items()]
        return FloorInTest(
            FloorSettings(queues, tuple(seats), ageing_per_s=ageing_per_s, last_seat_s=last_seat_s)
        )

    return make


@pytest.fixture
def floor(make_floor: Callable[..., FloorInTest]) -> FloorInTest:
    """One queue ``q`` without wrap-up; seats ``a`` and ``b``, both offline."""
    return make_floor()
