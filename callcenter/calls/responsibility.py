"""Who is responsible for each open call, looked at anew as words, places, rules and rosters change.

What is found stands on the call for its page and, when it changes, in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from callcenter.calls.call import Call
from callcenter.calls.register import CallRegister, Note
from callcenter.precincts.responsibility import Matter, Responsible, Rule, responsible
from callcenter.precincts.territories import Territories


class Responsibility:
    """Asked by hunts and shown to operators. ``rules`` may be replaced at any time."""

    def __init__(
        self,
        register: CallRegister,
        territories: Callable[[], Territories],
        note: Note,
        *,
        partners: Mapping[str, str] | None = None,
        staffed: Callable[[str], bool] = lambda key: True,
    ) -> None:
        """``partners``: names by id. ``staffed``: whether an area has somebody who can be rung."""
        self.rules: Sequence[Rule] = ()
        self._register = register
        self._territories = territories
        self._note = note
        self._partners = partners or {}
        self._staffed = staffed

    def of(self, call: Call) -> Responsible | None:
        """Who is responsible now; None while nothing says so."""
        return responsible(
            self.rules,
            matter_of(call.record),
            self._territories(),
            partners=self._partners,
            staffed=self._staffed,
        )

    def area(self, call: Call) -> str | None:
        """The key of the area whose roster is rung; None: no place yet, or it is a partner."""
        found = self.of(call)
        return found.key if found is not None and found.to == "areas" else None

    def label(self, key: str) -> str:
        """How people read the key of an area."""
        return self._territories().label(key)

    def tick(self) -> None:
        """Look at every open call."""
        for call in self._register.open():
            found = self.of(call)
            shown = self.shown(found)
            if shown == call.responsible:
                continue
            before, call.responsible = call.responsible, shown
            if shown is not None and (shown["rule"] or (before and before["rule"])):
                self._note(call.id, "call.responsible", shown)
            self._register.changed(call)

    def shown(self, found: Responsible | None) -> dict[str, Any] | None:
        """As the call's page has it: a partner by name."""
        if found is None:
            return None
        told = found.to_json()
        if found.to == "partner":
            name = self._partners.get(found.key, found.key)
            told |= {"label": name, "text": f"{name}, because {found.because}"}
        return told


def matter_of(record: Mapping[str, Any]) -> Matter:
    """What a record says of a call's matter and place."""
    fields = record.get("fields") or {}
    place = fields.get("place") or {}
    lat, lon = place.get("lat"), place.get("lon")
    if not (isinstance(lat, int | float) and isinstance(lon, int | float)):
        lat = lon = None
    return Matter(
        category=fields.get("category"),
        level=fields.get("level"),
        precinct=place.get("precinct"),
        lat=lat,
        lon=lon,
    )
