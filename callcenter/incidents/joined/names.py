"""The caller's name in Chinese or Korean: introduced, or in answer to the question for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callcenter.incidents.conversation import evidence_of
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.record import Evidence, Turn

INTRODUCED, ANSWERED, SURNAME_ONLY = 0.88, 0.8, 0.6
_CLAUSES = re.compile(r"[，。！？、,.!?；;：:…\s]+")
_ZH_END = re.compile(r"^(?:的|啊|呀|嘛|哈|呢|吧|了)?$")
_ZH_PARTS = re.compile(
    r"^.{2,3}[张李王陈杨赵黄吴胡刘章江姜程]$|的.$|^(?:弓长|木子|耳东|双木|古月|立早|口天|草头|三横)"
)
_KO_NAME = re.compile(
    r"^([가-힣]{2,4}?)(?:이요|요|입니다|이에요|예요|이예요|라고|이라고|고요|이고요|이고|고|인데요|인데|이라|님|$)"
)

_KO_RELATION = re.compile(
    r"(?:손녀|손자|딸|아들|며느리|사위|아내|남편|엄마|아빠|어머니|아버지|동생|언니|오빠|누나|형|친구|이웃|직원|사장|주인|관리인|경비원|보호자)\s+"
)
"""Who somebody is, before the name: "저는 손녀 윤다은이에요"."""
_KO_DIGITS = re.compile(r"[공영일이삼사오육륙칠팔구]+")


def find(
    turns: Sequence[Turn], lexicon: Lexicon, rules: JoinedRules
) -> tuple[str | None, list[Evidence]]:
    """The name as given; a whole name goes before a surname, a later one before an earlier."""
    found: str | None = None
    rows: list[Evidence] = []
    asked = False
    for turn in turns:
        if turn.who != "caller":
            if rules["ask_name"].search(turn.text):
                asked = not rules["ask_other_name"].search(turn.text)
            elif "？" in turn.text or "?" in turn.text:
                asked = False
            continue
        name, sure = _named(turn.text, lexicon.language, rules, asked=asked)
        if name and (found is None or len(name) >= len(found)):
            found = name
            rows = [evidence_of(turn, name, turn.text.strip(), sure)]
            asked = False
    return found, rows


def _named(
    text: str, language: str, rules: JoinedRules, *, asked: bool
) -> tuple[str | None, float]:
    if language == "zh":
        return _chinese(re.sub(r"\s+", "", text), rules, asked=asked)
    return _korean(text, rules, asked=asked)


def _chinese(text: str, rules: JoinedRules, *, asked: bool) -> tuple[str | None, float]:
    surname: str | None = None
    for match in rules["name_is"].finditer(text):
        rest = text[match.end() :]
        name = _chinese_name(_CLAUSES.split(rest)[0], rules, whole=False)
        if name is None:
            continue
        if len(name) > 1:
            return name, INTRODUCED
        surname = name
        for clause in _CLAUSES.split(rest)[1:3]:
            full = _chinese_name(clause, rules, whole=True)
            if full and len(full) > 1 and full.startswith(name):
                return full, INTRODUCED
    if surname:
        return surname, SURNAME_ONLY
    if asked:
        for clause in _CLAUSES.split(text):
            full = _chinese_name(clause, rules, whole=True)
            if full and len(full) > 1:
                return full, ANSWERED
    return None, 0.0


def _chinese_name(clause: str, rules: JoinedRules, *, whole: bool) -> str | None:
    """A name at the beginning of a clause: surname and one or two signs."""
    clause = re.sub(r"^(?:嗯|呃|啊|哦|那个|就|是|叫|姓|名字|我)+", "", clause)
    surname = next((clause[:n] for n in (2, 1) if clause[:n] in rules.surnames), None)
    if surname is None:
        return None
    rest = clause[len(surname) :]
    for size in (2, 1, 0):
        name = surname + rest[:size]
        if len(rest) < size or name in rules.not_names:
            continue
        end = rest[size:]
        if size == 0 and whole:
            continue
        if _ZH_END.match(end) or (
            not whole and re.match(r"电话|今年|住|是|手机|我|号码|身份证", end)
        ):
            if not _ZH_PARTS.search(clause) or size == 2:
                return name
    return None


def _korean(text: str, rules: JoinedRules, *, asked: bool) -> tuple[str | None, float]:
    for match in rules["name_is"].finditer(text):
        rest = text[match.end() :].lstrip(" ,")
        relation = _KO_RELATION.match(rest)
        name = _korean_name(rest[relation.end() :] if relation else rest, rules)
        if name:
            return name, INTRODUCED
    for match in re.finditer(r"([가-힣]{2,4}?)(?:이)?라고\s*(?:합니다|해요|하는데|하거든)", text):
        name = _korean_name(match[1], rules)
        if name:
            return name, INTRODUCED
    if not asked:
        return None, 0.0
    for word in re.split(r"[\s,.!?…]+", text):
        name = _korean_name(word, rules)
        if name and len(name) >= 3:
            return name, ANSWERED
    return None, 0.0


def _korean_name(words: str, rules: JoinedRules) -> str | None:
    words = re.split(r"[,.!?…]", words)[0].strip()
    joined = words
    parts = words.split()
    if len(parts) > 1 and parts[0] in rules.surnames and len(parts[0]) <= 2:
        joined = parts[0] + parts[1]
    elif parts:
        joined = parts[0]
    match = _KO_NAME.match(joined)
    if match is None:
        return None
    best: str | None = None
    for size in (3, 2, 4):
        name = joined[:size]
        ending = _KO_NAME.match(joined[size:].join(("가가", ""))) if len(joined) >= size else None
        surname = next((name[:n] for n in (2, 1) if name[:n] in rules.surnames), None)
        if surname is None or ending is None or name in rules.not_names or len(name) < size:
            continue
        if size == 4 and len(surname) < 2:
            continue
        if size > 2 and _KO_DIGITS.fullmatch(name):
            continue
        best = best or name
    return best
