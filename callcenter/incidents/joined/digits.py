"""Numbers to call back, spoken in Chinese or Korean: digit by digit, in groups, put right.

Chinese: 幺 for 1, 洞 拐 勾 两 of radio speech, "三个八". Korean: 공 and 영 for 0, "팔 세 개".
Both: figures, and both mixed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.incidents.conversation import evidence_of
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.record import Evidence, Turn

SHORTEST, LONGEST = 7, 13
GROUP_GAP = 12
"""Characters of other talk that may stand between two groups of digits."""
SURE, ASKED, FOUND = 0.92, 0.88, 0.7
DIGITS = {
    "zh": {
        **dict.fromkeys("零〇○洞", "0"),
        **dict.fromkeys("一幺妖么", "1"),
        **dict.fromkeys("二两", "2"),
        "三": "3",
        "四": "4",
        "五": "5",
        "六": "6",
        **dict.fromkeys("七拐", "7"),
        "八": "8",
        **dict.fromkeys("九勾", "9"),
    },
    "ko": {
        **dict(zip("공영빵일이삼사오육륙칠팔구", "0001234566789", strict=True)),
        **dict(zip(("하나", "둘", "셋", "넷", "다섯"), "12345", strict=True)),
        **dict(zip(("여섯", "일곱", "여덟", "아홉"), "6789", strict=True)),
    },
}
COUNTS = {"zh": {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "2": 2, "3": 3, "4": 4, "5": 5}}
COUNTS["ko"] = {"두": 2, "세": 3, "네": 4, "다섯": 5, "2": 2, "3": 3, "4": 4, "5": 5}
MOBILE = {"zh": re.compile(r"1[3-9]\d{9}"), "ko": re.compile(r"010\d{8}|01[16789]\d{7,8}")}
LAND = {"zh": re.compile(r"0\d{9,11}|[2-8]\d{6,7}"), "ko": re.compile(r"0[2-6]\d{7,9}|1[5-8]\d{6}")}
_REPEATS = {
    "zh": re.compile(r"(?P<count>[两二三四五2-5])个(?P<digit>[零〇洞一幺二三四五六七拐八九勾0-9])"),
    "ko": re.compile(
        r"(?P<digit>[공영일이삼사오육륙칠팔구0-9])(?:이|가)?\s*(?P<count>두|세|네|다섯|[2-5])\s*(?:개|번)"
    ),
}
_ENDING = {
    "zh": re.compile(r"(?!)"),
    "ko": re.compile(
        r"이(?:거든|야|라|네요|지|죠|었|니|런|쪽|거|게|걸|렇)|일단|사(?:람|고)|오(?:빠|늘|토|전|후)"
    ),
}
_COPULA = {"zh": re.compile(r"(?!)"), "ko": re.compile(r"요|에요|예요|고|입|거|라|네|죠|지")}
_NO_BEGINNING = {"zh": re.compile(r"(?!)"), "ko": re.compile(r"이\s*(?:요|에요|예요|고)")}
"""Endings of a word before the number (미정이요): their first sign is a digit, too."""
_JOINTS = {
    "zh": re.compile(
        r"[\s，,。.、\-—…]*(?:然后|还有|再|接着|后面|后头|前面|是|嗯|呃|额|那个|尾号|号|的)?[\s，,。.、\-—…]*"
    ),
    "ko": re.compile(
        r"[\s,.\-~…]*(?:에(?!요)|다시|국에|국의|번에|그리고|그 ?다음"
        r"|음|어|아|그|요|이요|네|예|이고|하고|의|국)?"
        r"[\s,.\-~…]*"
    ),
}
_CORRECT = {
    "zh": re.compile(
        r"[\s，,。.、…]*(?:哦|啊|哎|呃)?(?:不对不对|不对|不是不是|不是|说错了?|错了|不(?=[，,])|搞错了?|讲错了?|记错了?|重新说|更正)[\s，,。.、啊哦是…]*"
    ),
    "ko": re.compile(
        r"[\s,.…]*(?:아|어)?\s*(?:아니\s*아니|아니요|아니다|아니|잘못\s*\S+|다시\s*할게요|틀렸\S*)[\s,.…]*"
    ),
}


@dataclass(frozen=True, slots=True)
class Run:
    """Digits in a row: ``groups`` as they were spoken, characters ``start`` to ``end``."""

    groups: tuple[str, ...]
    start: int
    end: int

    @property
    def digits(self) -> str:
        """All of them."""
        return "".join(self.groups)


def runs(text: str, language: str) -> list[Run]:
    """Rows of digits in a text; a group that is put right counts as it was put right."""
    found: list[Run] = []
    groups: list[str] = []
    group = ""
    start = at = last = 0

    def close() -> None:
        nonlocal groups, group
        if group:
            groups.append(group)
        if groups:
            found.append(Run(_repaired(groups, text[last:], language), start, last))
        groups, group = [], ""

    while at < len(text):
        taken = _digit(text, at, language)
        if taken is not None and not groups and not group:
            taken = None if _NO_BEGINNING[language].match(text, at) else taken
        if taken is not None:
            digits, width = taken
            if not groups and not group:
                start = at
            group += digits
            at += width
            last = at
            continue
        if groups or group:
            correction = _CORRECT[language].match(text, at)
            if correction and correction.end() > at:
                if _digit(text, correction.end(), language) is not None:
                    groups, group = _put_right(groups, group, text, correction.end(), language)
                    at = correction.end()
                    continue
            joint = _JOINTS[language].match(text, at)
            if joint and joint.end() > at and _digit(text, joint.end(), language) is not None:
                if group:
                    groups.append(group)
                    group = ""
                at = joint.end()
                continue
            close()
        at += 1
    close()
    return found


def _digit(text: str, at: int, language: str) -> tuple[str, int] | None:
    """Digits that begin here and the characters they take."""
    if at >= len(text):
        return None
    repeat = _REPEATS[language].match(text, at)
    if repeat:
        digit = repeat["digit"]
        one = digit if digit.isdecimal() else DIGITS[language][digit]
        return one * COUNTS[language][repeat["count"]], repeat.end() - at
    if text[at].isascii() and text[at].isdecimal():
        return text[at], 1
    if _ENDING[language].match(text, at):
        return None
    for width in (2, 1):
        known = DIGITS[language].get(text[at : at + width])
        if known is not None:
            return known, width
    return None


def _repaired(groups: list[str], behind: str, language: str) -> tuple[str, ...]:
    """The same groups, or what they mean if only that is a number.

    A group that was broken off and begun again counts once ("025, 0252"), and the Korean ending
    이요 is no 2.
    """
    tries = [groups]
    tries += [
        groups[:i] + groups[i + 1 :]
        for i in range(len(groups) - 1)
        if groups[i + 1].startswith(groups[i])
    ]
    if _COPULA[language].match(behind) and groups[-1].endswith("2"):
        tries += [[*each[:-1], each[-1][:-1]] for each in tries]
    for each in tries:
        if plausible("".join(each), language) == 1.0:
            return tuple(group for group in each if group)
    return tuple(groups)


def _put_right(
    groups: list[str], group: str, text: str, at: int, language: str
) -> tuple[list[str], str]:
    """Take back what the digits behind a correction replace: the last group, or the whole."""
    rest = text[at:]
    new = next(iter(runs(rest[: GROUP_GAP * 3], language)), None)
    if new is None:
        return groups, group
    said = [*groups, group] if group else groups
    whole = "".join(said)
    kept = [said[:-1], *(said[:-n] for n in range(2, len(said) + 1))]
    cut = whole[: -len(new.digits)]  # "9101, no, 02": only the last digits are said anew
    for prefix in (*kept, [cut]):
        if plausible("".join(prefix) + new.digits, language) == 1.0:
            return list(prefix), ""
    return said[:-1], ""


def plausible(digits: str, language: str) -> float:
    """How much a row of digits looks like a telephone number: 1 a mobile number, 0 none."""
    if MOBILE[language].fullmatch(digits):
        return 1.0
    if LAND[language].fullmatch(digits):
        return 0.9
    return 0.5 if SHORTEST <= len(digits) <= LONGEST else 0.0


def find(
    turns: Sequence[Turn], lexicon: Lexicon, rules: JoinedRules
) -> tuple[str | None, list[Evidence]]:
    """The caller's number, the last one given; said back by the operator and confirmed: surer."""
    language = lexicon.language
    asked = False
    number: str | None = None
    rows: list[Evidence] = []
    partial = ""
    for position, turn in enumerate(turns):
        text = turn.text
        if turn.who != "caller":
            asked = bool(rules["ask_callback"].search(text)) or (asked and len(text) <= GROUP_GAP)
            back = max((run.digits for run in runs(text, language)), key=len, default="")
            if number and back == number and _confirmed(turns, position, rules):
                rows = [evidence_of(turns[position + 1], number, text, SURE)]
            elif partial and back and partial.endswith(back):
                asked = True
            continue
        cue = rules["callback"].search(text)
        other = rules["other_persons_number"].search(text)
        said = runs(text, language)
        best = _best(said, language)
        if best is None and said and (asked or partial):
            partial = _continued(partial, said)
            if plausible(partial, language) >= 0.9:
                number, rows = partial, [*rows, evidence_of(turn, partial, text, ASKED)]
                partial = ""
            continue
        if best is None or (other and not asked and not cue):
            continue
        looks = plausible(best.digits, language)
        if looks < 0.9 and not (cue or asked):
            continue
        sure = ASKED if (cue or asked) else FOUND
        number = best.digits
        rows.append(evidence_of(turn, number, text, sure if looks >= 0.9 else sure * 0.75))
        partial = ""
    return number, [row for row in rows if row.value == number]


def _best(said: Sequence[Run], language: str) -> Run | None:
    likely = [run for run in said if plausible(run.digits, language) > 0]
    return max(likely, key=lambda run: (plausible(run.digits, language), run.start), default=None)


def _continued(partial: str, said: Sequence[Run]) -> str:
    """Pieces of a number in several turns: "010", then "1234", then "5678"."""
    piece = max(said, key=lambda run: len(run.digits)).digits
    return piece if len(partial + piece) > LONGEST else partial + piece


def _confirmed(turns: Sequence[Turn], operator: int, rules: JoinedRules) -> bool:
    after = turns[operator + 1 : operator + 2]
    return bool(after) and after[0].who == "caller" and bool(rules["yes"].match(after[0].text))
