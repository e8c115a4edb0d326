"""The steps of an officer's response, and how soon each level wants somebody there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Step(StrEnum):
    """Where a response stands."""

    TAKEN = "taken"
    ON_THE_WAY = "on_the_way"
    THERE = "there"
    DONE = "done"
    """The officer has given the result; the report waits for an operator or supervisor."""
    RETURNED = "returned"
    """The report went back to the officer with a question."""
    ACCEPTED = "accepted"


FOLLOWS: Final[Mapping[Step, frozenset[Step]]] = MappingProxyType(
    {
        Step.TAKEN: frozenset({Step.ON_THE_WAY, Step.THERE, Step.DONE}),
        Step.ON_THE_WAY: frozenset({Step.THERE, Step.DONE}),
        Step.THERE: frozenset({Step.DONE}),
        Step.DONE: frozenset({Step.RETURNED, Step.ACCEPTED}),
        Step.RETURNED: frozenset({Step.DONE}),
        Step.ACCEPTED: frozenset(),
    }
)
"""What may come after each step. Steps may be left out: an officer may be at the door already."""
WITH_OFFICER: Final = frozenset({Step.TAKEN, Step.ON_THE_WAY, Step.THERE, Step.RETURNED})
"""The officer must do something."""
NOT_THERE: Final = frozenset({Step.TAKEN, Step.ON_THE_WAY})


class Result(StrEnum):
    """What came of it; the officer chooses one."""

    SETTLED = "settled"
    ARREST = "arrest"
    REPORT_TAKEN = "report_taken"
    HANDED_ON = "handed_on"
    NOBODY_FOUND = "nobody_found"
    FALSE_ALARM = "false_alarm"
    OTHER = "other"
    """The report says what."""


def before(step: Step) -> frozenset[Step]:
    """The steps after which this one may come."""
    return frozenset(each for each, following in FOLLOWS.items() if step in following)


def due_at(taken_at: datetime, level: str | None, within_s: Mapping[str, float]) -> datetime | None:
    """When somebody must be there; None for a level without a time.

    Of a level that is not known the shortest time holds: rather asked too soon than too late.
    """
    if not within_s:
        return None
    wanted = within_s.get(level) if level else min(within_s.values())
    return None if wanted is None else taken_at + timedelta(seconds=wanted)
