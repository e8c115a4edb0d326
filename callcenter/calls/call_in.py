"""Calls an operator back onto a line that they have left, by one ring.

The seat that had the call is rung first; if it does not answer or is not free, another that is
ready, once. From the ring on distribution offers that seat nobody else. Its phone is let straight
onto the bridge by the dialplan, which goes on when the service dies.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from acd import events as acd_events
from acd.model import SeatState
from callcenter.asterisk.actions import Hangup, OriginateExtension
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError
from callcenter.calls.call import Call
from callcenter.calls.distribution import Distribution
from callcenter.calls.errands import Errands
from callcenter.calls.legs import Role
from callcenter.calls.notices import Notices
from callcenter.calls.register import CallRegister, Note
from callcenter.settings import Tripwire

log = structlog.get_logger(__name__)

ID_PREFIX: Final = "call-in-"
SEATS_TRIED: Final = 2
OLD_SEAT_STATES: Final = frozenset({SeatState.READY, SeatState.NOT_READY, SeatState.WRAP_UP})
"""Whoever had the call is asked also while resting."""
NOBODY: Final = "Nobody at a seat could be called onto the line. Join the call yourself."


@dataclass(slots=True)
class _Ringing:
    call_id: str
    why: str
    seat: str
    channel_id: str
    tried: set[str] = field(default_factory=set)


class CallIns:
    """At most one ringing a call; after each, that call is left alone for a while."""

    def __init__(
        self,
        *,
        settings: Tripwire,
        link: AmiLink,
        register: CallRegister,
        distribution: Distribution,
        errands: Errands,
        notices: Notices,
        note: Note,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._link = link
        self._register = register
        self._distribution = distribution
        self._errands = errands
        self._notices = notices
        self._note = note
        self._clock = clock
        self._ringing: dict[str, _Ringing] = {}
        self._quiet_until: dict[str, float] = {}

    def call_in(self, call: Call, why: str) -> bool:
        """Ring a seat for this call; False when one rings already, or did a moment ago.

        ``why`` is for the operator and the journal: no words of the caller.
        """
        now = self._clock()
        gone_on_alone = call.on_bridge(Role.OFFICER) and not call.on_bridge(Role.OPERATOR)
        if call.closed or not gone_on_alone or call.id in self._ringing:
            return False
        if now < self._quiet_until.get(call.id, now):
            return False
        self._ring_next(call, why, set())
        return True

    def tick(self) -> None:
        """Let go of what has come to its end: the operator is there, or the call has gone."""
        for ringing in list(self._ringing.values()):
            call = self._register.find(ringing.call_id)
            if call is None or call.closed:
                self._ringing.pop(ringing.call_id)
                self._stop(ringing)
                self._free(ringing)
            elif call.on_bridge(Role.OPERATOR):
                self._ringing.pop(ringing.call_id)
                self._rest(call.id)
                if not any(leg.id == ringing.channel_id for leg in call.on_bridge(Role.OPERATOR)):
                    self._stop(ringing)

    def ended(self, channel_id: str) -> None:
        """Note that a channel is gone, or was never answered: another seat is asked, once."""
        found = (each for each in self._ringing.values() if each.channel_id == channel_id)
        ringing = next(found, None)
        if ringing is None:
            return
        del self._ringing[ringing.call_id]
        self._free(ringing)
        self._note(ringing.call_id, "tripwire.unanswered", {"seat": ringing.seat})
        call = self._register.find(ringing.call_id)
        if call and not call.closed and not call.on_bridge(Role.OPERATOR):
            self._ring_next(call, ringing.why, ringing.tried)

    def forget(self, call_id: str) -> None:
        """Let go of a call that ended."""
        self._quiet_until.pop(call_id, None)

    def _ring_next(self, call: Call, why: str, tried: set[str]) -> None:
        seat = self._seat_for(call, tried) if len(tried) < SEATS_TRIED else None
        if seat is None:
            self._rest(call.id)
            self._note(call.id, "tripwire.nobody", {"why": why})
            self._notices.tell("tripwire.nobody", call.id, NOBODY)
            return
        ringing = _Ringing(
            call.id,
            why,
            seat,
            f"{ID_PREFIX}{call.id}.{secrets.token_hex(4)}",
            tried | {seat},
        )
        self._ringing[call.id] = ringing
        now = self._clock()
        said = {"seat": seat, "why": why, "ms": call.ms(now)}
        self._note(call.id, "tripwire.called", said)
        self._notices.tell(
            "tripwire.called", call.id, f"Seat {seat} is called back onto the line: {why}."
        )
        # From here on distribution leaves the seat alone.
        self._distribution.feed(acd_events.CallAdopted(call.id, call.queue, seat), now)
        self._errands.run(call.id, "call the operator in", lambda: self._originate(call, ringing))

    async def _originate(self, call: Call, ringing: _Ringing) -> None:
        phone = self._distribution.phones.phone_of(ringing.seat)
        try:
            await self._link.send(
                OriginateExtension(
                    endpoint=f"PJSIP/{phone}",
                    context="join",
                    exten="s",
                    priority=2,
                    caller_id=f'"Back on the line" <{call.line}>',
                    timeout_s=self._settings.ring_s,
                    channel_id=ringing.channel_id,
                    variables={
                        "__CALL_ID": call.id,
                        "__CALLER_CHANNEL": call.channel,
                        "CALL_ROLE": Role.OPERATOR.value,
                        "CALL_PARTY": phone,
                    },
                )
            )
        except AmiError as error:
            log.warning("tripwire.ring_failed", call_id=call.id, why=str(error))
            self.ended(ringing.channel_id)

    def _stop(self, ringing: _Ringing) -> None:
        async def hang_up() -> None:
            try:
                await self._link.send(Hangup(channel=ringing.channel_id))
            except AmiError:
                log.debug("tripwire.stopped_already", call_id=ringing.call_id)

        self._errands.run(ringing.call_id, "stop ringing the operator", hang_up)

    def _free(self, ringing: _Ringing) -> None:
        self._distribution.feed(acd_events.SeatLeft(ringing.seat, ringing.call_id), self._clock())

    def _seat_for(self, call: Call, tried: set[str]) -> str | None:
        had_it = [leg.party for leg in call.legs.values() if leg.role is Role.OPERATOR]
        for seat_id in reversed(had_it):
            view = self._distribution.engine.seat(seat_id)
            if view and seat_id not in tried and view.state in OLD_SEAT_STATES:
                return seat_id
        serving = {seat.id for seat in self._distribution.floor.seats if call.queue in seat.queues}
        ready = [
            view
            for view in self._distribution.engine.seats()
            if view.state is SeatState.READY and view.id not in tried
        ]
        ready.sort(key=lambda view: (view.id not in serving, view.since))
        return ready[0].id if ready else None

    def _rest(self, call_id: str) -> None:
        self._quiet_until[call_id] = self._clock() + self._settings.again_after_s
