"""What must fit together in a document: within itself, and with what Asterisk knows.

Errors refuse it, warnings are shown beside it. Both name the field, what is wrong, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from callcenter.incidents import own_words
from callcenter.precincts.roster import DAYS
from callcenter.tuning import apply
from callcenter.tuning.document import (
    Calendar,
    Document,
    HolidayOpening,
    Need,
    Opening,
    Overflow,
    Queue,
    Relax,
    Shift,
)
from callcenter.tuning.errors import BadDocument, Flaw
from callcenter.tuning.known import Known

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
RENDER = "add it to the settings file, run `callcenter asterisk render` and reload Asterisk"


def check(document: Document, known: Known) -> tuple[Flaw, ...]:
    """The warnings about a document that can be put in force.

    Raises:
        BadDocument: it cannot; with every flaw that was found.
    """
    flaws = [*_names(document), *_queues(document, known), *_places(document, known)]
    flaws += [*_calendars(document), *_deadlines(document), *_roster(document, known)]
    flaws += [*_responsibility(document, known), *_words(document)]
    if flaws:
        raise BadDocument(flaws)
    return tuple(_warnings(document))


# Errors


def _names(document: Document) -> Iterator[Flaw]:
    yield from _twice("queues", "id", [queue.id for queue in document.queues])
    yield from _twice("lines", "number", [line.number for line in document.lines])
    yield from _twice("seats", "id", [seat.id for seat in document.seats])
    yield from _twice("callers", "number", [caller.number for caller in document.callers])
    yield from _twice("reasons", "id", [reason.id for reason in document.reasons])
    yield from _twice("calendars", "id", [calendar.id for calendar in document.calendars])
    yield from _twice("roster", "precinct", [place.precinct for place in document.roster])
    yield from _twice("responsibility", "id", [rule.id for rule in document.responsibility])
    yield from _twice("words", "id", [each.id for each in document.words])
    yield from _twice("service_level.thresholds_s", "", list(document.service_level.thresholds_s))


def _twice(path: str, field: str, names: Sequence[object]) -> Iterator[Flaw]:
    seen: set[object] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield Flaw(_dotted(path, at, field), f"{name} is named twice")
        seen.add(name)


def _queues(document: Document, known: Known) -> Iterator[Flaw]:
    queues = {queue.id for queue in document.queues}
    calendars = {calendar.id for calendar in document.calendars}
    for at, queue in enumerate(document.queues):
        path = f"queues.{at}"
        yield from _needs(f"{path}.needs", queue.needs)
        yield from _overflow(f"{path}.overflow", queue.overflow, queue.id, queues, known)
        if queue.hours is not None and queue.hours not in calendars:
            yield Flaw(f"{path}.hours", f"calendar {queue.hours} is not defined")
        if (queue.hours is None) != (queue.closed is None):
            missing = "hours" if queue.hours is None else "closed"
            yield Flaw(
                f"{path}.{missing}",
                f"queue {queue.id}: hours and closed go together; a queue with hours says what is"
                " different outside them",
            )
        if queue.closed is not None:
            yield from _needs(f"{path}.closed.needs", queue.closed.needs or ())
            rules = queue.closed.overflow or ()
            yield from _overflow(f"{path}.closed.overflow", rules, queue.id, queues, known)
        if queue.surge and queue.surge.announcement not in known.announcements:
            yield _no_announcement(f"{path}.surge.announcement", queue.surge.announcement, known)
    yield from _loops(document)


def _needs(path: str, needs: Sequence[Need]) -> Iterator[Flaw]:
    yield from _twice(path, "skill", [need.skill for need in needs])
    for at, need in enumerate(needs):
        if need.relax and not need.required:
            yield Flaw(f"{path}.{at}.relax", "only a required skill can be relaxed")
        yield from _relaxing(f"{path}.{at}.relax", need.level, need.relax)


def _relaxing(path: str, level: int, steps: Sequence[Relax]) -> Iterator[Flaw]:
    for at, relax in enumerate(steps):
        if relax.level >= level:
            yield Flaw(
                f"{path}.{at}.level",
                f"{relax.level} asks no less than {level} before it; expected a lower level",
            )
        level = relax.level
    for at, (before, after) in enumerate(pairwise(steps), start=1):
        if after.after_s <= before.after_s:
            yield Flaw(
                f"{path}.{at}.after_s",
                f"{after.after_s:g} s is not after {before.after_s:g} s of the step before it;"
                " expected steps in ascending order",
            )


def _overflow(
    path: str, rules: Sequence[Overflow], queue_id: str, queues: set[str], known: Known
) -> Iterator[Flaw]:
    seen: set[Overflow] = set()
    for at, rule in enumerate(rules):
        if rule in seen:
            yield Flaw(f"{path}.{at}", "the same rule is there twice")
        seen.add(rule)
        yield from _threshold(f"{path}.{at}.threshold", rule)
        yield from _target(f"{path}.{at}.target", rule, queue_id, queues, known)


def _threshold(path: str, rule: Overflow) -> Iterator[Flaw]:
    if rule.when == "no_seat" and rule.threshold != 0:
        yield Flaw(path, "no_seat has no threshold; expected 0")
    elif rule.when == "queue_length" and (rule.threshold < 1 or rule.threshold % 1):
        yield Flaw(path, f"{rule.threshold:g} calls; expected a whole number from 1")


def _target(
    path: str, rule: Overflow, queue_id: str, queues: set[str], known: Known
) -> Iterator[Flaw]:
    target = rule.target
    if rule.to == "everybody":
        if target:
            yield Flaw(path, "everybody needs no target; expected none")
    elif not target:
        yield Flaw(path, f"no {rule.to} is named")
    elif rule.to == "queue":
        if target not in queues:
            yield Flaw(path, f"queue {target} is not defined")
        elif target == queue_id:
            yield Flaw(path, f"queue {queue_id} would overflow to itself")
    elif rule.to == "number":
        if target not in known.divert_to:
            yield Flaw(
                path,
                f"{target} is not among the numbers that callers may be sent to; add it to"
                " sip.outbound.divert_to in the settings file and render",
            )
    elif target not in known.announcements:
        yield _no_announcement(path, target, known)


def _no_announcement(path: str, name: str, known: Known) -> Flaw:
    there = ", ".join(sorted(known.announcements)) or "(none)"
    return Flaw(
        path,
        f"there is no announcement {name}; expected one of {there}, or put"
        f" announce-{name}.sln among the sounds of each language",
    )


def _loops(document: Document) -> Iterator[Flaw]:
    """Queues that overflow to each other in a ring, named at one rule of the ring."""
    for closed in (False, True):
        edges: dict[str, list[tuple[str, str]]] = {}
        for at, queue in enumerate(document.queues):
            path, rules = _rules_then(at, queue, closed=closed)
            edges[queue.id] = [
                (rule.target, f"{path}.{number}.target")
                for number, rule in enumerate(rules)
                if rule.to == "queue" and rule.target != queue.id
            ]
        found = _ring(edges)
        if found:
            path, ring = found
            yield Flaw(
                path,
                f"queues overflow in a loop: {' → '.join(ring)}; let the seats serve both queues,"
                " or overflow to everybody",
            )
            return


def _rules_then(at: int, queue: Queue, *, closed: bool) -> tuple[str, Sequence[Overflow]]:
    if closed and queue.closed is not None and queue.closed.overflow is not None:
        return f"queues.{at}.closed.overflow", queue.closed.overflow
    return f"queues.{at}.overflow", queue.overflow


def _ring(edges: Mapping[str, Sequence[tuple[str, str]]]) -> tuple[str, list[str]] | None:
    done: set[str] = set()
    for start in edges:
        way: list[str] = [start]
        tries = [iter(edges[start])]
        while tries and start not in done:
            target, path = next(tries[-1], ("", ""))
            if not target:
                tries.pop()
                done.add(way.pop())
            elif target in way:
                return path, [*way[way.index(target) :], target]
            elif target in edges and target not in done:
                way.append(target)
                tries.append(iter(edges[target]))
    return None


def _places(document: Document, known: Known) -> Iterator[Flaw]:
    queues = {queue.id for queue in document.queues}
    for at, line in enumerate(document.lines):
        if line.number not in known.lines:
            reason = f"Asterisk does not know line {line.number}; {RENDER}"
            yield Flaw(f"lines.{at}.number", reason)
        if line.queue not in queues:
            yield Flaw(f"lines.{at}.queue", f"queue {line.queue} is not defined")
        yield from _needs(f"lines.{at}.needs", line.needs)
        if line.language_relax and line.language != "required":
            yield Flaw(f"lines.{at}.language_relax", "only a required language can be relaxed")
        yield from _relaxing(f"lines.{at}.language_relax", 1, line.language_relax)
    yield from _missing("lines", "line", known.lines, (line.number for line in document.lines))
    for at, seat in enumerate(document.seats):
        if seat.id not in known.seats:
            yield Flaw(f"seats.{at}.id", f"Asterisk does not know seat {seat.id}; {RENDER}")
        elif seat.phone is not None and seat.phone not in known.phones:
            yield Flaw(f"seats.{at}.phone", f"Asterisk does not know phone {seat.phone}; {RENDER}")
        if seat.supervisor and seat.queues:
            yield Flaw(
                f"seats.{at}.queues",
                f"seat {seat.id} is a supervisor's, which takes only calls that go to everybody;"
                " expected no queues",
            )
        yield from _twice(f"seats.{at}.queues", "", list(seat.queues))
        for number, queue in enumerate(seat.queues):
            if queue not in queues:
                yield Flaw(f"seats.{at}.queues.{number}", f"queue {queue} is not defined")
    yield from _missing("seats", "seat", known.seats, (seat.id for seat in document.seats))


def _missing(path: str, kind: str, there: Iterable[str], named: Iterable[str]) -> Iterator[Flaw]:
    left_out = sorted(set(there) - set(named))
    if left_out:
        yield Flaw(
            path,
            f"{kind} {', '.join(left_out)} of the settings file is left out; to have none of it,"
            " take it out there",
        )


def _calendars(document: Document) -> Iterator[Flaw]:
    for at, calendar in enumerate(document.calendars):
        path = f"calendars.{at}"
        yield from _overlapping_week(f"{path}.opening", calendar)
        days = [holiday.date for holiday in calendar.holidays]
        yield from _twice(f"{path}.holidays", "date", days)
        for number, holiday in enumerate(calendar.holidays):
            where = f"{path}.holidays.{number}.opening"
            yield from _overlapping(where, [(0, opening) for opening in holiday.opening])


def _overlapping_week(path: str, calendar: Calendar) -> Iterator[Flaw]:
    for at, opening in enumerate(calendar.opening):
        yield from _twice(f"{path}.{at}.days", "", list(opening.days))
        taken = [
            (_minutes(other, DAYS.index(day)), f"{day} {other.from_}-{other.to}")
            for other in calendar.opening[:at]
            for day in other.days
        ]
        for day in dict.fromkeys(opening.days):
            own = _minutes(opening, DAYS.index(day))
            for other_minutes, name in taken:
                if _overlap(own, other_minutes, WEEK_MINUTES):
                    yield Flaw(
                        f"{path}.{at}",
                        f"{day} {opening.from_}-{opening.to} overlaps {name} of the same calendar",
                    )
                    break
            else:
                continue
            break


def _overlapping(path: str, openings: Sequence[tuple[int, HolidayOpening]]) -> Iterator[Flaw]:
    for at, (_, opening) in enumerate(openings):
        for _, other in openings[:at]:
            if _overlap(_minutes(opening, 0), _minutes(other, 0), WEEK_MINUTES):
                yield Flaw(
                    f"{path}.{at}",
                    f"{opening.from_}-{opening.to} overlaps {other.from_}-{other.to}",
                )
                break


def _minutes(opening: Opening | HolidayOpening | Shift, day: int) -> tuple[int, int]:
    """Begin and length in minutes of a week."""
    begin, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (opening.from_, opening.to))
    return day * DAY_MINUTES + begin, (end - begin) % DAY_MINUTES or DAY_MINUTES


def _overlap(one: tuple[int, int], other: tuple[int, int], around: int) -> bool:
    return (other[0] - one[0]) % around < one[1] or (one[0] - other[0]) % around < other[1]


def _deadlines(document: Document) -> Iterator[Flaw]:
    ladder = document.deadlines
    rungs = ("answered_s", "officer_ringing_s", "officer_speaking_s")
    for lower, upper in pairwise(rungs):
        if getattr(ladder, upper) <= getattr(ladder, lower):
            yield Flaw(
                f"deadlines.{upper}",
                f"{getattr(ladder, upper):g} s is not later than {lower}, "
                f"{getattr(ladder, lower):g} s",
            )
    if ladder.officer_overlap_s >= ladder.officer_ring_s:
        yield Flaw(
            "deadlines.officer_overlap_s",
            f"{ladder.officer_overlap_s:g} s is not less than officer_ring_s,"
            f" {ladder.officer_ring_s:g} s: all phones would ring at once",
        )


def _roster(document: Document, known: Known) -> Iterator[Flaw]:
    for at, place in enumerate(document.roster):
        path = f"roster.{at}"
        if known.precincts is not None and place.precinct not in known.precincts:
            yield Flaw(f"{path}.precinct", f"no precinct {place.precinct} in the boundaries")
        yield from _officers(f"{path}.command", place.command, known)
        for number, shift in enumerate(place.shifts):
            for role in ("duty", "deputies", "desk"):
                yield from _officers(f"{path}.shifts.{number}.{role}", getattr(shift, role), known)


def _responsibility(document: Document, known: Known) -> Iterator[Flaw]:
    for at, rule in enumerate(document.responsibility):
        path = f"responsibility.{at}"
        yield from _twice(f"{path}.categories", "", list(rule.categories))
        yield from _twice(f"{path}.levels", "", list(rule.levels))
        if rule.to == "partner":
            if rule.target not in known.partners:
                there = ", ".join(sorted(known.partners)) or "(none)"
                yield Flaw(
                    f"{path}.target",
                    f"there is no partner {rule.target}; expected one of {there}, or add it to the"
                    " settings file and render",
                )
        elif known.kinds is not None and rule.target not in known.kinds:
            yield Flaw(
                f"{path}.target",
                f"no boundaries of kind {rule.target} were imported; expected one of"
                f" {', '.join(sorted(known.kinds))}",
            )


def _words(document: Document) -> Iterator[Flaw]:
    for number, field, why in own_words.faults(apply.own_words(document)):
        yield Flaw(f"words.{number}.{field}", why)


def _officers(path: str, ids: Sequence[str], known: Known) -> Iterator[Flaw]:
    for at, officer in enumerate(ids):
        if officer not in known.officers:
            yield Flaw(f"{path}.{at}", f"Asterisk does not know officer {officer}; {RENDER}")


# Warnings


def _warnings(document: Document) -> Iterator[Flaw]:
    served = {queue for seat in document.seats for queue in seat.queues}
    for at, line in enumerate(document.lines):
        if line.queue not in served:
            yield Flaw(
                f"lines.{at}.queue",
                f"no seat serves queue {line.queue}: calls to {line.number} go to every seat",
            )
    best: dict[str, int] = {}
    for seat in document.seats:
        for skill, level in seat.skills.items():
            best[skill] = max(best.get(skill, 0), level)
    for path, needs in _all_needs(document):
        for at, need in enumerate(needs):
            if need.required and best.get(need.skill, 0) < need.level:
                yield Flaw(
                    f"{path}.{at}",
                    f"no seat has skill {need.skill} at level {need.level}: calls that need it"
                    + (" wait until it is relaxed" if need.relax else " wait for ever"),
                )
    for at, rule in enumerate(document.responsibility):
        for before in document.responsibility[:at]:
            wider = not before.categories or (
                rule.categories and set(rule.categories) <= set(before.categories)
            )
            if wider and (
                not before.levels or (rule.levels and set(rule.levels) <= set(before.levels))
            ):
                yield Flaw(
                    f"responsibility.{at}",
                    f"rule {rule.id} never counts: {before.id} before it fits every such call",
                )
                break
    used = {queue.hours for queue in document.queues}
    for at, calendar in enumerate(document.calendars):
        if calendar.id not in used:
            yield Flaw(f"calendars.{at}", f"no queue uses calendar {calendar.id}")


def _all_needs(document: Document) -> Iterator[tuple[str, Sequence[Need]]]:
    for at, queue in enumerate(document.queues):
        yield f"queues.{at}.needs", queue.needs
        if queue.closed is not None:
            yield f"queues.{at}.closed.needs", queue.closed.needs or ()
    for at, line in enumerate(document.lines):
        yield f"lines.{at}.needs", line.needs


def _dotted(*parts: object) -> str:
    return ".".join(str(part) for part in parts if part != "")
