"""A call-back on the floor: whose the seat is, and that it is free again however it ends."""

from __future__ import annotations

import pytest

from acd.events import SeatNotReady, SeatReady, SettingsChanged
from acd.model import FloorSettings, QueueSettings, SeatSettings
from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import OriginateExtension
from callcenter.asterisk.errors import OutcomeUnknown
from callcenter.asterisk.snapshot import ChannelInfo, Snapshot
from callcenter.calls.call import CallState
from callcenter.settings import Line, Queue, Seat
from callcenter.tasks.errors import TaskRefused
from callcenter.tasks.verdict import verdict
from tests.unit.calls.floor import SETTINGS
from tests.unit.figures.notes import NotedFloor

CALL = "cb1.abc"
SEAT_LEG = f"seat-of-{CALL}"
HOME = "PJSIP/outbound-1"


@pytest.fixture
def floor():
    floor = NotedFloor()
    floor.phone("s01", "NOT_INUSE")
    return floor


def start(floor, seat="s01", number="5550100"):
    floor.conductor.call_backs.start(
        call_id=CALL,
        task_id=7,
        number=number,
        seat=seat,
        line="110",
        queue="emergency",
        language="en",
        by="ann",
    )


def dials(floor):
    floor.tell(
        ami.CallBackDialled(CALL, HOME, "9.9", "s01", "7", "110", "emergency", number="5550100")
    )
    return floor.register.get(CALL)


def both_join(floor):
    floor.tell(
        ami.PartyJoining(CALL, "PJSIP/s01-1", SEAT_LEG, "operator", "s01", ""),
        ami.BridgeJoined(CALL, HOME, "9.9"),
        ami.BridgeJoined(CALL, "PJSIP/s01-1", SEAT_LEG),
    )


def seat(floor, seat_id="s01"):
    return floor.distribution.seat(seat_id)["state"]


def channel(uniqueid, **variables):
    return ChannelInfo(
        channel="PJSIP/s01-1",
        uniqueid=uniqueid,
        linkedid=uniqueid,
        context="call-back",
        exten="5550100",
        application="Dial",
        application_data="",
        state="Up",
        bridge_id="",
        duration_s=3,
        caller_number="",
        variables=variables,
    )


async def test_seat_that_calls_back_is_offered_nobody(floor):
    start(floor)
    floor.arrives("1.1")
    await floor.settle()
    assert floor.actor.offered() == [] and seat(floor) == "talking"
    floor.tell(ami.OriginateFailed(SEAT_LEG, 3))
    await floor.settle()
    assert [offered for _, offered in floor.actor.offered()] == ["s01"]


def retune(floor, **changed):
    settings = SETTINGS.model_copy(update=changed)
    floor.distribution.feed(
        SettingsChanged(
            FloorSettings(
                queues=tuple(QueueSettings(id=queue.id) for queue in settings.queues),
                seats=tuple(
                    SeatSettings(one.id, one.queues, phone=one.phone_id) for one in settings.seats
                ),
            )
        ),
        floor.clock.now,
    )
    floor.conductor.call_backs.retune(settings)


async def test_call_back_follows_what_is_tuned_meanwhile(floor):
    retune(
        floor,
        lines=(Line(number="110", queue="calm"),),
        queues=(Queue(id="calm"),),
        seats=(Seat(id="s09", queues=("calm",), phone="p1"),),
    )
    with pytest.raises(TaskRefused, match="there is no seat s01"):
        start(floor)
    floor.phone("p1", "NOT_INUSE")
    floor.distribution.feed(SeatReady("s09"), floor.clock.now)
    start(floor, seat="s09")
    await floor.settle()
    (rung,) = floor.actor.of(OriginateExtension)
    assert rung.endpoint == "PJSIP/p1"
    assert rung.variables["__CALL_BACK_QUEUE"] == "calm"


async def test_seat_that_is_taken_away_as_it_is_rung_is_rung_all_the_same(floor):
    start(floor)
    retune(floor, seats=SETTINGS.seats[1:])
    await floor.settle()
    (rung,) = floor.actor.of(OriginateExtension)
    assert rung.endpoint == "PJSIP/s01"
    floor.tell(ami.OriginateFailed(SEAT_LEG, 3))
    assert floor.called_back == [CALL]


async def test_called_party_is_the_caller_of_a_call_of_its_own(floor):
    start(floor)
    await floor.settle()
    call = dials(floor)
    assert call.state is CallState.ARRIVED and call.caller_number == "5550100"
    both_join(floor)
    assert call.state is CallState.TALKING and call.seat == "s01"
    assert set(floor.ears.tapped) == {"9.9", SEAT_LEG}
    floor.says(call, call.legs[SEAT_LEG])
    floor.says(call, call.caller_leg)
    floor.hangs_up("9.9")
    floor.hangs_up(SEAT_LEG)
    assert call.closed and seat(floor) == "ready" and floor.called_back == [CALL]
    found = verdict(floor.of(CALL))
    assert (found.what, found.task_id) == ("called_back", 7)
    assert found.known["heard"] is True
    assert floor.lives().outcomes(0, 1e12) == []


async def test_operator_who_hangs_up_ends_the_call_back(floor):
    start(floor)
    call = dials(floor)
    both_join(floor)
    floor.hangs_up(SEAT_LEG)
    floor.hangs_up("9.9")
    assert call.closed and seat(floor) == "ready"
    assert CALL in floor.called_back


async def test_number_that_is_not_reached_frees_the_seat(floor):
    start(floor)
    call = dials(floor)
    floor.hangs_up("9.9", cause=19)
    assert call.closed
    floor.tell(ami.ChannelHungUp("PJSIP/s01-1", SEAT_LEG, SEAT_LEG, 16))
    assert seat(floor) == "ready" and floor.engine.call(CALL) is None
    found = verdict(floor.of(CALL))
    assert found.what == "called_back" and "heard" not in found.known


async def test_seat_that_takes_no_callers_may_call_back_and_rests_again(floor):
    floor.distribution.feed(SeatNotReady("s01", "break"), floor.clock.now)
    start(floor)
    assert seat(floor) == "talking"
    floor.tell(ami.OriginateFailed(SEAT_LEG, 3))
    assert seat(floor) == "not_ready"


async def test_seat_in_a_call_cannot_call_back(floor):
    floor.arrives("1.1")
    floor.talk("1.1", "s01", "1.2")
    with pytest.raises(TaskRefused, match="it is in a call"):
        start(floor)
    assert floor.distribution.seat_of("1.1") == "s01"


@pytest.mark.parametrize("number", ["", "+1555", "555*", "5550100@x", "٥٥٥", "555\r\nX: y"])
async def test_nothing_but_digits_reaches_asterisk(floor, number):
    with pytest.raises(TaskRefused, match="only digits"):
        start(floor, number=number)
    await floor.settle()
    assert floor.actor.sent == [] and seat(floor) == "ready"


async def test_action_whose_outcome_is_unknown_is_looked_up(floor):
    floor.actor.error = OutcomeUnknown("Originate", "lost")
    start(floor)
    await floor.settle()
    assert floor.distribution.in_doubt and seat(floor) == "talking"
    floor.conductor.call_backs.reconcile(Snapshot(channels=(channel(SEAT_LEG),)))
    assert seat(floor) == "talking"
    floor.conductor.call_backs.reconcile(Snapshot())
    assert seat(floor) == "talking", "it may be on the way"
    floor.after(6)
    floor.conductor.call_backs.reconcile(Snapshot())
    assert seat(floor) == "ready" and floor.called_back == [CALL]


async def test_service_that_starts_again_keeps_the_seat_for_the_call_back(floor):
    found = channel(SEAT_LEG, CALL_ID=CALL, CALL_ROLE="calling_back", CALL_PARTY="s01")
    floor.adoption.reconcile(Snapshot(channels=(found,), devices={"PJSIP/s01": "BUSY"}))
    floor.conductor.call_backs.reconcile(Snapshot(channels=(found,)))
    await floor.settle()
    assert seat(floor) == "talking" and floor.conductor.call_backs.knows(CALL)
    assert floor.actor.sent == [], "nobody hangs it up"
    call = dials(floor)
    both_join(floor)
    assert call.seat == "s01"
    floor.hangs_up("9.9")
    floor.tell(ami.ChannelHungUp("PJSIP/s01-1", SEAT_LEG, SEAT_LEG, 16))
    floor.phone("s01", "NOT_INUSE")
    assert seat(floor) == "ready"


async def test_actions_name_the_number_in_one_place_only(floor):
    """It must reach Asterisk, and nothing else of the caller does."""
    start(floor)
    await floor.settle()
    (action,) = floor.actor.of(OriginateExtension)
    headers = dict(action.headers())
    holding = [name for name, value in headers.items() if "5550100" in value]
    assert holding == ["CallerID", "Exten"]
