"""How many are hurt, at least, in Chinese and Korean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callcenter.incidents.conversation import Heard
from callcenter.incidents.hits import Hit
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.record import Evidence

SEVERAL = 2
MOST = 1000
REACH = 16
"""Characters before a word of injury in which the number of people may stand."""
_SENTENCE = re.compile(r"[。！？!?.；;]")
NUMERALS = {
    "zh": {
        **dict(zip("一二三四五六七八九十", range(1, 11), strict=True)),
        "两": 2,
        "俩": 2,
        "仨": 3,
    },
    "ko": {
        **dict(
            zip(
                ("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열"),
                range(1, 11),
                strict=True,
            )
        ),
        **dict(
            zip(
                ("둘", "셋", "넷", "일", "이", "삼", "사", "오"),
                (2, 3, 4, 1, 2, 3, 4, 5),
                strict=True,
            )
        ),
        "하나": 1,
    },
}
_PEOPLE = {
    "zh": re.compile(
        r"(?P<n>\d+|十[一二三四五六七八九]?|[一两二三四五六七八九]|[俩仨])"
        r"(?:个|名|位|(?=人|死|伤|口|女|男)|(?<=[俩仨]))(?!月|小时|钟头|星期|礼拜|多?小时|路|单元|方向)"
        r"(?P<who>[^，。！？,.!?]{0,3})"
    ),
    "ko": re.compile(
        r"(?P<n>\d+|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|둘|셋|넷|하나)\s*(?:명|사람|분(?!\s*(?:전|쯤|정도|째|동안|넘|됐|후|뒤|만))|(?:이|다|은)?\s*(?:다|모두)(?=\s*[가-힣]))"
    ),
}


def count(
    heard: Sequence[Heard], lexicon: Lexicon, rules: JoinedRules, *, also_maybe: bool
) -> tuple[int | None, list[Evidence]]:
    """The number; 0 when the caller says nobody; None when not spoken of.

    ``also_maybe``: in this matter who lies there or does not move is hurt, not ill.
    """
    most: int | None = None
    rows: list[Evidence] = []
    open_turn = False  # whether the last words told that somebody is hurt
    for item in heard:
        if item.asked is not None:
            number, sure = _asked(item, rules, also_maybe=also_maybe)
        else:
            number, sure = _said(item, lexicon, rules, also_maybe=also_maybe, counting=open_turn)
            open_turn = bool(number)
        if number is None:
            continue
        if number or not most:
            most = max(most or 0, number)
        words = (item.asked or item.turn).text.strip()
        rows.append(item.evidence(number, words, sure))
    if most is None:
        return None, []
    return most, [row for row in rows if row.value == most]


def _counted(hits: Sequence[Hit], *, also_maybe: bool) -> list[Hit]:
    return [hit for hit in hits if also_maybe or hit.name != "maybe"]


def _asked(item: Heard, rules: JoinedRules, *, also_maybe: bool) -> tuple[int | None, float]:
    """A question for the injured, and its yes or no."""
    question = item.reading
    asks = rules["ask_hurt"].search(question.text)
    if not asks and not _counted(question.hurt, also_maybe=False):
        return None, 0.0
    return (0, 0.88) if item.denied else (1, 0.75)


def _said(
    item: Heard, lexicon: Lexicon, rules: JoinedRules, *, also_maybe: bool, counting: bool
) -> tuple[int | None, float]:
    """What the caller's own words tell; ``counting``: the words before told of injured."""
    reading = item.reading
    hurt = _counted(reading.hurt, also_maybe=also_maybe)
    question = item.answers.text if item.answers is not None else ""
    how_many = bool(lexicon.how_many.search(question))
    asked = bool(rules["ask_hurt"].search(question))
    answering = asked or (how_many and counting)
    if answering and reading.answer is not False and not hurt:
        number = _first_number(reading.text, lexicon.language)
        if number and (reading.answer or how_many):
            return number, 0.85
    if not hurt:
        return (0, 0.85) if reading.unhurt else (None, 0.0)
    best, sure = 1, 0.75
    ones = 0
    for hit in hurt:
        number = _before(reading.text, hit, lexicon.language, rules)
        if number == 1:
            ones += 1
        if number and number > best:
            best, sure = number, 0.85
    distinct = len({m.start() for m in _people(reading.text, lexicon.language) if _of_one(m)})
    if ones > 1 and distinct > 1 and best == 1:
        best, sure = min(ones, distinct), 0.75
    if best == 1 and len(hurt) > 1 and rules["another"].search(reading.text):
        best = SEVERAL
    if best == 1 and answering:
        number = _first_number(reading.text, lexicon.language)
        best = number or best
    return best, sure


def _people(text: str, language: str) -> list[re.Match[str]]:
    return list(_PEOPLE[language].finditer(text))


def _of_one(match: re.Match[str]) -> bool:
    return match["n"] in ("一", "1", "한", "하나")


def _before(text: str, hit: Hit, language: str, rules: JoinedRules) -> int | None:
    """The number of people that this word of injury speaks of."""
    start = max(hit.start - REACH, 0)
    for stop in _SENTENCE.finditer(text, start, hit.start):
        start = stop.end()
    window = text[start : min(hit.end + 6, len(text))]
    found = [value for match in _people(window, language) if (value := _value(match, language))]
    if found:
        return max(found) if max(found) > 1 else 1
    if rules["pair"].search(window):
        return 2
    return SEVERAL if rules["several"].search(window) else None


def _first_number(text: str, language: str) -> int | None:
    for match in _people(text, language):
        value = _value(match, language)
        if value:
            return value
    short = re.match(r"[\s,，。.]*([一两三四五六七八九十]|\d{1,2})个", text)
    return NUMERALS["zh"].get(short[1], 0) or None if short and language == "zh" else None


def _value(match: re.Match[str], language: str) -> int:
    word = match["n"]
    if word.isdecimal():
        number = int(word)
    elif len(word) == 2 and word[0] == "十":
        number = 10 + NUMERALS["zh"][word[1]]
    else:
        number = NUMERALS[language].get(word, 0)
    return number if number < MOST else 0
