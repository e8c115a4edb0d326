"""How urgent a matter is: red, orange, yellow or blue, from category, dangers and weapons."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from callcenter.incidents.errors import LexiconError
from callcenter.incidents.record import CATEGORIES, LEVELS


@dataclass(frozen=True, slots=True)
class LevelRules:
    """Read from ``lexicon/levels.toml``."""

    base: Mapping[str, str]
    by_danger: Mapping[str, str]
    armed: frozenset[str]
    """Categories that a weapon makes red."""
    severity: tuple[str, ...]
    """Which category is meant when several are equally likely."""

    def level(
        self, category: str, dangers: Sequence[str], weapons: Sequence[str], injured: int | None
    ) -> tuple[str, str]:
        """The level and what decided it: a danger, ``weapon``, ``injured`` or the category."""
        level, why = self.base.get(category, "yellow"), category
        for danger in dangers:
            raised = self.by_danger.get(danger, level)
            if LEVELS.index(raised) < LEVELS.index(level):
                level, why = raised, danger
        if weapons and category in self.armed and level != "red":
            level, why = "red", "weapon"
        if injured and LEVELS.index(level) > LEVELS.index("orange"):
            level, why = "orange", "injured"
        return level, why


@lru_cache(maxsize=1)
def packaged_rules() -> LevelRules:
    """The rules that come with the product."""
    source = resources.files("callcenter.incidents").joinpath("lexicon/levels.toml")
    return parse_rules(tomllib.loads(source.read_text("utf-8")), "levels.toml")


def load_rules(path: Path) -> LevelRules:
    """Rules of a file; `LexiconError` says what is wrong with it."""
    try:
        return parse_rules(tomllib.loads(path.read_text("utf-8")), str(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(f"{path}: {error}") from error


def parse_rules(raw: Mapping[str, Any], source: str) -> LevelRules:
    """Check and take over rules; `LexiconError` names the place that is wrong."""
    base = raw.get("base", {})
    dangers = raw.get("dangers", {})
    for name, level in base.items():
        if name not in CATEGORIES:
            raise LexiconError(f"{source}: base.{name}: no such category")
        if level not in LEVELS:
            raise LexiconError(f"{source}: base.{name}: expected one of {', '.join(LEVELS)}")
    by_danger: dict[str, str] = {}
    for level, names in dangers.items():
        if level not in LEVELS or not isinstance(names, list):
            raise LexiconError(f"{source}: dangers.{level}: expected a level with a list of names")
        by_danger |= dict.fromkeys(map(str, names), level)
    severity = tuple(raw.get("severity", CATEGORIES))
    for name in (*severity, *raw.get("armed", ())):
        if name not in CATEGORIES:
            raise LexiconError(f"{source}: severity, armed: {name}: no such category")
    return LevelRules(base, by_danger, frozenset(raw.get("armed", ())), severity)
