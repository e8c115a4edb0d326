"""What is due when: one timer a key, set, moved and cancelled in O(log n)."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

_SLACK: Final = 64
"""Cancelled entries that may stay in the heap whatever its size."""


class Timers(Generic[Key]):
    """Deadlines by key. Those due at one instant are given in the order they were set."""

    def __init__(self) -> None:
        self._due: dict[Key, tuple[float, int]] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, key: Key) -> bool:
        return key in self._due

    def set(self, key: Key, at: float) -> None:
        """Let the key be due at that instant, and at no other."""
        self._number += 1
        self._due[key] = (at, self._number)
        heapq.heappush(self._heap, (at, self._number, key))
        if len(self._heap) > 2 * len(self._due) + _SLACK:
            self._heap = [(at, number, key) for key, (at, number) in self._due.items()]
            heapq.heapify(self._heap)

    def cancel(self, key: Key) -> None:
        """Let the key not be due; one that is not set is no matter."""
        self._due.pop(key, None)

    def next_at(self) -> float | None:
        """When the first key is due."""
        self._drop_cancelled()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Key | None:
        """The first key that is due, which is no longer set then; None when none is."""
        self._drop_cancelled()
        if not self._heap or self._heap[0][0] > now:
            return None
        key = heapq.heappop(self._heap)[2]
        del self._due[key]
        return key

    def _drop_cancelled(self) -> None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][:2]:
            heapq.heappop(self._heap)
