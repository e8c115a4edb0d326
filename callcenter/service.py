"""The service: the only place that wires the rooms together.

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
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from acd import events as acd_events
from acd.engine import Engine
from asr.events import SpeechEvent
from asr.pool import PoolConfig, SpeechPool
from callcenter.api.app import build_app
from callcenter.api.app import runner as app_runner
from callcenter.api.boundaries import BoundaryOperations
from callcenter.api.incidents import IncidentOperations
from callcenter.api.recognition import RecognitionOperations
from callcenter.api.responses import ResponseOperations
from callcenter.api.rosters import RosterOperations
from callcenter.api.staffing import StaffingOperations
from callcenter.api.tuning import TuningOperations
from callcenter.asterisk import events as ami
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError
from callcenter.asterisk.leg_taps import LegTaps
from callcenter.asterisk.shared_folders import share_with_asterisk
from callcenter.asterisk.snoops import Snoops
from callcenter.calls.adoption import Adoption
from callcenter.calls.aside import Aside
from callcenter.calls.brief_webhook import BriefWebhook
from callcenter.calls.briefs import Briefs
from callcenter.calls.call import Call
from callcenter.calls.call_in import CallIns
from callcenter.calls.conduct import Conductor
from callcenter.calls.danger_watch import DangerWatch
from callcenter.calls.distribution import Distribution
from callcenter.calls.ends import Ends
from callcenter.calls.errands import Errands
from callcenter.calls.fallback import COMPARE_EVERY_S
from callcenter.calls.filing import Filing
from callcenter.calls.keep import Keeper
from callcenter.calls.line_addresses import LineAddresses
from callcenter.calls.line_ends import tell_line_ends
from callcenter.calls.listen import Listener
from callcenter.calls.moving_place import MovingPlace
from callcenter.calls.notices import Notices
from callcenter.calls.officer_phones import OfficerPhones
from callcenter.calls.officers import OfficerHunts
from callcenter.calls.parties import Parties
from callcenter.calls.priorities import Priorities
from callcenter.calls.register import CallRegister
from callcenter.calls.responsibility import Responsibility
from callcenter.calls.tripwire import TripwireWatch
from callcenter.calls.vanished import VanishWatch
from callcenter.calls.write_up import WriteUp
from callcenter.figures.reading import FiguresDesk
from callcenter.figures.staffing import StaffingDesk
from callcenter.floor import RunningFloor
from callcenter.heartbeat import Heartbeat
from callcenter.incidents.duplicates import Limits
from callcenter.incidents.extract import Extractor
from callcenter.incidents.own_words import OwnWords
from callcenter.live.bus import Bus
from callcenter.precincts.city import City, load_city
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.live_gazetteer import LiveGazetteer
from callcenter.precincts.live_territories import LiveTerritories
from callcenter.precincts.places import PlaceFinder
from callcenter.precincts.roster import Roster
from callcenter.precincts.territories import Territories
from callcenter.recognition.late import LateDesk
from callcenter.recognition.put_in import PutIn
from callcenter.records.desk import IncidentDesk
from callcenter.records.filed_edits import FiledEdits
from callcenter.records.history import FieldHistory
from callcenter.records.offers import Offers
from callcenter.records.recontacts import Recontacts
from callcenter.responses.office import ResponseOffice
from callcenter.rosters.by_phone import SCRIPT as DUTY_SCRIPT
from callcenter.rosters.by_phone import DutyLine
from callcenter.rosters.office import RosterOffice
from callcenter.settings import Secrets, Settings, SettingsError
from callcenter.store.boundaries import BoundaryVersions
from callcenter.store.calls import Calls
from callcenter.store.database import Database
from callcenter.store.errors import DatabaseUnusable, StoreError, StoreUnavailable
from callcenter.store.filed import FiledCalls
from callcenter.store.incident_pages import IncidentPages
from callcenter.store.incidents import Incidents
from callcenter.store.joins import IncidentJoins
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages
from callcenter.store.late_work import LateWork
from callcenter.store.line_addresses import LineAddressBook
from callcenter.store.people import People, seed
from callcenter.store.recordings import RecordingsTable
from callcenter.store.responses import Responses
from callcenter.store.seat_wishes import seats_set_not_ready
from callcenter.store.transcripts import Transcripts
from callcenter.store.tuning import TuningVersions
from callcenter.tasks.office import TaskOffice
from callcenter.tuning.apply import own_words
from callcenter.tuning.apply import responsibility as tuned_responsibility
from callcenter.tuning.apply import roster as tuned_roster
from callcenter.tuning.errors import BadDocument
from callcenter.tuning.known import choices, known_of
from callcenter.tuning.past_matters import PastMatters
from callcenter.tuning.past_words import PastWords
from callcenter.tuning.preview import Preview
from callcenter.tuning.tuner import Tuned, Tuner
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
HISTORY_WAIT_S = 0.3
"""So long an answer waits for the journal; history that it lacks then shows the next time."""
RECALL_WITHIN_S = 2.0
RECALL_AGAIN_WITHIN_S = 30.0
TAP_AGAIN_S = 1.0
RECONCILE_S = 2.0
"""How often to look again while Asterisk distributes calls by itself."""
ASTERISK_RESTARTED = (
    "Asterisk was started again; the calls of before are lost. Call back whoever is on the list."
)
CONSOLE = Path(__file__).parent / "console" / "dist"


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
        self.settings = settings
        self.secrets = secrets
        self._ticked_at = time.monotonic()
        self._seeded = asyncio.Event()
        self._floor_open = False
        self._set_not_ready: dict[str, str] = {}
        self._db = Database(settings.database)
        self._journal = Journal(self._db)
        self._bus = Bus()
        self._errands = Errands()
        self._people = People(self._db)
        self._calls = Calls(self._db)
        self._transcripts = Transcripts(self._db)
        self._incidents = Incidents(self._db)
        self._recordings = RecordingsTable(self._db)
        self._boundaries = LiveTerritories(
            city.territories,
            self._db,
            settings.database,
            file=settings.precincts.boundaries,
            id_property=settings.precincts.id_property,
            note=lambda call_id, kind, payload: self._journal.note(call_id, kind, payload),
        )
        self._file_roster = Roster.load(
            settings.precincts.roster,
            settings.officers,
            neighbours=self._boundaries.neighbours,
            # Boundaries that were imported, perhaps for this very night, must not keep a service
            # from starting: officers of areas that are gone are told of, and others are rung.
            precincts=None if city.territories.imported else self._boundaries.known(),
        )
        self._places = city.finder()
        self._gazetteer_version = city.version
        self._link = AmiLink(
            settings.ami,
            secrets.ami_reader,
            secrets.ami_actor,
            self._on_message,
            devices=[f"PJSIP/{phone}" for phone in settings.seat_phones],
        )
        self._snoops = Snoops(settings.ari, secrets.ari) if settings.sip.wideband else None
        self._heartbeat = Heartbeat(self._link, self._conducting)
        self._pool = SpeechPool(_pool(settings), self._on_speech)
        self._files = FiledCalls(self._db)
        self._filing = Filing(
            self._files,
            self._typed,
            self._speech_state,
            lambda call: self._adoption.may_file(call),
        )
        self._register = CallRegister(
            self._bus, self._filing.mark, self._speech_state, self._journal.note
        )
        self._words: tuple[OwnWords, ...] = ()
        self._write_up = WriteUp(
            {language: Extractor(language, self._places) for language in _languages(settings)},
            self._register,
            self._bus,
            self._journal.note,
        )
        messages = BriefWebhook(
            settings.brief_messages, secrets.brief_messages, self._errands, self._journal.note
        )
        self._briefs = Briefs(settings, self._errands, self._language_of, messages.send)
        self._keeper = Keeper(
            settings.asterisk.recordings,
            settings.recordings.directory,
            self._recordings,
            self._register,
            self._journal.note,
        )
        self._wire()

    def _wire(self) -> None:
        self._ends = Ends(self.settings.asterisk.recordings)
        notices = Notices(self._bus, self._journal.note)
        self._notices = notices
        self._rosters = RosterOffice(
            self._db,
            self.settings,
            self._boundaries,
            notices,
            self._journal.note,
            known=self._boundaries.known,
        )
        self._rosters.desk.set_standing(self._standing(None))
        try:
            self._tuner = Tuner(
                self.settings,
                TuningVersions(self._db),
                lambda: known_of(
                    self.settings, self._boundaries.known(), self._boundaries.now.known_kinds
                ),
                retune=self._retune,
                note=self._journal.note,
                make_roster=partial(tuned_roster, neighbours=self._boundaries.neighbours),
            )
        except BadDocument as error:
            raise SettingsError(f"settings: {error}") from error
        tuned = self._tuner.tuned
        floor = tuned.floor
        self._priorities = Priorities(tuned.rules, self._typed)
        distribution = Distribution(
            engine=Engine(
                floor,
                now=time.monotonic(),
                first_offer_number=time.time_ns() // 1_000_000,
            ),
            floor=floor,
            settings=self.settings,
            link=self._link,
            register=self._register,
            errands=self._errands,
            bus=self._bus,
            notices=notices,
            note=self._journal.note,
        )
        self._distribution = distribution
        self._conductor = Conductor(
            settings=self.settings,
            register=self._register,
            distribution=distribution,
            priorities=self._priorities,
            vanished=VanishWatch(
                link=self._link,
                register=self._register,
                errands=self._errands,
                notices=notices,
                note=self._journal.note,
            ),
            notices=notices,
            note=self._journal.note,
            on_closed=self._on_closed,
        )
        work = LateWork(self._db)
        self._late = LateDesk(
            self._pool,
            self._register,
            work,
            self._calls,
            self._recordings,
            PutIn(
                self._register,
                self._bus,
                self._write_up,
                work,
                self._calls,
                self._files,
                self._transcripts,
            ),
            self._journal.note,
        )
        self._listener = Listener(
            self._pool,
            LegTaps(self._link, self._snoops),
            self._register,
            self._errands,
            self._bus,
            on_words=self._on_words,
            on_voice=self._conductor.bridge.voice,
            on_unheard=self._late.mark,
            late_waiting=lambda: self._late.waiting,
            switched_on=self.settings.speech.enabled,
        )
        self._partners = {each.id: each.name for each in self.settings.partners}
        self._responsibility = Responsibility(
            self._register,
            lambda: self._boundaries.now,
            self._journal.note,
            partners=self._partners,
            staffed=self._rosters.staffed,
        )
        self._rosters.area = self._responsibility.area
        self._officers = OfficerHunts(
            phones=OfficerPhones(
                self._link,
                self._register,
                self._errands,
                seen_as=self.settings.sip.outbound.caller_id,
            ),
            register=self._register,
            note=self._journal.note,
            begin_brief=self._briefs.begin,
            candidates=self._rosters.candidates,
            on_exhausted=self._on_exhausted,
            on_not_answering=self._on_not_answering,
            phones_of=self._rosters.phones_of,
            far=self._rosters.far,
            area=self._responsibility.area,
            because=lambda call: self._responsibility.shown(self._responsibility.of(call)),
            deadlines=self.settings.deadlines,
        )
        self._call_ins = CallIns(
            settings=self.settings.tripwire,
            link=self._link,
            register=self._register,
            distribution=distribution,
            errands=self._errands,
            notices=notices,
            note=self._journal.note,
        )
        self._tripwire = TripwireWatch(self.settings.tripwire, self._register, self._call_ins)
        self._danger_watch = DangerWatch(
            self._write_up, self._bus, notices, self._journal.note, self._tripwire.danger
        )
        self._moving_place = MovingPlace(
            self._register,
            self._officers,
            notices,
            self._journal.note,
            self._responsibility.label,
        )
        self._live_gazetteer = LiveGazetteer(
            self._db,
            self.settings.database,
            self._boundaries.precincts,
            version=self._gazetteer_version,
            files=self.settings.precincts.gazetteer,
            use=self._write_up.use_places,
            note=self._journal.note,
        )
        self._boundaries.gazetteer = self._gazetteer_in_use
        self._boundaries.use = self._use_boundaries
        self._line_addresses = LineAddresses(
            self._register,
            LineAddressBook(self._db).find,
            self._errands,
            self._write_up,
            self._journal.note,
        )
        self._conductor.call_ins = self._call_ins
        self._conductor.rounds.on_unattended = self._tripwire.silent_side
        self._conductor.listener = self._listener
        self._conductor.officers = self._officers
        self._conductor.parties = Parties(
            partners=self.settings.partners,
            ring_s=self.settings.sip.outbound.ring_s,
            link=self._link,
            register=self._register,
            distribution=distribution,
            errands=self._errands,
            notices=notices,
            note=self._journal.note,
            begin_brief=self._briefs.begin,
            seen_as=self.settings.sip.outbound.caller_id,
        )
        self._conductor.aside = Aside(
            link=self._link,
            register=self._register,
            errands=self._errands,
            notices=notices,
            note=self._journal.note,
        )
        self._adoption = Adoption(
            self._conductor,
            self._register,
            self._errands,
            self._link,
            self._write_up,
            self._ends,
        )
        self._adoption.on_ended_away = self._late.ended_away
        self._register.on_forget = self._write_up.forget
        self._tasks = TaskOffice(
            settings=self.settings,
            database=self._db,
            journal=self._journal,
            bus=self._bus,
            link=self._link,
            register=self._register,
            errands=self._errands,
            conductor=self._conductor,
            calls_known=lambda: self._adoption.complete,
        )
        self._conductor.call_backs = self._tasks.call_backs
        self._figures = FiguresDesk(JournalPages(self._db), self.settings.zone)
        self.floor = RunningFloor(
            register=self._register,
            conductor=self._conductor,
            officers=self._officers,
            write_up=self._write_up,
            listener=self._listener,
            link=self._link,
            boundaries=self._boundaries,
            rosters=self._rosters,
            responsibility=self._responsibility,
            calls=self._calls,
            transcripts=self._transcripts,
            filed_edits=FiledEdits(
                self._calls, self._files, self._write_up.placed, self._journal.note, self._bus
            ),
            recordings=self._recordings,
            health=self._health,
        )
        self._responses = ResponseOffice(
            database=self._db,
            journal=self._journal,
            bus=self._bus,
            notices=notices,
            floor=self.floor,
            within_s={str(lv): s for lv, s in self.settings.responses.there_within_s.items()},
            zone=lambda: self._figures.zone,
            language_of=self._language_of,
        )
        self._wire_incidents()

    def _wire_incidents(self) -> None:
        joins, pages = IncidentJoins(self._db), IncidentPages(self._db)
        apart = self.settings.duplicates
        limits = Limits(apart.within_m, apart.within_min * 60, apart.redial_min * 60)
        history = FieldHistory(JournalPages(self._db), partial(self._journal.flush, HISTORY_WAIT_S))
        self._incident_operations = IncidentOperations(
            IncidentDesk(self.floor, joins, pages, history, self._journal.note),
            Offers(self.floor, joins, pages, limits),
            Recontacts(pages, joins, Responses(self._db)),
            lambda: self._figures.zone,
        )

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            BadCredentials: Asterisk refused the AMI password.
            DatabaseUnusable: the database is not ours, or a newer version's.
        """
        await self._journal.start()
        self._journal.note(None, "service.started", {})
        share_with_asterisk(self.settings.asterisk.recordings, self._briefs.folder)
        try:
            # What was known of open calls is best had before they are adopted; but not at
            # the price of callers who wait.
            await asyncio.gather(self._recall(RECALL_WITHIN_S), self._tuner.load(RECALL_WITHIN_S))
            async with self._agi(), asyncio.TaskGroup() as tasks:
                tasks.create_task(self._link.run(), name="ami-link")
                if self._snoops is not None:
                    tasks.create_task(self._snoops.run(), name="snoops")
                tasks.create_task(self._tick(), name="clock")
                tasks.create_task(self._heartbeat.run(), name="heartbeat")
                tasks.create_task(self._filing.run(), name="filing")
                tasks.create_task(self._seed_people(), name="seed-people")
                tasks.create_task(self._serve_http(), name="http")
                tasks.create_task(self._listen(), name="speech")
                tasks.create_task(self._late.run(), name="late-transcription")
                tasks.create_task(self._speak_prompts(), name="speak-prompts")
                tasks.create_task(self._reconcile(), name="reconcile")
                tasks.create_task(self._recall_later(), name="recall")
                tasks.create_task(self._tuner.run(), name="tuning")
                tasks.create_task(self._tasks.run(), name="tasks")
                tasks.create_task(self._responses.run(), name="responses")
                tasks.create_task(self._rosters.run(), name="rosters")
                tasks.create_task(self._live_gazetteer.run(), name="live-gazetteer")
                tasks.create_task(self._boundaries.run(), name="live-boundaries")
                tasks.create_task(self._compare_fallback(), name="compare-fallback")
        finally:
            await self._stop()

    async def _stop(self) -> None:
        await self._errands.stop()
        await self._danger_watch.stop()
        await self._write_up.stop()
        await self._late.stop()
        await self._keeper.stop(STOP_WITHIN_S)
        await self._filing.finish(STOP_WITHIN_S)
        self._journal.note(None, "service.stopped", {})
        await self._journal.stop()
        await self._db.close()

    async def _recall(self, within_s: float) -> bool:
        """Read what an earlier run knew of calls that were open; False when it cannot be had."""
        try:
            async with asyncio.timeout(within_s):
                await self._db.open()
                self._set_not_ready = await seats_set_not_ready(JournalPages(self._db))
                await self._adoption.recall(self._calls, self._transcripts, self._incidents)
        except DatabaseUnusable:
            raise  # waiting does not mend it, and Asterisk alone serves callers meanwhile
        except (StoreError, TimeoutError) as error:
            log.error("store.unavailable", why=str(error))
            return False
        return True

    async def _recall_later(self) -> None:
        while not self._adoption.recalled:
            await asyncio.sleep(STORE_RETRY_S)
            await self._recall(RECALL_AGAIN_WITHIN_S)

    async def _seed_people(self) -> None:
        while not self._seeded.is_set():
            try:
                await seed(self._people, self.settings, self.secrets)
                self._seeded.set()
            except StoreError as error:
                log.warning("people.unseeded", why=str(error))
                await asyncio.sleep(STORE_RETRY_S)

    async def _speak_prompts(self) -> None:
        try:
            await render_prompts(self.settings.asterisk.sounds, _languages(self.settings))
        except (IvrError, OSError) as error:
            log.error("prompts.missing", why=str(error))

    async def _listen(self) -> None:
        """Keep recognisers, and have taps on all who should have one."""
        await self._pool.start()
        try:
            while True:
                self._listener.retry()
                await asyncio.sleep(TAP_AGAIN_S)
        finally:
            await self._pool.stop()

    @contextlib.asynccontextmanager
    async def _agi(self) -> AsyncIterator[None]:
        prompts = PromptSet(self.settings.asterisk.sounds)
        duty = DutyLine(self._rosters.desk, prompts, self.settings.lines[0].languages[0])

        async def handle(channel: AgiChannel) -> None:
            if channel.request.script == DUTY_SCRIPT:
                await duty.handle(channel)
                return
            query = channel.request.query
            line = next((x for x in self.settings.lines if x.number == query.get("line")), None)
            languages = line.languages if line else ("en",)
            language = await intake(channel, languages, prompts)
            self._conductor.waiting.intake_done(query.get("call_id", ""), language)

        server = FastAgiServer(self.settings.fastagi.host, self.settings.fastagi.port, handle)
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
        app = build_app(
            self.floor,
            self._people,
            self._bus,
            self._journal,
            self.secrets,
            CONSOLE,
            tasks=self._tasks.desk,
            figures=self._figures,
            incidents=self._incident_operations,
            recognition=RecognitionOperations(self._late, self._register, self._listener),
            responses=ResponseOperations(self._responses.desk, self._pool),
            tuning=TuningOperations(
                self._tuner.desk,
                Preview(
                    JournalPages(self._db),
                    PastMatters(self._calls, lambda: self._boundaries.now, self._partners),
                    PastWords(self._calls, self._transcripts),
                ),
                lambda: choices(self.settings, self._boundaries.now.known_kinds),
            ),
            rosters=RosterOperations(self._rosters),
            boundaries=BoundaryOperations(lambda: self._boundaries.now, BoundaryVersions(self._db)),
            staffing=StaffingOperations(
                StaffingDesk(JournalPages(self._db), lambda: self._figures.zone)
            ),
        )
        runner = app_runner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.settings.api.host, self.settings.api.port).start()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _tick(self) -> None:
        while True:
            try:
                self._conductor.tick()
                self._tripwire.tick()
                self._responsibility.tick()
                self._moving_place.tick()
                self._line_addresses.tick()
                self._ticked_at = time.monotonic()
            except Exception:
                # The heartbeat stops for want of ticks, and Asterisk goes on alone.
                log.exception("clock.failed")
            due = self._conductor.next_wakeup()
            left_s = TICK_AT_MOST_S if due is None else due - time.monotonic()
            await asyncio.sleep(min(max(left_s, 0.01), TICK_AT_MOST_S))

    def _conducting(self) -> bool:
        return time.monotonic() - self._ticked_at < STUCK_S

    async def _reconcile(self) -> None:
        """Look at Asterisk while it distributes by itself, or an action's outcome is unknown."""
        while True:
            await asyncio.sleep(RECONCILE_S)
            wanted = self._adoption.wanted() or self._distribution.in_doubt
            if not (self._link.connected and wanted):
                continue
            try:
                snapshot = await self._link.snapshot()
                self._distribution.in_doubt = False
                self._adoption.reconcile(snapshot)
                self._tasks.reconcile(snapshot)
            except AmiError as error:
                log.warning("asterisk.unseen", why=str(error))
            except Exception:
                log.exception("asterisk.not_reconciled")

    def _on_message(self, message: ami.Message) -> None:
        match message:
            case ami.Connected():
                self._heartbeat.wake()
                self._tell_line_ends()
                self._errands.run("floor", "open the floor", self._open_floor)
                self._adoption.reconcile(message.snapshot, restarted=message.restarted)
                if message.restarted:
                    self._notices.tell("asterisk.restarted", "", ASTERISK_RESTARTED)
                self._tasks.reconcile(message.snapshot)
                self._keeper.keep_left_over()
            case ami.Disconnected():
                log.warning("ami.disconnected", why=message.why)
                self._adoption.lost()
                self._notices.tell("ami.lost", "", "Asterisk does not answer; calls go on.")
            case _:
                self._conductor.handle(message)

    def _retune(self, tuned: Tuned) -> None:
        """Let other settings be in force for every decision from now on."""
        now = time.monotonic()
        self._rosters.desk.zone = ZoneInfo(tuned.document.time_zone)
        self._rosters.desk.set_standing(self._standing(tuned.roster))
        self._priorities.rules = tuned.rules
        self._conductor.day.zone = ZoneInfo(tuned.document.time_zone)
        self._conductor.deadlines = tuned.settings.deadlines
        self._officers.tune(tuned.settings.deadlines)
        self._responsibility.rules = tuned_responsibility(tuned.document)
        words = own_words(tuned.document)
        if words != self._words:
            self._words = words
            self._write_up.use_words(words)
        self._distribution.seat_names = {seat.id: seat.name for seat in tuned.document.seats}
        self._distribution.queue_names = {queue.id: queue.name for queue in tuned.document.queues}
        lines = tuned.document.lines
        self._distribution.fallback.line_queues = frozenset(line.queue for line in lines)
        self._distribution.lines = frozenset(line.number for line in lines)
        self._tasks.call_backs.retune(tuned.settings)
        self._figures.thresholds_s = tuned.document.service_level.thresholds_s
        self._figures.zone = ZoneInfo(tuned.document.time_zone)
        self._distribution.feed(acd_events.SettingsChanged(tuned.floor), now)
        for call in self._register.open():
            if call.in_distribution:
                needs = self._priorities.needs_of(call)
                self._distribution.feed(acd_events.CallNeeds(call.id, needs), now)
                self._conductor.waiting.prioritise(call)
        if self._link.connected:
            self._tell_line_ends()
        self._bus.publish("tuning", {"type": "tuning", "version": tuned.version})

    def _gazetteer_in_use(self) -> Gazetteer | None:
        places = self._write_up.places
        return places.gazetteer if places else None

    def _use_boundaries(self, territories: Territories, finder: PlaceFinder | None) -> None:
        """Let other boundaries hold from now on."""
        gazetteer = self._gazetteer_in_use()
        if finder is not None and gazetteer is not None:
            if finder.gazetteer is not gazetteer:
                finder = PlaceFinder(gazetteer, territories.precincts)  # it changed meanwhile
            self._write_up.use_places(finder)
        self._bus.publish("boundaries", {"type": "boundaries", "versions": territories.versions})

    def _tell_line_ends(self) -> None:
        tell_line_ends(self._link, self._errands, self._priorities.rules.line_ends())

    async def _open_floor(self) -> None:
        """Take over who was on duty before a restart.

        Asterisk's own queue remembers, if it was not restarted too; the journal remembers what
        people set.
        """
        fallback = self._distribution.fallback
        if not self._floor_open:
            resting: dict[str, str] = {}
            try:
                resting = await fallback.recall()
            except AmiError as error:
                log.warning("floor.unknown", why=str(error))
            self._distribution.open_floor(resting | self._set_not_ready)
            self._floor_open = True
        fallback.open()

    async def _compare_fallback(self) -> None:
        while True:
            await asyncio.sleep(COMPARE_EVERY_S)
            if self._floor_open and self._link.connected:
                self._distribution.fallback.compare()

    def _on_speech(self, event: SpeechEvent) -> None:
        self._listener.handle(event)

    def _on_words(self, call: Call, segment: dict[str, Any]) -> None:
        self._write_up.words(call, segment)
        self._danger_watch.words(call, segment)
        self._tripwire.words(call, segment)

    def _on_closed(self, call: Call) -> None:
        self._danger_watch.forget(call.id)
        self._call_ins.forget(call.id)
        self._ends.forget(call.id)
        self._keeper.keep(call.id)
        self._briefs.forget(call)
        self._tasks.closed(call)

    def _on_exhausted(self, call: Call) -> None:
        self._notices.tell(
            "officer.exhausted",
            call.id,
            "No officer took the call. Stay on the line and ring another one from the list.",
        )

    def _on_not_answering(self, call: Call, officer_id: str) -> None:
        self._notices.tell(
            "officer.not_answering",
            call.id,
            f"Officer {officer_id} did not answer twice and is asked after the others for now. "
            "Ask why, or change the roster.",
        )

    def _typed(self, call_id: str) -> dict[str, dict[str, Any]]:
        return self._write_up.typed(call_id)

    def _speech_state(self) -> dict[str, Any]:
        return self._listener.state()

    def _standing(self, tuned: Roster | None) -> Roster | None:
        """Who is on duty without shifts; None: every officer, always."""
        return tuned or (self._file_roster if self.settings.precincts.roster else None)

    def _language_of(self, officer_id: str) -> str | None:
        officer = self._rosters.desk.plan.officers.get(officer_id)
        return officer.language if officer else None

    async def _health(self) -> dict[str, Any]:
        return {
            "asterisk": self._link.connected,
            "conducting": self._conducting(),
            "heartbeat": self._heartbeat.fresh,
            "journal": {"backlog": self._journal.backlog, "trouble": self._journal.trouble},
            "speech": self._speech_state(),
        }


def _pool(settings: Settings) -> PoolConfig:
    speech = settings.speech
    return PoolConfig(
        workers=speech.workers,
        host=speech.host,
        first_port=speech.first_port,
        models_dir=speech.models,
        engines=speech.engines if speech.enabled else (),
        languages=_languages(settings),
        memory_mib=speech.worker_memory_mib,
    )


def _languages(settings: Settings) -> tuple[str, ...]:
    """English, which officers are briefed in, and the languages of the lines."""
    return tuple(sorted({"en"} | {known for line in settings.lines for known in line.languages}))
