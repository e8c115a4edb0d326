"""How urgent a call is, and what it needs of its seat, by what people have written down.

Lines, callers and categories have priorities; they add up. A category counts only when a person
typed or confirmed it: what a waiting caller's words are recognised to be changes no order. What a
person gave this very call stands instead of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from acd.model import SkillNeed
from callcenter.calls.call import Call
from callcenter.calls.facts import identity_of
from callcenter.settings import CallEnd

CALLER_LANGUAGE = "lang"
"""A line that needs this skill needs the caller's language, whichever it is: ``lang_en``, …"""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an operator takes no calls, to choose from."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class LineEnds:
    """What becomes of a caller whose last company was an operator who is gone."""

    hang_up: CallEnd = "end"
    vanished: CallEnd = "return"
    head_start_s: int = 0
    """So much earlier than they did its callers seem to have come, in Asterisk's own queue."""


class CallRules(Protocol):
    """What people tune about calls, besides the floor's own settings."""

    def queue(self, line: str) -> str | None:
        """Where calls of this line wait; None: for want of such a line."""

    def line_priority(self, line: str) -> int:
        """Of every call on this line."""

    def caller_priority(self, identity: str) -> int:
        """Of every call of this caller (digits)."""

    def category_priority(self, category: str) -> int:
        """Of a call that a person said to be of this category."""

    def needs(self, line: str, language: str) -> tuple[SkillNeed, ...]:
        """Of a call on this line whose caller speaks this language."""

    def line_ends(self) -> Mapping[str, LineEnds]:
        """By line number."""

    def reasons(self) -> tuple[Reason, ...]:
        """Why a seat may be set not ready; the first is taken when none is given."""


Typed = Callable[[str], Mapping[str, Mapping[str, Any]]]
"""What people typed into the record of a call: by field, each with its ``value``."""


class Priorities:
    """Priorities and needs of calls by the rules of the moment."""

    def __init__(self, rules: CallRules, typed: Typed = lambda call_id: {}) -> None:
        self.rules = rules
        """May be replaced at any time."""
        self._typed = typed

    def of(self, call: Call) -> int:
        """How urgent this call is now; larger is more urgent."""
        if call.priority_by_hand is not None:
            return call.priority_by_hand
        rules = self.rules
        priority = rules.line_priority(call.line)
        if identity := identity_of(call.caller_number):
            priority += rules.caller_priority(identity)
        category = self._typed(call.id).get("category", {}).get("value")
        return priority + (rules.category_priority(category) if category else 0)

    def needs_of(self, call: Call) -> tuple[SkillNeed, ...]:
        """What this call needs of its seat."""
        return tuple(
            replace(need, skill=f"{CALLER_LANGUAGE}_{call.language}")
            if need.skill == CALLER_LANGUAGE
            else need
            for need in self.rules.needs(call.line, call.language)
        )
