"""The parts of a service, and how each reaches the others: the only place that wires the rooms."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from acd.engine import Engine
from asr.events import SpeechEvent
from asr.pool import PoolConfig, SpeechPool
from callcenter.api.incidents import IncidentOperations
from callcenter.asterisk import events as ami
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.leg_taps import LegTaps
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
from callcenter.floor import RunningFloor
from callcenter.heartbeat import Heartbeat
from callcenter.incidents.duplicates import Limits
from callcenter.incidents.extract import Extractor
from callcenter.incidents.own_words import OwnWords
from callcenter.live.bus import Bus
from callcenter.precincts.city import City
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
from callcenter.rosters.office import RosterOffice
from callcenter.service.retuning import retune
from callcenter.settings import Secrets, Settings, SettingsError
from callcenter.store.calls import Calls
from callcenter.store.database import Database
from callcenter.store.filed import FiledCalls
from callcenter.store.incident_pages import IncidentPages
from callcenter.store.incidents import Incidents
from callcenter.store.joins import IncidentJoins
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages
from callcenter.store.late_work import LateWork
from callcenter.store.line_addresses import LineAddressBook
from callcenter.store.people import People
from callcenter.store.recordings import RecordingsTable
from callcenter.store.responses import Responses
from callcenter.store.transcripts import Transcripts
from callcenter.store.tuning import TuningVersions
from callcenter.tasks.office import TaskOffice
from callcenter.tuning.apply import roster as tuned_roster
from callcenter.tuning.errors import BadDocument
from callcenter.tuning.known import known_of
from callcenter.tuning.tuner import Tuner

HISTORY_WAIT_S = 0.3
"""So long an answer waits for the journal; history that it lacks then shows the next time."""


class Parts:
    """All that a service consists of, wired together; nothing of it runs yet.

    ``on_message`` hears what Asterisk tells; ``conducting`` says whether calls are conducted.

    Raises:
        SettingsError: what the settings say cannot be tuned.
        PrecinctError: the roster file is wrong.
    """

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        city: City,
        *,
        on_message: Callable[[ami.Message], None],
        conducting: Callable[[], bool],
    ) -> None:
        self.settings = settings
        self.secrets = secrets
        self.words: tuple[OwnWords, ...] = ()
        self._conducting = conducting
        self._wire_stores()
        self._wire_city(city)
        self._wire_asterisk(on_message)
        self._wire_records()
        self._wire_tuning()
        self._wire_floor()
        self._wire_speech()
        self._wire_officers()
        self._wire_safeguards()
        self._wire_conductor()
        self._wire_desks()
        self._wire_incidents()

    def _wire_stores(self) -> None:
        self.db = Database(self.settings.database)
        self.journal = Journal(self.db)
        self.bus = Bus()
        self.errands = Errands()
        self.people = People(self.db)
        self.calls = Calls(self.db)
        self.transcripts = Transcripts(self.db)
        self.incidents = Incidents(self.db)
        self.recordings = RecordingsTable(self.db)
        self.files = FiledCalls(self.db)

    def _wire_city(self, city: City) -> None:
        settings = self.settings
        self.boundaries = LiveTerritories(
            city.territories,
            self.db,
            settings.database,
            file=settings.precincts.boundaries,
            id_property=settings.precincts.id_property,
            note=lambda call_id, kind, payload: self.journal.note(call_id, kind, payload),
        )
        self.file_roster = Roster.load(
            settings.precincts.roster,
            settings.officers,
            neighbours=self.boundaries.neighbours,
            # Boundaries that were imported, perhaps for this very night, must not keep a service
            # from starting: officers of areas that are gone are told of, and others are rung.
            precincts=None if city.territories.imported else self.boundaries.known(),
        )
        self.places = city.finder()
        self.gazetteer_version = city.version

    def _wire_asterisk(self, on_message: Callable[[ami.Message], None]) -> None:
        settings = self.settings
        self.link = AmiLink(
            settings.ami,
            self.secrets.ami_reader,
            self.secrets.ami_actor,
            on_message,
            devices=[f"PJSIP/{phone}" for phone in settings.seat_phones],
        )
        self.snoops = Snoops(settings.ari, self.secrets.ari) if settings.sip.wideband else None
        self.heartbeat = Heartbeat(self.link, self._conducting)

    def _wire_records(self) -> None:
        settings = self.settings
        self.filing = Filing(
            self.files,
            self._typed,
            self.speech_state,
            lambda call: self.adoption.may_file(call),
        )
        self.register = CallRegister(
            self.bus, self.filing.mark, self.speech_state, self.journal.note
        )
        self.write_up = WriteUp(
            {language: Extractor(language, self.places) for language in self.languages},
            self.register,
            self.bus,
            self.journal.note,
        )
        messages = BriefWebhook(
            settings.brief_messages, self.secrets.brief_messages, self.errands, self.journal.note
        )
        self.briefs = Briefs(settings, self.errands, self.language_of, messages.send)
        self.keeper = Keeper(
            settings.asterisk.recordings,
            settings.recordings.directory,
            self.recordings,
            self.register,
            self.journal.note,
        )
        self.ends = Ends(self.settings.asterisk.recordings)

    def _wire_tuning(self) -> None:
        self.notices = Notices(self.bus, self.journal.note)
        self.rosters = RosterOffice(
            self.db,
            self.settings,
            self.boundaries,
            self.notices,
            self.journal.note,
            known=self.boundaries.known,
        )
        self.rosters.desk.set_standing(self.standing(None))
        try:
            self.tuner = Tuner(
                self.settings,
                TuningVersions(self.db),
                lambda: known_of(
                    self.settings, self.boundaries.known(), self.boundaries.now.known_kinds
                ),
                retune=partial(retune, self),
                note=self.journal.note,
                make_roster=partial(tuned_roster, neighbours=self.boundaries.neighbours),
            )
        except BadDocument as error:
            raise SettingsError(f"settings: {error}") from error
        self.priorities = Priorities(self.tuner.tuned.rules, self._typed)

    def _wire_floor(self) -> None:
        floor = self.tuner.tuned.floor
        self.distribution = Distribution(
            engine=Engine(
                floor,
                now=time.monotonic(),
                first_offer_number=time.time_ns() // 1_000_000,
            ),
            floor=floor,
            settings=self.settings,
            link=self.link,
            register=self.register,
            errands=self.errands,
            bus=self.bus,
            notices=self.notices,
            note=self.journal.note,
        )
        self.conductor = Conductor(
            settings=self.settings,
            register=self.register,
            distribution=self.distribution,
            priorities=self.priorities,
            vanished=VanishWatch(
                link=self.link,
                register=self.register,
                errands=self.errands,
                notices=self.notices,
                note=self.journal.note,
            ),
            notices=self.notices,
            note=self.journal.note,
            on_closed=self._on_closed,
        )

    def _wire_speech(self) -> None:
        speech = self.settings.speech
        config = PoolConfig(
            workers=speech.workers,
            host=speech.host,
            first_port=speech.first_port,
            models_dir=speech.models,
            engines=speech.engines if speech.enabled else (),
            languages=self.languages,
            memory_mib=speech.worker_memory_mib,
        )
        self.pool = SpeechPool(config, self._on_speech)
        work = LateWork(self.db)
        self.late = LateDesk(
            self.pool,
            self.register,
            work,
            self.calls,
            self.recordings,
            PutIn(
                self.register,
                self.bus,
                self.write_up,
                work,
                self.calls,
                self.files,
                self.transcripts,
            ),
            self.journal.note,
        )
        self.listener = Listener(
            self.pool,
            LegTaps(self.link, self.snoops),
            self.register,
            self.errands,
            self.bus,
            on_words=self._on_words,
            on_voice=self.conductor.bridge.voice,
            on_unheard=self.late.mark,
            late_waiting=lambda: self.late.waiting,
            switched_on=self.settings.speech.enabled,
        )

    def _wire_officers(self) -> None:
        self.partners = {each.id: each.name for each in self.settings.partners}
        self.responsibility = Responsibility(
            self.register,
            lambda: self.boundaries.now,
            self.journal.note,
            partners=self.partners,
            staffed=self.rosters.staffed,
        )
        self.rosters.area = self.responsibility.area
        self.officers = OfficerHunts(
            phones=OfficerPhones(
                self.link,
                self.register,
                self.errands,
                seen_as=self.settings.sip.outbound.caller_id,
            ),
            register=self.register,
            note=self.journal.note,
            begin_brief=self.briefs.begin,
            candidates=self.rosters.candidates,
            on_exhausted=self._on_exhausted,
            on_not_answering=self._on_not_answering,
            phones_of=self.rosters.phones_of,
            far=self.rosters.far,
            area=self.responsibility.area,
            because=lambda call: self.responsibility.shown(self.responsibility.of(call)),
            deadlines=self.settings.deadlines,
        )
        self.moving_place = MovingPlace(
            self.register,
            self.officers,
            self.notices,
            self.journal.note,
            self.responsibility.label,
        )
        self.live_gazetteer = LiveGazetteer(
            self.db,
            self.settings.database,
            self.boundaries.precincts,
            version=self.gazetteer_version,
            files=self.settings.precincts.gazetteer,
            use=self.write_up.use_places,
            note=self.journal.note,
        )
        self.boundaries.gazetteer = self._gazetteer_in_use
        self.boundaries.use = self._use_boundaries
        self.line_addresses = LineAddresses(
            self.register,
            LineAddressBook(self.db).find,
            self.errands,
            self.write_up,
            self.journal.note,
        )

    def _wire_safeguards(self) -> None:
        self.call_ins = CallIns(
            settings=self.settings.tripwire,
            link=self.link,
            register=self.register,
            distribution=self.distribution,
            errands=self.errands,
            notices=self.notices,
            note=self.journal.note,
        )
        self.tripwire = TripwireWatch(self.settings.tripwire, self.register, self.call_ins)
        self.danger_watch = DangerWatch(
            self.write_up, self.bus, self.notices, self.journal.note, self.tripwire.danger
        )

    def _wire_conductor(self) -> None:
        self.conductor.call_ins = self.call_ins
        self.conductor.rounds.on_unattended = self.tripwire.silent_side
        self.conductor.listener = self.listener
        self.conductor.officers = self.officers
        self.conductor.parties = Parties(
            partners=self.settings.partners,
            ring_s=self.settings.sip.outbound.ring_s,
            link=self.link,
            register=self.register,
            distribution=self.distribution,
            errands=self.errands,
            notices=self.notices,
            note=self.journal.note,
            begin_brief=self.briefs.begin,
            seen_as=self.settings.sip.outbound.caller_id,
        )
        self.conductor.aside = Aside(
            link=self.link,
            register=self.register,
            errands=self.errands,
            notices=self.notices,
            note=self.journal.note,
        )

    def _wire_desks(self) -> None:
        self.adoption = Adoption(
            self.conductor,
            self.register,
            self.errands,
            self.link,
            self.write_up,
            self.ends,
        )
        self.adoption.on_ended_away = self.late.ended_away
        self.register.on_forget = self.write_up.forget
        self.tasks = TaskOffice(
            settings=self.settings,
            database=self.db,
            journal=self.journal,
            bus=self.bus,
            link=self.link,
            register=self.register,
            errands=self.errands,
            conductor=self.conductor,
            calls_known=lambda: self.adoption.complete,
        )
        self.conductor.call_backs = self.tasks.call_backs
        self.figures = FiguresDesk(JournalPages(self.db), self.settings.zone)
        self.floor = RunningFloor(
            register=self.register,
            conductor=self.conductor,
            officers=self.officers,
            write_up=self.write_up,
            listener=self.listener,
            link=self.link,
            boundaries=self.boundaries,
            rosters=self.rosters,
            responsibility=self.responsibility,
            calls=self.calls,
            transcripts=self.transcripts,
            filed_edits=FiledEdits(
                self.calls, self.files, self.write_up.placed, self.journal.note, self.bus
            ),
            recordings=self.recordings,
            health=self.health,
        )
        self.responses = ResponseOffice(
            database=self.db,
            journal=self.journal,
            bus=self.bus,
            notices=self.notices,
            floor=self.floor,
            within_s={str(lv): s for lv, s in self.settings.responses.there_within_s.items()},
            zone=lambda: self.figures.zone,
            language_of=self.language_of,
        )

    def _wire_incidents(self) -> None:
        joins, pages = IncidentJoins(self.db), IncidentPages(self.db)
        apart = self.settings.duplicates
        limits = Limits(apart.within_m, apart.within_min * 60, apart.redial_min * 60)
        history = FieldHistory(JournalPages(self.db), partial(self.journal.flush, HISTORY_WAIT_S))
        self.incident_operations = IncidentOperations(
            IncidentDesk(self.floor, joins, pages, history, self.journal.note),
            Offers(self.floor, joins, pages, limits),
            Recontacts(pages, joins, Responses(self.db)),
            lambda: self.figures.zone,
        )

    def _on_words(self, call: Call, segment: dict[str, Any]) -> None:
        self.write_up.words(call, segment)
        self.danger_watch.words(call, segment)
        self.tripwire.words(call, segment)

    def _on_closed(self, call: Call) -> None:
        self.danger_watch.forget(call.id)
        self.call_ins.forget(call.id)
        self.ends.forget(call.id)
        self.keeper.keep(call.id)
        self.briefs.forget(call)
        self.tasks.closed(call)

    def _on_exhausted(self, call: Call) -> None:
        self.notices.tell(
            "officer.exhausted",
            call.id,
            "No officer took the call. Stay on the line and ring another one from the list.",
        )

    def _on_not_answering(self, call: Call, officer_id: str) -> None:
        self.notices.tell(
            "officer.not_answering",
            call.id,
            f"Officer {officer_id} did not answer twice and is asked after the others for now. "
            "Ask why, or change the roster.",
        )

    def _typed(self, call_id: str) -> dict[str, dict[str, Any]]:
        return self.write_up.typed(call_id)

    def speech_state(self) -> dict[str, Any]:
        """How recognition is."""
        return self.listener.state()

    def standing(self, tuned: Roster | None) -> Roster | None:
        """Who is on duty without shifts; None: every officer, always."""
        return tuned or (self.file_roster if self.settings.precincts.roster else None)

    def language_of(self, officer_id: str) -> str | None:
        """The language that this officer is briefed in; None: unknown here."""
        officer = self.rosters.desk.plan.officers.get(officer_id)
        return officer.language if officer else None

    @property
    def languages(self) -> tuple[str, ...]:
        """English, which officers are briefed in, and the languages of the lines."""
        lines = self.settings.lines
        return tuple(sorted({"en"} | {known for line in lines for known in line.languages}))

    def tell_line_ends(self) -> None:
        """Let Asterisk know what each line does when an operator's phone fails or hangs up."""
        tell_line_ends(self.link, self.errands, self.priorities.rules.line_ends())

    async def health(self) -> dict[str, Any]:
        """What the API says of the service's health."""
        return {
            "asterisk": self.link.connected,
            "conducting": self._conducting(),
            "heartbeat": self.heartbeat.fresh,
            "journal": {"backlog": self.journal.backlog, "trouble": self.journal.trouble},
            "speech": self.speech_state(),
        }

    def _gazetteer_in_use(self) -> Gazetteer | None:
        places = self.write_up.places
        return places.gazetteer if places else None

    def _use_boundaries(self, territories: Territories, finder: PlaceFinder | None) -> None:
        """Let other boundaries hold from now on."""
        gazetteer = self._gazetteer_in_use()
        if finder is not None and gazetteer is not None:
            if finder.gazetteer is not gazetteer:
                finder = PlaceFinder(gazetteer, territories.precincts)  # it changed meanwhile
            self.write_up.use_places(finder)
        self.bus.publish("boundaries", {"type": "boundaries", "versions": territories.versions})

    def _on_speech(self, event: SpeechEvent) -> None:
        self.listener.handle(event)
