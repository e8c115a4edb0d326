"""Actions for Asterisk, in order within one call and independent between calls.

A redirect must not overtake the cancellation before it, and one call's slow action must not
hold up another's. So each call has a queue of its own, worked off by a task that ends when
the queue is empty.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

HIGH_WATER = 200
"""Errands that one call may have waiting; more means that something loops."""

Errand = Callable[[], Awaitable[None]]


class Errands:
    """Runs errands call by call. Owns its tasks; `stop` ends them."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[tuple[str, Errand]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def run(self, call_id: str, name: str, errand: Errand) -> None:
        """Do this after what the call already has waiting."""
        queue = self._queues.setdefault(call_id, deque())
        if len(queue) >= HIGH_WATER:
            log.error("errand.dropped", call_id=call_id, errand=name, waiting=len(queue))
            return
        queue.append((name, errand))
        if call_id not in self._tasks:
            self._tasks[call_id] = asyncio.create_task(
                self._work(call_id, queue), name=f"errands-{call_id}"
            )

    def idle(self, call_id: str) -> bool:
        """Whether nothing is waiting or being done for this call."""
        return call_id not in self._tasks

    async def _work(self, call_id: str, queue: deque[tuple[str, Errand]]) -> None:
        try:
            while queue:
                name, errand = queue.popleft()
                try:
                    await errand()
                except Exception:
                    log.exception("errand.failed", call_id=call_id, errand=name)
        finally:
            self._tasks.pop(call_id, None)
            self._queues.pop(call_id, None)

    async def drain(self, within_s: float) -> None:
        """Wait until everything is done, but not longer than that."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=within_s)

    async def stop(self) -> None:
        """End what still runs."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
