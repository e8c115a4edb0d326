"""Descriptions of people and vehicles in a text: looks, clothes, age. English."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from callcenter.incidents.canonical import Canonical
from callcenter.incidents.lexicon import Lexicon

PERSON_BEFORE_WORDS = 8
APART_WORDS = 8
"""So far apart may two looks stand in one description."""
OWNER_CHARACTERS = 20
_SENTENCE = re.compile(r"[^.;!?]+")
_IN_IT = re.compile(r"\b(?:in|on|driving|riding|out of|with)\b")
_MORE_DIGITS = re.compile(r"[\s,.]+(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|\d+)\b")
"""After "six four" it is a telephone number and no height."""
_CUT = re.compile(r"[,.;!?]")
_LEAD = re.compile(
    r"^(?:(?:like|maybe|just|and|so|well|um|uh|yeah|yes|yep|okay|oh|of|he|she|they|it|is|'s|'re|"
    r"was|were|are|i|think|thinks|looked|looks|had on|got|there|kind of)\b[\s,]*|'s\b[\s,]*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Described:
    """A description in one text, in the caller's words."""

    said: str
    whole: str
    """From the beginning of its sentence: to the question what somebody looks like, all of it."""
    another: bool = False
    vehicle: bool = False
    """Only a vehicle is described."""
    strength: int = 1
    """How many looks it has."""


def described(form: Canonical, lexicon: Lexicon) -> tuple[Described, ...]:
    """The descriptions in a text, one a sentence."""
    found = []
    for match in _SENTENCE.finditer(form.text):
        row = _in_sentence(form, match.start(), match.end(), lexicon)
        if row is not None:
            found.append(row)
    return tuple(found)


def _in_sentence(form: Canonical, start: int, end: int, lexicon: Lexicon) -> Described | None:
    text = form.text
    looks = _not_owned(lexicon.looks.finditer(text, start, end), text, start, lexicon)
    vehicle = not looks
    if vehicle:
        looks = _not_owned(lexicon.vehicle.finditer(text, start, end), text, start, lexicon)
    if not looks:
        return None
    run = [looks[0]]
    for match in looks[1:]:
        between = text[run[-1].end() : match.start()]
        if len(between.split()) > APART_WORDS or _vital(between, lexicon):
            break
        run.append(match)
    at = run[0].start()
    before = [
        person
        for person in lexicon.person.finditer(text, start, at)
        if (not vehicle or _IN_IT.search(text, person.end(), at))
        and len(text[person.end() : at].split()) <= PERSON_BEFORE_WORDS
    ]
    if before:
        at = before[-1].start()
    else:
        article = re.search(r"\b(?:a|an|the|two|three|one|some|with|in) $", text[start:at])
        if article:
            at = start + article.start()
    until = _until(text, run[-1].end(), end, lexicon)
    clause = text[start:until]
    return Described(
        _bare(form.words(at, until)),
        _bare(form.words(start, until)),
        bool(lexicon.another.search(clause)),
        vehicle,
        len(run),
    )


def _not_owned(
    matches: Iterable[re.Match[str]], text: str, start: int, lexicon: Lexicon
) -> list[re.Match[str]]:
    return [
        match
        for match in matches
        if not _MORE_DIGITS.match(text, match.end())
        and not lexicon.owned.search(
            text[max(start, match.start() - OWNER_CHARACTERS) : match.end()]
        )
    ]


def _vital(between: str, lexicon: Lexicon) -> bool:
    """Whether what they did stands between two looks: the description is over."""
    stop = lexicon.description_stop.search(between)
    return stop is not None and lexicon.did.search(between) is not None


def _until(text: str, at: int, end: int, lexicon: Lexicon) -> int:
    """Where a description ends: at a verb of doing, or where its part of the sentence does."""
    cut = _CUT.search(text, at, end)
    edge = cut.start() if cut else end
    stop = lexicon.description_stop.search(text, at, edge)
    return stop.start() if stop else edge


def _bare(said: str) -> str:
    return _LEAD.sub("", said).strip(" ,-") or said
