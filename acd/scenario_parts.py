"""What may stand in a scenario file: each table is a dataclass, each key one of its fields.

What a single table must keep to is checked here; what fits together, in `acd.scenario_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from acd.lots import Always, Duration, Exponential, Lognormal, Recorded
from acd.model import OfferCause, QueueSettings, SkillNeed
from acd.scenario import HALF_HOURS

MOST_SEATS: Final = 10_000
MOST_DAYS: Final = 3660


class Distribution(StrEnum):
    """How durations differ."""

    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    CONSTANT = "constant"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class DurationPart:
    """`acd.lots`, by name; ``variation`` is for the lognormal, ``values_s`` for recorded ones."""

    mean_s: float = 0.0
    distribution: Distribution = Distribution.EXPONENTIAL
    variation: float = 1.0
    values_s: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.distribution is Distribution.RECORDED:
            if not self.values_s or min(self.values_s) < 0:
                raise ValueError("values_s: expected at least one, none below 0")
        elif self.mean_s < 0 or (
            self.mean_s == 0 and self.distribution is not Distribution.CONSTANT
        ):
            raise ValueError(f"mean_s is {self.mean_s:g}, expected more than 0")
        if self.variation <= 0:
            raise ValueError(f"variation is {self.variation:g}, expected more than 0")

    def duration(self) -> Duration:
        """As a simulation draws from it."""
        match self.distribution:
            case Distribution.EXPONENTIAL:
                return Exponential(self.mean_s)
            case Distribution.LOGNORMAL:
                return Lognormal(self.mean_s, self.variation)
            case Distribution.CONSTANT:
                return Always(self.mean_s)
            case Distribution.RECORDED:
                return Recorded(self.values_s)


@dataclass(frozen=True, slots=True)
class SeatsPart:
    """A seat, or several alike."""

    id: str
    count: int = 1
    """More than one: id-1, id-2, …"""
    queues: tuple[str, ...] | None = None
    skills: tuple[tuple[str, int], ...] = ()
    phone: str = ""
    calls_per_hour: int = 0
    on_duty: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_SEATS:
            raise ValueError(f"count is {self.count}, expected 1 to {MOST_SEATS}")

    def ids(self) -> tuple[str, ...]:
        """Each seat's."""
        if self.count == 1:
            return (self.id,)
        return tuple(f"{self.id}-{number}" for number in range(1, self.count + 1))


@dataclass(frozen=True, slots=True)
class ArrivalsPart:
    """Callers at a rate an hour, at 48 numbers of calls a half hour, or of a file."""

    queue: str = ""
    line: str = ""
    per_hour: float | None = None
    per_half_hour: tuple[float, ...] = ()
    file: str = ""
    handling: DurationPart | None = None
    patience: DurationPart | None = None
    priority: int = 0
    needs: tuple[SkillNeed, ...] = ()

    def __post_init__(self) -> None:
        given = [self.per_hour is not None, bool(self.per_half_hour), bool(self.file)]
        if sum(given) != 1:
            raise ValueError("expected one of per_hour, per_half_hour and file")
        if self.per_half_hour and len(self.per_half_hour) != HALF_HOURS:
            raise ValueError(
                f"per_half_hour: {len(self.per_half_hour)} numbers, expected {HALF_HOURS}"
            )
        if min((self.per_hour or 0.0, *self.per_half_hour)) < 0:
            raise ValueError("a rate is below 0")
        if not self.file and not self.queue:
            raise ValueError("queue: is missing")
        if not self.file and self.handling is None:
            raise ValueError("handling: is missing")


class FaultKind(StrEnum):
    """What goes wrong, or is changed."""

    PHONES_VANISH = "phones_vanish"
    OFFERS_FAIL = "offers_fail"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class FaultPart:
    """Which fields count depends on ``kind``; ``set`` is settings of ``queue``."""

    kind: FaultKind
    at: str
    for_s: float = 60.0
    seats: tuple[str, ...] = ()
    cause: OfferCause = OfferCause.NO_ANSWER
    share: float = 1.0
    queue: str = ""
    set: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.for_s < 0:
            raise ValueError(f"for_s is {self.for_s:g}, expected at least 0")
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is {self.share:g}, expected 0 to 1")
        if self.kind is FaultKind.PHONES_VANISH and not self.seats:
            raise ValueError("seats: is missing")
        if self.kind is FaultKind.SETTINGS and not (self.queue and self.set):
            raise ValueError("expected a queue and what to set")
        if self.cause is OfferCause.CALLER_LEFT:
            raise ValueError("cause: callers leave by their patience")


@dataclass(frozen=True, slots=True)
class ScenarioPart:
    """The whole file."""

    arrivals: tuple[ArrivalsPart, ...]
    queues: tuple[QueueSettings, ...] = ()
    seats: tuple[SeatsPart, ...] = ()
    faults: tuple[FaultPart, ...] = ()
    name: str = ""
    seed: int = 1
    begins: str = "00:00"
    hours: float = 24.0
    overtime: bool = False
    ageing_per_s: float = 1 / 60
    last_seat_s: float = 86400.0
    answering: DurationPart | None = None
    wrap_up: DurationPart | None = None
    back_after_misses_s: float = 60.0
    announcement_s: float = 10.0
    call_back_share: float = 0.0

    def __post_init__(self) -> None:
        if not self.arrivals:
            raise ValueError("arrivals: expected at least one")
        if not 0 < self.hours <= MOST_DAYS * 24:
            raise ValueError(
                f"hours is {self.hours:g}, expected more than 0 and at most {MOST_DAYS * 24}"
            )
        if not 0 <= self.call_back_share <= 1:
            raise ValueError(f"call_back_share is {self.call_back_share:g}, expected 0 to 1")
        for name in ("back_after_misses_s", "announcement_s"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name):g}, expected at least 0")
