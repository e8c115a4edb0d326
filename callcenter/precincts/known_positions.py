"""What is known of a caller's position besides words: the line's address, the handset's fix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.candidate import Candidate

FAR_FACTOR = {"line": 0.95, "handset": 0.85}
"""A caller far from the line's address is common, far from where the handset is, rare."""
NEAR_FACTOR = {"line": 1.02, "handset": 1.08}
"""Of two places that words may mean, the one that is near is meant."""
NEAR_M = {"line": 1000.0, "handset": 500.0}
SURE_OF_LINE = 0.6
SURE_OF_HANDSET = 0.8
WIDEST_RESOLVED_M = 1000.0
"""A handset position less exact than this is no place that anybody can be sent to."""


@dataclass(frozen=True, slots=True)
class KnownPosition:
    """A position that no words gave. ``radius_m``: it is within so far, mostly."""

    source: Literal["line", "handset"]
    lat: float
    lon: float
    radius_m: float = 0.0
    text: str = ""

    @property
    def near_m(self) -> float:
        """What is no farther than this from it agrees with it."""
        return NEAR_M[self.source] + 2 * self.radius_m

    @property
    def confidence(self) -> float:
        """How sure it alone is."""
        if self.source == "line":
            return SURE_OF_LINE
        return max(SURE_OF_HANDSET - self.radius_m / 2000, 0.1)

    def agrees(self, lat: float, lon: float) -> bool:
        """Whether a point may be where the caller is."""
        return metres_between(self.lat, self.lon, lat, lon) <= self.near_m

    def weigh(self, candidate: Candidate) -> Candidate:
        """The candidate, likelier when it is near, less likely when it is far from here."""
        if self.agrees(candidate.lat, candidate.lon):
            return candidate.weighed(NEAR_FACTOR[self.source], f"near_{self.source}")
        return candidate.weighed(FAR_FACTOR[self.source], f"far_from_{self.source}")
