"""The words of `spoken/en.toml`, made ready for reading."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

WORD = re.compile(r"[a-z0-9&]+(?:'[a-z]+)?")
BREAK = re.compile(r"[,.;:!?]")
_RHYMES = ("bcdegptvz", "ajkh", "mn", "fsx", "iy", "quw")


def _load() -> Mapping[str, Mapping[str, object]]:
    text = resources.files("callcenter.precincts").joinpath("spoken/en.toml").read_text("utf-8")
    return tomllib.loads(text)


def _phrases(table: Mapping[str, object]) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for meaning, spoken in table.items():
        if isinstance(spoken, list):
            found |= {tuple(str(phrase).split("_")): meaning for phrase in spoken}
    return found


def _list(table: Mapping[str, object], name: str) -> frozenset[str]:
    words = table[name]
    return frozenset(map(str, words)) if isinstance(words, list) else frozenset()


_DATA = _load()
TYPES = _phrases(_DATA["types"])
DIRECTIONS = {phrase[0]: meaning for phrase, meaning in _phrases(_DATA["directions"]).items()}
LETTERS = _phrases(_DATA["letters"])
JOIN = _list(_DATA["words"], "join")
BEFORE = _list(_DATA["words"], "before")
STOP = _list(_DATA["words"], "stop")
CORRECTION = _list(_DATA["words"], "correction")
YES = _list(_DATA["words"], "yes")
NO = _list(_DATA["words"], "no")
TAGS = _list(_DATA["words"], "tags")
AWAY = _list(_DATA["words"], "away")
HOME = _list(_DATA["words"], "home")
VAGUE = _list(_DATA["words"], "vague")
ABBREVIATIONS = {
    short: str(full).replace("_", " ") for short, full in _DATA["abbreviations"].items()
}
RELATIONS = _phrases(_DATA["relations"])
COMMON = _list(_DATA["common"], "words")
GENERIC = _list(_DATA["generic"], "words")
SURE_DIRECTIONS = frozenset({"east", "west", "north", "south", "e", "w", "n", "s"})
LONGEST_TYPE = max(len(phrase) for phrase in TYPES)


@dataclass(frozen=True, slots=True)
class TypeWord:
    """A word such as Street, in words ``start`` to ``end``."""

    type: str
    start: int
    end: int
    exact: bool


def words_of(text: str) -> list[str]:
    """Small words; hyphens part, an apostrophe stays inside ("i'm", "keegan's")."""
    return WORD.findall(text.lower().replace("\u2019", "'").replace(".", " . "))


def breaks_of(text: str) -> frozenset[int]:
    """Which words (full stops aside) begin behind a comma, a full stop or the like."""
    found = []
    end = 0
    for number, match in enumerate(WORD.finditer(text.lower().replace("\u2019", "'"))):
        if BREAK.search(text, end, match.start()):
            found.append(number)
        end = match.end()
    return frozenset(found)


def find_types(words: Sequence[str]) -> list[TypeWord]:
    """Street types in order, the longest phrase first at each place."""
    found: list[TypeWord] = []
    i = 0
    while i < len(words):
        for length in range(min(LONGEST_TYPE, len(words) - i), 0, -1):
            meaning = TYPES.get(tuple(words[i : i + length]))
            if meaning:
                found.append(TypeWord(meaning, i, i + length, words[i] == meaning))
                i += length
                break
        else:
            i += 1
    return found


def letters_at(words: Sequence[str], i: int) -> tuple[int, dict[str, float]]:
    """Letters that the word at ``i`` may name, with how likely; and where it ends."""
    for length in (2, 1):
        heard = LETTERS.get(tuple(words[i : i + length]))
        if heard and i + length <= len(words):
            own = 1.0 if words[i] == heard else 0.92 if words[i] not in STOP else 0.85
            if words[i] in ("the", "and", "in", "an", "am", "as", "a"):
                own = 0.66  # mostly the words that they look like
            rhymes = next((group for group in _RHYMES if heard in group), "")
            return i + length, {**dict.fromkeys(rhymes, own * 0.74), heard: own}
    return i, {}
