"""Shifts and absences in iCalendar (RFC 5545).

``SUMMARY`` begins with the officer's id and may go on with the role (``o14a deputy``), or with
``absent`` and why; ``LOCATION`` names the precinct. Without them it is the officer's own.
``RRULE`` is counted out in local time, so that a shift begins at seven in summer and in winter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar

from callcenter.rosters import moments
from callcenter.rosters.batch import Entry, Wanted
from callcenter.rosters.errors import Fault, FileRefused, RosterRefused
from callcenter.rosters.model import ROLES, Absence, Officer, Shift

AHEAD = timedelta(days=92)
"""A rule without an end is counted out so far; import it again in time."""
MOST_EVENTS = 5000
MOST_SHIFTS = 20_000
MOST_COUNTED = 10_000
"""Of one rule, from its beginning."""
MOST_FAULTS = 100
AWAY = "absent"
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError)
"""What icalendar and dateutil raise over what is none, or none of this world."""
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}")


def read(text: str, zone: tzinfo, officers: Mapping[str, Officer], now: datetime) -> list[Wanted]:
    """What the file wants, of yesterday and later.

    Raises:
        FileRefused: with every event that cannot be read, by the line that it begins at.
    """
    try:
        calendar = Calendar.from_ical(text)
    except UNREADABLE as error:
        raise FileRefused([Fault(0, f"this is no iCalendar file ({error})"[:200])]) from None
    lines = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip().upper() == "BEGIN:VEVENT"
    ]
    # What icalendar gives back has some thirty types; here it is taken for what is expected.
    events: list[Any] = list(calendar.walk("VEVENT"))
    if not events or len(events) != len(lines):
        raise FileRefused([Fault(0, "no event that can be read (BEGIN:VEVENT)")])
    if len(events) > MOST_EVENTS:
        raise FileRefused([Fault(0, f"{len(events)} events; expected {MOST_EVENTS} at most")])
    instead = _instead(events)
    counted = 0
    wanted: list[Wanted] = []
    faults: list[Fault] = []
    for line, event in zip(lines, events, strict=True):
        try:
            for entry, cancelled in _entries(event, zone, officers, now, instead):
                counted += 1
                if entry is not None:
                    wanted.append(Wanted(line, entry, cancelled))
        except RosterRefused as error:
            faults.append(Fault(line, str(error)))
        except UNREADABLE as error:
            faults.append(Fault(line, f"the event cannot be read ({error})"[:200]))
        if counted > MOST_SHIFTS:
            raise FileRefused([Fault(line, f"more than {MOST_SHIFTS} shifts in the file")])
    if faults:
        raise FileRefused(faults[:MOST_FAULTS])
    return wanted


def _instead(events: list[Any]) -> dict[str, set[datetime]]:
    """By uid, which occurrences other events of the file stand for (RECURRENCE-ID)."""
    found: dict[str, set[datetime]] = {}
    for event in events:
        if "RECURRENCE-ID" in event:
            # One that cannot be read is named when the event itself is looked at.
            with suppress(*UNREADABLE):
                moment = _wall(event["RECURRENCE-ID"].dt)
                found.setdefault(str(event.get("UID", "")), set()).add(moment)
    return found


def _entries(
    event: Any,
    zone: tzinfo,
    officers: Mapping[str, Officer],
    now: datetime,
    instead: Mapping[str, set[datetime]],
) -> Iterator[tuple[Entry | None, bool]]:
    """Each occurrence, and whether it is cancelled; None: long over."""
    uid = str(event.get("UID", ""))
    if not uid or len(uid) > 300:
        raise RosterRefused("the event has no UID of 300 characters at most")
    if "DTSTART" not in event:
        raise RosterRefused("the event has no DTSTART")
    begins = event["DTSTART"].dt
    first, last = _wall(begins), _wall(_end_of(event, begins))
    if last <= first:
        raise RosterRefused(f"the shift ends before it begins ({first} to {last})")
    own_zone = (begins.tzinfo if isinstance(begins, datetime) else None) or zone
    cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    overridden = instead.get(uid, set())
    single = "RECURRENCE-ID" in event
    named = _wall(event["RECURRENCE-ID"].dt) if single else None
    for begin in _beginnings(event, first, own_zone, now, single):
        if not single and begin in overridden:
            continue
        start = moments.in_utc(begin, own_zone)
        end = moments.in_utc(begin + (last - first), own_zone, ends=True)
        if end <= now - timedelta(days=1):
            yield None, cancelled
            continue
        key = f"{uid}/{(named or begin).isoformat()}"
        yield _entry(event, officers, start, end, key), cancelled


def _beginnings(
    event: Any, first: datetime, zone: tzinfo, now: datetime, single: bool
) -> Iterator[datetime]:
    """Local beginnings, without a zone, of all that is of interest now."""
    if single or ("RRULE" not in event and "RDATE" not in event):
        yield first
        return
    without = {_wall(value.dt, zone) for value in _dates(event, "EXDATE")}
    beginnings = {first, *(_wall(value.dt, zone) for value in _dates(event, "RDATE"))}
    if "RRULE" in event:
        beginnings |= set(_counted(event["RRULE"], first, zone, now))
    yield from sorted(beginnings - without)


def _counted(rule: Any, first: datetime, zone: tzinfo, now: datetime) -> Iterator[datetime]:
    if isinstance(rule, list):
        raise RosterRefused("the event has more than one RRULE")
    frequency = str((rule.get("FREQ") or [""])[0]).upper()
    if frequency not in _FREQUENCIES:
        known = ", ".join(sorted(_FREQUENCIES))
        raise RosterRefused(f"RRULE: FREQ {frequency[:20]!r}: expected one of {known}")
    parts = dict(rule)
    until = (now + AHEAD).astimezone(zone).replace(tzinfo=None)
    if parts.get("UNTIL"):
        # In UTC in the file, where the beginning has a zone; here everything is local.
        until = min(until, _last_moment(parts["UNTIL"][0], zone))
    # Counted here and always bounded: a rule that nothing fits would be searched for centuries.
    count = int((parts.pop("COUNT", None) or [MOST_COUNTED])[0])
    parts["UNTIL"] = [until]
    text = ";".join(f"{name}={_rule_values(values)}" for name, values in parts.items())
    rule_itself = rrulestr(text, dtstart=first)
    for number, begin in enumerate(islice(rule_itself, count)):
        if number + 1 >= MOST_COUNTED:
            raise RosterRefused(
                f"RRULE: more than {MOST_COUNTED} occurrences; let it begin later (DTSTART)"
            )
        yield begin


def _last_moment(until: date | datetime, zone: tzinfo) -> datetime:
    """Up to when a rule goes, on the wall; a day is meant whole."""
    if isinstance(until, datetime):
        return _wall(until, zone)
    return datetime.combine(until, time(23, 59, 59))


def _rule_values(values: Any) -> str:
    each = values if isinstance(values, list) else [values]
    return ",".join(
        value.strftime("%Y%m%dT%H%M%S") if isinstance(value, datetime) else str(value)
        for value in each
    )


def _dates(event: Any, name: str) -> Iterator[Any]:
    found = event.get(name)
    for each in found if isinstance(found, list) else [found] if found is not None else []:
        yield from each.dts


def _end_of(event: Any, begins: date | datetime) -> date | datetime:
    if "DTEND" in event:
        ends: date | datetime = event["DTEND"].dt
        return ends
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return begins + length
    if isinstance(begins, datetime):
        raise RosterRefused("the event has neither DTEND nor DURATION")
    return begins + timedelta(days=1)


def _wall(value: date | datetime, zone: tzinfo | None = None) -> datetime:
    """What the clock on the wall shows; a day is its midnight."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    if zone is not None and value.tzinfo is not None:
        value = value.astimezone(zone)
    return value.replace(tzinfo=None)


def _entry(
    event: Any, officers: Mapping[str, Officer], start: datetime, end: datetime, key: str
) -> Entry:
    words = str(event.get("SUMMARY", "")).split()
    if not words or not _ID.fullmatch(words[0]):
        raise RosterRefused("SUMMARY: expected the officer's id first, such as: o14a deputy")
    name = words[0]
    if len(words) > 1 and words[1].lower() == AWAY:
        why = " ".join(words[2:]) or AWAY
        return Absence(0, name, start, end, why[:64], key)
    known = officers.get(name)
    role = words[1].lower() if len(words) > 1 else (known.role if known else "duty")
    if role not in ROLES:
        raise RosterRefused(f"SUMMARY: role {role[:32]!r}: expected one of {', '.join(ROLES)}")
    location = str(event.get("LOCATION", "")).strip()
    precinct = location.removeprefix("precinct").removeprefix("Precinct").strip()
    return Shift(0, name, precinct or (known.precinct if known else ""), role, start, end, key=key)
