"""A place that moves makes others responsible: another address, a position of the handset.

So does a matter that turns out to be another one, where rules say so.

While phones ring and nobody has taken the call, the hunt changes by itself and says why. With an
officer on the line the operator is asked: nobody is sent away by a machine.
"""

from __future__ import annotations

from collections.abc import Callable

from callcenter.calls.call import Call
from callcenter.calls.legs import Role
from callcenter.calls.notices import Notices
from callcenter.calls.officers import OfficerHunts
from callcenter.calls.register import CallRegister, Note


class MovingPlace:
    """Compares where calls are with whom was asked for."""

    def __init__(
        self,
        register: CallRegister,
        officers: OfficerHunts,
        notices: Notices,
        note: Note,
        label: Callable[[str], str] = "precinct {}".format,
    ) -> None:
        """``label``: how people read the key of an area."""
        self._register = register
        self._officers = officers
        self._notices = notices
        self._note = note
        self._label = label

    def tick(self) -> None:
        """Look at every open call."""
        for call in self._register.open():
            area = self._officers.area(call)
            if area is None:
                continue
            if self._officers.running(call.id):
                self._follow(call, area)
            elif call.on_bridge(Role.OFFICER):
                self._ask(call, area)

    def _follow(self, call: Call, area: str) -> None:
        asked_for = self._officers.asked_for(call.id)
        if asked_for is None or asked_for == area:
            return
        officers = self._officers.change(call, area)
        said = {"from": asked_for, "to": area, "officers": officers}
        self._note(call.id, "officer.ladder_changed", said)
        label = self._label(area)
        if officers:
            text = f"Responsible is {label} now: its officers are rung instead."
        else:
            text = (
                f"Responsible is {label} now, and nobody is known there: the officers of"
                f" {self._label(asked_for)} are rung on. Choose somebody from the list."
            )
        self._notices.tell("officer.ladder_changed", call.id, text)

    def _ask(self, call: Call, area: str) -> None:
        before = call.officer_precinct
        call.officer_precinct = area
        if before is None or before == area:
            return
        self._note(call.id, "officer.place_moved", {"from": before, "to": area})
        label = self._label(area)
        self._notices.tell(
            "officer.place_moved",
            call.id,
            f"Responsible is {label} now, and officer {call.officer} came for"
            f" {self._label(before)}. Press O to put the officer of {label} on the line, too; or"
            " leave it.",
        )
