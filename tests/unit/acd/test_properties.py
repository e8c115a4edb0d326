"""Whatever happens in whatever order: no call to two seats, no seat two calls, no call lost.

The machine below sends the engine anything that Asterisk, people and the administrator could say,
true, stale or nonsense. It keeps books of its own, from events and commands alone, and compares.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from acd.commands import CancelOffer, Command, Offer, SeatChanged
from acd.engine import Engine
from acd.events import (
    CallAdopted,
    CallArrived,
    CallLeft,
    CallReturned,
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
    Tick,
)
from acd.model import (
    CallState,
    FloorSettings,
    OfferCause,
    QueueSettings,
    SeatSettings,
    SeatState,
)

CALLS = [f"c{n}" for n in range(8)]
SEATS = ["a", "b", "c"]
QUEUES = ["q", "r", "x"]
FREE = (SeatState.OFFLINE, SeatState.NOT_READY, SeatState.READY, SeatState.WRAP_UP)

call_ids = st.sampled_from(CALLS)
seat_ids = st.sampled_from(SEATS)
queue_ids = st.sampled_from(QUEUES)
failures = st.sampled_from([cause for cause in OfferCause if cause is not OfferCause.CALLER_LEFT])


@st.composite
def floors(draw: st.DrawFn) -> FloorSettings:
    queues = tuple(
        QueueSettings(
            queue_id,
            priority=draw(st.integers(0, 2)),
            ring_s=draw(st.sampled_from([5.0, 15.0])),
            wrap_up_s=draw(st.sampled_from([0.0, 0.0, 8.0])),
            misses_before_not_ready=draw(st.integers(1, 3)),
            no_answer_pause_s=draw(st.sampled_from([0.0, 2.0])),
            unreachable_pause_s=draw(st.sampled_from([1.0, 15.0])),
        )
        for queue_id in draw(st.lists(st.sampled_from(["q", "r"]), min_size=1, unique=True))
    )
    known = st.sampled_from([queue.id for queue in queues])
    seats = tuple(
        SeatSettings(seat_id, tuple(draw(st.lists(known, unique=True))))
        for seat_id in draw(st.lists(seat_ids, unique=True))
    )
    ageing = draw(st.sampled_from([0.0, 1 / 60, 0.5]))
    return FloorSettings(queues, seats, ageing_per_s=ageing)


ALL_SERVE = FloorSettings(
    (QueueSettings("q"), QueueSettings("r", priority=1)),
    (SeatSettings("a", ("q",)), SeatSettings("b", ("q", "r")), SeatSettings("c", ("r",))),
)


@dataclass
class Place:
    queue: str
    priority: int
    since: float
    number: int
    returned: bool = False


class AnyDay(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.settings = ALL_SERVE
        self.engine = Engine(self.settings, now=self.now)
        self.arrivals = 0
        self.here: set[str] = set()
        """Calls that came and did not leave."""
        self.ringing: dict[str, Offer] = {}
        """Offers that stand, by what commands and events say."""
        self.past_offers: list[Offer] = []
        self.places: dict[str, Place] = {}
        self.queue_settings = {queue.id: queue for queue in self.settings.queues}
        self.shown = {view.id: (view.state, view.reason, None) for view in self.engine.seats()}

    @initialize()
    def seats_are_ready(self) -> None:
        for seat_id in SEATS:
            self.tell(SeatRegistered(seat_id))
            self.tell(SeatReady(seat_id))

    def tell(self, event: Event) -> list[Command]:
        commands = self.engine.handle(event, self.now)
        for command in commands:
            match command:
                case Offer(offer_id, call_id, (seat_id,)):
                    assert offer_id not in {offer.offer_id for offer in self.past_offers}
                    for other in self.ringing.values():
                        assert other.call_id != call_id, "one call rings at two seats"
                        assert other.seat_ids[0] != seat_id, "one seat rings for two calls"
                    assert call_id in self.here
                    self.ringing[offer_id] = command
                    self.past_offers.append(command)
                case CancelOffer(offer_id, call_id, (seat_id,)):
                    offer = self.ringing.pop(offer_id)
                    assert (offer.call_id, offer.seat_ids[0]) == (call_id, seat_id)
                case SeatChanged(seat_id, SeatState.OFFLINE, "removed", None):
                    del self.shown[seat_id]
                case SeatChanged(seat_id, state, reason, shown_call_id):
                    assert self.shown.get(seat_id) != (state, reason, shown_call_id)
                    self.shown[seat_id] = (state, reason, shown_call_id)
        self.check_order(commands)
        due = self.engine.next_wakeup()
        assert due is None or due > self.now, "all that was due has been done"
        return commands

    def serves(self, seat: SeatSettings, queue_id: str) -> bool:
        nobody_does = all(queue_id not in other.queues for other in self.settings.seats)
        return queue_id in seat.queues or nobody_does

    # Callers

    @rule(call_id=call_ids, queue_id=queue_ids, priority=st.integers(0, 2))
    def call_arrives(self, call_id: str, queue_id: str, priority: int) -> None:
        self.comes(call_id, queue_id, priority, self.now)
        self.tell(CallArrived(call_id, queue_id, priority))

    @rule(call_id=call_ids, ago_s=st.floats(0, 60))
    def call_arrives_with_an_older_place(self, call_id: str, ago_s: float) -> None:
        self.comes(call_id, "q", 0, self.now - ago_s)
        self.tell(CallArrived(call_id, "q", 0, self.now - ago_s))

    @rule(call_id=call_ids)
    def call_leaves(self, call_id: str) -> None:
        self.here.discard(call_id)
        self.tell(CallLeft(call_id))

    @rule(call_id=call_ids, lost_seat=st.none() | seat_ids)
    def call_returns(self, call_id: str, lost_seat: str | None) -> None:
        call = self.engine.call(call_id)
        if call is not None:
            place = self.places[call_id]
            in_conversation = call.state in (CallState.TALKING, CallState.HANDED_OVER)
            if in_conversation or not place.returned:
                place.returned, place.since = True, self.now
        self.tell(CallReturned(call_id, lost_seat))

    @rule(call_id=call_ids, queue_id=queue_ids, seat_id=st.none() | seat_ids)
    def call_is_found(self, call_id: str, queue_id: str, seat_id: str | None) -> None:
        self.comes(call_id, queue_id, 0, self.now)
        for offer in list(self.ringing.values()):
            if (offer.call_id, offer.seat_ids[0]) == (call_id, seat_id):
                del self.ringing[offer.offer_id]
        self.tell(CallAdopted(call_id, queue_id, seat_id))
        found = self.engine.call(call_id)
        assert found is not None
        if seat_id in self.shown:
            assert (found.state, found.seat_id) == (CallState.TALKING, seat_id)
        else:
            assert found.state is CallState.HANDED_OVER

    # Offers

    @precondition(lambda self: self.ringing)
    @rule(data=st.data())
    def seat_answers(self, data: st.DataObject) -> None:
        offer = self.ringing.pop(data.draw(st.sampled_from(sorted(self.ringing))))
        self.tell(OfferAnswered(offer.call_id, offer.seat_ids[0], offer.offer_id))
        answered = self.engine.call(offer.call_id)
        assert answered is not None
        assert (answered.state, answered.seat_id) == (CallState.TALKING, offer.seat_ids[0])

    @precondition(lambda self: self.past_offers)
    @rule(data=st.data())
    def seat_answers_an_offer_of_any_time(self, data: st.DataObject) -> None:
        offer = data.draw(st.sampled_from(self.past_offers))
        before = self.engine.call(offer.call_id)
        talks = {view.id: view.call_id for view in self.engine.seats() if view.call_id}
        seat_talks_already = talks.get(offer.seat_ids[0]) is not None and all(
            other.seat_ids[0] != offer.seat_ids[0] for other in self.ringing.values()
        )
        for other in list(self.ringing.values()):
            if (other.call_id, other.seat_ids[0]) == (offer.call_id, offer.seat_ids[0]):
                del self.ringing[other.offer_id]
        self.tell(OfferAnswered(offer.call_id, offer.seat_ids[0], offer.offer_id))
        after = self.engine.call(offer.call_id)
        if before is None or after is None:
            assert before is after is None
        elif before.state is CallState.TALKING:
            assert after == before, "whoever has the call keeps it"
        elif seat_talks_already:
            kept = self.engine.call(talks[offer.seat_ids[0]] or "")
            assert kept is not None
            assert kept.seat_id == offer.seat_ids[0], "a conversation goes on"
        elif offer.seat_ids[0] in self.shown:
            assert (after.state, after.seat_id) == (CallState.TALKING, offer.seat_ids[0])

    @precondition(lambda self: self.ringing)
    @rule(data=st.data(), cause=failures)
    def seat_does_not_answer(self, data: st.DataObject, cause: OfferCause) -> None:
        offer = self.ringing.pop(data.draw(st.sampled_from(sorted(self.ringing))))
        self.tell(OfferFailed(offer.call_id, offer.seat_ids[0], offer.offer_id, cause))

    @precondition(lambda self: self.past_offers)
    @rule(data=st.data(), cause=st.sampled_from(list(OfferCause)))
    def an_offer_of_any_time_fails(self, data: st.DataObject, cause: OfferCause) -> None:
        offer = data.draw(st.sampled_from(self.past_offers))
        self.tell(Tick())  # what was due is not this failure's doing
        stood = self.ringing.pop(offer.offer_id, None)
        if stood and cause is OfferCause.CALLER_LEFT:
            self.here.discard(offer.call_id)
        commands = self.tell(OfferFailed(offer.call_id, offer.seat_ids[0], offer.offer_id, cause))
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
        in_use = {self.places[call_id].queue for call_id in self.here}
        kept = {name: queue for name, queue in self.queue_settings.items() if name in in_use}
        self.queue_settings = kept | {queue.id: queue for queue in floor.queues}
        self.tell(SettingsChanged(floor))

    # What must be true after each of them

    @invariant()
    def no_call_is_lost_and_none_made_up(self) -> None:
        assert {call.call_id for call in self.engine.calls()} == self.here

    @invariant()
    def one_call_has_one_seat_and_one_seat_one_call(self) -> None:
        by_call = [(c.call_id, c.seat_id) for c in self.engine.calls() if c.seat_id]
        by_seat = [(s.call_id, s.id) for s in self.engine.seats() if s.call_id]
        assert sorted(by_call) == sorted(by_seat)
        assert len({call_id for call_id, _ in by_call}) == len(by_call)
        assert len({seat_id for _, seat_id in by_call}) == len(by_call)

    @invariant()
    def both_sides_agree_on_what_they_do(self) -> None:
        seats = {view.id: view for view in self.engine.seats()}
        for call in self.engine.calls():
            if call.state in (CallState.OFFERED, CallState.TALKING):
                assert seats[call.seat_id or ""].state == call.state.value
            else:
                assert call.seat_id is None
            assert (call.offer_id is not None) == (call.state is CallState.OFFERED)
        for seat in seats.values():
            assert seat.call_id is None or seat.state not in FREE

    @invariant()
    def every_reservation_was_offered_and_every_offer_is_a_reservation(self) -> None:
        reserved = {
            c.offer_id: (c.call_id, c.seat_id)
            for c in self.engine.calls()
            if c.state is CallState.OFFERED
        }
        assert reserved == {i: (o.call_id, o.seat_ids[0]) for i, o in self.ringing.items()}
        if reserved:
            assert self.engine.next_wakeup() is not None, "every reservation ends"

    @invariant()
    def those_who_wait_are_the_ones_in_the_list(self) -> None:
        listed = [call.call_id for call in self.engine.waiting(self.now)]
        states = {c.call_id for c in self.engine.calls() if c.state is CallState.WAITING}
        assert len(listed) == len(set(listed))
        assert set(listed) == states

    @invariant()
    def no_call_waits_while_a_seat_that_serves_it_is_ready(self) -> None:
        ready = {s.id for s in self.engine.seats() if s.state is SeatState.READY}
        for seat in self.settings.seats:
            if seat.id in ready:
                for call in self.engine.waiting(self.now):
                    assert not self.serves(seat, call.queue), (seat, call)

    @invariant()
    def what_was_told_of_the_seats_is_what_they_are(self) -> None:
        assert self.shown == {
            view.id: (view.state, view.reason, view.call_id) for view in self.engine.seats()
        }

    def check_order(self, commands: list[Command]) -> None:
        """Nobody whom the seat could have served was before the call that it got."""
        seats = {seat.id: seat for seat in self.settings.seats}
        left_waiting = self.engine.waiting(self.now)
        for command in commands:
            if isinstance(command, Offer):
                for call in left_waiting:
                    if self.serves(seats[command.seat_ids[0]], call.queue):
                        assert not self.goes_before(call.call_id, command.call_id)
        for earlier, later in pairwise(call.call_id for call in left_waiting):
            assert not self.goes_before(later, earlier)

    def comes(self, call_id: str, queue_id: str, priority: int, since: float) -> None:
        if call_id not in self.here:
            self.here.add(call_id)
            self.arrivals += 1
            self.places[call_id] = Place(queue_id, priority, since, self.arrivals)

    def goes_before(self, one_id: str, other_id: str) -> bool:
        """The documented order, worked out from scratch; what floats cannot tell is neither."""
        one, other = self.places[one_id], self.places[other_id]
        if one.returned != other.returned:
            return one.returned
        lead = self.urgency(one) - self.urgency(other)
        if abs(lead) > 1e-9:
            return lead > 0
        alike = (one.queue, one.priority) == (other.queue, other.priority)
        return alike and (one.since, one.number) < (other.since, other.number)

    def urgency(self, place: Place) -> float:
        queue = self.queue_settings.get(place.queue, QueueSettings(place.queue))
        return (
            place.priority + queue.priority + self.settings.ageing_per_s * (self.now - place.since)
        )

    def teardown(self) -> None:
        """When everybody has gone home, nothing is left over."""
        for call_id in CALLS:
            self.tell(CallLeft(call_id))
        while (due := self.engine.next_wakeup()) is not None:
            assert due < self.now + 100, "nothing is put off for ever"
            self.now = max(self.now, due)
            self.tell(Tick())
        assert self.engine.calls() == ()
        assert self.ringing == {}
        for seat in self.engine.seats():
            assert seat.state in (SeatState.OFFLINE, SeatState.NOT_READY, SeatState.READY)
            assert seat.reason in ("", "not_signed_in", "missed_calls", "lunch", "training")
        super().teardown()


@pytest.mark.timeout(400)  # finding the shortest failure takes minutes; passing takes seconds
def test_no_sequence_of_events_loses_a_call_or_gives_it_to_two_seats():
    run_state_machine_as_test(
        AnyDay, settings=settings(max_examples=100, stateful_step_count=50, deadline=None)
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["arrive", "leave", "take", "miss", "pass"]), min_size=20, max_size=120
    )
)
def test_callers_of_equal_priority_are_served_in_the_order_they_came(steps):
    engine = Engine(
        FloorSettings(
            (QueueSettings("q", misses_before_not_ready=999),),
            (SeatSettings("a", ("q",)), SeatSettings("b", ("q",))),
        )
    )
    now, arrived, served = 50.0, 0, []
    for seat_id in ("a", "b"):
        engine.handle(SeatRegistered(seat_id), now)
        engine.handle(SeatReady(seat_id), now)
    for step in steps:
        now += 0.5
        calls = {c.call_id: c for c in engine.calls()}
        offered = [c for c in calls.values() if c.state is CallState.OFFERED]
        talking = [c for c in calls.values() if c.state is CallState.TALKING]
        match step:
            case "arrive":
                arrived += 1
                engine.handle(CallArrived(f"c{arrived:03}", "q"), now)
            case "leave" if engine.waiting(now):
                engine.handle(CallLeft(engine.waiting(now)[-1].call_id), now)
            case "take" if offered:
                # The earliest rings were first: answering in that order serves in that order.
                first = min(offered, key=lambda c: c.call_id)
                engine.handle(
                    OfferAnswered(first.call_id, first.seat_id or "", first.offer_id or ""), now
                )
                served.append(first.call_id)
            case "miss" if offered:
                first = offered[0]
                engine.handle(
                    OfferFailed(
                        first.call_id,
                        first.seat_id or "",
                        first.offer_id or "",
                        OfferCause.NO_ANSWER,
                    ),
                    now,
                )
            case "pass" if talking:
                engine.handle(SeatLeft(talking[0].seat_id or "", talking[0].call_id), now)
                engine.handle(CallLeft(talking[0].call_id), now)
        waiting = [call.call_id for call in engine.waiting(now)]
        assert waiting == sorted(waiting)
        rung = [c.call_id for c in engine.calls() if c.state is CallState.OFFERED]
        assert not rung or not waiting or max(rung) < waiting[0]
    assert served == sorted(served)


@st.composite
def any_events(draw: st.DrawFn) -> list[tuple[float, Event]]:
    offer_ids = st.integers(1, 12).map(str)
    event = st.one_of(
        st.builds(CallArrived, call_ids, queue_ids, st.integers(0, 2)),
        st.builds(CallLeft, call_ids),
        st.builds(OfferAnswered, call_ids, seat_ids, offer_ids),
        st.builds(OfferFailed, call_ids, seat_ids, offer_ids, st.sampled_from(list(OfferCause))),
        st.builds(SeatLeft, seat_ids, call_ids),
        st.builds(CallReturned, call_ids, st.none() | seat_ids),
        st.builds(CallAdopted, call_ids, queue_ids, st.none() | seat_ids),
        st.builds(SeatReady, seat_ids),
        st.builds(SeatRegistered, seat_ids),
        st.builds(SeatUnregistered, seat_ids),
        st.builds(SeatNotReady, seat_ids, st.just("lunch")),
        st.builds(RecordSaved, seat_ids),
        st.builds(SettingsChanged, floors()),
        st.just(Tick()),
    )
    steps = draw(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 6.0]), event), max_size=60))
    now, timed = 10.0, []
    for step_s, happens in steps:
        now += step_s
        timed.append((now, happens))
    return timed


@settings(max_examples=60, deadline=None)
@given(any_events())
def test_the_same_events_at_the_same_times_give_the_same_commands(events):
    first, second = Engine(ALL_SERVE), Engine(ALL_SERVE)
    for now, event in events:
        assert first.handle(event, now) == second.handle(event, now)
        assert first.next_wakeup() == second.next_wakeup()


A_BUSY_HOUR = """
import hashlib, random
from acd.engine import Engine
from acd.events import *
from acd.model import *
dice = random.Random(7)
queues = [f"queue{n}" for n in range(9)]
seats = [f"seat{n}" for n in range(12)]
floor = FloorSettings(
    tuple(QueueSettings(q, priority=n % 2) for n, q in enumerate(queues)),
    tuple(SeatSettings(s, tuple(dice.sample(queues, 4))) for s in seats),
)
engine, now, digest = Engine(floor), 0.0, hashlib.sha256()
def tell(event):
    for command in engine.handle(event, now):
        digest.update(repr(command).encode())
for seat in seats:
    tell(SeatRegistered(seat)); tell(SeatReady(seat))
for number in range(400):
    now += dice.random()
    tell(CallArrived(f"call{number}", dice.choice(queues + ["nowhere", "else"])))
    calls = engine.calls()
    if number % 50 == 0:
        tell(SettingsChanged(floor))
    call = dice.choice(calls)
    if call.state == "offered":
        tell(OfferAnswered(call.call_id, call.seat_id, call.offer_id))
    elif call.state == "talking":
        tell(SeatLeft(call.seat_id, call.call_id))
    elif dice.random() < 0.5:
        tell(CallLeft(call.call_id))
print(digest.hexdigest())
"""


def test_commands_do_not_depend_on_how_python_hashes_names():
    digests = {
        subprocess.run(
            [sys.executable, "-c", A_BUSY_HOUR],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64
