"""Who is on duty in a precinct, in the order in which their phones ring.

Either every officer of the settings at all times, or a roster file (TOML)::

    time_zone = "America/New_York"

    [precincts.19]
    command = ["o99"]            # rung last: the district's command

    [[precincts.19.shifts]]
    from = "07:00"               # to 15:00 of the same day; past midnight where to <= from
    to = "15:00"
    days = ["mon", "tue"]        # of the shift's start; left out: every day
    duty = ["o19a"]
    deputies = ["o19b"]
    desk = ["o19d"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Literal, Protocol, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from callcenter.precincts.errors import RosterError
from callcenter.precincts.hunt import Candidate, Rung

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
ROLES: Mapping[str, Rung] = {"duty": Rung.DUTY, "deputy": Rung.DEPUTY, "desk": Rung.DESK}
NEIGHBOURS_RUNG = 2
"""So many neighbouring precincts are asked; more would crowd the ladder."""


class OfficerLike(Protocol):
    """What the roster needs to know of an officer (`callcenter.settings.Officer`)."""

    @property
    def id(self) -> str: ...  # noqa: D102 - the officer's phone
    @property
    def precinct(self) -> str: ...  # noqa: D102 - as the boundary file calls it
    @property
    def duty(self) -> str: ...  # noqa: D102 - one of ROLES


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ShiftFile(_Part):
    from_: Annotated[time, Field(alias="from")]
    to: time
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = DAYS
    duty: Annotated[tuple[str, ...], Field(min_length=1)]
    deputies: tuple[str, ...] = ()
    desk: tuple[str, ...] = ()


class _PrecinctFile(_Part):
    shifts: Annotated[tuple[_ShiftFile, ...], Field(min_length=1)]
    command: tuple[str, ...] = ()


class _RosterFile(_Part):
    time_zone: str = "UTC"
    precincts: Annotated[dict[str, _PrecinctFile], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Shift:
    """Officers of one stretch of the day. ``start`` = ``end``: the whole day."""

    start: time
    end: time
    days: frozenset[str]
    by_role: Mapping[str, tuple[str, ...]]

    def covers(self, local: datetime) -> bool:
        """Whether this shift runs at a local time."""
        now = local.time().replace(tzinfo=None)
        today = DAYS[local.weekday()]
        if self.start < self.end:
            return today in self.days and self.start <= now < self.end
        yesterday = DAYS[(local - timedelta(days=1)).weekday()]
        return (today in self.days and now >= self.start) or (
            yesterday in self.days and now < self.end
        )


class Roster:
    """Officers on duty by precinct and time."""

    def __init__(
        self,
        shifts: Mapping[str, Sequence[Shift]],
        *,
        command: Mapping[str, Sequence[str]] | None = None,
        zone: tzinfo | None = None,
        neighbours: Callable[[str], Iterable[str]] = lambda precinct: (),
    ) -> None:
        self._shifts = {precinct: tuple(rows) for precinct, rows in shifts.items()}
        self._command = {precinct: tuple(ids) for precinct, ids in (command or {}).items()}
        self._zone = zone
        self._neighbours = neighbours

    @classmethod
    def load(
        cls,
        path: Path | None,
        officers: Sequence[OfficerLike],
        *,
        neighbours: Callable[[str], Iterable[str]] = lambda precinct: (),
        precincts: Iterable[str] | None = None,
    ) -> Self:
        """The roster of a file, or, without one, all officers at all times.

        ``neighbours`` gives the precincts beside one, nearest first (`Boundaries.neighbours`);
        ``precincts``, when given, are those that exist. `RosterError` says what is wrong.
        """
        known = None if precincts is None else frozenset(precincts)
        if path is None:
            return cls._of_settings(officers, neighbours, known)
        try:
            raw = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise RosterError(f"{path}: {error}; expected a roster in TOML") from error
        try:
            roster = _RosterFile.model_validate(raw)
            zone = ZoneInfo(roster.time_zone)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise RosterError(f"{path}: {place}: {first['msg']}") from None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise RosterError(
                f"{path}: time_zone: {roster.time_zone!r} is unknown; "
                "expected a name such as Europe/Paris"
            ) from None
        phones = {officer.id for officer in officers}
        shifts: dict[str, list[Shift]] = {}
        for name, precinct in roster.precincts.items():
            where = f"{path}: precincts.{name}"
            if known is not None and name not in known:
                raise RosterError(f"{where}: no such precinct in the boundaries")
            _known_officers(f"{where}.command", precinct.command, phones)
            for number, shift in enumerate(precinct.shifts):
                by_role = {"duty": shift.duty, "deputy": shift.deputies, "desk": shift.desk}
                for role, ids in by_role.items():
                    _known_officers(f"{where}.shifts.{number}.{role}", ids, phones)
                shifts.setdefault(name, []).append(
                    Shift(shift.from_, shift.to, frozenset(shift.days), by_role)
                )
        command = {name: precinct.command for name, precinct in roster.precincts.items()}
        return cls(shifts, command=command, zone=zone, neighbours=neighbours)

    @classmethod
    def _of_settings(
        cls,
        officers: Sequence[OfficerLike],
        neighbours: Callable[[str], Iterable[str]],
        known: frozenset[str] | None,
    ) -> Self:
        by_precinct: dict[str, dict[str, tuple[str, ...]]] = {}
        for officer in officers:
            if known is not None and officer.precinct not in known:
                raise RosterError(
                    f"officer {officer.id}: no precinct {officer.precinct} in the boundaries"
                )
            roles = by_precinct.setdefault(officer.precinct, {})
            roles[officer.duty] = (*roles.get(officer.duty, ()), officer.id)
        return cls(
            {
                precinct: [Shift(time(0), time(0), frozenset(DAYS), roles)]
                for precinct, roles in by_precinct.items()
            },
            neighbours=neighbours,
        )

    @property
    def precincts(self) -> frozenset[str]:
        """Those for which there is a roster."""
        return frozenset(self._shifts)

    def who(self, precinct: str, role: str, at: datetime) -> tuple[str, ...]:
        """Who has a role in a precinct (``duty``, ``deputy``, ``desk``, ``command``), in order.

        ``at`` must have a zone.
        """
        if role == "command":
            return self._command.get(precinct, ())
        local = at.astimezone(self._zone) if self._zone else at
        return tuple(self._role(precinct, role, local))

    def edges(self, precinct: str, since: datetime, until: datetime) -> Iterator[datetime]:
        """Moments at which a shift of a precinct may begin or end."""
        zone = self._zone or since.tzinfo
        day = since.astimezone(zone).date() - timedelta(days=1)
        clocks = {
            clock
            for shift in self._shifts.get(precinct, ())
            for clock in (shift.start, shift.end)
            if shift.start != shift.end or len(shift.days) < len(DAYS)
        }
        while day <= until.astimezone(zone).date():
            for clock in clocks:
                yield datetime.combine(day, clock, zone).astimezone(UTC)
            day += timedelta(days=1)

    def ladder(self, precinct: str, at: datetime) -> tuple[Candidate, ...]:
        """Whom to ring, in order: duty, deputies, desk, the neighbours' duty officers, command.

        ``at`` must have a zone. Nobody is named twice.
        """
        if at.tzinfo is None:
            raise ValueError("a roster needs a time with a zone")
        local = at.astimezone(self._zone) if self._zone else at
        order = [
            Candidate(officer, rung)
            for role, rung in ROLES.items()
            for officer in self._role(precinct, role, local)
        ]
        asked = 0
        for beside in self._neighbours(precinct):
            on_duty = self._role(beside, "duty", local)
            asked += bool(on_duty)
            order += [Candidate(officer, Rung.NEIGHBOUR) for officer in on_duty]
            if asked == NEIGHBOURS_RUNG:
                break
        order += [Candidate(officer, Rung.COMMAND) for officer in self._command.get(precinct, ())]
        first: dict[str, Candidate] = {}
        for candidate in order:
            first.setdefault(candidate.officer_id, candidate)
        return tuple(first.values())

    def _role(self, precinct: str, role: str, local: datetime) -> list[str]:
        return [
            officer
            for shift in self._shifts.get(precinct, ())
            if shift.covers(local)
            for officer in shift.by_role.get(role, ())
        ]


def _known_officers(where: str, ids: Iterable[str], phones: set[str]) -> None:
    for officer in ids:
        if officer not in phones:
            raise RosterError(
                f"{where}: officer {officer} is not in the settings; "
                f"expected one of {', '.join(sorted(phones)) or '(none)'}"
            )
