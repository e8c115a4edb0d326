"""What the clock tells about open calls: deadlines missed, callers and seats left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from callcenter.calls.bridge import Bridge
from callcenter.calls.call import Call
from callcenter.calls.distribution import Distribution
from callcenter.calls.ladder import Rung
from callcenter.calls.leaving import unheard
from callcenter.calls.legs import Role
from callcenter.calls.notices import Notices
from callcenter.calls.register import CallRegister, Note

ALONE_S = 2.0
"""Asterisk itself puts a caller who is left alone elsewhere within milliseconds."""
CALLER_ENDS_WITHIN_S = 0.5
"""A caller who left the bridge is gone by then, or was sent elsewhere and is not heard of."""
NEXT_STEP: Final[Mapping[Rung, str]] = {
    Rung.ANSWERED: "A caller has waited too long for a voice: take the call or set a seat ready.",
    Rung.OFFICER_RINGING: "No officer's phone rings yet: put the officer on the line.",
    Rung.BOTH_HEARD: "Caller and officer do not talk yet: stay on the line and ring another.",
}


class Rounds:
    """Goes from call to call, again and again."""

    def __init__(
        self,
        *,
        register: CallRegister,
        distribution: Distribution,
        bridge: Bridge,
        notices: Notices,
        note: Note,
    ) -> None:
        self._register = register
        self._distribution = distribution
        self._bridge = bridge
        self._notices = notices
        self._note = note
        self.on_unattended: Callable[[Call, str], object] = lambda call, why: None
        """Hears of a silent side on a call that no operator is on; may be replaced."""

    def go(self, now: float, officer_heard_s: float) -> None:
        """Look after every open call. ``now``: monotonic seconds."""
        for call in self._register.open():
            self._look_after_the_lonely(call, now)
            self._listen_for_both(call, now, officer_heard_s)
            self._bridge.let_seats_go(call, now, after_s=CALLER_ENDS_WITHIN_S)
            for rung in call.ladder.overdue(call.ms(now)):
                self._note(call.id, "ladder.missed", {"rung": rung.value})
                if rung is Rung.ANSWERED or Rung.ANSWERED in call.ladder.reached_ms:
                    self._notices.tell(f"late.{rung.value}", call.id, NEXT_STEP[rung])

    def next_wakeup(self) -> float | None:
        """When the next deadline is missed, unless it is met (monotonic seconds)."""
        due = ((call.started_at, call.ladder.next_deadline_ms()) for call in self._register.open())
        return min((at + (ms + 1) / 1000 for at, ms in due if ms is not None), default=None)

    def _listen_for_both(self, call: Call, now: float, officer_heard_s: float) -> None:
        """Tell which side is silent after an officer came; once for each officer."""
        for officer in call.on_bridge(Role.OFFICER):
            due_ms = (officer.joined_ms or 0) + officer_heard_s * 1000
            if officer.silence_told or call.ms(now) < due_ms:
                continue
            officer.silence_told = True
            missing = unheard(call)
            if not missing:
                continue
            self._note(call.id, "bridge.silent", {"officer": officer.party, "missing": missing})
            attended = bool(call.on_bridge(Role.OPERATOR))
            self._notices.tell(
                "bridge.silent",
                call.id,
                f"{missing[0].upper()}{missing[1:]} since the officer came. "
                + ("Stay, and ask whether they hear each other." if attended else "Join the call."),
            )
            if not attended:
                self.on_unattended(call, missing)

    def _look_after_the_lonely(self, call: Call, now: float) -> None:
        """Send a caller back whom everybody has left without Asterisk's noticing."""
        if not call.alone or call.aside:
            call.alone_since = None
        elif call.alone_since is None:
            call.alone_since = now
        elif now - call.alone_since > ALONE_S:
            call.alone_since = None
            self._note(call.id, "call.alone", {})
            self._distribution.send_back(call)
