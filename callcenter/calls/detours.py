"""Where a waiting caller is sent besides seats: an announcement, another number, back to hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from acd import commands, events
from acd.engine import Engine
from callcenter.asterisk.actions import Redirect
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import ActionFailed, AmiError, InvalidAction, NotConnected
from callcenter.calls.call import Call, CallState
from callcenter.calls.errands import Errands
from callcenter.calls.offers import NO_CHANNEL, OFFERABLE
from callcenter.calls.register import CallRegister, Note

log = structlog.get_logger(__name__)

HAD_BY_SOMEBODY: Final = frozenset({CallState.DIVERTED, CallState.TALKING, CallState.WITH_OFFICER})


class Detours:
    """Carries out `acd.commands.Announce` and `acd.commands.Divert`."""

    def __init__(
        self,
        *,
        engine: Engine,
        link: AmiLink,
        register: CallRegister,
        errands: Errands,
        note: Note,
        tell: Callable[[events.Event], object],
        in_doubt: Callable[[], None],
        can_call_back: Callable[[str], bool],
    ) -> None:
        """``tell`` takes what the engine must hear of; ``in_doubt`` as in `Offers`.

        ``can_call_back``: whether a caller of that number can be called back from here.
        """
        self._engine = engine
        self._link = link
        self._register = register
        self._errands = errands
        self._note = note
        self._tell = tell
        self._in_doubt = in_doubt
        self._can_call_back = can_call_back

    def announce(self, announce: commands.Announce) -> None:
        """Let the caller hear it, unless it is over before it began."""
        call = self._register.find(announce.call_id)
        if call is None or call.closed:
            return
        if announce.call_back and not self._can_call_back(call.caller_number):
            # Nobody could call them back, so the choice would be a lie.
            self._tell(events.AnnouncementEnded(call.id))
            return
        self._note(
            call.id,
            "call.announced",
            {
                "announcement": announce.announcement,
                "first": announce.first,
                "call_back": announce.call_back,
            },
        )
        exten = f"{announce.announcement}*{int(announce.call_back)}"
        self._send(call, "announce", exten, events.AnnouncementEnded(call.id))

    def divert(self, divert: commands.Divert) -> None:
        """Send the caller to a number; which ones may be dialled is the dialplan's to say."""
        call = self._register.find(divert.call_id)
        if call is None or call.closed:
            return
        self._note(call.id, "call.diverted", {"number": divert.number})
        self._send(call, "divert", divert.number, events.DivertFailed(call.id))

    def _send(self, call: Call, context: str, exten: str, failed: events.Event) -> None:
        async def redirect() -> None:
            await self._link.catch_up()
            standing = self._engine.call(call.id)
            # A seat rings by now, or somebody talks with them: better than any detour.
            if standing is None or standing.offer_id is not None or call.state not in OFFERABLE:
                if call.state not in HAD_BY_SOMEBODY:
                    self._tell(failed)
                return
            try:
                await self._link.send(Redirect(call.channel, context, exten))
            except (ActionFailed, NotConnected, InvalidAction) as error:
                log.warning("detour.unsent", call_id=call.id, to=context, why=str(error))
                if NO_CHANNEL not in str(error):
                    self._tell(failed)
            except AmiError as error:
                log.warning("detour.unknown", call_id=call.id, to=context, why=str(error))
                self._in_doubt()

        self._errands.run(call.id, context, redirect)

    def send_back(self, call: Call) -> None:
        """Send a caller whom nobody talks with back to the queue, with a word of comfort."""

        async def redirect() -> None:
            await self._link.catch_up()
            if not call.alone or call.aside:
                return
            try:
                await self._link.send(Redirect(call.channel, "returned", "vanished"))
            except AmiError as error:
                log.warning("caller.not_sent_back", call_id=call.id, why=str(error))

        self._errands.run(call.id, "send back", redirect)
