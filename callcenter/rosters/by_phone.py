"""Officers who call the service number: told apart by their phones, put on duty by a key.

A SIP phone has proven who it is when it registered; a number is believed from a network that lets
no false one through, which the dialplan sees to.
"""

from __future__ import annotations

import structlog

from callcenter.rosters.desk import RosterDesk
from callcenter.rosters.errors import RosterRefused
from callcenter.rosters.model import Officer
from callcenter.store.errors import StoreError
from ivr.duty import ask_duty, refuse_duty
from ivr.fastagi import AgiChannel
from ivr.prompts import PromptSet

SCRIPT = "duty"

log = structlog.get_logger(__name__)


class DutyLine:
    """Answers the calls of officers. ``language`` is that of officers who have none."""

    def __init__(self, desk: RosterDesk, prompts: PromptSet, language: str) -> None:
        self._desk = desk
        self._prompts = prompts
        self._language = language

    def officer_at(self, phone: str, number: str) -> Officer | None:
        """Whose phone it is: a SIP user that is registered, or a number; None: nobody's alone."""
        if phone:
            return self._desk.by_number(phone)
        for written in self._desk.reachable.as_dialled(number):
            officer = self._desk.by_number(written)
            if officer is not None:
                return officer
        return None

    async def handle(self, channel: AgiChannel) -> None:
        """Serve one call. Raises `ChannelGone`."""
        query = channel.request.query
        officer = self.officer_at(query.get("phone", ""), query.get("number", ""))
        if officer is None:
            log.warning("duty.unknown_phone")
            await refuse_duty(channel, self._language, self._prompts)
            return

        async def set_duty(on: bool) -> bool:
            who = f"{officer.id} (phone)"
            try:
                if on:
                    await self._desk.go_on_duty(officer.id, who)
                else:
                    await self._desk.go_off_duty(officer.id, who)
            except (RosterRefused, StoreError) as error:
                log.warning("duty.not_noted", why=str(error))
                return False
            return True

        await ask_duty(
            channel,
            officer.language or self._language,
            self._prompts,
            on_duty=self._desk.state_of(officer.id) is not None,
            set_duty=set_duty,
        )
