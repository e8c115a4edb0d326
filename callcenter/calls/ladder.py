"""The deadline ladder of one call.

One clock, started by the first INVITE. Each rung has the time it was reached and perhaps a
budget; what to do when a budget is missed is the caller's (`overdue` says which were, once).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from callcenter.settings import Deadlines


class Rung(StrEnum):
    """The steps every call is measured by, in the order in which they are shown."""

    RINGING = "ringing"
    ANSWERED = "answered"
    FIRST_WORDS = "first_words"
    PLACE_KNOWN = "place_known"
    OFFICER_RINGING = "officer_ringing"
    OFFICER_TOOK = "officer_took"
    BOTH_HEARD = "both_heard"
    OPERATOR_LEFT = "operator_left"
    CLOSED = "closed"


def budgets_of(deadlines: Deadlines) -> dict[Rung, int]:
    """Budget in ms of each rung that has one."""
    return {
        Rung.ANSWERED: round(deadlines.answered_s * 1000),
        Rung.OFFICER_RINGING: round(deadlines.officer_ringing_s * 1000),
        Rung.BOTH_HEARD: round(deadlines.officer_speaking_s * 1000),
    }


@dataclass(slots=True)
class Ladder:
    """When each rung was reached, in ms from the first INVITE."""

    budgets_ms: Mapping[Rung, int]
    reached_ms: dict[Rung, int] = field(default_factory=dict)
    _told: set[Rung] = field(default_factory=set)

    def reach(self, rung: Rung, ms: int) -> bool:
        """Note the first time a rung is reached; False when it was reached before."""
        if rung in self.reached_ms:
            return False
        self.reached_ms[rung] = ms
        return True

    def overdue(self, ms: int) -> tuple[Rung, ...]:
        """Rungs whose budget has run out without being reached; each is told once."""
        missed = tuple(
            rung
            for rung, budget_ms in self.budgets_ms.items()
            if ms > budget_ms and rung not in self.reached_ms and rung not in self._told
        )
        self._told.update(missed)
        return missed

    def next_deadline_ms(self) -> int | None:
        """The nearest budget that is neither reached nor told of as missed."""
        open_ms = [
            budget_ms
            for rung, budget_ms in self.budgets_ms.items()
            if rung not in self.reached_ms and rung not in self._told
        ]
        return min(open_ms, default=None)

    def timeline(self) -> list[dict[str, Any]]:
        """The reached rungs, as the API shows them."""
        return [
            {
                "step": rung.value,
                "ms": self.reached_ms[rung],
                "budget_ms": self.budgets_ms.get(rung),
                "late": self.reached_ms[rung] > self.budgets_ms.get(rung, self.reached_ms[rung]),
            }
            for rung in Rung
            if rung in self.reached_ms
        ]
