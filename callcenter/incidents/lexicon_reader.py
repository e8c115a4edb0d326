"""The tables of a lexicon's file, checked and compiled; what is wrong is named with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from callcenter.incidents.canonical import Rewriting, expand, expand_pattern
from callcenter.incidents.errors import LexiconError
from callcenter.incidents.lexicon_rules import Derived, Matcher, Scene, Sign
from callcenter.incidents.patterns import compile_patterns, parse_pattern
from callcenter.incidents.record import CATEGORIES
from callcenter.incidents.word_index import Findable, WordIndex

_PHRASE = re.compile(r"<(\w+)>")
_PHRASES_NESTED = 4


class LexiconReader:
    """Reads tables of one file and says where one is wrong."""

    def __init__(self, raw: Mapping[str, Any], source: str, joined: bool) -> None:
        self._raw = raw
        self._source = source
        self._joined = joined

    def table(self, name: str) -> Mapping[str, Any]:
        """A table of the file; empty when it has none."""
        value = self._raw.get(name, {})
        if not isinstance(value, Mapping):
            raise LexiconError(f"{self._source}: {name}: expected a table")
        return value

    def matchers(self, name: str) -> tuple[Matcher, ...]:
        """The patterns of a table, each list under its name."""
        return tuple(
            Matcher(key, self.findable(f"{name}.{key}", patterns))
            for key, patterns in self.table(name).items()
        )

    def one(self, table: str, key: str) -> re.Pattern[str]:
        """One list of patterns of a table."""
        return self.compiled(f"{table}.{key}", self.table(table).get(key, []))

    def compiled(self, place: str, patterns: object) -> re.Pattern[str]:
        """Patterns as one expression."""
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
        """As `one`, quicker for many patterns; to be searched for only."""
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
        """A list of plain words, small."""
        if not isinstance(value, list) or not all(isinstance(w, str) and w for w in value):
            raise LexiconError(f"{self._source}: {place}: expected a list of words")
        return [word.lower() for word in value]

    def outranks(self) -> dict[str, tuple[str, ...]]:
        """Which categories weigh less beside which."""
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
        """Dangers that are such in some categories only."""
        return {
            name: self._categories(f"only_with.{name}", categories)
            for name, categories in self.table("only_with").items()
        }

    def derived(self, rows: object) -> Iterator[Derived]:
        """Dangers that follow from marks."""
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
        """The scenes, whose concepts must be known."""
        if not isinstance(rows, list):
            raise LexiconError(f"{self._source}: scene: expected a list of tables")
        for number, row in enumerate(rows):
            place = f"scene.{number}"
            if not isinstance(row, Mapping) or not isinstance(row.get("weight"), int | float):
                raise LexiconError(
                    f"{self._source}: {place}: expected category, all (list), weight (number)"
                )
            (category,) = self._categories(f"{place}.category", [row.get("category", "")])
            concepts, unless = self._concepts(place, row)
            ordered = bool(row.get("ordered", False))
            yield Scene(category, concepts, float(row["weight"]), ordered, unless)

    def signs(self, rows: object) -> Iterator[Sign]:
        """The signs of dangers, whose concepts must be known."""
        if not isinstance(rows, list):
            raise LexiconError(f"{self._source}: sign: expected a list of tables")
        for number, row in enumerate(rows):
            place = f"sign.{number}"
            if not isinstance(row, Mapping) or not isinstance(row.get("danger"), str):
                raise LexiconError(f"{self._source}: {place}: expected danger, all (list)")
            concepts, unless = self._concepts(place, row)
            yield Sign(row["danger"], concepts, bool(row.get("ordered", False)), unless)

    def _concepts(
        self, place: str, row: Mapping[str, Any]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        concepts = tuple(self.words(f"{place}.all", row.get("all")))
        unless = tuple(self.words(f"{place}.unless", row.get("unless", [])))
        for name in (*concepts, *unless):
            if name not in self.table("concepts"):
                raise LexiconError(f"{self._source}: {place}: {name}: no such concept")
        return concepts, unless

    def _categories(self, place: str, value: object) -> frozenset[str]:
        names = frozenset(self.words(place, value))
        for name in names - frozenset(CATEGORIES):
            raise LexiconError(f"{self._source}: {place}: {name}: no such category")
        return names

    def rewriting(self) -> Rewriting:
        """What the form of words is."""
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
