"""What a call needs of its seat, and which seats have it.

A call needs what its queue needs and what it needs itself. A *required* skill decides who may take
the call; its level is relaxed on a timetable while the call waits, at last to "preferred only". A
*preferred* skill (and the full level of a required one that was relaxed) decides who of those is
rung first.

Calls with the same needs at the same step share one `Needs`, seats with the same skills one
`Skills`: they are compared by identity, and what one means to the other is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from acd.model import SkillNeed

_KEPT: Final = 4096
"""Distinct needs, skills and timetables that are remembered; beyond it they are worked out anew."""


class Match(NamedTuple):
    """How well a seat that may take a call fits it."""

    missing: int
    """Preferred skills that it lacks."""
    level_sum: int
    """Its levels in the skills that the call needs, added up."""


class Skills:
    """Skills of a seat, by level."""

    __slots__ = ("levels",)

    def __init__(self, levels: dict[str, int]) -> None:
        self.levels = levels


class Needs:
    """What is needed at one moment: by skill, the level that is required and the one preferred."""

    __slots__ = ("_matches", "wanted")

    def __init__(self, wanted: tuple[tuple[str, int, int], ...]) -> None:
        self.wanted = wanted
        self._matches: dict[Skills, Match | None] = {}

    def match(self, skills: Skills) -> Match | None:
        """How well the seat fits; None: it may not take the call."""
        try:
            return self._matches[skills]
        except KeyError:
            if len(self._matches) > _KEPT:
                self._matches.clear()
            return self._matches.setdefault(skills, self._work_out(skills.levels))

    def _work_out(self, levels: dict[str, int]) -> Match | None:
        missing = level_sum = 0
        for skill, required, preferred in self.wanted:
            level = levels.get(skill, 0)
            if level < required:
                return None
            missing += level < preferred
            level_sum += level
        return Match(missing, level_sum)


class Timetable:
    """What a call needs as it waits: ``needs[n]`` until ``after_s[n]``, the last for good."""

    __slots__ = ("_after_s", "_needs")

    def __init__(self, after_s: tuple[float, ...], needs: tuple[Needs, ...]) -> None:
        self._after_s = after_s
        self._needs = needs

    def at(self, since: float, now: float) -> tuple[Needs, float | None]:
        """Needs of a call that waits ``since`` then, and the instant of its next step."""
        for after_s, needs in zip(self._after_s, self._needs, strict=False):
            # Compared as the timer is set: what is due is passed, whatever floats make of it.
            if since + after_s > now:
                return needs, since + after_s
        return self._needs[-1], None


class Signatures:
    """The one object for each set of skills, of needs, and for each timetable."""

    def __init__(self) -> None:
        self._skills: dict[tuple[tuple[str, int], ...], Skills] = {}
        self._needs: dict[tuple[tuple[str, int, int], ...], Needs] = {}
        self._timetables: dict[tuple[SkillNeed, ...], Timetable] = {}

    def skills(self, skills: Iterable[tuple[str, int]]) -> Skills:
        """Skills of a seat."""
        signature = tuple(sorted(skills))
        if len(self._skills) > _KEPT:
            self._skills.clear()
        return self._skills.setdefault(signature, Skills(dict(signature)))

    def timetable(self, needs: tuple[SkillNeed, ...]) -> Timetable:
        """What a call with these needs, its queue's and its own, needs over time."""
        found = self._timetables.get(needs)
        if found is None:
            if len(self._timetables) > _KEPT:
                self._timetables.clear()
            steps = tuple(sorted({step.after_s for need in needs for step in need.relax}))
            moments = (float("-inf"), *steps)
            found = Timetable(steps, tuple(self._needs_after(needs, at) for at in moments))
            self._timetables[needs] = found
        return found

    def _needs_after(self, needs: tuple[SkillNeed, ...], waited_s: float) -> Needs:
        levels: dict[str, tuple[int, int]] = {}
        for need in needs:
            required, preferred = levels.get(need.skill, (0, 0))
            levels[need.skill] = (
                max(required, _required(need, waited_s)),
                max(preferred, need.level),
            )
        wanted = tuple(sorted((skill, *both) for skill, both in levels.items()))
        if len(self._needs) > _KEPT:
            self._needs.clear()
        return self._needs.setdefault(wanted, Needs(wanted))


def _required(need: SkillNeed, waited_s: float) -> int:
    if not need.required:
        return 0
    passed = [step.level for step in need.relax if step.after_s <= waited_s]
    return min(passed, default=need.level)
