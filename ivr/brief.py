"""What an officer hears before they take a call: what, how bad, where, and which key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MAX_PLACE_CHARACTERS = 120
"""A brief is heard while the caller waits; the page on the phone has the rest."""


@dataclass(frozen=True, slots=True)
class _Words:
    categories: Mapping[str, str]
    levels: Mapping[str, str]
    call: str
    level: str
    place_unknown: str
    press: str
    stop: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        categories={
            "violence": "Violence",
            "robbery": "Robbery",
            "theft": "Theft",
            "domestic_violence": "Domestic violence",
            "fraud": "Fraud",
            "traffic": "Traffic accident",
            "fire": "Fire",
            "medical": "Medical emergency",
            "missing_person": "Missing person",
            "suicide_danger": "Danger of suicide",
            "public_order": "Disturbance",
            "hazard": "Hazard",
            "enquiry": "Enquiry",
            "nuisance": "Nuisance call",
            "silent": "Silent call",
        },
        levels={"red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue"},
        call="Emergency call",
        level=", level {level}",
        place_unknown="Place not known yet",
        press="Press 1 to take it, 2 to pass it on.",
        stop=". ",
    ),
    "ko": _Words(
        categories={
            "violence": "폭력",
            "robbery": "강도",
            "theft": "절도",
            "domestic_violence": "가정폭력",
            "fraud": "사기",
            "traffic": "교통사고",
            "fire": "화재",
            "medical": "응급환자",
            "missing_person": "실종",
            "suicide_danger": "자살 위험",
            "public_order": "소란",
            "hazard": "위험물",
            "enquiry": "문의",
            "nuisance": "장난전화",
            "silent": "무응답 신고",
        },
        levels={"red": "적색", "orange": "주황색", "yellow": "황색", "blue": "청색"},
        call="긴급 신고",
        level=", {level} 단계",
        place_unknown="위치는 아직 확인되지 않았습니다",
        press="전화를 받으려면 1번, 넘기려면 2번을 누르세요.",
        stop=". ",
    ),
    "zh": _Words(
        categories={
            "violence": "暴力",
            "robbery": "抢劫",
            "theft": "盗窃",
            "domestic_violence": "家庭暴力",
            "fraud": "诈骗",
            "traffic": "交通事故",
            "fire": "火灾",
            "medical": "医疗急救",
            "missing_person": "人员走失",
            "suicide_danger": "自杀危险",
            "public_order": "扰乱秩序",
            "hazard": "危险情况",
            "enquiry": "咨询",
            "nuisance": "骚扰电话",
            "silent": "无声报警",
        },
        levels={"red": "红色", "orange": "橙色", "yellow": "黄色", "blue": "蓝色"},
        call="紧急报警",
        level="，{level}等级",
        place_unknown="地点尚未确定",
        press="接听请按1，转给下一位请按2。",
        stop="。",
    ),
}


def officer_brief(
    category: str | None, level: str | None, place_text: str | None, language: str
) -> str:
    """The brief to be spoken, in English where ``language`` has no words.

    ``category`` and ``level`` are the record's codes; a category that has no words of its own (an
    administrator's) is said as it is written. What is not known is left out, except the place:
    that it is not known is said.
    """
    words = _WORDS.get(language, _WORDS["en"])
    what = words.call
    if category and category != "unknown":
        what = words.categories.get(category) or _said(category) or words.call
    if level is not None and level in words.levels:
        what += words.level.format(level=words.levels[level])
    where = _said(place_text or "")[:MAX_PLACE_CHARACTERS].rstrip() or words.place_unknown
    return words.stop.join((what, where, words.press))


def _said(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).replace("_", " ").split())
