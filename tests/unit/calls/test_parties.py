"""Others brought to a call, and stepping aside: what is rung, written down, told, and refused."""

import pytest

from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import OriginateExtension, Redirect, SetVariable
from callcenter.calls.errors import NotNow
from callcenter.calls.legs import Role
from callcenter.calls.parties import Coming, How, read
from tests.unit.calls.floor import TestFloor
from tests.unit.calls.test_conduct import talking


async def bringing(how: How = How.ADD) -> tuple[TestFloor, Coming]:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    coming = floor.parties.bring(call, Role.PARTNER, "ambulance", how, "s01", "s01")
    await floor.settle()
    return floor, coming


def written(floor: TestFloor) -> str:
    return [each.value for each in floor.actor.of(SetVariable) if each.name == "PARTY_COMING"][-1]


async def test_who_comes_is_written_on_the_callers_channel_before_the_phone_rings() -> None:
    floor, coming = await bringing()
    sent = [type(each) for each in floor.actor.sent]
    assert sent.index(SetVariable) < sent.index(OriginateExtension)
    assert read(written(floor)) == (coming,)
    rung = floor.actor.of(OriginateExtension)[-1]
    assert (rung.variables["CALL_ROLE"], rung.variables["JOIN_AT"]) == ("partner", "join")


async def test_partner_who_is_a_number_is_rung_by_the_trunk_as_the_hotline() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    floor.parties.bring(call, Role.PARTNER, "municipal", How.ADD, "s01", "s01")
    await floor.settle()
    rung = floor.actor.of(OriginateExtension)[-1]
    assert (rung.endpoint, rung.caller_id) == ("PJSIP/12345@outbound", '"5550000" <5550000>')
    assert rung.variables["CALL_PARTY"] == "municipal"


async def test_phone_that_does_not_answer_is_told_and_no_longer_written_down() -> None:
    floor, coming = await bringing(How.GIVE)
    floor.tell(ami.OriginateFailed(f"party-{coming.attempt_id}", 3))
    await floor.settle()
    assert written(floor) == ""
    assert floor.register.get("1.1").coming == ()
    assert "seat s01 first" in floor.bus.notices("party.unanswered")[0]["text"]


async def test_partner_who_is_there_is_no_longer_coming_and_is_no_officer() -> None:
    floor, coming = await bringing()
    channel_id = f"party-{coming.attempt_id}"
    floor.tell(
        ami.OfficerTook("1.1", "ambulance", coming.attempt_id, "PJSIP/ambulance-1", channel_id),
        ami.PartyJoining("1.1", "PJSIP/ambulance-1", channel_id, "partner", "ambulance", ""),
        ami.BridgeJoined("1.1", "PJSIP/ambulance-1", channel_id),
    )
    call = floor.register.get("1.1")
    assert [leg.party for leg in call.on_bridge(Role.PARTNER)] == ["ambulance"]
    assert (call.coming, call.officer, call.state.value) == ((), None, "talking")
    with pytest.raises(NotNow, match="already"):
        floor.parties.bring(call, Role.PARTNER, "ambulance", How.ADD, "s01", "s01")


@pytest.mark.parametrize(
    ("role", "party", "how", "seat", "why"),
    [
        (Role.PARTNER, "nobody", How.ADD, "s01", "choose one of ambulance"),
        (Role.PARTNER, "ambulance", How.GIVE, "s02", "s02 is not on this call"),
        (Role.OPERATOR, "s01", How.ADD, "s01", "already"),
        (Role.OPERATOR, "s99", How.ADD, "s01", "no seat s99"),
    ],
)
async def test_who_cannot_be_brought_is_refused_and_nothing_rings(
    role: Role, party: str, how: How, seat: str, why: str
) -> None:
    floor = TestFloor()
    await talking(floor)
    with pytest.raises(NotNow, match=why):
        floor.parties.bring(floor.register.get("1.1"), role, party, how, seat, "s01")
    await floor.settle()
    assert floor.actor.of(OriginateExtension) == []


async def test_last_one_with_the_caller_cannot_be_taken_off() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    leg = call.on_bridge(Role.OPERATOR)[0]
    with pytest.raises(NotNow, match="nobody else is with the caller"):
        floor.parties.put_out(call, leg.id, "s01")


async def test_caller_on_hold_is_not_taken_for_lost_and_the_floor_is_reminded() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    leg = call.on_bridge(Role.OPERATOR)[0]
    floor.aside.step_aside(call, "s01", "s01")
    await floor.settle()
    assert [each.context for each in floor.actor.of(Redirect)][-1:] == ["aside"]
    floor.tell(
        ami.BridgeLeft("1.1", leg.channel, leg.id),
        ami.BridgeJoined("1.1-aside", leg.channel, leg.id),
    )
    assert call.held
    assert floor.engine.seat("s01").state.value == "talking"  # type: ignore[union-attr]
    for _ in range(21):
        floor.clock.now += 1
        floor.conductor.tick()
    await floor.settle()
    assert [each.context for each in floor.actor.of(Redirect)][-1:] == ["aside"]
    assert len(floor.bus.notices("call.held_long")) == 1
    floor.tell(ami.BridgeJoined("1.1", leg.channel, leg.id))
    assert not call.held
    assert not call.aside


async def test_operator_who_hangs_up_while_aside_has_left_the_call() -> None:
    floor = TestFloor()
    await talking(floor)
    call = floor.register.get("1.1")
    leg = call.on_bridge(Role.OPERATOR)[0]
    floor.aside.step_aside(call, "s01", "s01")
    floor.tell(
        ami.BridgeLeft("1.1", leg.channel, leg.id),
        ami.BridgeJoined("1.1-aside", leg.channel, leg.id),
        ami.ChannelHungUp(leg.channel, leg.id, leg.id, 16),
    )
    assert not call.aside
    assert floor.engine.seat("s01").call_id is None  # type: ignore[union-attr]


def test_what_is_not_of_the_form_that_was_written_is_left_out() -> None:
    one = Coming("1.1.pabcdef-1", Role.PARTNER, "ambulance", How.ASK, "s01")
    assert read(f"nonsense*{one.written()}*1:caller:x:add:") == (one,)
    assert read("") == ()
