"""The life of a service: it starts, serves until it is told to end, and adopts the calls it finds.

Starting never waits for what calls can do without: a locked database, a missing model or a
console that was not built is said, and calls flow meanwhile. Only wrong settings and a refused
AMI password end it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Self

import structlog
from aiohttp import web

from callcenter.api.app import runner as app_runner
from callcenter.asterisk import events as ami
from callcenter.asterisk.errors import AmiError
from callcenter.asterisk.shared_folders import share_with_asterisk
from callcenter.calls.fallback import COMPARE_EVERY_S
from callcenter.precincts.city import City, load_city
from callcenter.rosters.by_phone import SCRIPT as DUTY_SCRIPT
from callcenter.rosters.by_phone import DutyLine
from callcenter.service.parts import Parts
from callcenter.service.web import application
from callcenter.settings import Secrets, Settings
from callcenter.store.database import Database
from callcenter.store.errors import DatabaseUnusable, StoreError, StoreUnavailable
from callcenter.store.journal_pages import JournalPages
from callcenter.store.people import seed
from callcenter.store.seat_wishes import seats_set_not_ready
from ivr.errors import IvrError
from ivr.fastagi import AgiChannel, FastAgiServer
from ivr.flow import intake
from ivr.prompts import PromptSet, render_prompts

log = structlog.get_logger(__name__)

TICK_AT_MOST_S = 0.25
"""The clock of calls looks at deadlines at least so often."""
STUCK_S = 2.0
"""A clock that has not ticked for so long means that calls are not conducted."""
STOP_WITHIN_S = 5.0
STORE_RETRY_S = 2.0
SEED_WITHIN_S = 5.0
RECALL_WITHIN_S = 2.0
RECALL_AGAIN_WITHIN_S = 30.0
TAP_AGAIN_S = 1.0
RECONCILE_S = 2.0
"""How often to look again while Asterisk distributes calls by itself."""
ASTERISK_RESTARTED = (
    "Asterisk was started again; the calls of before are lost. Call back whoever is on the list."
)


class Service:
    """One service on one Asterisk. `run` ends when cancelled or when AMI refuses the password."""

    @classmethod
    async def prepare(cls, settings: Settings, secrets: Secrets) -> Self:
        """A service with its city read, from the database if it can be had.

        Raises:
            PrecinctError: a boundary, gazetteer or roster file is wrong.
            DatabaseUnusable: the database is not ours, or a newer version's.
        """
        place = settings.precincts
        read = partial(
            load_city,
            boundaries=place.boundaries,
            id_property=place.id_property,
            gazetteer=place.gazetteer,
        )
        database = Database(settings.database)
        try:
            city = await read(database)
        except StoreUnavailable as error:
            log.error("store.unavailable", why=str(error))
            city = await read(None)
        finally:
            await database.close()
        return cls(settings, secrets, city)

    def __init__(self, settings: Settings, secrets: Secrets, city: City) -> None:
        self._ticked_at = time.monotonic()
        self._seeded = asyncio.Event()
        self._floor_open = False
        self._set_not_ready: dict[str, str] = {}
        self._parts = Parts(
            settings, secrets, city, on_message=self._on_message, conducting=self._conducting
        )

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            BadCredentials: Asterisk refused the AMI password.
            DatabaseUnusable: the database is not ours, or a newer version's.
        """
        parts = self._parts
        await parts.journal.start()
        parts.journal.note(None, "service.started", {})
        share_with_asterisk(parts.settings.asterisk.recordings, parts.briefs.folder)
        try:
            # What was known of open calls is best had before they are adopted; but not at
            # the price of callers who wait.
            await asyncio.gather(self._recall(RECALL_WITHIN_S), parts.tuner.load(RECALL_WITHIN_S))
            async with self._agi(), asyncio.TaskGroup() as tasks:
                tasks.create_task(parts.link.run(), name="ami-link")
                if parts.snoops is not None:
                    tasks.create_task(parts.snoops.run(), name="snoops")
                tasks.create_task(self._tick(), name="clock")
                tasks.create_task(parts.heartbeat.run(), name="heartbeat")
                tasks.create_task(parts.filing.run(), name="filing")
                tasks.create_task(self._seed_people(), name="seed-people")
                tasks.create_task(self._serve_http(), name="http")
                tasks.create_task(self._listen(), name="speech")
                tasks.create_task(parts.late.run(), name="late-transcription")
                tasks.create_task(self._speak_prompts(), name="speak-prompts")
                tasks.create_task(self._reconcile(), name="reconcile")
                tasks.create_task(self._recall_later(), name="recall")
                tasks.create_task(parts.tuner.run(), name="tuning")
                tasks.create_task(parts.tasks.run(), name="tasks")
                tasks.create_task(parts.responses.run(), name="responses")
                tasks.create_task(parts.rosters.run(), name="rosters")
                tasks.create_task(parts.live_gazetteer.run(), name="live-gazetteer")
                tasks.create_task(parts.boundaries.run(), name="live-boundaries")
                tasks.create_task(self._compare_fallback(), name="compare-fallback")
        finally:
            await self._stop()

    async def _stop(self) -> None:
        parts = self._parts
        await parts.errands.stop()
        await parts.danger_watch.stop()
        await parts.write_up.stop()
        await parts.late.stop()
        await parts.keeper.stop(STOP_WITHIN_S)
        await parts.filing.finish(STOP_WITHIN_S)
        parts.journal.note(None, "service.stopped", {})
        await parts.journal.stop()
        await parts.db.close()

    async def _recall(self, within_s: float) -> bool:
        """Read what an earlier run knew of calls that were open; False when it cannot be had."""
        parts = self._parts
        try:
            async with asyncio.timeout(within_s):
                await parts.db.open()
                self._set_not_ready = await seats_set_not_ready(JournalPages(parts.db))
                await parts.adoption.recall(parts.calls, parts.transcripts, parts.incidents)
        except DatabaseUnusable:
            raise  # waiting does not mend it, and Asterisk alone serves callers meanwhile
        except (StoreError, TimeoutError) as error:
            log.error("store.unavailable", why=str(error))
            return False
        return True

    async def _recall_later(self) -> None:
        while not self._parts.adoption.recalled:
            await asyncio.sleep(STORE_RETRY_S)
            await self._recall(RECALL_AGAIN_WITHIN_S)

    async def _seed_people(self) -> None:
        parts = self._parts
        while not self._seeded.is_set():
            try:
                await seed(parts.people, parts.settings, parts.secrets)
                self._seeded.set()
            except StoreError as error:
                log.warning("people.unseeded", why=str(error))
                await asyncio.sleep(STORE_RETRY_S)

    async def _speak_prompts(self) -> None:
        try:
            await render_prompts(self._parts.settings.asterisk.sounds, self._parts.languages)
        except (IvrError, OSError) as error:
            log.error("prompts.missing", why=str(error))

    async def _listen(self) -> None:
        """Keep recognisers, and have taps on all who should have one."""
        parts = self._parts
        await parts.pool.start()
        try:
            while True:
                parts.listener.retry()
                await asyncio.sleep(TAP_AGAIN_S)
        finally:
            await parts.pool.stop()

    @contextlib.asynccontextmanager
    async def _agi(self) -> AsyncIterator[None]:
        parts = self._parts
        prompts = PromptSet(parts.settings.asterisk.sounds)
        duty = DutyLine(parts.rosters.desk, prompts, parts.settings.lines[0].languages[0])

        async def handle(channel: AgiChannel) -> None:
            if channel.request.script == DUTY_SCRIPT:
                await duty.handle(channel)
                return
            query = channel.request.query
            line = next((x for x in parts.settings.lines if x.number == query.get("line")), None)
            languages = line.languages if line else ("en",)
            language = await intake(channel, languages, prompts)
            parts.conductor.waiting.intake_done(query.get("call_id", ""), language)

        server = FastAgiServer(parts.settings.fastagi.host, parts.settings.fastagi.port, handle)
        await server.start()
        try:
            yield
        finally:
            await server.stop()

    async def _serve_http(self) -> None:
        with contextlib.suppress(TimeoutError):
            # Whoever reaches the console can sign in, unless the database keeps us waiting.
            async with asyncio.timeout(SEED_WITHIN_S):
                await self._seeded.wait()
        api = self._parts.settings.api
        runner = app_runner(application(self._parts))
        await runner.setup()
        try:
            await web.TCPSite(runner, api.host, api.port).start()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _tick(self) -> None:
        parts = self._parts
        while True:
            try:
                parts.conductor.tick()
                parts.tripwire.tick()
                parts.responsibility.tick()
                parts.moving_place.tick()
                parts.line_addresses.tick()
                self._ticked_at = time.monotonic()
            except Exception:
                # The heartbeat stops for want of ticks, and Asterisk goes on alone.
                log.exception("clock.failed")
            due = parts.conductor.next_wakeup()
            left_s = TICK_AT_MOST_S if due is None else due - time.monotonic()
            await asyncio.sleep(min(max(left_s, 0.01), TICK_AT_MOST_S))

    def _conducting(self) -> bool:
        return time.monotonic() - self._ticked_at < STUCK_S

    async def _reconcile(self) -> None:
        """Look at Asterisk while it distributes by itself, or an action's outcome is unknown."""
        parts = self._parts
        while True:
            await asyncio.sleep(RECONCILE_S)
            wanted = parts.adoption.wanted() or parts.distribution.in_doubt
            if not (parts.link.connected and wanted):
                continue
            try:
                snapshot = await parts.link.snapshot()
                parts.distribution.in_doubt = False
                parts.adoption.reconcile(snapshot)
                parts.tasks.reconcile(snapshot)
            except AmiError as error:
                log.warning("asterisk.unseen", why=str(error))
            except Exception:
                log.exception("asterisk.not_reconciled")

    def _on_message(self, message: ami.Message) -> None:
        parts = self._parts
        match message:
            case ami.Connected():
                parts.heartbeat.wake()
                parts.tell_line_ends()
                parts.errands.run("floor", "open the floor", self._open_floor)
                parts.adoption.reconcile(message.snapshot, restarted=message.restarted)
                if message.restarted:
                    parts.notices.tell("asterisk.restarted", "", ASTERISK_RESTARTED)
                parts.tasks.reconcile(message.snapshot)
                parts.keeper.keep_left_over()
            case ami.Disconnected():
                log.warning("ami.disconnected", why=message.why)
                parts.adoption.lost()
                parts.notices.tell("ami.lost", "", "Asterisk does not answer; calls go on.")
            case _:
                parts.conductor.handle(message)

    async def _open_floor(self) -> None:
        """Take over who was on duty before a restart.

        Asterisk's own queue remembers, if it was not restarted too; the journal remembers what
        people set.
        """
        fallback = self._parts.distribution.fallback
        if not self._floor_open:
            resting: dict[str, str] = {}
            try:
                resting = await fallback.recall()
            except AmiError as error:
                log.warning("floor.unknown", why=str(error))
            self._parts.distribution.open_floor(resting | self._set_not_ready)
            self._floor_open = True
        fallback.open()

    async def _compare_fallback(self) -> None:
        while True:
            await asyncio.sleep(COMPARE_EVERY_S)
            if self._floor_open and self._parts.link.connected:
                self._parts.distribution.fallback.compare()
