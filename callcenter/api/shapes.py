"""The JSON that goes in and out, as pydantic models; `openapi.json` is made from them.

Bodies are checked against them before a handler runs. Answers are built by the service in these
shapes (a test holds them together) and may carry more than is named here.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

WIDEST_M = 100_000.0
"""A position less exact than this says nothing."""
CALL_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ID_PATTERN = r"^[A-Za-z0-9_]{1,32}$"
TASK_ID_PATTERN = r"^[0-9]{1,15}$"

CallId = Annotated[str, Field(pattern=CALL_ID_PATTERN)]
RecordField = Literal[
    "category",
    "level",
    "place",
    "when",
    "caller_name",
    "callback",
    "injured",
    "suspects",
    "weapons",
    "dangers",
    "asked_for",
]


def writable(text: str) -> str:
    """Text that can be kept; raises `ValueError` for what no database takes."""
    if "\0" in text:
        raise ValueError("a NUL cannot be kept")
    text.encode("utf-8")  # a lone surrogate cannot be kept either
    return text


def _finite(value: JsonValue) -> JsonValue:
    """Refuse NaN and infinities: JSON has no words for them, though parsers take them."""
    json.dumps(value, allow_nan=False)
    return value


class Body(BaseModel):
    """What is sent to us: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


RUNG_AT_ONCE = 4
"""So many officers' phones may be rung together by hand."""


class SignIn(Body):
    """Name and password."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class RingOfficer(Body):
    """Which officers, all at once; none: those responsible for the place, one after the other."""

    officer: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    officers: Annotated[
        list[Annotated[str, Field(pattern=ID_PATTERN)]], Field(max_length=RUNG_AT_ONCE)
    ] = []
    """Beside ``officer``, or instead."""


class Bring(Body):
    """Whom to bring to a call, and how; one of ``partner``, ``to_seat`` and ``queue``.

    ``add``: beside those who are there. ``ask``: the operator speaks with them first, the caller on
    hold. ``give``: the operator leaves at once. To a queue a call can only be given.
    """

    partner: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    to_seat: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    queue: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    how: Literal["add", "ask", "give"] = "add"
    seat: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    """Whose call it is; none: the own seat."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.partner, self.to_seat, self.queue)) != 1:
            raise ValueError("expected one of partner, to_seat and queue")
        if self.queue is not None and self.how != "give":
            raise ValueError("how: a call can only be given to a queue")
        return self


class StopParty(Body):
    """Whose phone shall ring no more: a partner's or a seat's id."""

    party: Annotated[str, Field(pattern=ID_PATTERN)]


class PutOut(Body):
    """Which leg shall leave the call."""

    leg: Annotated[str, Field(min_length=1, max_length=128)]


class OfSeat(Body):
    """Which seat; none: the own one."""

    seat: Annotated[str, Field(pattern=ID_PATTERN)] | None = None


class Edit(Body):
    """What a person typed into one field of a record; null, no text or no entries: nothing now."""

    field: RecordField
    value: Annotated[JsonValue, AfterValidator(_finite)]


class SeatChange(Body):
    """Ready for calls, or not and why."""

    state: Literal["ready", "not_ready"]
    reason: Annotated[str, Field(max_length=64)] | None = None


class WrapUp(Body):
    """Work after a call: it begins, or it is done and the record saved."""

    on: bool = True


class Prioritise(Body):
    """How urgent a call is; larger is more. null: what lines, callers and categories say."""

    priority: Annotated[int, Field(ge=-1000, le=1000)] | None


class PutPosition(Body):
    """Where the caller's phone is. ``at``: when it was there; none: now.

    ``datum``: what the degrees refer to; Chinese maps shift them (GCJ-02, BD-09).
    """

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    accuracy_m: Annotated[float, Field(ge=0, le=WIDEST_M, allow_inf_nan=False)]
    at: AwareDatetime | None = None
    source: Literal["handset", "network"] = "handset"
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"


class Move(Body):
    """Which queue the caller shall wait in."""

    queue: Annotated[str, Field(pattern=ID_PATTERN)]


class Pick(Body):
    """Which seat shall ring; none: the own one."""

    seat: Annotated[str, Field(pattern=ID_PATTERN)] | None = None


class Leave(Body):
    """Which seat leaves; none: the own one."""

    seat: Annotated[str, Field(pattern=ID_PATTERN)] | None = None


class SetSurge(Body):
    """Whether many calls come from one place: later ones hear the announcement first."""

    origin: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
    """As calls show it (``origin``)."""
    on: bool


class Nothing(Body):
    """No content."""


class Follow(Body):
    """A client's message on the event stream: exactly one of the fields."""

    subscribe: Annotated[str, Field(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$")] | None = (
        None
    )
    """A call whose details, words and record are to be sent; ``*``: all (not for officers)."""
    unsubscribe: Annotated[str, Field(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$")] | None = (
        None
    )
    ping: int | None = None
    """Answered with ``{"type": "pong", "ping": …}``."""


class Answer(BaseModel):
    """What is sent by us."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)


class Done(Answer):
    """It was done."""

    ok: Literal[True]


class Me(Answer):
    """Who is signed in."""

    name: str
    role: Literal["operator", "supervisor", "admin", "officer"]
    seat: str | None
    officer: str | None
    expires_at: datetime | None


class CallPosition(Answer):
    """Where a caller's phone was at a moment."""

    latitude: float
    longitude: float
    accuracy_m: float
    at: datetime
    source: Literal["handset", "network"]
    by: str
    datum: Literal["WGS-84"]
    in_reach: bool
    """Whether it is near enough to any precinct to be used to choose places."""


class CallResponsible(Answer):
    """Whom a call belongs to, and why; ``text`` says it in a line."""

    to: Literal["areas", "partner"]
    kind: str
    """Of boundaries; empty for a partner."""
    key: str
    """The area as rosters name it, or the partner's id."""
    label: str
    because: str
    rule: str | None
    """The rule's id; null: none fits, hence the place alone."""
    instead: str | None
    """Why it is not what the rule says; null: it is."""
    text: str


class CallSummary(Answer):
    """One line of the list of calls."""

    id: CallId
    line: str
    caller: Annotated[str, Field(alias="from")]
    queue: str
    state: Literal["arrived", "waiting", "offered", "diverted", "talking", "with_officer", "closed"]
    arrived_at: datetime
    wait_ms: int
    answered_at: datetime | None
    seat: str | None
    offered_to: list[str] = []
    """Seats whose phones ring for it."""
    origin: str | None = None
    """Where the network says it comes from; the ``origin`` of a surge."""
    position: CallPosition | None = None
    """Where the caller's phone was, as it or the network said last."""
    priority_by_hand: int | None = None
    """What a person gave this very call; null: what lines, callers and categories say."""
    officer: str | None
    officer_state: Literal["ringing", "briefed", "joined", "heard", "exhausted"] | None
    officers_rung: list[str] = []
    """Whose phones ring now, or who hears the brief."""
    responsible: CallResponsible | None = None
    """Who is rung when nobody is named; null: nothing says so yet."""
    coming: list[dict[str, str]] = []
    """Partners and seats whose phones ring: ``role``, ``party``, ``how``, and by which ``seat``."""
    held: bool = False
    """The caller is on hold, with music."""
    language: str
    category: str | None
    level: str | None
    place_text: str | None
    precinct: str | None


class Leg(Answer):
    """A party of a call."""

    id: str
    role: Literal["caller", "operator", "officer", "partner"]
    party: str | None
    joined_at: datetime | None
    left_at: datetime | None
    heard: bool
    aside: bool = False
    """Apart from the caller."""


class Step(Answer):
    """A rung of the deadline ladder; ``ms`` from the first INVITE."""

    step: Literal[
        "ringing",
        "answered",
        "first_words",
        "place_known",
        "officer_ringing",
        "officer_took",
        "both_heard",
        "operator_left",
        "closed",
    ]
    ms: int | None
    budget_ms: int | None
    late: bool


class Incident(Answer):
    """The structured record: values, and where each came from."""

    fields: dict[str, Any]
    evidence: dict[str, list[dict[str, Any]]]
    contradictions: list[Any] = []


class OfficerRinging(Answer):
    """What came of asking for an officer."""

    call_id: CallId
    state: Literal["ringing", "already_ringing"]
    officers: list[str]
    """Who is rung, in order; empty where somebody is being rung already."""
    partner: str | None = None
    """Who is rung because the matter is theirs, not the police's."""


class Recording(Answer):
    """A finished recording."""

    path: str
    sha256: str
    duration_ms: int
    starts_ms: int = 0
    """When its first sample was heard, from the call's start: what was said at ``start_ms`` is at
    ``start_ms - starts_ms`` of the recording."""
    url: str


class Speech(Answer):
    """Whether speech is recognised, and if not, why."""

    available: bool
    why: str
    interim: bool = True
    """Whether words are shown while they are said."""
    deferred_legs: int = 0
    """Legs that are transcribed after their calls, because the machine is full."""
    late_waiting: int = 0
    """Stretches of recordings that wait to be transcribed."""


class Call(CallSummary):
    """One call with all that its page shows besides the transcript."""

    legs: list[Leg]
    timeline: list[Step]
    incident: Incident | None
    recordings: list[Recording]
    speech: Speech


class SpokenWord(Answer):
    """One word; times in ms from the call's start."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None


class Segment(Answer):
    """Something that was said; times in ms from the call's start."""

    id: str
    leg: str
    role: Literal["caller", "operator", "officer"]
    party: str | None
    start_ms: int
    end_ms: int
    text: str
    final: bool
    confidence: float | None
    engine: str
    model: str
    language: str = ""
    """What it was recognised in; empty: from before this was kept."""
    late: bool = False
    """Transcribed after the call, from the recording."""
    words: list[SpokenWord] = []
    """Empty where the engine gives no times of words."""


class SeatSkill(Answer):
    """What an operator there can, and how well."""

    skill: str
    level: int


class Reason(Answer):
    """Why a seat is not ready, to choose from."""

    id: str
    label: str


class Picked(Answer):
    """A caller is offered to a seat."""

    call_id: CallId
    seat: str
    state: Literal["ringing"]


class Surge(Answer):
    """A surge: callers from there hear an announcement first."""

    origin: str
    on: bool


class Seat(Answer):
    """An operator's place; ``until``: when wrap-up or a pause ends by itself."""

    id: str
    name: str
    queues: list[str]
    skills: list[SeatSkill]
    phone: str
    state: Literal["offline", "not_ready", "ready", "offered", "talking", "wrap_up"]
    reason: str | None
    call_id: str | None
    since: datetime
    until: datetime | None


class WaitingCall(Answer):
    """A caller in a queue, in the order in which they get a seat; ``position`` from 1."""

    call_id: CallId
    position: int
    place: int
    """The same among the callers of all queues."""
    priority: int
    wait_ms: int
    overflowed: bool
    estimated_wait_ms: int | None
    """How much longer, as far as that can be told."""


class Queue(Answer):
    """Where calls wait. ``estimated_wait_ms``: for whoever came last."""

    id: str
    name: str
    priority: int
    strategy: str
    ring_s: float
    wrap_up_s: float
    after_call: str
    estimated_wait_ms: int | None
    waiting: list[WaitingCall]
    seats: list[str]


class OnDutyNow(Answer):
    """How an officer is on duty."""

    precinct: str
    role: str
    until: str | None
    """None where it is not foreseen."""
    source: Literal["planned", "self", "standing"]


class OfficerPosition(Answer):
    """Where an officer was last."""

    lat: float
    lon: float
    accuracy_m: float
    at: str
    age_s: int
    fresh: bool
    """Whether it counts when the nearest officer is looked for."""


class Officer(Answer):
    """A precinct officer."""

    id: str
    name: str
    precinct: str
    duty: str
    language: str | None
    state: str
    missed: int
    """Hunts in a row, lately, in which they were rung in vain."""
    numbers: list[str] = []
    """For leaders only."""
    reachable: bool = True
    """Whether one of the numbers may be rung."""
    on_duty: OnDutyNow | None = None
    position: OfficerPosition | None = None


class GeoJson(Answer):
    """Boundaries as a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


class Problem(Answer):
    """What is wrong, and what to do next."""

    code: str
    message: str
    next: str


class ProblemAnswer(Answer):
    """Every answer that is not what was asked for."""

    error: Problem


class Ready(Answer):
    """Whether calls are conducted."""

    ready: bool


class Health(Answer):
    """What works and what does not."""
