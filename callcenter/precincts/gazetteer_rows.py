"""What a gazetteer knows: crossings, named places, house numbers, other names of streets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from callcenter.precincts.datum import Datum, to_wgs84


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where two streets meet. ``sightings`` says how much has happened there."""

    street_a: str
    street_b: str
    district: str
    lat: float
    lon: float
    sightings: int = 1


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place with a name of its own. ``kind`` is a word such as park or hospital."""

    name: str
    kind: str
    district: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Address:
    """A house number on a street."""

    number: str
    street: str
    district: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Spelling:
    """Another name under which a street is known."""

    street: str
    district: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part of a district that callers name instead of it: Bay Ridge, Brooklyn."""

    name: str
    district: str


Located = TypeVar("Located", Crossing, Landmark, Address)


@dataclass(slots=True)
class GazetteerRows:
    """Rows of one or several files."""

    crossings: list[Crossing] = field(default_factory=list)
    landmarks: list[Landmark] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    spellings: list[Spelling] = field(default_factory=list)
    neighbourhoods: list[Neighbourhood] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of rows of all kinds."""
        places = len(self.crossings) + len(self.landmarks) + len(self.addresses)
        return places + len(self.spellings) + len(self.neighbourhoods)

    def in_wgs84(self, datum: Datum) -> GazetteerRows:
        """The same rows, their positions made WGS-84 from this datum."""
        if datum is Datum.WGS84:
            return self

        def moved(row: Located) -> Located:
            lat, lon = to_wgs84(row.lat, row.lon, datum)
            return replace(row, lat=round(lat, 7), lon=round(lon, 7))

        return GazetteerRows(
            [moved(row) for row in self.crossings],
            [moved(row) for row in self.landmarks],
            [moved(row) for row in self.addresses],
            self.spellings,
            self.neighbourhoods,
        )

    @classmethod
    def together(cls, parts: Iterable[GazetteerRows]) -> Self:
        """The rows of several files as one."""
        rows = cls()
        for part in parts:
            rows.crossings += part.crossings
            rows.landmarks += part.landmarks
            rows.addresses += part.addresses
            rows.spellings += part.spellings
            rows.neighbourhoods += part.neighbourhoods
        return rows
