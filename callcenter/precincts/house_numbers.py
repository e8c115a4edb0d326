"""House numbers as people say them: "three fifty-six", "eighty-four twenty-six", "six oh two"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.precincts.spoken_numbers import TEENS, TENS, UNITS

LONGEST = 7
"""Words of a house number: "one hundred and twenty five oh one"."""
LARGEST = 30_000
ZEROS = frozenset({"oh", "o", "zero"})


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """A house number that begins at word ``start``; where it ends is known to who asked."""

    value: int
    start: int


def house_number_before(words: Sequence[str], end: int) -> HouseNumber | None:
    """The longest house number that ends right before word ``end``."""
    for start in range(max(end - LONGEST, 0), end):
        value = _read(words[start:end])
        if value is not None:
            return HouseNumber(value, start)
    return None


def _read(words: Sequence[str]) -> int | None:
    """The number that these words are, all of them."""
    for dash in ("dash", "hyphen"):
        if dash in words:  # "one oh eight dash oh five"
            at = list(words).index(dash)
            front, behind = _read(words[:at]) if at else None, _pair(words[at + 1 :])
            number = None if front is None or behind is None else front * 100 + behind
            return number if number is not None and number <= LARGEST else None
    if all(word in UNITS or (word.isdecimal() and len(word) == 1) for word in words):
        digits = "".join(str(UNITS[w]) if w in UNITS else w for w in words)
        if len(words) > 2 or (len(words) == 1 and digits != "0"):
            return int(digits) if digits[0] != "0" and int(digits) <= LARGEST else None
    for cut in range(len(words), 0, -1):
        head = _plain(words[:cut])
        if head is None or head == 0:
            continue
        if cut == len(words):
            return head
        tail = _pair(words[cut:])
        # "twenty five" is no 20 and 5, and "one two" no 102: each part stands on its own.
        if tail is not None and head < 300:
            number = head * 100 + tail
            return number if number <= LARGEST else None
    return None


def _plain(words: Sequence[str]) -> int | None:
    """One number: "350", "forty two", "six hundred [and] two", "one twenty five"."""
    if len(words) == 1 and words[0].isdecimal():
        value = int(words[0])
        return value if value <= LARGEST else None
    small = _below_hundred(words)
    if small is not None:
        return small
    if words[0] in ("one", "two"):  # "one twenty five"
        tail = _below_hundred(words[1:])
        if tail is not None and tail >= 10:
            return UNITS[words[0]] * 100 + tail
    for mark, factor in (("thousand", 1000), ("hundred", 100)):
        if mark in words:
            at = words.index(mark)
            head = _below_hundred(words[:at])
            rest = words[at + 1 :]
            if rest and rest[0] == "and":
                rest = rest[1:]
            tail = 0 if not rest else _plain(rest)
            if head and tail is not None and tail < factor:
                return head * factor + tail
            return None
    return None


def _below_hundred(words: Sequence[str]) -> int | None:
    if len(words) == 1:
        word = words[0]
        if word in ZEROS:
            return None
        if word.isdecimal():
            return int(word) if len(word) <= 2 else None
        return UNITS.get(word, TEENS.get(word, TENS.get(word)))
    if len(words) == 2 and words[0] in TENS and words[1] not in ZEROS:
        unit = UNITS.get(words[1])
        if words[1].isdecimal() and len(words[1]) == 1:
            unit = int(words[1])
        return TENS[words[0]] + unit if unit else None
    return None


def before_block_of(words: Sequence[str], end: int) -> int:
    """Where "block of" begins right before word ``end``, with its "the"; else ``end``.

    "The sixteen hundred block of Grand Concourse" is about where 1600 is.
    """
    at = end - 1 if end > 0 and words[end - 1] == "the" else end
    return at - 2 if tuple(words[max(at - 2, 0) : at]) == ("block", "of") else end


def _pair(words: Sequence[str]) -> int | None:
    """The last two digits: "fifty six", "oh five", "12", "05"."""
    if len(words) == 2 and words[0] in ZEROS:
        return UNITS.get(words[1])
    if len(words) == 1 and words[0].isdecimal():
        return int(words[0]) if len(words[0]) == 2 else None
    value = _below_hundred(words)
    return value if value is not None and value >= 10 else None
