"""Rosters: officers, shifts, absences, what will not work; "I am on duty", and positions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from callcenter.rosters import errors, moments
from callcenter.rosters.model import Absence, Officer, Position, RoleName, Shift
from callcenter.rosters.office import RosterOffice
from callcenter.rosters.plan import OnDuty
from callcenter.store.people import Role

from .errors import BadInput, Forbidden, Missing, Unfit
from .operations import LEADERS, Asked, Operation, body_of, query_of
from .shapes import ID_PATTERN, Answer, Body, Done

OWN_DUTY = LEADERS | {Role.OFFICER}
FILE_BYTES = 3 * 1024 * 1024
_Moment = Annotated[str, Field(min_length=1, max_length=40)]
_Precinct = Annotated[str, Field(max_length=255)]
_OfficerId = Annotated[str, Field(pattern=ID_PATTERN)]


class RosterAsked(BaseModel):
    """Which days, from a local date on; today by default."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[str, Field(alias="from", max_length=40)] = ""
    days: Annotated[int, Field(ge=1, le=31)] = 7


class ChecksAsked(BaseModel):
    """How far to look ahead."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    days: Annotated[float, Field(gt=0, le=31)] = 7.0


class RosterHistoryAsked(BaseModel):
    """Which changes: the newest, before one, of an officer."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    before: Annotated[int, Field(ge=1)] | None = None
    officer: Annotated[str, Field(max_length=32)] = ""


class PutShift(Body):
    """A shift; times with an offset, or local ones. Precinct and role: the officer's by default."""

    officer: _OfficerId
    since: Annotated[_Moment, Field(alias="from")]
    until: Annotated[_Moment, Field(alias="to")]
    precinct: _Precinct = ""
    role: RoleName | None = None


class PutAbsence(Body):
    """Time in which an officer is away, and why."""

    officer: _OfficerId
    since: Annotated[_Moment, Field(alias="from")]
    until: Annotated[_Moment, Field(alias="to")]
    why: Annotated[str, Field(min_length=1, max_length=64)]


class PutOfficer(Body):
    """An officer, with the numbers in the order in which they ring."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    precinct: _Precinct
    role: RoleName = "duty"
    language: Literal["en", "ko", "zh"] | None = None
    numbers: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1)]


class ImportRoster(Body):
    """A CSV or iCalendar file. ``try_only``: say what it would change, and change nothing."""

    text: Annotated[str, Field(min_length=1)]
    time_zone: Annotated[str, Field(max_length=64)] = ""
    try_only: bool = False


class SetDuty(Body):
    """On duty, for so many hours (until the shift's end, or 12 h, by default), or off duty."""

    on: bool
    hours: Annotated[float, Field(gt=0, le=24, allow_inf_nan=False)] | None = None


class SendPosition(Body):
    """Where an officer is: WGS 84 degrees, metres, and when by the phone's clock."""

    lat: float
    lon: float
    accuracy_m: float
    at: datetime


class DutyState(Answer):
    """Whether an officer is on duty, where, as what, and until when."""

    officer: str
    name: str
    on_duty: bool
    precinct: str | None
    role: str | None
    until: str | None
    """None where it is not foreseen."""


class RosterShift(Answer):
    """A shift."""

    id: int
    officer: str
    precinct: str
    role: str
    since: str = Field(alias="from")
    until: str = Field(alias="to")
    source: Literal["planned", "self"]


class RosterAbsence(Answer):
    """An absence."""

    id: int
    officer: str
    since: str = Field(alias="from")
    until: str = Field(alias="to")
    why: str


class Roster(Answer):
    """Shifts and absences of some days."""

    since: str = Field(alias="from")
    until: str = Field(alias="to")
    zone: str
    standing: Literal["always", "roster"]
    """How officers without shifts are on duty."""
    rostered: dict[str, str]
    """Officers who go by their shifts, and from when on."""
    shifts: list[RosterShift]
    absences: list[RosterAbsence]


class RosterFinding(Answer):
    """What will not work."""

    kind: Literal["hole", "conflict", "unreachable"]
    precinct: str
    officer: str | None
    since: str = Field(alias="from")
    until: str = Field(alias="to")
    text: str


class RosterChange(Answer):
    """Who changed what."""

    id: int
    at: str
    who: str
    what: str
    officer: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Imported(Answer):
    """How much of a file was new."""

    added: int
    changed: int
    removed: int
    unchanged: int


class KnownOfficer(Answer):
    """An officer as rosters know them."""

    id: str
    name: str
    precinct: str
    role: str
    language: str | None
    numbers: list[str]


class OfficerLink(Answer):
    """The secret of an officer's own link, shown this once."""

    officer: str
    token: str
    path: str
    """Below the console's address."""


class UnfitFile(Unfit):
    """A file is refused; ``fields`` names every line that is wrong."""

    def __init__(self, faults: Sequence[errors.Fault]) -> None:
        super().__init__(
            f"{len(faults)} {'line is' if len(faults) == 1 else 'lines are'} wrong;"
            f" the first is {faults[0]}",
            "Correct the file and import it again; nothing of it was taken over.",
            code="unfit_file",
        )
        self._faults = tuple(faults)

    @property
    def body(self) -> dict[str, Any]:
        """The problem as JSON, with its lines."""
        body = super().body
        body["error"]["fields"] = [
            {"path": f"line {fault.line}" if fault.line else "", "reason": fault.why}
            for fault in self._faults
        ]
        return body


def problem(error: errors.RosterRefused) -> Unfit | Missing:
    """What a refusal is to whoever asked."""
    match error:
        case errors.UnknownEntry():
            return Missing(str(error))
        case errors.FileRefused():
            return UnfitFile(error.faults)
        case errors.PositionRefused():
            return Unfit(str(error), "Send the next position as it is.", code="unfit_position")
    return Unfit(str(error), "Correct it and try again; nothing was changed.")


class RosterOperations:
    """The operations on one service's rosters."""

    def __init__(self, office: RosterOffice) -> None:
        self._office = office
        self._desk = office.desk

    async def officer_of_link(self, secret: str) -> str | None:
        """Whose own link this is."""
        return await self._desk.officer_of_link(secret)

    async def show(self, asked: Asked) -> dict[str, Any]:
        """Shifts and absences of some days."""
        query = query_of(asked, RosterAsked)
        zone = self._desk.zone
        if query.since:
            since = moments.read(query.since, zone)
        else:
            today = self._desk.clock().astimezone(zone).date().isoformat()
            since = moments.read(today, zone)
        last = since.astimezone(zone).replace(tzinfo=None) + timedelta(days=query.days)
        return await self._desk.week(since, moments.in_utc(last, zone))

    async def checks(self, asked: Asked) -> list[dict[str, Any]]:
        """What will not work in the next days."""
        found = await self._desk.findings(query_of(asked, ChecksAsked).days)
        return [finding.shown(self._desk.zone) for finding in found]

    async def history(self, asked: Asked) -> list[dict[str, Any]]:
        """Who changed what, newest first."""
        query = query_of(asked, RosterHistoryAsked)
        return await self._desk.history(query.limit, query.before, query.officer)

    async def add_shift(self, asked: Asked) -> dict[str, Any]:
        """Plan a shift."""
        shift = self._shift(body_of(asked, PutShift))
        return (await self._desk.add_shift(shift, asked.who.name)).shown()

    async def change_shift(self, asked: Asked) -> dict[str, Any]:
        """Put a shift in the place of one."""
        shift = self._shift(body_of(asked, PutShift))
        number = int(asked.request.match_info["shift_id"])
        return (await self._desk.change_shift(number, shift, asked.who.name)).shown()

    async def remove_shift(self, asked: Asked) -> dict[str, Any]:
        """Take a shift out."""
        number = int(asked.request.match_info["shift_id"])
        await self._desk.remove_shift(number, asked.who.name)
        return {"ok": True}

    async def add_absence(self, asked: Asked) -> dict[str, Any]:
        """Note that an officer is away."""
        body = body_of(asked, PutAbsence)
        start, end = self._stretch(body.since, body.until)
        absence = Absence(0, body.officer, start, end, body.why.strip())
        return (await self._desk.add_absence(absence, asked.who.name)).shown()

    async def remove_absence(self, asked: Asked) -> dict[str, Any]:
        """Take an absence out."""
        number = int(asked.request.match_info["absence_id"])
        await self._desk.remove_absence(number, asked.who.name)
        return {"ok": True}

    async def import_file(self, asked: Asked) -> dict[str, int]:
        """Take over a file, whole or not at all."""
        body = body_of(asked, ImportRoster)
        zone = moments.zone_named(body.time_zone) if body.time_zone else None
        return await self._desk.take_file(
            body.text, asked.who.name, zone=zone, try_only=body.try_only
        )

    async def put_officer(self, asked: Asked) -> dict[str, Any]:
        """Add an officer, or replace what is known of one."""
        body = body_of(asked, PutOfficer)
        officer = Officer(
            id=asked.request.match_info["officer_id"],
            name=body.name,
            precinct=body.precinct,
            role=body.role,
            language=body.language,
            numbers=tuple(body.numbers),
        )
        return (await self._desk.put_officer(officer, asked.who.name)).shown()

    async def remove_officer(self, asked: Asked) -> dict[str, Any]:
        """Take an officer out."""
        await self._desk.remove_officer(asked.request.match_info["officer_id"], asked.who.name)
        return {"ok": True}

    async def new_link(self, asked: Asked) -> dict[str, Any]:
        """Make an officer's own link; the one before ends."""
        officer_id = asked.request.match_info["officer_id"]
        token = await self._desk.new_link(officer_id, asked.who.name)
        return {"officer": officer_id, "token": token, "path": f"/#on-duty/{token}"}

    async def own_duty(self, asked: Asked) -> dict[str, Any]:
        """Whether the asker is on duty."""
        return self._duty(_own(asked))

    async def set_own_duty(self, asked: Asked) -> dict[str, Any]:
        """The asker goes on or off duty."""
        return await self._set_duty(asked, _own(asked))

    async def set_duty(self, asked: Asked) -> dict[str, Any]:
        """Put an officer on or off duty."""
        return await self._set_duty(asked, asked.request.match_info["officer_id"])

    async def position(self, asked: Asked) -> dict[str, Any]:
        """Take where an officer is."""
        officer_id = asked.request.match_info["officer_id"]
        if asked.who.role is Role.OFFICER and asked.who.officer != officer_id:
            raise Forbidden("officers send their own position")
        self._desk.officer(officer_id)
        body = body_of(asked, SendPosition)
        if body.at.tzinfo is None:
            raise BadInput("at: expected a time with an offset, such as 2026-11-01T07:00:00Z")
        now = self._desk.clock()
        position = Position(officer_id, body.lat, body.lon, body.accuracy_m, body.at)
        self._office.positions.take(position, now)
        return {"ok": True}

    async def _set_duty(self, asked: Asked, officer_id: str) -> dict[str, Any]:
        body = body_of(asked, SetDuty)
        if body.on:
            await self._desk.go_on_duty(officer_id, asked.who.name, body.hours)
        elif body.hours is not None:
            raise BadInput("hours: goes with on = true only")
        else:
            await self._desk.go_off_duty(officer_id, asked.who.name)
        return self._duty(officer_id)

    def _duty(self, officer_id: str) -> dict[str, Any]:
        officer = self._desk.officer(officer_id)
        state: OnDuty | None = self._desk.state_of(officer_id)
        until = state.until if state else None
        return {
            "officer": officer.id,
            "name": officer.name,
            "on_duty": state is not None,
            "precinct": state.precinct if state else None,
            "role": state.role if state else None,
            "until": until.isoformat() if until else None,
        }

    def _shift(self, body: PutShift) -> Shift:
        officer = self._desk.officer(body.officer)
        start, end = self._stretch(body.since, body.until)
        return Shift(
            0,
            officer.id,
            body.precinct or officer.precinct,
            body.role or officer.role,
            start,
            end,
        )

    def _stretch(self, since: str, until: str) -> tuple[datetime, datetime]:
        zone = self._desk.zone
        return moments.read(since, zone), moments.read(until, zone, ends=True)

    def operations(self) -> tuple[Operation, ...]:
        """The table of operations."""
        roster, officer = "/api/v1/roster", "/api/v1/officers/{officer_id}"
        return (
            Operation(
                "GET",
                roster,
                self.show,
                "Shifts and absences",
                LEADERS,
                query=RosterAsked,
                answer=Roster,
            ),
            Operation(
                "GET",
                f"{roster}/checks",
                self.checks,
                "Hours with nobody on duty, and conflicts, in the next days",
                LEADERS,
                query=ChecksAsked,
                answer=RosterFinding,
                listed_as="findings",
            ),
            Operation(
                "GET",
                f"{roster}/history",
                self.history,
                "Who changed what in the roster",
                LEADERS,
                query=RosterHistoryAsked,
                answer=RosterChange,
                listed_as="changes",
            ),
            Operation(
                "POST",
                f"{roster}/shifts",
                self.add_shift,
                "Plan a shift",
                LEADERS,
                body=PutShift,
                answer=RosterShift,
            ),
            Operation(
                "PUT",
                f"{roster}/shifts/{{shift_id}}",
                self.change_shift,
                "Change a shift",
                LEADERS,
                body=PutShift,
                answer=RosterShift,
            ),
            Operation(
                "DELETE",
                f"{roster}/shifts/{{shift_id}}",
                self.remove_shift,
                "Take a shift out",
                LEADERS,
                answer=Done,
            ),
            Operation(
                "POST",
                f"{roster}/absences",
                self.add_absence,
                "Note that an officer is away",
                LEADERS,
                body=PutAbsence,
                answer=RosterAbsence,
            ),
            Operation(
                "DELETE",
                f"{roster}/absences/{{absence_id}}",
                self.remove_absence,
                "Take an absence out",
                LEADERS,
                answer=Done,
            ),
            Operation(
                "POST",
                f"{roster}/import",
                self.import_file,
                "Import officers, shifts or absences (CSV, iCalendar)",
                LEADERS,
                body=ImportRoster,
                body_bytes=FILE_BYTES,
                answer=Imported,
            ),
            Operation(
                "PUT",
                officer,
                self.put_officer,
                "Add or change an officer",
                LEADERS,
                body=PutOfficer,
                answer=KnownOfficer,
            ),
            Operation(
                "DELETE",
                officer,
                self.remove_officer,
                "Take an officer out",
                LEADERS,
                answer=Done,
            ),
            Operation(
                "POST",
                f"{officer}/link",
                self.new_link,
                "Make an officer's own link",
                LEADERS,
                answer=OfficerLink,
            ),
            Operation(
                "POST",
                f"{officer}/duty",
                self.set_duty,
                "Put an officer on or off duty",
                LEADERS,
                body=SetDuty,
                answer=DutyState,
            ),
            Operation(
                "POST",
                f"{officer}/position",
                self.position,
                "Where an officer is",
                OWN_DUTY,
                body=SendPosition,
                answer=Done,
                by_link=True,
            ),
            Operation(
                "GET",
                "/api/v1/on-duty",
                self.own_duty,
                "Whether I am on duty",
                frozenset({Role.OFFICER}),
                answer=DutyState,
                by_link=True,
            ),
            Operation(
                "POST",
                "/api/v1/on-duty",
                self.set_own_duty,
                "I am on duty, or not",
                frozenset({Role.OFFICER}),
                body=SetDuty,
                answer=DutyState,
                by_link=True,
            ),
        )


def _own(asked: Asked) -> str:
    if not asked.who.officer:
        raise Forbidden("this user is no officer")
    return asked.who.officer
