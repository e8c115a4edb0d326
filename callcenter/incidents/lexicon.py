"""Lexicons: the words by which a matter is known, one file a language.

How a pattern is written: `callcenter.incidents.patterns`. ``joined = true``: a language whose
words are not kept apart by spaces.

A file has, besides ``joined``: ``[categories.NAME]`` with ``sure``, ``likely`` and ``hint``
patterns; ``[dangers]``, ``[weapons]``, ``[asked_for]`` and ``[marks]`` with patterns by name;
``[[combine]]`` (a category or mark that turns one category into another); ``[negation]`` and
``[answers]``; ``[injured]``, ``[when]``, ``[suspects]``, ``[caller]``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from callcenter.incidents.errors import LexiconError
from callcenter.incidents.patterns import compile_patterns
from callcenter.incidents.record import CATEGORIES

WEIGHTS = {"sure": 3.0, "likely": 1.5, "hint": 0.6}


@dataclass(frozen=True, slots=True)
class Matcher:
    """All patterns of one name: one compiled expression."""

    name: str
    pattern: re.Pattern[str]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Combination:
    """``when`` together with one of ``with_any`` means ``becomes``."""

    when: str
    with_any: tuple[str, ...]
    becomes: str
    weight: float


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words, compiled."""

    language: str
    joined: bool
    categories: tuple[Matcher, ...]
    dangers: tuple[Matcher, ...]
    weapons: tuple[Matcher, ...]
    asked_for: tuple[Matcher, ...]
    marks: tuple[Matcher, ...]
    combinations: tuple[Combination, ...]
    negators: re.Pattern[str]
    near_negators: re.Pattern[str]
    negators_behind: re.Pattern[str] | None
    clause_end: re.Pattern[str]
    yes: re.Pattern[str]
    no: re.Pattern[str]
    either: re.Pattern[str]
    hurt: re.Pattern[str]
    unhurt: re.Pattern[str]
    hurt_one: re.Pattern[str]
    when: tuple[Matcher, ...]
    suspects: re.Pattern[str]
    ask_name: re.Pattern[str]
    name_is: re.Pattern[str]
    not_names: frozenset[str]
    callback_cue: re.Pattern[str]
    numbers: Mapping[str, int]


def load_lexicon(language: str, path: Path | None = None) -> Lexicon:
    """The lexicon of a language: a file, or the one that comes with the product.

    `LexiconError` names the file and the place that is wrong.
    """
    if path is None:
        return _packaged(language)
    try:
        return parse_lexicon(tomllib.loads(path.read_text("utf-8")), language, str(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(f"{path}: {error}") from error


@lru_cache(maxsize=8)
def _packaged(language: str) -> Lexicon:
    source = resources.files("callcenter.incidents").joinpath(f"lexicon/{language}.toml")
    if not source.is_file():
        raise LexiconError(f"no lexicon for language {language!r}; expected en, ko or zh")
    return parse_lexicon(tomllib.loads(source.read_text("utf-8")), language, f"{language}.toml")


def parse_lexicon(raw: Mapping[str, Any], language: str, source: str) -> Lexicon:
    """Compile a lexicon."""
    joined = bool(raw.get("joined", False))
    reader = _Reader(raw, source, joined)
    categories = []
    for name, strengths in reader.table("categories").items():
        if name not in CATEGORIES:
            raise LexiconError(f"{source}: categories.{name}: no such category")
        if not isinstance(strengths, Mapping):
            raise LexiconError(f"{source}: categories.{name}: expected sure, likely, hint")
        for strength, patterns in strengths.items():
            if strength not in WEIGHTS:
                raise LexiconError(
                    f"{source}: categories.{name}.{strength}: expected sure, likely or hint"
                )
            place = f"categories.{name}.{strength}"
            categories.append(Matcher(name, reader.compiled(place, patterns), WEIGHTS[strength]))
    combinations = []
    for number, row in enumerate(raw.get("combine", ())):
        try:
            rule = Combination(
                row["when"], tuple(row["with"]), row["becomes"], float(row.get("weight", 3.0))
            )
        except (KeyError, TypeError, ValueError):
            raise LexiconError(
                f"{source}: combine.{number}: expected when, with (list), becomes"
            ) from None
        for name in (rule.when, rule.becomes):
            if name not in CATEGORIES:
                raise LexiconError(f"{source}: combine.{number}: {name}: no such category")
        combinations.append(rule)
    caller = reader.table("caller")
    return Lexicon(
        language=language,
        joined=joined,
        categories=tuple(categories),
        dangers=reader.matchers("dangers"),
        weapons=reader.matchers("weapons"),
        asked_for=reader.matchers("asked_for"),
        marks=reader.matchers("marks"),
        combinations=tuple(combinations),
        negators=reader.one("negation", "before"),
        near_negators=reader.one("negation", "right_before"),
        negators_behind=(
            reader.one("negation", "behind") if reader.table("negation").get("behind") else None
        ),
        clause_end=reader.one("negation", "clause_end"),
        yes=reader.one("answers", "yes"),
        no=reader.one("answers", "no"),
        either=reader.one("answers", "either"),
        hurt=reader.one("injured", "hurt"),
        unhurt=reader.one("injured", "unhurt"),
        hurt_one=reader.one("injured", "one"),
        when=reader.matchers("when"),
        suspects=reader.one("suspects", "describe"),
        ask_name=reader.one("caller", "ask_name"),
        name_is=reader.one("caller", "name_is"),
        not_names=frozenset(map(str, caller.get("not_names", ()))),
        callback_cue=reader.one("caller", "callback"),
        numbers={str(word): int(n) for word, n in reader.table("numbers").items()},
    )


class _Reader:
    """Reads tables of one file and says where one is wrong."""

    def __init__(self, raw: Mapping[str, Any], source: str, joined: bool) -> None:
        self._raw = raw
        self._source = source
        self._joined = joined

    def table(self, name: str) -> Mapping[str, Any]:
        value = self._raw.get(name, {})
        if not isinstance(value, Mapping):
            raise LexiconError(f"{self._source}: {name}: expected a table")
        return value

    def matchers(self, name: str) -> tuple[Matcher, ...]:
        return tuple(
            Matcher(key, self.compiled(f"{name}.{key}", patterns))
            for key, patterns in self.table(name).items()
        )

    def one(self, table: str, key: str) -> re.Pattern[str]:
        return self.compiled(f"{table}.{key}", self.table(table).get(key, []))

    def compiled(self, place: str, patterns: object) -> re.Pattern[str]:
        if not isinstance(patterns, list) or not all(isinstance(p, str) and p for p in patterns):
            raise LexiconError(f"{self._source}: {place}: expected a list of patterns")
        try:
            return compile_patterns(patterns, joined=self._joined)
        except (re.error, ValueError) as error:
            raise LexiconError(f"{self._source}: {place}: {error}") from None
