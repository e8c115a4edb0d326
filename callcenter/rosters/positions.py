"""Where officers are: the last position of each, believed while it is fresh. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice

from callcenter.precincts.boundaries import metres_between, metres_per_degree
from callcenter.rosters.errors import PositionRefused
from callcenter.rosters.model import Position

FRESH = timedelta(minutes=5)
"""An older position says nothing of where an officer is now."""
COARSE_M = 1000.0
"""A position that is less accurate does not tell who is nearest."""
CLOCK_AHEAD = timedelta(seconds=30)
"""A phone's clock may be ahead by so much."""
OLDEST = timedelta(days=1)
BEYOND_M = 100_000.0
"""Nobody on duty is farther away from every precinct."""


class Positions:
    """The last position of every officer.

    ``metres_away`` says how far a point is from the nearest precinct.
    """

    def __init__(self, metres_away: Callable[[float, float], float | None]) -> None:
        self._metres_away = metres_away
        self._last: dict[str, Position] = {}
        self._unsaved: set[str] = set()

    def restore(self, positions: Iterable[Position]) -> None:
        """Take over what was stored, where nothing newer is known."""
        for position in positions:
            known = self._last.get(position.officer)
            if known is None or known.at < position.at:
                self._last[position.officer] = position

    def take(self, position: Position, now: datetime) -> None:
        """Believe a position.

        Raises:
            PositionRefused: it cannot be true, or is older than what is known.
        """
        self._check(position, now)
        self._last[position.officer] = position
        self._unsaved.add(position.officer)

    def _check(self, position: Position, now: datetime) -> None:
        for name, value, most in (("lat", position.lat, 90), ("lon", position.lon, 180)):
            if not math.isfinite(value) or abs(value) > most:
                raise PositionRefused(
                    f"{name}: {value:g} is not on Earth; expected degrees from -{most} to {most}"
                )
        if not math.isfinite(position.accuracy_m) or position.accuracy_m < 0:
            raise PositionRefused("accuracy_m: expected metres, 0 or more")
        if position.at > now + CLOCK_AHEAD:
            ahead_s = (position.at - now).total_seconds()
            raise PositionRefused(f"at: {ahead_s:.0f} s in the future; set the phone's clock")
        if position.at < now - OLDEST:
            raise PositionRefused("at: more than a day old; send where the officer is now")
        known = self._last.get(position.officer)
        if known is not None and position.at < known.at:
            raise PositionRefused(
                f"at: out of order: older than the last position, of {known.at.isoformat()}"
            )
        away_m = self._metres_away(position.lat, position.lon)
        if away_m is not None and away_m > BEYOND_M:
            raise PositionRefused(
                f"lat, lon: {away_m / 1000:.0f} km from the nearest precinct; "
                f"expected at most {BEYOND_M / 1000:.0f} km (are lat and lon the right way round?)"
            )

    def last(self, officer_id: str) -> Position | None:
        """The last position, however old."""
        return self._last.get(officer_id)

    def unsaved(self) -> list[Position]:
        """Those that came since this was asked last."""
        fresh = [self._last[officer] for officer in sorted(self._unsaved)]
        self._unsaved.clear()
        return fresh

    def not_saved(self, positions: Iterable[Position]) -> None:
        """Give these back with the next ones: they could not be stored."""
        self._unsaved.update(position.officer for position in positions)

    def metres(self, officer_id: str, lat: float, lon: float, now: datetime) -> float | None:
        """From an officer to a place; None where that is not known now."""
        position = self._last.get(officer_id)
        if position is None or not _counts(position, now):
            return None
        return metres_between(position.lat, position.lon, lat, lon)

    def near(
        self,
        lat: float,
        lon: float,
        now: datetime,
        counts: Callable[[str], bool],
        *,
        within_m: float,
        most: int = 5,
    ) -> list[tuple[str, float]]:
        """Officers who count and their metres to a place, nearest first; no more than ``most``."""
        east, north = metres_per_degree(lat)
        found = []
        for position in self._last.values():
            metres = math.hypot((position.lon - lon) * east, (position.lat - lat) * north)
            if metres <= within_m and _counts(position, now):
                found.append((metres, position.officer))
        found.sort()
        # Asked of the nearest first: to know who is on duty takes longer than how far they are.
        near = ((officer, metres) for metres, officer in found if counts(officer))
        return list(islice(near, most))


def _counts(position: Position, now: datetime) -> bool:
    return now - position.at <= FRESH and position.accuracy_m <= COARSE_M
