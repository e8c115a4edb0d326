"""Calls that wait for a voice: what distribution hears of them, and what becomes of its offers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from acd import events as acd_events
from acd.model import CallState as EngineState
from acd.model import OfferCause
from callcenter.asterisk import events as ami
from callcenter.calls.call import Call, CallState, Step
from callcenter.calls.distribution import Distribution
from callcenter.calls.facts import identity_of
from callcenter.calls.priorities import Priorities
from callcenter.calls.register import CallRegister, Note
from callcenter.calls.steps import Steps

ON_THE_WAY_S: Final = 2.0
"""An offer or divert so young may not have reached the caller's channel yet."""
CAUSE_OF_DIAL_STATUS: Final[Mapping[str, OfferCause]] = {
    "NOANSWER": OfferCause.NO_ANSWER,
    "REJECTED": OfferCause.REJECTED,
    "BUSY": OfferCause.BUSY,
    "PHONE_IN_USE": OfferCause.BUSY,
    "CONGESTION": OfferCause.UNREACHABLE,
    "CHANUNAVAIL": OfferCause.UNREACHABLE,
    "CANCEL": OfferCause.CALLER_LEFT,
}


class Waiting:
    """Follows callers from their arrival until somebody talks with them."""

    def __init__(
        self,
        *,
        register: CallRegister,
        distribution: Distribution,
        priorities: Priorities,
        steps: Steps,
        note: Note,
        returned: Callable[[str, str, float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``returned`` takes back a call that was thought to talk: its id, why, and the time."""
        self._register = register
        self._distribution = distribution
        self._priorities = priorities
        self._steps = steps
        self._note = note
        self._returned = returned
        self._clock = clock

    def handle(self, event: ami.Event, now: float) -> None:
        """Follow what the dialplan says of a caller who waits."""
        match event:
            case ami.CallWaiting():
                self._entered_hold(event.call_id, now)
            case ami.OfferStarted():
                self._offer_started(event)
            case ami.OfferEnded():
                self._offer_ended(event, now)
            case ami.AnnouncementEnded():
                self._announcement_ended(event.call_id, now)
            case ami.CallbackWanted():
                self.call_back_wanted(event.call_id, now)
            case ami.DivertStarted():
                self._steps.take(event.call_id, Step.DIVERT_STARTED)
            case ami.DivertTaken():
                self._divert_taken(event.call_id, now)
            case ami.DivertFailed():
                self._divert_failed(event, now)
            case _:
                pass

    def intake_done(self, call_id: str, language: str) -> None:
        """Note the language that the caller chose; the call may now be offered."""
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        call.language = language
        self._note(call.id, "call.language", {"language": language})
        if not call.in_distribution and call.state is CallState.ARRIVED:
            self.enqueue(call, self._clock())
        elif call.in_distribution:
            needs = self._priorities.needs_of(call)
            self._distribution.feed(acd_events.CallNeeds(call.id, needs), self._clock())

    def _entered_hold(self, call_id: str, now: float) -> None:
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        known = self._distribution.engine.call(call_id)
        if not call.in_distribution or known is None:
            self.enqueue(call, now)
        elif known.state in {EngineState.TALKING, EngineState.HANDED_OVER}:
            self._returned(call_id, "waits again", now)
        elif call.state is CallState.DIVERTED or (
            # They may have entered as the redirect that diverts them was on its way.
            known.state is EngineState.DIVERTED and now - known.since > ON_THE_WAY_S
        ):
            self.divert_ended(call, now)

    def enqueue(self, call: Call, now: float) -> None:
        """Let distribution look for a seat for this call."""
        self._steps.take(call.id, Step.QUEUED)
        call.in_distribution = True
        priority = self._priorities.of(call)
        if priority != self._priorities.rules.line_priority(call.line):
            self._distribution.fallback.prefer(call, priority)
        self._distribution.feed(
            acd_events.CallArrived(
                call.id,
                call.queue,
                priority=priority,
                waiting_since=call.started_at,
                caller=identity_of(call.caller_number),
                origin=call.origin,
                needs=self._priorities.needs_of(call),
            ),
            now,
        )

    def prioritise(self, call: Call) -> None:
        """Tell distribution how urgent the call is by now: people have said more about it."""
        if call.in_distribution:
            priority = self._priorities.of(call)
            self._distribution.feed(acd_events.CallPrioritised(call.id, priority), self._clock())
            self._distribution.fallback.prefer(call, priority)
            self._register.changed(call)

    def _offer_started(self, event: ami.OfferStarted) -> None:
        call = self._register.find(event.call_id)
        if call and not call.closed:
            call.offered_to = event.seat_ids
            self._steps.take(
                call.id,
                Step.OFFER_STARTED,
                seat=event.seat_ids[0],
                seats=list(event.seat_ids),
                offer=event.offer_id,
            )

    def _offer_ended(self, event: ami.OfferEnded, now: float) -> None:
        call = self._register.find(event.call_id)
        if call and call.state is CallState.OFFERED:
            self._steps.take(
                call.id,
                Step.OFFER_ENDED,
                seat=event.seat_ids[0],
                seats=list(event.seat_ids),
                offer=event.offer_id,
                why=event.dial_status,
            )
        cause = CAUSE_OF_DIAL_STATUS.get(event.dial_status, OfferCause.UNREACHABLE)
        if cause is not OfferCause.CALLER_LEFT:
            self._distribution.feed(
                acd_events.OfferFailed(event.call_id, event.seat_ids[0], event.offer_id, cause), now
            )

    def _announcement_ended(self, call_id: str, now: float) -> None:
        call = self._register.find(call_id)
        if call and not call.closed:
            self._note(call.id, "call.announcement_ended", {"ms": call.ms(now)})
            self._distribution.feed(acd_events.AnnouncementEnded(call.id), now)

    def call_back_wanted(self, call_id: str, now: float) -> None:
        """The caller waits no longer, but for a call; may be said more than once."""
        call = self._register.find(call_id)
        if call is None or call.closed or call.call_back_wanted:
            return
        call.call_back_wanted = True
        self._note(call.id, "call.call_back_wanted", {"ms": call.ms(now)})
        call.in_distribution = False
        self._distribution.feed(acd_events.CallLeft(call.id, redial=False), now)
        self._register.changed(call)

    def _divert_taken(self, call_id: str, now: float) -> None:
        call = self._register.find(call_id)
        if call and not call.closed:
            self._note(call.id, "call.divert_taken", {"ms": call.ms(now)})

    def _divert_failed(self, event: ami.DivertFailed, now: float) -> None:
        call = self._register.find(event.call_id)
        if call is None or call.closed:
            return
        self._note(call.id, "call.divert_failed", {"why": event.why, "ms": call.ms(now)})
        self.divert_ended(call, now)

    def divert_ended(self, call: Call, now: float) -> None:
        """Let a caller whom nobody took elsewhere wait here again."""
        if call.state is CallState.DIVERTED:
            self._steps.take(call.id, Step.QUEUED)
        self._distribution.feed(acd_events.DivertFailed(call.id), now)
