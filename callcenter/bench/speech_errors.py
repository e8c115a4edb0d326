"""Word and character errors: how far a recognised text is from what was said.

English is counted in words, Korean and Chinese in characters without spaces. Case and punctuation
do not count, nor whether "mister" is written "Mr.". A rate is all errors over all that was said:
long texts weigh more than short ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WRITTEN = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint"}
_NO_WORD = re.compile(r"[^\w' ]+")


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors among so many words or characters."""

    wrong: int
    of: int

    @property
    def percent(self) -> float | None:
        """The rate; None: nothing was said."""
        return 100 * self.wrong / self.of if self.of else None

    def __add__(self, other: Errors) -> Errors:
        """Of both together."""
        return Errors(self.wrong + other.wrong, self.of + other.of)


NONE = Errors(0, 0)


def unit(language: str) -> str:
    """What is counted."""
    return "words" if language == "en" else "characters"


def parts(text: str, language: str) -> list[str]:
    """The words or characters of a text that count."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'").replace("-", " ")
    if language == "en":
        words = _NO_WORD.sub("", plain).split()
        return [WRITTEN.get(word, word) for word in (w.strip("'") for w in words) if word]
    return [character for character in plain if character.isalnum()]


def errors(said: str, heard: str, language: str) -> Errors:
    """Errors of one text."""
    wanted = parts(said, language)
    return Errors(distance(wanted, parts(heard, language)), len(wanted))


def total(each: Iterable[Errors]) -> Errors:
    """Of many texts."""
    return sum(each, NONE)


def distance(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Least number of parts to insert, leave out or replace (Levenshtein)."""
    row = list(range(len(got) + 1))
    for i, one in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]
