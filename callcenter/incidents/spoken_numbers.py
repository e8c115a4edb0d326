"""Telephone numbers in English words: digits in every style, groups, and corrected ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

LINE, SHORTEST, USUAL, WITH_COUNTRY = 4, 7, 10, 11
_DIGITS = {
    "zero": "0",
    "oh": "0",
    "o": "0",
    "ought": "0",
    **{w: str(n) for n, w in enumerate("one two three four five six seven eight nine".split(), 1)},
    "niner": "9",
    "fiver": "5",
}
_TEENS = {
    w: str(n)
    for n, w in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
        10,
    )
}
_TENS = {
    w: n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
} | {"fourty": 4, "ninty": 9}
_SOUND_ALIKE = {
    "to": "2",
    "too": "2",
    "for": "4",
    "fore": "4",
    "ate": "8",
    "won": "1",
    "owe": "0",
    "tree": "3",
    "fife": "5",
    "sicks": "6",
    "nein": "9",
    "a": "",
}
"""What a recogniser makes of a digit, believed only between two digits."""
_REPEAT = {"double": 2, "triple": 3, "treble": 3}
_BETWEEN = frozenset("and then area code dash hyphen plus is that's space okay".split())
_CORRECTS = frozenset("no wait sorry scratch correction mean rather actually oops".split())
_COUNTED = frozenset(
    "street avenue road boulevard place drive lane court dollars dollar bucks grand years year "
    "minutes minute hours hour people feet foot percent o'clock am pm times blocks miles st nd rd "
    "th floor apartment kids men guys weeks days months second first third fourth fifth sixth "
    "seventh eighth ninth tenth pounds".split()
)
_TOKEN = re.compile(r"\d+|[a-z']+|[.,;:!?]")
_LAST = re.compile(
    r"\b(?:the )?last (?:two|three|four|five) (?:(?:digits|numbers) )?(?:are|is|would be|were)\b"
)
_HOW_MANY_BETWEEN = 5
"""So many other words may stand between "no, wait" and the digits that are meant."""


@dataclass(frozen=True, slots=True)
class Digits:
    """One stretch of digits as somebody said it."""

    digits: str
    first: str
    """The group said first: what a correction restates."""
    corrected: bool = False
    """The speaker corrected it on the way."""
    corrects: bool = False
    """It starts with "no, wait": it corrects what was said before."""
    doubtful: bool = False
    """Words that only sound like digits were taken for some."""
    counts: bool = False
    """It counts something (dollars, a street), and is no number to call."""


@lru_cache(maxsize=4096)
def spoken_digits(text: str) -> tuple[Digits, ...]:
    """Every stretch of digits in a text in canonical form, in order."""
    return tuple(_Reader(text).read())


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(_LAST.sub("and", text.lower()))
        self._found: list[Digits] = []
        self._groups: list[str] = []
        self._before: list[str] | None = None
        self._open = ""
        self._doubtful = False

    def read(self) -> list[Digits]:
        tokens = self._tokens
        i = 0
        opening: bool = False
        since = 0
        while i < len(tokens):
            piece = tokens[i]
            value, used = self._value(i)
            if value is not None:
                if piece in _SOUND_ALIKE and piece not in _DIGITS:
                    self._doubtful = True
                if opening and self._before is None and not self._groups and not self._open:
                    self._corrects = True
                self._open += value
                i += used
                since = 0
                continue
            if piece in ".,;:":
                self._end_group()
            elif piece in _CORRECTS:
                self._correct()
                opening = True
            elif piece in _BETWEEN:
                self._end_group()
            elif self._correcting() and since < _HOW_MANY_BETWEEN:
                since += 1
            else:
                self._end(piece)
                opening = opening and since < _HOW_MANY_BETWEEN
                since += 1
            i += 1
        self._end("")
        return self._found

    _corrects = False

    def _value(self, i: int) -> tuple[str | None, int]:
        """The digits that the word at ``i`` begins, and of how many words they are."""
        tokens = self._tokens
        piece = tokens[i]
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        if piece.isdecimal():
            return piece, 1
        if piece in _REPEAT and after in _DIGITS:
            return _DIGITS[after] * _REPEAT[piece], 2
        if piece in _REPEAT and len(after) == 1 and after.isdecimal():
            return after * _REPEAT[piece], 2
        if piece in _DIGITS:
            if after in ("hundred", "thousand"):
                return _DIGITS[piece] + ("00" if after == "hundred" else "000"), 2
            return _DIGITS[piece], 1
        if piece in _TEENS:
            if after == "hundred":
                return _TEENS[piece] + "00", 2
            return _TEENS[piece], 1
        if piece in _TENS:
            if after in _DIGITS and _DIGITS[after] != "0":
                return f"{_TENS[piece]}{_DIGITS[after]}", 2
            return f"{_TENS[piece]}0", 1
        if (
            piece in _SOUND_ALIKE
            and self._open
            and (self._is_digit(after) or after in _SOUND_ALIKE)
        ):
            return _SOUND_ALIKE[piece], 1
        return None, 0

    def _is_digit(self, piece: str) -> bool:
        return piece in _DIGITS or piece.isdecimal() or piece in _TENS or piece in _TEENS

    def _correcting(self) -> bool:
        return self._before is not None and not self._groups and not self._open

    def _end_group(self) -> None:
        if self._open:
            self._groups.append(self._open)
            self._open = ""

    def _correct(self) -> None:
        self._end_group()
        if self._groups:
            said = "".join(self._groups)
            if self._before is not None:
                said = mended("".join(self._before), said, self._groups[0])
            self._before = [said]
            self._groups = []

    def _end(self, piece: str) -> None:
        self._end_group()
        if self._groups or self._before is not None:
            said = "".join(self._groups)
            first = self._groups[0] if self._groups else said
            corrected = self._before is not None and bool(self._groups)
            again = restarted(self._groups)
            if again is not None:
                said, corrected = again, True
            if self._before is not None:
                said = mended("".join(self._before), said, first) if said else self._before[0]
            if said:
                self._found.append(
                    Digits(
                        said,
                        first or said,
                        corrected,
                        self._corrects,
                        self._doubtful,
                        piece in _COUNTED,
                    )
                )
        self._groups, self._before, self._doubtful, self._corrects = [], None, False, False


def restarted(groups: Sequence[str]) -> str | None:
    """A number too long because its end was said again: "…zero one two… two six. Zero one two six".

    None when it is not that.
    """
    whole, last = "".join(groups), groups[-1] if groups else ""
    if len(whole) <= WITH_COUNTRY:
        return None
    if len(last) >= USUAL:
        return last
    if len(last) in (LINE, SHORTEST):
        return whole[: USUAL - len(last)] + last
    return None


def mended(before: str, meant: str, first: str) -> str:
    """A number of which the end was said anew: "…five oh five, no, five oh six, …".

    What is restated is as much as makes the whole a number of the usual length; while more may
    follow, as much as the first group that was said anew.
    """
    if len(meant) >= USUAL:
        return meant
    for length in (USUAL, WITH_COUNTRY, SHORTEST):
        restated = len(before) + len(meant) - length
        if length == WITH_COUNTRY and not before.startswith("1"):
            continue
        if 1 <= restated <= len(before):
            return before[: len(before) - restated] + meant
    if len(meant) >= SHORTEST:
        return meant
    return before[: max(len(before) - len(first), 0)] + meant


def patched(number: str, meant: str, *, at_end: bool) -> str:
    """A complete number with a few digits put right, where they are most alike but differ."""
    length = len(meant)
    if length >= len(number):
        return meant
    if at_end or length == 1:
        return number[:-length] + meant
    best, place = length + 1, len(number) - length
    for at in range(len(number) - length, -1, -1):
        differ = sum(a != b for a, b in zip(number[at : at + length], meant, strict=True))
        if 0 < differ < best:
            best, place = differ, at
    return number[:place] + meant + number[place + length :]


def plain(digits: str) -> str:
    """Without the country's 1."""
    return digits[1:] if len(digits) == WITH_COUNTRY and digits[0] == "1" else digits


def longest(found: Sequence[Digits]) -> Digits | None:
    """The longest stretch, the last of equals; none when all count something.

    Two that a remark parts make one number, if that has the usual length.
    """
    best = None
    for digits in found:
        if not digits.counts and (best is None or len(digits.digits) >= len(best.digits)):
            best = digits
    if best is None or len(best.digits) >= USUAL:
        return best
    for one, other in pairwise(found):
        whole = None if one.counts or other.counts else continued(one.digits, other.digits)
        if whole is not None:
            return replace(one, digits=whole, corrected=True)
    return best


def continued(before: str, after: str) -> str | None:
    """A number that goes on after a remark, its last digits said again: "…oh one - oh one eight".

    Also one whose end is put right: "…one one two - oh one one two". None when it is neither.
    """
    again = len(before) + len(after) - USUAL
    if not 0 <= again < len(before) or len(after) <= again:
        return None
    if not again and len(before) not in (USUAL - SHORTEST, USUAL - LINE):
        return None
    kept = before[: len(before) - again]
    restated = before[len(before) - again :]
    if after.startswith(restated) or after.endswith(restated):
        return kept + after
    return None
