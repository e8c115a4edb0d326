"""Operators' phones that vanish in the middle of a call.

Asterisk itself hangs a phone up from which no sound comes for ``sip.rtp_timeout_s``. A phone that
loses its registration or does not answer OPTIONS is looked at sooner: if its sound has stopped
too, its leg is ended at once, and the dialplan does with the caller what the line's settings say.
While its sound still comes the operator talks on: a registrar that is out of step must not tear a
caller from them. A supervisor is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog

from callcenter.asterisk.actions import CountPackets, Hangup
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError
from callcenter.calls.call import Call
from callcenter.calls.errands import Errands
from callcenter.calls.legs import Leg, Role
from callcenter.calls.notices import Notices
from callcenter.calls.register import CallRegister, Note

log = structlog.get_logger(__name__)

LOOK_AGAIN_S = 2.0
"""Sound that has not come for so long has stopped: a phone sends fifty packets a second."""
NO_MORE_SOUND = 44
"""The Q.850 cause that Asterisk gives for a phone without sound."""


@dataclass(slots=True)
class _Suspect:
    call: Call
    leg: Leg
    since: float
    packets: str | None = None


class VanishWatch:
    """Follows talking operators whose phones cannot be reached any more."""

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
        self._suspects: dict[str, _Suspect] = {}

    def contact(self, seats: Collection[str], reachable: bool, now: float) -> None:
        """Note that the phone of these seats can, or cannot, be reached."""
        for call in self._register.open():
            for leg in call.on_bridge(Role.OPERATOR):
                if leg.party not in seats:
                    continue
                if reachable:
                    self._suspects.pop(leg.id, None)
                elif leg.id not in self._suspects:
                    self._suspects[leg.id] = _Suspect(call, leg, now)
                    self._look(self._suspects[leg.id])

    def tick(self, now: float) -> None:
        """Look again at those who were suspected a while ago."""
        for leg_id, suspect in list(self._suspects.items()):
            if not suspect.leg.on_bridge or suspect.call.closed:
                del self._suspects[leg_id]
            elif now - suspect.since >= LOOK_AGAIN_S:
                del self._suspects[leg_id]
                self._look(suspect, again=True)

    def _look(self, suspect: _Suspect, *, again: bool = False) -> None:
        call, leg = suspect.call, suspect.leg

        async def look() -> None:
            try:
                answer = await self._link.send(CountPackets(leg.channel))
                packets = answer.response["value"]
                if not again:
                    suspect.packets = packets
                elif packets != suspect.packets or not packets:
                    self._talks_on(suspect)
                elif leg.on_bridge:
                    self._note(call.id, "leg.vanished", {"leg": leg.id, "party": leg.party})
                    await self._link.send(Hangup(leg.channel, NO_MORE_SOUND))
            except AmiError as error:
                log.warning("phone.unseen", call_id=call.id, why=str(error))

        self._errands.run(call.id, "look after a phone", look)

    def _talks_on(self, suspect: _Suspect) -> None:
        self._notices.tell(
            "phone.unreachable",
            suspect.leg.party,
            f"The phone of seat {suspect.leg.party} cannot be reached any more, but still talks. "
            "Let the operator finish the call and then register the phone again.",
        )
