"""Words that an administrator teaches besides the lexicon that comes with the product.

They stand beside it and never in it: a new version of the product brings its own words and leaves
these. They are written as the lexicon's are (`callcenter.incidents.patterns`), and negation,
questions, corrections and word boundaries hold for them as they do there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from callcenter.incidents.errors import LexiconError
from callcenter.incidents.levels import LevelRules, packaged_rules
from callcenter.incidents.lexicon import WEIGHTS, Lexicon, load_lexicon, packaged_tables
from callcenter.incidents.lexicon_reader import LexiconReader
from callcenter.incidents.lexicon_rules import Matcher
from callcenter.incidents.record import CATEGORIES

LANGUAGES: Final = ("en", "ko", "zh")
DANGER, WEAPON, CATEGORY, NOTHING = "danger", "weapon", "category", "nothing"
_TABLES: Final = {DANGER: "dangers", WEAPON: "weapons"}
_LETTER: Final = re.compile(r"\w")
_STRENGTH: Final = "sure"
_SAID_IN_NO_CALL: Final = "qzx qzx"


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What some words of a language mean.

    ``means``: a ``danger`` or ``weapon`` of this ``name``, which may be new; a ``category``; or
    ``nothing``: what the lexicon finds in them does not count. ``level``: of a danger, in every
    language; "": as it is. ``says`` may be empty where a level is given.
    """

    id: str
    language: str
    means: str
    name: str = ""
    says: tuple[str, ...] = ()
    level: str = ""


def faults(words: Sequence[OwnWords]) -> Iterator[tuple[int, str, str]]:
    """What is wrong: the number of an entry, which of its fields, and why."""
    levels: dict[str, tuple[int, str]] = {}
    known = packaged_rules().by_danger
    for number, each in enumerate(words):
        if each.means == CATEGORY and each.name not in CATEGORIES:
            yield number, "name", f"{each.name or '(none)'}: no such category"
        elif each.means == NOTHING and each.name:
            yield number, "name", "words that mean nothing have no name"
        elif each.means in _TABLES and not each.name:
            yield number, "name", f"expected the {each.means} that these words mean"
        if each.level and each.means != DANGER:
            yield number, "level", "only a danger has a level of its own"
        elif each.level:
            first, level = levels.setdefault(each.name, (number, each.level))
            if level != each.level:
                yield number, "level", f"{each.name} is {level} already by entry {first + 1}"
        elif each.means == DANGER and each.name and each.name not in known:
            if not any(o.name == each.name and o.level for o in words if o.means == DANGER):
                yield number, "level", f"{each.name} is new: say how urgent it is"
        if not each.says and not each.level:
            yield number, "says", "expected words"
        for at, pattern in enumerate(each.says):
            why = _fault_of(pattern, each.language)
            if why:
                yield number, f"says.{at}", why


def usable(words: Sequence[OwnWords]) -> tuple[tuple[OwnWords, ...], tuple[str, ...]]:
    """Those that are right, and the ids of the others."""
    wrong = {number for number, _, _ in faults(words)}
    right = tuple(each for number, each in enumerate(words) if number not in wrong)
    return right, tuple(words[number].id for number in sorted(wrong))


def _fault_of(pattern: str, language: str) -> str:
    if not _LETTER.search(pattern):
        return "expected words"
    try:
        found = pattern_of(language, [pattern])
    except LexiconError as error:
        return str(error).rpartition("own words: ")[2]
    if found.search("") or found.search(_SAID_IN_NO_CALL):
        return "this fits whatever is said"
    return ""


def lexicon_with(language: str, words: Sequence[OwnWords]) -> Lexicon:
    """The lexicon of a language with these words. `LexiconError`: one of them is wrong."""
    base = load_lexicon(language)
    own = [each for each in words if each.language == language and each.says]
    if not own:
        return base
    reader = _reader(language)
    added: dict[str, tuple[Matcher, ...]] = {
        means: tuple(
            Matcher(each.name, reader.findable(each.id, list(each.says)), weight)
            for each in own
            if each.means == means
        )
        for means, weight in ((DANGER, 1.0), (WEAPON, 1.0), (CATEGORY, WEIGHTS[_STRENGTH]))
    }
    meant_otherwise = [pattern for each in own if each.means == NOTHING for pattern in each.says]
    idioms = base.idioms
    if meant_otherwise:
        ignored = packaged_tables(language).get("ignored", {})
        idioms = reader.findable("ignored", [*ignored.get("idioms", ()), *meant_otherwise])
    return replace(
        base,
        dangers=(*base.dangers, *added[DANGER]),
        weapons=(*base.weapons, *added[WEAPON]),
        categories=(*base.categories, *added[CATEGORY]),
        idioms=idioms,
    )


def pattern_of(language: str, patterns: Sequence[str]) -> re.Pattern[str]:
    """One expression for words of a language, to be searched for in canonical texts."""
    return _reader(language).compiled("own words", list(patterns))


def rules_with(words: Sequence[OwnWords]) -> LevelRules:
    """The rules of urgency with the levels of these words."""
    rules = packaged_rules()
    levels = {each.name: each.level for each in words if each.means == DANGER and each.level}
    return replace(rules, by_danger={**rules.by_danger, **levels}) if levels else rules


def names(languages: Iterable[str] = LANGUAGES) -> set[str]:
    """The dangers and weapons that these lexicons know."""
    tables = (packaged_tables(each) for each in languages)
    return {name for each in tables for table in _TABLES.values() for name in each.get(table, {})}


def _reader(language: str) -> LexiconReader:
    tables = packaged_tables(language)
    return LexiconReader(tables, language, bool(tables.get("joined", False)))
