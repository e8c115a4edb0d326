"""Which ready seat gets the call: the one that has been idle longest."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Final

from acd.seats import Seat

EVERYBODY: Final = ""
"""Stands for a queue that no seat serves: every seat does then."""

_Idle = tuple[float, int, str]


class ReadySeats:
    """Ready seats by the queues they serve, longest idle first."""

    def __init__(self) -> None:
        self._by_queue: dict[str, list[_Idle]] = {EVERYBODY: []}
        self._entries: dict[str, tuple[_Idle, tuple[str, ...]]] = {}

    def add(self, seat: Seat, idle_key: tuple[float, int]) -> None:
        """Let the seat be chosen for calls of its queues."""
        entry = (*idle_key, seat.id)
        queues = (*seat.queues, EVERYBODY)
        self._entries[seat.id] = (entry, queues)
        for queue in queues:
            insort(self._by_queue.setdefault(queue, []), entry)

    def discard(self, seat: Seat) -> None:
        """Let the seat not be chosen; one that was not there is no matter."""
        found = self._entries.pop(seat.id, None)
        if found is None:
            return
        entry, queues = found
        for queue in queues:
            idle = self._by_queue[queue]
            del idle[bisect_left(idle, entry)]

    def longest_idle(self, queue: str) -> str | None:
        """The seat that is next for a call of this queue."""
        idle = self._by_queue.get(queue)
        return idle[0][-1] if idle else None
