"""How sure a simulated mean is.

Calls that follow one another met the same queue, so they are no independent sample: the interval is
that of means of long batches (batch means, Law and Kelton, "Simulation Modeling and Analysis").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BATCHES: Final = 50
_T_99: Final = 2.679952
"""Student's t for 49 degrees of freedom: 99 % lie within ± this."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The mean of what was simulated, and where the true one lies with 99 %."""

    mean: float
    half_width: float

    def __contains__(self, value: float) -> bool:
        return abs(value - self.mean) <= self.half_width


def interval_99(values: Sequence[float]) -> Interval:
    """Of values in the order in which they came about; a remainder of a batch is left out.

    Raises `ValueError` for fewer values than batches.
    """
    size = len(values) // BATCHES
    if size == 0:
        raise ValueError(f"{len(values)} values, expected at least {BATCHES}")
    means = [
        math.fsum(values[number * size : (number + 1) * size]) / size for number in range(BATCHES)
    ]
    mean = math.fsum(means) / BATCHES
    variance = math.fsum((each - mean) ** 2 for each in means) / (BATCHES - 1)
    return Interval(mean, _T_99 * math.sqrt(variance / BATCHES))
