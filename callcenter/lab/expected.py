"""What a careful person writes down after hearing a call: the record that a script expects.

    {"category": "robbery", "level": "red",
     "place": {"text": "Madison and 79th", "lat": 40.7751, "lon": -73.9625, "precinct": "19"},
     "when": "ten minutes ago", "caller_name": "Rosa Alvarez", "callback": "2125550142",
     "injured": 0, "suspects": ["tall man in a black hoodie"], "weapons": ["knife"],
     "dangers": [], "asked_for": ["police"]}

None, or a key left out: nobody spoke of it. An empty list: it was asked about and denied.
Playing a script takes no notice of it; `callcenter bench record` judges by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from callcenter.incidents.record import CATEGORIES, LEVELS

Weapon = Literal[
    "gun",
    "rifle",
    "knife",
    "machete",
    "box_cutter",
    "bat",
    "hammer",
    "axe",
    "bottle",
    "bomb",
    "acid",
    "pepper_spray",
]
Danger = Literal[
    "shots_fired",
    "weapon_used",
    "death_threat",
    "not_breathing",
    "unconscious",
    "heavy_bleeding",
    "heart_attack",
    "choking",
    "overdose",
    "drowning",
    "jump",
    "child_in_danger",
    "hostage",
    "intruder_inside",
    "still_there",
    "following",
    "fire",
    "smoke",
    "explosion",
    "bomb",
    "gas_leak",
    "chemical",
    "electricity",
    "trapped",
    "injury",
    "crash",
    "drunk_driver",
    "death",
]
AskedFor = Literal["police", "ambulance", "fire_brigade", "help"]
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]

WANTED = {
    "expected": "the record as an object: category, level and what else was said",
    "category": "one of " + ", ".join(CATEGORIES),
    "level": "one of " + ", ".join(LEVELS),
    "place": 'null, {text, lat, lon} or {"resolvable": false}',
    "when": "null or the time as it was said",
    "caller_name": "null or a name",
    "callback": "null or a number in digits, with or without + in front",
    "injured": "null or a whole number, 0 or more",
    "suspects": "null or a list of descriptions",
    "weapons": "null or a list of " + ", ".join(Weapon.__args__),  # type: ignore[attr-defined]
    "dangers": "null or a list of " + ", ".join(Danger.__args__),  # type: ignore[attr-defined]
    "asked_for": "null or a list of " + ", ".join(AskedFor.__args__),  # type: ignore[attr-defined]
    "text": "the place as it was said",
    "lat": "degrees of latitude (WGS 84), -90 to 90",
    "lon": "degrees of longitude (WGS 84), -180 to 180",
    "precinct": "null or the name of a precinct",
    "resolvable": "true or false",
}
"""What each key of ``expected`` may hold, in words."""


class ExpectedPlace(BaseModel):
    """Where it is; or, with ``resolvable`` false, that the words do not say where."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Words | None = None
    lat: Annotated[float, Field(strict=True, ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(strict=True, ge=-180, le=180)] | None = None
    precinct: Words | None = None
    resolvable: Annotated[bool, Field(strict=True)] = True

    @model_validator(mode="after")
    def _found_or_not(self) -> Self:
        position = (self.lat, self.lon)
        if self.resolvable and (self.text is None or None in position):
            raise ValueError('expected text, lat and lon, or "resolvable": false')
        if not self.resolvable and (position != (None, None) or self.precinct is not None):
            raise ValueError("resolvable is false; expected no lat, lon and precinct beside it")
        return self


class Expected(BaseModel):
    """One call's record as it ought to be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Literal[CATEGORIES]  # type: ignore[valid-type]
    level: Literal[LEVELS]  # type: ignore[valid-type]
    place: ExpectedPlace | None = None
    when: Words | None = None
    caller_name: Words | None = None
    callback: Annotated[str, Field(pattern=r"^\+?[0-9]{3,15}$")] | None = None
    injured: Annotated[int, Field(strict=True, ge=0)] | None = None
    """At least so many people are hurt; 0: it was said that nobody is."""
    suspects: tuple[Words, ...] | None = None
    weapons: tuple[Weapon, ...] | None = None
    dangers: tuple[Danger, ...] | None = None
    asked_for: tuple[AskedFor, ...] | None = None

    @field_validator("suspects", "weapons", "dangers", "asked_for")
    @classmethod
    def _each_once(cls, value: Sequence[Any] | None) -> Sequence[Any] | None:
        for number, item in enumerate(value or ()):
            if item in (value or ())[:number]:
                raise ValueError(f"{item} stands there twice; expected each once")
        return value


def fields_at(parts: Sequence[int | str]) -> str:
    """The keys that are known where ``parts`` (a path from ``expected`` on) leads to."""
    return ", ".join((ExpectedPlace if "place" in parts[:-1] else Expected).model_fields)
