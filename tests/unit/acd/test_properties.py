"""The engine decides the same whenever the same happens, and serves equals in their order."""

from __future__ import annotations

import os
import subprocess
import sys

import hypothesis.strategies as st
from hypothesis import given, settings

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
    SkillNeed,
    Strategy,
    Surge,
)

CALLS = [f"c{n}" for n in range(8)]
SEATS = ["a", "b", "c"]
QUEUES = ["q", "r", "x"]

call_ids = st.sampled_from(CALLS)
seat_ids = st.sampled_from(SEATS)
queue_ids = st.sampled_from(QUEUES)
needs = st.sampled_from([(), (SkillNeed("zh", relax=(RelaxStep(6.0),)),)])


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
            overflow=(OverflowRule(OverflowWhen.WAITED_S, OverflowTo.EVERYBODY, 6.0),),
            surge=draw(st.sampled_from([None, Surge(2)])),
            called_party_hold_s=draw(st.sampled_from([0.0, 6.0])),
            misses_before_not_ready=draw(st.integers(1, 3)),
            no_answer_pause_s=draw(st.sampled_from([0.0, 2.0])),
            unreachable_pause_s=draw(st.sampled_from([1.0, 15.0])),
        )
        for queue_id in draw(st.lists(st.sampled_from(["q", "r"]), min_size=1, unique=True))
    )
    known = st.sampled_from([queue.id for queue in queues])
    seats = tuple(
        SeatSettings(
            seat_id,
            tuple(draw(st.lists(known, unique=True))),
            skills=draw(st.sampled_from([(), (("zh", 1),)])),
            phone=draw(st.sampled_from(["", "desk"])),
        )
        for seat_id in draw(st.lists(seat_ids, unique=True))
    )
    ageing = draw(st.sampled_from([0.0, 1 / 60, 0.5]))
    return FloorSettings(queues, seats, ageing_per_s=ageing)


ALL_SERVE = FloorSettings(
    (QueueSettings("q"), QueueSettings("r", priority=1)),
    (SeatSettings("a", ("q",)), SeatSettings("b", ("q", "r")), SeatSettings("c", ("r",))),
)


TWO_QUEUES = FloorSettings(
    (QueueSettings("q", strategy=Strategy.RING_ALL), QueueSettings("r", priority=1)),
    (SeatSettings("a", ("q",)), SeatSettings("b", ("q", "r")), SeatSettings("c", ("r",))),
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
        st.builds(
            CallArrived,
            call_ids,
            queue_ids,
            st.integers(0, 2),
            caller=st.sampled_from(["", "x"]),
            origin=st.just("bridge"),
            needs=needs,
        ),
        st.builds(CallLeft, call_ids, st.booleans(), st.booleans()),
        st.builds(CallNeeds, call_ids, needs),
        st.builds(CallPrioritised, call_ids, st.integers(-1, 3)),
        st.builds(CallMoved, call_ids, queue_ids),
        st.builds(CallPicked, call_ids, seat_ids),
        st.builds(AnnouncementEnded, call_ids),
        st.builds(DivertFailed, call_ids),
        st.builds(WrapUpWanted, seat_ids),
        st.builds(SurgeSet, st.just("bridge"), st.booleans()),
        st.just(DayBegan()),
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
    first, second = Engine(TWO_QUEUES), Engine(TWO_QUEUES)
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
    tuple(
        QueueSettings(
            q, priority=n % 2, strategy=list(Strategy)[n % 6],
            overflow=(OverflowRule(OverflowWhen.WAITED_S, OverflowTo.EVERYBODY, 5.0),),
        )
        for n, q in enumerate(queues)
    ),
    tuple(
        SeatSettings(s, tuple(dice.sample(queues, 4)), skills=((f"skill{n % 3}", 1),))
        for n, s in enumerate(seats)
    ),
)
engine, now, digest = Engine(floor), 0.0, hashlib.sha256()
def tell(event):
    for command in engine.handle(event, now):
        digest.update(repr(command).encode())
for seat in seats:
    tell(SeatRegistered(seat)); tell(SeatReady(seat))
for number in range(400):
    now += dice.random()
    needs = (SkillNeed(f"skill{number % 3}", required=number % 2 == 0),)
    tell(CallArrived(f"call{number}", dice.choice(queues + ["nowhere", "else"]), needs=needs))
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
