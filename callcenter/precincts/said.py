"""What of a conversation counts for the place: answers to questions, and what is taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from callcenter.precincts.reading import Reading
from callcenter.precincts.spoken_words import CORRECTION, NO, TAGS, YES, words_of

ANSWER_WORDS = 4
SENTENCE = re.compile(r"[^.!?]*[.!?]*")


class Spoken(Protocol):
    """A turn of the conversation (`callcenter.incidents.record.Turn`)."""

    @property
    def who(self) -> str: ...  # noqa: D102 - caller, operator or officer
    @property
    def text(self) -> str: ...  # noqa: D102 - what was recognised


@dataclass(slots=True)
class Heard:
    """Readings that count, and what the speakers said of them."""

    readings: list[Reading]
    turns: list[int]
    weights: list[float]
    confirmed: set[int]
    struck: set[tuple[int, int]]
    denied: list[Reading]


def answer(turns: Sequence[Spoken], operator: int) -> bool | None:
    """Whether the caller's next words say yes or no to the operator's."""
    for turn in turns[operator + 1 : operator + 3]:
        if turn.who != "caller":
            continue
        words = [word for word in words_of(turn.text) if word != "."][:ANSWER_WORDS]
        for word in words:
            if word in NO:
                return False
            if word in YES:
                return True
        return None
    return None


def asked(text: str) -> str:
    """What a yes or no answers: the last sentence, and what it is a mere tag of.

    "Lexington and 86th. Did he have a weapon?" asks about the weapon; "Lexington and 86th. Is
    that right?" asks about the place.
    """
    part = ""
    for match in reversed(list(SENTENCE.finditer(text))):
        part = match[0] + part
        if any(word not in TAGS for word in words_of(match[0]) if word != "."):
            break
    return part


def strike(heard: Heard, last: int) -> None:
    """Take back what the speaker corrects: "Seventh Avenue, no, wait, Eighth Avenue"."""
    reading = heard.readings[last]
    words = reading.words
    for i, word in enumerate(words):
        if word not in CORRECTION or (word == "right"):
            continue
        after = [m for m in reading.mentions if i < m.start <= i + ANSWER_WORDS + 2]
        if not after:
            continue
        first = min(m.start for m in after)
        if word == "not":  # "not Seventh Avenue, Eighth Avenue" takes back what follows
            heard.struck |= {(last, m.start) for m in after if m.start == first}
            continue
        types = {m.type for m in after if m.start == first}
        later = [m for m in reading.mentions if m.start > i]
        ends = {m.end for m in later}
        whole = len({m.type for m in later}) > 1 or len(ends) > 2
        nearest = max((m.end for m in reading.mentions if m.end <= i), default=None)
        for number in range(last + 1):
            for mention in heard.readings[number].mentions:
                before = number < last or mention.end <= i
                same = mention.type in types
                if types == {None}:  # "… and Waverly, sorry, and Hudson": what was said just now
                    same = nearest is None or (number == last and mention.end == nearest)
                if before and (same or (whole and len(ends) > 1)):
                    heard.struck.add((number, mention.start))
