"""The city of one installation: its boundaries and its gazetteer, from where they are.

What was imported into the database goes first, then the files that the settings name, then the
city that comes with the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.gazetteer import CITY, Gazetteer
from callcenter.precincts.gazetteer_files import read_gazetteer
from callcenter.precincts.gazetteer_rows import GazetteerRows
from callcenter.precincts.places import PlaceFinder
from callcenter.store.database import Database
from callcenter.store.gazetteer import GazetteerVersions
from callcenter.store.places import Places

CITY_BOUNDARIES = CITY / "precincts.geojson.gz"
CITY_ID_PROPERTY = "precinct"
CITY_NAMES = (CITY / "everyday_names.csv", CITY / "neighbourhoods.csv")


@dataclass(frozen=True, slots=True)
class City:
    """Boundaries and gazetteer that belong together."""

    boundaries: Boundaries
    gazetteer: Gazetteer
    version: int = 0
    """Of the imported gazetteer; 0: none."""

    def finder(self) -> PlaceFinder:
        """A place finder over both."""
        return PlaceFinder(self.gazetteer, self.boundaries)


async def load_boundaries(
    database: Database | None, file: Path | None = None, id_property: str = CITY_ID_PROPERTY
) -> Boundaries:
    """Imported boundaries, those of a file, or the product's own."""
    document = await Places(database).precincts() if database else None
    if document is not None:
        return Boundaries.from_geojson(document, CITY_ID_PROPERTY, "imported precincts")
    if file is not None:
        return Boundaries.load(file, id_property)
    return Boundaries.load(CITY_BOUNDARIES, CITY_ID_PROPERTY)


async def load_gazetteer(database: Database | None, files: Sequence[Path] = ()) -> Gazetteer:
    """The imported gazetteer, that of files, or the product's own."""
    rows = await GazetteerVersions(database).rows() if database else None
    return imported_gazetteer(rows) if rows is not None else Gazetteer.load(files)


def imported_gazetteer(rows: GazetteerRows) -> Gazetteer:
    """A gazetteer of imported rows, with what people of the product's own city call things.

    Names and neighbourhoods whose street or district was not imported say nothing.
    """
    return Gazetteer(GazetteerRows.together([rows, *map(read_gazetteer, CITY_NAMES)]))


async def load_city(
    database: Database | None,
    *,
    boundaries: Path | None = None,
    id_property: str = CITY_ID_PROPERTY,
    gazetteer: Sequence[Path] = (),
) -> City:
    """Both; `PrecinctError` or `StoreError` says what is wrong."""
    # The number first: a version that is made meanwhile is then taken as new.
    version = await GazetteerVersions(database).newest_number() if database else 0
    return City(
        await load_boundaries(database, boundaries, id_property),
        await load_gazetteer(database, gazetteer),
        version,
    )
