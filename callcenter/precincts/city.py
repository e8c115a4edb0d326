"""The city of one installation: its boundaries and its gazetteer, from where they are.

What was imported into the database goes first, then the files that the settings name, then the
city that comes with the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.gazetteer import CITY, Gazetteer
from callcenter.precincts.gazetteer_files import read_gazetteer
from callcenter.precincts.gazetteer_rows import GazetteerRows
from callcenter.precincts.places import PlaceFinder
from callcenter.precincts.territories import (
    PRECINCT,
    Territories,
    Territory,
    area_key,
    coming,
    holding,
)
from callcenter.store.boundaries import BoundaryVersion, BoundaryVersions
from callcenter.store.database import Database
from callcenter.store.gazetteer import GazetteerVersions

CITY_BOUNDARIES = CITY / "precincts.geojson.gz"
CITY_ID_PROPERTY = "precinct"
CITY_NAMES = (CITY / "everyday_names.csv", CITY / "neighbourhoods.csv")


@dataclass(frozen=True, slots=True)
class City:
    """Boundaries and gazetteer that belong together."""

    territories: Territories
    gazetteer: Gazetteer
    version: int = 0
    """Of the imported gazetteer; 0: none."""

    @property
    def boundaries(self) -> Boundaries:
        """The precincts."""
        return self.territories.precincts

    def finder(self) -> PlaceFinder:
        """A place finder over both."""
        return PlaceFinder(self.gazetteer, self.boundaries)


async def load_boundaries(
    database: Database | None, file: Path | None = None, id_property: str = CITY_ID_PROPERTY
) -> Boundaries:
    """The precincts that hold now: imported ones, those of a file, or the product's own."""
    return (await load_territories(database, file, id_property)).precincts


async def load_territories(
    database: Database | None,
    file: Path | None = None,
    id_property: str = CITY_ID_PROPERTY,
    *,
    at: datetime | None = None,
    known: Territories | None = None,
) -> Territories:
    """The boundaries of every kind that hold at a moment (now, when it is left out).

    What of it is among ``known`` already is taken from there, not read again.
    """
    moment = at or datetime.now(UTC)
    versions = BoundaryVersions(database) if database else None
    planned = await versions.kept() if versions else []
    labels = await versions.kinds() if versions else {}
    held: list[Territory] = []
    later: set[str] = set()
    planned_kinds: set[str] = set()
    if versions is not None:
        for kind, version in holding(planned, moment).items():
            if version.set_id is not None:
                label = labels.get(kind, kind)
                held.append(await _territory(versions, version, label, known))
        planned_kinds = {each.kind for each in coming(planned, moment) if each.set_id is not None}
        for version in coming(planned, moment):
            if version.set_id is not None:
                ids = await versions.area_ids(version.set_id)
                later |= {area_key(version.kind, each) for each in ids}
    if all(each.kind != PRECINCT for each in held):
        held.insert(0, _not_imported(file, id_property, known))
    return Territories(held, later, planned_kinds)


async def _territory(
    versions: BoundaryVersions, version: BoundaryVersion, label: str, known: Territories | None
) -> Territory:
    there = known.of(version.kind) if known else None
    if there is not None and there.version == version.version:
        return replace(there, label=label)
    source = f"boundaries of version {version.version}"
    boundaries = Boundaries.from_texts(await versions.texts(version.set_id or 0), source)
    return Territory(
        version.kind,
        label,
        version.version,
        version.holds_from,
        boundaries,
        await versions.faults(version.set_id or 0),
    )


def _not_imported(file: Path | None, id_property: str, known: Territories | None) -> Territory:
    there = known.of(PRECINCT) if known else None
    if there is not None and there.version == 0:
        return there
    if file is not None:
        boundaries = Boundaries.load(file, id_property)
    else:
        boundaries = Boundaries.load(CITY_BOUNDARIES, CITY_ID_PROPERTY)
    return Territory(PRECINCT, PRECINCT, 0, None, boundaries)


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
        await load_territories(database, boundaries, id_property),
        await load_gazetteer(database, gazetteer),
        version,
    )
