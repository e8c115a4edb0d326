"""Where a caller's phone is, as something else than words says: kept with the call, and used.

A position comes when it comes, some seconds after the answer. It makes the record's place anew:
what was said near it is believed more, what was said far from it less, and where nothing was
said it is the place. `callcenter.calls.moving_place` rings others when the precinct changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

from callcenter.calls.errors import NotNow
from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.territories import Areas

if TYPE_CHECKING:
    from callcenter.calls.call import Call
    from callcenter.calls.register import CallRegister, Note

CLOCKS_APART = timedelta(minutes=1)
"""So far ahead of ours may the clock be that a position's time was read from."""
OLDEST = timedelta(hours=1)
REACH_M = 100_000.0
"""A position farther than this from every precinct is shown, and not used to choose places."""

Source = Literal["handset", "network"]


@dataclass(frozen=True, slots=True)
class GivenPosition:
    """Where a phone was at a moment: WGS-84 degrees, and within how many metres."""

    lat: float
    lon: float
    accuracy_m: float
    at: datetime
    source: Source


@dataclass(frozen=True, slots=True)
class Position:
    """Where a phone was at a moment, WGS-84; ``in_reach``: whether it is used to choose places."""

    lat: float
    lon: float
    accuracy_m: float
    at: datetime
    source: Source
    by: str
    in_reach: bool = True

    def to_json(self) -> dict[str, Any]:
        """The call's ``position``."""
        at = self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "latitude": self.lat,
            "longitude": self.lon,
            "accuracy_m": self.accuracy_m,
            "at": at,
            "source": self.source,
            "by": self.by,
            "datum": "WGS-84",
            "in_reach": self.in_reach,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Position:
        """What `to_json` gave."""
        return cls(
            kept["latitude"],
            kept["longitude"],
            kept["accuracy_m"],
            datetime.fromisoformat(kept["at"]),
            kept["source"],
            kept["by"],
            kept["in_reach"],
        )

    def known(self) -> KnownPosition | None:
        """What the finder of places is told; None: too far away to mean anything here."""
        if not self.in_reach:
            return None
        return KnownPosition("handset", self.lat, self.lon, self.accuracy_m)


def fault(lat: float, lon: float, at: datetime, now: datetime) -> str | None:
    """What is wrong with a position that is well formed; None: nothing."""
    if lat == lon == 0:
        return "latitude, longitude: 0, 0 is what a phone without a position sends"
    if at > now + CLOCKS_APART:
        return "at: lies in the future"
    if at < now - OLDEST:
        return f"at: is older than {OLDEST // timedelta(minutes=1)} minutes"
    return None


class Reader(Protocol):
    """Who writes records (`callcenter.calls.write_up.WriteUp`)."""

    def read(self, call: Call) -> None:
        """Have this call's record written anew soon."""


class PositionDesk:
    """Takes positions in."""

    def __init__(
        self, register: CallRegister, boundaries: Areas, write_up: Reader, note: Note
    ) -> None:
        self._register = register
        self._boundaries = boundaries
        self._write_up = write_up
        self._note = note

    def put(self, call_id: str, given: GivenPosition, by: str) -> dict[str, Any]:
        """Keep a position; gives it as the call shows it.

        Raises:
            UnknownCall: no such call is open.
            NotNow: a newer position is known.
        """
        call = self._register.get(call_id)
        if call.position is not None and call.position.at > given.at:
            raise NotNow("a newer position of this call is known; send none that is older")
        found = self._boundaries.find(given.lat, given.lon)
        away_m = 0.0 if found.precinct else found.metres_to_boundary
        in_reach = away_m is not None and away_m <= REACH_M
        call.position = Position(
            given.lat, given.lon, given.accuracy_m, given.at, given.source, by, in_reach
        )
        shown = call.position.to_json()
        self._note(call.id, "call.position", shown)
        self._register.changed(call)
        self._write_up.read(call)
        return shown
