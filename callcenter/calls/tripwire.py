"""Listens to callers whom the operator has left with an officer: do they need the operator back?

Three things ask for one ring at the seat: words of danger, a caller who calls out ("hello? hello?")
while the officer is silent, and silence on both sides.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from callcenter.calls.call import Call
from callcenter.calls.call_in import CallIns
from callcenter.calls.legs import Leg, Role
from callcenter.calls.register import CallRegister
from callcenter.settings import Tripwire

NEWEST_CHARACTERS = 40
"""Of what is being said, so much of the end is looked at: a greeting at the start is none."""


class TripwireWatch:
    """Watches every call that goes on without an operator."""

    def __init__(
        self,
        settings: Tripwire,
        register: CallRegister,
        call_ins: CallIns,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._register = register
        self._call_ins = call_ins
        self._clock = clock

    def danger(self, call: Call, danger: str) -> None:
        """A danger to life was heard, and no operator is on the line."""
        if self._settings.enabled:
            self._call_ins.call_in(call, f"danger: {danger.replace('_', ' ')}")

    def silent_side(self, call: Call, missing: str) -> None:
        """Caller or officer was not heard since the officer came."""
        if self._settings.enabled:
            self._call_ins.call_in(call, missing)

    def words(self, call: Call, segment: Mapping[str, Any]) -> None:
        """Follow what is being said, finished or not."""
        if not self._settings.enabled or segment["role"] != Role.CALLER or not _alone(call):
            return
        language = str(segment.get("language") or call.language)
        if not calls_out(str(segment["text"]), language):
            return
        now_ms = call.ms(self._clock())
        officers = call.on_bridge(Role.OFFICER)
        if all(
            _silent_ms(leg, now_ms) >= self._settings.officer_silent_s * 1000 for leg in officers
        ):
            self._call_ins.call_in(call, "the caller calls out and the officer is silent")

    def tick(self) -> None:
        """Look for lines on which nobody speaks any more."""
        self._call_ins.tick()
        if not self._settings.enabled:
            return
        now = self._clock()
        for call in self._register.open():
            caller = call.caller_leg
            if caller is None or not caller.on_bridge or not _alone(call):
                continue
            legs = [caller, *call.on_bridge(Role.OFFICER)]
            if (
                min(_silent_ms(leg, call.ms(now)) for leg in legs)
                >= self._settings.silence_s * 1000
            ):
                self._call_ins.call_in(call, "nobody has spoken for a while")


def _alone(call: Call) -> bool:
    """Whether caller and officer are together without an operator."""
    return bool(call.on_bridge(Role.OFFICER)) and not call.on_bridge(Role.OPERATOR)


def _silent_ms(leg: Leg, now_ms: int) -> int:
    """For how long no voice was on this leg since it joined."""
    if leg.speaking:
        return 0
    return now_ms - max(leg.joined_ms or 0, leg.voice_ms or 0)


def calls_out(text: str, language: str) -> bool:
    """Whether these words ask if anybody is there."""
    pattern = _patterns().get(language)
    return bool(pattern and pattern.search(text[-NEWEST_CHARACTERS:]))


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    source = resources.files("callcenter.calls").joinpath("calling_out.toml")
    phrases: dict[str, list[str]] = tomllib.loads(source.read_text("utf-8"))
    patterns = {}
    for language, known in phrases.items():
        joined = "|".join(re.escape(phrase) for phrase in known)
        # Languages without spaces have no ends of words to look for.
        bounded = rf"\b(?:{joined})\b" if language == "en" else f"(?:{joined})"
        patterns[language] = re.compile(bounded, re.IGNORECASE)
    return patterns
