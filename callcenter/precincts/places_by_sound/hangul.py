"""Korean syllables: letters of a block (Unicode 3.12), and how they sound one after another."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from callcenter.precincts.places_by_sound.units import Unit, Units

FIRST = 0xAC00
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
DIGITS = "영일이삼사오육칠팔구"
_TOKEN = re.compile(r"\d+|[a-zA-Z]|[가-힣]")
_CLUSTERS = {
    "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ",
    "ㄶ": "ㄴㅎ",
    "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ",
    "ㅄ": "ㅂㅅ",
}
_HELD = {**dict.fromkeys("ㄲㅋ", "ㄱ"), **dict.fromkeys("ㅅㅆㅈㅊㅌㅎ", "ㄷ"), "ㅍ": "ㅂ"}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}
_ASPIRATED = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}
_FOLDED_INITIAL = {"ㄹ": "ㄴ"}
_FOLDED = str.maketrans("ㄲㅋㄸㅌㅃㅍㅆㅉㅊㅐㅒㅖㅙㅞㅢ", "ㄱㄱㄷㄷㅂㅂㅅㅈㅈㅔㅔㅔㅚㅚㅣ")

Block = tuple[str, str, str]


def units(text: str) -> Units:
    """The syllables of a Korean text; figures are taken as they are said, the rest is skipped.

    A syllable may sound as it is written or as it is said between its neighbours (종로: 종노).
    """
    signs: list[tuple[str, int, int]] = []
    for token in _TOKEN.finditer(text):
        word, start, end = token[0], token.start(), token.end()
        said = in_words(int(word)) if word.isdecimal() and len(word) <= 4 else word.lower()
        if word.isdecimal() and len(word) > 4:
            said = "".join(DIGITS[int(digit)] for digit in word)
        signs.extend((sign, start, end) for sign in said)
    written = [letters(sign) for sign, _, _ in signs]
    said_as = spoken(written)
    return tuple(
        _unit(sign, start, end, written[i], said_as[i])
        for i, (sign, start, end) in enumerate(signs)
    )


def letters(sign: str) -> Block:
    """Initial, vowel and final of a block; another sign stands for itself."""
    code = ord(sign) - FIRST
    if not 0 <= code < len(INITIALS) * len(VOWELS) * len(FINALS):
        return sign, "", ""
    initial, rest = divmod(code, len(VOWELS) * len(FINALS))
    vowel, final = divmod(rest, len(FINALS))
    return INITIALS[initial], VOWELS[vowel], FINALS[final]


def in_words(number: int) -> str:
    """A number below 10,000 in Sino-Korean: 23 → 이십삼."""
    if number == 0:
        return DIGITS[0]
    said = ""
    for power, sign in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit, number = divmod(number, power)
        if digit:
            said += ("" if digit == 1 and sign else DIGITS[digit]) + sign
    return said


def spoken(blocks: list[Block]) -> list[Block]:
    """Blocks as they sound in a row: liaison, neutralised finals, nasals, aspirates."""
    row = [list(block) for block in blocks]
    for here, after in pairwise([*row, ["", "", ""]]):
        if here[1]:
            _meet(here, after)
    return [(initial, vowel, final) for initial, vowel, final in row]


def _meet(here: list[str], after: list[str]) -> None:
    final = _CLUSTERS.get(here[2], here[2])
    following = after[0] if after[1] else ""
    if following == "ㅇ" and final and final != "ㅇ":
        moved, here[2] = final[-1], final[:-1]
        if moved in "ㄷㅌ" and after[1] == "ㅣ":
            moved = "ㅈ" if moved == "ㄷ" else "ㅊ"
        after[0] = "ㅇ" if moved == "ㅎ" else moved
        here[2] = _HELD.get(here[2], here[2])
        return
    if final.endswith("ㅎ") and following in _ASPIRATED:
        after[0] = _ASPIRATED[following]
        here[2] = final[:-1]
        return
    held = _HELD.get(final[:1], final[:1])
    if following == "ㅎ" and held in _ASPIRATED:
        after[0] = _ASPIRATED["ㅈ" if final[-1] == "ㅈ" else held]
        held = ""
    elif following == "ㄹ" and held in ("ㄱ", "ㄷ", "ㅂ", "ㅁ", "ㅇ"):
        after[0] = "ㄴ"
        held = _NASAL.get(held, held)
    elif following in ("ㄴ", "ㅁ") and held in _NASAL:
        held = _NASAL[held]
    elif (held, following) in (("ㄴ", "ㄹ"), ("ㄹ", "ㄴ")):
        held, after[0] = "ㄹ", "ㄹ"
    here[2] = held


@lru_cache(maxsize=32768)
def _sounding(
    written: Block, said: Block
) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    return (
        frozenset(("".join(written), "".join(said))),
        frozenset(("".join(_fold(written)), "".join(_fold(said)))),
        _fold(written),
    )


def _fold(block: Block) -> Block:
    initial, vowel, final = (part.translate(_FOLDED) for part in block)
    return _FOLDED_INITIAL.get(initial, initial) if vowel else initial, vowel, final


def _unit(sign: str, start: int, end: int, written: Block, said: Block) -> Unit:
    sounds, folds, parts = _sounding(written, said)
    return Unit(sign, start, end, sounds, folds, parts)
