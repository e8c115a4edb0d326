"""Precincts and their officers."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .operations import EVERYONE, LEADERS, STAFF, Asked, Operation
from .shapes import GeoJson, Officer


async def precincts(asked: Asked) -> web.Response:
    """Boundaries as GeoJSON."""
    return ready_json(await asked.floor.precincts())


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
        "Precinct boundaries (GeoJSON)",
        EVERYONE,
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
