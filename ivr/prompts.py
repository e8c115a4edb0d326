"""The sentences that callers and officers hear, and the sound files that hold them.

``<folder>/<language>/<name>.sln`` is a prompt. One that was synthesised has its text beside it
(``<name>.txt``) and is made anew when the text changes; one without was recorded by somebody and
is never touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.brief import Matter, officer_brief
from ivr.hold_music import write_hold_music
from ivr.speech_out import synthesise

GREETING = "greeting"
HOLD_COMFORT = "hold-comfort"
OPERATOR_LOST = "operator-lost"
CALL_BACK_NOTED = "call-back-noted"
OFFICER_BRIEF = "officer-brief"
"""For want of a brief of this very call."""
OFFICER_CALLER_LEFT = "officer-caller-left"
OFFICER_TAKEN = "officer-taken"
OFFICER_NO_KEY = "officer-no-key"
DUTY_IS_ON = "duty-is-on"
DUTY_IS_OFF = "duty-is-off"
DUTY_NOW_ON = "duty-now-on"
DUTY_NOW_OFF = "duty-now-off"
DUTY_UNKNOWN = "duty-unknown"
DUTY_FAILED = "duty-failed"
HOLD_MUSIC = Path("moh", "calm.sln")
"""Alone in its folder, which is a music-on-hold class to Asterisk."""
MENU_KEYS = "123456789"

GREETING_AT_MOST_MS = 1000
"""A human voice is due 3 s after the first INVITE; the greeting must not use it up."""


def menu(key: str) -> str:
    """Name of the prompt "for this language press ``key``"."""
    return f"menu-{key}"


def announcement(name: str) -> str:
    """Name of the prompt of an announcement; people may record others than `SURGE` and so on."""
    return f"announce-{name}"


SURGE = announcement("surge")
CALL_BACK = announcement("call_back")


@dataclass(frozen=True, slots=True)
class PromptSet:
    """Where a channel finds its prompts, as Asterisk is told: paths without extension."""

    folder: Path

    def sound(self, language: str, name: str) -> str:
        """The prompt for ``STREAM FILE`` or ``Playback``."""
        return str(self.folder / language / name)

    def file(self, language: str, name: str) -> Path:
        """The prompt's sound file."""
        return self.folder / language / f"{name}.sln"

    def has(self, language: str, name: str) -> bool:
        """Whether the prompt can be played."""
        return self.file(language, name).is_file()


_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        GREETING: "Police emergency.",
        HOLD_COMFORT: "You are in line for the police. Please stay on the line.",
        OPERATOR_LOST: "We lost the operator. You are next. Please stay on the line.",
        SURGE: "Many people are calling from your area. If you need help, stay on the line. "
        "You keep your place.",
        CALL_BACK: "All operators are busy. Stay on the line to keep your place. "
        "To be called back instead, press 1.",
        CALL_BACK_NOTED: "We will call you back. Please keep your phone free.",
        OFFICER_CALLER_LEFT: "The caller has hung up.",
        OFFICER_TAKEN: "Another officer has taken the call.",
        OFFICER_NO_KEY: "The call goes to another officer.",
        DUTY_IS_ON: "You are on duty. To stay on duty, press 1. To go off duty, press 2.",
        DUTY_IS_OFF: "You are off duty. To go on duty, press 1. To stay off duty, press 2.",
        DUTY_NOW_ON: "You are on duty now.",
        DUTY_NOW_OFF: "You are off duty now.",
        DUTY_UNKNOWN: "This phone belongs to no officer. Ask your supervisor.",
        DUTY_FAILED: "This could not be noted. Tell your supervisor.",
    },
    "ko": {
        GREETING: "경찰입니다.",
        HOLD_COMFORT: "경찰 연결을 기다리고 있습니다. 전화를 끊지 마세요.",
        OPERATOR_LOST: "상담원과 연결이 끊어졌습니다. 바로 다시 연결합니다. 전화를 끊지 마세요.",
        SURGE: "같은 지역에서 신고 전화가 많이 오고 있습니다. 도움이 필요하시면 끊지 마세요. "
        "순서는 그대로 유지됩니다.",
        CALL_BACK: "모든 상담원이 통화 중입니다. 끊지 않으시면 순서가 유지됩니다. "
        "대신 전화를 다시 받으시려면 1번을 누르세요.",
        CALL_BACK_NOTED: "곧 다시 전화드리겠습니다. 전화기를 비워 두세요.",
        OFFICER_CALLER_LEFT: "신고자가 전화를 끊었습니다.",
        OFFICER_TAKEN: "다른 경찰관이 전화를 받았습니다.",
        OFFICER_NO_KEY: "다른 경찰관에게 연결합니다.",
        DUTY_IS_ON: "근무 중입니다. 계속 근무하려면 1번, 근무를 마치려면 2번을 누르세요.",
        DUTY_IS_OFF: "근무 중이 아닙니다. 근무를 시작하려면 1번, 그대로 두려면 2번을 누르세요.",
        DUTY_NOW_ON: "이제 근무 중입니다.",
        DUTY_NOW_OFF: "근무가 끝났습니다.",
        DUTY_UNKNOWN: "등록되지 않은 전화입니다. 관리자에게 문의하세요.",
        DUTY_FAILED: "기록하지 못했습니다. 관리자에게 알려 주세요.",
    },
    "zh": {
        GREETING: "报警台。",
        HOLD_COMFORT: "您正在等候接通警察，请不要挂断。",
        OPERATOR_LOST: "与接警员的通话中断，马上为您重新接通，请不要挂断。",
        SURGE: "您所在地区来电较多。如果您需要帮助，请不要挂断，您的排队位置会保留。",
        CALL_BACK: "所有接警员都在通话中。请不要挂断，您的排队位置会保留。"
        "如需我们给您回电，请按1。",
        CALL_BACK_NOTED: "我们会给您回电，请保持电话畅通。",
        OFFICER_CALLER_LEFT: "报警人已挂断电话。",
        OFFICER_TAKEN: "已有其他警员接听。",
        OFFICER_NO_KEY: "电话将转给其他警员。",
        DUTY_IS_ON: "您正在值班。继续值班请按1，结束值班请按2。",
        DUTY_IS_OFF: "您不在值班。开始值班请按1，保持不变请按2。",
        DUTY_NOW_ON: "您现在开始值班。",
        DUTY_NOW_OFF: "您已结束值班。",
        DUTY_UNKNOWN: "此电话未登记，请联系主管。",
        DUTY_FAILED: "未能记录，请通知主管。",
    },
}

_MENU_TEXTS: Mapping[str, str] = {
    "en": "For English, press {key}.",
    "ko": "한국어는 {key}번을 누르세요.",
    "zh": "中文请按{key}。",
}


def texts(language: str, keys: str = MENU_KEYS[:3]) -> dict[str, str]:
    """Every prompt of a language by name, with a menu entry for each of ``keys``.

    Raises `KeyError` for a language that has none.
    """
    menus = {menu(key): _MENU_TEXTS[language].format(key=key) for key in keys}
    return {**_TEXTS[language], OFFICER_BRIEF: officer_brief(Matter(), language), **menus}


async def render_prompts(folder: Path, languages: Iterable[str]) -> list[Path]:
    """Make what is missing or has another text by now, music on hold too; the files made.

    Raises `SpeechOutError`; what was made until then stays and is not made again.
    """
    made: list[Path] = []
    music = folder / HOLD_MUSIC
    if not await asyncio.to_thread(music.exists):
        await asyncio.to_thread(write_hold_music, music)
        made.append(music)
    for language in dict.fromkeys(languages):
        for name, text in texts(language).items():
            sound = PromptSet(folder).file(language, name)
            if await asyncio.to_thread(_is_current, sound, text):
                continue
            await asyncio.to_thread(_announce, sound, text)
            at_most_ms = GREETING_AT_MOST_MS if name == GREETING else None
            await synthesise(text, language, sound, at_most_ms=at_most_ms)
            made.append(sound)
    return made


def _is_current(sound: Path, text: str) -> bool:
    if not sound.exists() or sound.stat().st_size == 0:
        return False
    beside = sound.with_suffix(".txt")
    return not beside.exists() or beside.read_text("utf-8") == text


def _announce(sound: Path, text: str) -> None:
    """Put the text where its sound will be.

    The old sound goes first and the new one comes last, so that whoever is killed in between
    leaves a prompt that is missing, and made again, never one that says something else.
    """
    sound.parent.mkdir(parents=True, exist_ok=True)
    sound.unlink(missing_ok=True)
    partial = sound.with_suffix(".txt.partial")
    partial.write_text(text, "utf-8")
    partial.replace(sound.with_suffix(".txt"))
