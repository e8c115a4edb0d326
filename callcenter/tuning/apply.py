"""What a document means at one moment: for the engine, for the rooms, for Asterisk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from acd.model import (
    AfterCall,
    FloorSettings,
    OverflowRule,
    OverflowTo,
    OverflowWhen,
    QueueSettings,
    RelaxStep,
    SeatSettings,
    SkillNeed,
    Strategy,
)
from acd.model import Surge as EngineSurge
from callcenter import settings as file_settings
from callcenter.incidents.own_words import OwnWords
from callcenter.precincts.responsibility import Rule
from callcenter.precincts.roster import Roster
from callcenter.precincts.roster import Shift as RosterShift
from callcenter.settings import Settings
from callcenter.tuning import hours
from callcenter.tuning.document import Document, Need, Overflow, Queue, Seat


def floor_settings(document: Document, at: datetime) -> FloorSettings:
    """What the engine is told: the rules of this moment, calendars looked up.

    Raises:
        InvalidSettings: the document was not checked.
        ValueError: ``at`` has no zone.
    """
    shut = closed_queues(document, at)
    return FloorSettings(
        queues=tuple(_queue(queue, closed=queue.id in shut) for queue in document.queues),
        seats=tuple(_seat(seat) for seat in document.seats),
        ageing_per_s=document.floor.ageing_per_s,
        last_seat_s=document.floor.last_seat_s,
    )


def closed_queues(document: Document, at: datetime) -> frozenset[str]:
    """Queues that are outside their hours at this moment."""
    if at.tzinfo is None:
        raise ValueError("calendars need a time with a zone")
    calendars = {calendar.id: calendar for calendar in document.calendars}
    shut = {
        calendar.id
        for calendar in document.calendars
        if not hours.is_open(calendar, _zone(document, calendar.time_zone), at)
    }
    return frozenset(
        queue.id for queue in document.queues if queue.hours in calendars and queue.hours in shut
    )


def next_change(document: Document, at: datetime) -> datetime | None:
    """When the rules change by themselves next: a calendar in use opens or closes. UTC."""
    if at.tzinfo is None:
        raise ValueError("calendars need a time with a zone")
    used = {queue.hours for queue in document.queues}
    changes = (
        hours.next_change(calendar, _zone(document, calendar.time_zone), at)
        for calendar in document.calendars
        if calendar.id in used
    )
    return min((change for change in changes if change is not None), default=None)


def settings_with(document: Document, settings: Settings) -> Settings:
    """The service's settings with everything that the document tunes in its place.

    What only the file knows of a line or seat stays as it is there.
    """
    lines = {line.number: line for line in settings.lines}
    return settings.model_copy(
        update={
            "queues": tuple(
                file_settings.Queue(
                    id=queue.id,
                    name=queue.name,
                    priority=queue.priority,
                    ring_s=queue.ring_s,
                    wrap_up_s=queue.wrap_up_s,
                )
                for queue in document.queues
            ),
            "lines": tuple(
                lines[line.number].model_copy(
                    update={
                        "queue": line.queue,
                        "hang_up": line.operator_hang_up,
                        "vanished": line.seat_vanished,
                    }
                )
                for line in document.lines
                if line.number in lines
            ),
            "seats": tuple(
                # Constructed as it is: a seat may serve no queue here, unlike in the file.
                file_settings.Seat.model_construct(
                    id=seat.id, name=seat.name, queues=seat.queues, phone=seat.phone
                )
                for seat in document.seats
            ),
            "deadlines": file_settings.Deadlines(**document.deadlines.model_dump()),
        }
    )


def roster(
    document: Document, neighbours: Callable[[str], Iterable[str]] = lambda precinct: ()
) -> Roster | None:
    """Who is on duty where; None without a roster in the document."""
    if not document.roster:
        return None
    shifts = {
        place.precinct: [
            RosterShift(
                time.fromisoformat(shift.from_),
                time.fromisoformat(shift.to),
                frozenset(shift.days),
                {"duty": shift.duty, "deputy": shift.deputies, "desk": shift.desk},
            )
            for shift in place.shifts
        ]
        for place in document.roster
    }
    return Roster(
        shifts,
        command={place.precinct: place.command for place in document.roster},
        zone=ZoneInfo(document.time_zone),
        neighbours=neighbours,
    )


def responsibility(document: Document) -> tuple[Rule, ...]:
    """Who is responsible for what, in the order in which it is looked up."""
    return tuple(
        Rule(
            rule.id,
            rule.to,
            rule.target,
            frozenset(map(str, rule.categories)),
            frozenset(map(str, rule.levels)),
        )
        for rule in document.responsibility
    )


def own_words(document: Document) -> tuple[OwnWords, ...]:
    """The words that are taught besides the product's lexicons."""
    return tuple(
        OwnWords(each.id, each.language, each.means, each.name, each.says, each.level or "")
        for each in document.words
    )


def needs(wanted: Sequence[Need]) -> tuple[SkillNeed, ...]:
    """Needs as the engine takes them."""
    return tuple(
        SkillNeed(
            need.skill,
            need.level,
            need.required,
            tuple(RelaxStep(step.after_s, step.level) for step in need.relax),
        )
        for need in wanted
    )


def try_all(document: Document, at: datetime) -> None:
    """Build all that the document can mean, at any time of day, so that nothing fails later.

    Raises:
        InvalidSettings: the engine would refuse it.
    """
    floor_settings(document, at)
    for queue in document.queues:
        _queue(queue, closed=queue.closed is not None)
    roster(document)
    next_change(document, at.astimezone(UTC))


def _zone(document: Document, name: str | None) -> ZoneInfo:
    return ZoneInfo(name or document.time_zone)


def _queue(queue: Queue, *, closed: bool) -> QueueSettings:
    # What is left out of `closed` stays as it is by day.
    other = queue.closed if closed else None
    overflow, wanted = queue.overflow, queue.needs
    priority, strategy = queue.priority, queue.strategy
    if other is not None:
        overflow = overflow if other.overflow is None else other.overflow
        wanted = wanted if other.needs is None else other.needs
        priority = priority if other.priority is None else other.priority
        strategy = other.strategy or strategy
    return QueueSettings(
        id=queue.id,
        priority=priority,
        ring_s=queue.ring_s,
        wrap_up_s=queue.wrap_up_s,
        after_call=AfterCall(queue.after_call),
        strategy=Strategy(strategy),
        needs=needs(wanted),
        overflow=tuple(_rule(rule) for rule in overflow),
        surge=EngineSurge(**queue.surge.model_dump()) if queue.surge else None,
        redial_s=queue.redial_s,
        called_party_hold_s=queue.called_party_hold_s,
        misses_before_not_ready=queue.misses_before_not_ready,
        no_answer_pause_s=queue.no_answer_pause_s,
        rejected_pause_s=queue.rejected_pause_s,
        busy_pause_s=queue.busy_pause_s,
        unreachable_pause_s=queue.unreachable_pause_s,
    )


def _rule(rule: Overflow) -> OverflowRule:
    return OverflowRule(OverflowWhen(rule.when), OverflowTo(rule.to), rule.threshold, rule.target)


def _seat(seat: Seat) -> SeatSettings:
    return SeatSettings(
        id=seat.id,
        queues=seat.queues,
        skills=tuple(sorted(seat.skills.items())),
        phone=seat.phone or seat.id,
        calls_per_hour=seat.calls_per_hour,
    )
