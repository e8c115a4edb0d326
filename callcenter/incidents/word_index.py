"""Many patterns tried quickly: at each word only those that can begin with it.

A lexicon has some thousand patterns, of which a given word begins a handful. The matches are
those of one expression with all patterns as alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from callcenter.incidents.patterns import ANY, openings, parse_pattern

WORDS_KEPT = 20_000
"""So many words a set of patterns remembers its candidates for."""
TEXTS_KEPT = 64
_WORD = re.compile(r"[\w']+")


class Findable(Protocol):
    """What finds words in a text: an expression, or patterns by their first words."""

    def finditer(
        self, string: str, pos: int = ..., endpos: int = ..., /
    ) -> Iterator[re.Match[str]]:
        """All matches from the left that do not overlap."""
        ...

    def search(self, string: str, pos: int = ..., endpos: int = ..., /) -> re.Match[str] | None:
        """The first match."""
        ...


class WordIndex:
    """Patterns of a language with spaces, the longest tried first."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._prefixes: dict[str, list[int]] = {}
        self._any: list[int] = []
        self._expressions: list[re.Pattern[str]] = []
        self._longest = 0
        self._known: dict[str, tuple[re.Pattern[str], ...]] = {}
        for number, pattern in enumerate(sorted(patterns, key=len, reverse=True)):
            body = parse_pattern(pattern)
            self._expressions.append(re.compile(rf"(?<![\w'])(?:{body})(?![\w'])", re.IGNORECASE))
            self._enter(number, openings(pattern))

    def _enter(self, number: int, words: frozenset[str]) -> None:
        if ANY in words:
            self._any.append(number)
            return
        for word in words:
            if word.endswith("*"):
                self._prefixes.setdefault(word[:-1], []).append(number)
                self._longest = max(self._longest, len(word) - 1)
            else:
                self._exact.setdefault(word, []).append(number)

    @property
    def first_words(self) -> Iterator[str]:
        """What a match can begin with: words, openings of words (``burn*``), a digit (``#``)."""
        yield from self._exact
        yield from (f"{prefix}*" for prefix in self._prefixes)

    @property
    def begins_anyhow(self) -> bool:
        """Whether a match can begin with any word."""
        return bool(self._any)

    def _candidates(self, word: str) -> tuple[re.Pattern[str], ...]:
        numbers = {*self._any, *self._exact.get(word, ())}
        for length in range(1, min(len(word), self._longest) + 1):
            numbers.update(self._prefixes.get(word[:length], ()))
        if word[0].isdecimal():
            numbers.update(self._exact.get("#", ()))
        known = tuple(self._expressions[number] for number in sorted(numbers))
        if len(self._known) >= WORDS_KEPT:
            self._known.clear()
        self._known[word] = known
        return known

    def finditer(
        self, string: str, pos: int = 0, endpos: int | None = None, /
    ) -> Iterator[re.Match[str]]:
        """All matches from the left that do not overlap."""
        end = len(string) if endpos is None else min(endpos, len(string))
        return self.among(words_of(string), string, pos, end)

    def among(
        self, places: Iterable[tuple[int, str]], string: str, pos: int, end: int
    ) -> Iterator[re.Match[str]]:
        """All matches that begin with one of these words of the text."""
        at = pos
        known = self._known
        for start, word in places:
            candidates = known.get(word)
            if candidates is None:
                candidates = self._candidates(word)
            if not candidates or start < at:
                continue
            if start >= end:
                return
            for expression in candidates:
                match = expression.match(string, start, end)
                if match is not None:
                    yield match
                    at = max(match.end(), start + 1)
                    break

    def search(
        self, string: str, pos: int = 0, endpos: int | None = None, /
    ) -> re.Match[str] | None:
        """The first match."""
        end = len(string) if endpos is None else endpos
        return next(self.finditer(string, pos, end), None)


class Group:
    """Several sets of patterns: which of them can match in a text at all."""

    def __init__(self, patterns: Sequence[Findable]) -> None:
        self._patterns = patterns
        self._known: dict[str, tuple[int, ...]] = {}
        self._always: list[int] = []
        self._begins: dict[str, list[int]] = {}
        for number, pattern in enumerate(patterns):
            if not isinstance(pattern, WordIndex) or pattern.begins_anyhow:
                self._always.append(number)
            else:
                for word in pattern.first_words:
                    self._begins.setdefault(word, []).append(number)

    def finditer(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        """All matches of each, one set after the other, with its number."""
        places: dict[int, list[tuple[int, str]]] = {}
        for place in words_of(text):
            known = self._known.get(place[1])
            if known is None:
                known = self._of_word(place[1])
            for number in known:
                places.setdefault(number, []).append(place)
        for number in sorted(places):
            pattern = self._patterns[number]
            if isinstance(pattern, WordIndex):
                matches = pattern.among(places[number], text, 0, len(text))
            else:
                matches = pattern.finditer(text)
            for match in matches:
                yield number, match

    def _of_word(self, word: str) -> tuple[int, ...]:
        numbers = {*self._always, *self._begins.get(word, ())}
        for length in range(1, len(word) + 1):
            numbers.update(self._begins.get(f"{word[:length]}*", ()))
        if word[0].isdecimal():
            numbers.update(self._begins.get("#", ()))
        known = tuple(sorted(numbers))
        if len(self._known) >= WORDS_KEPT:
            self._known.clear()
        self._known[word] = known
        return known


@lru_cache(maxsize=TEXTS_KEPT)
def words_of(text: str) -> tuple[tuple[int, str], ...]:
    """The words of a text, small, and where they begin."""
    return tuple((match.start(), match[0].lower()) for match in _WORD.finditer(text))
