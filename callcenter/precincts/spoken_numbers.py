"""Numbers as people say them and recognisers write them: "one twenty fifth", "120 first"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNITS = {
    w: n for n, w in enumerate("zero one two three four five six seven eight nine".split())
} | {"oh": 0, "o": 0}
TEENS = {
    w: n
    for n, w in enumerate(
        ("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen").split(),
        10,
    )
}
TENS = {
    w: n
    for n, w in zip(
        range(20, 100, 10),
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        strict=True,
    )
} | {"fourty": 40, "niney": 90, "ninty": 90}
ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "forth": 4,
    "fifth": 5,
    "fith": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "eights": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "twelveth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
}
TENTHS = re.compile(r"(twent|thirt|fort|fift|sixt|sevent|eight|ninet)(?:y?i?e?ths?|yeth)")
DIGITS = re.compile(r"(\d{1,6})(st|nd|rd|th|s)?")
UNIT_ORDINALS = {word: n for word, n in ORDINALS.items() if n < 10} | {
    "ones": 1,
    "sevens": 7,
    "eighths": 8,
    "nines": 9,
    "fifths": 5,
    "sixths": 6,
}
SOUNDS_OF_UNITS = {"a": 1, "to": 2, "too": 2, "won": 1}
"""Said or heard for a digit right before "hundred"."""
_TEN_OF = {word[:-1]: n for word, n in TENS.items()}


@dataclass(frozen=True, slots=True)
class Number:
    """A number in words ``start`` to ``end``."""

    value: int
    start: int
    end: int
    ordinal: bool


def read_number(words: Sequence[str], start: int) -> Number | None:
    """The longest number that begins at ``start`` of small words without punctuation."""
    digits = _digits(words, start)
    if digits is not None:
        return digits
    hundred = _hundreds(words, start)
    below = _below_hundred(words, start if hundred is None else hundred[1])
    if hundred is None:
        if below is None:
            return None
        value, end, ordinal = below
        return Number(value, start, end, ordinal)
    value, end, ordinal = hundred[0], hundred[1], False
    if below is not None and (below[0] or below[2]):
        value, end, ordinal = value + below[0], below[1], below[2]
    elif end < len(words) and words[end - 1] == "and":
        end -= 1
    if words[end - 1] == "hundredth":
        ordinal = True
    return Number(value, start, end, ordinal)


def alternatives(number: Number) -> dict[int, float]:
    """Other numbers that this one is often misheard for, with how likely."""
    value, rest = divmod(number.value, 100)
    hundreds = value * 100
    found: dict[int, float] = {}
    if rest >= 20 and rest % 10 == 0:
        found[hundreds + rest + 8] = 0.72
    if rest >= 20 and rest % 10 == 8:
        found[hundreds + rest - 8] = 0.84  # "ninetieth" is heard as "ninety-eighth"
    if 13 <= rest <= 19:
        found[hundreds + (rest - 10) * 10] = 0.75
    if 30 <= rest <= 90 and rest % 10 == 0:
        found[hundreds + 10 + rest // 10] = 0.75
    if 40 <= rest <= 49:
        found[hundreds + rest - 10] = 0.7
    if 30 <= rest <= 39:
        found[hundreds + rest + 10] = 0.7
    return found


def spoken(value: int) -> tuple[str, ...]:
    """How an ordinal street number sounds, in words joined without spaces."""
    hundreds, rest = divmod(value, 100)
    if not hundreds:
        return (_ordinal(rest),)
    if not rest:
        return (f"{_cardinal(hundreds)}hundredth",)
    return (
        f"{_cardinal(hundreds)}{_ordinal(rest)}",
        f"{_cardinal(hundreds)}hundred{_ordinal(rest)}",
    )


def _digits(words: Sequence[str], start: int) -> Number | None:
    """Three digits said one by one: "one two five", "one oh fifth"."""
    said = words[start : start + 3]
    if len(said) < 3 or not all(word in UNITS for word in said[:2]) or not UNITS[said[0]]:
        return None
    ordinal = said[2] in UNIT_ORDINALS
    unit = _unit(said[2])
    after = words[start + 3] if start + 3 < len(words) else ""
    if unit is None or after.startswith("hundred") or (after in UNITS and not ordinal):
        return None
    value = UNITS[said[0]] * 100 + UNITS[said[1]] * 10 + unit
    return Number(value, start, start + 3, ordinal)


def _hundreds(words: Sequence[str], i: int) -> tuple[int, int] | None:
    """``one hundred [and]`` and ``one`` before twenty or a teen; value and where it ends."""
    if i >= len(words):
        return None
    first = UNITS.get(words[i])
    if words[i + 1 : i + 2] in (["hundred"], ["hundredth"]):
        first = SOUNDS_OF_UNITS.get(words[i], first)
    if first is None and words[i].isdecimal() and len(words[i]) == 1:
        first = int(words[i])
    if not first:
        return None
    if i + 1 < len(words) and words[i + 1] in ("hundred", "hundreds", "hundredth"):
        end = i + 2
        if end < len(words) and words[end] == "and":
            end += 1
        return first * 100, end
    after = words[i + 1] if i + 1 < len(words) else ""
    tens = after in TENS or after in TEENS or TENTHS.fullmatch(after)
    later_ordinal = ORDINALS.get(after, 0) >= 10
    zero = after in ("oh", "o", "zero") and i + 2 < len(words) and _unit(words[i + 2])
    return (first * 100, i + 1) if first <= 2 and (tens or later_ordinal or zero) else None


def _below_hundred(words: Sequence[str], i: int) -> tuple[int, int, bool] | None:
    if i >= len(words):
        return None
    word = words[i]
    after = words[i + 1] if i + 1 < len(words) else ""
    digits = DIGITS.fullmatch(word)
    if digits:
        value, ordinal = int(digits[1]), digits[2] is not None
        if not ordinal and value and value % 10 == 0 and after in UNIT_ORDINALS:
            return value + UNIT_ORDINALS[after], i + 2, True
        return value, i + 1, ordinal
    if word in TENS or word in TEENS:
        tens = TENS.get(word) or (TEENS[word] - 10) * 10
        if after in UNIT_ORDINALS and (word in TENS or TEENS[word] > 12):
            return tens + UNIT_ORDINALS[after], i + 2, True  # "seventeen ninth" was "seventy"
        if word in TENS and (unit := UNITS.get(after)):
            return tens + unit, i + 2, False
        if word in TENS and after.isdecimal() and len(after) == 1:
            return tens + int(after), i + 2, False
        return TENS.get(word, TEENS.get(word, 0)), i + 1, False
    if word in ORDINALS:
        return ORDINALS[word], i + 1, True
    tenth = TENTHS.fullmatch(word)
    if tenth:
        return _TEN_OF[tenth[1]], i + 1, True
    if word in ("oh", "o", "zero") and (unit := _unit(after)):
        return unit, i + 2, after in UNIT_ORDINALS
    if word in UNITS and word not in ("oh", "o"):
        return UNITS[word], i + 1, False
    return None


def _unit(word: str) -> int | None:
    return UNIT_ORDINALS.get(word) or UNITS.get(word)


def _cardinal(value: int) -> str:
    for names in (UNITS, TEENS, TENS):
        for name, n in names.items():
            if n == value:
                return name
    tens, unit = divmod(value, 10)
    return _cardinal(tens * 10) + _cardinal(unit)


def _ordinal(value: int) -> str:
    for name, n in ORDINALS.items():
        if n == value:
            return name
    tens, unit = divmod(value, 10)
    return _cardinal(tens * 10) + _ordinal(unit) if unit else _cardinal(value)[:-1] + "ieth"
