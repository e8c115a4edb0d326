"""Imported precinct boundaries. Without any, those of the product's own city."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Integer, String, Table, Text, delete, insert, select

from callcenter.store.database import Database
from callcenter.store.tables import metadata

PLACE_CHARS = 255

precinct_areas = Table(
    "precinct_areas",
    metadata,
    Column("precinct", String(PLACE_CHARS), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("geometry", Text, nullable=False, comment="GeoJSON geometry, WGS 84"),
)


class Places:
    """Repository of imported places."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace_precincts(self, features: Sequence[dict[str, Any]]) -> None:
        """Put these precincts (GeoJSON features with property ``precinct``) in place of all."""
        rows = [
            {
                "precinct": feature["properties"]["precinct"],
                "position": position,
                "geometry": json.dumps(feature["geometry"], separators=(",", ":")),
            }
            for position, feature in enumerate(features)
        ]
        async with self._database.writing() as connection:
            await connection.execute(delete(precinct_areas))
            await connection.execute(insert(precinct_areas), rows)

    async def precincts(self) -> dict[str, Any] | None:
        """The imported precincts as a FeatureCollection, or None."""
        query = select(precinct_areas).order_by(precinct_areas.c.position)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            return None
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"precinct": row.precinct},
                    "geometry": json.loads(row.geometry),
                }
                for row in rows
            ],
        }
