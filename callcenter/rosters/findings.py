"""What of a roster will not work: hours with nobody on duty, shifts of who is away. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal

from callcenter.precincts.territories import PRECINCT, kind_of
from callcenter.rosters.model import Shift
from callcenter.rosters.plan import Plan

LOOK_AHEAD = timedelta(days=7)
Kind = Literal["hole", "conflict", "unreachable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One of them. ``start`` and ``end`` are UTC, cut to what was looked at."""

    kind: Kind
    precinct: str
    officer: str | None
    start: datetime
    end: datetime
    text: str

    @property
    def key(self) -> tuple[str, str, str | None, datetime]:
        """What makes it the same when it is found again."""
        return self.kind, self.precinct, self.officer, self.end

    def shown(self, zone: tzinfo) -> dict[str, Any]:
        """As JSON values, in the hotline's time."""
        return {
            "kind": self.kind,
            "precinct": self.precinct,
            "officer": self.officer,
            "from": self.start.astimezone(zone).isoformat(),
            "to": self.end.astimezone(zone).isoformat(),
            "text": self.text,
        }


def find(
    plan: Plan, since: datetime, until: datetime, precincts: frozenset[str] | None = None
) -> list[Finding]:
    """What will not work between two moments, the first first.

    ``precincts``: those that exist; None: any.
    """
    found = [
        finding for name in sorted(plan.precincts) for finding in _holes(plan, name, since, until)
    ]
    found += _conflicts(plan, since, until, precincts)
    return sorted(
        found, key=lambda each: (each.start, each.kind, each.precinct, each.officer or "")
    )


def _holes(plan: Plan, precinct: str, since: datetime, until: datetime) -> Iterator[Finding]:
    edges = sorted({since, *_edges(plan, precinct, since, until)})
    begun: datetime | None = None
    for edge in edges:
        filled = _filled(plan, precinct, edge)
        if not filled and begun is None:
            begun = edge
        elif filled and begun is not None:
            yield _hole(plan, precinct, begun, edge)
            begun = None
    if begun is not None:
        yield _hole(plan, precinct, begun, until)


def _filled(plan: Plan, area: str, at: datetime) -> bool:
    """Whether somebody is there: of a precinct a duty officer, of a desk whoever it is."""
    if kind_of(area) != PRECINCT:
        return plan.staffed(area, at)
    return any(plan.reach(plan.officers[each]) for each in plan.on_duty(area, "duty", at))


def _edges(plan: Plan, precinct: str, since: datetime, until: datetime) -> Iterator[datetime]:
    """Moments at which it may change who is on duty."""
    moments: list[datetime] = list(plan.rostered.values())
    for shift in plan.shifts:
        counts = shift.role == "duty" or kind_of(precinct) != PRECINCT
        if shift.precinct == precinct and counts:
            moments += (shift.start, shift.end)
    for absence in plan.absences:
        moments += (absence.start, absence.end)
    if plan.standing is not None:
        moments += plan.standing.edges(precinct, since, until)
    return (moment for moment in moments if since < moment < until)


def _hole(plan: Plan, precinct: str, start: datetime, end: datetime) -> Finding:
    if kind_of(precinct) != PRECINCT:
        text = f"{precinct} has nobody on duty; the precinct of the place is rung"
        return Finding("hole", precinct, None, start, end, text)
    rung = plan.ladder(precinct, start)
    instead = f"officer {rung[0].officer_id} is rung first" if rung else "nobody is rung"
    text = f"precinct {precinct} has nobody on duty; {instead}"
    return Finding("hole", precinct, None, start, end, text)


def _conflicts(
    plan: Plan, since: datetime, until: datetime, precincts: frozenset[str] | None
) -> Iterator[Finding]:
    seen: dict[str, list[Shift]] = {}
    for shift in sorted(plan.shifts, key=lambda each: each.start):
        start, end = max(shift.start, since), min(shift.end, until)
        if start >= end:
            continue
        officer = plan.officers.get(shift.officer)

        def finding(
            text: str,
            begin: datetime = start,
            until: datetime = end,
            kind: Kind = "conflict",
            shift: Shift = shift,
        ) -> Finding:
            return Finding(kind, shift.precinct, shift.officer, begin, until, text)

        if officer is None:
            yield finding(f"a shift of officer {shift.officer}, who is no more")
        elif not plan.reach(officer):
            yield finding(
                f"officer {shift.officer} has a shift and no number that may be rung",
                kind="unreachable",
            )
        if precincts is not None and shift.precinct not in precincts:
            yield finding(f"a shift in precinct {shift.precinct}, which is not in the boundaries")
        if shift.source != "planned":
            continue
        for absence in plan.absences:
            if absence.officer == shift.officer and shift.overlaps(absence.start, absence.end):
                away_from, away_to = max(start, absence.start), min(end, absence.end)
                if away_from < away_to:
                    yield finding(
                        f"officer {shift.officer} has a shift and is absent ({absence.why})",
                        away_from,
                        away_to,
                    )
        for other in seen.setdefault(shift.officer, []):
            if other.overlaps(start, end):
                yield finding(f"officer {shift.officer} has two shifts at the same time")
        seen[shift.officer].append(shift)


def stretch(now: datetime, days: float | None = None) -> tuple[datetime, datetime]:
    """From now on for so many days, 7 by default. UTC."""
    since = now.astimezone(UTC)
    return since, since + (LOOK_AHEAD if days is None else timedelta(days=days))
