"""Figures: of any period, and live; each with what it means."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from callcenter.figures.officer_report import OfficerGrouping
from callcenter.figures.period import PeriodError
from callcenter.figures.report import Grouping

from .errors import BadInput
from .operations import LEADERS, Asked, Operation, query_of
from .shapes import Answer, Body

_Moment = Annotated[str, Field(max_length=40)]


class FiguresAsked(Body):
    """A period and how to divide it; no ``from``: today's midnight, no ``to``: now."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)

    since: _Moment = Field(default="", alias="from")
    until: _Moment = Field(default="", alias="to")
    by: Grouping | None = None


class OfficersAsked(Body):
    """A period and how to divide it; no ``from``: today's midnight, no ``to``: now."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)

    since: _Moment = Field(default="", alias="from")
    until: _Moment = Field(default="", alias="to")
    by: OfficerGrouping | None = None


class LiveAsked(Body):
    """How to divide live figures."""

    by: Grouping | None = None


class FigureGroup(Answer):
    """The figures of one key of those that the answer is divided by."""

    key: str
    figures: dict[str, Any]


class Figures(Answer):
    """The figures of the calls that arrived in a period."""

    since: str = Field(alias="from")
    until: str = Field(alias="to")
    by: Grouping | OfficerGrouping | None
    zone: str
    figures: dict[str, Any]
    groups: list[FigureGroup]
    definitions: dict[str, str]
    note: str


async def of_period(asked: Asked) -> dict[str, Any]:
    """The figures of the calls that arrived in a period, each with its definition."""
    wanted = query_of(asked, FiguresAsked)
    try:
        return await asked.services.figures.of(wanted.since, wanted.until, wanted.by)
    except PeriodError as error:
        raise BadInput(str(error)) from None


async def of_officers(asked: Asked) -> dict[str, Any]:
    """How soon officers were on the line in a period, and whose phones rang in vain."""
    wanted = query_of(asked, OfficersAsked)
    try:
        return await asked.services.figures.officers(wanted.since, wanted.until, wanted.by)
    except PeriodError as error:
        raise BadInput(str(error)) from None


async def live(asked: Asked) -> dict[str, Any]:
    """Today's figures so far; under ``hour`` those of the last hour."""
    return await asked.services.figures.live(query_of(asked, LiveAsked).by)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/figures",
        of_period,
        "The figures of a period",
        LEADERS,
        query=FiguresAsked,
        answer=Figures,
    ),
    Operation(
        "GET",
        "/api/v1/figures/officers",
        of_officers,
        "How soon officers were on the line in a period, and whose phones rang in vain",
        LEADERS,
        query=OfficersAsked,
        answer=Figures,
    ),
    Operation(
        "GET",
        "/api/v1/figures/live",
        live,
        "The figures of today so far and of the last hour",
        LEADERS,
        query=LiveAsked,
        answer=Figures,
    ),
)
