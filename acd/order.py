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
a pool, calls that need the same of a seat stand in one lane, a sorted list; and the lanes are
sorted by their heads. So the first call for a seat is the head of the first lane that its skills
match.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from acd.calls import Call
from acd.skills import Needs, Skills

Place = tuple[bool, float, float, int, str]
"""Sorts the call that comes first to the front; no two calls have the same. Ends with its id."""


_BY_PLACE: Final = itemgetter(0)


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


class _Pool:
    """Calls that seats of one pool may take: each lane in order, and the lanes by their heads."""

    __slots__ = ("_heads", "_lanes")

    def __init__(self) -> None:
        self._lanes: dict[Needs, list[Place]] = {}
        self._heads: list[tuple[Place, Needs]] = []

    def __bool__(self) -> bool:
        return bool(self._heads)

    def enter(self, needs: Needs, place: Place) -> None:
        lane = self._lanes.get(needs)
        if lane is None:
            self._lanes[needs] = [place]
        else:
            head = lane[0]
            insort(lane, place)
            if head < place:
                return
            self._drop_head(head)
        insort(self._heads, (place, needs), key=_BY_PLACE)

    def leave(self, needs: Needs, place: Place) -> None:
        lane = self._lanes[needs]
        at = bisect_left(lane, place)
        del lane[at]
        if at:
            return
        self._drop_head(place)
        if lane:
            insort(self._heads, (lane[0], needs), key=_BY_PLACE)
        else:
            del self._lanes[needs]

    def first_for(self, skills: Skills, before: Place | None) -> Place | None:
        """The first call for these skills, if there is one that goes before another's place."""
        for place, needs in self._heads:
            if before is not None and before <= place:
                return None
            if needs.match(skills) is not None:
                return place
        return None

    def _drop_head(self, place: Place) -> None:
        del self._heads[bisect_left(self._heads, place, key=_BY_PLACE)]


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
            for name in standing.pools:
                self._pools.setdefault(name, _Pool()).enter(standing.needs, standing.place)

    def remove(self, call_id: str) -> None:
        """Let the call wait no longer."""
        standing = self._standing.pop(call_id)
        places = self._queues[standing.queue]
        del places[bisect_left(places, standing.place)]
        if not places:
            del self._queues[standing.queue]
        if standing.needs is not None:
            for name in standing.pools:
                pool = self._pools[name]
                pool.leave(standing.needs, standing.place)
                if not pool:
                    del self._pools[name]

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
            if pool is not None:
                best = pool.first_for(skills, best) or best
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
