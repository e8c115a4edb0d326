"""How many people are hurt, at least, from who is said to be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from callcenter.incidents.conversation import Heard
from callcenter.incidents.hits import Hit
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.reading import TextReading
from callcenter.incidents.record import Evidence

MOST_HURT = 1000
LOOK_BACK_WORDS = 10
JOINED_WORDS = 4
"""So near to each other are two people whom "and" joins: "my wife and my son"."""
ANSWER_WORDS = 9
ADJECTIVES = 3
"""So many words may stand between a number and the people whom it counts."""
SEVERAL = 2
"""As many are hurt at least when "people are hurt" without a number."""
_WORD = re.compile(r"[\w']+")
_INJURY = re.compile(r"hurt|injur|wound", re.IGNORECASE)
_ANYBODY = re.compile(r"\b(?:any|every|no)\s?(?:one|body)\b", re.IGNORECASE)
_SINGLE = re.compile(r"\b(?:he|she|his|her|him|my|man|woman|guy|boy|girl|kid|lady)\b")
_BLOW = re.compile(
    r"\b(?:hit|punch|jump|attack|kick|slap|push|shov|grabb|beat|assault|struck|threw|thrown|knock)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;!?]")
_NOT_PEOPLE = frozenset("a an to too".split())
_OWN = frozenset("i me my we us our".split())
_AND = frozenset("and plus both".split())


@dataclass(frozen=True, slots=True)
class Hurt:
    """People of whom one place says that they are hurt."""

    who: frozenset[str]
    """Persons told apart: ``me``, ``husband``, ``one``, ``another``."""
    number: int
    sure: float


def count(
    heard: Sequence[Heard], lexicon: Lexicon, *, also_maybe: bool
) -> tuple[int | None, list[Evidence]]:
    """How many are hurt; 0 when the caller says nobody; None when not spoken of.

    ``also_maybe``: whether it is a matter in which who does not move is hurt, and not ill.
    """
    number: int | None = None
    told = 0
    persons: set[str] = set()
    rows: list[Evidence] = []
    wounds = False  # a wound is spoken of, and not only a blow
    nobody = False  # it was asked whether anybody is hurt, and denied
    for item in heard:
        for hit in item.reading.unhurt:
            number = number or 0  # "nobody hurt?" is answered alike by yes and no
            rows.append(item.evidence(0, hit.words, 0.75))
        if also_maybe and item.answers is not None and _asks_for_hurt(item.answers):
            for hit in item.reading.fine:
                if not hit.denied and not any(
                    _lasting(item, h, lexicon) for h in item.reading.hurt
                ):
                    number = number or 0
                    rows.append(item.evidence(0, hit.words, 0.8))
        for hit in item.reading.hurt:
            if hit.name == "maybe" and not also_maybe:
                continue
            if item.reading.fine and item.asked is None and not _lasting(item, hit, lexicon):
                continue
            if item.asked is not None and item.denied:
                nobody = nobody or _ANYBODY.search(item.asked.text) is not None
                if hit.name == "hurt" and (also_maybe or _INJURY.search(hit.words)):
                    number = number or 0
                    rows.append(item.evidence(0, hit.words, 0.75))
                continue
            found = _of_hit(item.reading, hit, lexicon)
            wounds = wounds or item.asked is not None or not _blow(item, hit, lexicon)
            if item.asked is not None:
                said = numbered(_first_sentence(item.turn.text), lexicon)
                found = Hurt(found.who, said or 1, 0.85 if said else 0.6)
            told = max(told, found.number)
            persons |= found.who
            rows.append(item.evidence(found.number, hit.words, found.sure, unsure=hit.unsure))
        answer = _answered(item, lexicon)
        if answer is not None:
            if answer.number:
                wounds = True
                told, persons = max(told, answer.number), persons | answer.who
            else:
                number = number or 0
            rows.append(item.evidence(answer.number, item.turn.text, answer.sure))
    total = max(told, _told_apart(persons))
    if number == 0 and not wounds and (nobody or (persons <= {"me"} and told <= 1)):
        return 0, [row for row in rows if not row.value]
    if total:
        return total, [row for row in rows if row.value]
    return number, rows


def _first_sentence(text: str) -> str:
    return _CLAUSE.split(text.strip(" ,.;!?"), maxsplit=1)[0]


def _asks_for_hurt(question: TextReading) -> bool:
    return any(hit.name == "hurt" for hit in question.hurt)


def _lasting(item: Heard, hit: Hit, lexicon: Lexicon) -> bool:
    """Whether it names a wound, and not only a blow, after which somebody may be fine."""
    return lexicon.state.search(item.reading.text, hit.start, hit.end) is not None


def _blow(item: Heard, hit: Hit, lexicon: Lexicon) -> bool:
    """Whether it names only a blow."""
    return _BLOW.search(hit.words) is not None and not _lasting(item, hit, lexicon)


def _told_apart(persons: set[str]) -> int:
    """How many different people these are; "he" may be anybody who is named."""
    named = persons - {"one", "another"}
    return max(len(named), 1 if "one" in persons else 0) + (
        1 if "another" in persons and persons else 0
    )


def _of_hit(reading: TextReading, hit: Hit, lexicon: Lexicon) -> Hurt:
    struck = _persons(_WORD.findall(reading.text[hit.start : hit.end]), lexicon)
    if struck and _WORD.findall(reading.text[hit.start : hit.end])[0] not in _OWN:
        counted = _counted(reading.text[hit.start : hit.end], lexicon)
        return Hurt(struck, max(counted, 1), 0.8)
    clause = _CLAUSE.split(reading.text[: hit.end])[-1]
    words = _WORD.findall(clause)[-(LOOK_BACK_WORDS + ADJECTIVES) :]
    people = lexicon.people
    for i in reversed(range(len(words))):
        number = _number(words[i], lexicon)
        following = words[i + 1 : i + 2 + ADJECTIVES]
        if 1 < number < MOST_HURT and any(people.fullmatch(word) for word in following):
            return Hurt(frozenset(), number, 0.9)
        if words[i] == "both" and number:
            return Hurt(frozenset(), 2, 0.85)
    window = " ".join(words)
    if re.search(r"\b(?:we|us)\b", window) and not _SINGLE.search(window):
        return Hurt(frozenset(), SEVERAL, 0.6)
    who = _persons(words, lexicon)
    if lexicon.more.search(clause) and not who & {"me"}:
        who = frozenset({"another"}) if len(who) < 2 else who
    if not who and any(people.fullmatch(word) for word in words):
        return Hurt(frozenset(), SEVERAL, 0.55)
    if len(who) > 1:
        who = _last(words, lexicon)
    return Hurt(who or frozenset({"one"}), max(len(who), 1), 0.76 if who else 0.65)


def _persons(words: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    return frozenset(filter(None, (_person(a, b, lexicon) for a, b in pairwise(["", *words, ""]))))


def _person(word: str, after: str, lexicon: Lexicon) -> str | None:
    if word == "my":
        return None if after in lexicon.kin or not after else "me"
    if word in ("i", "me"):
        return "me"
    if word in lexicon.kin:
        return word
    return "one" if lexicon.hurt_one.fullmatch(word) and word not in ("a", "an", "the") else None


def _last(words: Sequence[str], lexicon: Lexicon) -> frozenset[str]:
    """The person nearest before the word of injury; two who are joined by "and"."""
    found = [(i, _person(a, b, lexicon)) for i, (a, b) in enumerate(pairwise([*words, ""]))]
    said = [(i, who) for i, who in found if who]
    at, last = said[-1]
    for before, who in reversed(said[:-1]):
        if words[before + 1] in _AND and at - before <= JOINED_WORDS and who != last:
            return frozenset({who, last})
    return frozenset({last})


def _counted(text: str, lexicon: Lexicon) -> int:
    numbers = [_number(word, lexicon) for word in _WORD.findall(text)]
    return max([number for number in numbers if number < MOST_HURT] or [0])


def _number(word: str, lexicon: Lexicon) -> int:
    if word in _NOT_PEOPLE:
        return 0
    return int(word[:6]) if word.isdecimal() else lexicon.numbers.get(word, 0)


def numbered(text: str, lexicon: Lexicon) -> int | None:
    """A number of people in the answer to a question: "yes, two people"."""
    for word in _WORD.findall(text.lower()):
        number = _number(word, lexicon)
        if 0 < number < MOST_HURT:
            return number
    return None


def _answered(item: Heard, lexicon: Lexicon) -> Hurt | None:
    """Who or how many, said in answer to "is anyone hurt", "how many people are hurt"."""
    question = item.answers
    if question is None or not _asks_for_hurt(question):
        return None
    first = _first_sentence(item.reading.text)
    words = _WORD.findall(first)
    if item.reading.hurt or item.reading.unhurt or item.reading.fine or not words:
        return None
    if len(words) > ANSWER_WORDS:
        return None
    if lexicon.how_many.search(question.text):
        number = numbered(first, lexicon)
        if number:
            return Hurt(frozenset(), number, 0.85)
        if item.reading.answer is False:
            return Hurt(frozenset(), 0, 0.85)
    who = _persons(words, lexicon)
    if item.reading.answer is None and who and "i" not in words:
        return Hurt(who, max(_told_apart(set(who)), 1), 0.7)
    return None
