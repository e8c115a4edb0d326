"""An operator leaves caller and officer to each other: at once when both were heard, else warned.

The bridge counts when it is heard. Who leaves sooner is told what is missing, and may leave all the
same by saying so again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from callcenter.calls.call import Call
from callcenter.calls.errors import NotNow
from callcenter.calls.legs import Leg, Role
from callcenter.calls.register import Note

AGAIN_WITHIN_S: Final = 10.0
"""Leaving again so soon after the warning is meant."""


class Leaving:
    """Decides whether an operator may leave now."""

    def __init__(self, note: Note, clock: Callable[[], float] = time.monotonic) -> None:
        self._note = note
        self._clock = clock
        self._warned: dict[tuple[str, str], float] = {}

    def leave(self, call: Call, seat_id: str, by: str) -> Leg:
        """The leg that may be ended.

        Raises:
            NotNow: the seat is not on the call, nobody would be left with the caller, or a side was
                not heard yet and this is the first time that it is said.
        """
        legs = [leg for leg in call.on_bridge(Role.OPERATOR) if leg.party == seat_id]
        if not legs:
            raise NotNow(f"seat {seat_id} is not on this call")
        others = [leg for leg in call.legs.values() if leg.on_bridge and leg is not legs[0]]
        if not any(leg.role is not Role.CALLER for leg in others):
            raise NotNow(
                "nobody else is on the line, and the caller would be alone: put one on, or end the"
                " call"
            )
        missing = "" if heard_both(call) else unheard(call)
        now, key = self._clock(), (call.id, seat_id)
        warned_at = self._warned.pop(key, None)
        if missing and (warned_at is None or now - warned_at > AGAIN_WITHIN_S):
            self._forget_old(now)
            self._warned[key] = now
            raise NotNow(
                f"{missing} since the officer came: stay until both talk, or leave again within"
                f" {AGAIN_WITHIN_S:.0f} s if you must"
            )
        self._note(call.id, "operator.leaves", {"seat": seat_id, "by": by, "heard": not missing})
        return legs[0]

    def _forget_old(self, now: float) -> None:
        for key, at in list(self._warned.items()):
            if now - at > AGAIN_WITHIN_S:
                del self._warned[key]


def heard_both(call: Call) -> bool:
    """Whether the caller and an officer who is there were both heard since the officer came."""
    caller = call.caller_leg
    return caller is not None and any(
        officer.heard_since(officer.joined_ms or 0) and caller.heard_since(officer.joined_ms or 0)
        for officer in call.on_bridge(Role.OFFICER)
    )


def unheard(call: Call) -> str:
    """Which side was not heard since the newest officer came, in words; empty: both were."""
    officers = call.on_bridge(Role.OFFICER)
    caller = call.caller_leg
    if not officers or caller is None:
        return ""
    newest = max(officers, key=lambda leg: leg.joined_ms or 0)
    since = newest.joined_ms or 0
    silent = []
    if not newest.heard_since(since):
        silent.append(f"officer {newest.party}")
    if not caller.heard_since(since):
        silent.append("the caller")
    if not silent:
        return ""
    verb = "has" if len(silent) == 1 else "have"
    return f"{' and '.join(silent)} {verb} not been heard"
