"""Seats needed, half hour by half hour."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from acd.staffing import Target
from callcenter.figures.period import PeriodError
from callcenter.figures.staffing import NothingToGoBy, Wanted

from .errors import BadInput, Unfit
from .operations import LEADERS, Asked, Operation, query_of
from .shapes import Answer

_Moment = Annotated[str, Field(max_length=40)]


class StaffingAsked(BaseModel):
    """A period and a target; what is left out is taken from the calls of the period."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    since: _Moment = Field(default="", alias="from")
    until: _Moment = Field(default="", alias="to")
    queue: Annotated[str, Field(max_length=32)] = ""
    percent: Annotated[float, Field(gt=0, lt=100)] = 95.0
    within_s: Annotated[float, Field(ge=0, le=3600)] = 3.0
    occupancy_percent: Annotated[float, Field(ge=1, le=100)] = 85.0
    handling_s: Annotated[float, Field(ge=0, le=86400)] = 0.0
    """0: as in the period."""
    patience_s: Annotated[float, Field(ge=0, le=86400)] = 0.0
    """0: as in the period."""


class StaffedHalfHour(Answer):
    """One half hour of the day: what came, what it takes, what the rule of 300 would bring."""

    since: str = Field(alias="from")
    calls_mean: float
    calls_busy: float
    load_erlang: float
    seats: int
    seats_with_patience: int | None
    expected: dict[str, float | None]
    seats_by_rule: int
    expected_by_rule: dict[str, float | None]


class Staffing(Answer):
    """What the half hours of a day take."""

    since: str = Field(alias="from")
    until: str = Field(alias="to")
    zone: str
    queue: str
    percent: float
    within_s: float
    occupancy_percent: float
    days: int
    calls_per_day: float
    handling_s: float | None
    patience_s: float | None
    half_hours: list[StaffedHalfHour]
    definitions: dict[str, str]


class StaffingSource(Protocol):
    """Whoever knows the calls; see `callcenter.figures.staffing.StaffingDesk`."""

    async def of(self, wanted: Wanted) -> dict[str, Any]:
        """The table as JSON values."""


class StaffingOperations:
    """The operation on one service's calls."""

    def __init__(self, source: StaffingSource) -> None:
        self._source = source

    async def show(self, asked: Asked) -> dict[str, Any]:
        """Seats for a target (Erlang C and A), beside the rule of one seat per 300 calls a day."""
        query = query_of(asked, StaffingAsked)
        target = Target(query.percent / 100, query.within_s, query.occupancy_percent / 100)
        wanted = Wanted(
            query.since,
            query.until,
            query.queue,
            target,
            query.handling_s or None,
            query.patience_s or None,
        )
        try:
            return await self._source.of(wanted)
        except PeriodError as error:
            raise BadInput(str(error)) from None
        except NothingToGoBy as error:
            raise Unfit(str(error), "Name handling_s.") from None

    def operations(self) -> tuple[Operation, ...]:
        """The table of operations."""
        return (
            Operation(
                "GET",
                "/api/v1/staffing",
                self.show,
                "Seats needed per half hour",
                LEADERS,
                query=StaffingAsked,
                answer=Staffing,
            ),
        )
