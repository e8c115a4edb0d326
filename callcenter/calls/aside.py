"""An operator steps aside: the caller hears music, or talks on with whoever stays; and comes back.

Aside is a bridge of its own beside the call's (``<call id>-aside``), of which the operator is the
owner. Whoever is asked first joins the operator there. When the operator goes back, or hangs up,
the dialplan sends the others to the caller. The caller never leaves the call's own bridge, so
recording and taps go on; who is aside stands in Asterisk, where a restarted service finds it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog

from callcenter.asterisk.actions import Redirect
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError
from callcenter.calls.call import Call
from callcenter.calls.errands import Errands
from callcenter.calls.errors import NotNow
from callcenter.calls.legs import Leg, Role
from callcenter.calls.notices import Notices
from callcenter.calls.register import CallRegister, Note

log = structlog.get_logger(__name__)

REMIND_EVERY_S: Final = 20.0
"""Whoever has a caller on hold is reminded so often."""


class Aside:
    """Moves operators aside and back."""

    def __init__(
        self,
        *,
        link: AmiLink,
        register: CallRegister,
        errands: Errands,
        notices: Notices,
        note: Note,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = link
        self._register = register
        self._errands = errands
        self._notices = notices
        self._note = note
        self._clock = clock

    def step_aside(self, call: Call, seat: str, by: str) -> None:
        """Take a seat's operator off the caller's bridge, who waits with music if alone.

        Raises:
            NotNow: the seat is not with the caller.
        """
        leg = next((leg for leg in call.on_bridge(Role.OPERATOR) if leg.party == seat), None)
        if leg is None:
            raise NotNow(f"seat {seat} is not with the caller")
        leg.aside = True
        self._note(call.id, "call.held", {"seat": seat, "by": by, "ms": call.ms(self._clock())})
        self._redirect(call, leg, "aside", "owner", 1)

    def back(self, call: Call, seat: str, by: str) -> None:
        """Take the operator back to the caller, with whoever is aside, too.

        Raises:
            NotNow: the seat is not aside.
        """
        leg = next(
            (leg for leg in call.aside if leg.role is Role.OPERATOR and leg.party == seat), None
        )
        if leg is None:
            raise NotNow(f"seat {seat} has not stepped aside from this call")
        self._note(call.id, "call.unheld", {"seat": seat, "by": by, "ms": call.ms(self._clock())})
        self._redirect(call, leg, "join", "s", 2)

    def _redirect(self, call: Call, leg: Leg, context: str, exten: str, priority: int) -> None:
        async def redirect() -> None:
            try:
                await self._link.send(Redirect(leg.channel, context, exten, priority))
            except AmiError as error:
                log.warning("aside.not_moved", call_id=call.id, to=context, why=str(error))
                if leg.on_bridge:
                    leg.aside = False
                    self._register.changed(call)

        self._errands.run(call.id, f"to {context}", redirect)

    def tick(self) -> None:
        """Remind whoever has a caller on hold."""
        now = self._clock()
        for call in self._register.open():
            if not call.held:
                call.held_since = call.held_reminded = None
                continue
            if call.held_since is None:
                call.held_since = call.held_reminded = now
                self._register.changed(call)
            elif now - (call.held_reminded or now) >= REMIND_EVERY_S:
                call.held_reminded = now
                held_s = round(now - call.held_since)
                self._note(call.id, "call.held_long", {"held_s": held_s})
                self._notices.tell(
                    "call.held_long",
                    call.id,
                    f"The caller has been on hold for {held_s} s: go back to them.",
                )
