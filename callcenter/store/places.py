"""Imported places: precinct boundaries and gazetteer rows. Without any, the product's own city."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)

from callcenter.precincts.gazetteer_rows import (
    Address,
    Crossing,
    GazetteerRows,
    Landmark,
    Spelling,
)
from callcenter.store.database import Database
from callcenter.store.tables import metadata

PLACE_CHARS = 255
ROWS_AT_ONCE = 1000

precinct_areas = Table(
    "precinct_areas",
    metadata,
    Column("precinct", String(PLACE_CHARS), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("geometry", Text, nullable=False, comment="GeoJSON geometry, WGS 84"),
)

gazetteer_rows = Table(
    "gazetteer_rows",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("source", String(PLACE_CHARS), nullable=False, comment="name of the imported file"),
    Column("kind", String(16), nullable=False, comment="crossing, landmark, address, spelling"),
    Column("name", String(PLACE_CHARS), nullable=False, comment="street or landmark"),
    Column("other", String(PLACE_CHARS), nullable=False),
    Column("district", String(PLACE_CHARS), nullable=False),
    Column("lat", Float(53)),
    Column("lon", Float(53)),
    Column("sightings", Integer, nullable=False),
    Index("ix_gazetteer_rows_source", "source"),
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

    async def replace_gazetteer(self, files: Sequence[tuple[str, GazetteerRows]]) -> None:
        """Take over the rows of files, each in place of an earlier import of the same name.

        All of them or none.
        """
        async with self._database.writing() as connection:
            for source, rows in files:
                await connection.execute(
                    delete(gazetteer_rows).where(gazetteer_rows.c.source == source)
                )
                plain = _plain(source, rows)
                for start in range(0, len(plain), ROWS_AT_ONCE):
                    await connection.execute(
                        insert(gazetteer_rows), plain[start : start + ROWS_AT_ONCE]
                    )

    async def gazetteer(self) -> GazetteerRows | None:
        """All imported rows, or None."""
        query = select(gazetteer_rows).order_by(gazetteer_rows.c.id)
        rows = GazetteerRows()
        async with self._database.reading() as connection:
            for row in await connection.execute(query):
                if row.kind == "crossing":
                    rows.crossings.append(
                        Crossing(row.name, row.other, row.district, row.lat, row.lon, row.sightings)
                    )
                elif row.kind == "landmark":
                    rows.landmarks.append(
                        Landmark(row.name, row.other, row.district, row.lat, row.lon)
                    )
                elif row.kind == "address":
                    rows.addresses.append(
                        Address(row.other, row.name, row.district, row.lat, row.lon)
                    )
                else:
                    rows.spellings.append(Spelling(row.name, row.district, row.other))
        return rows if rows.count else None


def _plain(source: str, rows: GazetteerRows) -> list[dict[str, Any]]:
    def row(
        kind: str,
        name: str,
        other: str,
        district: str,
        lat: float | None,
        lon: float | None,
        sightings: int = 0,
    ) -> dict[str, Any]:
        return {
            "source": source[:PLACE_CHARS],
            "kind": kind,
            "name": name[:PLACE_CHARS],
            "other": other[:PLACE_CHARS],
            "district": district[:PLACE_CHARS],
            "lat": lat,
            "lon": lon,
            "sightings": sightings,
        }

    return [
        *(
            row("crossing", c.street_a, c.street_b, c.district, c.lat, c.lon, c.sightings)
            for c in rows.crossings
        ),
        *(row("landmark", p.name, p.kind, p.district, p.lat, p.lon) for p in rows.landmarks),
        *(row("address", a.street, a.number, a.district, a.lat, a.lon) for a in rows.addresses),
        *(row("spelling", s.street, s.spelling, s.district, None, None) for s in rows.spellings),
    ]
