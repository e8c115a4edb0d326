"""Which past calls other rules of responsibility would have sent elsewhere, and to whom.

Both sets of rules are asked about the same records with the boundaries that hold now, as if every
area had somebody on duty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from callcenter.precincts.responsibility import Matter, Responsible, Rule, responsible
from callcenter.precincts.territories import Territories

EXAMPLES: Final = 50
"""So many of the calls that would have gone elsewhere are named."""
WAYS: Final = 50
NOBODY: Final = "nobody yet"
REMARK: Final = (
    "Who is responsible is asked of what was in the record at the call's end, with the boundaries"
    " that hold now, as if every area had somebody on duty."
)


@dataclass(frozen=True, slots=True)
class PastMatter:
    """What was known of one call at its end."""

    call_id: str
    arrived_at: datetime
    matter: Matter


class Moved:
    """Counts calls; ``partners`` are names by id."""

    def __init__(
        self,
        current: Sequence[Rule],
        proposed: Sequence[Rule],
        territories: Territories,
        partners: Mapping[str, str],
    ) -> None:
        self._rules = (tuple(current), tuple(proposed))
        self._territories = territories
        self._partners = partners
        self._calls = 0
        self._ways: Counter[tuple[str, str]] = Counter()
        self._examples: list[dict[str, Any]] = []

    def add(self, past: Iterable[PastMatter]) -> None:
        """Look at some more calls."""
        for each in past:
            self._calls += 1
            before, after = (
                responsible(rules, each.matter, self._territories, partners=self._partners)
                for rules in self._rules
            )
            if _key(before) == _key(after):
                continue
            way = self._label(before), self._label(after)
            self._ways[way] += 1
            if len(self._examples) < EXAMPLES:
                self._examples.append(
                    {
                        "call_id": each.call_id,
                        "arrived_at": each.arrived_at.isoformat(),
                        "from": way[0],
                        "to": way[1],
                        "because": after.because if after else "",
                    }
                )

    def _label(self, found: Responsible | None) -> str:
        if found is None:
            return NOBODY
        return self._partners.get(found.key, found.key) if found.to == "partner" else found.label

    def to_json(self) -> dict[str, Any]:
        """How many calls, how many of them elsewhere, and from where to where, most first."""
        return {
            "calls": self._calls,
            "moved": sum(self._ways.values()),
            "ways": [
                {"from": before, "to": after, "calls": count}
                for (before, after), count in self._ways.most_common(WAYS)
            ],
            "examples": self._examples,
        }


def _key(found: Responsible | None) -> tuple[str, str] | None:
    return (found.to, found.key) if found else None
