"""A service that starts while many calls are up, and what it makes of them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from callcenter.bench.callers import Callers, calling
from callcenter.bench.errors import BenchFailed
from callcenter.bench.hotline import LINE, BenchHotline
from callcenter.bench.phones import SeatPhones
from callcenter.lab.hotline_api import ApiFault
from callcenter.lab.layout import LabFolders

CALLS_PER_S = 20.0
UP_WITHIN_S = 120.0
ADOPTED_WITHIN_S = 30.0
DEAD_S = 4.5
"""Longer than callers who wait believe in a service that is dead."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What a service that started under load did."""

    talking: int
    waiting: int
    ready_s: float
    """From the start of its process until it said that it takes calls."""
    adopted_s: float
    """From then until every call was shown where it was before."""
    rung_again: int
    """Phones that rang meanwhile: nobody should have been dialled."""
    lost: int
    """Channels that were there before and are not."""
    wrong: tuple[str, ...]
    """What is shown of calls and is not so."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


async def taken_over(floor: BenchHotline, phones: SeatPhones, waiting: int) -> TakenOver:
    """Fill a hotline with calls, kill its service, start it again and look.

    Every seat has a phone in ``phones`` that answers, and ``waiting`` more callers come.
    """
    talking = len(floor.seats)
    crowd = Callers(LINE, "21255", talking + waiting, CALLS_PER_S)
    async with (
        _silence_is_no_fault(floor),
        calling(crowd, floor.host, floor.sip_port, floor.folder),
    ):
        try:
            wanted = Counter(talking=talking, waiting=waiting)
            await floor.until(lambda: _states(floor, wanted), f"{wanted}", UP_WITHIN_S)
            return await _restart_under(floor, phones, talking, waiting)
        finally:
            await floor.cli("channel request hangup all")


async def _restart_under(
    floor: BenchHotline, phones: SeatPhones, talking: int, waiting: int
) -> TakenOver:
    before = await _shown(floor)
    channels = await _channels(floor)
    rung = phones.rung
    os.kill(floor.service.pid, signal.SIGKILL)
    await asyncio.sleep(DEAD_S)
    began = time.monotonic()
    await floor.restart_service()
    ready = time.monotonic()

    async def all_there() -> bool:
        return await _shown(floor) == before

    wrong: tuple[str, ...] = ()
    try:
        await floor.until(all_there, "every call as it was", ADOPTED_WITHIN_S)
    except BenchFailed:
        after = await _shown(floor)
        wrong = tuple(
            f"{call_id}: was {before.get(call_id)}, is {after.get(call_id)}"
            for call_id in before.keys() | after.keys()
            if before.get(call_id) != after.get(call_id)
        )
    adopted = time.monotonic()
    lost = len(channels - await _channels(floor))
    return TakenOver(
        talking,
        waiting,
        round(ready - began, 2),
        round(adopted - ready, 2),
        phones.rung - rung,
        lost,
        wrong[:10],
    )


@asynccontextmanager
async def _silence_is_no_fault(floor: BenchHotline) -> AsyncIterator[None]:
    """These phones send no sound, and are not to count as vanished."""
    file = LabFolders(floor.folder).asterisk / "config" / "pjsip.conf"
    text = file.read_text("utf-8")

    async def configure(text: str) -> None:
        file.write_text(text, "utf-8")
        await floor.cli("module reload res_pjsip.so")

    await configure(re.sub(r"(?m)^rtp_timeout = \d+$", "rtp_timeout = 3600", text))
    try:
        yield
    finally:
        await configure(text)


async def _states(floor: BenchHotline, wanted: Counter[str]) -> bool:
    return Counter(state for state, _ in (await _shown(floor)).values()) == wanted


async def _shown(floor: BenchHotline) -> dict[str, tuple[str, str | None]]:
    """State and seat of every open call, as the service shows them."""
    try:
        calls = await floor.api.calls()
    except ApiFault:
        return {}
    return {
        call["id"]: (call["state"], call["seat"]) for call in calls if call["state"] != "closed"
    }


async def _channels(floor: BenchHotline) -> set[str]:
    """Every phone's and caller's channel."""
    rows = (await floor.cli("core show channels concise")).splitlines()
    return {row.split("!")[0] for row in rows if row.startswith("PJSIP/")}
