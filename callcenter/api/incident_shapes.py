"""The JSON of incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from callcenter.incidents.naming import INCIDENT_ID_PATTERN
from callcenter.incidents.record import CATEGORIES, LEVELS

from .shapes import Answer, Body, CallId, Incident, Segment, writable
from .shapes import Leg as CallLeg
from .shapes import Step as CallStep

WHY_CHARS = 500
PAGE_AT_MOST = 200

_Moment = Annotated[str, Field(max_length=40)]


def _one_of(*known: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and value not in known:
            raise ValueError(f"expected one of {', '.join(known)}")
        return value

    return AfterValidator(check)


IncidentId = Annotated[str, Field(pattern=INCIDENT_ID_PATTERN)]
_Why = Annotated[str, Field(max_length=WHY_CHARS), AfterValidator(writable)]


class IncidentsExported(Body):
    """Which incidents: those that began in a period, and that have a call with all of this.

    No ``from``: today's midnight, no ``to``: now; a date stands for its midnight.
    """

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)

    since: _Moment = Field(default="", alias="from")
    until: _Moment = Field(default="", alias="to")
    category: Annotated[str, _one_of(*CATEGORIES)] = ""
    level: Annotated[str, _one_of(*LEVELS)] = ""
    precinct: Annotated[str, Field(max_length=64), AfterValidator(writable)] = ""
    words: Annotated[str, Field(max_length=100), AfterValidator(writable)] = ""
    """In the place or the caller's number."""


class IncidentsAsked(IncidentsExported):
    """The same, a page at a time."""

    limit: Annotated[str, Field(pattern=r"^[0-9]{1,3}$")] = "50"
    after: Annotated[str, Field(max_length=200)] = ""
    """``next`` of the page before."""


class JoinIncident(Body):
    """Which incident (or call) is the same matter, and why; no ``why``: what speaks for it."""

    incident: IncidentId
    why: _Why = ""


class SeparateIncident(Body):
    """Which join is taken back; none: the newest one."""

    join: Annotated[int, Field(ge=1, le=2**53)] | None = None
    why: _Why = ""


class IncidentLine(Answer):
    """One line of the list of incidents."""

    id: IncidentId
    began_at: datetime
    ended_at: datetime | None
    finished: bool
    call_ids: list[CallId]
    lines: list[str]
    numbers: list[str]
    category: str | None
    level: str | None
    place_text: str | None
    precinct: str | None
    contradictions: int


class IncidentPage(Answer):
    """Some incidents, the newest first."""

    since: str = Field(alias="from")
    until: str = Field(alias="to")
    incidents: list[IncidentLine]
    next: str | None
    """What to give as ``after`` for the next page; null on the last one."""


class CallOfIncident(Answer):
    """One call of an incident, with what its own record says."""

    id: CallId
    line: str
    caller: Annotated[str, Field(alias="from")]
    state: str
    arrived_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    seat: str | None
    officer: str | None
    language: str
    fields: dict[str, Any]


class Joined(Answer):
    """That an incident was made part of another; ``separated_at``: and was taken out again."""

    join: int
    incident: IncidentId
    into: IncidentId
    at: datetime
    by: str
    why: str
    separated_at: datetime | None
    separated_by: str | None
    separated_why: str | None


class FieldEdit(Answer):
    """What a person typed into a field, and what that replaced."""

    call_id: CallId
    at: datetime
    by: str
    value: Any
    """null: what was typed was taken back."""
    before: Any = None
    before_by: str | None = None
    """Who had typed what was replaced; null: it was heard, or empty."""


class WholeIncident(Incident):
    """An incident: the records of its calls as one.

    Where calls differ, ``contradictions`` have ``call_id`` (the call that says otherwise) and
    ``stands_of`` (the call whose value stands); ``typed`` is what stands.
    """

    id: IncidentId
    finished: bool
    complete: bool
    """False when the database could not say what else belongs to it."""
    calls: list[CallOfIncident]
    joins: list[Joined]
    separated: list[Joined]
    history: dict[str, list[FieldEdit]]


class ExportedCall(CallOfIncident):
    """A call as it is exported."""

    timeline: list[CallStep]
    legs: list[CallLeg]
    recordings: list[dict[str, Any]]
    transcript: list[Segment]


class ExportedIncident(WholeIncident):
    """An incident with everything that is known of it."""

    format: Literal[1]
    exported_at: datetime
    exported_by: str
    calls: list[ExportedCall]  # type: ignore[assignment]  # each is more than a CallOfIncident


class OfferReason(Answer):
    """One thing that speaks for it; names that begin with other_ speak against it."""

    name: str
    text: str


class Separated(Answer):
    """Who took two incidents apart, and when."""

    by: str
    at: datetime


class Offer(Answer):
    """An incident that may be the same."""

    incident: IncidentId
    score: Annotated[float, Field(ge=0, le=1)]
    reasons: list[OfferReason]
    call_ids: list[CallId]
    began_at: datetime
    finished: bool
    numbers: list[str]
    category: str | None
    level: str | None
    place_text: str | None
    precinct: str | None
    separated: Separated | None


class Recontact(Answer):
    """A call by the same caller, or about the same place."""

    call_id: CallId
    incident: IncidentId
    arrived_at: datetime
    same: list[Literal["number", "place"]]
    recontact: bool
    """Within 24 h, before or after; else it is one of the caller's earlier calls."""
    distance_m: int | None
    """Between the two places, when they are near each other."""
    from_: str = Field(alias="from")
    category: str | None
    level: str | None
    place_text: str | None
    precinct: str | None
    officer: str | None
    step: str | None
    """Where the officer's response stands."""
    result: str | None
