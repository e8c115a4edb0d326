"""Events between the socket, which must never wait, and the service, which may be slow."""

from __future__ import annotations

import asyncio
from collections import deque

import structlog

from callcenter.asterisk.errors import LinkLost
from callcenter.asterisk.headers import Headers

log = structlog.get_logger(__name__)

MAX_EVENTS = 20_000
"""Some 40 MiB. A floor of 500 calls raises about 200 events a second."""
HIGH_WATER = 5_000
"""From here on the log says that the service is behind."""
LOW_WATER = 1_000
"""Down here it has caught up."""


class Mailbox:
    """A bounded queue that is given up as a whole rather than lose one event in silence."""

    def __init__(self, limit: int = MAX_EVENTS, high_water: int = HIGH_WATER) -> None:
        self._limit = limit
        self._high_water = high_water
        self._low_water = min(LOW_WATER, high_water // 2)
        self._events: deque[Headers] = deque()
        self._filled = asyncio.Event()
        self._behind = False

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: Headers) -> None:
        """Keep an event. Raises `LinkLost`, and forgets all, when there are too many."""
        if len(self._events) >= self._limit:
            self.clear()
            raise LinkLost(f"the service is {self._limit} events behind")
        self._events.append(event)
        self._filled.set()
        if not self._behind and len(self._events) >= self._high_water:
            self._behind = True
            log.warning("ami_events_behind", events=len(self._events))

    def take(self) -> Headers | None:
        """Return the oldest event, None when there is none."""
        if not self._events:
            self._filled.clear()
            return None
        event = self._events.popleft()
        if self._behind and len(self._events) <= self._low_water:
            self._behind = False
            log.info("ami_events_caught_up", events=len(self._events))
        return event

    def clear(self) -> None:
        """Forget everything: a snapshot stands for it."""
        self._events.clear()
        self._filled.clear()
        self._behind = False

    async def wait(self) -> None:
        """Return when there is something to take."""
        await self._filled.wait()
