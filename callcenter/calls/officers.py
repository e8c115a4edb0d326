"""Putting the responsible officer on the line: a hunt for each call that asks for one.

The hunt itself (who next, when to stop) is pure and lives in `callcenter.precincts.hunt`. Here
its commands become ringing phones, and what the phones do becomes its events.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from callcenter.asterisk.adopt import FoundParty, PartyState
from callcenter.asterisk.render import OFFICER_KEY_S, OFFICER_TRIES
from callcenter.calls import officer_coming
from callcenter.calls.briefs import Brief
from callcenter.calls.call import Call, CallState
from callcenter.calls.errors import NotNow
from callcenter.calls.ladder import Rung
from callcenter.calls.legs import Role
from callcenter.calls.officer_phones import TRUNK, OfficerPhones, channel_of
from callcenter.calls.register import CallRegister, Note
from callcenter.precincts.answering import Answering, Missed
from callcenter.precincts.hunt import (
    AlsoWanted,
    AttemptAnswered,
    AttemptDeclined,
    AttemptFailed,
    AttemptState,
    AttemptTook,
    Cancelled,
    Candidate,
    Command,
    Event,
    Exhausted,
    Hunt,
    LadderChanged,
    Ring,
    Ringing,
    StopRinging,
    Tick,
    Timing,
)
from callcenter.precincts.hunt import Rung as OfficerRung
from callcenter.settings import Deadlines
from ivr.brief import LONGEST_MS

log = structlog.get_logger(__name__)

BeginBrief = Callable[[Call, str, str], Brief]
"""A call, an attempt and an officer to the brief that is made while the phone rings."""

PICK_UP_S = 3.0
"""An officer who is there picks up within this."""
PRESS_S = 2.0
"""From the end of the brief to the key and the first word."""


@dataclass(slots=True)
class _Attempt:
    """One ringing of one officer's phone."""

    call_id: str
    officer_id: str


@dataclass(slots=True)
class _Running:
    hunt: Hunt
    by: str
    precinct: str | None = None
    """The area whose officers are rung; None: people chose them."""
    attempts: dict[str, _Attempt] = field(default_factory=dict)
    far: dict[str, Mapping[str, float]] = field(default_factory=dict)
    """By attempt, those that are over too: distances as each phone began to ring."""


class OfficerHunts:
    """Runs at most one hunt a call."""

    def __init__(
        self,
        *,
        phones: OfficerPhones,
        register: CallRegister,
        note: Note,
        begin_brief: BeginBrief,
        candidates: Callable[[Call], Sequence[Candidate]],
        on_exhausted: Callable[[Call], None],
        on_not_answering: Callable[[Call, str], None],
        deadlines: Deadlines,
        phones_of: Callable[[str], tuple[str, ...]] = lambda officer_id: (),
        far: Callable[[Call, str], Mapping[str, float]] = lambda call, officer_id: {},
        area: Callable[[Call], str | None] = lambda call: call.precinct,
        because: Callable[[Call], dict[str, Any] | None] = lambda call: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._phones = phones
        self._register = register
        self._note = note
        self._begin_brief = begin_brief
        self._candidates = candidates
        self._on_exhausted = on_exhausted
        self._on_not_answering = on_not_answering
        self._phones_of = phones_of
        self._far = far
        self.area = area
        """The key of the area whose officers are responsible for a call."""
        self._because = because
        self._deadlines = deadlines
        self._answering = Answering(deadlines.officer_back_after_s)
        self._clock = clock
        self._hunts: dict[str, _Running] = {}
        self._attempts: dict[str, _Attempt] = {}
        self._number = itertools.count(1)

    def tune(self, deadlines: Deadlines) -> None:
        """Go by these deadlines in hunts that begin from now on."""
        self._deadlines = deadlines
        self._answering.back_after_s = deadlines.officer_back_after_s

    def not_answering(self) -> tuple[Missed, ...]:
        """Officers who did not answer lately."""
        return self._answering.missed(self._clock())

    def running(self, call_id: str) -> bool:
        """Whether an officer is being rung for this call or hears the brief."""
        return call_id in self._hunts

    async def ring(self, call: Call, officer_ids: Sequence[str], by: str) -> dict[str, Any]:
        """Start a hunt: these officers, all at once, or those responsible for the place.

        While somebody is being rung, officers who are named are rung beside them; the first to take
        it has it.

        Raises:
            NotNow: nobody can be rung for this call now; the message says what to do.
        """
        if call.state not in {CallState.TALKING, CallState.WITH_OFFICER}:
            raise NotNow("the call is not answered yet; take it first")
        chosen = tuple(
            Candidate(each, OfficerRung.CHOSEN, self._phones_of(each)) for each in officer_ids
        )
        on_line = {leg.party for leg in call.on_bridge(Role.OFFICER)}
        running = self._hunts.get(call.id)
        if running is not None:
            on_line |= set(call.officers_rung)
            beside = tuple(each for each in chosen if each.officer_id not in on_line)
            if not beside:
                return {"call_id": call.id, "state": "already_ringing", "officers": []}
            names = [each.officer_id for each in beside]
            self._note(call.id, "officer.also_wanted", {"officers": names, "by": by})
            self._also(call, running, beside)
            return {"call_id": call.id, "state": "ringing", "officers": names}
        asked = chosen or self._answering.order(self._candidates(call), self._clock())
        candidates = [each for each in asked if each.officer_id not in on_line]
        if not candidates:
            raise NotNow(
                "no officer is known for this call: write the place into the record, "
                "or choose an officer from the list"
            )
        self._start(call, candidates, by, None if chosen else self.area(call))
        running = self._hunts.get(call.id)
        if chosen and running is not None and len(candidates) > 1:
            self._also(call, running, tuple(candidates[1:]))
        officers = [each.officer_id for each in candidates]
        return {"call_id": call.id, "state": "ringing", "officers": officers}

    def _also(self, call: Call, running: _Running, candidates: tuple[Candidate, ...]) -> None:
        self._carry_out(call, running, running.hunt.handle(AlsoWanted(candidates), self._clock()))
        self._register.changed(call)

    def asked_for(self, call_id: str) -> str | None:
        """The area whose officers are being rung; None when people chose them, or nobody is."""
        running = self._hunts.get(call_id)
        return running.precinct if running else None

    def change(self, call: Call, precinct: str) -> list[str]:
        """Ring those who are responsible by now, instead; who they are.

        Without anybody there, the others are rung on.
        """
        running = self._hunts[call.id]
        running.precinct = precinct
        asked = self._answering.order(self._candidates(call), self._clock())
        if asked:
            changed = LadderChanged(tuple(asked))
            self._carry_out(call, running, running.hunt.handle(changed, self._clock()))
            self._tell_coming(call.id)
            self._register.changed(call)
        return [each.officer_id for each in asked]

    def stop(self, call: Call, by: str) -> None:
        """Stop all ringing for this call, because a person says so.

        Raises:
            NotNow: nobody is being rung.
        """
        if not self.running(call.id):
            raise NotNow("no officer's phone rings for this call")
        self._note(call.id, "officer.cancelled", {"by": by})
        self.cancel(call)
        call.officer_state = "joined" if call.on_bridge(Role.OFFICER) else None
        self._register.changed(call)

    def ring_again(self, call: Call, officer_id: str) -> None:
        """Ring an officer whose phone failed in the middle of a call, then those responsible."""
        if self.running(call.id):
            return
        others = self._answering.order(self._candidates(call), self._clock())
        again = Candidate(officer_id, OfficerRung.AGAIN, self._phones_of(officer_id))
        later = [each for each in others if each.officer_id != officer_id]
        self._start(call, [again, *later], "the officer's phone failed", None)

    def _start(
        self, call: Call, candidates: Sequence[Candidate], by: str, precinct: str | None
    ) -> None:
        hunt_id = f"{call.id}.{next(self._number)}.{secrets.token_hex(3)}"
        hunt = Hunt(hunt_id, candidates, self._timing(), self._heard_by(call))
        running = _Running(hunt, by, precinct)
        self._hunts[call.id] = running
        told = {"hunt": hunt_id, "officers": [each.officer_id for each in candidates], "by": by}
        because = self._because(call) if precinct is not None else None
        self._note(call.id, "officer.hunt", told | ({"responsible": because} if because else {}))
        call.officer_state = "ringing"
        self._carry_out(call, running, hunt.start(self._clock()))
        self._register.changed(call)

    def _timing(self) -> Timing:
        brief_s = LONGEST_MS / 1000
        return Timing(
            ring_s=self._deadlines.officer_ring_s,
            overlap_s=self._deadlines.officer_overlap_s,
            speak_s=PICK_UP_S + brief_s + PRESS_S,
            brief_s=OFFICER_TRIES * (brief_s + OFFICER_KEY_S) + PRESS_S,
        )

    def _heard_by(self, call: Call) -> float:
        return call.started_at + self._deadlines.officer_speaking_s

    def adopt(self, call: Call, parties: Sequence[FoundParty], coming: str) -> None:
        """Go on with the hunt of an earlier run: what rings keeps ringing, nobody is rung again.

        ``parties``: the officers' legs in Asterisk. ``coming``: what stands on the caller's
        channel. Without a hunt there, officers who are on the way come all the same.
        """
        if self.running(call.id):
            return
        kept = officer_coming.read(coming)
        if kept is None or any(party.state is PartyState.TALKING for party in parties):
            if not parties or kept is not None:
                self._finish(call)
            return
        now = self._clock()
        under_way = [
            Ringing(
                party.attempt_id,
                kept.rang.get(phone, Candidate(party.party_id, OfficerRung.CHOSEN)),
                phone,
                party.state is PartyState.ANSWERED,
                now - party.duration_s,
            )
            for party, phone in zip(parties, _phones(parties, kept.rang), strict=True)
        ]
        hunt = Hunt.adopted(
            kept.hunt_id,
            kept.left,
            self._timing(),
            self._heard_by(call),
            under_way,
            now,
            rang_before=len(kept.rang),
        )
        running = _Running(hunt, "adopted", self.area(call) if kept.left else None)
        for each, party in zip(under_way, parties, strict=True):
            attempt = _Attempt(call.id, party.party_id)
            running.attempts[each.attempt_id] = self._attempts[each.attempt_id] = attempt
        self._hunts[call.id] = running
        self._note(
            call.id,
            "officer.hunt_adopted",
            {
                "hunt": kept.hunt_id,
                "ringing": [party.party_id for party in parties],
                "left": [each.officer_id for each in kept.left],
            },
        )
        answered = any(each.answered for each in under_way)
        call.officer_state = "briefed" if answered else "ringing"
        self._carry_out(call, running, hunt.handle(Tick(), now))
        self._register.changed(call)

    def _carry_out(self, call: Call, running: _Running, commands: Sequence[Command]) -> None:
        for command in commands:
            match command:
                case Ring():
                    self._ring_phone(call, running, command)
                case StopRinging():
                    self._stop_phone(call, running, command.attempt_id)
                case Exhausted():
                    self._give_up(call)
        self._show(call)

    def _ring_phone(self, call: Call, running: _Running, command: Ring) -> None:
        attempt = _Attempt(call.id, command.officer_id)
        running.far[command.attempt_id] = self._far(call, command.officer_id)
        running.attempts[command.attempt_id] = attempt
        self._attempts[command.attempt_id] = attempt
        self._note(
            call.id,
            "officer.ring",
            {
                "officer": command.officer_id,
                "attempt": command.attempt_id,
                "rung": command.rung.value,
            },
        )
        # Before it rings: a service that takes over must not ring the same officer again.
        self._tell_coming(call.id)

        brief = self._begin_brief(call, command.attempt_id, command.officer_id)
        self._phones.ring(call, command, brief, lambda: self.failed(command.attempt_id))

    def _stop_phone(self, call: Call, running: _Running, attempt_id: str) -> None:
        running.attempts.pop(attempt_id, None)
        if self._attempts.pop(attempt_id, None) is not None:
            self._phones.stop(call, attempt_id)

    def _show(self, call: Call) -> None:
        """Keep on the call whose phones ring."""
        running = self._hunts.get(call.id)
        live = (AttemptState.RINGING, AttemptState.ANSWERED)
        call.officers_rung = tuple(
            dict.fromkeys(
                attempt.officer_id
                for attempt_id, attempt in (running.attempts if running else {}).items()
                if running and running.hunt.attempt_state(attempt_id) in live
            )
        )

    def _give_up(self, call: Call) -> None:
        self._note(call.id, "officer.exhausted", {})
        call.officer_state = "exhausted"
        self._finish(call)
        self._on_exhausted(call)
        self._register.changed(call)

    def _finish(self, call: Call) -> None:
        running = self._hunts.pop(call.id, None)
        if running:
            for attempt_id in running.attempts:
                self._attempts.pop(attempt_id, None)
            self._remember(call, running)
        self._show(call)
        self._tell_coming(call.id)

    def _remember(self, call: Call, running: _Running) -> None:
        """Keep what came of each phone: for the next call, for figures, for the supervisor."""
        for result in running.hunt.results:
            self._note(
                call.id,
                "officer.result",
                {
                    "officer": result.officer_id,
                    "attempt": result.attempt_id,
                    "rung": result.rung.value,
                    "outcome": result.outcome.value,
                    "rang_ms": round((result.ended - result.began) * 1000),
                    **running.far.get(result.attempt_id, {}),
                },
            )
        for officer_id in self._answering.note(running.hunt.results):
            self._on_not_answering(call, officer_id)

    def _tell_coming(self, call_id: str) -> None:
        self._phones.tell_coming(call_id, lambda: self._coming(call_id))

    def _coming(self, call_id: str) -> str:
        running = self._hunts.get(call_id)
        return officer_coming.written(running.hunt) if running else ""

    def attempt_of_channel(self, uniqueid: str) -> str | None:
        """The attempt that a channel stands for, by the id it was originated with."""
        attempt_id = uniqueid.removeprefix(channel_of(""))
        return attempt_id if attempt_id in self._attempts else None

    def rings(self, uniqueid: str) -> None:
        """Note that an officer's phone rings; ``uniqueid`` is the channel's."""
        attempt = self._attempts.get(self.attempt_of_channel(uniqueid) or "")
        call = self._register.find(attempt.call_id) if attempt else None
        if attempt and call:
            self._note(call.id, "officer.ringing", {"officer": attempt.officer_id})
            self._register.reach(call, Rung.OFFICER_RINGING)

    def answered(self, call_id: str, officer_id: str, attempt_id: str) -> None:
        """Note that the officer picked up and hears the brief."""
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        self._note(call.id, "officer.answered", {"officer": officer_id})
        self._register.reach(call, Rung.OFFICER_RINGING)
        call.officer_state = "briefed"
        self._feed(attempt_id, AttemptAnswered(attempt_id))
        self._register.changed(call)

    def took(self, call_id: str, officer_id: str, attempt_id: str) -> None:
        """Note that the officer pressed 1: the hunt, if this process runs it, is over."""
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        self._note(call.id, "officer.took", {"officer": officer_id})
        self._register.reach(call, Rung.OFFICER_TOOK)
        call.officer = officer_id
        self._feed(attempt_id, AttemptTook(attempt_id))
        self._register.changed(call)

    def declined(self, attempt_id: str, *, silent: bool = False) -> None:
        """Note that the officer did not press 1; ``silent``: nor any other key."""
        self._feed(attempt_id, AttemptDeclined(attempt_id, silent))

    def failed(self, attempt_id: str) -> None:
        """Note that the phone could not be rung, was not answered, or hung up."""
        attempt = self._attempts.get(attempt_id)
        running = self._hunts.get(attempt.call_id) if attempt else None
        call = self._register.find(attempt.call_id) if attempt else None
        self._feed(attempt_id, AttemptFailed(attempt_id))
        if attempt and running and call and running.hunt.taken_by == attempt.officer_id:
            # Pressed 1 and was gone before the bridge: nobody comes, and another may be rung.
            self._give_up(call)

    def joined(self, call: Call) -> None:
        """Note that an officer is on the bridge: nobody else is needed."""
        self._finish(call)

    def cancel(self, call: Call) -> None:
        """Stop all ringing for this call."""
        running = self._hunts.get(call.id)
        if running:
            self._carry_out(call, running, running.hunt.handle(Cancelled(), self._clock()))
            self._finish(call)

    def _feed(self, attempt_id: str, event: Event) -> None:
        attempt = self._attempts.get(attempt_id)
        running = self._hunts.get(attempt.call_id) if attempt else None
        call = self._register.find(attempt.call_id) if attempt else None
        if running and call:
            self._carry_out(call, running, running.hunt.handle(event, self._clock()))

    def tick(self) -> None:
        """Let hunts whose time has come go on."""
        now = self._clock()
        for call_id, running in list(self._hunts.items()):
            call = self._register.find(call_id)
            due = running.hunt.next_wakeup()
            if call and due is not None and due <= now:
                self._carry_out(call, running, running.hunt.handle(Tick(), now))

    def next_wakeup(self) -> float | None:
        """When `tick` is due next (monotonic seconds)."""
        due = [running.hunt.next_wakeup() for running in self._hunts.values()]
        return min((at for at in due if at is not None), default=None)


def _phones(parties: Sequence[FoundParty], rang: Mapping[str, Candidate]) -> list[str]:
    """The phone of each leg, by its channel's name: ``PJSIP/o14a-0000002f``.

    A number that was dialled out does not stand there: it is the officer's next that rang.
    """
    found: list[str] = []
    for party in parties:
        phone = party.channel.removeprefix("PJSIP/").rpartition("-")[0]
        if phone == TRUNK:
            dialled = (
                number
                for number, candidate in rang.items()
                if number.isdigit() and candidate.officer_id == party.party_id
            )
            phone = next((number for number in dialled if number not in found), phone)
        found.append(phone)
    return found
