"""A place that moves: another address, or a position of the handset, makes others responsible.

While phones ring and nobody has taken the call, the hunt changes by itself and says why. With an
officer on the line the operator is asked: nobody is sent away by a machine.
"""

from __future__ import annotations

from callcenter.calls.call import Call
from callcenter.calls.legs import Role
from callcenter.calls.notices import Notices
from callcenter.calls.officers import OfficerHunts
from callcenter.calls.register import CallRegister, Note


class MovingPlace:
    """Compares where calls are with whom was asked for."""

    def __init__(
        self, register: CallRegister, officers: OfficerHunts, notices: Notices, note: Note
    ) -> None:
        self._register = register
        self._officers = officers
        self._notices = notices
        self._note = note

    def tick(self) -> None:
        """Look at every open call."""
        for call in self._register.open():
            precinct = call.precinct
            if precinct is None:
                continue
            if self._officers.running(call.id):
                self._follow(call, precinct)
            elif call.on_bridge(Role.OFFICER):
                self._ask(call, precinct)

    def _follow(self, call: Call, precinct: str) -> None:
        asked_for = self._officers.asked_for(call.id)
        if asked_for is None or asked_for == precinct:
            return
        officers = self._officers.change(call, precinct)
        said = {"from": asked_for, "to": precinct, "officers": officers}
        self._note(call.id, "officer.ladder_changed", said)
        if officers:
            text = f"The place is in precinct {precinct} now: its officers are rung instead."
        else:
            text = (
                f"The place is in precinct {precinct} now, and nobody is known there: the officers"
                f" of {asked_for} are rung on. Choose somebody from the list."
            )
        self._notices.tell("officer.ladder_changed", call.id, text)

    def _ask(self, call: Call, precinct: str) -> None:
        before = call.officer_precinct
        call.officer_precinct = precinct
        if before is None or before == precinct:
            return
        self._note(call.id, "officer.place_moved", {"from": before, "to": precinct})
        self._notices.tell(
            "officer.place_moved",
            call.id,
            f"The place is in precinct {precinct} now, and officer {call.officer} came for"
            f" {before}. Press O to put the officer of {precinct} on the line, too; or leave it.",
        )
