import itertools

import pytest

from acd.calls import ARROWS, Call
from acd.errors import IllegalTransition
from acd.model import CallState


def call_in(state: CallState) -> Call:
    return Call("c1", "q", 0, waiting_since=0.0, number=1, state=state, since=1.0)


def test_an_illegal_transition_raises_and_changes_nothing():
    for state, to in itertools.product(CallState, CallState):
        call = call_in(state)
        if to in ARROWS[state]:
            call.move(to, 2.0)
            assert (call.state, call.since) == (to, 2.0)
        else:
            with pytest.raises(IllegalTransition, match=f"from {state} to {to}"):
                call.move(to, 2.0)
            assert call == call_in(state)


def test_a_call_in_conversation_is_never_offered():
    assert [state for state in CallState if CallState.OFFERED in ARROWS[state]] == [
        CallState.WAITING
    ]
