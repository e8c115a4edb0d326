"""Who is on duty at a moment, and whom a call's hunt rings in which order. Pure.

From their first planned shift on an officer goes by planned shifts; until then, and where none is
planned, by the standing roster (the weekly one of the tuning document or of a file), or, where
there is none, is on duty at all times. Who
declared to be on duty is on duty besides, and nobody is who is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callcenter.precincts.hunt import Candidate, Rung
from callcenter.precincts.roster import NEIGHBOURS_RUNG, Roster
from callcenter.rosters.model import PATROL_ROLES, Absence, Officer, Shift

HAND_OVER = timedelta(minutes=30)
"""Who leaves within this rings after those who stay: a call may outlast their shift."""
NEAREST_WITHIN_M = 10_000.0
"""Whoever is farther away is not near."""
_RUNGS = {"duty": Rung.DUTY, "deputy": Rung.DEPUTY, "desk": Rung.DESK, "command": Rung.COMMAND}


@dataclass(frozen=True, slots=True)
class OnDuty:
    """An officer on duty; ``until`` None: not foreseen."""

    officer: str
    precinct: str
    role: str
    until: datetime | None
    source: str


@dataclass(slots=True, eq=False)
class Plan:
    """Everything that decides who is on duty; replaced whole when something of it changes."""

    officers: Mapping[str, Officer]
    shifts: Sequence[Shift] = ()
    absences: Sequence[Absence] = ()
    rostered: Mapping[str, datetime] = field(default_factory=dict)
    """Officers who go by planned shifts, and from when on."""
    standing: Roster | None = None
    neighbours: Callable[[str], Iterable[str]] = lambda precinct: ()
    reach: Callable[[Officer], tuple[str, ...]] = lambda officer: officer.numbers
    """The numbers of an officer that may be rung."""
    _by_precinct: dict[str, list[Shift]] = field(init=False, default_factory=dict)
    _by_officer: dict[str, list[Shift]] = field(init=False, default_factory=dict)
    _away: dict[str, list[Absence]] = field(init=False, default_factory=dict)
    _home: dict[str, list[Officer]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for shift in self.shifts:
            self._by_precinct.setdefault(shift.precinct, []).append(shift)
            self._by_officer.setdefault(shift.officer, []).append(shift)
        for absence in self.absences:
            self._away.setdefault(absence.officer, []).append(absence)
        for officer in self.officers.values():
            self._home.setdefault(officer.precinct, []).append(officer)

    @property
    def precincts(self) -> frozenset[str]:
        """Precincts for which somebody is ever on duty."""
        standing = self.standing.precincts if self.standing else frozenset(self._home)
        return standing | frozenset(self._by_precinct)

    def by_shifts(self, officer_id: str, at: datetime) -> bool:
        """Whether an officer goes by planned shifts at a moment."""
        since = self.rostered.get(officer_id)
        return since is not None and since <= at

    def absent(self, officer_id: str, at: datetime) -> bool:
        """Whether an officer is away."""
        return any(absence.covers(at) for absence in self._away.get(officer_id, ()))

    def on_duty(self, precinct: str, role: str, at: datetime) -> tuple[str, ...]:
        """Who has this role in a precinct, in the order in which they are rung."""
        running = [
            shift
            for shift in self._by_precinct.get(precinct, ())
            if shift.role == role and shift.covers(at)
        ]
        running.sort(key=lambda each: (each.end <= at + HAND_OVER, each.start, each.officer))
        ids = [shift.officer for shift in running]
        ids += [each for each in self._standing(precinct, role, at) if not self.by_shifts(each, at)]
        return tuple(
            each
            for each in dict.fromkeys(ids)
            if each in self.officers and not self.absent(each, at)
        )

    def _standing(self, precinct: str, role: str, at: datetime) -> Sequence[str]:
        if self.standing is not None:
            return self.standing.who(precinct, role, at)
        return [each.id for each in self._home.get(precinct, ()) if each.role == role]

    def staffed(self, precinct: str, at: datetime) -> bool:
        """Whether somebody of this area's own roster can be rung."""
        return any(
            self.candidate(officer, rung) is not None
            for role, rung in _RUNGS.items()
            for officer in self.on_duty(precinct, role, at)
        )

    def state_of(self, officer_id: str, at: datetime) -> OnDuty | None:
        """How an officer is on duty; None when they are not."""
        officer = self.officers.get(officer_id)
        if officer is None or self.absent(officer_id, at):
            return None
        running = [each for each in self._by_officer.get(officer_id, ()) if each.covers(at)]
        if running:
            last = max(running, key=lambda each: each.end)
            return OnDuty(officer_id, last.precinct, last.role, last.end, last.source)
        if self.by_shifts(officer_id, at):
            return None
        if self.standing is None:
            return OnDuty(officer_id, officer.precinct, officer.role, None, "standing")
        for precinct in (officer.precinct, *sorted(self.standing.precincts - {officer.precinct})):
            for role in _RUNGS:
                if officer_id in self.standing.who(precinct, role, at):
                    return OnDuty(officer_id, precinct, role, None, "standing")
        return None

    def on_patrol(self, officer_id: str, at: datetime) -> bool:
        """Whether an officer is on duty and moves about."""
        state = self.state_of(officer_id, at)
        return state is not None and state.role in PATROL_ROLES

    def candidate(self, officer_id: str, rung: Rung) -> Candidate | None:
        """An officer with the phones to ring; None when no phone of theirs may be."""
        officer = self.officers.get(officer_id)
        phones = self.reach(officer) if officer else ()
        return Candidate(officer_id, rung, phones) if phones else None

    def ladder(
        self, precinct: str, at: datetime, near: Sequence[tuple[str, float]] = ()
    ) -> tuple[Candidate, ...]:
        """Whom to ring, in order; nobody twice.

        ``near``: officers on patrol and their metres to the place, nearest first.
        """
        order = [(each, Rung.DUTY) for each in self.on_duty(precinct, "duty", at)]
        here = {officer for officer, _ in order}
        order += [(officer, Rung.NEAREST) for officer, _ in near if officer not in here][:1]
        order += [(each, Rung.DEPUTY) for each in self.on_duty(precinct, "deputy", at)]
        order += [(each, Rung.DESK) for each in self.on_duty(precinct, "desk", at)]
        asked = 0
        for beside in self.neighbours(precinct):
            theirs = self.on_duty(beside, "duty", at)
            asked += bool(theirs)
            order += [(each, Rung.NEIGHBOUR) for each in theirs]
            if asked == NEIGHBOURS_RUNG:
                break
        order += [(each, Rung.COMMAND) for each in self.on_duty(precinct, "command", at)]
        first: dict[str, Candidate] = {}
        for officer, rung in order:
            candidate = None if officer in first else self.candidate(officer, rung)
            if candidate is not None:
                first[officer] = candidate
        return tuple(first.values())
