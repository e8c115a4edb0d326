"""What the service shows of a call is what `openapi.json` promises."""

from datetime import UTC, datetime

import pytest

from callcenter.api import shapes
from callcenter.calls import view
from callcenter.calls.call import Call, CallState
from callcenter.calls.ladder import Ladder, Rung, budgets_of
from callcenter.calls.legs import Leg, Role
from callcenter.settings import Deadlines


def call(state: CallState) -> Call:
    made = Call(
        id="1700000000.12",
        line="110",
        queue="emergency",
        channel="PJSIP/trunk-0001",
        caller_number="5551234",
        arrived_at=datetime(2026, 3, 1, tzinfo=UTC),
        started_at=100.0,
        ladder=Ladder(budgets_of(Deadlines())),
    )
    made.state = state
    made.legs["1700000000.12"] = Leg("1700000000.12", made.channel, Role.CALLER, "5551234", 900)
    for step, rung in enumerate(Rung):
        made.ladder.reach(rung, step * 1000)
    return made


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("officer_state", [None, "ringing", "briefed", "joined", "heard"])
def test_a_call_in_any_state_has_the_promised_shape(state, officer_state):
    shown = call(state)
    shown.officer_state = officer_state
    shapes.CallSummary.model_validate(view.summary(shown, 160.0))
    speech = {"available": False, "why": "no model"}
    detail = shapes.Call.model_validate(view.detail(shown, 160.0, speech))
    assert [step.step for step in detail.timeline] == [rung.value for rung in Rung]
