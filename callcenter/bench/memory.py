"""What the service process holds with a thousand calls up, and whether it grows over many calls.

The service is the real one, on a database of its own; Asterisk is `callcenter.bench.fake_asterisk`,
because two cores cannot carry the audio of a thousand calls. The load is a closed loop: whenever a
call ends another one comes, so there are always as many up, however slow the service is.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from callcenter.bench.errors import BenchFailed
from callcenter.bench.fake_asterisk import FakeAsterisk
from callcenter.bench.hotline import PORT_SHIFT, Say, new_folder
from callcenter.bench.machine import resident_mib
from callcenter.bench.report import Figure, Measured
from callcenter.lab.layout import MOST_SEATS, LabFolders, LabOptions, free_ports, settings_text
from callcenter.lab.processes import end_status, spawn, stop
from callcenter.settings import Secrets, Settings

RSS_AT_MOST_MIB = 300.0
GROWTH_AT_MOST_PERCENT = 5.0
CALLS_UP = 1000
SEATS = MOST_SEATS
TALK_S = 4.0
"""Some fifty calls a second then, of which four fifths wait at any moment."""
READY_WITHIN_S = 60.0
STALLED_S = 60.0
"""No call has ended for so long: the service does not distribute any more."""
SERVICE_STOP_S = 20.0
SETTLED = 0.2
"""Growth counts from this part of the calls on: caches are full by then."""
SAY_EVERY = 5000
AT_A_TIME = 25
"""So many callers dial at the same moment while the floor fills."""
_LOOK_S = 1.0
_STEP_S = 0.02


@dataclass(frozen=True, slots=True)
class Size:
    """How many calls."""

    calls: int


FULL = Size(50_000)
QUICK = Size(3_000)


async def measure(*, quick: bool, say: Say) -> Measured:
    """Feed calls and watch the process."""
    size = QUICK if quick else FULL
    folder = new_folder("memory")
    try:
        measured = await _measure(folder, size, say)
    except BaseException:
        say(f"what was logged is in {folder}")
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return measured


async def _measure(folder: Path, size: Size, say: Say) -> Measured:
    settings, seats = _settings(folder)
    wanted = asyncio.Event()
    async with FakeAsterisk(settings.ami.port, seats, TALK_S, wanted.set) as asterisk:
        log = LabFolders(folder).service_log
        file = str(LabFolders(folder).settings)
        service = spawn([sys.executable, "-m", "callcenter", "serve", "--settings", file], log)
        try:
            await _until_ready(asterisk, log)
            await asyncio.sleep(2.0)  # it looks at every phone first
            empty_mib = resident_mib(service.pid)
            watch = await _feed(asterisk, size, service.pid, say)
            if end_status(service) is not None:
                raise BenchFailed(f"the service ended; see {log}")
        finally:
            await asyncio.to_thread(stop, service, within_s=SERVICE_STOP_S, group=True)
    settled, last = watch.at_part(SETTLED), watch.at_part(1.0)
    growth = 100 * (last - settled) / settled
    return Measured(
        figures=(
            Figure("service with 1,000 calls up, most", watch.most, "MiB", at_most=RSS_AT_MOST_MIB),
            Figure(
                f"growth from call {round(size.calls * SETTLED):,} to {size.calls:,}",
                growth,
                "%",
                at_most=GROWTH_AT_MOST_PERCENT,
            ),
            Figure("service without calls", empty_mib, "MiB"),
            Figure("calls a second that the service kept up with", watch.per_s, ""),
        ),
        peer="Asterisk's manager played by a stand-in with the real one's events",
        details={
            "calls": size.calls,
            "calls_up": CALLS_UP,
            "seats": SEATS,
            "recordings": "none: there is no audio",
            "rss_mib": [[calls, round(mib, 1)] for calls, mib in watch.thinned(50)],
        },
    )


class Watch:
    """Memory of a process beside the number of calls that have ended."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, float]] = []
        self._began = time.monotonic()
        self.took_s = 0.0

    def note(self, ended: int, mib: float) -> None:
        """Keep one look."""
        self.seen.append((ended, mib))
        self.took_s = time.monotonic() - self._began

    @property
    def most(self) -> float:
        """The most that was seen."""
        return max(mib for _, mib in self.seen)

    @property
    def per_s(self) -> float:
        """Calls a second."""
        return self.seen[-1][0] / self.took_s

    def at_part(self, part: float) -> float:
        """Memory after that part of all calls."""
        wanted = self.seen[-1][0] * part
        return next(mib for ended, mib in self.seen if ended >= wanted)

    def thinned(self, most: int) -> list[tuple[int, float]]:
        """At most so many looks, evenly."""
        step = max(1, -(-len(self.seen) // most))
        return self.seen[::step]


async def _feed(asterisk: FakeAsterisk, size: Size, pid: int, say: Say) -> Watch:
    """Keep so many calls up until enough have ended."""
    watch = Watch()
    looked_at = moved_at = time.monotonic()
    moved = told = 0
    while asterisk.ended < size.calls:
        for _ in range(min(CALLS_UP - len(asterisk.up), AT_A_TIME)):
            asterisk.arrive()
        now = time.monotonic()
        if now - looked_at > _LOOK_S:
            looked_at = now
            watch.note(asterisk.ended, resident_mib(pid))
        if asterisk.ended > moved:
            moved_at, moved = now, asterisk.ended
        elif now - moved_at > STALLED_S:
            raise BenchFailed(f"no call has ended for {STALLED_S:g} s after {asterisk.ended} calls")
        if asterisk.ended // SAY_EVERY > told and watch.seen:
            told = asterisk.ended // SAY_EVERY
            say(f"{asterisk.ended} calls, {watch.seen[-1][1]:.0f} MiB")
        await asyncio.sleep(_STEP_S)
    watch.note(asterisk.ended, resident_mib(pid))
    return watch


async def _until_ready(asterisk: FakeAsterisk, log: Path) -> None:
    try:
        await asyncio.wait_for(asterisk.ready.wait(), READY_WITHIN_S)
    except TimeoutError:
        raise BenchFailed(
            f"the service did not log in within {READY_WITHIN_S:g} s; see {log}"
        ) from None


def _settings(folder: Path) -> tuple[Settings, list[str]]:
    """An ordinary lab's settings with as many seats as a lab has."""
    file = LabFolders(folder).settings
    options = LabOptions(folder, SEATS, 0, "none")
    ports = free_ports(os.cpu_count() or 1, PORT_SHIFT)
    file.write_text(settings_text(options, ports), "utf-8")
    settings = Settings.load(file)
    Secrets.load_or_generate(settings)
    return settings, [seat.id for seat in settings.seats]
