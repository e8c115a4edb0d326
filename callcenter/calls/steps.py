"""Steps through the state table, each journalled with its time and told to consoles."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog

from callcenter.calls.call import Step
from callcenter.calls.register import CallRegister, Note

log = structlog.get_logger(__name__)


class Steps:
    """Takes calls from state to state; a step that the table does not have is only logged."""

    def __init__(
        self, register: CallRegister, note: Note, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._register = register
        self._note = note
        self._clock = clock

    def take(self, call_id: str, step: Step, **payload: Any) -> None:
        """Go this step, if the call is open and the table has it."""
        call = self._register.find(call_id)
        if call is None or call.closed:
            return
        if not call.may(step):
            log.warning("call.odd_step", call_id=call_id, state=call.state, step=step)
            return
        call.take(step)
        self._note(call.id, f"call.{step.value}", {"ms": call.ms(self._clock())} | payload)
        self._register.changed(call)
