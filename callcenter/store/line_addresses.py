"""Addresses at which lines are registered, by number; imported whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Float, String, Table, delete, func, insert, select

from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.line_files import ADDRESS_CHARS, RegisteredLine
from callcenter.store.database import Database
from callcenter.store.tables import Utc, metadata

NUMBER_CHARS = 18
ROWS_AT_ONCE = 2000

line_addresses = Table(
    "line_addresses",
    metadata,
    Column("imported_at", Utc, primary_key=True, comment="which import; the newest counts"),
    Column("number", String(NUMBER_CHARS), primary_key=True, comment="digits only"),
    Column("address", String(ADDRESS_CHARS), nullable=False),
    Column("lat", Float(53), nullable=False, comment="WGS-84"),
    Column("lon", Float(53), nullable=False, comment="WGS-84"),
)
line_imports = Table(
    "line_imports",
    metadata,
    Column("imported_at", Utc, primary_key=True, comment="imports that are complete"),
)


class LineAddressBook:
    """The registered lines of one database. Every method raises `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, rows: Sequence[RegisteredLine], now: datetime) -> None:
        """Put these in place of all; a call finds the old ones until the last row is in."""
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = [
                {
                    "imported_at": now,
                    "number": row.number,
                    "address": row.address,
                    "lat": row.lat,
                    "lon": row.lon,
                }
                for row in rows[start : start + ROWS_AT_ONCE]
            ]
            async with self._database.writing() as connection:
                await connection.execute(insert(line_addresses), part)
        async with self._database.writing() as connection:
            await connection.execute(delete(line_imports))
            await connection.execute(insert(line_imports).values(imported_at=now))
        async with self._database.writing() as connection:
            # Not those of an import that began later and is still under way.
            await connection.execute(
                delete(line_addresses).where(line_addresses.c.imported_at < now)
            )

    async def count(self) -> int:
        """How many lines are known."""
        query = select(func.count()).select_from(
            line_addresses.join(
                line_imports, line_imports.c.imported_at == line_addresses.c.imported_at
            )
        )
        async with self._database.reading() as connection:
            return await connection.scalar(query) or 0

    async def find(self, number: str) -> KnownPosition | None:
        """Where the line of this number (digits only) is registered."""
        query = select(line_addresses).join(
            line_imports, line_imports.c.imported_at == line_addresses.c.imported_at
        )
        query = query.where(line_addresses.c.number == number[:NUMBER_CHARS])
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else KnownPosition("line", row.lat, row.lon, 0.0, row.address)
