"""Who of the officers answers: one who was rung twice in vain is not asked first for a while.

Pure: results of hunts and the time go in, an order comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.precincts.hunt import Candidate, Outcome, Result, Rung

MISSES = 2
"""So many hunts in a row count."""
IN_VAIN = frozenset({Outcome.NO_ANSWER, Outcome.SILENT, Outcome.FAILED})
ANSWERED = frozenset({Outcome.TOOK, Outcome.HANDED_ON})
OWN_PRECINCT = frozenset({Rung.DUTY, Rung.NEAREST, Rung.DEPUTY, Rung.DESK})


@dataclass(frozen=True, slots=True)
class Missed:
    """An officer who did not answer. ``last`` is monotonic seconds."""

    officer_id: str
    times: int
    last: float


class Answering:
    """What is remembered of officers who did not answer, for ``back_after_s`` seconds."""

    def __init__(self, back_after_s: float) -> None:
        self.back_after_s = back_after_s
        """May be replaced; in force at once."""
        self._missed: dict[str, Missed] = {}

    def note(self, results: Sequence[Result]) -> tuple[str, ...]:
        """Remember what came of a hunt; the officers who are asked later from now on."""
        of_officer: dict[str, list[Result]] = {}
        for result in results:
            of_officer.setdefault(result.officer_id, []).append(result)
        late = []
        for officer_id, own in of_officer.items():
            ended = max(result.ended for result in own)
            was_late = self._late(officer_id, ended)
            if any(result.outcome in ANSWERED for result in own):
                self._missed.pop(officer_id, None)
            elif all(result.outcome in IN_VAIN for result in own):
                before = self._missed.get(officer_id)
                times = before.times if before and self._fresh(before, ended) else 0
                self._missed[officer_id] = Missed(officer_id, times + 1, ended)
            if self._late(officer_id, ended) and not was_late:
                late.append(officer_id)
        return tuple(late)

    def order(self, candidates: Sequence[Candidate], now: float) -> tuple[Candidate, ...]:
        """The same candidates: those who did not answer after the others of their precinct."""
        own = [each for each in candidates if each.rung in OWN_PRECINCT]
        late = [each for each in own if self._late(each.officer_id, now)]
        if len(late) == len(own):
            return tuple(candidates)  # nobody is better
        after = next(
            (
                n
                for n, each in enumerate(candidates)
                if each.rung not in OWN_PRECINCT | {Rung.CHOSEN}
            ),
            len(candidates),
        )
        before = [each for each in candidates[:after] if each not in late]
        return (*before, *late, *(each for each in candidates[after:] if each not in late))

    def missed(self, now: float) -> tuple[Missed, ...]:
        """Who did not answer lately."""
        self._missed = {
            officer: each for officer, each in self._missed.items() if self._fresh(each, now)
        }
        return tuple(self._missed.values())

    def _late(self, officer_id: str, now: float) -> bool:
        missed = self._missed.get(officer_id)
        return missed is not None and missed.times >= MISSES and self._fresh(missed, now)

    def _fresh(self, missed: Missed, now: float) -> bool:
        return now - missed.last < self.back_after_s
