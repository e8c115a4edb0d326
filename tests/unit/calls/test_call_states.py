from datetime import UTC, datetime

import pytest

from callcenter.calls.call import TRANSITIONS, Call, CallState, Step
from callcenter.calls.errors import IllegalTransition
from callcenter.calls.ladder import Ladder
from callcenter.calls.legs import Leg, Role


def a_call(state: CallState = CallState.ARRIVED) -> Call:
    return Call(
        id="1.1",
        line="110",
        queue="emergency",
        channel="PJSIP/line-1",
        caller_number="555",
        arrived_at=datetime.now(UTC),
        started_at=100.0,
        ladder=Ladder({}),
        state=state,
    )


def test_every_open_state_can_end() -> None:
    for state in CallState:
        if state is not CallState.CLOSED:
            assert TRANSITIONS[state][Step.ENDED] is CallState.CLOSED


def test_nothing_leads_out_of_closed() -> None:
    for step in Step:
        call = a_call(CallState.CLOSED)
        with pytest.raises(IllegalTransition):
            call.take(step)
        assert call.state is CallState.CLOSED


def test_an_illegal_step_changes_nothing() -> None:
    call = a_call(CallState.ARRIVED)
    with pytest.raises(IllegalTransition):
        call.take(Step.OFFICERS_GONE)
    assert call.state is CallState.ARRIVED


def test_caller_who_was_not_answered_waits_again() -> None:
    call = a_call()
    for step in (Step.QUEUED, Step.OFFER_STARTED, Step.OFFER_ENDED):
        call.take(step)
    assert call.state is CallState.WAITING


def test_every_state_can_be_reached_from_arrival() -> None:
    reached = {CallState.ARRIVED}
    while True:
        further = {after for state in reached for after in TRANSITIONS[state].values()} | reached
        if further == reached:
            break
        reached = further
    assert reached == set(CallState)


def test_a_leg_is_on_the_bridge_between_joining_and_leaving() -> None:
    leg = Leg("1.2", "PJSIP/s01-1", Role.OPERATOR, "s01")
    assert not leg.on_bridge
    leg.joined_ms = 10
    assert leg.on_bridge
    leg.left_ms = 20
    assert not leg.on_bridge


def test_voice_before_the_officer_came_does_not_prove_the_bridge() -> None:
    leg = Leg("1.1", "PJSIP/line-1", Role.CALLER, "555", voice_ms=900)
    assert not leg.heard_since(1000)
    leg.speaking = True
    assert leg.heard_since(1000)
    leg.speaking, leg.voice_ms = False, 1500
    assert leg.heard_since(1000)


def test_times_of_a_call_count_from_its_first_invite() -> None:
    assert a_call().ms(102.5) == 2500
    assert a_call().ms(99.0) == 0
