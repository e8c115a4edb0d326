"""Surge: many calls from one place at once, of which the first ones know all there is to say.

The callers after them hear a recorded message first, unless a seat is free for them. They keep
their place, and nobody is dropped.
A surge begins with the call that makes ``calls`` within ``within_s``, and is over when fewer than
half as many came within that time. A person can begin one, which lasts until they end it; and end
one, which then does not begin again by itself before the rush is over.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from acd.model import Surge

ORIGINS_KEPT: Final = 10_000
"""Origins whose calls are counted at most; those with the oldest latest call are forgotten."""

BY_HAND: Final = Surge(calls=1)
"""What callers hear in a surge that a person began, if their queue's settings do not say."""


@dataclass(slots=True)
class _Origin:
    surge: Surge
    queue: str
    times: deque[float] = field(default_factory=deque)
    on: bool = False
    by_hand: bool = False
    """A person said what ``on`` is."""

    def rush_ends_at(self) -> float:
        """When fewer than half as many calls as make a surge will have come; -inf: they have."""
        half = math.ceil(self.surge.calls / 2)
        return self.times[-half] + self.surge.within_s if len(self.times) >= half else -math.inf

    def is_many(self, now: float) -> bool:
        calls = self.surge.calls
        return len(self.times) >= calls and self.times[-calls] + self.surge.within_s > now


class Surges:
    """What is known of each origin."""

    def __init__(self, origins_kept: int = ORIGINS_KEPT) -> None:
        self._origins_kept = origins_kept
        self._origins: OrderedDict[str, _Origin] = OrderedDict()

    def __len__(self) -> int:
        return len(self._origins)

    def on(self) -> tuple[str, ...]:
        """Origins with a surge, longest known first."""
        return tuple(origin for origin, known in self._origins.items() if known.on)

    def arrived(
        self, origin: str, queue: str, surge: Surge | None, now: float
    ) -> tuple[bool, bool]:
        """Count a call: whether its caller hears the announcement, and whether a surge began."""
        if not origin:
            return False, False
        known = self._origins.get(origin)
        if known is None:
            if surge is None:
                return False, False
            known = self._meet(origin, surge, queue)
        self._origins.move_to_end(origin)
        hears = known.on
        if surge is None:
            return hears, False
        if known.by_hand and not known.on and known.rush_ends_at() <= now:
            known.by_hand = False
        known.surge, known.queue = surge, queue
        known.times.append(now)
        while len(known.times) > surge.calls:
            known.times.popleft()
        if known.on or known.by_hand or not known.is_many(now):
            return hears, False
        known.on = True
        return hears, True

    def set(self, origin: str, on: bool, now: float) -> bool:
        """A person begins or ends a surge; whether that changed anything to be told."""
        known = self._origins.get(origin)
        if known is None:
            if not origin or not on:
                return False
            known = self._meet(origin, BY_HAND, "")
        changed = known.on is not on
        known.on = on
        known.by_hand = on or known.rush_ends_at() > now
        return changed

    def ends_at(self, origin: str) -> float | None:
        """When the surge ends by itself unless more calls come; None: it does not."""
        known = self._origins.get(origin)
        return known.rush_ends_at() if known and known.on and not known.by_hand else None

    def end(self, origin: str) -> None:
        """Let the surge be over."""
        self._origins[origin].on = False

    def apply(self, surge_of: Callable[[str], Surge | None]) -> Iterator[str]:
        """Take over the queues' new settings; which surges end because they have none."""
        for origin, known in self._origins.items():
            surge = surge_of(known.queue)
            if surge is not None:
                known.surge = surge
            elif known.on and not known.by_hand:
                known.on = False
                yield origin

    def _meet(self, origin: str, surge: Surge, queue: str) -> _Origin:
        known = self._origins[origin] = _Origin(surge, queue)
        if len(self._origins) > self._origins_kept:
            quiet = next((name for name, other in self._origins.items() if not other.on), origin)
            del self._origins[quiet]
        return known
