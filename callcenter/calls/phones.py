"""Seats and the phones that ring for them: several seats may share one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from acd import events
from acd.model import FloorSettings, SeatState, SeatView

GONE_DEVICE_STATES: Final = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
BUSY_DEVICE_STATES: Final = frozenset({"INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"})

PHONE_IN_USE: Final = "phone in use"
"""Why a seat is not ready whose phone has a call that distribution did not give it."""
SETTLES_WITHIN_S: Final = 0.5
"""Asterisk tells some moments after a leg's end that its phone is free."""
_ON_DUTY: Final = frozenset(
    {SeatState.READY, SeatState.OFFERED, SeatState.TALKING, SeatState.WRAP_UP}
)


class SeatPhones:
    """Which phone is whose, and what its state means for its seats."""

    def __init__(
        self,
        floor: FloorSettings,
        seat: Callable[[str], SeatView | None],
        feed: Callable[[events.Event, float], object],
    ) -> None:
        self._seat = seat
        self._feed = feed
        self._states: dict[str, str] = {}
        self._settling: dict[str, float] = {}
        self._phone_of: dict[str, str] = {}
        self._seats_at: dict[str, list[str]] = {}
        self._take_over(floor)

    def apply(self, floor: FloorSettings, now: float) -> None:
        """Seats and phones are these from now on; the engine knows it already."""
        before = self._phone_of
        self._take_over(floor)
        for seat_id, phone in self._phone_of.items():
            if before.get(seat_id) == phone:
                continue
            if phone in self._states:
                self.device(phone, self._states[phone], now)
            else:
                self._feed(events.SeatUnregistered(seat_id), now)

    def _take_over(self, floor: FloorSettings) -> None:
        self._phone_of = {seat.id: seat.phone or seat.id for seat in floor.seats}
        self._seats_at = {}
        for seat_id, phone in self._phone_of.items():
            self._seats_at.setdefault(phone, []).append(seat_id)

    def phone_of(self, seat_id: str) -> str:
        """The SIP user that rings for a seat; a seat that is no more had its own."""
        return self._phone_of.get(seat_id, seat_id)

    def seats_at(self, phone: str) -> tuple[str, ...]:
        """The seats that a phone rings for."""
        return tuple(self._seats_at.get(phone, ()))

    def seat_named(self, party: str, offer_id: str) -> str:
        """The seat that an operator's leg stands for.

        An offered leg names its seat. One that Asterisk found by itself names the phone: then it
        is the seat that is on duty there.
        """
        at_phone = self.seats_at(party)
        if offer_id or not at_phone:
            return party
        on_duty = [seat.id for seat in self._views(at_phone) if seat.state in _ON_DUTY]
        return next(iter(on_duty or at_phone))

    def _views(self, seat_ids: Iterable[str]) -> list[SeatView]:
        return [view for view in map(self._seat, seat_ids) if view is not None]

    def device(self, phone: str, state: str, now: float) -> None:
        """Follow the state of a phone, for all its seats."""
        self._states[phone] = state
        self._settling.pop(phone, None)
        at_phone = self.seats_at(phone)
        if not at_phone:
            return
        if state in GONE_DEVICE_STATES:
            for seat_id in at_phone:
                self._feed(events.SeatUnregistered(seat_id), now)
            return
        for seat_id in at_phone:
            self._feed(events.SeatRegistered(seat_id), now)
        here = self._views(at_phone)
        if state in BUSY_DEVICE_STATES:
            # With a call of ours none of them is ready: the engine knows whose phone it is.
            for seat in here:
                if seat.state is SeatState.READY:
                    self._feed(events.SeatNotReady(seat.id, PHONE_IN_USE), now)
        elif state == "NOT_INUSE":
            for seat in here:
                if seat.reason == PHONE_IN_USE:
                    self._feed(events.SeatReady(seat.id), now)

    def look_again(self, seat_id: str, now: float) -> None:
        """After a talk: what the phone did meanwhile was no news about its seats then."""
        phone = self.phone_of(seat_id)
        state = self._states.get(phone)
        if state in BUSY_DEVICE_STATES:
            # With the call that has just ended, as far as anybody knows.
            self._settling[phone] = now + SETTLES_WITHIN_S
        elif state is not None:
            self.device(phone, state, now)

    def tick(self, now: float) -> None:
        """Believe those phones that still say that they are busy."""
        for phone, at in list(self._settling.items()):
            if now >= at:
                self.device(phone, self._states[phone], now)
