"""The kinds of value that the tuning document is made of, with their bounds."""

from __future__ import annotations

import functools
from datetime import date
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from callcenter.settings import Identifier, Number

DAY_S = 86400.0


class Part(BaseModel):
    """Nothing unknown, nothing infinite, nothing that changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


@functools.cache
def _zones() -> frozenset[str]:
    """Names of all zones; found by looking through a folder of files, hence once."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("no such time zone; expected a name such as Europe/Paris")
    return name


def _real_date(text: str) -> str:
    try:
        real = date.fromisoformat(text)
    except ValueError:
        raise ValueError("no such day; expected YYYY-MM-DD") from None
    return real.isoformat()


ZoneName = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A local time of day, ``HH:MM``."""
DayOfYear = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_real_date)
]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Label = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""What people read; any one line of text."""
Text = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Pattern = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Words to be found in what is said (`callcenter.incidents.patterns`)."""
Priority = Annotated[int, Field(ge=-1000, le=1000)]
"""Larger is more urgent."""
Seconds = Annotated[float, Field(ge=0, le=DAY_S)]
Level = Annotated[int, Field(ge=1, le=10)]
Skill = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$")]
CallerNumber = Annotated[str, Field(pattern=r"^\+?[0-9]{2,18}$")]

__all__ = [
    "CallerNumber",
    "Clock",
    "Day",
    "DayOfYear",
    "Identifier",
    "Label",
    "Level",
    "Number",
    "Part",
    "Pattern",
    "Priority",
    "Seconds",
    "Skill",
    "Text",
    "ZoneName",
]
