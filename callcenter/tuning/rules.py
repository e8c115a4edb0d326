"""What the document says about one call: its priority, and what it needs of a seat."""

from __future__ import annotations

from acd.model import SkillNeed
from callcenter.tuning import apply
from callcenter.tuning.document import Document


class CallRules:
    """Looked up for every call, hence prepared once for each document."""

    def __init__(self, document: Document) -> None:
        self._lines = {line.number: line for line in document.lines}
        self._needs = {line.number: apply.needs(line.needs) for line in document.lines}
        self._callers = {caller.number: caller for caller in document.callers}
        self._categories = dict(document.categories)

    def priority(self, line: str, caller: str, category: str | None = None) -> int:
        """A call's priority: its line's, its caller's and its category's, added.

        ``category``: only what a person has confirmed, never what was merely recognised.
        """
        known_line, known_caller = self._lines.get(line), self._callers.get(caller)
        return (
            (known_line.priority if known_line else 0)
            + (known_caller.priority if known_caller else 0)
            + (self._categories.get(category, 0) if category else 0)  # type: ignore[call-overload]  # any text may be asked for
        )

    def needs(self, line: str) -> tuple[SkillNeed, ...]:
        """What calls of this line need of a seat, besides what their queue needs."""
        return self._needs.get(line, ())

    def queue(self, line: str) -> str | None:
        """The queue that calls of this line wait in."""
        known = self._lines.get(line)
        return known.queue if known else None
