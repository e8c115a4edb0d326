"""A call from its first event to its last.

Asterisk's messages go in; the state table, the legs and the ladder follow them; distribution
is told and its commands become actions. Asterisk is the truth: an event that does not fit the
table is noted and the next snapshot puts things right, never the other way round.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from acd import events as acd_events
from acd.model import CallState as EngineState
from acd.model import OfferCause
from callcenter.asterisk import events as ami
from callcenter.calls.call import Call, CallState, Step
from callcenter.calls.call_backs import CallBacks
from callcenter.calls.day import Day
from callcenter.calls.distribution import Distribution
from callcenter.calls.ending import ending
from callcenter.calls.facts import identity_of, origin_of
from callcenter.calls.ladder import Ladder, Rung, budgets_of
from callcenter.calls.legs import Leg, Role
from callcenter.calls.listen import Listener
from callcenter.calls.notices import Notices
from callcenter.calls.officers import OfficerHunts
from callcenter.calls.priorities import Priorities
from callcenter.calls.register import CallRegister, Note
from callcenter.calls.vanished import VanishWatch
from callcenter.settings import Settings

log = structlog.get_logger(__name__)

ALONE_S = 2.0
"""Asterisk itself puts a caller who is left alone elsewhere within milliseconds."""
FIRST_SEEN_KEPT = 1000
"""How many new channels are remembered until the dialplan says that they are calls."""

CAUSE_OF_DIAL_STATUS: Mapping[str, OfferCause] = {
    "NOANSWER": OfferCause.NO_ANSWER,
    "BUSY": OfferCause.REJECTED,
    "CONGESTION": OfferCause.UNREACHABLE,
    "CHANUNAVAIL": OfferCause.UNREACHABLE,
    "CANCEL": OfferCause.CALLER_LEFT,
}
DROPPED: Final = frozenset({27, 38, 41, 42, 44, 47, 102})
"""Q.850 causes of a connection that failed: destination or network out of order, temporary
failure, congestion, no more sound (or no channel), resources, a timer that ran out."""


class Conductor:
    """Applies events to calls. Runs in one task; never blocks."""

    def __init__(
        self,
        *,
        settings: Settings,
        register: CallRegister,
        distribution: Distribution,
        priorities: Priorities,
        vanished: VanishWatch,
        notices: Notices,
        note: Note,
        on_closed: Callable[[Call], None],
        clock: Callable[[], float] = time.monotonic,
        day: Day | None = None,
    ) -> None:
        self._settings = settings
        self.deadlines = settings.deadlines
        """Of calls that come from now on; may be replaced."""
        self.priorities = priorities
        self._vanished = vanished
        self._day = day or Day()
        self._register = register
        self.distribution = distribution
        self._notices = notices
        self.note = note
        self._on_closed = on_closed
        self._clock = clock
        self._lines = {line.number: line for line in settings.lines}
        self._first_seen: OrderedDict[str, float] = OrderedDict()
        self.listener: Listener
        self.officers: OfficerHunts
        self.call_backs: CallBacks

    # What Asterisk tells.

    def handle(self, event: ami.Event) -> None:
        """Follow one event."""
        now = self._clock()
        match event:
            case ami.ChannelCreated():
                self._remember(event.uniqueid, now)
            case ami.CallArrived():
                self._arrived(event, now)
            case ami.CallWaiting():
                self._waiting(event.call_id, now)
            case ami.OfferStarted():
                self._offer_started(event)
            case ami.OfferEnded():
                self._offer_ended(event, now)
            case ami.AnnouncementEnded():
                self._announcement_ended(event.call_id, now)
            case ami.CallbackWanted():
                self._call_back_wanted(event.call_id, now)
            case ami.DivertStarted():
                self._step(event.call_id, Step.DIVERT_STARTED)
            case ami.DivertTaken():
                self._divert_taken(event.call_id, now)
            case ami.DivertFailed():
                self._divert_failed(event, now)
            case ami.PartyJoining():
                self._joining(event)
            case ami.BridgeJoined():
                self._joined(event, now)
            case ami.BridgeLeft():
                self.leg_left(event.uniqueid, now)
            case ami.CallerReturned():
                self.returned(event.call_id, event.why, now)
            case ami.FallbackEntered():
                self.fell_back(event.call_id, now)
            case ami.ChannelHungUp():
                self._hung_up(event, now)
                self.call_backs.hung_up(event.uniqueid)
            case ami.CallBackDialled():
                self.call_backs.dialled(event, now)
            case ami.OfficerAnswered():
                self.officers.answered(event.call_id, event.officer_id, event.attempt_id)
            case ami.OfficerTook():
                self.officers.took(event.call_id, event.officer_id, event.attempt_id)
            case ami.OfficerDeclined():
                self.officers.declined(event.attempt_id)
            case ami.ChannelRinging():
                self.officers.rings(event.uniqueid)
            case ami.OriginateFailed():
                self._originate_failed(event)
            case ami.DeviceState():
                self.device(event.device, event.state, now)
            case ami.ContactChanged():
                seats = self.distribution.phones.seats_at(event.phone)
                self._vanished.contact(seats, event.reachable, now)
            case _:
                pass

    def _remember(self, uniqueid: str, now: float) -> None:
        self._first_seen[uniqueid] = now
        while len(self._first_seen) > FIRST_SEEN_KEPT:
            self._first_seen.popitem(last=False)

    def _arrived(self, event: ami.CallArrived, now: float) -> None:
        if self._register.find(event.call_id):
            return
        started_at = self._first_seen.pop(event.uniqueid, now)
        call = self.open_call(
            call_id=event.call_id,
            channel=event.channel,
            uniqueid=event.uniqueid,
            line=event.line,
            queue=event.queue,
            caller_number=event.caller_number,
            started_at=started_at,
        )
        call.origin = origin_of(event.access, event.geolocation)
        self.note(
            call.id,
            "call.arrived",
            {
                "line": call.line,
                "queue": call.queue,
                "from": call.caller_number,
                "origin": call.origin,
                "ms": call.ms(now),
            },
        )
        line = self._lines.get(call.line)
        if line is None or len(line.languages) == 1:
            self.enqueue(call, now)

    def open_call(
        self,
        *,
        call_id: str,
        channel: str,
        uniqueid: str,
        line: str,
        queue: str,
        caller_number: str,
        started_at: float,
    ) -> Call:
        """Take a call into the register, its caller's leg tapped."""
        behind_s = self._clock() - started_at
        known = self._lines.get(line)
        call = Call(
            id=call_id,
            line=line,
            queue=self.priorities.rules.queue(line) or queue or self._settings.queues[0].id,
            channel=channel,
            caller_number=caller_number,
            arrived_at=datetime.now(UTC) - timedelta(seconds=behind_s),
            started_at=started_at,
            ladder=self.new_ladder(),
            language=known.languages[0] if known else "en",
        )
        call.ladder.reach(Rung.RINGING, 0)
        call.legs[uniqueid] = Leg(uniqueid, channel, Role.CALLER, caller_number)
        self._register.add(call)
        self.listener.listen(call, call.legs[uniqueid])
        return call

    def new_ladder(self) -> Ladder:
        """Make an empty ladder with the budgets of the settings."""
        return Ladder(budgets_of(self.deadlines))

    def intake_done(self, call_id: str, language: str) -> None:
        """Note the language that the caller chose; the call may now be offered."""
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        call.language = language
        self.note(call.id, "call.language", {"language": language})
        if not call.in_distribution and call.state is CallState.ARRIVED:
            self.enqueue(call, self._clock())
        elif call.in_distribution:
            needs = self.priorities.needs_of(call)
            self.distribution.feed(acd_events.CallNeeds(call.id, needs), self._clock())

    def _waiting(self, call_id: str, now: float) -> None:
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        known = self.distribution.engine.call(call_id)
        if not call.in_distribution or known is None:
            self.enqueue(call, now)
        elif known.state in {EngineState.TALKING, EngineState.HANDED_OVER}:
            self.returned(call_id, "waits again", now)
        elif call.state is CallState.DIVERTED:
            self._step(call_id, Step.QUEUED)
            self.distribution.feed(acd_events.DivertFailed(call.id), now)

    def enqueue(self, call: Call, now: float) -> None:
        """Let distribution look for a seat for this call."""
        self._step(call.id, Step.QUEUED)
        call.in_distribution = True
        priority = self.priorities.of(call)
        if priority != self.priorities.rules.line_priority(call.line):
            self.distribution.fallback.prefer(call, priority)
        self.distribution.feed(
            acd_events.CallArrived(
                call.id,
                call.queue,
                priority=priority,
                waiting_since=call.started_at,
                caller=identity_of(call.caller_number),
                origin=call.origin,
                needs=self.priorities.needs_of(call),
            ),
            now,
        )

    def prioritise(self, call: Call) -> None:
        """Tell distribution how urgent the call is by now: people have said more about it."""
        if call.in_distribution:
            priority = self.priorities.of(call)
            self.distribution.feed(acd_events.CallPrioritised(call.id, priority), self._clock())
            self.distribution.fallback.prefer(call, priority)
            self._register.changed(call)

    def _offer_started(self, event: ami.OfferStarted) -> None:
        call = self._register.find(event.call_id)
        if call and not call.closed:
            call.offered_to = event.seat_ids
            self._step(
                call.id,
                Step.OFFER_STARTED,
                seat=event.seat_ids[0],
                seats=list(event.seat_ids),
                offer=event.offer_id,
            )

    def _offer_ended(self, event: ami.OfferEnded, now: float) -> None:
        call = self._register.find(event.call_id)
        if call and call.state is CallState.OFFERED:
            self._step(
                call.id,
                Step.OFFER_ENDED,
                seat=event.seat_ids[0],
                seats=list(event.seat_ids),
                offer=event.offer_id,
                why=event.dial_status,
            )
        cause = CAUSE_OF_DIAL_STATUS.get(event.dial_status, OfferCause.UNREACHABLE)
        if cause is not OfferCause.CALLER_LEFT:
            self.distribution.feed(
                acd_events.OfferFailed(event.call_id, event.seat_ids[0], event.offer_id, cause), now
            )

    def _announcement_ended(self, call_id: str, now: float) -> None:
        call = self._register.find(call_id)
        if call and not call.closed:
            self.note(call.id, "call.announcement_ended", {"ms": call.ms(now)})
            self.distribution.feed(acd_events.AnnouncementEnded(call.id), now)

    def _call_back_wanted(self, call_id: str, now: float) -> None:
        """The caller waits no longer, but for a call."""
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        self.note(call.id, "call.call_back_wanted", {"ms": call.ms(now)})
        call.in_distribution = False
        self.distribution.feed(acd_events.CallLeft(call.id, redial=False), now)
        self._register.changed(call)

    def _divert_taken(self, call_id: str, now: float) -> None:
        call = self._register.find(call_id)
        if call and not call.closed:
            self.note(call.id, "call.divert_taken", {"ms": call.ms(now)})

    def _divert_failed(self, event: ami.DivertFailed, now: float) -> None:
        call = self._register.find(event.call_id)
        if call is None or call.closed:
            return
        self.note(call.id, "call.divert_failed", {"why": event.why, "ms": call.ms(now)})
        if call.state is CallState.DIVERTED:
            self._step(call.id, Step.QUEUED)
        self.distribution.feed(acd_events.DivertFailed(call.id), now)

    def _joining(self, event: ami.PartyJoining) -> None:
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
            leg.party = self.distribution.phones.seat_named(party, offer_id)
        call.legs[uniqueid] = leg
        self.listener.listen(call, leg)
        if leg.role is Role.OPERATOR:
            self.operator_joining(call, leg.party, offer_id, self._clock())
        return leg

    def operator_joining(self, call: Call, seat_id: str, offer_id: str, now: float) -> None:
        """Note that this seat has the call; without an offer it is adopted."""
        self._step(call.id, Step.OPERATOR_JOINED, seat=seat_id)
        call.seat = seat_id
        if call.in_distribution and offer_id:
            self.distribution.feed(acd_events.OfferAnswered(call.id, seat_id, offer_id), now)
        if self.distribution.seat_of(call.id) is None:
            call.in_distribution = True
            self.distribution.feed(
                acd_events.CallAdopted(
                    call.id, call.queue, seat_id=seat_id, waiting_since=call.started_at
                ),
                now,
            )
        self._register.changed(call)

    def _joined(self, event: ami.BridgeJoined, now: float) -> None:
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
        self.note_leg(call, leg, "leg.joined", leg.joined_ms)
        self.listener.listen(call, leg)
        if leg.role is Role.OFFICER:
            self.officer_joined(call, leg)
        if call.caller_leg and call.caller_leg.on_bridge and call.on_bridge(Role.OPERATOR):
            self._register.reach(call, Rung.ANSWERED)
        self._register.changed(call)

    def officer_joined(self, call: Call, leg: Leg) -> None:
        """Note that an officer is on the bridge."""
        self._step(call.id, Step.OFFICER_JOINED, officer=leg.party)
        call.officer = leg.party
        call.officer_state = "joined"
        self.officers.joined(call)
        known = self.distribution.engine.call(call.id)
        if known and known.state in {EngineState.WAITING, EngineState.OFFERED}:
            # The caller had come back to the queue meanwhile: no seat is needed any more.
            adopted = acd_events.CallAdopted(call.id, call.queue, None, call.started_at)
            self.distribution.feed(adopted, self._clock())

    def voice(self, call: Call, leg: Leg) -> None:
        """Voice began or ended on a leg; the bridge counts once both sides were heard."""
        officers = call.on_bridge(Role.OFFICER)
        caller = call.caller_leg
        for officer in officers:
            since = officer.joined_ms or 0
            if caller and officer.heard_since(since) and caller.heard_since(since):
                call.officer_state = "heard"
                self._register.reach(call, Rung.BOTH_HEARD)
        if caller and not call.conversed:
            for operator in call.on_bridge(Role.OPERATOR):
                since = operator.joined_ms or 0
                if operator.heard_since(since) and caller.heard_since(since):
                    call.conversed = True
                    ms = call.ms(self._clock())
                    self.note(call.id, "call.conversed", {"seat": operator.party, "ms": ms})
                    break

    def leg_left(self, uniqueid: str, now: float) -> None:
        """Note that a leg is no longer on the bridge."""
        call = self._register.by_leg(uniqueid)
        if call is None:
            return
        leg = call.legs[uniqueid]
        if not leg.on_bridge:
            return
        leg.left_ms = call.ms(now)
        leg.speaking = False
        self.note_leg(call, leg, "leg.left", leg.left_ms)
        if leg.role is Role.OPERATOR:
            self._operator_left(call, leg, now)
        elif leg.role is Role.OFFICER and not call.on_bridge(Role.OFFICER):
            call.officer_state = None
            if call.may(Step.OFFICERS_GONE):
                self._step(call.id, Step.OFFICERS_GONE)
        self._register.changed(call)

    def _operator_left(self, call: Call, leg: Leg, now: float) -> None:
        if call.on_bridge(Role.OFFICER):
            self._register.reach(call, Rung.OPERATOR_LEFT)
        if not any(other.party == leg.party for other in call.on_bridge(Role.OPERATOR)):
            if call.seat == leg.party:
                call.seat = None
            self.distribution.feed(acd_events.SeatLeft(leg.party, call.id), now)

    def returned(self, call_id: str, why: str, now: float) -> None:
        """Take the caller back to the head of the queue: nobody else is on the bridge."""
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        self.note(call.id, "call.returned", {"why": why, "ms": call.ms(now)})
        lost = call.seat or next(
            (leg.party for leg in reversed(call.legs.values()) if leg.role is Role.OPERATOR), None
        )
        self._step(call.id, Step.RETURNED)
        call.in_distribution = True
        self.distribution.feed(
            acd_events.CallReturned(call.id, lost if why == "vanished" else None), now
        )
        for leg in call.legs.values():
            if leg.role is not Role.CALLER and leg.on_bridge:
                self.leg_left(leg.id, now)
        self._register.changed(call)

    def fell_back(self, call_id: str, now: float) -> None:
        """Note that Asterisk distributes this call by itself."""
        call = self._register.find(call_id)
        if call is None or call.closed or call.state is CallState.FALLBACK:
            return
        self._step(call.id, Step.FELL_BACK)
        if call.in_distribution:
            call.in_distribution = False
            self.distribution.feed(acd_events.CallLeft(call.id), now)

    def _hung_up(self, event: ami.ChannelHungUp, now: float) -> None:
        attempt_id = self.officers.attempt_of_channel(event.uniqueid)
        if attempt_id:
            self.officers.failed(attempt_id)
        call = self._register.by_leg(event.uniqueid)
        if call is None:
            return
        leg = call.legs[event.uniqueid]
        self.leg_left(leg.id, now)
        if leg.role is Role.OPERATOR and leg.joined_ms is None:
            # Answered and gone before the bridge had it.
            self.distribution.feed(acd_events.SeatLeft(leg.party, call.id), now)
        if leg.left_ms is None:
            leg.left_ms = call.ms(now)
        self.listener.release(call, leg)
        if leg.role is Role.CALLER and not call.closed:
            self.close(call, f"cause {event.cause}", now, dropped=event.cause in DROPPED)

    def close(self, call: Call, why: str, now: float, *, dropped: bool = False) -> None:
        """End a call whose caller is gone since ``now``; ``dropped``: not by hanging up."""
        operators = [leg.party for leg in call.legs.values() if leg.role is Role.OPERATOR]
        call.seat = operators[-1] if operators else call.seat
        self._step(call.id, Step.ENDED, **ending(call, why, now), dropped=dropped)
        self._register.reach(call, Rung.CLOSED, call.ms(now))
        self.officers.cancel(call)
        self.listener.forget(call)
        call.in_distribution = False
        self.distribution.feed(acd_events.CallLeft(call.id, dropped=dropped), now)
        self._register.changed(call)
        self._on_closed(call)

    def _originate_failed(self, event: ami.OriginateFailed) -> None:
        attempt_id = self.officers.attempt_of_channel(event.channel_id)
        if attempt_id:
            self.officers.failed(attempt_id)
        self.call_backs.failed(event.channel_id)

    def device(self, device: str, state: str, now: float) -> None:
        """Follow the state of a seat's phone."""
        phone = device.removeprefix("PJSIP/")
        self.distribution.device(phone, state, now)

    # What the clock tells.

    def tick(self) -> None:
        """Let time pass: expired offers, ended wrap-ups, missed deadlines."""
        now = self._clock()
        if self._day.turned():
            self.distribution.feed(acd_events.DayBegan(), now)
        self.distribution.feed(acd_events.Tick(), now)
        self.officers.tick()
        self._vanished.tick(now)
        self.distribution.phones.tick(now)
        for call in self._register.open():
            self._look_after_the_lonely(call, now)
            for rung in call.ladder.overdue(call.ms(now)):
                self.note(call.id, "ladder.missed", {"rung": rung.value})
                if rung is Rung.ANSWERED or Rung.ANSWERED in call.ladder.reached_ms:
                    self._notices.tell(f"late.{rung.value}", call.id, NEXT_STEP[rung])

    def _look_after_the_lonely(self, call: Call, now: float) -> None:
        """Send a caller back whom everybody has left without Asterisk's noticing."""
        if not call.alone:
            call.alone_since = None
        elif call.alone_since is None:
            call.alone_since = now
        elif now - call.alone_since > ALONE_S:
            call.alone_since = None
            self.note(call.id, "call.alone", {})
            self.distribution.send_back(call)

    def next_wakeup(self) -> float | None:
        """When `tick` is due next (monotonic seconds)."""
        due = [self.distribution.engine.next_wakeup(), self.officers.next_wakeup()]
        for call in self._register.open():
            deadline_ms = call.ladder.next_deadline_ms()
            if deadline_ms is not None:
                due.append(call.started_at + (deadline_ms + 1) / 1000)
        return min((at for at in due if at is not None), default=None)

    # Bookkeeping.

    def _step(self, call_id: str, step: Step, **payload: Any) -> None:
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        if not call.may(step):
            log.warning("call.odd_step", call_id=call_id, state=call.state, step=step)
            return
        call.take(step)
        self.note(call.id, f"call.{step.value}", {"ms": call.ms(self._clock())} | payload)
        self._register.changed(call)

    def note_leg(self, call: Call, leg: Leg, kind: str, ms: int | None) -> None:
        """Note that a leg came onto the bridge or left it, ``ms`` after the first INVITE."""
        payload = {"leg": leg.id, "role": leg.role, "party": leg.party, "ms": ms}
        self.note(call.id, kind, payload)


NEXT_STEP: Mapping[Rung, str] = {
    Rung.ANSWERED: "A caller has waited too long for a voice: take the call or set a seat ready.",
    Rung.OFFICER_RINGING: "No officer's phone rings yet: put the officer on the line.",
    Rung.BOTH_HEARD: "Caller and officer do not talk yet: stay on the line and ring another.",
}
