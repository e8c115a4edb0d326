"""The heartbeat ends when it is told to."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from callcenter.heartbeat import Heartbeat


@pytest.mark.parametrize("steps_later", range(4))
async def test_heartbeat_that_is_cancelled_in_the_moment_of_its_waking_ends(steps_later):
    heartbeat = Heartbeat(SimpleNamespace(connected=False), lambda: True)
    beating = asyncio.create_task(heartbeat.run())
    await asyncio.sleep(0.01)
    heartbeat.wake()
    for _ in range(steps_later):
        await asyncio.sleep(0)
    beating.cancel()
    done, _ = await asyncio.wait({beating}, timeout=0.5)
    assert done
