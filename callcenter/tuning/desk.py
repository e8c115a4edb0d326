"""The one place where settings change while calls run.

A change is checked, then stored as a version, then put in force, in that order and one at a time:
what is refused was never stored, and what cannot be stored is not put in force. Going back is a
new version that equals an old one.

`Desk` needs no running service: the command line uses it on the database alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from acd.errors import InvalidSettings
from callcenter.settings import Settings
from callcenter.store.tables import NAME_CHARS
from callcenter.store.tuning import StoredVersion, TuningVersions, VersionRow
from callcenter.tuning import apply, diff, files
from callcenter.tuning.checks import check
from callcenter.tuning.document import FORMAT, Document, read
from callcenter.tuning.errors import (
    BadDocument,
    BadFile,
    ChangedMeanwhile,
    Flaw,
    TuningError,
    UnknownVersion,
)
from callcenter.tuning.first import completed, first_document
from callcenter.tuning.known import Known

log = structlog.get_logger(__name__)

WHY_CHARS = 500
MOST_PATHS_NOTED = 200
CALLERS = "callers"
OURSELVES = "callcenter"
"""Who made a version that no person made."""
FIRST_WHY = "taken over from the settings file"
COMPLETED_WHY = "lines, seats or officers of the settings file have changed"

Note = Callable[[str | None, str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force, and the version that it is; version 0: not in the database yet."""

    document: Document
    version: int
    who: str
    why: str
    at: datetime
    warnings: tuple[Flaw, ...] = ()


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """Reads, changes and restores what is tuned.

    ``put_in_force`` is called with each document when it has been stored, and must not fail:
    everything that could was tried before. ``known`` says what exists now.
    """

    def __init__(
        self,
        settings: Settings,
        versions: TuningVersions,
        known: Callable[[], Known],
        *,
        put_in_force: Callable[[InForce], None] = lambda in_force: None,
        note: Note = lambda call_id, kind, payload: None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._settings = settings
        self._versions = versions
        self._known = known
        self._put_in_force = put_in_force
        self._note = note
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._unusable = 0
        self.in_force = InForce(first_document(settings), 0, OURSELVES, FIRST_WHY, clock())

    async def load(self) -> None:
        """Put the newest version in force, if it is not; the settings file's, if there is none.

        Raises:
            StoreUnavailable: what was in force stays in force.
        """
        async with self._one_at_a_time:
            newest = await self._versions.newest_number()
            if newest and newest == self.in_force.version:
                return
            stored = await self._versions.newest()
            if stored is None:
                # As it is: a settings file that was good enough yesterday must not stop a floor.
                first = first_document(self._settings)
                await self._keep(first, OURSELVES, FIRST_WHY, 1, warnings=self._warnings(first))
                return
            document = self._usable(stored)
            if document is None:
                return
            whole = completed(document, self._settings)
            if whole != document:
                warnings = self._warnings(whole)
                number = stored.version + 1
                await self._keep(whole, OURSELVES, COMPLETED_WHY, number, warnings=warnings)
                return
            self._enter(_in_force(stored, document, self._warnings(document)))
            loaded = {"version": stored.version, "who": stored.who, "why": stored.why}
            self._note(None, "tuning.loaded", loaded)

    def _usable(self, stored: StoredVersion) -> Document | None:
        try:
            return files.migrated(stored.document or {}, stored.format)
        except (BadDocument, BadFile) as error:
            if stored.version != self._unusable:
                log.error("tuning.unusable", version=stored.version, why=str(error))
            self._unusable = stored.version
            return None

    def checked(self, raw: object) -> tuple[Document, tuple[Flaw, ...]]:
        """The document in these JSON values, and warnings about it.

        Raises:
            BadDocument: with every flaw that was found.
        """
        document = read(raw)
        return document, self._checked(document)

    def _checked(self, document: Document) -> tuple[Flaw, ...]:
        warnings = check(document, self._known())
        try:
            apply.try_all(document, self._clock())
        except InvalidSettings as error:
            raise BadDocument([Flaw("", str(error))]) from error
        return warnings

    def _warnings(self, document: Document) -> tuple[Flaw, ...]:
        """Also of a document that would be refused today, because the surroundings changed."""
        try:
            return check(document, self._known())
        except BadDocument as error:
            return error.flaws

    async def change(self, raw: object, *, who: str, why: str, based_on: int) -> InForce:
        """Make a new version of the document in these JSON values, and put it in force.

        Raises:
            BadDocument: it is refused.
            ChangedMeanwhile: ``based_on`` is not the newest version.
            StoreUnavailable: it cannot be stored, hence is not in force.
        """
        document, warnings = await asyncio.to_thread(self.checked, raw)
        async with self._one_at_a_time:
            await self._refuse_outdated(based_on)
            return await self._keep(document, who, why, based_on + 1, warnings=warnings)

    async def restore(
        self, version: int, *, who: str, why: str, based_on: int | None = None
    ) -> InForce:
        """Go back: a new version equal to an old one.

        Raises:
            UnknownVersion: there is no such version.
            BadDocument: it was valid then and is not now; the flaws say why.
            ChangedMeanwhile, StoreUnavailable: as of `change`.
        """
        old = await self.version(version)
        async with self._one_at_a_time:
            newest = await self._versions.newest_number()
            if based_on is not None:
                await self._refuse_outdated(based_on)
            # Lines, seats and officers are Asterisk's: of those the old version has what is there.
            document = completed(old.document, self._settings)
            return await self._keep(document, who, why, newest + 1, restored=version)

    async def version(self, number: int) -> InForce:
        """One version with its document.

        Raises:
            UnknownVersion: there is none.
            BadFile, BadDocument: it cannot be read by this version of the service.
        """
        stored = await self._versions.get(number)
        if stored is None:
            raise UnknownVersion(f"there is no version {number}")
        document = files.migrated(stored.document or {}, stored.format)
        return _in_force(stored, document, ())

    async def list(self, limit: int, *, before: int | None = None) -> list[VersionRow]:
        """The newest versions, newest first."""
        return await self._versions.list(limit, before=before)

    def changes(self, old: Document, new: Document) -> tuple[diff.Change, ...]:
        """What differs between two documents."""
        return tuple(diff.changes(old.to_json(), new.to_json()))

    async def _refuse_outdated(self, based_on: int) -> None:
        newest = next(iter(await self._versions.list(1)), None)
        number = newest.version if newest else 0
        if number == based_on:
            return
        if newest is None:
            raise ChangedMeanwhile("there is no version yet; expected based_on 0", 0)
        raise ChangedMeanwhile(
            f"{newest.who} made version {number} on {newest.at:%Y-%m-%d at %H:%M:%S} UTC"
            f" ({newest.why}); your change is based on version {based_on}",
            number,
        )

    async def _keep(
        self,
        document: Document,
        who: str,
        why: str,
        version: int,
        *,
        restored: int | None = None,
        warnings: tuple[Flaw, ...] | None = None,
    ) -> InForce:
        if warnings is None:
            warnings = await asyncio.to_thread(self._checked, document)
        row = StoredVersion(
            version=version,
            at=self._clock(),
            who=who[:NAME_CHARS],
            why=why[:WHY_CHARS],
            restored=restored,
            format=FORMAT,
            document=document.to_json(),
        )
        if not await self._versions.add(row):
            await self._refuse_outdated(version - 1)
            raise TuningError("the version could not be stored; nothing was changed")
        before = self.in_force
        entered = _in_force(row, document, warnings)
        self._enter(entered)
        changed = self.changes(before.document, document)
        payload: dict[str, Any] = {"version": version, "who": row.who, "why": row.why}
        if restored is not None:
            payload["restored"] = restored
        # Without values, and without callers' numbers, by which their entries are named.
        paths = (
            CALLERS if change.path.startswith(f"{CALLERS}.") else change.path for change in changed
        )
        payload["paths"] = list(dict.fromkeys(paths))[:MOST_PATHS_NOTED]
        self._note(None, "tuning.changed", payload)
        return entered

    def _enter(self, entered: InForce) -> None:
        self._put_in_force(entered)
        self.in_force = entered


def _in_force(row: StoredVersion, document: Document, warnings: tuple[Flaw, ...]) -> InForce:
    return InForce(document, row.version, row.who, row.why, row.at, warnings)
