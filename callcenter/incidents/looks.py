"""Descriptions of people and vehicles in a text: looks, clothes, age. English."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from callcenter.incidents.canonical import Canonical
from callcenter.incidents.lexicon import Lexicon

PERSON_BEFORE_WORDS = 5
OWNER_CHARACTERS = 20
_PIECE = re.compile(r"[^,.;!?]+")
_LEAD_OF_SAID = re.compile(r"^(?:like|maybe|just|and|so|well|um|uh|yeah|of)[\s,]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Described:
    """A description in one text, in the caller's words."""

    said: str
    another: bool = False
    vehicle: bool = False
    """Only a vehicle is described."""
    plural: bool = False


def described(form: Canonical, lexicon: Lexicon) -> tuple[Described, ...]:
    """The descriptions in a text, one a person."""
    text = form.text
    found: list[Described] = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        stretch = _stretch(text, start, end, lexicon)
        if stretch is None:
            continue
        at, until, vehicle = stretch
        said = _LEAD_OF_SAID.sub("", form.words(at, until))
        clause = text[start:end]
        row = Described(
            said,
            bool(lexicon.another.search(clause)),
            vehicle,
            bool(lexicon.people.search(text[at:until])),
        )
        last = found[-1] if found else None
        if last and not row.another and last.vehicle == row.vehicle:
            found[-1] = replace(last, said=f"{last.said}, {row.said}")
        else:
            found.append(row)
    return tuple(found)


def _stretch(text: str, start: int, end: int, lexicon: Lexicon) -> tuple[int, int, bool] | None:
    """Where a piece of a text describes somebody, or a vehicle."""
    found = [
        match
        for match in lexicon.looks.finditer(text, start, end)
        if not lexicon.owned.search(
            text[max(start, match.start() - OWNER_CHARACTERS) : match.end()]
        )
    ]
    vehicle = not found
    if vehicle:
        found = [
            match
            for match in lexicon.vehicle.finditer(text, start, end)
            if not lexicon.owned.search(
                text[max(start, match.start() - OWNER_CHARACTERS) : match.end()]
            )
        ]
    if not found:
        return None
    at = found[0].start()
    before = list(lexicon.person.finditer(text, start, at))
    if before and len(text[before[-1].end() : at].split()) <= PERSON_BEFORE_WORDS:
        at = before[-1].start()
    else:
        article = re.search(r"\b(?:a|an|the|two|three|one|some) $", text[start:at])
        if article:
            at = start + article.start()
    stop = lexicon.description_stop.search(text, found[-1].end(), end)
    until = stop.start() if stop else end
    return at, until, vehicle
