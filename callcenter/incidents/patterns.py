"""Patterns of words, as people write them into a lexicon, made into regular expressions.

``took my bag``         these words, whatever punctuation the recogniser put between them
``took ... bag``        up to four words between (joined languages: up to eight characters of the
                        same sentence without a "not")
``took (my|her) bag``   one of several; an empty one may be left out: ``took (my|) bag``
``burglar*``            any ending
``# minutes``           digits

Parts nest. Case does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

GAP_WORDS = 4
GAP_CHARACTERS = 8
_SPACE = r"[\s,\-]+"
_SPACE_JOINED = r"\s*"
_GAP = rf"(?:[\s,\-]+[\w']+){{0,{GAP_WORDS}}}?[\s,\-]+"
_GAP_AFTER_SPACE = rf"(?:[\w']+[\s,\-]+){{0,{GAP_WORDS}}}?"
_GAP_JOINED = rf"(?:(?!(?:안|못)\s|没(?!停|完))[^.!?。！？…]){{0,{GAP_CHARACTERS}}}?"
"""Within a sentence, and without a "not" that would deny what follows."""
_PART = re.compile(r"\.\.\.|[()|*]|(?:(?!\.\.\.)[^\s()|*])+")


def compile_patterns(patterns: Iterable[str], *, joined: bool = False) -> re.Pattern[str]:
    """One expression for several patterns; the longest is tried first.

    `ValueError` says what is wrong with a pattern.
    """
    parts = [_Parser(p, joined).parse() for p in sorted(patterns, key=len, reverse=True)]
    if not parts:
        return re.compile(r"(?!)")
    body = "|".join(parts)
    if joined:
        return re.compile(f"(?:{body})", re.IGNORECASE)
    return re.compile(rf"(?<![\w'])(?:{body})(?![\w'])", re.IGNORECASE)


def parse_pattern(pattern: str, *, joined: bool = False) -> str:
    """The expression of one pattern, to be put together with others; `ValueError` as above."""
    return f"(?:{_Parser(pattern, joined).parse()})"


ANY = ""
"""Stands among `openings` for words that cannot be told beforehand."""
_FIRST_WORD = re.compile(r"[\w']+")


def openings(pattern: str) -> frozenset[str]:
    """The words that a text can begin with where this pattern matches.

    ``burglar*`` stands for any word that begins so, ``#`` for digits, `ANY` for any word.
    """
    parts: list[str] = _PART.findall(pattern)
    found, skippable, _ = _openings(parts, 0)
    return frozenset(found | {ANY}) if skippable else frozenset(found)


def _openings(parts: list[str], at: int) -> tuple[set[str], bool, int]:
    """Openings of the sequence from ``at``, whether it can be empty, and where it ends."""
    found: set[str] = set()
    open_yet = True
    while at < len(parts) and parts[at] not in "|)":
        part = parts[at]
        at += 1
        if part == "(":
            inner: set[str] = set()
            empty = False
            while True:
                words, skippable, at = _openings(parts, at)
                inner |= words
                empty = empty or skippable
                if at >= len(parts) or parts[at] == ")":
                    break
                at += 1
            at += 1
        elif part == "...":
            inner, empty = {ANY}, False
        else:
            inner, empty = {_first_word(part)}, False
        if at < len(parts) and parts[at] == "*":
            at += 1
            inner = {word if word in (ANY, "#") else word.rstrip("*") + "*" for word in inner}
        if open_yet:
            found |= inner
            open_yet = empty
    return found, open_yet, at


def _first_word(part: str) -> str:
    if part.startswith("#"):
        return "#"
    match = _FIRST_WORD.match(part)
    if match is None:
        return ANY
    return match[0].lower() if match.end() == len(part) else match[0].lower() + "*"


class _Parser:
    def __init__(self, pattern: str, joined: bool) -> None:
        self._pattern = pattern
        self._parts: list[str] = _PART.findall(pattern)
        self._at = 0
        self._space = _SPACE_JOINED if joined else _SPACE
        self._gap = _GAP_JOINED if joined else _GAP
        self._gap_after_space = _GAP_JOINED if joined else _GAP_AFTER_SPACE

    def parse(self) -> str:
        expression = self._sequence()
        if self._at < len(self._parts):
            raise ValueError(f"{self._pattern!r}: {self._parts[self._at]!r} is out of place")
        if not expression:
            raise ValueError(f"{self._pattern!r} is empty")
        return expression

    def _sequence(self) -> str:
        out = ""
        apart = False  # whether a space is due before the next word
        while self._at < len(self._parts) and self._parts[self._at] not in "|)":
            part = self._next()
            if part == "...":
                if not out:
                    raise ValueError(f"{self._pattern!r}: ... needs a word before it")
                out += self._gap if apart else self._gap_after_space
                apart = False
                continue
            space = self._space if apart else ""
            if part == "(":
                options = self._options()
                body = "|".join(sorted((o for o in options if o), key=len, reverse=True))
                ending = self._ending()
                if "" not in options:
                    out += f"{space}(?:{body}){ending}"
                elif apart:
                    out += f"(?:{space}(?:{body}){ending})?"
                else:
                    out += f"(?:(?:{body}){ending}{self._space})?"
                    continue
            else:
                out += space + re.escape(part).replace(r"\#", r"\d+") + self._ending()
            apart = True
        return out

    def _options(self) -> list[str]:
        options = [self._sequence()]
        while self._at < len(self._parts) and self._parts[self._at] == "|":
            self._at += 1
            options.append(self._sequence())
        if self._at >= len(self._parts):
            raise ValueError(f"{self._pattern!r}: a parenthesis is not closed")
        self._at += 1
        return options

    def _ending(self) -> str:
        if self._at < len(self._parts) and self._parts[self._at] == "*":
            self._at += 1
            return r"[\w']*"
        return ""

    def _next(self) -> str:
        part = self._parts[self._at]
        self._at += 1
        return part
