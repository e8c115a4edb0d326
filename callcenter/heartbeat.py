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


async def beat(link: AmiLink, conducting: Callable[[], bool]) -> None:
    """Beat for as long as this runs."""
    while True:
        if link.connected and conducting():
            try:
                await link.send(
                    SetVariable(channel=None, name=VARIABLE, value=str(int(time.time()))),
                    timeout_s=BEAT_TIMEOUT_S,
                )
            except AmiError as error:
                log.warning("heartbeat.missed", why=str(error))
        await asyncio.sleep(EVERY_S)
