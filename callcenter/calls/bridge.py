"""Who is on a call's bridge: legs that come and go, and what follows for seats and the ladder."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from acd import events as acd_events
from acd.model import CallState as EngineState
from callcenter.asterisk import events as ami
from callcenter.calls.call import Call, Step
from callcenter.calls.distribution import Distribution
from callcenter.calls.ladder import Rung
from callcenter.calls.leaving import heard_both
from callcenter.calls.legs import Leg, Role
from callcenter.calls.listen import Listener
from callcenter.calls.officers import OfficerHunts
from callcenter.calls.parties import Parties
from callcenter.calls.register import CallRegister, Note
from callcenter.calls.steps import Steps

ASIDE: Final = "-aside"
"""What the name of the bridge beside a call's ends with."""


class Bridge:
    """Follows the legs of all calls."""

    def __init__(
        self,
        *,
        register: CallRegister,
        distribution: Distribution,
        steps: Steps,
        note: Note,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._register = register
        self._distribution = distribution
        self._steps = steps
        self._note = note
        self._clock = clock
        self.listener: Listener
        self.officers: OfficerHunts
        self.parties: Parties

    def joining(self, event: ami.PartyJoining) -> None:
        """Take in a party that is about to enter."""
        call = self._register.find(event.call_id)
        if call and not call.closed:
            self._leg_of(
                call, event.uniqueid, event.channel, event.role, event.party_id, event.offer_id
            )

    def _leg_of(
        self, call: Call, uniqueid: str, channel: str, role: str, party: str, offer_id: str
    ) -> Leg:
        """The leg of this channel, made on the first sign of it, whichever event that is."""
        known = call.legs.get(uniqueid)
        if known:
            return known
        leg = Leg(uniqueid, channel, Role(role) if role in set(Role) else Role.OPERATOR, party)
        if leg.role is Role.OPERATOR:
            leg.party = self._distribution.phones.seat_named(party, offer_id)
        call.legs[uniqueid] = leg
        self.listener.listen(call, leg)
        if leg.role is Role.OPERATOR:
            self.operator_joining(call, leg.party, offer_id, self._clock())
        return leg

    def operator_joining(self, call: Call, seat_id: str, offer_id: str, now: float) -> None:
        """Note that this seat has the call; without an offer it is adopted."""
        self._steps.take(call.id, Step.OPERATOR_JOINED, seat=seat_id)
        call.seat = seat_id
        if call.in_distribution and offer_id:
            self._distribution.feed(acd_events.OfferAnswered(call.id, seat_id, offer_id), now)
        if self._distribution.seat_of(call.id) is None:
            call.in_distribution = True
            self._distribution.feed(
                acd_events.CallAdopted(
                    call.id, call.queue, seat_id=seat_id, waiting_since=call.started_at
                ),
                now,
            )
        self._register.changed(call)

    def joined(self, event: ami.BridgeJoined, now: float) -> None:
        """Note that a leg is on the bridge."""
        call = self._register.find(event.call_id)
        if call is None or call.closed:
            return
        # The dialplan's own event of this may come after the bridge's.
        known = event.variables
        leg = self._leg_of(
            call,
            event.uniqueid,
            event.channel,
            known.get("CALL_ROLE", ""),
            known.get("CALL_PARTY", ""),
            known.get("OFFER_ID", ""),
        )
        leg.left_ms = None
        leg.joined_ms = call.ms(now)
        leg.aside = False
        self.note_leg(call, leg, "leg.joined", leg.joined_ms)
        self.listener.listen(call, leg)
        self.parties.came(call, leg.id)
        if leg.role is Role.OFFICER:
            self.officer_joined(call, leg)
        if call.caller_leg and call.caller_leg.on_bridge and call.on_bridge(Role.OPERATOR):
            self._register.reach(call, Rung.ANSWERED)
        self._register.changed(call)

    def joined_aside(self, event: ami.BridgeJoined, now: float) -> None:
        """Note that a leg is apart from the caller: an operator, or whoever is asked first."""
        call = self._register.find(event.call_id.removesuffix(ASIDE))
        if call is None or call.closed:
            return
        known = event.variables
        leg = self._leg_of(
            call,
            event.uniqueid,
            event.channel,
            known.get("CALL_ROLE", ""),
            known.get("CALL_PARTY", ""),
            known.get("OFFER_ID", ""),
        )
        leg.aside = True
        if leg.on_bridge:
            leg.left_ms = call.ms(now)
        self.note_leg(call, leg, "leg.aside", call.ms(now))
        self.parties.came(call, leg.id)
        self._register.changed(call)

    def officer_joined(self, call: Call, leg: Leg) -> None:
        """Note that an officer is on the bridge."""
        self._steps.take(call.id, Step.OFFICER_JOINED, officer=leg.party)
        call.officer = leg.party
        call.officer_state = "joined"
        call.officer_precinct = self.officers.area(call)
        self.officers.joined(call)
        known = self._distribution.engine.call(call.id)
        if known and known.state in {EngineState.WAITING, EngineState.OFFERED}:
            # The caller had come back to the queue meanwhile: no seat is needed any more.
            adopted = acd_events.CallAdopted(call.id, call.queue, None, call.started_at)
            self._distribution.feed(adopted, self._clock())

    def voice(self, call: Call, leg: Leg) -> None:
        """Voice began or ended on a leg; the bridge counts once both sides were heard."""
        caller = call.caller_leg
        if heard_both(call):
            call.officer_state = "heard"
            self._register.reach(call, Rung.BOTH_HEARD)
        if caller and not call.conversed:
            for operator in call.on_bridge(Role.OPERATOR):
                since = operator.joined_ms or 0
                if operator.heard_since(since) and caller.heard_since(since):
                    call.conversed = True
                    ms = call.ms(self._clock())
                    self._note(call.id, "call.conversed", {"seat": operator.party, "ms": ms})
                    break

    def leg_left(self, uniqueid: str, now: float) -> None:
        """Note that a leg is no longer on the bridge."""
        call = self._register.by_leg(uniqueid)
        if call is None:
            return
        leg = call.legs[uniqueid]
        if leg.aside:
            if leg.on_bridge:
                # On the way aside, and as good as there.
                leg.left_ms = call.ms(now)
                self._register.changed(call)
                return
            leg.aside = False
        elif not leg.on_bridge:
            return
        leg.left_ms = call.ms(now)
        leg.speaking = False
        self.note_leg(call, leg, "leg.left", leg.left_ms)
        if leg.role is Role.OPERATOR:
            self._operator_left(call, leg, now)
        elif leg.role is Role.OFFICER and not call.on_bridge(Role.OFFICER):
            call.officer_state = None
            if call.may(Step.OFFICERS_GONE):
                self._steps.take(call.id, Step.OFFICERS_GONE)
        self._register.changed(call)

    def _operator_left(self, call: Call, leg: Leg, now: float) -> None:
        if call.on_bridge(Role.OFFICER):
            self._register.reach(call, Rung.OPERATOR_LEFT)
        if not any(other.party == leg.party for other in call.on_bridge(Role.OPERATOR)):
            if call.seat == leg.party:
                call.seat = None
            if self._may_be_held(call):
                call.leaving.setdefault(leg.party, now)
            else:
                self._distribution.feed(acd_events.SeatLeft(leg.party, call.id), now)
            self._pass_on(call, now)

    def _pass_on(self, call: Call, now: float) -> None:
        """Another operator is there still: the call is that seat's from now on."""
        others = [leg for leg in call.legs.values() if leg.role is Role.OPERATOR]
        other = next((leg for leg in others if leg.on_bridge or leg.aside), None)
        if other is None or call.closed:
            return
        call.seat = other.party
        if self._distribution.seat_of(call.id) is None:
            adopted = acd_events.CallAdopted(call.id, call.queue, other.party, call.started_at)
            self._distribution.feed(adopted, now)

    def _may_be_held(self, call: Call) -> bool:
        """Whether the caller went first and the seat may have to be kept for them.

        Whether they hung up or were cut off is told with the end of their channel, which comes
        some milliseconds after that of the operator's.
        """
        queues = self._distribution.floor.queues
        held = any(queue.id == call.queue and queue.called_party_hold_s > 0 for queue in queues)
        caller = call.caller_leg
        return held and not call.closed and caller is not None and not caller.on_bridge

    def let_seats_go(self, call: Call, now: float, *, after_s: float = 0.0) -> None:
        """Free the seats that left with a caller of whose end nothing was heard for so long."""
        for seat_id, since in list(call.leaving.items()):
            if now - since >= after_s:
                del call.leaving[seat_id]
                self._distribution.feed(acd_events.SeatLeft(seat_id, call.id), now)

    def note_leg(self, call: Call, leg: Leg, kind: str, ms: int | None) -> None:
        """Note that a leg came onto the bridge or left it, ``ms`` after the first INVITE."""
        payload = {"leg": leg.id, "role": leg.role, "party": leg.party, "ms": ms}
        self._note(call.id, kind, payload)
