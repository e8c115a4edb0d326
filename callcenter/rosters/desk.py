"""The one place where rosters change, and where the present one is known.

A change is checked and stored in one transaction, then in force. Other nodes and the command line
change the same database: what is in force follows it within seconds. While the database does not
answer, the last known plan holds; before the first answer, every officer of the settings file is
there by the standing roster.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from callcenter.precincts.roster import Roster
from callcenter.rosters import calendar_file, csv_file, findings, rules
from callcenter.rosters.batch import Step, Wanted, settle
from callcenter.rosters.errors import RosterRefused, UnknownEntry
from callcenter.rosters.findings import Finding
from callcenter.rosters.model import Absence, Officer, Shift
from callcenter.rosters.numbers import MOST_NUMBERS, Reachable
from callcenter.rosters.plan import OnDuty, Plan
from callcenter.settings import Settings
from callcenter.store.rosters import Changing, Rosters, Stored

OURSELVES = "callcenter"
BEHIND = timedelta(days=1)
AHEAD = timedelta(days=9)
"""The plan in force knows so much: more than the seven days that are looked through."""
SAME_FOR = timedelta(minutes=1)
LONGEST_WEEK = 31
SELF_SHIFT_H = 12.0
"""Who declares to be on duty is so for so long, unless they say otherwise."""
OFF_DUTY = "off duty"
LINK_BYTES = 24
MOST_FILE_CHARACTERS = 2 * 1024 * 1024

Entry = TypeVar("Entry", Shift, Absence)
Note = Callable[[str | None, str, dict[str, Any]], None]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RosterDesk:
    """Rosters of one hotline. ``precincts``: areas that exist; None: any may be named.

    Methods raise `RosterRefused` for what cannot stand and `StoreUnavailable` where the database
    does not answer.
    """

    def __init__(
        self,
        store: Rosters,
        settings: Settings,
        *,
        precincts: Iterable[str] | Callable[[], frozenset[str]] | None = None,
        neighbours: Callable[[str], Iterable[str]] = lambda precinct: (),
        note: Note = lambda call_id, kind, payload: None,
        clock: Callable[[], datetime] = _utc_now,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._known = precincts if callable(precincts) else _always(precincts)
        self._neighbours = neighbours
        self._note = note
        self.clock = clock
        self._on_change = on_change
        self.reachable = Reachable.of(settings)
        self.zone = ZoneInfo(settings.time_zone)
        """In which times without one are meant; may be replaced."""
        self._standing: Roster | None = None
        self._stored = Stored(0, {each.id: each for each in _of_settings(settings)})
        self.plan = self._made()
        self.loaded = False
        self._found: tuple[tuple[Plan, float | None], datetime, list[Finding]] | None = None

    # What is in force.

    def set_standing(self, standing: Roster | None) -> None:
        """Who is on duty without shifts: by this roster, or (None) always."""
        self._standing = standing
        self.plan = self._made()

    def _made(self) -> Plan:
        return Plan(
            officers=self._stored.officers,
            shifts=self._stored.shifts,
            absences=self._stored.absences,
            rostered=self._stored.rostered,
            standing=self._standing,
            neighbours=self._neighbours,
            reach=self.reachable.numbers,
        )

    async def load(self) -> None:
        """Put in force what is stored; officers who are new in the settings file come with it."""
        now = self.clock()
        stored = await self._store.read(now - BEHIND, now + AHEAD)
        new = [each for each in _of_settings(self._settings) if each.id not in stored.officers]
        if new:
            async with self._store.changing(OURSELVES, now, ()) as change:
                for each in new:
                    if each.id not in change.stored.officers:
                        await change.put_officer(each)
            stored = await self._store.read(now - BEHIND, now + AHEAD)
        self._stored = stored
        self.loaded = True
        self.plan = self._made()
        self._on_change()

    async def follow(self) -> None:
        """Load again if something has changed."""
        if not self.loaded or await self._store.version() != self._stored.version:
            await self.load()

    @asynccontextmanager
    async def _changing(self, who: str, of: Sequence[str] | None) -> AsyncIterator[Changing]:
        if not self.loaded:
            await self.load()
        async with self._store.changing(who, self.clock(), of) as change:
            yield change
        await self.load()

    # Officers.

    @property
    def officers(self) -> list[Officer]:
        """Every officer, by id."""
        return sorted(self._stored.officers.values(), key=lambda each: each.id)

    def officer(self, officer_id: str) -> Officer:
        """One officer. Raises `UnknownEntry`."""
        known = self._stored.officers.get(officer_id)
        if known is None:
            raise UnknownEntry(rules.unknown_officer(officer_id, self._stored.officers))
        return known

    async def put_officer(self, officer: Officer, who: str) -> Officer:
        """Add an officer, or replace what is known of one."""
        if len(officer.numbers) > MOST_NUMBERS:
            raise RosterRefused(f"numbers: expected {MOST_NUMBERS} at most")
        numbers = dict.fromkeys(self.reachable.read(number) for number in officer.numbers)
        officer = replace(officer, numbers=tuple(numbers))
        _refuse(rules.officer(officer, self._known()))
        async with self._changing(who, ()) as change:
            await change.put_officer(officer)
        self._note(None, "roster.officer", {"officer": officer.id, "by": who})
        return officer

    async def remove_officer(self, officer_id: str, who: str) -> None:
        """Take an officer out, with their shifts; one of the settings file leaves with the file."""
        officer = self.officer(officer_id)
        if officer_id in {each.id for each in self._settings.officers}:
            raise RosterRefused(
                f"officer {officer_id} is in the settings file; take them out there, or note that "
                "they are absent"
            )
        async with self._changing(who, [officer_id]) as change:
            await change.drop_officer(officer)
        self._note(None, "roster.officer_removed", {"officer": officer_id, "by": who})

    def by_number(self, number: str) -> Officer | None:
        """Whose number this is; None when nobody's, or several officers'."""
        owners = [each for each in self.officers if number in each.numbers]
        return owners[0] if len(owners) == 1 else None

    async def new_link(self, officer_id: str, who: str) -> str:
        """The secret of an officer's own link; the one before ends."""
        self.officer(officer_id)
        secret = secrets.token_urlsafe(LINK_BYTES)
        async with self._changing(who, ()) as change:
            await change.set_link(officer_id, _hash(secret))
        self._note(None, "roster.link", {"officer": officer_id, "by": who})
        return secret

    async def officer_of_link(self, secret: str) -> str | None:
        """Whose link this is."""
        return await self._store.officer_of_link(_hash(secret))

    # Shifts and absences.

    async def add_shift(self, shift: Shift, who: str) -> Shift:
        """Plan a shift."""
        async with self._changing(who, [shift.officer]) as change:
            self._check(shift, change.stored)
            kept = await change.put_shift(shift)
        self._told("roster.shift", kept, who)
        return kept

    async def change_shift(self, number: int, shift: Shift, who: str) -> Shift:
        """Put a shift in the place of one."""
        async with self._changing(who, None) as change:
            before = _of_number(change.stored.shifts, number, "shift")
            self._check(shift, change.stored, without=number)
            kept = await change.put_shift(replace(shift, key=before.key), before)
        self._told("roster.shift", kept, who)
        return kept

    async def remove_shift(self, number: int, who: str) -> None:
        """Take a shift out."""
        async with self._changing(who, None) as change:
            shift = _of_number(change.stored.shifts, number, "shift")
            await change.drop_shift(shift)
        self._told("roster.shift_removed", shift, who)

    async def add_absence(self, absence: Absence, who: str) -> Absence:
        """Note that an officer is away for a time."""
        async with self._changing(who, ()) as change:
            _refuse(rules.absence(absence, change.stored.officers))
            kept = await change.put_absence(absence)
        self._told("roster.absence", kept, who)
        return kept

    async def remove_absence(self, number: int, who: str) -> None:
        """Take an absence out."""
        async with self._changing(who, None) as change:
            absence = _of_number(change.stored.absences, number, "absence")
            await change.drop_absence(absence)
        self._told("roster.absence_removed", absence, who)

    def _check(self, shift: Shift, stored: Stored, without: int | None = None) -> None:
        others = [
            each
            for each in stored.shifts
            if each.id != without and (each.source == shift.source or shift.source == "self")
        ]
        _refuse(rules.shift(shift, others, stored.officers, self._known()))

    def _told(self, kind: str, entry: Shift | Absence, who: str) -> None:
        self._note(None, kind, {**entry.shown(), "by": who})

    # I am on duty.

    def state_of(self, officer_id: str) -> OnDuty | None:
        """How an officer is on duty now."""
        return self.plan.state_of(officer_id, self.clock())

    async def go_on_duty(self, officer_id: str, who: str, hours: float | None = None) -> OnDuty:
        """The officer is on duty from now on, until their shift ends or for so many hours."""
        now = self.clock().replace(microsecond=0)
        async with self._changing(who, [officer_id]) as change:
            officer = change.stored.officers.get(officer_id)
            if officer is None:
                raise UnknownEntry(rules.unknown_officer(officer_id, change.stored.officers))
            for absence in change.stored.absences:
                if absence.covers(now):
                    await _end_absence(change, absence, now)
            running = [each for each in change.stored.shifts if each.covers(now)]
            until = now + timedelta(hours=hours or SELF_SHIFT_H)
            if hours is not None or not running:
                for each in running:
                    if each.source == "self":
                        await _end_shift(change, each, now)
                if not any(each.source != "self" and each.end >= until for each in running):
                    at = running[0] if running else None
                    precinct, role = (
                        (at.precinct, at.role) if at else (officer.precinct, officer.role)
                    )
                    new = Shift(0, officer_id, precinct, role, now, until, "self")
                    _refuse(rules.shift(new, (), change.stored.officers, self._known()))
                    await change.put_shift(new)
        self._note(None, "roster.on_duty", {"officer": officer_id, "by": who})
        state = self.state_of(officer_id)
        if state is None:
            raise RosterRefused(f"officer {officer_id} is not on duty; ask a supervisor")
        return state

    async def go_off_duty(self, officer_id: str, who: str) -> None:
        """The officer is off duty from now on, until their next shift begins."""
        now = self.clock().replace(microsecond=0)
        async with self._changing(who, [officer_id]) as change:
            if officer_id not in change.stored.officers:
                raise UnknownEntry(rules.unknown_officer(officer_id, change.stored.officers))
            running = [each for each in change.stored.shifts if each.covers(now)]
            for each in running:
                if each.source == "self":
                    await _end_shift(change, each, now)
            planned = [each.end for each in running if each.source != "self"]
            first = change.stored.rostered.get(officer_id)
            if planned or first is None or first > now:
                until = max(planned, default=now + timedelta(hours=SELF_SHIFT_H))
                if first is not None and first > now:
                    until = min(until, first)
                away = any(each.covers(now) for each in change.stored.absences)
                if not away:
                    await change.put_absence(Absence(0, officer_id, now, until, OFF_DUTY))
        self._note(None, "roster.off_duty", {"officer": officer_id, "by": who})

    # Files.

    async def take_file(
        self, text: str, who: str, *, zone: ZoneInfo | None = None, try_only: bool = False
    ) -> dict[str, int]:
        """Take over a CSV or iCalendar file, whole or not at all; how much of it was new.

        Raises:
            FileRefused: with every line that is wrong.
        """
        if len(text) > MOST_FILE_CHARACTERS:
            raise RosterRefused(f"the file is larger than {MOST_FILE_CHARACTERS} characters")
        await self.follow()
        # Beside the loop, which has phones to ring: files may be long.
        wanted = await asyncio.to_thread(self._read, text, zone or self.zone)
        concerned = sorted({_officer_of(each) for each in wanted})
        async with self._store.changing(who, self.clock(), concerned) as change:
            stored = change.stored
            settled = await asyncio.to_thread(
                settle,
                wanted,
                stored.officers,
                [each for each in stored.shifts if each.source != "self"],
                stored.absences,
                self._known(),
            )
            if not try_only:
                new = [step.entry for step in settled.steps if step.before is None]
                for step in settled.steps:
                    if step.before is not None or isinstance(step.entry, Officer):
                        await _do(change, step)
                # What is new comes last: it may take the place, or the key, of what was.
                await change.add_all([entry for entry in new if isinstance(entry, Shift | Absence)])
        if settled.steps and not try_only:
            await self.load()
            self._note(None, "roster.imported", {**settled.counts(), "by": who})
        return settled.counts()

    def _read(self, text: str, zone: ZoneInfo) -> list[Wanted]:
        if text.lstrip("\ufeff \r\n").upper().startswith("BEGIN:VCALENDAR"):
            return calendar_file.read(text, zone, self._stored.officers, self.clock())
        return csv_file.read(text, zone, self._stored.officers, self.reachable)

    # Looking.

    async def week(self, since: datetime, until: datetime) -> dict[str, Any]:
        """Officers, shifts, absences and findings of a stretch of time."""
        if until <= since or until - since > timedelta(days=LONGEST_WEEK):
            raise RosterRefused(f"expected 1 to {LONGEST_WEEK} days")
        stored = await self._store.read(since, until)
        return {
            "from": since.isoformat(),
            "to": until.isoformat(),
            "zone": str(self.zone),
            "standing": "roster" if self._standing is not None else "always",
            "rostered": {
                officer: first.isoformat() for officer, first in sorted(stored.rostered.items())
            },
            "shifts": [each.shown() for each in stored.shifts],
            "absences": [each.shown() for each in stored.absences],
        }

    async def findings(self, days: float | None = None) -> list[Finding]:
        """What will not work from now on, for so many days (7 by default).

        Every open console asks again and again: for a minute the answer is the same, unless
        something has changed.
        """
        now = self.clock()
        asked = (self.plan, days)
        if self._found is not None:
            plan_and_days, at, known = self._found
            if plan_and_days == asked and timedelta() <= now - at < SAME_FOR:
                return known
        found = await self._look_through(now, days)
        self._found = (asked, now, found)
        return found

    async def _look_through(self, now: datetime, days: float | None) -> list[Finding]:
        since, until = findings.stretch(now, days)
        stored = await self._store.read(since - BEHIND, until)
        plan = replace_stored(self.plan, stored)
        # Beside the loop: of thousands of officers it takes the better part of a second.
        return await asyncio.to_thread(findings.find, plan, since, until, self._known())

    async def history(
        self, limit: int = 100, before: int | None = None, officer: str = ""
    ) -> list[dict[str, Any]]:
        """Who changed what, newest first."""
        return await self._store.history(limit, before=before, officer=officer)


def replace_stored(plan: Plan, stored: Stored) -> Plan:
    """The same plan of what is stored of another stretch of time."""
    return Plan(
        officers=stored.officers,
        shifts=stored.shifts,
        absences=stored.absences,
        rostered=stored.rostered,
        standing=plan.standing,
        neighbours=plan.neighbours,
        reach=plan.reach,
    )


async def _do(change: Changing, step: Step) -> None:
    match step:
        case Step(entry=Officer() as officer):
            await change.put_officer(officer)
        case Step(before=Shift() as before, entry=None):
            await change.drop_shift(before)
        case Step(before=Absence() as away, entry=None):
            await change.drop_absence(away)
        case Step(before=Shift() | None as before, entry=Shift() as shift):
            await change.put_shift(shift, before)
        case Step(before=Absence() | None as away, entry=Absence() as absence):
            await change.put_absence(absence, away)
        case _:
            raise TypeError("a step of a file turns one kind of entry into another")


async def _end_absence(change: Changing, absence: Absence, now: datetime) -> None:
    if absence.start >= now:
        await change.drop_absence(absence)
    else:
        await change.put_absence(replace(absence, end=now), absence)


async def _end_shift(change: Changing, shift: Shift, now: datetime) -> None:
    if shift.start >= now:
        await change.drop_shift(shift)
    else:
        await change.put_shift(replace(shift, end=now), shift)


def _of_settings(settings: Settings) -> list[Officer]:
    return [
        Officer(each.id, each.name, each.precinct, each.duty, each.language, (each.id,))
        for each in settings.officers
    ]


def _officer_of(wanted: Wanted) -> str:
    return wanted.entry.id if isinstance(wanted.entry, Officer) else wanted.entry.officer


def _of_number(entries: Sequence[Entry], number: int, what: str) -> Entry:
    for entry in entries:
        if entry.id == number:
            return entry
    raise UnknownEntry(f"there is no {what} {number} that can still be changed")


def _refuse(why: str | None) -> None:
    if why is not None:
        raise RosterRefused(why)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _always(precincts: Iterable[str] | None) -> Callable[[], frozenset[str] | None]:
    known = None if precincts is None else frozenset(precincts)
    return lambda: known
