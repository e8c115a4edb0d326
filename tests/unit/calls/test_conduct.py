from collections.abc import Callable

import pytest

from acd.model import SeatState
from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Hangup, OriginateExtension, Redirect, SetVariable
from callcenter.asterisk.errors import ActionRefused, OutcomeUnknown
from callcenter.calls import view
from callcenter.calls.call import CallState
from callcenter.calls.errors import NotNow
from callcenter.calls.ladder import Rung
from tests.unit.calls.floor import TestFloor


def seat_state(floor: TestFloor, seat_id: str) -> SeatState:
    return next(seat.state for seat in floor.engine.seats() if seat.id == seat_id)


async def talking(floor: TestFloor) -> None:
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    floor.rings("1.1", "s01")
    floor.answers("1.1", "s01", "1.2")


async def test_a_caller_is_offered_to_a_registered_seat_at_once() -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    assert floor.actor.offered() == [("PJSIP/line-1.1", "s01")]


async def test_a_caller_who_was_put_through_while_the_service_hung_is_not_moved_again() -> None:
    floor = TestFloor()
    floor.actor.behind = True
    floor.actor.told_meanwhile = lambda: floor.tell(
        ami.FallbackEntered("1.1", "PJSIP/line-1.1", "1.1")
    )
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    assert floor.actor.offered() == []


async def test_a_caller_without_a_seat_waits_until_one_registers() -> None:
    floor = TestFloor()
    call = floor.arrives("1.1")
    await floor.settle()
    assert call.state is CallState.WAITING
    assert floor.actor.offered() == []
    floor.phone("s02", "NOT_INUSE")
    await floor.settle()
    assert floor.actor.offered() == [("PJSIP/line-1.1", "s02")]


async def test_the_answered_rung_is_reached_when_caller_and_operator_share_the_bridge() -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    call = floor.arrives("1.1")
    floor.clock.now += 1.5
    floor.answers("1.1", "s01", "1.2")
    assert call.state is CallState.TALKING
    assert call.seat == "s01"
    assert call.ladder.reached_ms[Rung.ANSWERED] == 1500
    assert seat_state(floor, "s01") is SeatState.TALKING


async def test_a_seat_that_does_not_answer_loses_the_call_to_the_next_one() -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    call = floor.arrives("1.1")
    await floor.settle()
    floor.rings("1.1", "s01")
    floor.phone("s02", "NOT_INUSE")
    floor.tell(ami.OfferEnded("1.1", ("s01",), floor.offer_of("1.1"), "NOANSWER"), after_s=15)
    await floor.settle()
    assert [seat for _, seat in floor.actor.offered()] == ["s01", "s02"]
    assert call.state is CallState.WAITING


@pytest.mark.parametrize(
    ("status", "blamed"),
    [
        ("NOANSWER", True),
        ("REJECTED", True),
        ("BUSY", False),
        ("PHONE_IN_USE", False),
        ("CHANUNAVAIL", False),
    ],
)
async def test_only_a_phone_that_rang_and_was_not_answered_is_a_miss_of_its_seat(
    status: str, blamed: bool
) -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    for number in range(1, 4):
        call_id = f"{number}.1"
        floor.arrives(call_id)
        floor.rings(call_id, "s01")
        floor.tell(ami.OfferEnded(call_id, ("s01",), floor.offer_of(call_id), status))
        floor.hangs_up(call_id)
        floor.clock.now += 60
        floor.conductor.tick()
        if seat_state(floor, "s01") is SeatState.NOT_READY:
            break
    assert (seat_state(floor, "s01") is SeatState.NOT_READY) is blamed


async def test_a_caller_who_leaves_while_a_seat_rings_frees_the_seat() -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    call = floor.arrives("1.1")
    floor.rings("1.1", "s01")
    floor.hangs_up("1.1")
    assert call.closed
    assert seat_state(floor, "s01") is SeatState.READY
    assert floor.closed == [call]
    assert floor.ears.released == ["1.1", "1.1"]


async def test_a_refused_redirect_gives_the_call_to_another_seat() -> None:
    floor = TestFloor()
    floor.actor.error = ActionRefused("Redirect", "no such channel")
    floor.phone("s01", "NOT_INUSE")
    floor.phone("s02", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    assert [seat for _, seat in floor.actor.offered()][:2] == ["s01", "s02"]


async def test_a_caller_who_is_gone_when_offered_costs_the_seat_nothing() -> None:
    floor = TestFloor()
    floor.actor.error = ActionRefused("Redirect", "Channel does not exist: PJSIP/line-1.1")
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    floor.hangs_up("1.1")
    assert seat_state(floor, "s01") is SeatState.READY


async def test_a_caller_found_waiting_who_was_thought_to_talk_is_offered_again() -> None:
    floor = TestFloor()
    await talking(floor)
    floor.phone("s02", "NOT_INUSE")
    floor.tell(ami.CallWaiting("1.1", "PJSIP/line-1.1", "1.1"))
    await floor.settle()
    assert floor.actor.offered()[-1] == ("PJSIP/line-1.1", "s02")


async def test_a_seat_adopted_in_a_call_is_ready_after_it() -> None:
    floor = TestFloor()
    floor.phone("s01", "INUSE")
    floor.arrives("1.1")
    floor.tell(
        ami.PartyJoining("1.1", "PJSIP/s01-1", "1.2", "operator", "s01", ""),
        ami.BridgeJoined("1.1", "PJSIP/s01-1", "1.2"),
    )
    assert seat_state(floor, "s01") is SeatState.TALKING
    floor.phone("s01", "NOT_INUSE")
    floor.hangs_up("1.2")
    assert seat_state(floor, "s01") is SeatState.READY


async def test_a_redirect_of_unknown_outcome_is_not_sent_again() -> None:
    floor = TestFloor()
    floor.actor.error = OutcomeUnknown("Redirect", "the link broke")
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    assert len(floor.actor.offered()) == 1


async def test_after_the_call_the_seat_gets_the_next_caller() -> None:
    floor = TestFloor()
    await talking(floor)
    floor.arrives("1.9")
    floor.hangs_up("1.2")
    floor.hangs_up("1.1")
    await floor.settle()
    assert [channel for channel, _ in floor.actor.offered()] == ["PJSIP/line-1.1", "PJSIP/line-1.9"]


async def test_a_seat_that_hangs_up_is_offered_the_next_caller_at_once() -> None:
    floor = TestFloor()
    await talking(floor)
    floor.arrives("1.9")
    floor.tell(ami.OperatorHangsUp("PJSIP/s01-1", "1.2"))
    await floor.settle()
    assert floor.actor.offered()[-1] == ("PJSIP/line-1.9", "s01")
    offered = floor.offer_of("1.9")
    floor.hangs_up("1.2")
    floor.hangs_up("1.1")
    await floor.settle()
    assert floor.offer_of("1.9") == offered
    assert len(floor.actor.offered()) == 2


async def test_a_caller_whose_operator_vanished_is_first_in_line() -> None:
    floor = TestFloor()
    await talking(floor)
    floor.arrives("1.9")
    floor.phone("s02", "UNAVAILABLE")
    floor.tell(
        ami.BridgeLeft("1.1", "", "1.2"),
        ami.CallerReturned("1.1", "vanished", "PJSIP/line-1.1", "1.1"),
    )
    call = floor.register.get("1.1")
    assert call.state is CallState.WAITING
    assert floor.engine.waiting(floor.clock.now)[0].call_id == "1.1"


async def test_a_phone_in_a_call_of_its_own_is_not_offered_another() -> None:
    floor = TestFloor()
    floor.phone("s01", "INUSE")
    floor.arrives("1.1")
    await floor.settle()
    assert floor.actor.offered() == []
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert floor.actor.offered() == [("PJSIP/line-1.1", "s01")]


async def test_officers_cannot_be_rung_before_the_call_is_answered() -> None:
    floor = TestFloor()
    call = floor.arrives("1.1")
    with pytest.raises(NotNow, match="not answered"):
        await floor.officers.ring(call, (), "s01")


async def test_without_a_place_the_operator_is_told_what_to_do() -> None:
    floor = TestFloor(candidates=())
    await talking(floor)
    with pytest.raises(NotNow, match="write the place"):
        await floor.officers.ring(floor.register.get("1.1"), (), "s01")


async def officer_takes(floor: TestFloor) -> str:
    call = floor.register.get("1.1")
    await floor.officers.ring(call, (), "s01")
    await floor.settle()
    ringing = floor.actor.of(OriginateExtension)[-1]
    attempt = ringing.variables["ATTEMPT_ID"]
    officer, channel_id = ringing.variables["CALL_PARTY"], ringing.channel_id
    floor.tell(
        ami.ChannelRinging("PJSIP/o", channel_id, channel_id),
        ami.OfficerAnswered("1.1", officer, attempt, "PJSIP/o", channel_id),
        ami.OfficerTook("1.1", officer, attempt, "PJSIP/o", channel_id),
        ami.PartyJoining("1.1", "PJSIP/o", channel_id, "officer", officer, ""),
        ami.BridgeJoined("1.1", "PJSIP/o", channel_id),
        after_s=1,
    )
    return str(channel_id)


async def test_the_officer_who_takes_it_is_on_the_bridge_and_the_ladder_shows_it() -> None:
    floor = TestFloor()
    await talking(floor)
    await officer_takes(floor)
    call = floor.register.get("1.1")
    assert call.state is CallState.WITH_OFFICER
    assert call.officer == "o14a"
    assert {Rung.OFFICER_RINGING, Rung.OFFICER_TOOK} <= set(call.ladder.reached_ms)


async def test_the_bridge_counts_only_when_both_were_heard_after_the_officer_joined() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    caller = call.legs["1.1"]
    caller.voice_ms = 100
    officer = call.legs[await officer_takes(floor)]
    officer.voice_ms = call.ms(floor.clock.now)
    floor.conductor.bridge.voice(call, officer)
    assert Rung.BOTH_HEARD not in call.ladder.reached_ms
    caller.voice_ms = call.ms(floor.clock.now)
    floor.conductor.bridge.voice(call, caller)
    assert Rung.BOTH_HEARD in call.ladder.reached_ms
    assert call.officer_state == "heard"


async def test_an_officer_whose_bridge_event_overtakes_the_dialplans_is_on_the_bridge() -> None:
    floor = TestFloor()
    await talking(floor)
    variables = {"CALL_ROLE": "officer", "CALL_PARTY": "o14a"}
    floor.tell(
        ami.BridgeJoined("1.1", "PJSIP/o", "9.9", variables=variables),
        ami.PartyJoining("1.1", "PJSIP/o", "9.9", "officer", "o14a", ""),
    )
    call = floor.register.get("1.1")
    assert call.state is CallState.WITH_OFFICER
    assert call.legs["9.9"].on_bridge


async def test_the_operator_leaves_and_caller_and_officer_stay() -> None:
    floor = TestFloor()
    await talking(floor)
    await officer_takes(floor)
    floor.hangs_up("1.2")
    call = floor.register.get("1.1")
    assert call.state is CallState.WITH_OFFICER
    assert Rung.OPERATOR_LEFT in call.ladder.reached_ms
    assert seat_state(floor, "s01") is SeatState.READY


async def test_a_caller_who_leaves_during_the_brief_stops_the_officers_phone() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    await floor.officers.ring(call, (), "s01")
    await floor.settle()
    floor.hangs_up("1.1")
    await floor.settle()
    channel_id = floor.actor.of(OriginateExtension)[-1].channel_id
    assert channel_id in [hang_up.channel for hang_up in floor.actor.of(Hangup)]
    assert not floor.officers.running("1.1")


async def test_pressing_the_button_twice_rings_once() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    await floor.officers.ring(call, (), "s01")
    again = await floor.officers.ring(call, (), "s01")
    await floor.settle()
    assert again["state"] == "already_ringing"
    assert len(floor.actor.of(OriginateExtension)) == 1


async def test_a_missed_deadline_is_told_with_the_next_step() -> None:
    floor = TestFloor()
    floor.arrives("1.1")
    floor.clock.now += 3.1
    floor.conductor.tick()
    told = [message for message in floor.bus.told if message["type"] == "notice"]
    assert [notice["kind"] for notice in told] == ["late.answered"]
    assert "take the call" in told[0]["text"]


async def test_every_change_of_a_call_is_in_the_journal_before_it_is_told() -> None:
    floor = TestFloor()
    await talking(floor)
    kinds = floor.kinds()
    for kind in ("call.arrived", "offer.made", "call.offer_started", "call.operator_joined"):
        assert kind in kinds
    assert kinds.index("call.arrived") < kinds.index("offer.made")


async def test_the_caller_in_fallback_is_no_longer_offered_by_us() -> None:
    floor = TestFloor()
    floor.arrives("1.1")
    floor.tell(ami.FallbackEntered("1.1", "PJSIP/line-1.1", "1.1"))
    floor.phone("s01", "NOT_INUSE")
    await floor.settle()
    assert floor.register.get("1.1").state is CallState.FALLBACK
    assert floor.actor.offered() == []
    floor.tell(ami.CallWaiting("1.1", "PJSIP/line-1.1", "1.1"))
    await floor.settle()
    assert floor.actor.offered() == [("PJSIP/line-1.1", "s01")]


async def test_an_offered_call_shows_whose_phone_rings() -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    call = floor.arrives("1.1")
    floor.rings("1.1", "s01")
    assert view.summary(call, floor.clock.now)["seat"] == "s01"
    floor.tell(ami.OfferEnded("1.1", ("s01",), floor.offer_of("1.1"), "NOANSWER"))
    assert view.summary(call, floor.clock.now)["seat"] is None


async def test_nobody_is_told_to_ring_an_officer_for_a_caller_who_still_waits() -> None:
    floor = TestFloor()
    floor.arrives("1.1")
    floor.clock.now += 40
    floor.conductor.tick()
    kinds = [told["kind"] for told in floor.bus.told if told["type"] == "notice"]
    assert kinds == ["late.answered"]


async def test_an_old_offers_end_leaves_a_caller_whom_asterisk_distributes_where_they_are() -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    floor.rings("1.1", "s01")
    floor.tell(ami.FallbackEntered("1.1", "PJSIP/line-1.1", "1.1"))
    await floor.settle()
    assert [sent.context for sent in floor.actor.of(Redirect)] == ["offer"]


async def test_what_a_person_gave_a_call_counts_in_asterisks_own_queue_too() -> None:
    floor = TestFloor()
    call = floor.arrives("1.1")
    call.priority_by_hand = 5
    floor.conductor.waiting.prioritise(call)
    await floor.settle()
    told = [(v.channel, v.value) for v in floor.actor.of(SetVariable) if v.name == "HEAD_START_S"]
    assert told == [("PJSIP/line-1.1", "300")]


async def test_an_offer_that_asterisk_took_and_did_not_begin_is_sent_once_more() -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    for _ in range(3):
        floor.clock.now += 1
        floor.conductor.tick()
        await floor.settle()
    assert floor.actor.offered() == [("PJSIP/line-1.1", "s01")] * 2


@pytest.mark.parametrize("late", [False, True])
async def test_an_offer_that_has_begun_is_not_sent_again(late: bool) -> None:
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    floor.arrives("1.1")
    await floor.settle()
    if late:
        floor.actor.told_meanwhile = lambda: floor.rings("1.1", "s01")
    else:
        floor.rings("1.1", "s01")
    floor.clock.now += 1
    floor.conductor.tick()
    await floor.settle()
    assert floor.actor.offered() == [("PJSIP/line-1.1", "s01")]


async def test_a_change_is_told_once_with_what_the_call_has_become() -> None:
    floor = TestFloor()
    later: list[Callable[[], None]] = []
    floor.register._soon = later.append
    call = floor.arrives("1.1")
    call.language = "ko"
    floor.register.changed(call)
    (tell,) = later
    tell()
    told = [one["call"]["language"] for one in floor.bus.told if one["type"] == "call"]
    assert told == ["ko"]


async def test_an_officer_whose_phone_failed_is_rung_again_and_the_old_seat_first() -> None:
    floor = TestFloor(candidates=("o14a", "o18a"))
    floor.phone("s02", "NOT_INUSE")
    await talking(floor)
    officer = await officer_takes(floor)
    floor.hangs_up("1.2")
    floor.hangs_up(officer, 41)
    floor.tell(
        ami.CallerReturned("1.1", "officer-vanished", "PJSIP/line-1.1", "1.1"),
        ami.CallWaiting("1.1", "PJSIP/line-1.1", "1.1"),
    )
    await floor.settle()
    assert floor.actor.offered()[-1] == ("PJSIP/line-1.1", "s01")
    again = floor.actor.of(OriginateExtension)[-1]
    assert again.endpoint == "PJSIP/o14a"
    rung = [payload for _, kind, payload in floor.journal if kind == "officer.ring"][-1]
    assert rung["rung"] == "again"


async def test_an_operators_phone_that_failed_rings_no_officer() -> None:
    floor = TestFloor()
    await talking(floor)
    floor.hangs_up("1.2", 41)
    floor.tell(ami.CallerReturned("1.1", "vanished", "PJSIP/line-1.1", "1.1"))
    await floor.settle()
    assert floor.actor.of(OriginateExtension) == []
