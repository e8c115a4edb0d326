"""What is remembered of callers who are not here: their place, and the seat that knew them.

Both are bounded in number and forgotten with time; whoever left longest ago goes first.

A caller is known by a number that anybody can claim. So a place is not used up by a call that
takes it: the caller's own call finds it too, for as long as it is kept. What others gain by it is
bounded: `acd.conversations.take_old_place` says how.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

CALLERS_KEPT: Final = 50_000
"""Callers of whom something is remembered at most."""


@dataclass(frozen=True, slots=True)
class OldPlace:
    """The place that a caller gets back who calls again until then."""

    waiting_since: float
    returned: bool
    """First of all: was cut off from a conversation, or had come back from one."""
    until: float
    answered: bool = False
    """Somebody who called with this number has been answered since."""

    @property
    def rank(self) -> tuple[bool, float]:
        """Sorts the better place to the front."""
        return (not self.returned, self.waiting_since)


class Memory:
    """Places and last seats by caller. A caller of whom nothing is known (empty) has neither."""

    def __init__(self, callers_kept: int = CALLERS_KEPT) -> None:
        self._callers_kept = callers_kept
        self._places: OrderedDict[str, OldPlace] = OrderedDict()
        self._last_seats: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._places) + len(self._last_seats)

    def keep_place(self, caller: str, place: OldPlace, now: float) -> None:
        """Remember the place of a caller who left."""
        if not caller or place.until <= now:
            return
        self._places.pop(caller, None)
        self._places[caller] = place
        while len(self._places) > self._callers_kept or (
            next(iter(self._places.values())).until <= now
        ):
            self._places.popitem(last=False)

    def place(self, caller: str, now: float) -> OldPlace | None:
        """The place of a caller who calls again."""
        place = self._places.get(caller)
        return place if place is not None and place.until > now else None

    def talked(self, caller: str, seat_id: str, now: float) -> None:
        """Remember that the seat knows the caller, who is no more first of all by calling again."""
        if not caller:
            return
        if place := self._places.get(caller):
            self._places[caller] = replace(place, returned=False, answered=True)
        self._last_seats.pop(caller, None)
        self._last_seats[caller] = (seat_id, now)
        if len(self._last_seats) > self._callers_kept:
            self._last_seats.popitem(last=False)

    def last_seat(self, caller: str, since: float) -> str | None:
        """The seat that talked with the caller last, if that was not before ``since``."""
        seat_id, at = self._last_seats.get(caller, ("", since))
        return seat_id if seat_id and at >= since else None

    def forget_seats_before(self, since: float) -> None:
        """Drop what is older."""
        while self._last_seats and next(iter(self._last_seats.values()))[1] < since:
            self._last_seats.popitem(last=False)
