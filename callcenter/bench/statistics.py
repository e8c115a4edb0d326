"""What is said of many measurements: values that were really measured, not means of two."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Self


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed (nearest rank).

    Raises:
        ValueError: there is no value, or no such percentage.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    if not 0 < percent <= 100:
        raise ValueError(f"{percent} %: expected more than 0 and at most 100")
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """How measurements of one kind are spread."""

    count: int
    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Of these; raises ValueError when there are none."""
        ordered = sorted(values)
        p50, p95, p99 = (percentile(ordered, percent) for percent in (50, 95, 99))
        return cls(len(ordered), p50, p95, p99, ordered[-1])

    def rounded(self, digits: int = 3) -> dict[str, float]:
        """As JSON shows it."""
        return {name: round(value, digits) for name, value in asdict(self).items()}
