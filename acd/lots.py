"""Durations that differ from call to call: how long people talk, wait, or let it ring.

Chance comes from outside, as an argument; `random.Random` with a seed is one such source.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Lots(Protocol):
    """Where chance comes from, as `random.Random` gives it."""

    def random(self) -> float:
        """From 0 to just below 1."""
        ...

    def expovariate(self, lambd: float, /) -> float:
        """Exponential of this rate."""
        ...

    def lognormvariate(self, mu: float, sigma: float, /) -> float:
        """E to the power of a normal."""
        ...


class Duration(Protocol):
    """A distribution of seconds."""

    def draw_s(self, lots: Lots) -> float:
        """One of them."""
        ...


@dataclass(frozen=True, slots=True)
class Always:
    """The same each time; infinity: for ever."""

    s: float

    def draw_s(self, lots: Lots) -> float:
        """One of them."""
        return self.s


@dataclass(frozen=True, slots=True)
class Exponential:
    """What Erlang's formulas assume."""

    mean_s: float

    def draw_s(self, lots: Lots) -> float:
        """One of them."""
        return lots.expovariate(1 / self.mean_s)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """What conversations are like (Brown et al. 2005); ``variation``: deviation / mean."""

    mean_s: float
    variation: float

    def draw_s(self, lots: Lots) -> float:
        """One of them."""
        squared = math.log1p(self.variation**2)
        return lots.lognormvariate(math.log(self.mean_s) - squared / 2, math.sqrt(squared))


@dataclass(frozen=True, slots=True)
class Recorded:
    """One of those that were recorded, each as likely."""

    values_s: Sequence[float]

    def draw_s(self, lots: Lots) -> float:
        """One of them."""
        return self.values_s[int(lots.random() * len(self.values_s))]


FOREVER = Always(math.inf)
AT_ONCE = Always(0.0)
