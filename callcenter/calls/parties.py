"""Others whom the operator brings to a caller: desks of partners, and other seats.

They are added, asked first, or given the call. One phone rings for each. The dialplan lets in
whoever presses 1 (a seat: whoever answers), and keeps a caller who is left alone meanwhile, so that
all of it goes on when the service dies. Who rings is written on the caller's channel, where a
restarted service reads it.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import structlog

from acd.model import SeatState
from callcenter.asterisk.actions import Hangup, OriginateExtension, SetVariable
from callcenter.asterisk.adopt import FoundParty, PartyState
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError
from callcenter.calls.briefs import Brief
from callcenter.calls.call import Call, CallState
from callcenter.calls.distribution import Distribution
from callcenter.calls.errands import Errands
from callcenter.calls.errors import NotNow
from callcenter.calls.legs import Role
from callcenter.calls.notices import Notices
from callcenter.calls.officer_phones import endpoint_of
from callcenter.calls.register import CallRegister, Note
from callcenter.settings import Partner

log = structlog.get_logger(__name__)

VARIABLE: Final = "PARTY_COMING"
ID_PREFIX: Final = "party-"
ON_LINE: Final = frozenset({CallState.TALKING, CallState.WITH_OFFICER})
CAN_BE_RUNG: Final = frozenset({SeatState.READY, SeatState.NOT_READY, SeatState.WRAP_UP})
MOST_AT_ONCE: Final = 4
_WRITTEN: Final = re.compile(
    r"([A-Za-z0-9_.-]{1,80}):(partner|operator):([A-Za-z0-9_.-]{1,64}):(add|ask|give):"
    r"([A-Za-z0-9_.-]{0,64})"
)


_PARTY: Final = re.compile(r".*\.p[0-9a-f]{6}-1")


def is_party(attempt_id: str) -> bool:
    """Whether an attempt is one of these, not one of a hunt for an officer."""
    return _PARTY.fullmatch(attempt_id) is not None


class How(StrEnum):
    """In which way somebody is brought to a call."""

    ADD = "add"
    """Beside those who are there."""
    ASK = "ask"
    """The operator speaks with them first, apart from the caller."""
    GIVE = "give"
    """The operator leaves at once; unanswered, the caller comes back to that seat first."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody whose phone rings. ``attempt_id`` is also the channel's id, behind a prefix."""

    attempt_id: str
    role: Role
    party: str
    how: How
    seat: str
    """Who brings them."""

    def written(self) -> str:
        """As it stands on the caller's channel."""
        return f"{self.attempt_id}:{self.role.value}:{self.party}:{self.how.value}:{self.seat}"


def read(text: str) -> tuple[Coming, ...]:
    """What `Coming.written` wrote, joined by ``*``; what is not of that form is left out."""
    found = (_WRITTEN.fullmatch(part) for part in text.split("*"))
    return tuple(
        Coming(each[1], Role(each[2]), each[3], How(each[4]), each[5]) for each in found if each
    )


class Parties:
    """Rings others for calls."""

    def __init__(
        self,
        *,
        partners: Sequence[Partner],
        ring_s: float,
        link: AmiLink,
        register: CallRegister,
        distribution: Distribution,
        errands: Errands,
        notices: Notices,
        note: Note,
        begin_brief: Callable[[Call, str, str], Brief],
        seen_as: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``seen_as``: who is seen calling by the trunk; the line that was called, by default."""
        self._seen_as = seen_as
        self._partners = {each.id: each for each in partners}
        self._ring_s = ring_s
        self._link = link
        self._register = register
        self._distribution = distribution
        self._errands = errands
        self._notices = notices
        self._note = note
        self._begin_brief = begin_brief
        self._clock = clock

    def listed(self) -> list[dict[str, Any]]:
        """Every partner, and whether a call has them."""
        busy = {
            leg.party
            for call in self._register.open()
            for leg in call.legs.values()
            if leg.role is Role.PARTNER and (leg.on_bridge or leg.aside)
        }
        return [
            {
                "id": each.id,
                "name": each.name,
                "kind": each.kind,
                "state": "on_call" if each.id in busy else "free",
            }
            for each in self._partners.values()
        ]

    def bring(self, call: Call, role: Role, party: str, how: How, seat: str, by: str) -> Coming:
        """Ring somebody for this call; ``seat`` brings them.

        Raises:
            NotNow: they cannot be rung, or the call is not with this seat; nothing was done.
        """
        if call.state not in ON_LINE:
            raise NotNow("the call is not answered yet; take it first")
        here = [
            leg
            for leg in call.legs.values()
            if leg.role is Role.OPERATOR and leg.party == seat and (leg.on_bridge or leg.aside)
        ]
        if how is not How.ADD and not here:
            raise NotNow(f"seat {seat} is not on this call")
        if len(call.coming) >= MOST_AT_ONCE:
            raise NotNow(f"{MOST_AT_ONCE} phones ring for this call already; stop one first")
        present = {(each.role, each.party) for each in call.coming}
        present |= {
            (leg.role, leg.party) for leg in call.legs.values() if leg.on_bridge or leg.aside
        }
        if (role, party) in present:
            raise NotNow(f"{party} is on this call or being rung for it already")
        phone = self._phone(role, party)
        coming = Coming(f"{call.id}.p{secrets.token_hex(3)}-1", role, party, how, seat)
        call.coming = (*call.coming, coming)
        self._note(
            call.id,
            "party.ring",
            {"role": role, "party": party, "how": how.value, "seat": seat, "by": by},
        )
        self._tell(call)
        self._ring(call, coming, phone)
        self._register.changed(call)
        return coming

    def _phone(self, role: Role, party: str) -> str:
        if role is Role.PARTNER:
            partner = self._partners.get(party)
            if partner is None:
                names = ", ".join(self._partners) or "(none in the settings)"
                raise NotNow(f"there is no partner {party}; choose one of {names}")
            return partner.phone_id
        view = self._distribution.engine.seat(party)
        if view is None:
            raise NotNow(f"there is no seat {party}; choose one from the list of seats")
        if view.state not in CAN_BE_RUNG:
            raise NotNow(f"seat {party} cannot be rung: it is {view.state.value}; choose another")
        return self._distribution.phones.phone_of(party)

    def _ring(self, call: Call, coming: Coming, phone: str) -> None:
        partner = coming.role is Role.PARTNER
        number = (phone.isdigit() and self._seen_as) or call.line
        variables = {
            "__CALL_ID": call.id,
            "__CALLER_CHANNEL": call.channel,
            "CALL_ROLE": coming.role.value,
            "CALL_PARTY": coming.party if partner else phone,
            "ATTEMPT_ID": coming.attempt_id,
            "JOIN_AT": "aside" if coming.how is How.ASK else "join",
        }
        if partner:
            brief = self._begin_brief(call, coming.attempt_id, coming.party)
            variables |= {
                "BRIEF": str(brief.file.with_suffix("")),
                "BRIEF_LANGUAGE": brief.language,
            }

        async def originate() -> None:
            try:
                await self._link.send(
                    OriginateExtension(
                        endpoint=endpoint_of(phone),
                        context="officer-brief" if partner else "let-in",
                        exten="s",
                        caller_id=f'"{number}" <{number}>',
                        timeout_s=self._ring_s,
                        channel_id=ID_PREFIX + coming.attempt_id,
                        variables=variables,
                    )
                )
            except AmiError as error:
                log.warning("party.ring_failed", call_id=call.id, why=str(error))
                self.ended(ID_PREFIX + coming.attempt_id, "refused")

        self._errands.run(call.id, "ring a party", originate)

    def stop(self, call: Call, party: str, by: str) -> None:
        """Stop ringing somebody.

        Raises:
            NotNow: their phone does not ring for this call.
        """
        coming = next((each for each in call.coming if each.party == party), None)
        if coming is None:
            raise NotNow(f"the phone of {party} does not ring for this call")
        self._note(call.id, "party.stopped", {"party": party, "by": by})
        self._over(call, coming)
        self._hang_up(call, ID_PREFIX + coming.attempt_id)

    def put_out(self, call: Call, leg_id: str, by: str) -> None:
        """Take a partner, an officer or a second operator off the call.

        Raises:
            NotNow: there is no such leg, or the caller would be left alone.
        """
        leg = call.legs.get(leg_id)
        there = [
            each
            for each in call.legs.values()
            if each.role is not Role.CALLER and (each.on_bridge or each.aside)
        ]
        if leg is None or leg not in there:
            raise NotNow("that party is not on the call")
        if len(there) == 1:
            raise NotNow("nobody else is with the caller: end the call, or bring somebody first")
        self._note(call.id, "party.put_out", {"leg": leg.id, "party": leg.party, "by": by})
        self._hang_up(call, leg.channel)

    def _hang_up(self, call: Call, channel: str) -> None:
        async def hang_up() -> None:
            try:
                await self._link.send(Hangup(channel=channel))
            except AmiError:
                log.debug("party.gone_already", call_id=call.id)

        self._errands.run(call.id, "hang up a party", hang_up)

    def took(self, call: Call, attempt_id: str) -> None:
        """Note that somebody pressed 1."""
        coming = _find(call.coming, attempt_id)
        if coming:
            self._note(call.id, "party.took", {"party": coming.party})

    def came(self, call: Call, leg_id: str) -> None:
        """Note that somebody is on the line, with the caller or apart."""
        coming = _find(call.coming, leg_id.removeprefix(ID_PREFIX))
        if coming:
            said = {"party": coming.party, "how": coming.how.value, "ms": call.ms(self._clock())}
            self._note(call.id, "party.came", said)
            self._over(call, coming)

    def ended(self, channel_id: str, why: str = "") -> None:
        """Note that a channel has gone or was not answered."""
        attempt_id = channel_id.removeprefix(ID_PREFIX)
        if attempt_id == channel_id:
            return
        for call in self._register.open():
            coming = _find(call.coming, attempt_id)
            if coming:
                self._not_come(call, coming, why)
                return

    def _not_come(self, call: Call, coming: Coming, why: str) -> None:
        self._note(call.id, "party.unanswered", {"party": coming.party, "why": why})
        self._over(call, coming)
        then = {
            How.ADD: "Ring somebody else.",
            How.ASK: "Go back to the caller.",
            How.GIVE: f"The caller comes back to seat {coming.seat} first.",
        }[coming.how]
        self._notices.tell("party.unanswered", call.id, f"{coming.party} did not come. {then}")

    def forget(self, call: Call) -> None:
        """Stop all that rings for a call that ended."""
        for coming in call.coming:
            self._hang_up(call, ID_PREFIX + coming.attempt_id)
        call.coming = ()

    def adopt(self, call: Call, text: str, parties: Iterable[FoundParty]) -> None:
        """Go on with what an earlier run rang, or let it go where the phone rings no more."""
        there = {
            each.uniqueid
            for each in parties
            if each.state in (PartyState.RINGING, PartyState.ANSWERED)
        }
        known = read(text)
        call.coming = tuple(each for each in known if ID_PREFIX + each.attempt_id in there)
        if len(call.coming) < len(known):
            self._tell(call)

    def _over(self, call: Call, coming: Coming) -> None:
        call.coming = tuple(each for each in call.coming if each is not coming)
        self._tell(call)
        self._register.changed(call)

    def _tell(self, call: Call) -> None:
        """Tell the dialplan who comes, on the caller's channel, as it is when its turn comes."""

        async def set_coming() -> None:
            if call.closed:
                return
            text = "*".join(each.written() for each in call.coming)
            try:
                await self._link.send(SetVariable(call.channel, VARIABLE, text))
            except AmiError as error:
                log.warning("party.coming_unset", call_id=call.id, why=str(error))

        self._errands.run(call.id, "tell who comes", set_coming)


def _find(coming: Iterable[Coming], attempt_id: str) -> Coming | None:
    return next((each for each in coming if each.attempt_id == attempt_id), None)
