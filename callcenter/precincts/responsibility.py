"""Who is responsible for a matter: rules by category and level, then the place. Pure.

The first rule that fits a matter says which kind of boundaries decides, or which partner outside
the police is to have it. Where that leads to nobody, the precinct of the place is responsible, and
why is said: a caller never falls between two boundaries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from callcenter.precincts.territories import PRECINCT, Territories, area_key

BY_PLACE: Final = "the place"

Towards = Literal["areas", "partner"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Matters of these categories and levels (none: any) go to a kind of areas, or a partner."""

    id: str
    to: Towards
    target: str
    categories: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()

    def fits(self, matter: Matter) -> bool:
        """Whether it is about such a matter."""
        return (not self.categories or matter.category in self.categories) and (
            not self.levels or matter.level in self.levels
        )


@dataclass(frozen=True, slots=True)
class Matter:
    """What is known of a call."""

    category: str | None = None
    level: str | None = None
    precinct: str | None = None
    """Of the place, as its record has it."""
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Responsible:
    """Whom a matter belongs to: ``key`` is an area's, or a partner's id."""

    to: Towards
    kind: str
    key: str
    label: str
    because: str
    rule: str | None = None
    """The id of the rule; None: none fits, hence the place alone."""
    instead: str = ""
    """Why it is not what the rule says; empty: it is."""

    @property
    def text(self) -> str:
        """As the operator reads it."""
        return f"{self.label}, because {self.because}"

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "to": self.to,
            "kind": self.kind,
            "key": self.key,
            "label": self.label,
            "because": self.because,
            "rule": self.rule,
            "instead": self.instead or None,
            "text": self.text,
        }


def responsible(
    rules: Sequence[Rule],
    matter: Matter,
    territories: Territories,
    *,
    partners: Collection[str] = (),
    staffed: Callable[[str], bool] = lambda key: True,
) -> Responsible | None:
    """Whom a matter belongs to now; None while that cannot be said.

    ``partners`` are those that may be rung; ``staffed`` says whether anybody of an area's roster
    can be.
    """
    rule = next((rule for rule in rules if rule.fits(matter)), None)
    if rule is None:
        return _of_precinct(matter, territories, None, "")
    if rule.to == "partner":
        if rule.target in partners:
            because = _because(rule, matter)
            return Responsible("partner", "", rule.target, rule.target, because, rule.id)
        return _of_precinct(matter, territories, rule, f"there is no partner {rule.target}")
    if rule.target == PRECINCT:
        return _of_precinct(matter, territories, rule, "")
    key, why = _area(rule.target, matter, territories)
    if key is None:
        return _of_precinct(matter, territories, rule, why)
    if not staffed(key):
        why = f"nobody of {territories.label(key)} is on duty"
        return _of_precinct(matter, territories, rule, why)
    label = territories.label(key)
    return Responsible("areas", rule.target, key, label, _because(rule, matter), rule.id)


def _area(kind: str, matter: Matter, territories: Territories) -> tuple[str | None, str]:
    """The key of the area of a kind that has the place; or why there is none."""
    held = territories.of(kind)
    if held is None:
        return None, f"no boundaries of kind {kind} hold"
    if matter.lat is None or matter.lon is None:
        if len(held.boundaries.ids) == 1:
            # Wherever it is: a desk for the whole city is not kept waiting for a place.
            return area_key(kind, held.boundaries.ids[0]), ""
        return None, "the exact place is not known"
    area = territories.area(kind, matter.lat, matter.lon)
    if area is None:
        return None, f"no {held.label} has the place"
    return area_key(kind, area), ""


def _of_precinct(
    matter: Matter, territories: Territories, rule: Rule | None, instead: str
) -> Responsible | None:
    if matter.precinct is None:
        return None
    by_rule = rule is not None and not instead
    because = _because(rule, matter) if rule is not None and by_rule else BY_PLACE
    return Responsible(
        "areas",
        PRECINCT,
        matter.precinct,
        territories.label(matter.precinct),
        because,
        rule.id if rule else None,
        instead,
    )


def _because(rule: Rule, matter: Matter) -> str:
    told = []
    if rule.categories:
        told.append(f"category {str(matter.category).replace('_', ' ')}")
    if rule.levels:
        told.append(f"level {matter.level}")
    return ", ".join(told) or "every call"
