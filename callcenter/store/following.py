"""Follows the journal for as long as the service lives: what is made of it outlives a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from callcenter.store.errors import StoreError

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 2.0
"""Without being woken; the journal may have been committed late."""
GATHER_S: Final = 0.5
"""What comes in quick succession is looked at together."""


class Follower:
    """Looks at the journal again and again; runs in one task."""

    def __init__(self, reader: str, look: Callable[[], Awaitable[None]]) -> None:
        """``look``: deals with everything new; may raise `StoreUnavailable`, and is asked again.

        ``reader``: what it is called in the log.
        """
        self._reader = reader
        self._look = look
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was noted: look soon."""
        self._woken.set()

    async def run(self) -> None:
        """Follow the journal until cancelled."""
        while True:
            try:
                await self._look()
            except StoreError as error:
                log.warning("journal.not_followed", reader=self._reader, why=str(error))
            except Exception:
                # What one entry does to us must not end it for all later ones.
                log.exception("journal.follower_failed", reader=self._reader)
            await asyncio.sleep(GATHER_S)
            try:
                # wait_for, before Python 3.12, loses a cancellation in the moment of waking.
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._woken.wait()
            except TimeoutError:
                continue
            self._woken.clear()
