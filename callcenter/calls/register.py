"""The calls that are open, and the ones that ended a moment ago."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import structlog

from callcenter.calls import view
from callcenter.calls.call import Call
from callcenter.calls.errors import UnknownCall
from callcenter.calls.ladder import Rung

log = structlog.get_logger(__name__)

KEEP_CLOSED_S = 300.0
"""A closed call stays at hand so long; later it is read from the store."""
KEEP_CLOSED_CALLS = 1000
"""And no more of them than these, the newest, however many calls there are."""


Note = Callable[[str | None, str, dict[str, Any]], None]
"""Journals one entry: call id (or None), kind, payload. Never waits, never raises."""


class Publisher(Protocol):
    """Where changes are told to consoles."""

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        """Tell all who listen; never blocks."""


class CallRegister:
    """Calls by id. A change is told with `changed`, which publishes and files it."""

    def __init__(
        self,
        bus: Publisher,
        file: Callable[[Call], None],
        speech: Callable[[], dict[str, Any]],
        note: Note,
        clock: Callable[[], float] = time.monotonic,
        soon: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        """``soon`` runs what can wait until all that is known now is done; by default the loop."""
        self._calls: dict[str, Call] = {}
        self._open: dict[str, Call] = {}
        self._of_leg: dict[str, Call] = {}
        self._closed_at: dict[str, float] = {}
        self._bus = bus
        self._file = file
        self._speech = speech
        self._note = note
        self._clock = clock
        self._soon = soon
        self._to_tell: dict[str, Call] = {}
        self.on_forget: Callable[[str], None] = lambda call_id: None
        """Told when a closed call is no longer at hand."""

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls.values()))

    def open(self) -> list[Call]:
        """Calls whose caller is still there."""
        return [call for call in self._open.values() if not call.closed]

    def find(self, call_id: str) -> Call | None:
        """The call at hand, open or just closed; None otherwise."""
        return self._calls.get(call_id)

    def get(self, call_id: str) -> Call:
        """An open call.

        Raises:
            UnknownCall: there is none of that id.
        """
        call = self._calls.get(call_id)
        if call is None or call.closed:
            raise UnknownCall(f"no open call {call_id}")
        return call

    def add(self, call: Call) -> None:
        """Take a call in."""
        self._calls[call.id] = call
        self._open[call.id] = call
        self.changed(call)

    def changed(self, call: Call) -> None:
        """Tell consoles and the store what the call has become."""
        now = self._clock()
        for leg_id in call.legs:
            self._of_leg[leg_id] = call
        if call.closed:
            self._open.pop(call.id, None)
            self._closed_at.setdefault(call.id, now)
            self._forget_old(now)
        self._file(call)
        first = not self._to_tell
        self._to_tell[call.id] = call
        if first:
            # An event changes a call several times, and a phone must not wait for consoles.
            (self._soon or asyncio.get_running_loop().call_soon)(self._tell_all)

    def _tell_all(self) -> None:
        changed, self._to_tell = self._to_tell, {}
        for call in changed.values():
            try:
                self._tell(call, self._clock())
            except Exception:
                # One call that cannot be shown must not hide the others.
                log.exception("call.not_told", call_id=call.id)

    def _tell(self, call: Call, now: float) -> None:
        detail = view.detail(call, now, self._speech())
        self._bus.publish("calls", {"type": "call", "call": view.summary(call, now)})
        self._bus.publish(f"call:{call.id}", {"type": "call_detail", "call": detail})

    def reach(self, call: Call, rung: Rung, ms: int | None = None) -> bool:
        """Note that the call has come to a rung of its ladder; False when it was there before.

        ``ms``: after the first INVITE; now by default.
        """
        if ms is None:
            ms = call.ms(self._clock())
        if not call.ladder.reach(rung, ms):
            return False
        self._note(call.id, f"ladder.{rung.value}", {"ms": ms})
        self.changed(call)
        return True

    def by_leg(self, leg_id: str) -> Call | None:
        """The call at hand that has this channel (Uniqueid) as a leg."""
        found = self._of_leg.get(leg_id)
        if found is None:
            # A leg that the call has got since it was last told about.
            found = next((call for call in self._open.values() if leg_id in call.legs), None)
        return found

    def _forget_old(self, now: float) -> None:
        # Oldest first, as they were closed.
        while self._closed_at:
            call_id, closed_at = next(iter(self._closed_at.items()))
            if now - closed_at <= KEEP_CLOSED_S and len(self._closed_at) <= KEEP_CLOSED_CALLS:
                return
            del self._closed_at[call_id]
            forgotten = self._calls.pop(call_id, None)
            for leg_id in forgotten.legs if forgotten else ():
                self._of_leg.pop(leg_id, None)
            self.on_forget(call_id)
