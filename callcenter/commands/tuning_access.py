"""Two ways to what is tuned: through the running service, or straight to its database.

The service is asked first, so that a change is in force at once. Only when nothing listens there
is the database used: the service finds the change when it starts.
"""

from __future__ import annotations

import getpass
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from callcenter.settings import Secrets, Settings
from callcenter.store.database import Database
from callcenter.store.tuning import TuningVersions
from callcenter.tuning.desk import Desk
from callcenter.tuning.document import Document, read
from callcenter.tuning.errors import (
    BadDocument,
    ChangedMeanwhile,
    Flaw,
    TuningError,
    UnknownVersion,
)
from callcenter.tuning.known import known_of

CONNECT_WITHIN_S = 2.0
ANSWER_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A version as either way gives it; 0: the settings file's, which is in no database yet."""

    version: int
    document: Document
    who: str = ""
    why: str = ""
    at: str = ""


class Access(Protocol):
    """What the commands need."""

    through_service: bool

    async def version(self, number: int | None = None) -> Kept:
        """One version; the newest by default."""

    async def versions(self) -> list[dict[str, Any]]:
        """The newest versions, newest first, without their documents."""

    async def check(self, document: Document) -> tuple[Flaw, ...]:
        """Warnings; raises `BadDocument`."""

    async def change(self, document: Document, why: str, based_on: int) -> Kept:
        """Make a version, and put it in force."""

    async def restore(self, number: int, why: str) -> Kept:
        """Go back."""


@asynccontextmanager
async def access(settings: Settings) -> AsyncIterator[Access]:
    """Whichever way is there now.

    Raises:
        SettingsError: the service listens, and the secrets to speak with it cannot be read.
    """
    base = f"http://{settings.api.host}:{settings.api.port}"
    if await _listens(base):
        token = Secrets.load(settings.secrets).api_token
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S, connect=CONNECT_WITHIN_S)
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(base, headers=headers, timeout=timeout) as session:
            yield _Service(session)
        return
    database = Database(settings.database)
    try:
        yield _Stopped(settings, database)
    finally:
        await database.close()


async def _listens(base: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S, connect=CONNECT_WITHIN_S)
    try:
        async with (
            aiohttp.ClientSession(base, timeout=timeout) as session,
            session.get("/healthz"),
        ):
            return True
    except aiohttp.ClientConnectionError:
        return False


class _Service:
    through_service = True

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def version(self, number: int | None = None) -> Kept:
        path = "" if number is None else f"/versions/{number}"
        return _kept(await self._ask("GET", path))

    async def versions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._ask("GET", "/versions"))["versions"]
        return found

    async def check(self, document: Document) -> tuple[Flaw, ...]:
        answer = await self._ask("POST", "/validate", {"document": document.to_json()})
        return tuple(Flaw(flaw["path"], flaw["reason"]) for flaw in answer["warnings"])

    async def change(self, document: Document, why: str, based_on: int) -> Kept:
        body = {"document": document.to_json(), "why": _by_hand(why), "based_on": based_on}
        return _kept(await self._ask("PUT", "", body))

    async def restore(self, number: int, why: str) -> Kept:
        return _kept(await self._ask("POST", f"/versions/{number}/restore", {"why": _by_hand(why)}))

    async def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        content = None if body is None else io.BytesIO(json.dumps(body).encode())
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.request(
                method, f"/api/v1/tuning{path}", data=content, headers=headers
            ) as response:
                answer: dict[str, Any] = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise TuningError(f"the service does not answer: {error or 'in time'}") from error
        if response.status == 200:
            return answer
        raise _problem(answer.get("error", {}))


def _problem(error: dict[str, Any]) -> TuningError:
    message = f"{error.get('message', 'the service refused')}"
    if fields := error.get("fields"):
        return BadDocument(Flaw(field["path"], field["reason"]) for field in fields)
    match error.get("code"):
        case "changed_meanwhile":
            return ChangedMeanwhile(message, 0)
        case "not_found":
            return UnknownVersion(message)
    return TuningError(f"{message}. {error.get('next', '')}".strip())


def _kept(answer: dict[str, Any]) -> Kept:
    return Kept(
        answer["version"], read(answer["document"]), answer["who"], answer["why"], answer["at"]
    )


def _by_hand(why: str) -> str:
    """The token is nobody's: who used it is said with why."""
    return f"{why} ({getpass.getuser()}, by the command line)"


class _Stopped:
    through_service = False

    def __init__(self, settings: Settings, database: Database) -> None:
        self._versions = TuningVersions(database)
        self._database = database
        self._desk = Desk(settings, self._versions, lambda: known_of(settings))

    async def version(self, number: int | None = None) -> Kept:
        await self._database.open()
        if number is None:
            newest = await self._versions.newest_number()
            if not newest:
                return Kept(0, self._desk.in_force.document)
            number = newest
        found = await self._desk.version(number)
        return Kept(number, found.document, found.who, found.why, found.at.isoformat())

    async def versions(self) -> list[dict[str, Any]]:
        await self._database.open()
        return [
            {
                "version": row.version,
                "at": row.at.isoformat(),
                "who": row.who,
                "why": row.why,
                "restored": row.restored,
            }
            for row in await self._desk.list(100)
        ]

    async def check(self, document: Document) -> tuple[Flaw, ...]:
        return self._desk.checked(document.to_json())[1]

    async def change(self, document: Document, why: str, based_on: int) -> Kept:
        if based_on == 0:
            # The settings file's is kept first, so that one can go back to it.
            await self._desk.load()
            based_on = self._desk.in_force.version
        entered = await self._desk.change(
            document.to_json(), who=getpass.getuser(), why=why, based_on=based_on
        )
        return Kept(entered.version, entered.document, entered.who, entered.why)

    async def restore(self, number: int, why: str) -> Kept:
        entered = await self._desk.restore(number, who=getpass.getuser(), why=why)
        return Kept(entered.version, entered.document, entered.who, entered.why)
