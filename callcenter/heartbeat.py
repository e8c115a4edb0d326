"""The heartbeat: while Asterisk sees it, callers wait for the service; else Asterisk goes on alone.

It is a global variable that every waiting caller's dialplan looks at once a second. It beats only
while calls are really being conducted, so a service that is connected but stuck counts as dead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from callcenter.asterisk.actions import SetVariable
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError

log = structlog.get_logger(__name__)

VARIABLE = "CALLCENTER_HEARTBEAT"
EVERY_S = 1.0
BEAT_TIMEOUT_S = 2.0
FRESH_S = 3.0
"""So long the dialplan takes a beat for a sign of life."""


class Heartbeat:
    """Beats once a second, and at once when `wake` is called."""

    def __init__(self, link: AmiLink, conducting: Callable[[], bool]) -> None:
        self._link = link
        self._conducting = conducting
        self._woken = asyncio.Event()
        self._beaten_at = float("-inf")

    @property
    def fresh(self) -> bool:
        """Whether Asterisk takes the service for alive."""
        return time.monotonic() - self._beaten_at < FRESH_S

    def wake(self) -> None:
        """Do not wait for the next second: Asterisk is there (again)."""
        self._woken.set()

    async def run(self) -> None:
        """Beat for as long as this runs."""
        while True:
            if self._link.connected and self._conducting():
                await self._beat()
            try:
                # wait_for, before Python 3.12, loses a cancellation in the moment of waking.
                async with asyncio.timeout(EVERY_S):
                    await self._woken.wait()
            except TimeoutError:
                continue
            self._woken.clear()

    async def _beat(self) -> None:
        now = str(time.time_ns() // 1_000_000)
        try:
            await self._link.send(
                SetVariable(channel=None, name=VARIABLE, value=now), timeout_s=BEAT_TIMEOUT_S
            )
        except AmiError as error:
            log.warning("heartbeat.missed", why=str(error))
        else:
            self._beaten_at = time.monotonic()
