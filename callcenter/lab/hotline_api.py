"""The service's API as the lab's players use it: a few questions, one action, the event stream."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self

import aiohttp

REQUEST_TIMEOUT_S = 5.0
_RECONNECT_S = 0.2


class ApiFault(Exception):
    """The service did not answer, or answered with an error; the message is its own."""


class HotlineApi:
    """A client with the lab's token. Use it as an async context manager."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url.rstrip('/')}/api/v1"
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def calls(self) -> list[dict[str, Any]]:
        """Open calls and the newest closed ones."""
        return list((await self._ask("GET", "/calls"))["calls"])

    async def call(self, call_id: str) -> dict[str, Any]:
        """One call with its legs, timeline, record and recordings."""
        return await self._ask("GET", f"/calls/{call_id}")

    async def transcript(self, call_id: str) -> list[dict[str, Any]]:
        """What was said in it."""
        return list((await self._ask("GET", f"/calls/{call_id}/transcript"))["segments"])

    async def speech(self) -> dict[str, Any]:
        """Whether speech is recognised, and if not, why."""
        return await self._ask("GET", "/speech")

    async def seats(self) -> list[dict[str, Any]]:
        """Every seat with its state."""
        return list((await self._ask("GET", "/seats"))["seats"])

    async def set_seat_state(
        self, seat_id: str, state: str, reason: str | None = None
    ) -> dict[str, Any]:
        """Make a seat ready, or not ready for this reason."""
        body = {"state": state, **({"reason": reason} if reason else {})}
        return await self._ask("POST", f"/seats/{seat_id}/state", body)

    async def queues(self) -> list[dict[str, Any]]:
        """Every queue with who waits in it."""
        return list((await self._ask("GET", "/queues"))["queues"])

    async def tuning(self) -> dict[str, Any]:
        """What is tuned now: ``document`` and ``version``."""
        return await self._ask("GET", "/tuning")

    async def tune(self, document: dict[str, Any], why: str, based_on: int) -> dict[str, Any]:
        """Put another document in force."""
        body = {"document": document, "why": why, "based_on": based_on}
        return await self._ask("PUT", "/tuning", body)

    async def ring_officer(self, call_id: str, officer: str | None = None) -> dict[str, Any]:
        """The operator's one action: put the responsible officer, or this one, on the line."""
        body = {"officer": officer} if officer else {}
        return await self._ask("POST", f"/calls/{call_id}/officer", body)

    async def edit_field(self, call_id: str, field: str, value: Any) -> dict[str, Any]:
        """Type into the record of a call."""
        return await self._ask("PATCH", f"/incidents/{call_id}", {"field": field, "value": value})

    async def import_roster(self, text: str) -> dict[str, Any]:
        """Take officers or shifts over from a CSV text."""
        return await self._ask("POST", "/roster/import", {"text": text})

    async def follow(self, on_event: Callable[[dict[str, Any]], None]) -> None:
        """Hand every event of every call to a callback, until cancelled.

        A stream that breaks (the service died) is opened again as soon as the service is back.
        """
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async for event in self._stream():
                    on_event(event)
            await asyncio.sleep(_RECONNECT_S)

    async def _stream(self) -> AsyncIterator[dict[str, Any]]:
        async with self._open().ws_connect(f"{self._url}/events", heartbeat=10) as socket:
            await socket.send_json({"subscribe": "*"})
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    event = message.json()
                    if isinstance(event, dict):
                        yield event

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            async with self._open().request(method, self._url + path, json=body) as answer:
                value = await answer.json(content_type=None)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise ApiFault(f"{method} {path}: {type(error).__name__}: {error}") from error
        if status >= 400 or not isinstance(value, dict):
            said = value.get("error", {}) if isinstance(value, dict) else {}
            message = said.get("message", "no JSON object")
            raise ApiFault(f"{method} {path}: {status}: {message}")
        return value

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("HotlineApi is an async context manager; enter it first")
        return self._session
