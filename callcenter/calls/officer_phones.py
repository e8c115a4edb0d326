"""Phones of officers: rung and stopped in Asterisk, and written down on the caller's channel."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from callcenter.asterisk.actions import Hangup, OriginateExtension, SetVariable
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError
from callcenter.calls import officer_coming
from callcenter.calls.briefs import Brief
from callcenter.calls.call import Call
from callcenter.calls.errands import Errands
from callcenter.calls.legs import Role
from callcenter.calls.register import CallRegister
from callcenter.precincts.hunt import Ring

log = structlog.get_logger(__name__)


TRUNK = "outbound"
"""The endpoint by which calls leave the house."""


def endpoint_of(phone: str) -> str:
    """What Asterisk rings for a phone: a SIP user, or a number by the trunk.

    Which numbers may be dialled is known to whoever names them: `callcenter.rosters.numbers`.
    """
    return f"PJSIP/{phone}@{TRUNK}" if phone.isdigit() else f"PJSIP/{phone}"


def channel_of(attempt_id: str) -> str:
    """The id of the channel that an attempt rings with."""
    return f"officer-{attempt_id}"


class OfficerPhones:
    """Does to phones what hunts decide; a phone's actions one after the other."""

    def __init__(
        self, link: AmiLink, register: CallRegister, errands: Errands, seen_as: str = ""
    ) -> None:
        """``seen_as``: who is seen calling by the trunk; the line that was called, by default."""
        self._seen_as = seen_as
        self._link = link
        self._register = register
        self._errands = errands

    def ring(self, call: Call, command: Ring, brief: Brief, failed: Callable[[], None]) -> None:
        """Ring a phone, which is to hear the brief; ``failed`` is called if that is refused."""
        number = (command.phone.isdigit() and self._seen_as) or call.line

        async def originate() -> None:
            try:
                await self._link.send(
                    OriginateExtension(
                        endpoint=endpoint_of(command.phone),
                        context="officer-brief",
                        exten="s",
                        caller_id=f'"{number}" <{number}>',
                        timeout_s=command.ring_s,
                        channel_id=channel_of(command.attempt_id),
                        variables={
                            "__CALL_ID": call.id,
                            "__CALLER_CHANNEL": call.channel,
                            "CALL_ROLE": Role.OFFICER.value,
                            "CALL_PARTY": command.officer_id,
                            "ATTEMPT_ID": command.attempt_id,
                            "BRIEF": str(brief.file.with_suffix("")),
                            "BRIEF_LANGUAGE": brief.language,
                        },
                    )
                )
            except AmiError as error:
                log.warning("officer.ring_failed", call_id=call.id, why=str(error))
                failed()

        # In a queue of its own: what else the call has waiting need not be answered first.
        self._errands.run(_queue(call, command.attempt_id), "ring officer", originate)

    def stop(self, call: Call, attempt_id: str) -> None:
        """Hang up a phone that rings, or whoever listens to the brief."""

        async def hang_up() -> None:
            try:
                await self._link.send(Hangup(channel=channel_of(attempt_id)))
            except AmiError:
                log.debug("officer.stopped_already", call_id=call.id)

        self._errands.run(_queue(call, attempt_id), "stop ringing", hang_up)

    def tell_coming(self, call_id: str, coming: Callable[[], str]) -> None:
        """Tell the dialplan whether a caller who is alone shall be kept for an officer.

        On the caller's channel, with which it goes: globals are never forgotten. ``coming`` is
        asked for when its turn has come.
        """

        async def set_coming() -> None:
            call = self._register.find(call_id)
            if call is None or call.closed:
                return
            try:
                await self._link.send(SetVariable(call.channel, officer_coming.VARIABLE, coming()))
            except AmiError as error:
                log.warning("officer.coming_unset", call_id=call_id, why=str(error))

        self._errands.run(call_id, "tell whether an officer comes", set_coming)


def _queue(call: Call, attempt_id: str) -> str:
    return f"{call.id}/{attempt_id}"
