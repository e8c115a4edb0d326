"""Which ready seat gets the call.

Of the seats that may take it: those that lack the fewest preferred skills; of these, those that
are not over their limit of calls an hour (a limit spares a seat, it never lets a caller wait); of
these, those of the call's own queue before those it overflowed to; and of these, whom the queue's
strategy says.

Ready seats stand in the pools that they serve, and there with the seats that have the same skills,
in the order of the pool's strategy. So a choice looks at one seat of each set of skills.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from typing import Any, Final

from acd.model import Strategy
from acd.seats import Seat
from acd.skills import Needs, Skills

EVERYBODY: Final = ""
"""Stands for a pool that every seat serves: for overflow, and for queues that no seat serves."""

_Entry = tuple[Any, ...]
"""Sorts the seat whose turn it is to the front; alike within a pool. Ends with the seat's id."""


class ReadySeats:
    """Ready seats, by pool and skills."""

    def __init__(self, strategy_of: Callable[[str], Strategy]) -> None:
        self._strategy_of = strategy_of
        self._pools: dict[str, dict[Skills, tuple[list[_Entry], list[_Entry]]]] = {}
        """Of each set of skills: seats within their limit, and seats over it."""
        self._entries: dict[str, tuple[Skills, bool, list[tuple[str, _Entry]]]] = {}

    def __contains__(self, seat_id: str) -> bool:
        return seat_id in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, seat: Seat, idle_key: tuple[float, int], *, over_limit: bool) -> None:
        """Let the seat be chosen for calls of its pools."""
        entries = [(pool, self._entry(pool, seat, idle_key)) for pool in seat.pools]
        self._entries[seat.id] = (seat.skills, over_limit, entries)
        for pool, entry in entries:
            groups = self._pools.setdefault(pool, {})
            insort(groups.setdefault(seat.skills, ([], []))[over_limit], entry)

    def discard(self, seat_id: str) -> None:
        """Let the seat not be chosen; one that was not there is no matter."""
        found = self._entries.pop(seat_id, None)
        if found is None:
            return
        skills, over_limit, entries = found
        for pool, entry in entries:
            groups = self._pools[pool]
            seats = groups[skills][over_limit]
            del seats[bisect_left(seats, entry)]
            if not seats and not groups[skills][not over_limit]:
                del groups[skills]

    def choose(self, pools: Sequence[str], needs: Needs, last_seat: str | None) -> list[str]:
        """The seat to ring for a call of these pools; several, where the strategy is ring all.

        ``last_seat`` is the seat that knew the caller last, for the strategy of that name.
        """
        best: tuple[int, bool, int, int, _Entry] | None = None
        for index, pool in enumerate(pools):
            groups = self._pools.get(pool)
            if not groups:
                continue
            by_level = self._strategy_of(pool) is Strategy.MOST_SKILLED
            for skills, seats in groups.items():
                match = needs.match(skills)
                if match is None:
                    continue
                over_limit = not seats[0]
                level = -match.level_sum if by_level else 0
                rank = (match.missing, over_limit, index, level, seats[over_limit][0])
                if best is None or rank < best:
                    best = rank
        if best is None:
            return []
        missing, over_limit, index, _, first = best
        strategy = self._strategy_of(pools[index])
        if strategy is Strategy.RING_ALL:
            return self._alike(pools[index], needs, missing, over_limit)
        if strategy is Strategy.LAST_SEAT and last_seat in self._entries:
            skills, over, entries = self._entries[last_seat]
            match = needs.match(skills)
            serves = any(pool == pools[index] for pool, _ in entries)
            if serves and match is not None and (match.missing, over) == (missing, over_limit):
                return [last_seat]
        return [first[-1]]

    def _alike(self, pool: str, needs: Needs, missing: int, over_limit: bool) -> list[str]:
        """All seats of a pool that fit a call as well as its best one, longest idle first."""
        entries: list[_Entry] = []
        for skills, seats in self._pools[pool].items():
            match = needs.match(skills)
            if match is not None and match.missing == missing:
                entries += seats[over_limit]
        return [entry[-1] for entry in sorted(entries)]

    def _entry(self, pool: str, seat: Seat, idle_key: tuple[float, int]) -> _Entry:
        match self._strategy_of(pool):
            case Strategy.FEWEST_CALLS:
                return (seat.calls_today, *idle_key, seat.id)
            case Strategy.ROUND_ROBIN:
                return (seat.turns.get(pool, 0), seat.index, seat.id)
            case _:
                return (*idle_key, seat.id)
