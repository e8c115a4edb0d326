"""Distribution on real phones: the engine's commands become actions, phones' states its events."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from acd import commands, events
from acd.engine import Engine
from acd.model import OfferCause, SeatState
from callcenter.asterisk.actions import QueueMemberPause, Redirect
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import ActionFailed, AmiError, InvalidAction, NotConnected
from callcenter.calls import view
from callcenter.calls.call import Call, CallState
from callcenter.calls.errands import Errands
from callcenter.calls.notices import Notices
from callcenter.calls.register import CallRegister, Note, Publisher
from callcenter.settings import Settings

log = structlog.get_logger(__name__)

GONE_DEVICE_STATES: Final = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
BUSY_DEVICE_STATES: Final = frozenset({"INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"})

OFFERABLE: Final = frozenset({CallState.ARRIVED, CallState.WAITING, CallState.OFFERED})

FALLBACK_QUEUE: Final = "fallback"
"""Asterisk's own queue, whose members on duty are kept equal to ours."""

NO_CHANNEL: Final = "Channel does not exist"
"""What AMI answers to a redirect of a channel that is gone."""

PHONE_IN_USE: Final = "phone in use"
"""Why a seat is not ready whose phone has a call that distribution did not give it."""


class Distribution:
    """The floor's engine, with hands."""

    def __init__(
        self,
        *,
        engine: Engine,
        settings: Settings,
        link: AmiLink,
        register: CallRegister,
        errands: Errands,
        bus: Publisher,
        notices: Notices,
        note: Note,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self._settings = settings
        self._seat_ids = {seat.id for seat in settings.seats}
        self._link = link
        self._register = register
        self._errands = errands
        self._bus = bus
        self._notices = notices
        self._note = note
        self._clock = clock
        self._phones: dict[str, str] = {}
        self._paused: dict[str, bool] = {}
        self.in_doubt = False
        """Whether an action's outcome is unknown, so that Asterisk should be looked at."""

    def open_floor(self, resting: Collection[str] = ()) -> None:
        """Every seat but those who rest takes calls as soon as its phone is registered."""
        for seat_id in self._seat_ids:
            ready = events.SeatReady(seat_id)
            self.feed(
                events.SeatNotReady(seat_id, "break") if seat_id in resting else ready,
                self._clock(),
            )

    def feed(self, event: events.Event, now: float) -> None:
        """Tell the engine, and carry out what it decides."""
        self._carry_out(self.engine.handle(event, now))
        if isinstance(event, events.SeatLeft) and event.seat_id in self._phones:
            # What the phone did during the talk was no news about the seat then; it is now.
            self.device(event.seat_id, self._phones[event.seat_id], now)

    def match_fallback(self) -> None:
        """Tell a (re)connected Asterisk which seats are on duty."""
        self._paused.clear()
        for seat in self.engine.seats():
            self._match_fallback(seat.id, seat.state, seat.reason)

    def _match_fallback(self, seat_id: str, state: SeatState, reason: str) -> None:
        paused = state is SeatState.NOT_READY and reason != PHONE_IN_USE
        if self._paused.get(seat_id) is paused:
            return
        self._paused[seat_id] = paused

        async def pause() -> None:
            try:
                await self._link.send(
                    QueueMemberPause(FALLBACK_QUEUE, f"PJSIP/{seat_id}", paused=paused)
                )
            except AmiError as error:
                self._paused.pop(seat_id, None)
                log.warning("fallback.unmatched", seat=seat_id, why=str(error))

        self._errands.run(f"seat-{seat_id}", "match the fallback queue", pause)

    def device(self, phone: str, state: str, now: float) -> None:
        """Follow the state of a seat's phone."""
        if phone not in self._seat_ids:
            return
        self._phones[phone] = state
        if state in GONE_DEVICE_STATES:
            self.feed(events.SeatUnregistered(phone), now)
            return
        self.feed(events.SeatRegistered(phone), now)
        seat = next(seat for seat in self.engine.seats() if seat.id == phone)
        if state in BUSY_DEVICE_STATES and seat.state is SeatState.READY:
            self.feed(events.SeatNotReady(phone, PHONE_IN_USE), now)
        elif state == "NOT_INUSE" and seat.reason == PHONE_IN_USE:
            self.feed(events.SeatReady(phone), now)

    def seat_of(self, call_id: str) -> str | None:
        """The seat that talks with this call."""
        known = self.engine.call(call_id)
        talks = known and any(
            seat.id == known.seat_id and seat.state is SeatState.TALKING
            for seat in self.engine.seats()
        )
        return known.seat_id if known and talks else None

    def offer_failed(self, call_id: str, cause: OfferCause, now: float) -> None:
        """Note that the offer of this call, if one stands, rings no phone."""
        known = self.engine.call(call_id)
        if known and known.seat_id and known.offer_id:
            self.feed(events.OfferFailed(call_id, known.seat_id, known.offer_id, cause), now)

    def _carry_out(self, decided: Sequence[commands.Command]) -> None:
        for command in decided:
            match command:
                case commands.Offer():
                    self._offer(command)
                case commands.CancelOffer():
                    self._cancel_offer(command)
                case commands.SeatChanged():
                    self._seat_changed(command)
                case commands.Notice():
                    self._notices.tell(command.kind, command.subject, command.text)

    def _offer(self, offer: commands.Offer) -> None:
        call = self._register.find(offer.call_id)
        if call is None or call.closed:
            return
        self._note(call.id, "offer.made", {"offer": offer.offer_id, "seat": offer.seat_ids[0]})
        exten = f"{offer.seat_ids[0]}*{round(offer.ring_s)}*{offer.offer_id}"

        async def redirect() -> None:
            standing = self.engine.call(call.id)
            if standing is None or standing.offer_id != offer.offer_id:
                return
            if call.state not in OFFERABLE:
                return
            try:
                await self._link.send(
                    Redirect(channel=call.channel, context="offer", exten=exten, priority=1)
                )
            except ActionFailed as error:
                log.warning("offer.refused", call_id=call.id, why=str(error))
                if NO_CHANNEL not in str(error):
                    not_offered(OfferCause.UNREACHABLE)
                # Else the caller has just hung up, and the seat is not to blame.
            except (NotConnected, InvalidAction) as error:
                log.warning("offer.unsent", call_id=call.id, why=str(error))
                not_offered(OfferCause.BUSY)
            except AmiError as error:
                # Whether it rings is unknown: only a look at Asterisk can tell.
                log.warning("offer.unknown", call_id=call.id, why=str(error))
                self.in_doubt = True

        def not_offered(cause: OfferCause) -> None:
            self.feed(
                events.OfferFailed(call.id, offer.seat_ids[0], offer.offer_id, cause), self._clock()
            )

        self._errands.run(call.id, "offer", redirect)

    def _cancel_offer(self, cancelled: commands.CancelOffer) -> None:
        call = self._register.find(cancelled.call_id)
        if call is None or call.closed:
            return
        self._note(call.id, "offer.cancelled", {"seat": cancelled.seat_ids[0]})

        async def back_to_hold() -> None:
            caller = call.caller_leg
            # In fallback they may talk already, with a seat that Asterisk found.
            if call.closed or call.state is CallState.FALLBACK or (caller and caller.on_bridge):
                return
            try:
                await self._link.send(
                    Redirect(channel=call.channel, context="hold", exten="s", priority=1)
                )
            except AmiError as error:
                log.warning("offer.not_cancelled", call_id=call.id, why=str(error))

        self._errands.run(call.id, "cancel offer", back_to_hold)

    def send_back(self, call: Call) -> None:
        """Send a caller whom nobody talks with back to the queue, with a word of comfort."""

        async def redirect() -> None:
            if not call.alone:
                return
            try:
                await self._link.send(
                    Redirect(channel=call.channel, context="returned", exten="vanished")
                )
            except AmiError as error:
                log.warning("caller.not_sent_back", call_id=call.id, why=str(error))

        self._errands.run(call.id, "send back", redirect)

    def _seat_changed(self, change: commands.SeatChanged) -> None:
        self._note(
            change.call_id,
            "seat.changed",
            {"seat": change.seat_id, "state": change.state.value, "reason": change.reason},
        )
        self._match_fallback(change.seat_id, change.state, change.reason)
        self._bus.publish("seats", {"type": "seat", "seat": self.seat(change.seat_id)})

    def seat(self, seat_id: str) -> dict[str, Any]:
        """One seat as the API shows it."""
        return next(seat for seat in self.seats() if seat["id"] == seat_id)

    def seats(self) -> list[dict[str, Any]]:
        """All seats as the API shows them."""
        views = {seat.id: seat for seat in self.engine.seats()}
        now, wall = self._clock(), datetime.now(UTC)
        return [
            {
                "id": seat.id,
                "name": seat.name or seat.id,
                "queues": list(seat.queues),
                "state": views[seat.id].state.value,
                "reason": views[seat.id].reason,
                "call_id": views[seat.id].call_id,
                "since": view.stamp(wall - timedelta(seconds=max(0, now - views[seat.id].since))),
            }
            for seat in self._settings.seats
        ]
