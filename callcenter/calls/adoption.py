"""Adoption: after every (re)connect to Asterisk, and after a restart, what goes on is taken over.

Asterisk is the truth. Calls it no longer has are closed; calls it has and we do not are taken in,
with what the store still knows of them; nothing is dialled again. A pair that Asterisk's own
fallback queue brought together is moved onto a bridge of ours, where an officer can join.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from acd import events as acd_events
from acd.model import CallState as EngineState
from acd.model import OfferCause
from callcenter.asterisk.actions import Hangup, Redirect
from callcenter.asterisk.adopt import FoundCall, FoundParty, PartyState, Where, adopt
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError
from callcenter.asterisk.snapshot import ChannelInfo, Snapshot
from callcenter.calls.call import Call, CallState, Step
from callcenter.calls.conduct import DROPPED, Conductor
from callcenter.calls.ends import Ended, Ends, ms_between
from callcenter.calls.errands import Errands
from callcenter.calls.ladder import Rung
from callcenter.calls.legs import Leg, Role
from callcenter.calls.positions import Position
from callcenter.calls.register import CallRegister
from callcenter.calls.waiting import ON_THE_WAY_S
from callcenter.calls.write_up import WriteUp
from callcenter.store.calls import CallRow, Calls
from callcenter.store.incidents import Incidents
from callcenter.store.transcripts import Transcripts

log = structlog.get_logger(__name__)

AGE_EXACT_S = 2.0
"""Asterisk tells a channel's age in whole seconds; an arrival by its clock must agree with it."""
ENDED_AWAY = "ended while the service was away"
GONE = "gone from Asterisk"
ASTERISK_ENDED = "Asterisk ended"
"""Why a call is over: it ended with Asterisk. That is seen, unlike the other two."""


EndedAway = Callable[[str, Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]], None]


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What the store knows of a call that was open when the service died."""

    row: CallRow
    segments: list[dict[str, Any]]
    record: dict[str, Any]
    typed: dict[str, Any]


class Adoption:
    """Puts the register and distribution in step with a snapshot of Asterisk."""

    def __init__(
        self,
        conductor: Conductor,
        register: CallRegister,
        errands: Errands,
        link: AmiLink,
        write_up: WriteUp,
        ends: Ends,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``wall``: seconds since 1970."""
        self._conductor = conductor
        self._register = register
        self._errands = errands
        self._link = link
        self._write_up = write_up
        self._ends = ends
        self._clock = clock
        self._wall = wall
        self._lost_at: float | None = None
        """When Asterisk was lost from sight (seconds since 1970)."""
        self._remembered: dict[str, _Remembered] = {}
        self._filed_ends: set[str] = set()
        """Calls whose end an earlier run had filed, though its note lies there still."""
        self._looked = False
        self.recalled = False
        """Whether it is known what an earlier run had filed."""
        self.on_ended_away: EndedAway = lambda call_id, legs, segments: None
        """Told of each call that ended unseen, closed by now: its legs and words, as filed."""

    @property
    def complete(self) -> bool:
        """Whether every call that is open is known: Asterisk was looked at, the store was read."""
        return self._looked and self.recalled

    def may_file(self, call: Call) -> bool:
        """Whether writing this call would not overwrite what an earlier run had filed of it."""
        return self.recalled or not call.adopted

    async def recall(self, calls: Calls, transcripts: Transcripts, incidents: Incidents) -> None:
        """Read what an earlier run left open, and join it to what was adopted meanwhile.

        Raises:
            StoreUnavailable: the database does not answer; nothing was changed.
        """
        for row in await calls.not_closed():
            kept = await incidents.get(row.id)
            self._remembered[row.id] = _Remembered(
                row,
                await transcripts.of(row.id),
                kept.record if kept else {},
                kept.typed if kept else {},
            )
        for call_id in self._ends.all():
            filed = await calls.get(call_id)
            if filed and filed.closed_at is not None:
                self._filed_ends.add(call_id)
        self.recalled = True
        now = self._clock()
        for call in self._register.open():
            remembered = self._remembered.pop(call.id, None)
            if remembered and call.adopted:
                self._restore(call, remembered, now)
                self._register.changed(call)
        if self._looked:
            self._close_remembered(now)

    def wanted(self) -> bool:
        """Whether Asterisk distributes some call by itself, so that it pays to look again."""
        return any(call.state is CallState.FALLBACK for call in self._register.open())

    def lost(self) -> None:
        """Note that Asterisk is out of sight from now on."""
        if self._lost_at is None:
            self._lost_at = self._wall()

    def reconcile(self, snapshot: Snapshot, *, restarted: bool = False) -> None:
        """Make calls, legs, seats and distribution what the snapshot says.

        ``restarted``: Asterisk is another one than before.
        """
        now = self._clock()
        ends = self._ends.all()
        self._looked = True
        for device, state in snapshot.devices.items():
            self._conductor.device(device, state, now)
        found = adopt(snapshot)
        there = {call.call_id for call in found.calls}
        for call in self._register.open():
            if call.id not in there:
                self._close(call, ends.get(call.id), ASTERISK_ENDED if restarted else GONE, now)
        for each in found.calls:
            try:
                self._take_in(each, now)
            except Exception:
                # One call that cannot be taken in must not cost the others.
                log.exception("call.not_adopted", call_id=each.call_id)
        for stray in found.strays:
            self._hang_up(stray)
        self._close_remembered(now)
        self._lost_at = None

    def _leave_bridge(self, call: Call, now: float) -> None:
        for leg in list(call.legs.values()):
            if leg.on_bridge:
                self._conductor.bridge.leg_left(leg.id, now)

    def _hang_up(self, stray: ChannelInfo) -> None:
        """End a leg or tap whose caller is gone: nobody else will."""

        async def hang_up() -> None:
            try:
                await self._link.send(Hangup(channel=stray.channel))
            except AmiError as error:
                log.debug("stray.gone", channel=stray.channel, why=str(error))

        self._errands.run("strays", "hang up a stray", hang_up)

    def _take_in(self, found: FoundCall, now: float) -> None:
        call = self._register.find(found.call_id)
        if call is None:
            call = self._adopt(found, now)
        if call.closed:
            return
        if found.where is not Where.BRIDGED:
            self._leave_bridge(call, now)
        match found.where:
            case Where.WAITING:
                self._is_waiting(call, now)
            case Where.FALLBACK:
                self._is_in_fallback(call, found, now)
            case Where.BRIDGED:
                self._is_bridged(call, found, now)
            case Where.DIVERTED:
                if call.state is not CallState.DIVERTED and call.may(Step.DIVERT_STARTED):
                    call.take(Step.DIVERT_STARTED)
            case _:
                pass
        officers = [
            party
            for party in found.parties
            if party.role == Role.OFFICER and party.state is not PartyState.ASIDE
        ]
        self._conductor.officers.adopt(call, officers, found.officer_coming)
        self._are_aside(call, found, now)
        self._conductor.parties.adopt(call, found.party_coming, found.parties)
        self._register.changed(call)

    def _adopt(self, found: FoundCall, now: float) -> Call:
        remembered = self._remembered.pop(found.call_id, None)
        call = self._conductor.open_call(
            call_id=found.call_id,
            channel=found.channel,
            uniqueid=found.uniqueid,
            line=found.line or (remembered.row.line if remembered else ""),
            queue=found.queue or (remembered.row.queue if remembered else ""),
            caller_number=found.caller_number,
            started_at=now - self._age_s(found),
        )
        call.adopted = True
        if remembered:
            self._restore(call, remembered, now)
        self._note_adopted(call, found.where.value, now)
        if found.arrived_at is not None and found.answered_at is not None:
            answered_ms = ms_between(found.arrived_at, found.answered_at)
            self._register.reach(call, Rung.ANSWERED, answered_ms)
            for party in found.talking(Role.OPERATOR):
                # With the caller since then, whatever bridge they come onto now.
                leg = Leg(party.uniqueid, party.channel, Role.OPERATOR, self._named(party))
                self._conductor.bridge.note_leg(call, leg, "leg.joined", answered_ms)
        return call

    def _note_adopted(self, call: Call, where: str, now: float) -> None:
        self._conductor.note(
            call.id,
            "call.adopted",
            {
                "where": where,
                "line": call.line,
                "queue": call.queue,
                "from": call.caller_number,
                "ms": call.ms(now),
            },
        )

    def _age_s(self, found: FoundCall) -> float:
        if found.arrived_at is not None:
            exact_s = self._wall() - found.arrived_at
            if abs(exact_s - found.age_s) <= AGE_EXACT_S:
                return exact_s
        return found.age_s

    def _restore(self, call: Call, kept: _Remembered, now: float) -> None:
        """Go on with the clock, the words and the record of before."""
        behind = call.arrived_at - kept.row.arrived_at
        call.arrived_at = kept.row.arrived_at
        call.started_at -= behind / timedelta(seconds=1)
        call.language = kept.row.language
        call.origin = kept.row.detail.get("origin") or ""
        call.priority_by_hand = kept.row.detail.get("priority_by_hand")
        position = kept.row.detail.get("position")
        call.position = Position.from_json(position) if position else None
        for step in kept.row.detail.get("timeline", []):
            call.ladder.reach(Rung(step["step"]), step["ms"])
        call.segments.update({segment["id"]: segment for segment in kept.segments})
        call.record = call.record or kept.record
        self._write_up.restore(call.id, kept.typed)

    def _is_waiting(self, call: Call, now: float) -> None:
        known = self._conductor.distribution.engine.call(call.id)
        if not call.in_distribution or known is None:
            self._conductor.waiting.enqueue(call, now)
        elif known.state in {EngineState.TALKING, EngineState.HANDED_OVER}:
            self._conductor.returned(call.id, "found waiting", now)
        elif known.state is EngineState.OFFERED and now - known.since > ON_THE_WAY_S:
            if call.may(Step.OFFER_ENDED):
                call.take(Step.OFFER_ENDED)
            self._conductor.distribution.offer_failed(call.id, OfferCause.BUSY, now)
        elif known.state is EngineState.DIVERTED and now - known.since > ON_THE_WAY_S:
            self._conductor.waiting.divert_ended(call, now)

    def _is_in_fallback(self, call: Call, found: FoundCall, now: float) -> None:
        self._conductor.fell_back(call.id, now)
        seat = next(iter(found.talking(Role.OPERATOR)), None)
        if seat is not None:
            self._errands.run(call.id, "onto our bridge", partial(self._move, call, found, seat))
        elif not found.parties:
            self._errands.run(call.id, "out of fallback", partial(self._to_hold, call))

    async def _move(self, call: Call, found: FoundCall, seat: FoundParty) -> None:
        try:
            await self._link.send(
                Redirect(
                    channel=found.channel,
                    context="join",
                    exten="s",
                    priority=1,
                    extra_channel=seat.channel,
                    extra_context="join",
                    extra_exten="s",
                    extra_priority=2,
                )
            )
        except AmiError as error:
            log.warning("fallback.not_moved", call_id=call.id, why=str(error))

    async def _to_hold(self, call: Call) -> None:
        """Take a caller whom nobody rings for out of Asterisk's own queue."""
        try:
            await self._link.send(Redirect(channel=call.channel, context="hold", exten="s"))
        except AmiError as error:
            log.warning("fallback.not_ended", call_id=call.id, why=str(error))

    def _is_bridged(self, call: Call, found: FoundCall, now: float) -> None:
        talking = [party for party in found.parties if party.state is PartyState.TALKING]
        present = {party.uniqueid for party in talking} | {found.uniqueid}
        for leg in list(call.legs.values()):
            if leg.on_bridge and leg.id not in present:
                self._conductor.bridge.leg_left(leg.id, now)
        caller = call.legs.setdefault(
            found.uniqueid, Leg(found.uniqueid, found.channel, Role.CALLER, found.caller_number)
        )
        self._present(call, caller, now)
        for party in talking:
            leg = call.legs.setdefault(
                party.uniqueid,
                Leg(party.uniqueid, party.channel, Role(party.role), self._named(party)),
            )
            new = not leg.on_bridge
            self._present(call, leg, now)
            if new and leg.role is Role.OPERATOR:
                self._conductor.bridge.operator_joining(call, leg.party, "", now)
            elif new and leg.role is Role.OFFICER:
                self._conductor.bridge.officer_joined(call, leg)
        if talking and not found.talking(Role.OPERATOR) and not call.in_distribution:
            call.in_distribution = True
            self._conductor.distribution.feed(
                acd_events.CallAdopted(call.id, call.queue, None, call.started_at), now
            )

    def _are_aside(self, call: Call, found: FoundCall, now: float) -> None:
        there = {p.uniqueid: p for p in found.parties if p.state is PartyState.ASIDE}
        for leg in call.aside:
            if leg.id not in there:
                self._conductor.bridge.leg_left(leg.id, now)
        for party in there.values():
            leg = call.legs.setdefault(
                party.uniqueid,
                Leg(party.uniqueid, party.channel, Role(party.role), self._named(party)),
            )
            if leg.aside:
                continue
            leg.aside = True
            leg.left_ms = call.ms(now)
            self._conductor.bridge.note_leg(call, leg, "leg.aside", leg.left_ms)
            self._conductor.listener.listen(call, leg)
            if leg.role is Role.OPERATOR and found.where is Where.BRIDGED:
                self._conductor.bridge.operator_joining(call, leg.party, "", now)

    def _named(self, party: FoundParty) -> str:
        if party.role != Role.OPERATOR:
            return party.party_id
        phones = self._conductor.distribution.phones
        return phones.seat_named(party.party_id, party.offer_id)

    def _present(self, call: Call, leg: Leg, now: float) -> None:
        if not leg.on_bridge:
            leg.joined_ms, leg.left_ms = call.ms(now), None
            self._conductor.bridge.note_leg(call, leg, "leg.joined", leg.joined_ms)
        self._conductor.listener.listen(call, leg)

    def _close(self, call: Call, ended: Ended | None, why: str, now: float) -> None:
        """Close a call that Asterisk does not have any more, at the moment when it ended.

        That is what Asterisk wrote down. It could not if it was killed; then the recording tells,
        and that nobody saw the call end before Asterisk was lost.
        """
        if ended is not None:
            if ended.answered_ms is not None:
                self._register.reach(call, Rung.ANSWERED, ended.answered_ms)
            ended_at, why = ended.ended_at, f"cause {ended.cause}"
            dropped = ended.cause in DROPPED
        else:
            dropped = why == ASTERISK_ENDED
            seen_at = self._lost_at or 0.0
            recorded = self._ends.recorded_until(call.id) or (dropped and seen_at) or self._wall()
            ended_at = max(recorded, seen_at)
        at = max(call.started_at, now - max(0.0, self._wall() - ended_at))
        if ended is not None and ended.call_back_wanted:
            self._conductor.waiting.call_back_wanted(call.id, at)
        self._leave_bridge(call, at)
        self._conductor.close(call, why, at, dropped=dropped)

    def _close_remembered(self, now: float) -> None:
        """Close what earlier runs left open, and what came and went without any service."""
        ends = self._ends.all()
        for call_id, kept in list(self._remembered.items()):
            del self._remembered[call_id]
            row = kept.row
            call = Call(
                id=row.id,
                line=row.line,
                queue=row.queue,
                channel="",
                caller_number=row.caller_number,
                arrived_at=row.arrived_at,
                started_at=now - (datetime.now(UTC) - row.arrived_at) / timedelta(seconds=1),
                ladder=self._conductor.new_ladder(),
                language=row.language,
                seat=row.seat,
                officer=row.officer,
                adopted=True,
            )
            self._restore(call, kept, now)
            self._register.add(call)
            self._close(call, ends.pop(call_id, None), ENDED_AWAY, now)
            self.on_ended_away(row.id, row.detail.get("legs", ()), kept.segments)
        if self.recalled:
            for ended in ends.values():
                self._take_in_ended(ended, now)

    def _take_in_ended(self, ended: Ended, now: float) -> None:
        """Account for a call that nobody knew while it was there."""
        known = self._register.find(ended.call_id)
        if known is None and ended.call_id not in self._filed_ends:
            call = Call(
                id=ended.call_id,
                line=ended.line,
                queue=ended.queue,
                channel="",
                caller_number=ended.caller_number,
                arrived_at=datetime.fromtimestamp(ended.arrived_at, UTC),
                started_at=now - max(0.0, self._wall() - ended.arrived_at),
                ladder=self._conductor.new_ladder(),
                adopted=True,
            )
            call.ladder.reach(Rung.RINGING, 0)
            self._register.add(call)
            self._note_adopted(call, "ended", now)
            self._close(call, ended, ENDED_AWAY, now)
            caller = {"id": call.id, "role": Role.CALLER.value, "party": call.caller_number}
            self.on_ended_away(call.id, [caller], [])
        if known is None or known.closed:
            self._ends.forget(ended.call_id)
