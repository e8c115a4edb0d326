"""What consoles must see now: publish and subscribe inside one process.

Publishing never waits. Every subscriber has a bounded queue of its own; one that falls behind
loses what waited for it and is told ``{"type": "resync"}`` instead, so that it fetches the present
state anew. Nothing here outlives the process; whatever must, is in the store.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

QUEUE_MESSAGES = 1000
RESYNC: Mapping[str, Any] = {"type": "resync"}

Message = Mapping[str, Any]
Wants = Callable[[str, Message], bool]
"""Asked for each published (topic, message), while publishing: must be quick and not raise."""


class Subscription:
    """One subscriber's messages, oldest first; ``async for`` ends when the bus closes."""

    def __init__(self, wants: Wants | None, queue_messages: int) -> None:
        self._wants = wants
        self._queue: deque[Message] = deque()
        self._queue_messages = queue_messages
        self._filled = asyncio.Event()
        self._closed = False
        self.resyncs = 0
        """How often this subscriber fell behind."""

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Message:
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        return self._queue.popleft()

    def offer(self, topic: str, message: Message) -> None:
        """Take a message if it is wanted; called by the bus."""
        if self._wants is None or self._wants(topic, message):
            self.put(message)

    def put(self, message: Message) -> None:
        """Take a message for this subscriber alone, behind what waits already."""
        if self._closed:
            return
        if len(self._queue) >= self._queue_messages:
            self._queue.clear()
            self._queue.append(RESYNC)
            self.resyncs += 1
        self._queue.append(message)
        self._filled.set()

    def close(self) -> None:
        """End the iteration after what waits has been read."""
        self._closed = True
        self._filled.set()


class Bus:
    """The in-process live bus. Use from one event loop."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    @property
    def subscribers(self) -> int:
        """How many listen now."""
        return len(self._subscriptions)

    def publish(self, topic: str, message: Message) -> None:
        """Hand ``message`` to everyone who wants it. It must not be changed afterwards."""
        for subscription in tuple(self._subscriptions):
            subscription.offer(topic, message)

    @asynccontextmanager
    async def subscribe(
        self, wants: Wants | None = None, queue_messages: int = QUEUE_MESSAGES
    ) -> AsyncIterator[Subscription]:
        """Listen from now on, to everything or to what ``wants`` says yes to."""
        if queue_messages < 2:
            raise ValueError("a queue needs room for the resync notice and one message")
        subscription = Subscription(wants, queue_messages)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            subscription.close()

    def close(self) -> None:
        """End every subscription."""
        for subscription in tuple(self._subscriptions):
            subscription.close()
