"""What the document says about calls, as `callcenter.calls.priorities.CallRules` asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from acd.model import RelaxStep, SkillNeed
from callcenter.asterisk.render import head_start_s
from callcenter.calls.facts import identity_of
from callcenter.calls.priorities import LineEnds, Reason
from callcenter.tuning import apply
from callcenter.tuning.document import Document


class TunedRules:
    """Looked up for every call, hence prepared once for each document."""

    def __init__(self, document: Document) -> None:
        self._lines = {line.number: line for line in document.lines}
        self._needs = {line.number: apply.needs(line.needs) for line in document.lines}
        self._callers = {identity_of(caller.number): caller.priority for caller in document.callers}
        self._categories: dict[str, int] = {
            str(name): priority for name, priority in document.categories.items()
        }
        queues = {queue.id: queue.priority for queue in document.queues}
        self._head_starts_s = {
            line.number: head_start_s(
                line.priority + queues.get(line.queue, 0), document.floor.ageing_per_s
            )
            for line in document.lines
        }
        self._reasons = tuple(Reason(reason.id, reason.label) for reason in document.reasons)

    def queue(self, line: str) -> str | None:
        """The queue that calls of this line wait in."""
        known = self._lines.get(line)
        return known.queue if known else None

    def line_priority(self, line: str) -> int:
        """Of every call on this line."""
        known = self._lines.get(line)
        return known.priority if known else 0

    def caller_priority(self, identity: str) -> int:
        """Of every call of this caller (digits)."""
        return self._callers.get(identity, 0)

    def category_priority(self, category: str) -> int:
        """Of a call that a person said to be of this category."""
        return self._categories.get(category, 0)

    def needs(self, line: str, language: str) -> tuple[SkillNeed, ...]:
        """Of a call on this line: the line's own, and the skill that is called as the language."""
        wanted = self._needs.get(line, ())
        known = self._lines.get(line)
        if known is None or known.language == "ignored" or not language:
            return wanted
        if any(need.skill == language for need in wanted):
            return wanted
        relax = tuple(RelaxStep(step.after_s, step.level) for step in known.language_relax)
        required = known.language == "required"
        return (*wanted, SkillNeed(language, required=required, relax=relax if required else ()))

    def line_ends(self) -> Mapping[str, LineEnds]:
        """By line number."""
        return {
            line.number: LineEnds(
                line.operator_hang_up, line.seat_vanished, self._head_starts_s[line.number]
            )
            for line in self._lines.values()
        }

    def reasons(self) -> tuple[Reason, ...]:
        """Why a seat may be set not ready; the first is taken when none is given."""
        return self._reasons
