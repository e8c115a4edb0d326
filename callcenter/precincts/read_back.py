"""Sentences with which an operator makes sure of a place."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"\b(\d+) (Street|Avenue|Road|Drive|Place|Lane|Court|Terrace)\b")


def spoken(text: str) -> str:
    """Say a place: "West 42 Street" is said "West 42nd Street"."""

    def ending(match: re.Match[str]) -> str:
        number = int(match[1])
        suffix = "th"
        if number % 100 not in (11, 12, 13):
            suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{suffix} {match[2]}"

    return _NUMBER.sub(ending, text)


def confirm(place: str, language: str = "en") -> str:
    """The place is known: say it back."""
    if language == "ko":
        return f"{place} 맞습니까?"
    if language == "zh":
        return f"您在{place}，对吗？"
    return f"You are at {spoken(place)}. Is that right?"


def confirm_position(place: str, source: str) -> str:
    """No words gave the place: say where the position comes from."""
    whose = "Your phone" if source == "handset" else "Your line"
    return f"{whose} shows {spoken(place)}. Is that where you are?"


def ask_which(place: str, other: str | None) -> str:
    """The place is not sure: offer what it may be."""
    if other is None:
        return f"Did you say {spoken(place)}?"
    return f"Did you say {spoken(place)}, or {spoken(other)}?"


def ask_cross_street(street: str, districts: Sequence[str]) -> str:
    """One street is known, not where on it."""
    where = f" in {districts[0]}" if len(districts) == 1 and districts[0] else ""
    which = f" Which borough: {' or '.join(districts)}?" if 1 < len(districts) <= 5 else ""
    return f"You are on {spoken(street)}{where}. What is the nearest cross street?{which}"


def ask_place() -> str:
    """Nothing is known."""
    return "Where exactly are you? Tell me two streets that cross, or a place nearby."
