"""Mandarin syllables: pinyin without tones, and what dialect and telephone make of them."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, pinyin

from callcenter.precincts.places_by_sound.units import Unit, Units

DIGITS = "零一二三四五六七八九"
_INITIALS = tuple("zh ch sh b p m f d t n l g k h j q x r z c s y w".split())
_FOLDED_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}
_FOLDED_ENDINGS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_TOKEN = re.compile(r"\d+|[a-zA-Z]|[\u3400-\u9fff]")
_SAID_OTHERWISE = {"幺": "一", "两": "二", "〇": "零", "○": "零"}


def units(text: str) -> Units:
    """The syllables of a Chinese text; figures are taken as they are said, the rest is skipped."""
    found: list[Unit] = []
    for token in _TOKEN.finditer(text):
        word, start, end = token[0], token.start(), token.end()
        signs = in_words(int(word)) if word.isdecimal() and len(word) <= 4 else word.lower()
        if word.isdecimal() and len(word) > 4:
            signs = "".join(DIGITS[int(digit)] for digit in word)
        found.extend(_unit(sign, start, end) for sign in signs)
    return tuple(found)


def name_units(name: str) -> Units:
    """The syllables of a name, read as its words are read together (重庆: chong, not zhong)."""
    row = units(name)
    if not any(len(unit.sounds) > 1 for unit in row):
        return row
    signs = "".join(unit.sign for unit in row)
    readings = lazy_pinyin(signs)
    if len(readings) != len(row):
        return row
    return tuple(
        unit if len(unit.sounds) == 1 else _read(unit.sign, unit.start, unit.end, (reading,))
        for unit, reading in zip(row, readings, strict=True)
    )


def in_words(number: int) -> str:
    """A number below 10,000 as it is said: 23 → 二十三."""
    if number == 0:
        return DIGITS[0]
    said, gap = "", False
    for power, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, power)
        if digit:
            said += (DIGITS[0] if gap else "") + DIGITS[digit] + sign
            gap = False
        else:
            gap = bool(said)
    return said[1:] if said.startswith("一十") else said


def _unit(sign: str, start: int, end: int) -> Unit:
    return _read(sign, start, end, _readings(_SAID_OTHERWISE.get(sign, sign)))


def _read(sign: str, start: int, end: int, readings: tuple[str, ...]) -> Unit:
    sounds, folds, parts = _sounding(readings)
    return Unit(_SAID_OTHERWISE.get(sign, sign), start, end, sounds, folds, parts)


@lru_cache(maxsize=16384)
def _readings(sign: str) -> tuple[str, ...]:
    found = pinyin(sign, style=Style.NORMAL, heteronym=True)
    return tuple(dict.fromkeys(found[0])) if found else (sign,)


@lru_cache(maxsize=4096)
def _sounding(
    readings: tuple[str, ...],
) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    parts = [_folded(reading) for reading in readings]
    return frozenset(readings), frozenset("".join(part) for part in parts), parts[0]


def _folded(reading: str) -> tuple[str, str]:
    initial = next((each for each in _INITIALS if reading.startswith(each)), "")
    final = reading[len(initial) :]
    for ending, folded in _FOLDED_ENDINGS:
        if final.endswith(ending):
            final = final[: -len(ending)] + folded
    return _FOLDED_INITIALS.get(initial, initial), final
