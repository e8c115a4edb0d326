"""Calling people back: the operator's phone first, then the number, by the trunk that leads out.

A call-back is a call like others: its *caller* is the party that is called, who has the bridge,
the recording and the tap of one; the seat is TALKING from the moment it is rung, so that nobody
else is offered to it. The dialplan does the dialling and goes on when the service dies; what it
then brings about is adopted as any other call.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from acd import events as acd_events
from acd.model import SeatState
from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import OriginateExtension
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import ActionFailed, AmiError, InvalidAction, NotConnected
from callcenter.asterisk.snapshot import Snapshot
from callcenter.calls.call import Call
from callcenter.calls.distribution import Distribution
from callcenter.calls.errands import Errands
from callcenter.calls.register import CallRegister, Note
from callcenter.settings import Settings
from callcenter.tasks.errors import TaskRefused

log = structlog.get_logger(__name__)

CONTEXT: Final = "call-back"
ID_PREFIX: Final = "cb"
"""Begins the ids of calls that the house makes; Asterisk's own begin with a digit."""
LEG_PREFIX: Final = "seat-of-"
"""Begins the Uniqueid of the seat's leg; the call's id follows."""
SEAT_RINGS_S: Final = 20.0
ON_THE_WAY_S: Final = 5.0
"""A phone that was asked to ring so lately may not have a channel yet."""
ROLE_WHILE_RINGING: Final = "calling_back"
"""Of the seat's leg, until the called party answers: not a party of a call yet."""

FREE_STATES: Final = frozenset({SeatState.READY, SeatState.NOT_READY, SeatState.WRAP_UP})
WHY_NOT: Final = {
    SeatState.OFFLINE: (
        "its phone is not registered",
        "Switch the phone on, or take another seat.",
    ),
    SeatState.OFFERED: ("a caller is being put through to it", "Answer the phone first."),
    SeatState.TALKING: ("it is in a call", "End that call first."),
}


@dataclass(slots=True)
class _Attempt:
    call_id: str
    seat: str
    phone: str
    """The seat's as the call-back began: seats may change before it is rung."""
    task_id: int
    number: str = field(repr=False)
    line: str
    queue: str
    language: str
    started_at: float

    @property
    def channel_id(self) -> str:
        """Uniqueid of the seat's leg."""
        return LEG_PREFIX + self.call_id


class CallBacks:
    """Begins call-backs and sees that the seat is free again after each, however it ends."""

    def __init__(
        self,
        *,
        settings: Settings,
        link: AmiLink,
        register: CallRegister,
        distribution: Distribution,
        errands: Errands,
        note: Note,
        open_call: Callable[..., Call],
        on_over: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``open_call``: the conductor's. ``on_over``: told of each call-back that has ended."""
        self._outbound = settings.sip.outbound
        self._first_line = settings.lines[0]
        self.retune(settings)
        self._link = link
        self._register = register
        self._distribution = distribution
        self._errands = errands
        self._note = note
        self._open_call = open_call
        self._on_over = on_over
        self._clock = clock
        self._attempts: dict[str, _Attempt] = {}

    def retune(self, settings: Settings) -> None:
        """Use these seats, lines and queues for what begins from now on."""
        self._seats = {seat.id: seat for seat in settings.seats}
        self._lines = {line.number: line for line in settings.lines}
        self._queues = {queue.id for queue in settings.queues}
        self._first_line = next(iter(settings.lines), self._first_line)

    @staticmethod
    def new_id() -> str:
        """An id for the call that a call-back is."""
        return f"{ID_PREFIX}{time.time_ns() // 1_000_000}.{secrets.token_hex(4)}"

    def knows(self, call_id: str) -> bool:
        """Whether this call-back is going on."""
        call = self._register.find(call_id)
        return call_id in self._attempts or (call is not None and not call.closed)

    def check_seat(self, seat_id: str) -> None:
        """Whether the seat can call somebody back now.

        Raises:
            TaskRefused: it cannot; the message says why.
        """
        if seat_id not in self._seats:
            raise TaskRefused(f"there is no seat {seat_id}", "Choose one from the list of seats.")
        phone = self._seats[seat_id].phone_id
        for seat in self._distribution.engine.seats():
            shares = seat.id in self._seats and self._seats[seat.id].phone_id == phone
            if seat.id == seat_id and seat.state not in FREE_STATES:
                why, next_step = WHY_NOT[seat.state]
                raise TaskRefused(f"seat {seat_id} cannot call back: {why}", next_step)
            if seat.id != seat_id and shares and seat.call_id is not None:
                raise TaskRefused(
                    f"seat {seat_id} cannot call back: its phone is in use by seat {seat.id}",
                    "Take another seat.",
                )

    def start(
        self,
        *,
        call_id: str,
        task_id: int,
        number: str,
        seat: str,
        line: str,
        queue: str,
        language: str,
        by: str,
    ) -> None:
        """Ring the seat; when it answers, Asterisk dials the number (digits only).

        Raises:
            TaskRefused: the seat cannot call back now, or the number has more than digits.
        """
        self.check_seat(seat)
        if not (number.isascii() and number.isdigit()):
            raise TaskRefused("only digits can be dialled")
        known = self._lines.get(line, self._first_line)
        attempt = _Attempt(
            call_id=call_id,
            seat=seat,
            phone=self._seats[seat].phone_id,
            task_id=task_id,
            number=number,
            line=known.number,
            queue=queue if queue in self._queues else known.queue,
            language=language if language in known.languages else known.languages[0],
            started_at=self._clock(),
        )
        self._attempts[call_id] = attempt
        self._note(call_id, "task.call", {"task": task_id, "seat": seat, "by": by})
        # From here on distribution leaves the seat alone.
        self._distribution.feed(
            acd_events.CallAdopted(call_id, attempt.queue, seat), attempt.started_at
        )
        self._errands.run(call_id, "call back", lambda: self._ring(attempt))

    async def _ring(self, attempt: _Attempt) -> None:
        shown = self._outbound.caller_id or attempt.line
        try:
            await self._link.send(
                OriginateExtension(
                    endpoint=f"PJSIP/{attempt.phone}",
                    context=CONTEXT,
                    exten=attempt.number,
                    caller_id=f'"Call back" <{attempt.number}>',
                    timeout_s=SEAT_RINGS_S,
                    channel_id=attempt.channel_id,
                    variables={
                        "__CALL_ID": attempt.call_id,
                        "__CALL_BACK_TASK": str(attempt.task_id),
                        "__CALL_BACK_SEAT": attempt.seat,
                        "__CALL_BACK_FROM": shown,
                        "__CALL_BACK_LINE": attempt.line,
                        "__CALL_BACK_QUEUE": attempt.queue,
                        "__CALL_BACK_LANGUAGE": attempt.language,
                        "CALL_ROLE": ROLE_WHILE_RINGING,
                        "CALL_PARTY": attempt.seat,
                    },
                )
            )
        except (ActionFailed, NotConnected, InvalidAction) as error:
            log.warning("call_back.refused", call_id=attempt.call_id, why=type(error).__name__)
            self._over(attempt, "Asterisk refused")
        except AmiError as error:
            # Whether it rings is unknown: only a look at Asterisk can tell.
            log.warning("call_back.unknown", call_id=attempt.call_id, why=type(error).__name__)
            self._distribution.in_doubt = True

    def dialled(self, event: ami.CallBackDialled, now: float) -> None:
        """Take the called party in: from here on it is a call like others."""
        if self._register.find(event.call_id):
            return
        attempt = self._attempts.get(event.call_id)
        call = self._open_call(
            call_id=event.call_id,
            channel=event.channel,
            uniqueid=event.uniqueid,
            line=event.line,
            queue=event.queue,
            caller_number=event.number,
            started_at=now,
        )
        if attempt is not None:
            call.language = attempt.language
        call.in_distribution = True
        payload: dict[str, Any] = {
            "task": int(event.task) if event.task.isdecimal() else None,
            "seat": event.seat_id,
            "line": call.line,
            "queue": call.queue,
            "from": call.caller_number,
            "ms": 0,
        }
        self._note(call.id, "call.called_back", payload)
        if self._distribution.seat_of(call.id) is None:
            # An earlier run had the seat rung.
            self._distribution.feed(acd_events.CallAdopted(call.id, call.queue, event.seat_id), now)

    def hung_up(self, uniqueid: str) -> None:
        """Free the seat whose leg is gone, unless the call itself has seen to that."""
        for attempt in list(self._attempts.values()):
            if attempt.channel_id == uniqueid:
                self._over(attempt, "the seat's phone hung up")

    def failed(self, channel_id: str) -> None:
        """Free the seat whose phone was not answered."""
        for attempt in list(self._attempts.values()):
            if attempt.channel_id == channel_id:
                self._over(attempt, "the seat did not answer")

    def closed(self, call: Call) -> None:
        """Note that the called party is gone, or was never reached."""
        if call.id.startswith(ID_PREFIX) and call.id not in self._attempts:
            self._on_over(call.id)

    def reconcile(self, snapshot: Snapshot) -> None:
        """Take up call-backs that an earlier run began; end those that Asterisk has no more."""
        there = {channel.uniqueid: channel for channel in snapshot.channels}
        now = self._clock()
        for uniqueid, channel in there.items():
            call_id = uniqueid.removeprefix(LEG_PREFIX)
            seat = channel.variables.get("CALL_PARTY", "")
            if call_id == uniqueid or call_id in self._attempts or seat not in self._seats:
                continue
            line, phone = self._first_line, self._seats[seat].phone_id
            self._attempts[call_id] = _Attempt(
                call_id, seat, phone, 0, "", line.number, line.queue, line.languages[0], now
            )
            if self._register.find(call_id) is None:
                # Once the called party is there, adoption sees to the seat.
                self._distribution.feed(acd_events.CallAdopted(call_id, line.queue, seat), now)
        for attempt in list(self._attempts.values()):
            if attempt.channel_id not in there and now - attempt.started_at > ON_THE_WAY_S:
                self._over(attempt, "gone from Asterisk")

    def _over(self, attempt: _Attempt, why: str) -> None:
        del self._attempts[attempt.call_id]
        now = self._clock()
        self._note(attempt.call_id, "task.call_over", {"task": attempt.task_id, "why": why})
        self._distribution.feed(acd_events.SeatLeft(attempt.seat, attempt.call_id), now)
        call = self._register.find(attempt.call_id)
        if call is None or call.closed:
            self._distribution.feed(acd_events.CallLeft(attempt.call_id, redial=False), now)
        self._on_over(attempt.call_id)
