"""How much a queue has to do, and who is there to do it: for the estimated wait.

The estimate is plain on purpose, so that a person can check it: place in the queue × mean handling
time ÷ seats on duty. Handling is talk and after-call work. A seat that serves several queues counts
in each of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

_MEMORY: Final = 50
"""The mean moves as if it were that of about so many latest calls."""


class Load:
    """Seats on duty by pool, mean handling time by queue."""

    def __init__(self) -> None:
        self._on_duty: dict[str, int] = {}
        self._counted: dict[str, tuple[str, ...]] = {}
        self._handling: dict[str, tuple[float, int]] = {}

    def on_duty(self, pool: str) -> int:
        """Seats of the pool whose phone is registered and whose operator takes calls."""
        return self._on_duty.get(pool, 0)

    def count(self, seat_id: str, pools: tuple[str, ...]) -> list[str]:
        """Count a seat on duty in these pools (none: off duty); which pools have nobody now."""
        before = self._counted.get(seat_id, ())
        if before == pools:
            return []
        if pools:
            self._counted[seat_id] = pools
        else:
            self._counted.pop(seat_id, None)
        for pool in pools:
            self._on_duty[pool] = self._on_duty.get(pool, 0) + 1
        deserted = []
        for pool in before:
            self._on_duty[pool] -= 1
            if not self._on_duty[pool]:
                del self._on_duty[pool]
                deserted.append(pool)
        return deserted

    def handled(self, queue: str, handling_s: float) -> None:
        """A call of the queue took a seat so long."""
        mean_s, calls = self._handling.get(queue, (0.0, 0))
        calls = min(calls + 1, _MEMORY)
        self._handling[queue] = (mean_s + (handling_s - mean_s) / calls, calls)

    def keep_only(self, queues: Iterable[str]) -> None:
        """Forget the handling times of all other queues."""
        self._handling = {name: self._handling[name] for name in queues if name in self._handling}

    def estimate_s(self, queue: str, pool: str, position: int) -> float | None:
        """How much longer the call at this position waits; None: cannot be told."""
        mean_s = self._handling.get(queue, (None, 0))[0]
        seats = self.on_duty(pool)
        return None if mean_s is None or not seats else position * mean_s / seats

    def position_of(self, queue: str, pool: str, wait_s: float) -> int | None:
        """From which position on calls wait so long or longer; None: cannot be told."""
        seats = self.on_duty(pool)
        if not seats:
            return 1
        mean_s = self._handling.get(queue, (0.0, 0))[0]
        # A hair lower, since both sides are rounded; who is taken too early is looked at again.
        return max(1, math.floor(wait_s * seats / mean_s)) if mean_s > 0 else None
