"""Rules about calls that a settings file alone gives: no priorities, no needs, plain reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from acd.model import SkillNeed
from callcenter.calls.priorities import LineEnds, Reason
from callcenter.settings import Settings

REASONS: Final = (
    Reason("break", "Break"),
    Reason("meal", "Meal"),
    Reason("briefing", "Briefing"),
    Reason("training", "Training"),
    Reason("paperwork", "Paperwork"),
)


class PlainRules:
    """What holds before anything was tuned."""

    def __init__(self, settings: Settings) -> None:
        self._queues = {line.number: line.queue for line in settings.lines}
        self._ends = {line.number: LineEnds(line.hang_up, line.vanished) for line in settings.lines}

    def queue(self, line: str) -> str | None:
        """As the settings file says."""
        return self._queues.get(line)

    def line_priority(self, line: str) -> int:
        """No line goes before another."""
        return 0

    def caller_priority(self, identity: str) -> int:
        """No caller goes before another."""
        return 0

    def category_priority(self, category: str) -> int:
        """No category goes before another."""
        return 0

    def needs(self, line: str, language: str) -> tuple[SkillNeed, ...]:
        """No call needs a skill."""
        return ()

    def line_ends(self) -> Mapping[str, LineEnds]:
        """As the settings file says."""
        return self._ends

    def reasons(self) -> tuple[Reason, ...]:
        """The usual ones."""
        return REASONS
