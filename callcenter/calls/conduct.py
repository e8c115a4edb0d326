"""A call from its first event to its last.

Asterisk's messages go in; the state table, the legs and the ladder follow them; distribution
is told and its commands become actions. Asterisk is the truth: an event that does not fit the
table is noted and the next snapshot puts things right, never the other way round.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from acd import events as acd_events
from callcenter.asterisk import events as ami
from callcenter.calls.aside import Aside
from callcenter.calls.bridge import ASIDE, Bridge
from callcenter.calls.call import Call, CallState, Step
from callcenter.calls.call_backs import CallBacks
from callcenter.calls.call_in import CallIns
from callcenter.calls.day import Day
from callcenter.calls.distribution import Distribution
from callcenter.calls.ending import ending
from callcenter.calls.facts import origin_of
from callcenter.calls.ladder import Ladder, Rung, budgets_of
from callcenter.calls.legs import Leg, Role
from callcenter.calls.listen import Listener
from callcenter.calls.notices import Notices
from callcenter.calls.officers import OfficerHunts
from callcenter.calls.parties import Parties, is_party
from callcenter.calls.priorities import Priorities
from callcenter.calls.register import CallRegister, Note
from callcenter.calls.rounds import Rounds
from callcenter.calls.steps import Steps
from callcenter.calls.vanished import VanishWatch
from callcenter.calls.waiting import Waiting
from callcenter.settings import Settings

log = structlog.get_logger(__name__)

FIRST_SEEN_KEPT = 1000
"""How many new channels are remembered until the dialplan says that they are calls."""
TAP_AFTER_S: Final = 0.05
"""Asterisk first rings a seat's phone, if one is free, and then lets us listen."""
DROPPED: Final = frozenset({27, 38, 41, 42, 44, 47, 102})
"""Q.850 causes of a connection that failed: destination or network out of order, temporary
failure, congestion, no more sound (or no channel), resources, a timer that ran out."""
KNOWS_SEAT: Final = frozenset({"no-officer", "held"})
"""Why the dialplan takes a caller back whom the last seat knows: given away, and nobody came; put
on hold, and nobody went back."""
OFFICER_VANISHED: Final = "officer-vanished"
"""Why the dialplan takes a caller back whose officer's phone failed, alone with them."""


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
        self.day = day or Day()
        self._register = register
        self.distribution = distribution
        self.note = note
        self._on_closed = on_closed
        self._clock = clock
        self._lines = {line.number: line for line in settings.lines}
        self._first_seen: OrderedDict[str, float] = OrderedDict()
        self._steps = Steps(register, note, clock)
        self.waiting = Waiting(
            register=register,
            distribution=distribution,
            priorities=priorities,
            steps=self._steps,
            note=note,
            returned=self.returned,
            clock=clock,
        )
        self.bridge = Bridge(
            register=register, distribution=distribution, steps=self._steps, note=note, clock=clock
        )
        self.rounds = Rounds(
            register=register,
            distribution=distribution,
            bridge=self.bridge,
            notices=notices,
            note=note,
        )
        self.call_backs: CallBacks
        self.call_ins: CallIns
        self.aside: Aside

    @property
    def listener(self) -> Listener:
        """Puts taps on legs; to be set before the first event."""
        return self.bridge.listener

    @listener.setter
    def listener(self, listener: Listener) -> None:
        self.bridge.listener = listener

    @property
    def parties(self) -> Parties:
        """Brings others to calls; to be set before the first event."""
        return self.bridge.parties

    @parties.setter
    def parties(self, parties: Parties) -> None:
        self.bridge.parties = parties

    @property
    def officers(self) -> OfficerHunts:
        """Rings officers; to be set before the first event."""
        return self.bridge.officers

    @officers.setter
    def officers(self, officers: OfficerHunts) -> None:
        self.bridge.officers = officers

    # What Asterisk tells.

    def handle(self, event: ami.Event) -> None:
        """Follow one event."""
        now = self._clock()
        match event:
            case ami.ChannelCreated():
                self._remember(event.uniqueid, now)
            case ami.CallArrived():
                self._arrived(event, now)
            case ami.PartyJoining():
                self.bridge.joining(event)
            case ami.BridgeJoined() if event.call_id.endswith(ASIDE):
                self.bridge.joined_aside(event, now)
            case ami.BridgeLeft() if event.call_id.endswith(ASIDE):
                pass  # back to the caller, or gone: both are told otherwise
            case ami.BridgeJoined():
                self.bridge.joined(event, now)
            case ami.BridgeLeft() | ami.OperatorHangsUp():
                self.bridge.leg_left(event.uniqueid, now)
            case ami.CallerReturned():
                self.returned(event.call_id, event.why, now)
            case ami.FallbackEntered():
                self.fell_back(event.call_id, now)
            case ami.ChannelHungUp():
                self._hung_up(event, now)
                self.call_backs.hung_up(event.uniqueid)
                self.call_ins.ended(event.uniqueid)
                self.parties.ended(event.uniqueid)
            case ami.CallBackDialled():
                self.call_backs.dialled(event, now)
            case ami.OfficerAnswered() | ami.OfficerTook() | ami.OfficerDeclined() if is_party(
                event.attempt_id
            ):
                self._of_party(event)
            case ami.OfficerAnswered():
                self.officers.answered(event.call_id, event.officer_id, event.attempt_id)
            case ami.OfficerTook():
                self.officers.took(event.call_id, event.officer_id, event.attempt_id)
            case ami.OfficerDeclined():
                self.officers.declined(event.attempt_id, silent=not event.key)
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
                self.waiting.handle(event, now)

    def _of_party(self, event: ami.Event) -> None:
        """Follow the keys of a partner who is rung; what follows is told by their channel."""
        if isinstance(event, ami.OfficerTook):
            call = self._register.find(event.call_id)
            if call and not call.closed:
                self.parties.took(call, event.attempt_id)

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
            self.waiting.enqueue(call, now)

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
        self.listener.listen(call, call.legs[uniqueid], after_s=TAP_AFTER_S)
        return call

    def new_ladder(self) -> Ladder:
        """Make an empty ladder with the budgets of the settings."""
        return Ladder(budgets_of(self.deadlines))

    def returned(self, call_id: str, why: str, now: float) -> None:
        """Take the caller back to the head of the queue: nobody else is on the bridge."""
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        self.note(call.id, "call.returned", {"why": why, "ms": call.ms(now)})
        had_it = call.seat or _last(call, Role.OPERATOR)
        lost = had_it if why == "vanished" else None
        officer = _last(call, Role.OFFICER) if why == OFFICER_VANISHED else None
        self._steps.take(call.id, Step.RETURNED)
        self.bridge.let_seats_go(call, now)
        call.in_distribution = True
        self.distribution.feed(
            acd_events.CallReturned(
                call.id, lost, had_it if officer or why in KNOWS_SEAT else None
            ),
            now,
        )
        known = self.distribution.engine.call(call.id)
        if known and known.queue != call.queue:
            # Given to another queue by the operator.
            self.distribution.feed(acd_events.CallMoved(call.id, call.queue), now)
        for leg in call.legs.values():
            if leg.role is not Role.CALLER and leg.on_bridge:
                self.bridge.leg_left(leg.id, now)
        self._register.changed(call)
        if officer:
            # Whoever comes first has the caller: a seat, this officer again, or the next one.
            self.officers.ring_again(call, officer)

    def fell_back(self, call_id: str, now: float) -> None:
        """Note that Asterisk distributes this call by itself."""
        call = self._register.find(call_id)
        if call is None or call.closed or call.state is CallState.FALLBACK:
            return
        self._steps.take(call.id, Step.FELL_BACK)
        self.bridge.let_seats_go(call, now)
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
        self.bridge.leg_left(leg.id, now)
        if leg.role is Role.OPERATOR and leg.joined_ms is None:
            # Answered and gone before the bridge had it.
            self.distribution.feed(acd_events.SeatLeft(leg.party, call.id), now)
        if leg.left_ms is None:
            leg.left_ms = call.ms(now)
        self.listener.release(call, leg)
        if leg.role is Role.CALLER and not call.closed:
            if event.variables.get("CALL_BACK_WANTED"):
                # Promised as nobody listened.
                self.waiting.call_back_wanted(call.id, now)
            self.close(call, f"cause {event.cause}", now, dropped=event.cause in DROPPED)

    def close(self, call: Call, why: str, now: float, *, dropped: bool = False) -> None:
        """End a call whose caller is gone since ``now``; ``dropped``: not by hanging up."""
        operators = [leg.party for leg in call.legs.values() if leg.role is Role.OPERATOR]
        call.seat = operators[-1] if operators else call.seat
        self._steps.take(call.id, Step.ENDED, **ending(call, why, now), dropped=dropped)
        self._register.reach(call, Rung.CLOSED, call.ms(now))
        self.officers.cancel(call)
        self.parties.forget(call)
        self.listener.forget(call)
        call.in_distribution = False
        self.distribution.feed(acd_events.CallLeft(call.id, dropped=dropped), now)
        self.bridge.let_seats_go(call, now)
        self._register.changed(call)
        self._on_closed(call)

    def _originate_failed(self, event: ami.OriginateFailed) -> None:
        attempt_id = self.officers.attempt_of_channel(event.channel_id)
        if attempt_id:
            self.officers.failed(attempt_id)
        self.call_backs.failed(event.channel_id)
        self.call_ins.ended(event.channel_id)
        self.parties.ended(event.channel_id)

    def device(self, device: str, state: str, now: float) -> None:
        """Follow the state of a seat's phone."""
        phone = device.removeprefix("PJSIP/")
        self.distribution.device(phone, state, now)

    # What the clock tells.

    def tick(self) -> None:
        """Let time pass: expired offers, ended wrap-ups, missed deadlines."""
        now = self._clock()
        if self.day.turned():
            self.distribution.feed(acd_events.DayBegan(), now)
        self.distribution.tick(now)
        self.officers.tick()
        self._vanished.tick(now)
        self.aside.tick()
        self.rounds.go(now, self.deadlines.officer_heard_s)

    def next_wakeup(self) -> float | None:
        """When `tick` is due next (monotonic seconds)."""
        due = [
            self.distribution.engine.next_wakeup(),
            self.officers.next_wakeup(),
            self.rounds.next_wakeup(),
        ]
        return min((at for at in due if at is not None), default=None)


def _last(call: Call, role: Role) -> str | None:
    """Who came last in this role, whether they are still there or not."""
    return next((leg.party for leg in reversed(call.legs.values()) if leg.role is role), None)
