"""Whatever happens in whatever order: no call to two seats, no seat two calls, no call lost.

The machine below sends the engine anything that Asterisk, people and the administrator could say,
true, stale or nonsense. It keeps books of its own, from events and commands alone, and compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from acd.commands import Announce, CancelOffer, Command, Divert, Offer, Overflowed, SeatChanged
from acd.engine import Engine
from acd.events import (
    AnnouncementEnded,
    CallAdopted,
    CallArrived,
    CallLeft,
    CallMoved,
    CallNeeds,
    CallPicked,
    CallPrioritised,
    CallReturned,
    DayBegan,
    DivertFailed,
    Event,
    OfferAnswered,
    OfferFailed,
    RecordSaved,
    SeatLeft,
    SeatNotReady,
    SeatReady,
    SeatRegistered,
    SeatUnregistered,
    SettingsChanged,
    SurgeSet,
    Tick,
    WrapUpWanted,
)
from acd.model import (
    AfterCall,
    CallState,
    FloorSettings,
    OfferCause,
    OverflowRule,
    OverflowTo,
    OverflowWhen,
    QueueSettings,
    RelaxStep,
    SeatSettings,
    SeatState,
    SkillNeed,
    Strategy,
    Surge,
)
from acd.surge import BY_HAND

CALLS = [f"c{n}" for n in range(8)]
SEATS = ["a", "b", "c", "d"]
QUEUES = ["q", "r", "x"]
FREE = (SeatState.OFFLINE, SeatState.NOT_READY, SeatState.READY, SeatState.WRAP_UP)
BUSY = (SeatState.OFFERED, SeatState.TALKING)
ANNOUNCEMENT_S = 10.0

call_ids = st.sampled_from(CALLS)
seat_ids = st.sampled_from(SEATS)
queue_ids = st.sampled_from(QUEUES)
callers = st.sampled_from(["", "", "x", "y"])
failures = st.sampled_from([cause for cause in OfferCause if cause is not OfferCause.CALLER_LEFT])
needs = st.sampled_from(
    [
        (),
        (),
        (SkillNeed("zh"),),
        (SkillNeed("zh", required=False),),
        (SkillNeed("zh", 2, relax=(RelaxStep(5.0, 1), RelaxStep(20.0))), SkillNeed("en")),
    ]
)
rules = st.sampled_from(
    [
        OverflowRule(OverflowWhen.WAITED_S, OverflowTo.QUEUE, 10.0, "r"),
        OverflowRule(OverflowWhen.WAITED_S, OverflowTo.NUMBER, 20.0, "119"),
        OverflowRule(OverflowWhen.QUEUE_LENGTH, OverflowTo.EVERYBODY, 2),
        OverflowRule(OverflowWhen.QUEUE_LENGTH, OverflowTo.NUMBER, 3, "119"),
        OverflowRule(OverflowWhen.NO_SEAT, OverflowTo.EVERYBODY),
        OverflowRule(OverflowWhen.ESTIMATED_WAIT_S, OverflowTo.EVERYBODY, 8.0),
        OverflowRule(OverflowWhen.ESTIMATED_WAIT_S, OverflowTo.ANNOUNCEMENT, 4.0, "busy"),
    ]
)
skill_sets = st.sampled_from([(), (("en", 1),), (("zh", 1),), (("en", 2), ("zh", 3))])


@st.composite
def floors(draw: st.DrawFn) -> FloorSettings:
    queues = tuple(
        QueueSettings(
            queue_id,
            priority=draw(st.integers(0, 2)),
            ring_s=draw(st.sampled_from([5.0, 15.0])),
            wrap_up_s=draw(st.sampled_from([0.0, 0.0, 8.0])),
            after_call=draw(st.sampled_from(list(AfterCall))),
            strategy=draw(st.sampled_from(list(Strategy))),
            needs=draw(needs),
            overflow=()
            if queue_id == "r"
            else tuple(draw(st.lists(rules, unique=True, max_size=3))),
            surge=draw(st.sampled_from([None, Surge(2, 30.0, announcement_s=ANNOUNCEMENT_S)])),
            redial_s=draw(st.sampled_from([0.0, 600.0])),
            called_party_hold_s=draw(st.sampled_from([0.0, 20.0])),
            misses_before_not_ready=draw(st.integers(1, 3)),
            no_answer_pause_s=draw(st.sampled_from([0.0, 2.0])),
            unreachable_pause_s=draw(st.sampled_from([1.0, 15.0])),
        )
        for queue_id in ("r", *draw(st.sampled_from([(), ("q",)])))
    )
    known = st.sampled_from([queue.id for queue in queues])
    seats = tuple(
        SeatSettings(
            seat_id,
            tuple(draw(st.lists(known, unique=True))),
            skills=draw(skill_sets),
            phone=draw(st.sampled_from(["", "", "desk"])),
            calls_per_hour=draw(st.sampled_from([0, 1])),
        )
        for seat_id in draw(st.lists(seat_ids, unique=True))
    )
    ageing = draw(st.sampled_from([0.0, 1 / 60, 0.5]))
    return FloorSettings(queues, seats, ageing_per_s=ageing)


ALL_SERVE = FloorSettings(
    (
        QueueSettings("q", strategy=Strategy.RING_ALL, called_party_hold_s=20.0),
        QueueSettings("r", priority=1, surge=Surge(3, announcement_s=ANNOUNCEMENT_S)),
    ),
    (
        SeatSettings("a", ("q",), skills=(("zh", 1),)),
        SeatSettings("b", ("q", "r"), phone="desk"),
        SeatSettings("c", ("r",), phone="desk"),
        SeatSettings("d", ()),
    ),
)
PLAIN = FloorSettings(
    (QueueSettings("q"), QueueSettings("r")), (SeatSettings("a", ("q", "r")),), ageing_per_s=0.1
)


@dataclass
class Caller:
    """What the books know of a call."""

    queue: str
    priority: int
    since: float
    number: int
    caller: str = ""
    needs: tuple[SkillNeed, ...] = ()
    returned: bool = False
    in_old_place: bool = False
    overflowed: list[OverflowRule] = field(default_factory=list)


@dataclass
class OldPlace:
    """What the books know of the place of a caller who left."""

    since: float
    returned: bool
    until: float
    answered: bool = False


class AnyDay(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.told_at = 100.0
        self.settings = ALL_SERVE
        self.engine = Engine(self.settings, now=self.now)
        self.arrivals = 0
        self.here: dict[str, Caller] = {}
        """Calls that came and did not leave."""
        self.ringing: dict[str, Offer] = {}
        """Offers that stand, by what commands and events say."""
        self.past_offers: list[Offer] = []
        self.hearing: dict[str, float] = {}
        """Calls that hear a message first, and until when at most."""
        self.old_places: dict[str, OldPlace] = {}
        self.talking: dict[str, str | None] = {}
        """Seat that talks, by call."""
        self.queue_settings = {queue.id: queue for queue in self.settings.queues}
        self.shown = {view.id: (view.state, view.reason, None) for view in self.engine.seats()}
        self.phones = {seat.id: seat.phone or seat.id for seat in self.settings.seats}

    @initialize()
    def seats_are_ready(self) -> None:
        for seat_id in SEATS:
            self.tell(SeatRegistered(seat_id))
            self.tell(SeatReady(seat_id))

    def tell(self, event: Event) -> list[Command]:
        held = {seat for seat, looks in self.shown.items() if looks[1] == "held_for_caller"}
        self.told_at = self.now
        commands = self.engine.handle(event, self.now)
        for command in commands:
            self.note(command)
        self.note_answered()
        self.hearing = {
            call_id: until for call_id, until in self.hearing.items() if until > self.now
        }
        self.check_order(commands, out_of_turn=isinstance(event, CallPicked), held=held)
        due = self.engine.next_wakeup()
        assert due is None or due > self.now, "all that was due has been done"
        return commands

    def note_answered(self) -> None:
        """Whoever is answered is no more where an earlier call of theirs was."""
        before = self.talking
        self.talking = {
            c.call_id: c.seat_id for c in self.engine.calls() if c.state is CallState.TALKING
        }
        for call_id, seat_id in self.talking.items():
            if before.get(call_id, "") != seat_id:
                call = self.here[call_id]
                call.in_old_place = False
                if place := self.old_places.get(call.caller):
                    place.returned, place.answered = False, True

    def note(self, command: Command) -> None:
        match command:
            case Offer(offer_id, call_id, seats):
                assert offer_id not in {offer.offer_id for offer in self.past_offers}
                assert len(set(seats)) == len(seats) > 0
                assert len({self.phones[seat] for seat in seats}) == len(seats), "one phone twice"
                assert call_id in self.here
                assert call_id not in {other.call_id for other in self.ringing.values()}
                self.hearing.pop(call_id, None)
                self.ringing[offer_id] = command
                self.past_offers.append(command)
            case CancelOffer(offer_id, call_id, seats):
                offer = self.ringing.pop(offer_id)
                assert (offer.call_id, offer.seat_ids) == (call_id, seats)
            case Announce(call_id, _, first=True):
                surge = self.queue_of(self.here[call_id]).surge or BY_HAND
                self.hearing[call_id] = self.now + surge.announcement_s
            case Overflowed(call_id, queue_id, rule):
                assert self.here[call_id].queue == queue_id
                assert rule not in self.here[call_id].overflowed, "applied twice"
                self.here[call_id].overflowed.append(rule)
            case Divert(call_id):
                assert call_id in self.here
                self.hearing.pop(call_id, None)
            case SeatChanged(seat_id, SeatState.OFFLINE, "removed", None):
                del self.shown[seat_id]
                del self.phones[seat_id]
            case SeatChanged(seat_id, state, reason, shown_call_id):
                assert self.shown.get(seat_id) != (state, reason, shown_call_id)
                self.shown[seat_id] = (state, reason, shown_call_id)
                if state in FREE:
                    self.take_new_phone(seat_id)

    def take_new_phone(self, seat_id: str) -> None:
        for seat in self.settings.seats:
            if seat.id == seat_id:
                self.phones[seat_id] = seat.phone or seat_id

    # Who may take what, worked out from scratch

    def serves(self, seat: SeatSettings, queue_id: str) -> bool:
        nobody_does = all(queue_id not in other.queues for other in self.settings.seats)
        return queue_id in seat.queues or nobody_does

    def may_take(self, seat: SeatSettings, call_id: str) -> bool:
        call = self.here[call_id]
        if call_id in self.hearing:
            return False
        reachable = self.serves(seat, call.queue) or any(
            rule.to is OverflowTo.EVERYBODY
            or (rule.to is OverflowTo.QUEUE and self.serves(seat, rule.target))
            for rule in call.overflowed
        )
        levels = dict(seat.skills)
        return reachable and all(
            levels.get(need.skill, 0) >= self.level_needed(need, call)
            for need in (*self.queue_of(call).needs, *call.needs)
        )

    def level_needed(self, need: SkillNeed, call: Caller) -> int:
        level = need.level if need.required else 0
        for step in need.relax:
            if call.since + step.after_s <= self.told_at:
                level = min(level, step.level)
        return level

    def queue_of(self, call: Caller) -> QueueSettings:
        return self.queue_settings.get(call.queue, QueueSettings(call.queue))

    # Callers

    @rule(
        call_id=call_ids,
        queue_id=queue_ids,
        priority=st.integers(0, 2),
        caller=callers,
        wanted=needs,
        origin=st.sampled_from(["", "bridge"]),
    )
    def call_arrives(
        self,
        call_id: str,
        queue_id: str,
        priority: int,
        caller: str,
        wanted: tuple[SkillNeed, ...],
        origin: str,
    ) -> None:
        self.comes(call_id, queue_id, priority, self.now, caller, wanted)
        self.tell(CallArrived(call_id, queue_id, priority, None, caller, origin, wanted))

    @rule(call_id=call_ids, ago_s=st.floats(0, 60))
    def call_arrives_with_an_older_place(self, call_id: str, ago_s: float) -> None:
        self.comes(call_id, "q", 0, self.now - ago_s)
        self.tell(CallArrived(call_id, "q", 0, self.now - ago_s))

    @rule(call_id=call_ids, dropped=st.booleans(), redial=st.booleans())
    def call_leaves(self, call_id: str, dropped: bool, redial: bool) -> None:
        self.goes(call_id, dropped=dropped, redial=redial)
        self.tell(CallLeft(call_id, dropped, redial))

    @rule(data=st.data())
    def a_caller_is_dropped_and_calls_again(self, data: st.DataObject) -> None:
        talking = [c for c in self.engine.calls() if c.state is CallState.TALKING]
        if talking:
            call = data.draw(st.sampled_from(talking))
            caller = self.here[call.call_id].caller
            self.goes(call.call_id, dropped=True)
            self.tell(CallLeft(call.call_id, dropped=True))
            self.tell(SeatLeft(call.seat_id or "", call.call_id))
            self.comes(call.call_id, "q", 0, self.now, caller)
            self.tell(CallArrived(call.call_id, "q", caller=caller))

    @rule(call_id=call_ids, lost_seat=st.none() | seat_ids)
    def call_returns(self, call_id: str, lost_seat: str | None) -> None:
        call = self.engine.call(call_id)
        if call is not None:
            place = self.here[call_id]
            waits = call.state in (CallState.WAITING, CallState.OFFERED)
            if not (waits and place.returned):
                place.returned, place.since = True, self.now
        self.tell(CallReturned(call_id, lost_seat))

    @rule(call_id=call_ids, queue_id=queue_ids, seat_id=st.none() | seat_ids)
    def call_is_found(self, call_id: str, queue_id: str, seat_id: str | None) -> None:
        if call_id not in self.here:
            self.comes(call_id, queue_id, 0, self.now)
        self.hearing.pop(call_id, None)
        for offer in list(self.ringing.values()):
            if offer.call_id == call_id and seat_id in self.seats_of(call_id):
                del self.ringing[offer.offer_id]
        self.tell(CallAdopted(call_id, queue_id, seat_id))
        found = self.engine.call(call_id)
        assert found is not None
        if seat_id in self.shown:
            assert (found.state, found.seat_ids) == (CallState.TALKING, (seat_id,))
        else:
            assert found.state is CallState.HANDED_OVER

    # What people ask for

    @rule(call_id=call_ids, priority=st.integers(-2, 3))
    def call_is_prioritised(self, call_id: str, priority: int) -> None:
        if call_id in self.here:
            self.here[call_id].priority = priority
        self.tell(CallPrioritised(call_id, priority))

    @rule(call_id=call_ids, queue_id=queue_ids)
    def call_is_moved(self, call_id: str, queue_id: str) -> None:
        call = self.engine.call(call_id)
        waits = call is not None and call.state is CallState.WAITING
        if waits and queue_id in self.queue_settings and call.queue != queue_id:
            self.here[call_id].queue = queue_id
            self.here[call_id].overflowed = []
            self.hearing.pop(call_id, None)
        self.tell(CallMoved(call_id, queue_id))

    @rule(call_id=call_ids, seat_id=seat_ids)
    def call_is_picked(self, call_id: str, seat_id: str) -> None:
        call = self.engine.call(call_id)
        commands = self.tell(CallPicked(call_id, seat_id))
        picked = any(isinstance(c, Offer) and c.call_id == call_id for c in commands)
        refused = any(type(c).__name__ == "Refused" for c in commands)
        assert picked or refused
        if refused and call is not None and call.state is CallState.WAITING:
            state = self.shown.get(seat_id, (SeatState.OFFLINE,))[0]
            in_use = self.phone_is_taken(seat_id)
            gone = all(seat.id != seat_id for seat in self.settings.seats)
            assert gone or in_use or state in (SeatState.OFFLINE, *BUSY), "no reason to refuse"

    @rule(call_id=call_ids, wanted=needs)
    def call_needs_something_else(self, call_id: str, wanted: tuple[SkillNeed, ...]) -> None:
        if call_id in self.here:
            self.here[call_id].needs = wanted
        self.tell(CallNeeds(call_id, wanted))

    @rule(call_id=call_ids)
    def call_has_heard_the_message(self, call_id: str) -> None:
        self.hearing.pop(call_id, None)
        self.tell(AnnouncementEnded(call_id))

    @rule(call_id=call_ids)
    def nobody_takes_the_call_elsewhere(self, call_id: str) -> None:
        self.tell(DivertFailed(call_id))

    @rule(on=st.booleans())
    def surge_is_set(self, on: bool) -> None:
        self.tell(SurgeSet("bridge", on))

    # Offers

    def seats_of(self, call_id: str) -> tuple[str, ...]:
        call = self.engine.call(call_id)
        return call.seat_ids if call else ()

    @precondition(lambda self: self.ringing)
    @rule(data=st.data())
    def seat_answers(self, data: st.DataObject) -> None:
        offer = self.ringing.pop(data.draw(st.sampled_from(sorted(self.ringing))))
        seat_id = data.draw(st.sampled_from(self.seats_of(offer.call_id)))
        self.tell(OfferAnswered(offer.call_id, seat_id, offer.offer_id))
        answered = self.engine.call(offer.call_id)
        assert answered is not None
        assert (answered.state, answered.seat_ids) == (CallState.TALKING, (seat_id,))

    @precondition(lambda self: self.past_offers)
    @rule(data=st.data())
    def seat_answers_an_offer_of_any_time(self, data: st.DataObject) -> None:
        offer = data.draw(st.sampled_from(self.past_offers))
        seat_id = data.draw(st.sampled_from(offer.seat_ids))
        before = self.engine.call(offer.call_id)
        there = [
            (view.id, view.call_id)
            for view in self.engine.seats()
            if self.phones[view.id] == self.phones.get(seat_id)
            and view.state is SeatState.TALKING
            and view.call_id
        ]
        for other in list(self.ringing.values()):
            if other.call_id == offer.call_id and seat_id in self.seats_of(offer.call_id):
                del self.ringing[other.offer_id]
        if before is not None and not there and seat_id in self.shown:
            self.hearing.pop(offer.call_id, None)
        self.tell(OfferAnswered(offer.call_id, seat_id, offer.offer_id))
        after = self.engine.call(offer.call_id)
        if before is None or after is None:
            assert before is after is None
        elif before.state is CallState.TALKING:
            assert after == before, "whoever has the call keeps it"
        elif there:
            for talking, call_id in there:
                kept = self.engine.call(call_id or "")
                assert kept is not None
                assert kept.seat_ids == (talking,), "a conversation goes on"
        elif seat_id in self.shown:
            assert (after.state, after.seat_ids) == (CallState.TALKING, (seat_id,))

    @precondition(lambda self: self.ringing)
    @rule(data=st.data(), cause=failures)
    def seat_does_not_answer(self, data: st.DataObject, cause: OfferCause) -> None:
        offer = self.ringing.pop(data.draw(st.sampled_from(sorted(self.ringing))))
        seat_id = data.draw(st.sampled_from(offer.seat_ids))
        self.tell(OfferFailed(offer.call_id, seat_id, offer.offer_id, cause))

    @precondition(lambda self: self.past_offers)
    @rule(data=st.data(), cause=st.sampled_from(list(OfferCause)))
    def an_offer_of_any_time_fails(self, data: st.DataObject, cause: OfferCause) -> None:
        offer = data.draw(st.sampled_from(self.past_offers))
        self.tell(Tick())  # what was due is not this failure's doing
        stood = self.ringing.pop(offer.offer_id, None)
        if stood and cause is OfferCause.CALLER_LEFT:
            self.goes(offer.call_id)
        failed = OfferFailed(offer.call_id, offer.seat_ids[0], offer.offer_id, cause)
        commands = self.tell(failed)
        assert stood or not commands, "a failure of the past moves nobody"

    # Seats

    @rule(data=st.data())
    def seat_leaves_its_call(self, data: st.DataObject) -> None:
        talking = [c for c in self.engine.calls() if c.state is CallState.TALKING]
        if talking:
            call = data.draw(st.sampled_from(talking))
            assert call.seat_id is not None
            self.tell(SeatLeft(call.seat_id, call.call_id))
            assert self.shown.get(call.seat_id, (SeatState.OFFLINE,))[0] is not SeatState.TALKING

    @rule(seat_id=seat_ids, call_id=call_ids)
    def seat_leaves_any_call(self, seat_id: str, call_id: str) -> None:
        self.tell(SeatLeft(seat_id, call_id))

    @rule(
        event=st.builds(SeatReady, seat_ids)
        | st.builds(SeatRegistered, seat_ids)
        | st.builds(SeatUnregistered, seat_ids)
        | st.builds(SeatNotReady, seat_ids, st.sampled_from(["lunch", "training"]))
        | st.builds(RecordSaved, seat_ids)
        | st.builds(WrapUpWanted, seat_ids)
        | st.just(DayBegan())
    )
    def seat_says(self, event: Event) -> None:
        self.tell(event)

    @rule(seat_id=seat_ids)
    def seat_comes_back(self, seat_id: str) -> None:
        self.tell(SeatRegistered(seat_id))
        self.tell(SeatReady(seat_id))

    # Time and settings

    @rule(seconds=st.sampled_from([0.01, 1.0, 7.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.engine.next_wakeup()) is not None and due <= until:
            self.now = max(self.now, due)
            self.tell(Tick())
        self.now = until

    @rule(seconds=st.sampled_from([3.0, 60.0]))
    def time_passes_and_nobody_ticks(self, seconds: float) -> None:
        self.now += seconds

    @rule(floor=floors() | st.just(ALL_SERVE))
    def settings_change(self, floor: FloorSettings) -> None:
        self.settings = floor
        in_use = {call.queue for call in self.here.values()}
        kept = {name: queue for name, queue in self.queue_settings.items() if name in in_use}
        self.queue_settings = kept | {queue.id: queue for queue in floor.queues}
        for seat in floor.seats:
            if self.shown.get(seat.id, (SeatState.OFFLINE,))[0] in FREE:
                self.phones[seat.id] = seat.phone or seat.id
        self.tell(SettingsChanged(floor))

    # What must be true after each of them

    @invariant()
    def no_call_is_lost_and_none_made_up(self) -> None:
        assert {call.call_id for call in self.engine.calls()} == set(self.here)

    @invariant()
    def one_call_talks_with_one_seat_and_one_seat_has_one_call(self) -> None:
        by_call = [(c.call_id, seat) for c in self.engine.calls() for seat in c.seat_ids]
        by_seat = [(s.call_id, s.id) for s in self.engine.seats() if s.call_id]
        assert sorted(by_call) == sorted(by_seat)
        assert len({seat_id for _, seat_id in by_call}) == len(by_call)

    @invariant()
    def both_sides_agree_on_what_they_do(self) -> None:
        seats = {view.id: view for view in self.engine.seats()}
        for call in self.engine.calls():
            if call.state in (CallState.OFFERED, CallState.TALKING):
                assert {seats[seat].state for seat in call.seat_ids} == {call.state.value}
            else:
                assert call.seat_ids == ()
            assert call.state is not CallState.TALKING or len(call.seat_ids) == 1
            assert (call.offer_id is not None) == (call.state is CallState.OFFERED)
        for seat in seats.values():
            assert seat.call_id is None or seat.state not in FREE

    @invariant()
    def every_reservation_was_offered_and_every_offer_is_a_reservation(self) -> None:
        reserved = {
            c.offer_id: (c.call_id, set(c.seat_ids))
            for c in self.engine.calls()
            if c.state is CallState.OFFERED
        }
        assert reserved.keys() == self.ringing.keys()
        for offer_id, (call_id, seats) in reserved.items():
            offer = self.ringing[offer_id or ""]
            assert offer.call_id == call_id
            assert seats <= set(offer.seat_ids)
        if reserved:
            assert self.engine.next_wakeup() is not None, "every reservation ends"

    @invariant()
    def a_phone_rings_or_talks_for_one_seat(self) -> None:
        busy = [self.phones[s.id] for s in self.engine.seats() if s.state in BUSY]
        assert len(set(busy)) == len(busy)

    @invariant()
    def a_phone_is_in_use_only_while_it_is(self) -> None:
        for seat_id, (_, reason, _) in self.shown.items():
            if reason == "phone_in_use":
                assert self.phone_is_taken(seat_id)

    def phone_is_taken(self, seat_id: str) -> bool:
        """Whether another seat has its phone, or it may still ring for an offer that it left."""
        at_phone = {s for s, phone in self.phones.items() if phone == self.phones.get(seat_id)}
        return any(self.shown[s][0] in BUSY for s in at_phone - {seat_id}) or any(
            at_phone & set(offer.seat_ids) for offer in self.ringing.values()
        )

    @invariant()
    def those_who_wait_are_the_ones_in_the_list(self) -> None:
        listed = [call.call_id for call in self.engine.waiting(self.now)]
        states = {c.call_id for c in self.engine.calls() if c.state is CallState.WAITING}
        assert len(listed) == len(set(listed))
        assert set(listed) == states

    @invariant()
    def no_call_waits_while_a_seat_that_may_take_it_is_ready(self) -> None:
        ready = {s.id for s in self.engine.seats() if s.state is SeatState.READY}
        for seat in self.settings.seats:
            if seat.id in ready:
                for call in self.engine.waiting(self.now):
                    assert not self.may_take(seat, call.call_id), (seat, call)

    @invariant()
    def what_was_told_of_the_seats_is_what_they_are(self) -> None:
        assert self.shown == {
            view.id: (view.state, view.reason, view.call_id) for view in self.engine.seats()
        }

    def check_order(self, commands: list[Command], *, out_of_turn: bool, held: set[str]) -> None:
        """Nobody whom the seat could have taken was before the call that it got."""
        seats = {seat.id: seat for seat in self.settings.seats}
        left_waiting = [call.call_id for call in self.engine.waiting(self.now)]
        for command in commands:
            if isinstance(command, Offer) and not out_of_turn:
                for seat_id in set(command.seat_ids) - held:
                    for call_id in left_waiting:
                        if self.may_take(seats[seat_id], call_id):
                            assert not self.goes_before(call_id, command.call_id)
        for earlier, later in pairwise(left_waiting):
            assert not self.goes_before(later, earlier)

    def comes(
        self,
        call_id: str,
        queue_id: str,
        priority: int,
        since: float,
        caller: str = "",
        wanted: tuple[SkillNeed, ...] = (),
    ) -> None:
        if call_id in self.here:
            return
        self.arrivals += 1
        call = Caller(queue_id, priority, since, self.arrivals, caller, wanted)
        place = self.old_place(caller)
        if place is not None and self.many_in_place_of(caller) < 2:
            call.in_old_place = True
            call.since, call.returned = min(since, place.since), place.returned
        self.here[call_id] = call

    def old_place(self, caller: str) -> OldPlace | None:
        place = self.old_places.get(caller)
        return place if place is not None and place.until > self.now else None

    def many_in_place_of(self, caller: str) -> int:
        waits = {
            call.call_id
            for call in self.engine.calls()
            if call.state in (CallState.WAITING, CallState.OFFERED)
        }
        return sum(
            call.caller == caller and call.in_old_place and call_id in waits
            for call_id, call in self.here.items()
        )

    def goes(self, call_id: str, *, dropped: bool = False, redial: bool = True) -> None:
        view = self.engine.call(call_id)
        call = self.here.pop(call_id, None)
        self.hearing.pop(call_id, None)
        if view is None or call is None or not call.caller or not redial:
            return
        queue = self.queue_of(call)
        if view.state not in (CallState.TALKING, CallState.HANDED_OVER):
            old = self.old_place(call.caller)
            if old is not None and call.in_old_place:
                kept = old.answered
            else:
                kept = old is not None and (old.returned, -old.since) >= (
                    call.returned,
                    -call.since,
                )
            if queue.redial_s and not kept:
                until = self.now + queue.redial_s
                self.old_places[call.caller] = OldPlace(call.since, call.returned, until)
        elif dropped:
            kept_s = max(queue.redial_s, queue.called_party_hold_s)
            if kept_s:
                # First of all once: cut off again, they wait like others.
                place = OldPlace(self.now, not call.returned, self.now + kept_s)
                self.old_places[call.caller] = place

    def goes_before(self, one_id: str, other_id: str) -> bool:
        """The documented order, worked out from scratch; what floats cannot tell is neither."""
        one, other = self.here[one_id], self.here[other_id]
        if one.returned != other.returned:
            return one.returned
        lead = self.urgency(one) - self.urgency(other)
        if abs(lead) > 1e-9:
            return lead > 0
        alike = (one.queue, one.priority) == (other.queue, other.priority)
        return alike and (one.since, one.number) < (other.since, other.number)

    def urgency(self, call: Caller) -> float:
        waited_s = self.now - call.since
        return call.priority + self.queue_of(call).priority + self.settings.ageing_per_s * waited_s

    def teardown(self) -> None:
        """Whoever still waits is served in the end; then nothing is left over."""
        self.all_becomes_plain()
        for _ in range(3 * len(CALLS)):
            self.answer_and_hang_up()
        left = [call for call in self.engine.calls() if call.state is not CallState.HANDED_OVER]
        assert left == [], "starved"
        for call_id in CALLS:
            self.goes(call_id)
            self.tell(CallLeft(call_id))
        self.tell(SurgeSet("bridge", False))
        while (due := self.engine.next_wakeup()) is not None:
            assert due < self.now + 3700, "nothing is put off for ever"
            self.now = max(self.now, due)
            self.tell(Tick())
        assert self.engine.calls() == ()
        assert self.ringing == {}
        for seat in self.engine.seats():
            assert seat.state is SeatState.READY
        super().teardown()

    def all_becomes_plain(self) -> None:
        self.settings = PLAIN
        in_use = {call.queue for call in self.here.values()}
        kept = {name: queue for name, queue in self.queue_settings.items() if name in in_use}
        self.queue_settings = kept | {queue.id: queue for queue in PLAIN.queues}
        if self.shown.get("a", (SeatState.OFFLINE,))[0] in FREE:
            self.phones["a"] = "a"
        self.tell(SettingsChanged(PLAIN))
        for call_id in list(self.here):
            self.here[call_id].needs = ()
            self.tell(CallNeeds(call_id, ()))
            self.hearing.pop(call_id, None)
            self.tell(AnnouncementEnded(call_id))
            call = self.engine.call(call_id)
            if call is not None and call.queue not in ("q", "r"):
                self.call_is_moved_to_q(call_id)

    def call_is_moved_to_q(self, call_id: str) -> None:
        call = self.engine.call(call_id)
        if call is not None and call.state is CallState.WAITING:
            self.here[call_id].queue, self.here[call_id].overflowed = "q", []
        self.tell(CallMoved(call_id, "q"))

    def answer_and_hang_up(self) -> None:
        """The one seat takes whatever it is given, and comes back."""
        for call in self.engine.calls():
            view = self.engine.call(call.call_id)
            if view is None:
                continue
            if view.state is CallState.DIVERTED:
                self.tell(DivertFailed(call.call_id))
            elif view.state is CallState.OFFERED and view.offer_id in self.ringing:
                self.ringing.pop(view.offer_id)
                self.tell(OfferAnswered(call.call_id, view.seat_ids[0], view.offer_id))
            elif view.state is CallState.TALKING:
                self.tell(SeatLeft(view.seat_ids[0], call.call_id))
        self.now += 30.0
        self.tell(SeatRegistered("a"))
        self.tell(RecordSaved("a"))
        self.tell(SeatReady("a"))


@pytest.mark.timeout(400)  # finding the shortest failure takes minutes; passing takes seconds
def test_no_sequence_of_events_loses_a_call_or_gives_it_to_two_seats():
    run_state_machine_as_test(
        AnyDay, settings=settings(max_examples=100, stateful_step_count=50, deadline=None)
    )
