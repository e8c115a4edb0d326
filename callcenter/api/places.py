"""Precincts and their officers."""

from __future__ import annotations

from typing import Annotated, Any, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from .operations import EVERYONE, LEADERS, STAFF, Asked, Operation, query_of
from .shapes import GeoJson, Officer


class PrecinctsAsked(BaseModel):
    """About which point; every precinct, whole, when none is named."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lat: Annotated[float, Field(ge=-85, le=85)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    reach_m: Annotated[float, Field(ge=100, le=50_000)] = 3000.0
    """Half the side of the square that is drawn."""

    @model_validator(mode="after")
    def _a_point_has_both(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("expected lat and lon, or neither")
        return self


async def precincts(asked: Asked) -> web.Response:
    """Boundaries as GeoJSON: all of them, or what lies about a point."""
    wanted = query_of(asked, PrecinctsAsked)
    if wanted.lat is None or wanted.lon is None:
        return ready_json(await asked.floor.precincts())
    return ready_json(await asked.floor.precincts_around(wanted.lat, wanted.lon, wanted.reach_m))


def ready_json(text: str) -> web.Response:
    """An answer that is JSON text already; packed, since boundaries are large."""
    response = web.json_response(text=text)
    response.enable_compression()
    return response


async def officers(asked: Asked) -> list[dict[str, Any]]:
    """Every officer and whether a call has them."""
    officers = await asked.floor.officers()
    if asked.who.role in LEADERS:
        return officers
    # Whom to ring is the operator's choice; what their private number is, is not theirs to know.
    return [{**officer, "numbers": []} for officer in officers]


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/precincts",
        precincts,
        "Precinct boundaries (GeoJSON), all or about a point",
        EVERYONE,
        query=PrecinctsAsked,
        answer=GeoJson,
    ),
    Operation(
        "GET",
        "/api/v1/officers",
        officers,
        "Every officer",
        STAFF,
        answer=Officer,
        listed_as="officers",
    ),
)
