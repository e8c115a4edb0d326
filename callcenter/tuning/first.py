"""From a settings file to a document: the first version, and what the file has gained since."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from callcenter.settings import Settings
from callcenter.tuning.document import Document, Line, Queue, Seat, read


def first_document(settings: Settings) -> Document:
    """The document that a settings file amounts to.

    Raises:
        BadDocument: a value is out of the document's bounds.
    """
    sections = {
        name: [entry.model_dump() for entry in getattr(settings, name)]
        for name in ("queues", "lines", "seats")
    }
    raw = _raw(sections, settings.deadlines.model_dump())
    raw["time_zone"] = settings.time_zone
    roster = settings.precincts.roster
    if roster is not None:
        raw |= roster_of(tomllib.loads(roster.read_text("utf-8")))
    return read(raw)


def document_of_sections(
    sections: Mapping[str, Sequence[Mapping[str, Any]]], deadlines: Mapping[str, Any]
) -> Document:
    """The document of a settings file's queues, lines, seats and deadlines.

    Raises:
        BadDocument: a value is out of the document's bounds.
    """
    return read(_raw(sections, deadlines))


def roster_of(file: Mapping[str, Any]) -> dict[str, Any]:
    """The time zone and the roster of a roster file's content."""
    return {
        "time_zone": file.get("time_zone", "UTC"),
        "roster": [
            {
                "precinct": name,
                "shifts": [_shift(shift) for shift in place.get("shifts", ())],
                "command": place.get("command", ()),
            }
            for name, place in file.get("precincts", {}).items()
        ],
    }


def completed(document: Document, settings: Settings) -> Document:
    """The document with the lines and seats that the settings file has gained or lost since.

    What is new comes with the values of the file, and with the queue that it names.
    """
    wanted = first_document(settings)
    lines = _merged(document.lines, wanted.lines, "number")
    seats = _merged(document.seats, wanted.seats, "id")
    phones = set(settings.seat_phones)
    seats = tuple(
        seat.model_copy(update={"phone": None})
        if seat.phone is not None and seat.phone not in phones
        else seat
        for seat in seats
    )
    there = {queue.id for queue in document.queues}
    named = {line.queue for line in lines} | {queue for seat in seats for queue in seat.queues}
    gained = tuple(queue for queue in wanted.queues if queue.id in named - there)
    officers = {officer.id for officer in settings.officers}
    return document.model_copy(
        update={
            "queues": document.queues + gained,
            "lines": lines,
            "seats": seats,
            "roster": _roster_without_strangers(document, officers),
        }
    )


def _raw(
    sections: Mapping[str, Sequence[Mapping[str, Any]]], deadlines: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "queues": [_queue(queue) for queue in sections.get("queues", ())],
        "lines": [_line(line) for line in sections.get("lines", ())],
        "seats": [_seat(seat) for seat in sections.get("seats", ())],
        "deadlines": deadlines,
    }


def _merged(there: Sequence[Any], wanted: Sequence[Any], key: str) -> tuple[Any, ...]:
    in_file = {getattr(item, key) for item in wanted}
    known = {getattr(item, key) for item in there}
    kept = tuple(item for item in there if getattr(item, key) in in_file)
    return kept + tuple(item for item in wanted if getattr(item, key) not in known)


def _roster_without_strangers(document: Document, officers: set[str]) -> tuple[Any, ...]:
    """Officers whose phones are gone are rung no more; a shift of nobody else is none."""
    places = []
    for place in document.roster:
        shifts = []
        for shift in place.shifts:
            roles = {
                role: tuple(officer for officer in getattr(shift, role) if officer in officers)
                for role in ("duty", "deputies", "desk")
            }
            if roles["duty"]:
                shifts.append(shift.model_copy(update=roles))
        if shifts:
            command = tuple(officer for officer in place.command if officer in officers)
            places.append(place.model_copy(update={"shifts": tuple(shifts), "command": command}))
    return tuple(places)


def _queue(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name in Queue.model_fields}


def _line(raw: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {"hang_up": "operator_hang_up", "vanished": "seat_vanished"}
    named = {renamed.get(name, name): value for name, value in raw.items()}
    return {name: value for name, value in named.items() if name in Line.model_fields}


def _seat(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in raw.items()
        if name in Seat.model_fields and value is not None
    }


def _shift(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value:%H:%M}" if hasattr(value, "hour") else value for name, value in raw.items()
    }
