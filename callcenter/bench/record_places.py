"""Where the calls of a folder take place: for each language the city that its places lie in.

``places.toml`` in the folder names them, relative to itself; a language without an entry has the
city that comes with the product::

    [zh]
    gazetteer = ["places/guiyang.csv"]
    boundaries = "places/districts.json"   # may be left out
    id_property = "name"                   # of the boundaries' precincts
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcenter.bench.errors import BenchFailed
from callcenter.precincts.city import CITY_ID_PROPERTY, load_city
from callcenter.precincts.errors import PrecinctError
from callcenter.precincts.places import PlaceFinder

FILE = "places.toml"
KEYS = ("gazetteer", "boundaries", "id_property")


@dataclass(frozen=True, slots=True)
class CityFiles:
    """One language's city; no files: the product's own."""

    gazetteer: tuple[Path, ...] = ()
    boundaries: Path | None = None
    id_property: str = CITY_ID_PROPERTY

    @property
    def files(self) -> tuple[Path, ...]:
        """All that is read."""
        return self.gazetteer + ((self.boundaries,) if self.boundaries else ())


def read_places(data: Path) -> dict[str, CityFiles]:
    """Cities by language. `BenchFailed` says what is wrong with the file, and where."""
    file = next((folder / FILE for folder in (data, *data.parents) if _is_near(folder, data)), None)
    if file is None:
        return {}
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BenchFailed(f"{file}: {error}") from None
    return {language: _city(file, language, entry) for language, entry in document.items()}


async def finders(
    cities: Mapping[str, CityFiles], languages: Iterable[str]
) -> dict[str, PlaceFinder]:
    """A place finder for each of these languages; those of one city share it."""
    made: dict[CityFiles, PlaceFinder] = {}
    found: dict[str, PlaceFinder] = {}
    for language in languages:
        files = cities.get(language, CityFiles())
        if files not in made:
            try:
                city = await load_city(
                    None,
                    boundaries=files.boundaries,
                    id_property=files.id_property,
                    gazetteer=files.gazetteer,
                )
            except PrecinctError as error:
                raise BenchFailed(f"{FILE}: {language}: {error}") from None
            made[files] = city.finder()
        found[language] = made[files]
    return found


def _is_near(folder: Path, data: Path) -> bool:
    """Whether the file lies in this folder, which is the calls' own or at most three above it."""
    depth = len(data.absolute().parts) - len(folder.absolute().parts)
    return depth <= 3 and (folder / FILE).is_file()


def _city(file: Path, language: str, entry: Any) -> CityFiles:
    if not isinstance(entry, dict):
        raise BenchFailed(f"{file}: {language}: expected a table with {', '.join(KEYS)}")
    for key in entry:
        if key not in KEYS:
            raise BenchFailed(f"{file}: {language}.{key}: not known; expected {', '.join(KEYS)}")
    names, boundaries = entry.get("gazetteer", []), entry.get("boundaries")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BenchFailed(f"{file}: {language}.gazetteer: expected a list of file names")
    if boundaries is not None and not isinstance(boundaries, str):
        raise BenchFailed(f"{file}: {language}.boundaries: expected a file name")
    return CityFiles(
        tuple(file.parent / str(name) for name in names),
        None if boundaries is None else file.parent / boundaries,
        str(entry.get("id_property", CITY_ID_PROPERTY)),
    )
