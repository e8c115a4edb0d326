"""What people do to calls and seats: each with a note of who did it.

A refusal says what to do next; distribution's own sentence where it has one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from acd import commands, events
from acd.model import CallState as EngineState
from acd.model import SeatState
from callcenter.asterisk.actions import Hangup, Redirect, SetVariable
from callcenter.asterisk.connection import AmiLink
from callcenter.calls import view
from callcenter.calls.call import Call
from callcenter.calls.conduct import Conductor
from callcenter.calls.errands import Errand
from callcenter.calls.errors import NotNow
from callcenter.calls.leaving import Leaving
from callcenter.calls.legs import Role
from callcenter.calls.register import CallRegister

WAITING = frozenset({EngineState.WAITING, EngineState.OFFERED, EngineState.DIVERTED})
WRAPS_UP = frozenset({SeatState.TALKING, SeatState.WRAP_UP})


class Desk:
    """Actions of operators and supervisors on the floor. ``by`` is who acts."""

    def __init__(
        self,
        conductor: Conductor,
        register: CallRegister,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conductor = conductor
        self._distribution = conductor.distribution
        self._register = register
        self._note = conductor.note
        self._clock = clock
        self._leaving = Leaving(conductor.note, clock)

    def prioritise(self, call_id: str, priority: int | None, by: str) -> dict[str, Any]:
        """Give a waiting caller a priority; None: what the rules say again.

        Raises:
            UnknownCall, NotNow: there is nothing to prioritise.
        """
        call = self._waiting(call_id)
        call.priority_by_hand = priority
        self._note(call.id, "call.prioritised", {"priority": priority, "by": by})
        self._conductor.waiting.prioritise(call)
        return view.summary(call, self._clock())

    async def give_away(self, call: Call, seat: str, by: str, link: AmiLink) -> None:
        """Take a seat off a call whose caller is kept for somebody who is being rung."""
        self._note(call.id, "operator.gives", {"seat": seat, "by": by})
        for leg in call.legs.values():
            if leg.role is Role.OPERATOR and leg.party == seat and (leg.on_bridge or leg.aside):
                # After PARTY_COMING stands on the caller's channel, which keeps them.
                self._distribution.run(call.id, "give the call away", _hang_up(link, leg.channel))

    async def give_to_queue(
        self, call_id: str, queue: str, seat: str, by: str, link: AmiLink
    ) -> None:
        """Let the caller wait at the head of another queue; everybody else leaves.

        Raises:
            UnknownCall, NotNow: the seat is not with the caller, or there is no such queue.
        """
        call = self._register.get(call_id)
        if queue not in {each.id for each in self._distribution.floor.queues}:
            raise NotNow(f"there is no queue {queue}; choose one from the list of queues")
        if not any(leg.party == seat for leg in call.on_bridge(Role.OPERATOR)):
            raise NotNow(f"seat {seat} is not with the caller")
        if call.on_bridge(Role.OFFICER) or call.on_bridge(Role.PARTNER):
            raise NotNow(
                "others are with the caller: leave the call to them, or put them out first"
            )
        self._note(call.id, "call.given", {"queue": queue, "seat": seat, "by": by})
        call.queue = queue
        await link.send(SetVariable(call.channel, "QUEUE", queue))
        await link.send(Redirect(call.channel, "hold", "s"))

    def move(self, call_id: str, queue: str, by: str) -> dict[str, Any]:
        """Let a waiting caller wait in another queue, for as long as they have already waited.

        Raises:
            UnknownCall, NotNow: it cannot be moved, or not there.
        """
        call = self._waiting(call_id)
        queues = [known.id for known in self._distribution.floor.queues]
        if queue not in queues:
            raise NotNow(f"there is no queue {queue}; choose one of: {', '.join(queues)}")
        self._feed(events.CallMoved(call.id, queue))
        call.queue = queue
        self._note(call.id, "call.moved", {"queue": queue, "by": by})
        self._register.changed(call)
        return view.summary(call, self._clock())

    def pick(self, call_id: str, seat_id: str, by: str) -> dict[str, Any]:
        """Offer a waiting caller to this seat, out of turn.

        Raises:
            UnknownCall, NotNow: the call does not wait, or the seat cannot be rung.
        """
        call = self._waiting(call_id)
        self._check_seat(seat_id)
        self._feed(events.CallPicked(call.id, seat_id))
        self._note(call.id, "call.picked", {"seat": seat_id, "by": by})
        return {"call_id": call.id, "seat": seat_id, "state": "ringing"}

    def leave(self, call_id: str, seat_id: str, by: str) -> str:
        """Let an operator leave caller and officer to each other; the channel to hang up.

        Raises:
            UnknownCall, NotNow: nobody would be left with the caller, or not both were heard yet.
        """
        return self._leaving.leave(self._register.get(call_id), seat_id, by).channel

    def set_seat(self, seat_id: str, state: str, reason: str | None, by: str) -> dict[str, Any]:
        """Make a seat ready, or not ready for one of the reasons."""
        self._check_seat(seat_id)
        if state == "ready":
            reason = ""
            if self._seat(seat_id)["state"] == SeatState.WRAP_UP:
                self._feed(events.RecordSaved(seat_id))
            self._feed(events.SeatReady(seat_id))
        else:
            reason = reason or self._conductor.priorities.rules.reasons()[0].id
            self._feed(events.SeatNotReady(seat_id, reason))
        self._note(None, "seat.set", {"seat": seat_id, "state": state, "reason": reason, "by": by})
        return self._seat(seat_id)

    def wrap_up(self, seat_id: str, on: bool, by: str) -> dict[str, Any]:
        """Begin work after the call that the seat has or just had, or say that it is done.

        Raises:
            NotNow: there is no call to wrap up.
        """
        self._check_seat(seat_id)
        self._feed(events.WrapUpWanted(seat_id) if on else events.RecordSaved(seat_id))
        if on and self._seat(seat_id)["state"] not in WRAPS_UP:
            raise NotNow(
                "there is no call to wrap up: ask for it while you talk, or within seconds after"
            )
        self._note(None, "seat.wrap_up", {"seat": seat_id, "on": on, "by": by})
        return self._seat(seat_id)

    def set_surge(self, origin: str, on: bool, by: str) -> dict[str, Any]:
        """Begin or end a surge: callers from this origin hear the announcement first."""
        self._feed(events.SurgeSet(origin, on))
        self._note(None, "surge.set", {"origin": origin, "on": on, "by": by})
        return {"origin": origin, "on": on}

    def surges(self) -> list[dict[str, Any]]:
        """Every surge that is on, whoever or whatever began it."""
        return [{"origin": one, "on": True} for one in self._distribution.engine.surges()]

    def reasons(self) -> list[dict[str, Any]]:
        """Why a seat may be set not ready."""
        rules = self._conductor.priorities.rules
        return [{"id": reason.id, "label": reason.label} for reason in rules.reasons()]

    def _waiting(self, call_id: str) -> Call:
        call = self._register.get(call_id)
        known = self._distribution.engine.call(call.id)
        if known is None or known.state not in WAITING:
            raise NotNow(
                "the caller does not wait in a queue now; look at the list of calls for where "
                "they are"
            )
        return call

    def _check_seat(self, seat_id: str) -> None:
        seats = [seat.id for seat in self._distribution.floor.seats]
        if seat_id not in seats:
            raise NotNow(f"there is no seat {seat_id}; choose one from the list of seats")

    def _seat(self, seat_id: str) -> dict[str, Any]:
        return self._distribution.seat(seat_id)

    def _feed(self, event: events.Event) -> None:
        for decided in self._distribution.feed(event, self._clock()):
            if isinstance(decided, commands.Refused):
                raise NotNow(decided.why)


def _hang_up(link: AmiLink, channel: str) -> Errand:
    async def hang_up() -> None:
        await link.send(Hangup(channel))

    return hang_up
