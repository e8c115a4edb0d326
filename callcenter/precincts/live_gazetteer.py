"""A gazetteer that is imported while calls run is in use some seconds later.

The versions' newest number is looked at every few seconds. A new one is read and made ready in a
thread, with a connection of its own, and put in place in one step: a search that is under way
ends with what it began with.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.city import load_gazetteer
from callcenter.precincts.errors import PrecinctError
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.places import PlaceFinder
from callcenter.store.database import Database
from callcenter.store.errors import StoreError
from callcenter.store.gazetteer import GazetteerVersions

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0


class LiveGazetteer:
    """Puts each new version in the place of the one before."""

    def __init__(
        self,
        database: Database,
        url: str,
        boundaries: Callable[[], Boundaries],
        *,
        version: int,
        files: Sequence[Path] = (),
        use: Callable[[PlaceFinder], None],
        note: Callable[[str | None, str, dict[str, Any]], None],
    ) -> None:
        """``version``: what is in use; ``files``: what is when nothing is imported."""
        self._database = database
        self._url = url
        self._boundaries = boundaries
        self._files = tuple(files)
        self._use = use
        self._note = note
        self.version = version

    async def run(self) -> None:
        """Look for new versions for as long as the service lives."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> bool:
        """Take a new version, if there is one; what cannot be had changes nothing."""
        try:
            newest = await GazetteerVersions(self._database).newest_number()
            if newest == self.version:
                return False
            finder = await asyncio.to_thread(self._made)
        except (StoreError, PrecinctError) as error:
            log.warning("gazetteer.not_taken", why=str(error), in_use=self.version)
            return False
        if finder.boundaries is not self._boundaries():
            finder = PlaceFinder(finder.gazetteer, self._boundaries())  # they changed meanwhile
        before, self.version = self.version, newest
        self._use(finder)
        self._note(None, "gazetteer.changed", {"from": before, "to": newest})
        return True

    def _made(self) -> PlaceFinder:
        """The newest gazetteer, ready for use. Runs in a thread: some seconds of reading."""
        # A collection of garbage would look at every one of some hundred thousand new objects at
        # once, and hold up all other threads for as long; none of them is garbage.
        gc.disable()
        try:
            finder = PlaceFinder(asyncio.run(self._read()), self._boundaries())
            finder.warm()
            gc.freeze()
        finally:
            gc.enable()
        return finder

    async def _read(self) -> Gazetteer:
        database = Database(self._url, read_only=True)
        try:
            return await load_gazetteer(database, self._files)
        finally:
            await database.close()
