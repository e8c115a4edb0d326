"""Asterisk dies under callers and comes back: what was lost is known, what comes next flows."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from callcenter.lab import lab
from tests.integration.service.hotline import Hotline
from tests.integration.service.test_seats_and_callers import talking, waits
from tests.integration.stopwatch import took

pytestmark = pytest.mark.asterisk

LATER, NEXT = "2125550101", "2125550102"
GONE_WITHIN_S = 10.0
END_EXACT_S = 3.0


async def ended(pid: int) -> None:
    """Wait until a process is gone (or a zombie that nobody has looked at yet)."""
    async with asyncio.timeout(GONE_WITHIN_S):
        while True:
            try:
                with open(f"/proc/{pid}/stat") as stat:  # noqa: ASYNC230  # no real file
                    if stat.read().rpartition(")")[2].split()[0] == "Z":
                        return
            except FileNotFoundError:
                return
            await asyncio.sleep(0.05)


async def restart(hotline: Hotline) -> None:
    await asyncio.to_thread(lab.restart_asterisk, hotline.folder, lambda line: None)


def members(hotline: Hotline) -> dict[str, bool]:
    """Phones in Asterisk's own queue, and whether they are paused."""
    rows = hotline.cli("queue show fallback").splitlines()
    return {
        row.split("(PJSIP/")[1].split(")")[0]: "(paused" in row for row in rows if "(PJSIP/" in row
    }


async def test_killed_or_stopped_asterisk_loses_its_calls_only_and_says_so(
    hotline, phone, hear_each_other, converse
):
    await hotline.api("seats/s03/state", {"state": "not_ready", "reason": "break"})
    on_duty = {"s01": False, "s02": False, "s03": True}
    seat, caller, talking_id = await talking(hotline, phone)
    await converse(seat, caller, talking_id)
    waiting, waiting_id = await waits(hotline, phone, LATER)
    assert members(hotline) == on_duty
    # Asterisk writes what it shall remember down once a second.
    await hotline.until(lambda: written_down(hotline, "s03"), "the member that rests on disk")
    pid = hotline.description["pids"]["asterisk"]
    killed = time.time()
    os.kill(pid, signal.SIGKILL)
    await ended(pid)
    for one in (seat, caller, waiting):
        await one.stop()
    # The service is not there when Asterisk comes back: who is on duty is known all the same.
    hotline.signal_service(signal.SIGSTOP)
    began = time.monotonic()
    try:
        await restart(hotline)
        assert members(hotline) == on_duty
    finally:
        hotline.signal_service(signal.SIGCONT)
    reasons = {}
    for call_id, answered in ((talking_id, True), (waiting_id, False)):
        call = await hotline.call_is(call_id, state="closed", timeout_s=15)
        steps = {step["step"]: step["ms"] for step in call["timeline"]}
        assert ("answered" in steps) is answered
        arrived = datetime.fromisoformat(call["arrived_at"]).timestamp()
        # As far as Asterisk got with writing the recording, or when it was lost from sight.
        assert abs(arrived + steps["closed"] / 1000 - killed) < END_EXACT_S
        ending = await hotline.until(
            partial(hotline.journalled, call_id, "call.ended"), "its end in the journal"
        )
        reasons[call_id] = ending["why"]
    assert set(reasons.values()) == {"Asterisk ended"}
    took("Asterisk started again: its lost calls closed", began)
    lost = await hotline.until(lambda: judged(hotline, waiting_id), "a task: nobody answered")
    assert lost["what"] != "answered"
    # An earlier call of that number may have left a task, to which this one was noted.
    talked = await judged(hotline, talking_id)
    assert talked is None or talked["what"] == "answered"
    # New calls flow.
    await hotline.api("seats/s03/state", {"state": "ready"})
    seat = await phone("s01")
    caller, call_id = await waits(hotline, phone, NEXT, state="offered")
    await seat.wait_ringing()
    await seat.answer()
    await hear_each_other(seat, caller)
    await hotline.call_is(call_id, state="talking", seat="s01")
    # The same once more, as an administrator would do it.
    pid = hotline.description["pids"]["asterisk"]
    hotline.cli("core stop now")
    await ended(pid)
    began = time.monotonic()
    await restart(hotline)
    took("Asterisk started again: it takes calls", began)
    await hotline.call_is(call_id, state="closed", timeout_s=15)
    for one in (seat, caller):
        await one.stop()
    await hotline.until(lambda: all_registered_nowhere(hotline), "seats that are known to be away")
    assert members(hotline) == {"s01": False, "s02": False, "s03": False}


async def written_down(hotline: Hotline, phone: str) -> bool:
    """Whether Asterisk's database on disk has the phone as a paused member."""
    (file,) = Path(hotline.folder).rglob("astdb.sqlite3")
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        found = database.execute(
            "SELECT value FROM astdb WHERE key = '/Queue/PersistentMembers/fallback'"
        ).fetchone()
    finally:
        database.close()
    members = [entry.split(";") for entry in found[0].split("|")] if found else []
    return any(entry[0] == f"PJSIP/{phone}" and entry[2] == "1" for entry in members)


async def judged(hotline: Hotline, call_id: str) -> dict[str, Any] | None:
    """What an open task says of this call."""
    tasks = (await hotline.api("tasks?state=open"))["tasks"]
    calls = [call for task in tasks for call in task["calls"]]
    return next((call for call in calls if call["call_id"] == call_id), None)


async def all_registered_nowhere(hotline: Hotline) -> bool:
    return all(not seat["call_id"] for seat in (await hotline.api("seats"))["seats"])
