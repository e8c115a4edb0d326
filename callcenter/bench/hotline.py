"""A hotline for one benchmark: a lab of its own, its seats' phones, and the peer beside it.

The peer is Asterisk's own ``app_queue`` on the same Asterisk with the same phones, tuned: it looks
for a free member every second (``retry=1``, its least) and hands callers out in parallel. It is
written into the lab's rendered configuration only; the product's has none.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from callcenter.bench.errors import BenchFailed
from callcenter.bench.phones import Planner, SeatPhones
from callcenter.lab import lab as labs
from callcenter.lab.errors import LabError
from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile
from callcenter.lab.layout import PROJECT, LabFolders, LabOptions
from callcenter.lab.processes import ProcessId, identify, stop
from callcenter.settings import Settings, SettingsError

Say = Callable[[str], None]

FOLDER = PROJECT / "var" / "bench"
PORT_SHIFT = 20_000
"""Ports of its own, apart from those of a lab, a demo or tests on the same machine."""
LINE = "110"
PEER_LINE = "990"
PEER = "bench-peer"
READY_WITHIN_S = 30.0
QUIET_WITHIN_S = 60.0
PEOPLE_WITHIN_S = 120.0
SERVICE_STOP_S = 10.0
_POLL_S = 0.1

_PEER_DIALPLAN = f"""
; Written by the benchmark: Asterisk's own queue, to compare with.
[line-in](+)
exten => {PEER_LINE},1,Queue({PEER},c)
 same => n,Hangup()
"""
_PEER_QUEUE = f"""
; Written by the benchmark: Asterisk's own queue, to compare with.
[{PEER}]
strategy = rrmemory
timeout = 15
retry = 1
wrapuptime = 0
ringinuse = no
autopause = no
joinempty = yes
leavewhenempty = no
announce-frequency = 0
announce-position = no
musicclass = comfort
"""


class BenchHotline:
    """A running lab with registered phones."""

    def __init__(self, folder: Path, lab: LabFile, settings: Settings, api: HotlineApi) -> None:
        self.folder = folder
        self.lab = lab
        self.settings = settings
        self.api = api
        self.seats = frozenset(seat.id for seat in lab.seats)

    @property
    def sip_port(self) -> int:
        """Asterisk's."""
        return self.lab.sip.port

    @property
    def host(self) -> str:
        """Asterisk's."""
        return self.lab.sip.host

    @property
    def service(self) -> ProcessId:
        """The service as it runs now (another one after a restart)."""
        pid = LabFile.load(LabFolders(self.folder).description).pids.service
        process = identify(pid)
        if process is None:
            raise BenchFailed("the service does not run")
        return process

    @property
    def asterisk(self) -> ProcessId:
        """Asterisk's process."""
        process = identify(self.lab.pids.asterisk)
        if process is None:
            raise BenchFailed("Asterisk does not run; see asterisk/log in the lab's folder")
        return process

    async def people_are_known(self) -> None:
        """Wait until everybody may sign in: a first start hashes passwords for some seconds."""
        last = (self.lab.officers or self.lab.seats)[-1]
        body = {"name": last.id, "password": last.password}
        async with asyncio.timeout(PEOPLE_WITHIN_S), aiohttp.ClientSession() as session:
            while True:
                async with session.post(f"{self.lab.api.url}/api/v1/sign-in", json=body) as answer:
                    if answer.status < 400:
                        return
                await asyncio.sleep(1)

    async def cli(self, command: str) -> str:
        """What Asterisk answers to a CLI command."""
        program = LabFolders(self.folder).asterisk_cli

        def ask() -> str:
            return subprocess.run(  # noqa: S603  # the lab's own program
                [str(program), command], capture_output=True, text=True, timeout=30, check=False
            ).stdout

        return await asyncio.to_thread(ask)

    async def channels(self) -> int:
        """How many channels there are."""
        rows = (await self.cli("core show channels concise")).splitlines()
        return sum(row.count("!") > 10 for row in rows)

    async def bridges(self) -> int:
        """How many conferences there are."""
        rows = (await self.cli("confbridge list")).splitlines()
        return sum(row[:1].isdigit() for row in rows)

    async def waiting(self) -> int:
        """How many callers wait by the service's book."""
        return sum(len(queue["waiting"]) for queue in await self.api.queues())

    async def tune(self, values: Mapping[str, Any]) -> None:
        """Change these values of the first queue, as an administrator does."""
        known = await self.api.tuning()
        document = known["document"]
        document["queues"][0].update(values)
        await self.api.tune(document, "benchmark", known["version"])

    async def silence_is_no_fault(self) -> None:
        """Phones here send sound only while it matters, and are not to count as vanished."""
        file = LabFolders(self.folder).asterisk / "config" / "pjsip.conf"
        text = await asyncio.to_thread(file.read_text, "utf-8")
        patient = re.sub(r"(?m)^rtp_timeout = \d+$", "rtp_timeout = 3600", text)
        await asyncio.to_thread(file.write_text, patient, "utf-8")
        await self.cli("module reload res_pjsip.so")

    async def seats_are(self, state: str) -> None:
        """Wait until the service sees every seat so."""

        async def all_are() -> bool:
            return all(seat["state"] == state for seat in await self.api.seats())

        await self.until(all_are, f"every seat {state}", READY_WITHIN_S)

    async def is_quiet(self) -> None:
        """Wait until no channel is left."""

        async def nobody() -> bool:
            return not await self.channels()

        await self.until(nobody, "no channel left in Asterisk", QUIET_WITHIN_S)

    async def until(
        self, holds: Callable[[], Awaitable[bool]], what: str, within_s: float
    ) -> float:
        """Wait for something; the seconds that it took.

        Raises:
            BenchFailed: it did not come.
        """
        began = time.monotonic()
        while True:
            try:
                if await holds():
                    return time.monotonic() - began
            except ApiFault:
                pass  # nobody answers yet
            if time.monotonic() - began > within_s:
                raise BenchFailed(f"not within {within_s:g} s: {what}")
            await asyncio.sleep(_POLL_S)

    async def add_peer(self) -> None:
        """Let Asterisk's own queue take calls of `PEER_LINE` with the same phones."""
        config = LabFolders(self.folder).asterisk / "config"
        members = "".join(f"member => PJSIP/{seat}\n" for seat in sorted(self.seats))
        _append(config / "extensions.conf", _PEER_DIALPLAN)
        _append(config / "queues.conf", _PEER_QUEUE + members)
        await self.cli("dialplan reload")
        await self.cli("queue reload all")
        shown = await self.cli(f"queue show {PEER}")
        if "PJSIP/" not in shown:
            raise BenchFailed(f"Asterisk did not take the peer's queue: {shown.strip()[:200]}")

    async def stop_service(self) -> None:
        """End the service and everything it started."""
        await asyncio.to_thread(stop, self.service, within_s=SERVICE_STOP_S, group=True)

    async def restart_service(self) -> None:
        """Start it again; returns when it takes calls."""
        await asyncio.to_thread(labs.restart_service, self.folder, lambda _: None)


def new_folder(name: str) -> Path:
    """A folder for one run."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=FOLDER))
    folder.chmod(0o755)  # Asterisk's user reads it too
    return folder


@asynccontextmanager
async def hotline(
    name: str, *, seats: int, plan: Planner, say: Say, officers: int = 0
) -> AsyncIterator[tuple[BenchHotline, SeatPhones]]:
    """A lab with this many seats, all ready; taken down and removed afterwards.

    Where something went wrong its folder stays, for whoever looks for the reason.
    """
    folder = new_folder(name)
    options = LabOptions(folder, seats, officers, "none", PORT_SHIFT + os.getpid() % 50 * 20)
    try:
        await asyncio.to_thread(labs.up, options, lambda _: None)
    except (LabError, SettingsError) as error:
        raise BenchFailed(str(error)) from error
    try:
        file = LabFile.load(LabFolders(folder).description)
        settings = Settings.load(LabFolders(folder).settings)
        passwords = {seat.user: seat.password for seat in file.seats}
        async with (
            HotlineApi(file.api.url, file.api.token) as api,
            SeatPhones(passwords, file.sip.host, file.sip.port, plan) as phones,
        ):
            running = BenchHotline(folder, file, settings, api)
            await running.seats_are("ready")
            say(f"{seats} seats are ready")
            yield running, phones
            await running.is_quiet()
    except BaseException:
        await asyncio.to_thread(labs.down, folder)
        say(f"what was logged is in {folder}")
        raise
    await asyncio.to_thread(labs.down, folder)
    shutil.rmtree(folder, ignore_errors=True)


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(text)
