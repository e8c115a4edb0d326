"""How much decoding a worker is asked for, from what it did and what arrived. Pure.

A thread that is busy all the time does not tell how much more it would have to do. So the cost of
sound is measured (seconds of decoding for a second of sound, over the last seconds: when others
want the processor it grows at once), and multiplied with the sound that arrives.
"""

from __future__ import annotations

from dataclasses import dataclass

KEPT = 0.8
"""Share of the past that stays with each figure; they come once a second."""

ENOUGH_S = 3.0
"""From less sound its cost is not known: then the time that decoding took counts."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a decoder counted, ever."""

    busy_s: float
    """Time that decoding took."""
    taken_ms: int
    """Sound that was decoded."""
    put_ms: int
    """Sound that was queued to be decoded."""


class LoadMeter:
    """The share of a worker's time that decoding would take if it kept up."""

    def __init__(self, now: float) -> None:
        self._before = Totals(0.0, 0, 0)
        self._asked_at = now
        self._busy_s = 0.0
        self._taken_s = 0.0

    def demand(self, totals: Totals, now: float) -> float:
        """Of the time since this was asked last; more than 1 is more than it can do."""
        elapsed_s = max(now - self._asked_at, 0.001)
        busy_s = totals.busy_s - self._before.busy_s
        self._busy_s = KEPT * self._busy_s + busy_s
        self._taken_s = KEPT * self._taken_s + (totals.taken_ms - self._before.taken_ms) / 1000
        arrived_s = (totals.put_ms - self._before.put_ms) / 1000
        self._before, self._asked_at = totals, now
        if self._taken_s < ENOUGH_S:
            return round(busy_s / elapsed_s, 3)
        return round(arrived_s / elapsed_s * self._busy_s / self._taken_s, 3)
