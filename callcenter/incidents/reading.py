"""One text read with a lexicon: what its words say, and what they deny."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.incidents.lexicon import Lexicon, Matcher

NEGATION_WORDS = 5
NEAR_NEGATION_WORDS = 2
NEGATION_CHARACTERS = 6
ANSWER_CHARACTERS = 28
_PUNCTUATION = re.compile(r"[.;:!?,。，！？；]")
_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found: whose name, where, and whether it is denied."""

    name: str
    words: str
    start: int
    end: int
    weight: float
    denied: bool


@dataclass(frozen=True, slots=True)
class TextReading:
    """Everything that one text says, by kind."""

    text: str
    categories: tuple[Hit, ...]
    dangers: tuple[Hit, ...]
    weapons: tuple[Hit, ...]
    asked_for: tuple[Hit, ...]
    marks: tuple[Hit, ...]
    when: tuple[Hit, ...]
    hurt: tuple[Hit, ...]
    unhurt: tuple[Hit, ...]
    suspects: tuple[str, ...]
    answer: bool | None
    """True when the text opens with yes, False with no."""
    either: bool
    """The text asks for one of several, or for what yes and no do not answer."""


def normal(text: str, lexicon: Lexicon) -> str:
    """Text as patterns expect it: plain apostrophes, no spaces between joined words."""
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    if lexicon.joined and lexicon.language == "zh":
        return re.sub(r"\s+", "", text)
    return " ".join(text.split())


def read_text(text: str, lexicon: Lexicon) -> TextReading:
    """Read one text."""
    text = normal(text, lexicon)

    def hits(matchers: Sequence[Matcher]) -> tuple[Hit, ...]:
        return tuple(hit for matcher in matchers for hit in _hits(matcher, text, lexicon))

    hurt = _hits(Matcher("hurt", lexicon.hurt), text, lexicon)
    unhurt = _hits(Matcher("unhurt", lexicon.unhurt), text, lexicon, deniable=False)
    return TextReading(
        text=text,
        categories=hits(lexicon.categories),
        dangers=hits(lexicon.dangers),
        weapons=hits(lexicon.weapons),
        asked_for=hits(lexicon.asked_for),
        marks=hits(lexicon.marks),
        when=hits(lexicon.when),
        hurt=tuple(hit for hit in hurt if not any(u.start <= hit.start < u.end for u in unhurt)),
        unhurt=(*unhurt, *(hit for hit in hurt if hit.denied)),
        suspects=tuple(_descriptions(text, lexicon)),
        answer=_answer(text, lexicon),
        either=bool(lexicon.either.search(text)),
    )


def _hits(matcher: Matcher, text: str, lexicon: Lexicon, *, deniable: bool = True) -> list[Hit]:
    return [
        Hit(
            matcher.name,
            match[0].strip(" ,-"),
            match.start(),
            match.end(),
            matcher.weight,
            deniable and denied(text, match.start(), match.end(), lexicon),
        )
        for match in matcher.pattern.finditer(text)
        if match[0].strip()
    ]


def denied(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether a "not", "nobody", "no" of the same clause stands before these words.

    Within the words themselves ("not breathing") it belongs to what they say.
    """
    before = _clause_before(text[:start], lexicon)
    if lexicon.joined:
        near = before[-NEGATION_CHARACTERS:]
        if lexicon.negators.search(near) or lexicon.near_negators.search(before[-1:]):
            return True
        behind = lexicon.negators_behind
        return behind is not None and behind.match(text, end) is not None
    words = _WORD.findall(before)
    if lexicon.negators.search(" ".join(words[-NEGATION_WORDS:])):
        return True
    return lexicon.near_negators.search(" ".join(words[-NEAR_NEGATION_WORDS:])) is not None


def _clause_before(text: str, lexicon: Lexicon) -> str:
    pieces = _PUNCTUATION.split(text)
    clause = pieces[-1]
    ends = [match.end() for match in lexicon.clause_end.finditer(clause)]
    return clause[ends[-1] :] if ends and ends[-1] < len(clause) else clause


def _answer(text: str, lexicon: Lexicon) -> bool | None:
    opening = text[:ANSWER_CHARACTERS]
    yes, no = lexicon.yes.search(opening), lexicon.no.search(opening)
    if no and (yes is None or no.start() <= yes.start()):
        return False
    return True if yes else None


def _descriptions(text: str, lexicon: Lexicon) -> list[str]:
    """Stretches that describe somebody, to the end of their clause."""
    found: list[str] = []
    taken = 0
    for match in lexicon.suspects.finditer(text):
        if match.start() < taken or denied(text, match.start(), match.end(), lexicon):
            continue
        stop = _PUNCTUATION.search(text, match.end())
        end = stop.start() if stop else len(text)
        found.append(text[match.start() : end].strip(" ,-"))
        taken = end
    return found
