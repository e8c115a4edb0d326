"""Officers, their shifts and their absences, as values. Moments are UTC."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

RoleName = Literal["duty", "deputy", "desk", "command"]
ROLES: tuple[RoleName, ...] = get_args(RoleName)
PATROL_ROLES: tuple[RoleName, ...] = ("duty", "deputy")
"""Who may be sent for being near: a desk and a command stay where they are."""
Source = Literal["planned", "self"]
"""Planned by whoever makes the roster, or declared by the officer ("I am on duty")."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody, or a desk, whose phone can be rung."""

    id: str
    name: str
    precinct: str
    role: RoleName = "duty"
    """In shifts that name none."""
    language: str | None = None
    numbers: tuple[str, ...] = ()
    """In the order in which they ring: SIP phones by id, others by digits."""

    def shown(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self) | {"numbers": list(self.numbers)}


@dataclass(frozen=True, slots=True)
class Shift:
    """An officer on duty from ``start`` until before ``end``."""

    id: int
    officer: str
    precinct: str
    role: str
    start: datetime
    end: datetime
    source: str = "planned"
    key: str | None = None
    """Of the calendar entry that it came from."""

    def covers(self, at: datetime) -> bool:
        """Whether it runs at a moment."""
        return self.start <= at < self.end

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether it has time in common with a stretch."""
        return self.start < end and start < self.end

    def shown(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "id": self.id,
            "officer": self.officer,
            "precinct": self.precinct,
            "role": self.role,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Absence:
    """An officer away from ``start`` until before ``end``: a holiday, ill, off duty early."""

    id: int
    officer: str
    start: datetime
    end: datetime
    why: str
    key: str | None = None

    def covers(self, at: datetime) -> bool:
        """Whether they are away at a moment."""
        return self.start <= at < self.end

    def shown(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "id": self.id,
            "officer": self.officer,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Position:
    """Where an officer was last; ``at`` by their own clock, ``accuracy_m`` as their phone says."""

    officer: str
    lat: float
    lon: float
    accuracy_m: float
    at: datetime
