"""Distribution on real phones: the engine's commands become actions, phones' states its events."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, assert_never

import structlog

from acd import commands, events
from acd.engine import Engine
from acd.model import FloorSettings, OfferCause, SeatSettings, SeatState
from callcenter.asterisk.connection import AmiLink
from callcenter.calls import floor_view
from callcenter.calls.call import Call
from callcenter.calls.detours import Detours
from callcenter.calls.errands import Errand, Errands
from callcenter.calls.fallback import FallbackQueue
from callcenter.calls.notices import Notices
from callcenter.calls.offers import Offers
from callcenter.calls.phones import SeatPhones
from callcenter.calls.register import CallRegister, Note, Publisher
from callcenter.settings import Settings
from callcenter.tasks.numbers import called_back_as

log = structlog.get_logger(__name__)


class Distribution:
    """The floor's engine, with hands."""

    def __init__(
        self,
        *,
        engine: Engine,
        floor: FloorSettings,
        settings: Settings,
        link: AmiLink,
        register: CallRegister,
        errands: Errands,
        bus: Publisher,
        notices: Notices,
        note: Note,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``floor`` is what the engine was made with."""
        self.engine = engine
        self.floor = floor
        """Queues and seats as they are in force."""
        self.seat_names = {seat.id: seat.name for seat in settings.seats}
        self.queue_names = {queue.id: queue.name for queue in settings.queues}
        self._link = link
        self._register = register
        self._errands = errands
        self._bus = bus
        self._notices = notices
        self._note = note
        self._clock = clock
        self._to_do: deque[commands.Command] = deque()
        self._doing = False
        self.in_doubt = False
        """Whether an action's outcome is unknown, so that Asterisk should be looked at."""
        self.phones = SeatPhones(floor, engine.seat, self.feed)
        self.fallback = FallbackQueue(
            link=link,
            errands=errands,
            notices=notices,
            seat=engine.seat,
            floor=floor,
            line_queues={line.queue for line in settings.lines},
        )
        self._offers = Offers(
            engine=engine,
            link=link,
            register=register,
            errands=errands,
            note=note,
            phone_of=self.phones.phone_of,
            not_offered=self._not_offered,
            in_doubt=self._doubt,
            clock=clock,
        )
        self.lines = frozenset(line.number for line in settings.lines)
        """Numbers of our own, which nobody is called back at; may be replaced."""
        self._detours = Detours(
            engine=engine,
            link=link,
            register=register,
            errands=errands,
            note=note,
            tell=lambda event: self.feed(event, self._clock()),
            in_doubt=self._doubt,
            can_call_back=lambda number: (
                called_back_as(number, settings.sip.outbound, self.lines) is not None
            ),
        )

    def open_floor(self, resting: Mapping[str, str]) -> None:
        """Every seat takes calls as soon as its phone is registered, but those who rest.

        ``resting``: why, by seat; empty where that is not known.
        """
        for seat in self.floor.seats:
            event: events.Event = events.SeatReady(seat.id)
            if seat.id in resting:
                event = events.SeatNotReady(seat.id, resting[seat.id] or "break")
            self.feed(event, self._clock())

    def feed(self, event: events.Event, now: float) -> list[commands.Command]:
        """Tell the engine, and carry out what it decides; what it decided about this event."""
        if isinstance(event, events.SettingsChanged):
            self.floor = event.settings
        decided = self.engine.handle(event, now)
        if isinstance(event, events.SettingsChanged):
            self.fallback.apply(event.settings)
        self.fallback.follow(event)
        self._to_do.extend(decided)
        self._carry_out()
        if isinstance(event, events.SeatLeft):
            self.phones.look_again(event.seat_id, now)
        elif isinstance(event, events.SettingsChanged):
            self.phones.apply(event.settings, now)
        return decided

    def tick(self, now: float) -> None:
        """Let time pass: what the engine, the phones and the offers on their way wait for."""
        self.feed(events.Tick(), now)
        self.phones.tick(now)
        self._offers.tick(now)

    def device(self, phone: str, state: str, now: float) -> None:
        """Follow the state of a seat's phone."""
        self.phones.device(phone, state, now)

    def run(self, call_id: str, name: str, errand: Errand) -> None:
        """Do something in Asterisk for a call, after what it already has waiting."""
        self._errands.run(call_id, name, errand)

    def seat_of(self, call_id: str) -> str | None:
        """The seat that talks with this call."""
        known = self.engine.call(call_id)
        if known is None or known.seat_id is None:
            return None
        seat = self.engine.seat(known.seat_id)
        return seat.id if seat and seat.state is SeatState.TALKING else None

    def offer_failed(self, call_id: str, cause: OfferCause, now: float) -> None:
        """Note that the offer of this call, if one stands, rings no phone."""
        known = self.engine.call(call_id)
        if known and known.seat_id and known.offer_id:
            self.feed(events.OfferFailed(call_id, known.seat_id, known.offer_id, cause), now)

    def send_back(self, call: Call) -> None:
        """Send a caller whom nobody talks with back to the queue, with a word of comfort."""
        self._detours.send_back(call)

    def _carry_out(self) -> None:
        # What is done about one command may make the engine decide more: that comes after it.
        if self._doing:
            return
        self._doing = True
        try:
            while self._to_do:
                self._do(self._to_do.popleft())
        finally:
            self._doing = False

    def _do(self, command: commands.Command) -> None:
        match command:
            case commands.Offer():
                self._offers.make(command)
            case commands.CancelOffer():
                self._offers.cancel(command)
            case commands.Announce():
                self._detours.announce(command)
            case commands.Divert():
                self._detours.divert(command)
            case commands.Overflowed(call_id, queue, rule):
                self._note(
                    call_id,
                    "call.overflowed",
                    {
                        "queue": queue,
                        "when": rule.when.value,
                        "threshold": rule.threshold,
                        "to": rule.to.value,
                        "target": rule.target,
                    },
                )
            case commands.SeatChanged():
                self._seat_changed(command)
            case commands.Notice():
                self._notices.tell(command.kind, command.subject, command.text)
            case commands.Refused():
                pass  # said to whoever asked
            case _:
                assert_never(command)

    def _not_offered(self, offer: commands.Offer, cause: OfferCause) -> None:
        self.feed(
            events.OfferFailed(offer.call_id, offer.seat_ids[0], offer.offer_id, cause),
            self._clock(),
        )

    def _doubt(self) -> None:
        self.in_doubt = True

    def _seat_changed(self, change: commands.SeatChanged) -> None:
        self._note(
            change.call_id,
            "seat.changed",
            {"seat": change.seat_id, "state": change.state.value, "reason": change.reason},
        )
        self.fallback.seat_changed(change.seat_id)
        if self._settings_of(change.seat_id) is not None:
            self._bus.publish("seats", {"type": "seat", "seat": self.seat(change.seat_id)})

    def seat(self, seat_id: str) -> dict[str, Any]:
        """One seat as the API shows it; raises KeyError when there is none of that id."""
        settings, known = self._settings_of(seat_id), self.engine.seat(seat_id)
        if settings is None or known is None:
            raise KeyError(seat_id)
        return floor_view.seat(settings, known, self.seat_names, self._clock(), datetime.now(UTC))

    def _settings_of(self, seat_id: str) -> SeatSettings | None:
        return next((seat for seat in self.floor.seats if seat.id == seat_id), None)

    def seats(self) -> list[dict[str, Any]]:
        """All seats as the API shows them."""
        return floor_view.seats(
            self.floor, self.engine.seats(), self.seat_names, self._clock(), datetime.now(UTC)
        )

    def queues(self) -> list[dict[str, Any]]:
        """All queues as the API shows them."""
        now = self._clock()
        return floor_view.queues(self.floor, self.engine.waiting(now), self.queue_names)
