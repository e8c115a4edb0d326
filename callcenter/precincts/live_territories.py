"""Boundaries that are imported while calls run, or whose moment comes, hold some seconds later.

The versions are looked at every few seconds, and at the moment from which a planned one holds.
Others than those in use are read and made ready in a thread, with a connection of its own, and
put in place in one step. Rooms keep this one object and ask it; what they are told belongs
together, since the boundaries behind it never change.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from callcenter.precincts.boundaries import Boundaries, Found
from callcenter.precincts.city import CITY_ID_PROPERTY, load_territories
from callcenter.precincts.errors import PrecinctError
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.places import PlaceFinder
from callcenter.precincts.territories import Territories, coming, holding, next_change
from callcenter.store.boundaries import BoundaryVersion, BoundaryVersions
from callcenter.store.database import Database
from callcenter.store.errors import StoreError

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0

Note = Callable[[str | None, str, dict[str, Any]], None]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LiveTerritories:
    """The boundaries in use, and their way to the newest."""

    def __init__(
        self,
        first: Territories,
        database: Database,
        url: str,
        *,
        file: Path | None = None,
        id_property: str = CITY_ID_PROPERTY,
        note: Note,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        """``file``: the precincts where none are imported."""
        self.now = first
        self.use: Callable[[Territories, PlaceFinder | None], None] = lambda territories, finder: (
            None
        )
        """Told of others; with a finder that is ready, if the precincts changed."""
        self.gazetteer: Callable[[], Gazetteer | None] = lambda: None
        """What the finder is to know; may be set later, as may ``use``."""
        self._database = database
        self._url = url
        self._file = file
        self._id_property = id_property
        self._note = note
        self._clock = clock
        self._seen: tuple[Mapping[str, int], frozenset[int], Mapping[str, str]] | None = None
        self._next: datetime | None = None

    # What rooms ask (`callcenter.precincts.territories.Areas`).

    @property
    def ids(self) -> tuple[str, ...]:
        """Keys of all areas that hold now."""
        return self.now.ids

    def find(self, lat: float, lon: float) -> Found:
        """The precinct of a point."""
        return self.now.find(lat, lon)

    def neighbours(self, key: str) -> tuple[str, ...]:
        """Keys of the areas of the same kind that touch this one."""
        return self.now.neighbours(key)

    def precincts(self) -> Boundaries:
        """The precincts that hold now."""
        return self.now.precincts

    def known(self) -> frozenset[str]:
        """Keys of all areas, with those that are planned."""
        return self.now.known

    async def run(self) -> None:
        """Look for others for as long as the service lives."""
        while True:
            left_s = LOOK_EVERY_S
            if self._next is not None:
                left_s = (self._next - self._clock()).total_seconds() + 0.01
            await asyncio.sleep(min(max(left_s, 0.01), LOOK_EVERY_S))
            await self.look()

    async def look(self) -> bool:
        """Take other boundaries, if others hold; what cannot be had changes nothing."""
        at = self._clock()
        try:
            store = BoundaryVersions(self._database)
            versions = await store.kept()
            seen = _seen(versions, await store.kinds(), at)
            self._next = next_change(versions, at)
            if seen == self._seen:
                return False
            territories, finder = await asyncio.to_thread(self._made, at)
        except (StoreError, PrecinctError) as error:
            log.warning("boundaries.not_taken", why=str(error), in_use=self.now.versions)
            return False
        self._seen = seen
        before, self.now = self.now, territories
        if before.versions == territories.versions and before.known == territories.known:
            return False
        self.use(territories, finder)
        if before.versions != territories.versions:
            changed = {"from": before.versions, "to": territories.versions}
            self._note(None, "boundaries.changed", changed)
        return True

    def _made(self, at: datetime) -> tuple[Territories, PlaceFinder | None]:
        """What holds at that moment, ready for use. Runs in a thread."""
        # A collection of garbage would look at every position at once, and hold up all threads.
        gc.disable()
        try:
            territories = asyncio.run(self._read(at))
        finally:
            gc.enable()
        gazetteer = self.gazetteer()
        if gazetteer is None or territories.precincts is self.now.precincts:
            return territories, None
        finder = PlaceFinder(gazetteer, territories.precincts)
        finder.warm()
        return territories, finder

    async def _read(self, at: datetime) -> Territories:
        database = Database(self._url, read_only=True)
        try:
            return await load_territories(
                database, self._file, self._id_property, at=at, known=self.now
            )
        finally:
            await database.close()


def _seen(
    versions: list[BoundaryVersion], kinds: Mapping[str, str], at: datetime
) -> tuple[Mapping[str, int], frozenset[int], Mapping[str, str]]:
    """What there is to be in use: versions that hold, those that will, and the kinds' labels."""
    held = {kind: each.version for kind, each in holding(versions, at).items()}
    return held, frozenset(each.version for each in coming(versions, at)), dict(kinds)
