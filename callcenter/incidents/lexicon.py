"""Lexicons: the words by which a matter is known, one file a language.

How a pattern is written: `callcenter.incidents.patterns`. ``joined = true``: a language whose
words are not kept apart by spaces.

A file has, besides ``joined``: ``[categories.NAME]`` with ``sure``, ``likely`` and ``hint``
patterns; ``[dangers]``, ``[weapons]``, ``[asked_for]`` and ``[marks]`` with patterns by name;
``[[combine]]`` (a category or mark that turns one category into another); ``[negation]`` and
``[answers]``; ``[injured]``, ``[when]``, ``[suspects]``, ``[caller]``.

These may be left out, in any language:

``[phrases]``       NAME = patterns; ``<NAME>`` in another pattern stands for one of them
``[form]``          ``fillers`` (words without meaning), ``[form.same]`` meant = [variants]
``[misheard]``      meant = ["before > heard", "before > heard > after"]: words of a recogniser
``[ignored]``       ``idioms`` (mean something else), ``hypothetical``, ``far_away`` (long ago,
                    in a film), ``far_now`` (yet now), ``doubt`` ("I think")
``[corrections]``   ``cues``: "no wait", "I mean"
``[negation]``      also ``not_negation`` ("won't stop"), ``new_subject`` (a clause begins here)
                    and ``carries_over`` (not after these: "I don't think | he has")
``[answers]``       also ``unsure``, ``yes_whole`` and ``no_whole`` (only alone in their clause)
``[no_means]``      danger = patterns of questions that "no" affirms: "is she breathing?"
``[denials]``       ``weapons``, ``dangers``: words that as a denial say that there is none
``[only_with]``     danger = [categories]: else it is not one ("still there": who did it)
``[[derive]]``      ``danger``, ``in`` (categories), ``with`` and ``without`` (marks)
``[outranks]``      category = [categories whose words weigh less beside it]
``[injured]``       also ``not_yet`` ("he will", "nearly"; for ``done_dangers`` too), ``maybe``
                    (hurt in an accident or a fight, else ill), ``how_many`` (the question),
                    ``people`` and ``more`` ("another")
``[suspects]``      also ``looks``, ``person``, ``vehicle``, ``owned`` ("my red …": no suspect),
                    ``another``, ``stop`` (ends a description), ``kin_named`` ("my … ") and
                    what follows it: ``kin_does``, ``kin_is``, ``kin_hurt``; ``kin_suffers``
                    (before it), ``kin_stop``, ``did`` (ends a description that goes on)
``[asked]``         ``when``, ``looks``: questions of an operator
``[caller]``        also ``ask_callback``, ``other_number``, ``other_name``, ``number_ends``,
                    ``same_number``, ``maybe_name``, ``place_words`` (in no name),
                    ``titles``, ``lead_ins`` (before a name), ``kin``
``[silent]``        ``sounds``: no words, such as "mm"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from callcenter.incidents.canonical import Rewriting, expand, expand_pattern
from callcenter.incidents.errors import LexiconError
from callcenter.incidents.joined.rules import JoinedRules, parse_rules
from callcenter.incidents.patterns import compile_patterns, parse_pattern
from callcenter.incidents.record import CATEGORIES
from callcenter.incidents.word_index import Findable, WordIndex

WEIGHTS = {"sure": 3.0, "likely": 1.5, "hint": 0.6}
_PHRASE = re.compile(r"<(\w+)>")
_PHRASES_NESTED = 4


@dataclass(frozen=True, slots=True)
class Matcher:
    """All patterns of one name: one compiled expression."""

    name: str
    pattern: Findable
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Combination:
    """``when`` together with one of ``with_any`` means ``becomes``."""

    when: str
    with_any: tuple[str, ...]
    becomes: str
    weight: float


@dataclass(frozen=True, slots=True)
class Derived:
    """A danger that follows from one of these matters and a mark, unless another mark is there."""

    danger: str
    categories: frozenset[str]
    marks: frozenset[str]
    without: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """Concepts that, near each other, mean a category."""

    category: str
    concepts: tuple[str, ...]
    weight: float
    ordered: bool = False
    """In this order and in one sentence: who does what to whom."""
    unless: tuple[str, ...] = ()
    """Not when one of these concepts stands among them."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words, compiled."""

    language: str
    joined: bool
    speech: JoinedRules | None
    """Of a language whose words are not kept apart by spaces."""
    categories: tuple[Matcher, ...]
    dangers: tuple[Matcher, ...]
    weapons: tuple[Matcher, ...]
    asked_for: tuple[Matcher, ...]
    marks: tuple[Matcher, ...]
    combinations: tuple[Combination, ...]
    concepts: tuple[Matcher, ...]
    scenes: tuple[Scene, ...]
    operator: tuple[Matcher, ...]
    """By category: what an operator says who has understood that it is one."""
    negators: re.Pattern[str]
    near_negators: re.Pattern[str]
    negators_behind: re.Pattern[str] | None
    clause_end: Findable
    yes: re.Pattern[str]
    no: re.Pattern[str]
    either: re.Pattern[str]
    hurt: Findable
    unhurt: Findable
    hurt_one: re.Pattern[str]
    when: tuple[Matcher, ...]
    suspects: re.Pattern[str]
    ask_name: Findable
    name_is: Findable
    not_names: frozenset[str]
    callback_cue: Findable
    numbers: Mapping[str, int]
    rewriting: Rewriting
    idioms: Findable
    hypothetical: Findable
    far_away: Findable
    far_now: re.Pattern[str]
    doubt: Findable
    corrections: Findable
    not_negation: re.Pattern[str]
    new_subject: Findable
    carries_over: re.Pattern[str]
    unsure: re.Pattern[str]
    yes_whole: re.Pattern[str]
    no_whole: re.Pattern[str]
    no_means: tuple[Matcher, ...]
    denials: Mapping[str, re.Pattern[str]]
    outranks: Mapping[str, tuple[str, ...]]
    how_many: re.Pattern[str]
    people: re.Pattern[str]
    more: re.Pattern[str]
    ask_callback: Findable
    other_number: Findable
    other_name: Findable
    number_ends: re.Pattern[str]
    titles: frozenset[str]
    lead_ins: frozenset[str]
    kin: frozenset[str]
    ask_when: re.Pattern[str]
    ask_looks: re.Pattern[str]
    looks: Findable
    person: Findable
    vehicle: Findable
    owned: Findable
    another: re.Pattern[str]
    description_stop: Findable
    hurt_maybe: Findable
    silent: re.Pattern[str]
    kin_does: re.Pattern[str]
    kin_named: Findable
    kin_is: re.Pattern[str]
    kin_hurt: re.Pattern[str]
    kin_suffers: re.Pattern[str]
    kin_stop: re.Pattern[str]
    did: re.Pattern[str]
    not_yet: re.Pattern[str]
    done_dangers: frozenset[str]
    only_with: Mapping[str, frozenset[str]]
    derived: tuple[Derived, ...]
    same_number: re.Pattern[str]
    maybe_name: Findable
    place_words: frozenset[str]
    """Words of places: what they stand in is nobody's name."""
    fine: Findable
    state: re.Pattern[str]
    kinds_of: Mapping[str, frozenset[str]]
    implied_weapons: Mapping[str, str]


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
            categories.append(Matcher(name, reader.findable(place, patterns), WEIGHTS[strength]))
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
        speech=parse_rules(raw, source) if joined else None,
        categories=tuple(categories),
        dangers=reader.matchers("dangers"),
        weapons=reader.matchers("weapons"),
        asked_for=reader.matchers("asked_for"),
        marks=reader.matchers("marks"),
        combinations=tuple(combinations),
        concepts=reader.matchers("concepts"),
        scenes=tuple(reader.scenes(raw.get("scene", []))),
        operator=reader.matchers("operator"),
        negators=reader.one("negation", "before"),
        near_negators=reader.one("negation", "right_before"),
        negators_behind=(
            reader.one("negation", "behind") if reader.table("negation").get("behind") else None
        ),
        clause_end=reader.many("negation", "clause_end"),
        yes=reader.one("answers", "yes"),
        no=reader.one("answers", "no"),
        either=reader.one("answers", "either"),
        hurt=reader.many("injured", "hurt"),
        unhurt=reader.many("injured", "unhurt"),
        hurt_one=reader.one("injured", "one"),
        when=reader.matchers("when"),
        suspects=reader.one("suspects", "describe"),
        ask_name=reader.many("caller", "ask_name"),
        name_is=reader.many("caller", "name_is"),
        not_names=frozenset(map(str, caller.get("not_names", ()))),
        callback_cue=reader.many("caller", "callback"),
        numbers={str(word): int(n) for word, n in reader.table("numbers").items()},
        rewriting=reader.rewriting(),
        idioms=reader.many("ignored", "idioms"),
        hypothetical=reader.many("ignored", "hypothetical"),
        far_away=reader.many("ignored", "far_away"),
        far_now=reader.one("ignored", "far_now"),
        doubt=reader.many("ignored", "doubt"),
        corrections=reader.many("corrections", "cues"),
        not_negation=reader.one("negation", "not_negation"),
        new_subject=reader.many("negation", "new_subject"),
        carries_over=reader.at_end("negation", "carries_over"),
        unsure=reader.one("answers", "unsure"),
        yes_whole=reader.one("answers", "yes_whole"),
        no_whole=reader.one("answers", "no_whole"),
        no_means=reader.matchers("no_means"),
        denials={key: reader.one("denials", key) for key in ("weapons", "dangers")},
        outranks=reader.outranks(),
        how_many=reader.one("injured", "how_many"),
        people=reader.one("injured", "people"),
        more=reader.one("injured", "more"),
        ask_callback=reader.many("caller", "ask_callback"),
        other_number=reader.many("caller", "other_number"),
        other_name=reader.many("caller", "other_name"),
        number_ends=reader.one("caller", "number_ends"),
        titles=frozenset(reader.words("caller.titles", caller.get("titles", []))),
        lead_ins=frozenset(reader.words("caller.lead_ins", caller.get("lead_ins", []))),
        kin=frozenset(reader.words("caller.kin", caller.get("kin", []))),
        ask_when=reader.one("asked", "when"),
        ask_looks=reader.one("asked", "looks"),
        looks=reader.many("suspects", "looks"),
        person=reader.many("suspects", "person"),
        vehicle=reader.many("suspects", "vehicle"),
        owned=reader.many("suspects", "owned"),
        another=reader.one("suspects", "another"),
        description_stop=reader.many("suspects", "stop"),
        hurt_maybe=reader.many("injured", "maybe"),
        silent=reader.one("silent", "sounds"),
        kin_does=reader.one("suspects", "kin_does"),
        kin_named=reader.many("suspects", "kin_named"),
        kin_is=reader.one("suspects", "kin_is"),
        kin_hurt=reader.one("suspects", "kin_hurt"),
        kin_suffers=reader.at_end("suspects", "kin_suffers"),
        kin_stop=reader.one("suspects", "kin_stop"),
        did=reader.one("suspects", "did"),
        not_yet=reader.one("injured", "not_yet"),
        done_dangers=frozenset(
            reader.words("injured.done_dangers", reader.table("injured").get("done_dangers", []))
        ),
        only_with=reader.only_with(),
        derived=tuple(reader.derived(raw.get("derive", []))),
        same_number=reader.one("caller", "same_number"),
        maybe_name=reader.many("caller", "maybe_name"),
        place_words=frozenset(reader.words("caller.place_words", caller.get("place_words", []))),
        fine=reader.many("injured", "fine"),
        state=reader.one("injured", "state"),
        kinds_of={
            name: frozenset(reader.words(f"kinds_of.{name}", kinds))
            for name, kinds in reader.table("kinds_of").items()
        },
        implied_weapons={
            str(danger): str(name) for danger, name in reader.table("implied_weapons").items()
        },
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
            Matcher(key, self.findable(f"{name}.{key}", patterns))
            for key, patterns in self.table(name).items()
        )

    def one(self, table: str, key: str) -> re.Pattern[str]:
        return self.compiled(f"{table}.{key}", self.table(table).get(key, []))

    def compiled(self, place: str, patterns: object) -> re.Pattern[str]:
        try:
            return compile_patterns(
                map(self._whole, self._listed(place, patterns)), joined=self._joined
            )
        except (re.error, ValueError) as error:
            raise LexiconError(f"{self._source}: {place}: {error}") from None

    def _listed(self, place: str, patterns: object) -> list[str]:
        if not isinstance(patterns, list) or not all(isinstance(p, str) and p for p in patterns):
            raise LexiconError(f"{self._source}: {place}: expected a list of patterns")
        return patterns

    def findable(self, place: str, patterns: object) -> Findable:
        """As `compiled`, quicker for many patterns; to be searched for only."""
        if self._joined:
            return self.compiled(place, patterns)
        try:
            return WordIndex(map(self._whole, self._listed(place, patterns)))
        except (re.error, ValueError) as error:
            raise LexiconError(f"{self._source}: {place}: {error}") from None

    def many(self, table: str, key: str) -> Findable:
        return self.findable(f"{table}.{key}", self.table(table).get(key, []))

    def at_end(self, table: str, key: str) -> re.Pattern[str]:
        """Patterns that match only what stands at the end of a text."""
        return re.compile(f"(?:{self.one(table, key).pattern})\\s*$", re.IGNORECASE)

    def _whole(self, pattern: str) -> str:
        """A pattern with the phrases that it names, in the form that texts have."""
        for _ in range(_PHRASES_NESTED):
            if "<" not in pattern:
                break
            pattern = _PHRASE.sub(self._phrase, pattern)
        return pattern if self._joined else expand_pattern(pattern)

    def _phrase(self, match: re.Match[str]) -> str:
        options = self.table("phrases").get(match[1])
        if not isinstance(options, list) or not all(isinstance(o, str) and o for o in options):
            raise ValueError(f"<{match[1]}> is not a list of patterns in [phrases]")
        return f"({'|'.join(options)})"

    def words(self, place: str, value: object) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(w, str) and w for w in value):
            raise LexiconError(f"{self._source}: {place}: expected a list of words")
        return [word.lower() for word in value]

    def outranks(self) -> dict[str, tuple[str, ...]]:
        rules = {}
        for name, others in self.table("outranks").items():
            rules[name] = tuple(self.words(f"outranks.{name}", others))
            for category in (name, *rules[name]):
                if category not in CATEGORIES:
                    raise LexiconError(
                        f"{self._source}: outranks.{name}: {category}: no such category"
                    )
        return rules

    def only_with(self) -> dict[str, frozenset[str]]:
        return {
            name: self._categories(f"only_with.{name}", categories)
            for name, categories in self.table("only_with").items()
        }

    def derived(self, rows: object) -> Iterator[Derived]:
        if not isinstance(rows, list):
            raise LexiconError(f"{self._source}: derive: expected a list of tables")
        for number, row in enumerate(rows):
            place = f"derive.{number}"
            if not isinstance(row, Mapping) or not isinstance(row.get("danger"), str):
                raise LexiconError(f"{self._source}: {place}: expected danger, in, with (lists)")
            yield Derived(
                row["danger"],
                self._categories(f"{place}.in", row.get("in")),
                frozenset(self.words(f"{place}.with", row.get("with"))),
                frozenset(self.words(f"{place}.without", row.get("without", []))),
            )

    def scenes(self, rows: object) -> Iterator[Scene]:
        known = self.table("concepts")
        if not isinstance(rows, list):
            raise LexiconError(f"{self._source}: scene: expected a list of tables")
        for number, row in enumerate(rows):
            place = f"scene.{number}"
            if not isinstance(row, Mapping) or not isinstance(row.get("weight"), int | float):
                raise LexiconError(
                    f"{self._source}: {place}: expected category, all (list), weight (number)"
                )
            (category,) = self._categories(f"{place}.category", [row.get("category", "")])
            concepts = tuple(self.words(f"{place}.all", row.get("all")))
            unless = tuple(self.words(f"{place}.unless", row.get("unless", [])))
            for name in (*concepts, *unless):
                if name not in known:
                    raise LexiconError(f"{self._source}: {place}: {name}: no such concept")
            ordered = bool(row.get("ordered", False))
            yield Scene(category, concepts, float(row["weight"]), ordered, unless)

    def _categories(self, place: str, value: object) -> frozenset[str]:
        names = frozenset(self.words(place, value))
        for name in names - frozenset(CATEGORIES):
            raise LexiconError(f"{self._source}: {place}: {name}: no such category")
        return names

    def rewriting(self) -> Rewriting:
        form = self.table("form")
        same: dict[str, str] = {}
        phrase_of: dict[str, str] = {}
        variants = form.get("same", {})
        if not isinstance(variants, Mapping):
            raise LexiconError(f"{self._source}: form.same: expected a table")
        for meant, words in variants.items():
            for word in self.words(f"form.same.{meant}", words):
                if " " in word:
                    phrase_of[" ".join(map(expand, word.split()))] = meant
                else:
                    same[word] = meant
        fillers = self.words("form.fillers", form.get("fillers", []))
        phrase_of |= {filler: "" for filler in fillers if " " in filler}
        alternatives = "|".join(sorted(map(re.escape, phrase_of), key=len, reverse=True))
        return Rewriting(
            frozenset(filler for filler in fillers if " " not in filler),
            same,
            re.compile(rf"(?<![\w'])(?:{alternatives})(?![\w'])") if phrase_of else None,
            phrase_of,
            tuple(self._misheard()),
        )

    def _misheard(self) -> Iterator[tuple[re.Pattern[str], str]]:
        for meant, patterns in self.table("misheard").items():
            place = f"misheard.{meant}"
            for pattern in self.words(place, patterns):
                # a phrase is written <name>: a sign between words has spaces around it
                parts = [part.strip() for part in pattern.split(" > ")]
                before, heard, after = ([*parts, ""])[:3] if len(parts) > 1 else ("", *parts, "")
                try:
                    expression = rf"(?P<heard>{self._body(heard)})"
                    if before:
                        expression = rf"{self._body(before)}[\s,]+{expression}"
                    if after:
                        expression += rf"[\s,]+{self._body(after)}"
                    compiled = re.compile(rf"(?<![\w']){expression}(?![\w'])")
                except (re.error, ValueError) as error:
                    raise LexiconError(f"{self._source}: {place}: {error}") from None
                yield compiled, meant.lower()

    def _body(self, pattern: str) -> str:
        return parse_pattern(self._whole(pattern))
