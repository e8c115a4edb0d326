"""Street names taken apart: direction, core, type ("East 42 Street" → east, 42, street)."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.precincts.phonetics import joined
from callcenter.precincts.spoken_words import TYPES

DIRECTIONS = {
    "east": "east",
    "west": "west",
    "north": "north",
    "south": "south",
    "e": "east",
    "w": "west",
    "n": "north",
    "s": "south",
}
_LONG_TYPES = {words[0]: meaning for words, meaning in TYPES.items() if len(words) == 1}
ABBREVIATED = frozenset({"IS", "NY", "NYU", "YMCA", "YWCA", "MTA", "LIU", "CUNY", "UN", "US"})
_SHORT_CORE = 3
"""A core so short ("End" of West End Avenue) keeps its direction."""


@dataclass(frozen=True, slots=True)
class StreetName:
    """A name's parts. ``core`` has no spaces; ``number`` is set when the core is one."""

    core: str
    type: str | None
    direction: str | None
    number: int | None


def parse_street(name: str) -> StreetName:
    """Take a street's name apart; "St" at the front is Saint, elsewhere Street."""
    words = name.lower().replace(".", " ").replace("'", "").split()
    if words[:1] == ["st"]:
        words[0] = "saint"
    direction = None
    if len(words) == 2 and words[0] == "avenue":
        return StreetName(joined(words[1]), "avenue", None, None)
    if len(words) > 2 and words[0] in DIRECTIONS and len(joined(words[1])) > _SHORT_CORE:
        direction = DIRECTIONS[words.pop(0)]
    elif len(words) > 2 and words[0] in DIRECTIONS and words[1].isdecimal():
        direction = DIRECTIONS[words.pop(0)]
    if len(words) > 2 and words[-1] in DIRECTIONS and words[-2] in _LONG_TYPES:
        direction = DIRECTIONS[words.pop()]
    kind = _LONG_TYPES.get(words[-1]) if len(words) > 1 else None
    if kind:
        words.pop()
    core = joined("".join(_without_ordinal(word) for word in words))
    return StreetName(core, kind, direction, int(core) if core.isdecimal() else None)


def _without_ordinal(word: str) -> str:
    return word[:-2] if word[:-2].isdecimal() and word[-2:] in ("st", "nd", "rd", "th") else word


def tidy(name: str) -> str:
    """A name in capitals in ordinary case: "YANKEE STADIUM" → "Yankee Stadium"."""
    if not name.isupper():
        return name
    return " ".join(word if _stays(word) else word.capitalize() for word in name.split())


def _stays(word: str) -> bool:
    """Whether a word is an abbreviation: with a digit, or short and not to be pronounced."""
    return any(c.isdigit() for c in word) or word in ABBREVIATED or not set(word) & set("AEIOUY")
