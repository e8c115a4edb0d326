"""Ringing officers: what is kept of every phone, and what the next call learns from it."""

from dataclasses import replace

import pytest

from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Hangup, OriginateExtension, SetVariable
from callcenter.asterisk.snapshot import Snapshot
from callcenter.calls import officer_coming
from callcenter.calls.call import CallState
from callcenter.calls.errors import NotNow
from callcenter.precincts.hunt import Candidate, Hunt, Rung, Tick, Timing
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_adoption import bridge, channel
from tests.unit.calls.test_conduct import officer_takes, talking


async def ring_in_vain(floor: TestFloor) -> list[str]:
    """Ring whoever is responsible until all have been asked; officers in the order they rang."""
    before = len(floor.actor.of(OriginateExtension))
    await floor.officers.ring(floor.register.get("1.1"), (), "s01")
    for _ in range(60):
        await floor.settle()
        floor.clock.now += 1
        floor.conductor.tick()
    await floor.settle()
    return [each.variables["CALL_PARTY"] for each in floor.actor.of(OriginateExtension)[before:]]


def results(floor: TestFloor) -> list[tuple[str, str]]:
    return [
        (payload["officer"], payload["outcome"])
        for _, kind, payload in floor.journal
        if kind == "officer.result"
    ]


async def test_officer_who_did_not_answer_two_hunts_is_not_asked_first_in_the_third() -> None:
    floor = TestFloor(candidates=("o14a", "o18a"))
    await talking(floor)
    assert await ring_in_vain(floor) == ["o14a", "o18a"]
    assert floor.not_answering == []
    # The second one answers this time, and hands it on.
    call = floor.register.get("1.1")
    await floor.officers.ring(call, (), "s01")
    await floor.settle()
    first = floor.actor.of(OriginateExtension)[-1]
    floor.clock.now += 9
    floor.conductor.tick()
    await floor.settle()
    second = floor.actor.of(OriginateExtension)[-1]
    attempt = second.variables["ATTEMPT_ID"]
    floor.tell(
        ami.OfficerAnswered("1.1", "o18a", attempt, "PJSIP/o", second.channel_id),
        ami.OfficerDeclined("1.1", "o18a", attempt, "PJSIP/o", second.channel_id, "2"),
    )
    assert first.variables["CALL_PARTY"] == "o14a"
    for _ in range(15):
        floor.clock.now += 1
        floor.conductor.tick()
    assert floor.not_answering == ["o14a"]
    assert [each.officer_id for each in floor.officers.not_answering()] == ["o14a"]
    assert results(floor)[-2:] == [("o18a", "handed_on"), ("o14a", "no_answer")]
    assert await ring_in_vain(floor) == ["o18a", "o14a"]


async def test_officer_who_answers_and_presses_nothing_is_journalled_as_silent() -> None:
    floor = TestFloor(candidates=("o14a",))
    await talking(floor)
    await floor.officers.ring(floor.register.get("1.1"), ("o14a",), "s01")
    await floor.settle()
    rung = floor.actor.of(OriginateExtension)[-1]
    attempt = rung.variables["ATTEMPT_ID"]
    floor.tell(
        ami.OfficerAnswered("1.1", "o14a", attempt, "PJSIP/o", rung.channel_id),
        ami.OfficerDeclined("1.1", "o14a", attempt, "PJSIP/o", rung.channel_id, ""),
    )
    await floor.settle()
    assert results(floor) == [("o14a", "silent")]


async def test_whose_phone_rang_and_why_is_in_the_journal() -> None:
    floor = TestFloor()
    await talking(floor)
    await officer_takes(floor)
    rang = [payload for _, kind, payload in floor.journal if kind == "officer.ring"]
    assert [(each["officer"], each["rung"]) for each in rang] == [("o14a", "duty")]
    assert results(floor) == [("o14a", "took")]


def last_coming(floor: TestFloor) -> str:
    return [one.value for one in floor.actor.of(SetVariable) if one.name == "OFFICER_COMING"][-1]


async def after_a_restart(first: TestFloor, *, phone_rings: bool) -> TestFloor:
    """Another service finds the call that the first left with an officer's phone ringing."""
    rung = first.actor.of(OriginateExtension)[-1]
    caller = channel("1.1", "join", "caller", age_s=4)
    ringing = channel(rung.channel_id, "", "officer", rung.variables["CALL_PARTY"], age_s=1)
    legs = [
        replace(caller, variables={**caller.variables, "OFFICER_COMING": last_coming(first)}),
        channel("1.2", "join", "operator", "s01"),
    ]
    if phone_rings:
        attempt = {"ATTEMPT_ID": rung.variables["ATTEMPT_ID"]}
        legs.append(replace(ringing, state="Ringing", variables={**ringing.variables, **attempt}))
    floor = TestFloor(candidates=())
    floor.adoption.reconcile(Snapshot(tuple(legs), bridge("1.1", "1.2"), {}))
    await floor.settle()
    return floor


async def test_hunt_goes_on_after_a_restart_and_rings_nobody_twice() -> None:
    first = TestFloor(candidates=("o14a", "o18a"))
    await talking(first)
    await first.officers.ring(first.register.get("1.1"), (), "s01")
    await first.settle()
    floor = await after_a_restart(first, phone_rings=True)
    assert floor.actor.of(OriginateExtension) == []
    assert floor.register.get("1.1").officer_state == "ringing"
    for _ in range(9):
        floor.clock.now += 1
        floor.conductor.tick()
    await floor.settle()
    assert [r.variables["CALL_PARTY"] for r in floor.actor.of(OriginateExtension)] == ["o18a"]


async def test_officer_who_rang_before_the_restart_takes_the_call_after_it() -> None:
    first = TestFloor(candidates=("o14a", "o18a"))
    await talking(first)
    await first.officers.ring(first.register.get("1.1"), (), "s01")
    await first.settle()
    rung = first.actor.of(OriginateExtension)[-1]
    floor = await after_a_restart(first, phone_rings=True)
    attempt = rung.variables["ATTEMPT_ID"]
    floor.tell(
        ami.OfficerAnswered("1.1", "o14a", attempt, "PJSIP/o14a-1", rung.channel_id),
        ami.OfficerTook("1.1", "o14a", attempt, "PJSIP/o14a-1", rung.channel_id),
        ami.PartyJoining("1.1", "PJSIP/o14a-1", rung.channel_id, "officer", "o14a", ""),
        ami.BridgeJoined("1.1", "PJSIP/o14a-1", rung.channel_id),
    )
    for _ in range(20):
        floor.clock.now += 1
        floor.conductor.tick()
    await floor.settle()
    call = floor.register.get("1.1")
    assert (call.state, call.officer) == (CallState.WITH_OFFICER, "o14a")
    assert floor.actor.of(OriginateExtension) == []
    assert last_coming(floor) == ""


async def test_next_officer_rings_at_once_when_the_phone_stopped_during_the_restart() -> None:
    first = TestFloor(candidates=("o14a", "o18a"))
    await talking(first)
    await first.officers.ring(first.register.get("1.1"), (), "s01")
    await first.settle()
    floor = await after_a_restart(first, phone_rings=False)
    assert [r.variables["CALL_PARTY"] for r in floor.actor.of(OriginateExtension)] == ["o18a"]


async def test_caller_is_not_kept_for_an_officer_whom_nobody_rings() -> None:
    first = TestFloor(candidates=("o14a",))
    await talking(first)
    await first.officers.ring(first.register.get("1.1"), (), "s01")
    await first.settle()
    floor = await after_a_restart(first, phone_rings=False)
    assert floor.actor.of(OriginateExtension) == []
    assert floor.register.get("1.1").officer_state == "exhausted"
    assert last_coming(floor) == ""


def test_hunt_that_was_written_down_is_read_as_it_was() -> None:
    timing = Timing(ring_s=12, overlap_s=4, speak_s=10, brief_s=20)
    ladder = (
        Candidate("a", Rung.DUTY, ("a-desk", "a-mobile")),
        Candidate("b", Rung.NEIGHBOUR),
    )
    hunt = Hunt("1.1.2.abc", ladder, timing, heard_by=100.0)
    hunt.start(0.0)
    hunt.handle(Tick(), 8.0)
    kept = officer_coming.read(officer_coming.written(hunt))
    assert kept == officer_coming.Coming(
        "1.1.2.abc",
        {
            "a-desk": Candidate("a", Rung.DUTY, ("a-desk",)),
            "a-mobile": Candidate("a", Rung.DUTY, ("a-mobile",)),
        },
        (Candidate("b", Rung.NEIGHBOUR, ("b",)),),
    )


def test_what_is_no_hunt_is_read_as_none() -> None:
    for text in ("", "1", "x*", "h*duty:a", "h*nobody:a:a", "h h*duty:a:a", "h*duty:a:${X}"):
        assert officer_coming.read(text) is None


TWO_PHONES = Candidate("o14a", Rung.DUTY, ("desk14", "19175550100"))


async def test_officers_numbers_ring_in_their_order_those_of_digits_by_the_trunk() -> None:
    floor = TestFloor(candidates=(TWO_PHONES, "o18a"))
    await talking(floor)
    assert await ring_in_vain(floor) == ["o14a", "o14a", "o18a"]
    assert [each.endpoint for each in floor.actor.of(OriginateExtension)] == [
        "PJSIP/desk14",
        "PJSIP/19175550100@outbound",
        "PJSIP/o18a",
    ]


async def test_officer_whom_the_operator_names_is_rung_at_their_own_numbers() -> None:
    floor = TestFloor()
    floor.phones_of["o18a"] = ("19175550101",)
    await talking(floor)
    await floor.officers.ring(floor.register.get("1.1"), ("o18a",), "s01")
    await floor.settle()
    assert floor.actor.of(OriginateExtension)[-1].endpoint == "PJSIP/19175550101@outbound"


async def test_number_that_was_dialled_out_is_not_dialled_again_after_a_restart() -> None:
    mobile = Candidate("o14a", Rung.DUTY, ("19175550100",))
    first = TestFloor(candidates=(mobile, "o18a"))
    await talking(first)
    await first.officers.ring(first.register.get("1.1"), (), "s01")
    await first.settle()
    rung = first.actor.of(OriginateExtension)[-1]
    caller = channel("1.1", "join", "caller", age_s=4)
    ringing = channel(rung.channel_id, "", "officer", "o14a", age_s=1)
    attempt = {"ATTEMPT_ID": rung.variables["ATTEMPT_ID"]}
    legs = (
        replace(caller, variables={**caller.variables, "OFFICER_COMING": last_coming(first)}),
        channel("1.2", "join", "operator", "s01"),
        replace(
            ringing,
            channel="PJSIP/outbound-00000001",
            state="Ringing",
            variables={**ringing.variables, **attempt},
        ),
    )
    floor = TestFloor(candidates=())
    floor.adoption.reconcile(Snapshot(legs, bridge("1.1", "1.2"), {}))
    await floor.settle()
    for _ in range(9):
        floor.clock.now += 1
        floor.conductor.tick()
    await floor.settle()
    assert [each.endpoint for each in floor.actor.of(OriginateExtension)] == ["PJSIP/o18a"]
    kept = officer_coming.read(last_coming(floor))
    assert kept is not None and kept.rang["19175550100"] == mobile


async def test_result_of_each_phone_tells_how_far_the_officer_was_as_it_began_to_ring() -> None:
    floor = TestFloor(candidates=("o14a", "o18a"))
    floor.far = {"o14a": {"distance_m": 900.0, "nearest_m": 200.0}, "o18a": {"nearest_m": 200.0}}
    await talking(floor)
    await ring_in_vain(floor)
    told = [payload for _, kind, payload in floor.journal if kind == "officer.result"]
    assert [(each.get("distance_m"), each.get("nearest_m")) for each in told] == [
        (900.0, 200.0),
        (None, 200.0),
    ]


def rung(floor: TestFloor) -> list[str]:
    return [each.variables["CALL_PARTY"] for each in floor.actor.of(OriginateExtension)]


async def test_two_who_are_chosen_ring_at_once_and_the_other_stops_when_one_takes_it() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    answer = await floor.officers.ring(call, ("o14a", "o18a"), "s01")
    await floor.settle()
    assert (answer["officers"], rung(floor)) == (["o14a", "o18a"], ["o14a", "o18a"])
    assert call.officers_rung == ("o14a", "o18a")
    second = floor.actor.of(OriginateExtension)[-1]
    took = (second.variables["ATTEMPT_ID"], "PJSIP/o", second.channel_id)
    floor.tell(
        ami.OfficerTook("1.1", "o18a", *took),
        ami.PartyJoining("1.1", "PJSIP/o", second.channel_id, "officer", "o18a", ""),
        ami.BridgeJoined("1.1", "PJSIP/o", second.channel_id),
    )
    await floor.settle()
    assert len(floor.actor.of(Hangup)) == 1
    assert call.officers_rung == () and call.officer == "o18a"


async def test_one_who_is_chosen_later_rings_beside_whoever_rings_already() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    await floor.officers.ring(call, (), "s01")
    assert (await floor.officers.ring(call, ("o14a",), "s01"))["state"] == "already_ringing"
    answer = await floor.officers.ring(call, ("o18a",), "s01")
    await floor.settle()
    assert (answer["state"], rung(floor)) == ("ringing", ["o14a", "o18a"])
    assert call.officers_rung == ("o14a", "o18a")


async def test_stopped_nobody_rings_any_more_and_somebody_else_may_be_asked() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    with pytest.raises(NotNow, match="no officer's phone rings"):
        floor.officers.stop(call, "ann")
    await floor.officers.ring(call, (), "s01")
    floor.officers.stop(call, "ann")
    await floor.settle()
    assert len(floor.actor.of(Hangup)) == 1
    assert (call.officer_state, call.officers_rung) == (None, ())
    assert ("1.1", "officer.cancelled", {"by": "ann"}) in floor.journal
    assert (await floor.officers.ring(call, ("o18a",), "s01"))["state"] == "ringing"
