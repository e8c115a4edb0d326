"""Offers on real phones: made whole by one redirect of the caller, ended by another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from acd import commands
from acd.engine import Engine
from acd.model import OfferCause
from callcenter.asterisk.actions import Redirect, SetVariable
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import ActionFailed, AmiError, InvalidAction, NotConnected
from callcenter.asterisk.session import Answer
from callcenter.calls.call import Call, CallState
from callcenter.calls.errands import Errands
from callcenter.calls.register import CallRegister, Note

log = structlog.get_logger(__name__)

OFFERABLE: Final = frozenset({CallState.ARRIVED, CallState.WAITING, CallState.OFFERED})
NO_CHANNEL: Final = "Channel does not exist"
"""What AMI answers to a redirect of a channel that is gone."""
BEGINS_WITHIN_S: Final = 0.5
LONGEST_EXTENSION: Final = 79
"""Asterisk cuts a longer one without a word (AST_MAX_EXTENSION)."""

NotOffered = Callable[[commands.Offer, OfferCause], None]


class Offers:
    """Carries out `acd.commands.Offer` and `acd.commands.CancelOffer`."""

    def __init__(
        self,
        *,
        engine: Engine,
        link: AmiLink,
        register: CallRegister,
        errands: Errands,
        note: Note,
        phone_of: Callable[[str], str],
        not_offered: NotOffered,
        in_doubt: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        """``in_doubt`` is told when an action's outcome is unknown."""
        self._engine = engine
        self._link = link
        self._register = register
        self._errands = errands
        self._note = note
        self._phone_of = phone_of
        self._not_offered = not_offered
        self._in_doubt = in_doubt
        self._clock = clock
        self._sent: dict[str, tuple[commands.Offer, float]] = {}
        """By call: an offer that Asterisk has taken, and when; it should begin at once."""

    def make(self, offer: commands.Offer) -> None:
        """Ring the seats' phones for the caller."""
        call = self._register.find(offer.call_id)
        if call is None or call.closed:
            return
        self._note(call.id, "offer.made", _named(offer))
        self._send(call, offer, self._send_at_once(call, offer))

    def tick(self, now: float) -> None:
        """Send again, once, what Asterisk took and did not begin.

        A redirect that comes while the dialplan is in the middle of a jump of its own is lost:
        the jump then leads where it would have led, and the answer was "Success" all the same.
        """
        for call_id, (offer, since) in list(self._sent.items()):
            if now - since < BEGINS_WITHIN_S:
                continue
            del self._sent[call_id]
            call = self._register.find(call_id)
            if call and not call.closed and self._not_begun(call, offer):
                self._send(call, offer, None, again=True)

    def _not_begun(self, call: Call, offer: commands.Offer) -> bool:
        return call.state is not CallState.OFFERED and self._stands(call, offer)

    def _send(
        self, call: Call, offer: commands.Offer, sent: Answer | None, *, again: bool = False
    ) -> None:
        async def redirect() -> None:
            try:
                if sent:
                    await sent()
                else:
                    await self._link.catch_up(sure=again)
                    if not (self._not_begun if again else self._stands)(call, offer):
                        return
                    await self._ring(call, offer)
                if again:
                    log.warning("offer.sent_again", call_id=call.id, offer=offer.offer_id)
                else:
                    self._sent[call.id] = (offer, self._clock())
            except ActionFailed as error:
                log.warning("offer.refused", call_id=call.id, why=str(error))
                if NO_CHANNEL not in str(error):
                    self._not_offered(offer, OfferCause.UNREACHABLE)
                # Else the caller has just hung up, and the seat is not to blame.
            except (NotConnected, InvalidAction) as error:
                log.warning("offer.unsent", call_id=call.id, why=str(error))
                self._not_offered(offer, OfferCause.BUSY)
            except AmiError as error:
                # Whether it rings is unknown: only a look at Asterisk can tell.
                log.warning("offer.unknown", call_id=call.id, why=str(error))
                self._in_doubt()

        self._errands.run(call.id, "offer", redirect)

    def _stands(self, call: Call, offer: commands.Offer) -> bool:
        standing = self._engine.call(call.id)
        return (
            standing is not None and standing.offer_id == offer.offer_id and call.state in OFFERABLE
        )

    def _send_at_once(self, call: Call, offer: commands.Offer) -> Answer | None:
        """Let nothing stand between a decision and the phone, if it can be said in one action."""
        redirect = _redirect(call, offer, self._seats_at_phones(offer))
        if len(redirect.exten) > LONGEST_EXTENSION or self._link.behind:
            return None
        if not (self._errands.idle(call.id) and self._stands(call, offer)):
            return None
        try:
            return self._link.post(redirect)
        except AmiError:
            return None  # what fails is told where it is tried again, in its turn

    async def _ring(self, call: Call, offer: commands.Offer) -> None:
        seats = self._seats_at_phones(offer)
        redirect = _redirect(call, offer, seats)
        if len(redirect.exten) > LONGEST_EXTENSION:
            await self._link.send(SetVariable(call.channel, f"OFFER_{offer.offer_id}", seats))
            redirect = _redirect(call, offer, "")
        await self._link.send(redirect)

    def _seats_at_phones(self, offer: commands.Offer) -> str:
        return "&".join(map(self._seat_at_phone, offer.seat_ids))

    def _seat_at_phone(self, seat_id: str) -> str:
        phone = self._phone_of(seat_id)
        return seat_id if phone == seat_id else f"{seat_id}@{phone}"

    def cancel(self, cancelled: commands.CancelOffer) -> None:
        """Stop the ringing; the caller waits again."""
        call = self._register.find(cancelled.call_id)
        if call is None or call.closed:
            return
        self._note(call.id, "offer.cancelled", _named(cancelled))

        async def back_to_hold() -> None:
            await self._link.catch_up()
            caller = call.caller_leg
            # In fallback they may talk already, with a seat that Asterisk found.
            if call.closed or call.state is CallState.FALLBACK or (caller and caller.on_bridge):
                return
            try:
                await self._link.send(
                    Redirect(channel=call.channel, context="hold", exten="s", priority=1)
                )
            except AmiError as error:
                log.warning("offer.not_cancelled", call_id=call.id, why=str(error))

        self._errands.run(call.id, "cancel offer", back_to_hold)


def _redirect(call: Call, offer: commands.Offer, seats: str) -> Redirect:
    exten = f"{seats}*{round(offer.ring_s)}*{offer.offer_id}"
    return Redirect(channel=call.channel, context="offer", exten=exten, priority=1)


def _named(offer: commands.Offer | commands.CancelOffer) -> dict[str, object]:
    return {
        "offer": offer.offer_id,
        "seat": offer.seat_ids[0],
        "seats": list(offer.seat_ids),
    }
