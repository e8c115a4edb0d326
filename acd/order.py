"""Who is next.

1. A caller who was cut off from a conversation and came back.
2. The higher priority: the call's and its queue's, plus what the call gained by waiting.
3. Who waits longer.
4. Who arrived first.

All calls gain priority at the same rate. So the order between two of them never changes while
they wait, and a call has one key, worked out once: what it would be worth had it never aged, less
the ageing that others got before it came (`place_of`). One order for all queues follows: a seat
that serves several takes the smallest key among them.

A call stands in one or more *pools*: the queue that it came to, and those it overflowed to. Within
a pool, calls that need the same of a seat stand in one lane, a sorted list. So the first call for
a seat is the smallest of the heads of the lanes that its skills match.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from acd.calls import Call
from acd.skills import Needs, Skills

Place = tuple[bool, float, float, int, str]
"""Sorts the call that comes first to the front; no two calls have the same. Ends with its id."""


def place_of(call: Call, queue_priority: int, ageing_per_s: float) -> Place:
    """The call's place among all that wait, in whatever queue."""
    # Urgency without the part that grows alike for everybody.
    standing = call.priority + queue_priority - ageing_per_s * call.waiting_since
    return (not call.returned, -standing, call.waiting_since, call.number, call.id)


@dataclass(slots=True)
class Standing:
    """Where a waiting call stands."""

    place: Place
    queue: str
    pools: tuple[str, ...]
    needs: Needs | None
    """None: nobody may take it yet."""


@dataclass(slots=True)
class _Pool:
    first: Place
    lanes: dict[Needs, list[Place]]


class WaitingCalls:
    """Calls that wait: by the queue that they came to, and by pool and lane."""

    def __init__(self) -> None:
        self._standing: dict[str, Standing] = {}
        self._queues: dict[str, list[Place]] = {}
        self._pools: dict[str, _Pool] = {}

    def __len__(self) -> int:
        return len(self._standing)

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._standing

    def add(self, call_id: str, standing: Standing) -> None:
        """Let the call wait in the place that is its own."""
        self._standing[call_id] = standing
        insort(self._queues.setdefault(standing.queue, []), standing.place)
        if standing.needs is not None:
            for pool in standing.pools:
                self._enter(pool, standing.needs, standing.place)

    def remove(self, call_id: str) -> None:
        """Let the call wait no longer."""
        standing = self._standing.pop(call_id)
        places = self._queues[standing.queue]
        del places[bisect_left(places, standing.place)]
        if not places:
            del self._queues[standing.queue]
        if standing.needs is not None:
            for pool in standing.pools:
                self._leave(pool, standing.needs, standing.place)

    def standing(self, call_id: str) -> Standing:
        """Where the call stands."""
        return self._standing[call_id]

    def find(self, call_id: str) -> Standing | None:
        """Where the call stands, if it waits."""
        return self._standing.get(call_id)

    def first_for(self, pools: Iterable[str], skills: Skills) -> Place | None:
        """The first call that a seat of these pools with these skills may take."""
        best: Place | None = None
        for name in pools:
            pool = self._pools.get(name)
            if pool is None or (best is not None and best <= pool.first):
                continue
            for needs, lane in pool.lanes.items():
                head = lane[0]
                if (best is None or head < best) and needs.match(skills) is not None:
                    best = head
        return best

    def length(self, queue: str) -> int:
        """How many wait in a queue."""
        return len(self._queues.get(queue, ()))

    def position(self, call_id: str) -> int:
        """The call's place in its queue, from 1."""
        standing = self._standing[call_id]
        return bisect_left(self._queues[standing.queue], standing.place) + 1

    def in_queue(self, queue: str, position: int = 1) -> list[str]:
        """The calls of one queue, from this position to the last."""
        return [place[-1] for place in self._queues.get(queue, ())[position - 1 :]]

    def in_order(self) -> Iterator[str]:
        """All calls, first to last."""
        places: list[Place] = []
        for queued in self._queues.values():
            places.extend(queued)
        places.sort()
        return (place[-1] for place in places)

    def _enter(self, name: str, needs: Needs, place: Place) -> None:
        pool = self._pools.get(name)
        if pool is None:
            self._pools[name] = _Pool(place, {needs: [place]})
            return
        lane = pool.lanes.get(needs)
        if lane is None:
            pool.lanes[needs] = [place]
        else:
            insort(lane, place)
        pool.first = min(pool.first, place)

    def _leave(self, name: str, needs: Needs, place: Place) -> None:
        pool = self._pools[name]
        lane = pool.lanes[needs]
        del lane[bisect_left(lane, place)]
        if not lane:
            del pool.lanes[needs]
            if not pool.lanes:
                del self._pools[name]
                return
        if pool.first == place:
            pool.first = min(lane[0] for lane in pool.lanes.values())
