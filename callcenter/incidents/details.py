"""Names, numbers and counts out of the caller's words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callcenter.incidents.conversation import Heard, evidence_of
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.reading import normal
from callcenter.incidents.record import Evidence, Turn

SHORTEST_NUMBER = 7
LONGEST_NUMBER = 15
NAME_WORDS = 3
LOOK_BACK_WORDS = 6
LOOK_BACK_CHARACTERS = 8
MOST_HURT = 1000
SEVERAL = 2
"""As many are hurt at least when "people are hurt" without a number."""

_DIGIT_WORDS = {
    "zero": "0",
    "oh": "0",
    "o": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    **dict(zip("零〇一二三四五六七八九", "00123456789", strict=True)),
    "幺": "1",
    **dict(zip("공영일이삼사오육칠팔구", "00123456789", strict=True)),
}
_REPEATS = {"double": 2, "triple": 3}
_SPOKEN = re.compile(
    r"\d+|[a-z]+|[零〇一二三四五六七八九幺]|[공영일이삼사오육칠팔구]", re.IGNORECASE
)
_WORD = re.compile(r"[\w']+")
_NAME = re.compile(r"[^\W\d_][\w'\u2019-]*")
_PLURAL = re.compile(
    r"\b(people|men|women|kids|children|persons|passengers|drivers|victims|guys|boys|girls|we|they)\b"
)
_CROWD = re.compile(r"\b(several|many|some|lots|multiple|few|bunch|everyone|everybody)\b")


def injured(heard: Sequence[Heard], lexicon: Lexicon) -> tuple[int | None, list[Evidence]]:
    """How many are hurt, at least; 0 when the caller says nobody; None when not spoken of."""
    count: int | None = None
    rows: list[Evidence] = []
    for item in heard:
        for hit in (*item.reading.unhurt, *item.reading.hurt):
            nobody = hit.name == "unhurt" or hit.denied
            if item.asked is not None:
                nobody = item.denied
            if nobody:
                if not count:
                    count = 0
                rows.append(item.evidence(0, hit.words, 0.85))
                continue
            number, sure = _count(item.reading.text, hit.start, hit.end, lexicon)
            if item.asked is not None:
                told = answered_number(item.turn.text, lexicon)
                number, sure = (told, 0.85) if told else (1, 0.6)
            count = max(count or 0, number)
            rows.append(item.evidence(number, hit.words, sure))
    if count:
        rows = [row for row in rows if row.value]
    return count, rows


def _count(text: str, start: int, end: int, lexicon: Lexicon) -> tuple[int, float]:
    """The number of people that a word of injury speaks of, from the words before it."""
    if lexicon.joined:
        before = text[max(start - LOOK_BACK_CHARACTERS, 0) : end]
        for word, number in lexicon.numbers.items():
            if re.search(rf"{word}\s*(个|名|位|명|사람|분)", before):
                return number, 0.85
        digits = re.search(r"(\d+)\s*(个|名|位|人|명)", before)
        return (int(digits[1]), 0.9) if digits else (1, 0.7)
    clause = re.split(r"[.;!?]", text[:end])[-1].lower()
    words = _WORD.findall(clause)[-(LOOK_BACK_WORDS + 3) :]
    window = " ".join(words)
    for i in reversed(range(len(words))):
        number = int(words[i]) if words[i].isdecimal() else lexicon.numbers.get(words[i], 0)
        people = words[i + 1 : i + 4]
        if 1 < number < MOST_HURT and any(_PLURAL.fullmatch(word) for word in people):
            return number, 0.9
        if number == 1 and words[i] == "one" and people and lexicon.hurt_one.search(people[0]):
            return 1, 0.9
    if _PLURAL.search(window):
        return SEVERAL, 0.6 if _CROWD.search(window) else 0.5
    return 1, 0.85 if lexicon.hurt_one.search(window) else 0.6


def answered_number(text: str, lexicon: Lexicon) -> int | None:
    """A number of people in the answer to a question: "yes, two people"."""
    for word in _WORD.findall(text.lower()):
        number = int(word) if word.isdecimal() else lexicon.numbers.get(word, 0)
        if 0 < number < MOST_HURT and word not in ("to", "too", "a", "an"):
            return number
    return None


def callback(heard: Sequence[Heard], lexicon: Lexicon) -> tuple[str | None, list[Evidence]]:
    """A number to call back, spoken digit by digit or in groups; the last one said."""
    found: str | None = None
    rows: list[Evidence] = []
    for item in heard:
        if item.asked is not None:
            continue
        digits = spoken_digits(item.reading.text)
        cue = lexicon.callback_cue.search(item.reading.text)
        if len(digits) >= (SHORTEST_NUMBER if cue else 10) and len(digits) <= LONGEST_NUMBER:
            found = digits
            rows.append(item.evidence(digits, item.reading.text, 0.85 if cue else 0.7))
    return found, rows


def spoken_digits(text: str) -> str:
    """The longest run of digits in a text: "two one two five five five" → 212555."""
    runs = [""]
    repeat = 1
    for token in _SPOKEN.findall(text.lower()):
        if token.isdecimal():
            runs[-1] += token
        elif token in _REPEATS:
            repeat = _REPEATS[token]
            continue
        elif token in _DIGIT_WORDS:
            runs[-1] += _DIGIT_WORDS[token] * repeat
        elif token not in ("and", "area", "code"):
            runs.append("")
        repeat = 1
    return max(runs, key=len)


def caller_name(turns: Sequence[Turn], lexicon: Lexicon) -> tuple[str | None, list[Evidence]]:
    """The caller's name: "my name is …", or the answer to the question for it."""
    asked = False
    for turn in turns:
        text = normal(turn.text, lexicon)
        if turn.who != "caller":
            asked = bool(lexicon.ask_name.search(text))
            continue
        name = _introduced(text, lexicon) or (_bare_name(text, lexicon) if asked else None)
        asked = False
        if name:
            return name, [evidence_of(turn, name, text, 0.75)]
    return None, []


def _introduced(text: str, lexicon: Lexicon) -> str | None:
    for match in lexicon.name_is.finditer(text):
        rest = text[match.end() :]
        if lexicon.joined:
            name = re.match(r"\s*([^\W\d_]{2,4})(?=[，,。. ]|입니다|이에요|예요|이라고|$)", rest)
            if name and name[1] not in lexicon.not_names:
                return name[1]
            continue
        sure = "name" in match[0].lower()
        words: list[str] = []
        for word in re.finditer(r"[^\s]+", rest.lstrip(" ,")):
            plain = word[0].strip(",.!?;:")
            if not _NAME.fullmatch(plain) or plain.lower() in lexicon.not_names:
                break
            if not plain[:1].isupper() and not (sure and len(words) < 2):
                break
            words.append(plain[:1].upper() + plain[1:])
            if word[0][-1] in ",.!?;:" or len(words) == NAME_WORDS:
                break
        if words and (sure or len(words) > 1):
            return " ".join(words)
    return None


def _bare_name(text: str, lexicon: Lexicon) -> str | None:
    words = [w.strip(",.!?") for w in text.split()]
    if lexicon.joined:
        return text.strip("。.，, ") if 2 <= len(text.strip("。.，, ")) <= 6 else None
    names = [w for w in words if _NAME.fullmatch(w) and w.lower() not in lexicon.not_names]
    if 1 <= len(words) <= NAME_WORDS and names == words:
        return " ".join(w[:1].upper() + w[1:] for w in words)
    return None
