"""What an officer hears before they take a call: what, how bad, where, what danger, which key.

The words are data, one file a language: ``brief_words/LANGUAGE.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

LONGEST_MS = 8_000
"""A brief is heard while the caller waits; the page on the phone has the rest."""
MAX_PLACE_CHARACTERS = 120
MOST_DANGERS = 3
LANGUAGES = ("en", "ko", "zh")
_SAID_ANYWAY = {"fire": frozenset({"fire"}), "traffic": frozenset({"crash"})}
"""Dangers that a category says already."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a brief tells, as far as it is known: codes of the record, and words."""

    category: str | None = None
    level: str | None = None
    place: str = ""
    weapons: tuple[str, ...] = ()
    dangers: tuple[str, ...] = ()
    said: str = ""
    """The caller's last sentence, in the language of the brief."""


@dataclass(frozen=True, slots=True)
class _Words:
    sentences: Mapping[str, str]
    characters: int
    categories: Mapping[str, str]
    levels: Mapping[str, str]
    weapons: Mapping[str, str]
    dangers: Mapping[str, str]


def officer_brief(matter: Matter, language: str) -> str:
    """The brief to be spoken, in English where ``language`` has no words.

    A category or danger that has no words of its own (an administrator's) is said as it is
    written. What is not known is left out, except the place: that it is not known is said. What
    would take longer than a brief may last is left out as well: first what the caller said, then
    dangers, the last first.
    """
    words = _words(language if language in LANGUAGES else "en")
    told = words.sentences
    what = told["call"]
    if matter.category and matter.category != "unknown":
        what = words.categories.get(matter.category) or _said(matter.category) or what
    if matter.level is not None and matter.level in words.levels:
        what += told["level"].format(level=words.levels[matter.level])
    where = _said(matter.place)[:MAX_PLACE_CHARACTERS].rstrip() or told["place_unknown"]
    parts = [what, where]

    def room() -> int:
        return words.characters - len(told["stop"].join([*parts, told["press"]]))

    dangers = list(dict.fromkeys(_dangers(matter, words)))[:MOST_DANGERS]
    while dangers and len(told["stop"] + told["list"].join(dangers)) > room():
        dangers.pop()
    if dangers:
        parts.append(told["list"].join(dangers))
    quote = told["said"].format(words=_said(matter.said).rstrip(".!?。！？ "))
    if matter.said.strip() and len(told["stop"] + quote) <= room():
        parts.append(quote)
    return told["stop"].join([*parts, told["press"]])


def _dangers(matter: Matter, words: _Words) -> Iterable[str]:
    for weapon in matter.weapons:
        yield words.weapons.get(weapon) or _said(weapon)
    known = _SAID_ANYWAY.get(matter.category or "", frozenset())
    for danger in matter.dangers:
        if danger not in known:
            yield words.dangers.get(danger) or _said(danger)


def _said(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).replace("_", " ").split())


@cache
def _words(language: str) -> _Words:
    source = resources.files("ivr").joinpath(f"brief_words/{language}.toml")
    raw = tomllib.loads(source.read_text("utf-8"))
    sentences = raw.pop("sentences")
    return _Words(sentences, sentences.pop("characters"), **raw)
