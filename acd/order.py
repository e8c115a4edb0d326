"""Who is next.

1. A caller who was cut off from a conversation and came back.
2. The higher priority: the call's and its queue's, plus what the call gained by waiting.
3. Who waits longer.
4. Who arrived first.

Within one queue all calls gain priority at the same rate, so their order never changes while they
wait: a queue is a list sorted once, and its head is known at once. Only heads are compared across
queues, at the time of the decision.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterator

from acd.calls import Call
from acd.model import QueueSettings

Rank = tuple[bool, float, float, int]
"""Sorts the call that comes first to the front; no two calls have the same."""

_Place = tuple[bool, float, float, int, str]


class WaitingCalls:
    """Calls that wait, by queue, each queue in order."""

    def __init__(
        self, settings_of: Callable[[str], QueueSettings], ageing_per_s: Callable[[], float]
    ) -> None:
        self._ageing_per_s = ageing_per_s
        self._settings_of = settings_of
        self._places: dict[str, list[_Place]] = {}
        self._place_of: dict[str, _Place] = {}

    def __len__(self) -> int:
        return len(self._place_of)

    def add(self, call: Call) -> None:
        """Let the call wait in the place that is its own."""
        place = self._place(call)
        self._place_of[call.id] = place
        insort(self._places.setdefault(call.queue, []), place)

    def remove(self, call: Call) -> None:
        """Let the call wait no longer."""
        place = self._place_of.pop(call.id)
        places = self._places[call.queue]
        del places[bisect_left(places, place)]
        if not places:
            del self._places[call.queue]

    def reorder(self, calls: Collection[Call]) -> None:
        """Put the calls that wait in order anew, because settings of their queues changed."""
        self._place_of = {call.id: self._place(call) for call in calls}
        self._places = {}
        for call in calls:
            self._places.setdefault(call.queue, []).append(self._place_of[call.id])
        for places in self._places.values():
            places.sort()

    def first(self, queue: str) -> str | None:
        """The call that is next in this queue."""
        places = self._places.get(queue)
        return places[0][-1] if places else None

    def queues(self) -> Iterator[str]:
        """Queues that somebody waits in."""
        return iter(self._places)

    def in_order(self, queue: str) -> Iterator[str]:
        """The calls of one queue, first to last."""
        return (place[-1] for place in self._places.get(queue, ()))

    def rank(self, call: Call, now: float) -> Rank:
        """The call's place among calls of every queue at this moment."""
        queue = self._settings_of(call.queue)
        urgency = call.priority + queue.priority + self._ageing_per_s() * (now - call.waiting_since)
        return (not call.returned, -urgency, call.waiting_since, call.number)

    def _place(self, call: Call) -> _Place:
        queue = self._settings_of(call.queue)
        # Urgency without the part that grows alike for everybody in the queue.
        standing = call.priority + queue.priority - self._ageing_per_s() * call.waiting_since
        return (not call.returned, -standing, call.waiting_since, call.number, call.id)
