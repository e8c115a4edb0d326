"""A dead service: calls go on, a waiting caller reaches a seat, a restarted service adopts both."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import time

from callcenter.lab import screen
from callcenter.lab.hotline_api import ApiFault
from callcenter.lab.lab_file import LabFile
from callcenter.lab.phone import Phone
from callcenter.lab.scenes.stage import SceneBroken, Stage

TALKS, LEAVES, WAITS = "2125550301", "2125550302", "2125550303"
ANSWERED_WITHIN_S = 5.0
STALE_AFTER_S = 3.0
FALLBACK_WITHIN_S = 5.0
RESTART_WITHIN_S = 60.0
RECORDING_APART_MS = 1500
BEFORE = (
    "My neighbour has fallen down the stairs. He is not breathing.",
    "Stay on the line, please.",
)
DURING = ("Are you still there?", "Yes, I am still with you.")
FALLBACK = ("Hello, I need help.", "Emergency hotline, I can hear you.")
AFTER = ("I am on Broadway and West Forty Second Street.", "Good. The ambulance is on its way.")


async def play(stage: Stage) -> None:
    """Kill the service with -9 while one caller talks and one waits."""
    stage.open_scene("dead service", "killed with -9 while one caller talks and one waits")
    await stage.staff_seats()
    line = stage.lab.lines[0].number
    callers: dict[str, Phone] = {}
    seats: dict[str, Phone] = {}
    for number in (TALKS, LEAVES):
        callers[number] = await stage.phones.caller(number)
        await callers[number].dial(line)
        stage.tell(f"{number} dials {line}")
        seats[number] = await stage.reaches_seat(number, ANSWERED_WITHIN_S)
    callers[WAITS] = await stage.phones.caller(WAITS)
    await callers[WAITS].dial(line)
    stage.tell(f"{WAITS} dials {line}")
    await stage.waits(WAITS)
    ids = {number: (await stage.call_from(number))["id"] for number in callers}
    await stage.converse("before: both sides are heard", callers[TALKS], seats[TALKS], BEFORE)

    killed_at = await _kill(stage)
    await callers[LEAVES].hang_up()
    stage.tell(f"{LEAVES} hangs up: seat {seats[LEAVES].name} is free, and no service to see it")
    reaching = asyncio.create_task(_fallback(stage, killed_at))
    try:
        await stage.converse(
            "dead: the talking call goes on, both sides are heard",
            callers[TALKS],
            seats[TALKS],
            DURING,
        )
        seats[WAITS] = await reaching
    finally:
        reaching.cancel()
        await asyncio.gather(reaching, return_exceptions=True)
    await stage.converse(
        "dead: the waiting caller and the seat hear each other",
        callers[WAITS],
        seats[WAITS],
        FALLBACK,
    )
    await _check_dead(stage)

    await _restart(stage)
    for number in (TALKS, WAITS):
        await _adopted(stage, number, ids[number], seats[number])
    await _heard_again(stage, ids[TALKS], callers[TALKS], seats[TALKS])
    await asyncio.gather(callers[TALKS].hang_up(), callers[WAITS].hang_up())
    await asyncio.gather(*(seats[number].wait_closed(5.0) for number in (TALKS, WAITS)))
    calls = [await stage.closed(ids[number]) for number in (TALKS, LEAVES, WAITS)]
    for number, call in zip((TALKS, LEAVES, WAITS), calls, strict=True):
        _check_length(stage, callers[number], call["recordings"][0]["duration_ms"])
    screen.several(stage.console, calls)


async def _kill(stage: Stage) -> float:
    pid = LabFile.load(stage.lab.file).pids.service
    os.kill(pid, signal.SIGKILL)
    killed_at = time.monotonic()
    stage.tell(f"kill -9 {pid}")
    await _check_dead(stage)
    return killed_at


async def _check_dead(stage: Stage) -> None:
    try:
        await stage.api.calls()
    except ApiFault:
        stage.check("the service is dead: its API does not answer", True)
    else:
        stage.check("the service is dead: its API does not answer", False)


async def _fallback(stage: Stage, killed_at: float) -> Phone:
    within_s = STALE_AFTER_S + FALLBACK_WITHIN_S
    seat = await stage.reaches_seat(WAITS, within_s, " through Asterisk alone")
    took_s = time.monotonic() - killed_at
    stage.check(
        f"no later than {within_s:g} s after the kill", took_s <= within_s, f"{took_s:.1f} s"
    )
    return seat


async def _restart(stage: Stage) -> None:
    stage.tell("starting the service again")
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *shlex.split(stage.lab.restart),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(RESTART_WITHIN_S):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise SceneBroken(f"the service was not back after {RESTART_WITHIN_S:g} s") from None
    seen = f"{time.monotonic() - began:.1f} s"
    if process.returncode != 0:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        seen += f": {lines[-1].strip()}" if lines else ""
    if not stage.check("the service runs again", process.returncode == 0, seen):
        raise SceneBroken("the service does not run")


async def _adopted(stage: Stage, number: str, call_id: str, seat: Phone) -> None:
    async def adopted() -> bool:
        call = await stage.api.call(call_id)
        return bool(call["state"] == "talking" and call["adopted"] and call["seat"] == seat.name)

    await stage.until(
        f"the service has adopted {number} as the same call, talking to seat {seat.name}",
        adopted,
        8.0,
    )


async def _heard_again(stage: Stage, call_id: str, caller: Phone, seat: Phone) -> None:
    known = {segment["id"] for segment in await stage.api.transcript(call_id)}
    await stage.converse("after: both sides are heard", caller, seat, AFTER)

    async def written() -> bool:
        fresh = [one for one in await stage.api.transcript(call_id) if one["id"] not in known]
        return {one["role"] for one in fresh} >= {"caller", "operator"}

    if (await stage.api.call(call_id))["speech"]["available"]:
        await stage.until("what they say is written down again", written, 8.0)


def _check_length(stage: Stage, caller: Phone, recorded_ms: int) -> None:
    call = caller.calls[-1]
    lasted_ms = round(((call.closed_at or 0.0) - call.started_at) * 1000)
    stage.check(
        f"the recording of {caller.name} covers the whole call, outage and all",
        abs(lasted_ms - recorded_ms) < RECORDING_APART_MS,
        f"{recorded_ms / 1000:.1f} s of {lasted_ms / 1000:.1f} s",
    )
