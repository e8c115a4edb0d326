"""The document of everything that is tuned while calls run: one whole, valid or refused.

Its bounds are here; what must fit together, and to what Asterisk and the settings file know, is in
`callcenter.tuning.checks`. In JSON it is what ``GET /api/v1/tuning`` shows, in TOML what
``callcenter config export`` writes.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from acd.model import AfterCall, OverflowTo, OverflowWhen, Strategy
from callcenter.incidents.record import CATEGORIES, LEVELS
from callcenter.precincts.roster import DAYS
from callcenter.settings import CallEnd, PhoneId
from callcenter.tuning.errors import BadDocument, Flaw
from callcenter.tuning.parts import (
    CallerNumber,
    Clock,
    Day,
    DayOfYear,
    Identifier,
    Label,
    Level,
    Number,
    Part,
    Pattern,
    Priority,
    Seconds,
    Skill,
    Text,
    ZoneName,
)

FORMAT: Final = 2
"""Format 1 is the queues, seats and lines of a settings file."""
MOST_FLAWS_TOLD = 100

StrategyName = Literal[
    "longest_idle", "fewest_calls", "round_robin", "most_skilled", "ring_all", "last_seat"
]
AfterCallName = Literal["none", "optional", "timed", "until_saved"]
WhenName = Literal["waited_s", "queue_length", "no_seat", "estimated_wait_s"]
ToName = Literal["queue", "everybody", "number", "announcement"]
Category = Literal[
    "violence",
    "robbery",
    "theft",
    "domestic_violence",
    "fraud",
    "traffic",
    "fire",
    "medical",
    "missing_person",
    "suicide_danger",
    "public_order",
    "hazard",
    "enquiry",
    "nuisance",
    "silent",
    "unknown",
]
LevelName = Literal["red", "orange", "yellow", "blue"]
_LISTS_THAT_AGREE = (
    (StrategyName, tuple(Strategy)),
    (AfterCallName, tuple(AfterCall)),
    (WhenName, tuple(OverflowWhen)),
    (ToName, tuple(OverflowTo)),
    (Category, CATEGORIES),
    (LevelName, LEVELS),
)
"""What is written out here for JSON's sake, beside what it must equal (a test holds it)."""


class Relax(Part):
    """After ``after_s`` of waiting this level is enough; 0: the skill is only preferred."""

    after_s: Annotated[float, Field(gt=0, le=86400)]
    level: Annotated[int, Field(ge=0, le=10)] = 0


class Need(Part):
    """A skill that a seat must have (or, not ``required``, should have) for a call."""

    skill: Skill
    level: Level = 1
    required: bool = True
    relax: Annotated[tuple[Relax, ...], Field(max_length=10)] = ()


class Overflow(Part):
    """What is done, once, with a call for which ``when`` reaches ``threshold``."""

    when: WhenName
    to: ToName
    threshold: Annotated[float, Field(ge=0, le=86400)] = 0.0
    """Seconds, or calls for ``queue_length``; 0 for ``no_seat``, which has none."""
    target: Annotated[str, Field(max_length=32)] = ""
    """The queue, number or announcement; empty for everybody."""


class Surge(Part):
    """``calls`` from one place within ``within_s``: later ones hear the announcement first."""

    calls: Annotated[int, Field(ge=2, le=10000)]
    within_s: Annotated[float, Field(gt=0, le=86400)] = 60.0
    announcement: Identifier = "surge"
    announcement_s: Annotated[float, Field(gt=0, le=30)] = 15.0


class Closed(Part):
    """What is different outside a queue's hours; what is left out stays as it is.

    Calls are always taken: a closed queue has other rules, such as everybody at once.
    """

    priority: Priority | None = None
    strategy: StrategyName | None = None
    needs: Annotated[tuple[Need, ...], Field(max_length=20)] | None = None
    overflow: Annotated[tuple[Overflow, ...], Field(max_length=20)] | None = None


class Queue(Part):
    """How the calls of one queue are ordered, offered and helped on."""

    id: Identifier
    name: Label = ""
    priority: Priority = 0
    strategy: StrategyName = "longest_idle"
    ring_s: Annotated[float, Field(gt=0, le=120)] = 15.0
    after_call: AfterCallName = "timed"
    wrap_up_s: Annotated[float, Field(ge=0, le=7200)] = 0.0
    misses_before_not_ready: Annotated[int, Field(ge=1, le=100)] = 2
    no_answer_pause_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    rejected_pause_s: Annotated[float, Field(ge=0, le=3600)] = 3.0
    busy_pause_s: Annotated[float, Field(gt=0, le=3600)] = 3.0
    unreachable_pause_s: Annotated[float, Field(gt=0, le=3600)] = 15.0
    redial_s: Seconds = 600.0
    called_party_hold_s: Annotated[float, Field(ge=0, le=600)] = 0.0
    needs: Annotated[tuple[Need, ...], Field(max_length=20)] = ()
    overflow: Annotated[tuple[Overflow, ...], Field(max_length=20)] = ()
    surge: Surge | None = None
    hours: Identifier | None = None
    """A calendar; outside it the rules of ``closed`` are in force."""
    closed: Closed | None = None


class Line(Part):
    """A number that callers dial: what its calls are and how they end."""

    number: Number
    queue: Identifier
    priority: Priority = 0
    needs: Annotated[tuple[Need, ...], Field(max_length=20)] = ()
    language: Literal["ignored", "preferred", "required"] = "preferred"
    """Whether a seat should, or must, have the skill that is called as the caller's language."""
    language_relax: Annotated[tuple[Relax, ...], Field(max_length=10)] = ()
    """When it is required no longer, or at a lower level."""
    operator_hang_up: CallEnd = "end"
    """What the operator's hang-up does to a caller with whom nobody else is left."""
    seat_vanished: CallEnd = "return"
    """The same for an operator whose phone vanishes."""


class Seat(Part):
    """An operator's place; without queues it takes only calls that go to everybody."""

    id: PhoneId
    name: Label = ""
    queues: Annotated[tuple[Identifier, ...], Field(max_length=200)] = ()
    skills: Annotated[dict[Skill, Level], Field(max_length=50, default_factory=dict)]
    phone: PhoneId | None = None
    """The SIP user of its phone; its own id by default."""
    supervisor: bool = False
    """Takes only calls that go to everybody, hence serves no queue."""
    calls_per_hour: Annotated[int, Field(ge=0, le=1000)] = 0
    """A seat that took so many is chosen only when no other can be. 0: no limit."""


class CallerPriority(Part):
    """Calls from this number have this priority besides their line's."""

    number: CallerNumber
    priority: Priority
    reason: Text


class NotReadyReason(Part):
    """Why an operator takes no calls, to choose from."""

    id: Identifier
    label: Text


class Floor(Part):
    """What holds for every queue alike."""

    ageing_per_s: Annotated[float, Field(ge=0, le=10)] = 1 / 60
    """Priority that every waiting call gains."""
    last_seat_s: Annotated[float, Field(ge=0, le=31 * 86400)] = 86400.0
    """How long it is remembered which seat knew a caller."""


class Deadlines(Part):
    """The ladder of one call, in seconds from its first INVITE."""

    answered_s: Annotated[float, Field(gt=0, le=3600)] = 3.0
    officer_ringing_s: Annotated[float, Field(gt=0, le=3600)] = 15.0
    officer_speaking_s: Annotated[float, Field(gt=0, le=3600)] = 30.0
    officer_ring_s: Annotated[float, Field(ge=1, le=120)] = 12.0
    """How long one officer's phone rings before it counts as not answered."""
    officer_overlap_s: Annotated[float, Field(ge=0, le=60)] = 4.0
    """The next officer's phone starts to ring so long before the last gives up."""
    officer_back_after_s: Annotated[float, Field(ge=0, le=86400)] = 600.0
    """An officer who twice did not answer is asked after the others for so long."""
    officer_heard_s: Annotated[float, Field(gt=0, le=60)] = 6.0
    """Who of caller and officer is not heard so long after the officer came is told."""


class Target(Part):
    """``percent`` of the calls answered within ``within_s``."""

    within_s: Annotated[float, Field(gt=0, le=3600)]
    percent: Annotated[float, Field(gt=0, le=100)]


class ServiceLevel(Part):
    """By which thresholds the figures are told, and what is aimed at."""

    thresholds_s: Annotated[
        tuple[Annotated[float, Field(gt=0, le=3600)], ...], Field(min_length=1, max_length=20)
    ] = (3.0, 10.0, 15.0, 20.0, 30.0, 60.0)
    targets: Annotated[tuple[Target, ...], Field(max_length=20)] = (
        Target(within_s=3, percent=95),
        Target(within_s=15, percent=90),
        Target(within_s=20, percent=95),
    )


class Opening(Part):
    """Open from one local time to another, past midnight where ``to`` <= ``from``.

    It belongs to the day on which it starts; equal times are the whole 24 hours.
    """

    from_: Annotated[Clock, Field(alias="from")]
    to: Clock
    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] = DAYS


class HolidayOpening(Part):
    """The same on a holiday."""

    from_: Annotated[Clock, Field(alias="from")]
    to: Clock


class Holiday(Part):
    """A day that is not as its weekday: closed, or open at other times."""

    date: DayOfYear
    name: Label = ""
    opening: Annotated[tuple[HolidayOpening, ...], Field(max_length=10)] = ()


class Calendar(Part):
    """Opening hours by weekday, and the holidays that go before them."""

    id: Identifier
    name: Label = ""
    time_zone: ZoneName | None = None
    """The document's by default."""
    opening: Annotated[tuple[Opening, ...], Field(max_length=50)] = ()
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=500)] = ()


class Shift(Part):
    """Officers of one stretch of the day; times as in `Opening`."""

    from_: Annotated[Clock, Field(alias="from")] = "00:00"
    to: Clock = "00:00"
    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] = DAYS
    duty: Annotated[tuple[PhoneId, ...], Field(min_length=1, max_length=50)]
    deputies: Annotated[tuple[PhoneId, ...], Field(max_length=50)] = ()
    desk: Annotated[tuple[PhoneId, ...], Field(max_length=50)] = ()


class Precinct(Part):
    """Who is on duty in a precinct, and its district's command, rung last."""

    precinct: Annotated[str, Field(min_length=1, max_length=255)]
    shifts: Annotated[tuple[Shift, ...], Field(min_length=1, max_length=100)]
    command: Annotated[tuple[PhoneId, ...], Field(max_length=50)] = ()


class Responsible(Part):
    """Who is responsible for calls of these categories and levels; none named: of any.

    The first rule that fits a call counts. Without one the precinct of the place is responsible.
    """

    id: Identifier
    categories: Annotated[tuple[Category, ...], Field(max_length=20)] = ()
    levels: Annotated[tuple[LevelName, ...], Field(max_length=4)] = ()
    to: Literal["areas", "partner"] = "areas"
    target: Annotated[str, Field(min_length=1, max_length=32)]
    """A kind of boundaries, or a partner: a desk outside the hotline."""


class Words(Part):
    """What some words mean, besides the lexicon that comes with the product.

    ``means`` a danger or weapon of this ``name``, which may be new, a category, or nothing: what
    the lexicon finds in them does not count. ``level`` is that of a danger, in every language.
    """

    id: Identifier
    language: Literal["en", "ko", "zh"]
    means: Literal["danger", "weapon", "category", "nothing"] = "danger"
    name: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,31})?$")] = ""
    says: Annotated[tuple[Pattern, ...], Field(max_length=50)] = ()
    """Written as in a lexicon (`callcenter.incidents.patterns`)."""
    level: LevelName | None = None


class Document(Part):
    """Everything that is tuned. Without ``roster`` all officers are on duty at all times."""

    time_zone: ZoneName = "UTC"
    floor: Floor = Floor()
    queues: Annotated[tuple[Queue, ...], Field(min_length=1, max_length=500)]
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=500)]
    seats: Annotated[tuple[Seat, ...], Field(max_length=5000)] = ()
    callers: Annotated[tuple[CallerPriority, ...], Field(max_length=20000)] = ()
    categories: Annotated[dict[Category, Priority], Field(default_factory=dict)]
    """Added when a person has confirmed the category; what is recognised changes nothing."""
    reasons: Annotated[tuple[NotReadyReason, ...], Field(min_length=1, max_length=50)] = (
        NotReadyReason(id="break", label="Break"),
        NotReadyReason(id="meal", label="Meal"),
        NotReadyReason(id="briefing", label="Briefing"),
        NotReadyReason(id="training", label="Training"),
        NotReadyReason(id="paperwork", label="Paperwork"),
    )
    deadlines: Deadlines = Deadlines()
    service_level: ServiceLevel = ServiceLevel()
    calendars: Annotated[tuple[Calendar, ...], Field(max_length=100)] = ()
    roster: Annotated[tuple[Precinct, ...], Field(max_length=2000)] = ()
    responsibility: Annotated[tuple[Responsible, ...], Field(max_length=200)] = ()
    """In order."""
    words: Annotated[tuple[Words, ...], Field(max_length=500)] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON values, every field named; what is not set is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def read(raw: object) -> Document:
    """The document in these JSON values, its bounds checked.

    Raises:
        BadDocument: a field is missing, unknown, of another kind or out of bounds.
    """
    try:
        text = json.dumps(raw, allow_nan=False)
    except (TypeError, ValueError):
        raise BadDocument([Flaw("", "not JSON values (a number may not be infinite)")]) from None
    try:
        # As text, since only so are kinds checked strictly and lists taken for what they are.
        return Document.model_validate_json(text)
    except ValidationError as error:
        raise BadDocument(_flaws(error)) from None


def _flaws(error: ValidationError) -> list[Flaw]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    # A list whose item is wrong is also said to be too short: the item tells it all.
    around = {entry["loc"][:depth] for entry in found for depth in range(len(entry["loc"]))}
    found = [entry for entry in found if entry["loc"] not in around]
    return [
        Flaw(".".join(str(step) for step in entry["loc"]), entry["msg"])
        for entry in found[:MOST_FLAWS_TOLD]
    ]
