"""The words of `spoken/zh.toml` and `spoken/ko.toml`: how people say where they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

LANGUAGES = ("zh", "ko")


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """One language's words around places. Patterns are regular expressions."""

    kinds: tuple[str, ...]
    """Words that name a kind of place, the longest first: 医院, 公园."""
    road_kinds: frozenset[str]
    ordinary: frozenset[str]
    """Words that may be a row's name and are said of many places."""
    one_of_a_kind: frozenset[str]
    """Kinds of which a city may have one only: 火车站."""
    branch: tuple[str, ...]
    endings: Mapping[str, tuple[str, ...]]
    abbreviations: tuple[tuple[re.Pattern[str], str], ...]
    district_endings: tuple[str, ...]
    before: re.Pattern[str]
    """What may stand right before a name; it must reach the end of the text before it."""
    after: re.Pattern[str]
    """What may stand right after a name; it must begin the text behind it."""
    here_before: re.Pattern[str]
    here_after: re.Pattern[str]
    away_before: re.Pattern[str]
    away_after: re.Pattern[str]
    not_before: re.Pattern[str]
    not_after: re.Pattern[str]
    crossing: re.Pattern[str]
    correction: re.Pattern[str]
    house_number: re.Pattern[str]
    ask_place: re.Pattern[str]
    no_place: re.Pattern[str]
    yes: re.Pattern[str]
    no: re.Pattern[str]

    def kind_of(self, name: str) -> str:
        """The word of a kind that a name ends in, or ""."""
        return next((kind for kind in self.kinds if name.endswith(kind)), "")


@lru_cache(maxsize=4)
def place_words(language: str) -> PlaceWords:
    """The words that come with the product for ``zh`` or ``ko``."""
    source = resources.files("callcenter.precincts").joinpath(f"spoken/{language}.toml")
    raw = tomllib.loads(source.read_text("utf-8"))
    names = raw["names"]
    said = raw["said"]

    def before(key: str) -> re.Pattern[str]:
        return re.compile(rf"(?:{'|'.join(said[key])})$")

    def after(key: str) -> re.Pattern[str]:
        return re.compile(rf"(?:{'|'.join(said[key])})")

    return PlaceWords(
        kinds=tuple(sorted(map(str, names["kinds"]), key=len, reverse=True)),
        road_kinds=frozenset(map(str, names["road_kinds"])),
        ordinary=frozenset(map(str, names["ordinary"])),
        one_of_a_kind=frozenset(map(str, names["one_of_a_kind"])),
        branch=tuple(map(str, names["branch"])),
        endings={str(ending): tuple(map(str, others)) for ending, others in raw["endings"].items()},
        abbreviations=tuple(
            (re.compile(str(row["pattern"])), str(row["said"])) for row in raw["abbreviation"]
        ),
        district_endings=tuple(map(str, names["district_endings"])),
        before=before("before"),
        after=after("after"),
        here_before=before("here_before"),
        here_after=after("here_after"),
        away_before=before("away_before"),
        away_after=after("away_after"),
        not_before=before("not_before"),
        not_after=after("not_after"),
        crossing=after("crossing"),
        correction=after("correction"),
        house_number=after("house_number"),
        ask_place=after("ask_place"),
        no_place=after("no_place"),
        yes=after("yes"),
        no=after("no"),
    )
