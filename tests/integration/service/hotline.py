"""A running lab as a test sees it: its API, its processes, its Asterisk."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from callcenter.settings import Settings

T = TypeVar("T")


class Refused(Exception):
    """The API said no; ``status`` and its problem."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem}")
        self.status = status
        self.problem = problem


class Hotline:
    """Everything is read from ``lab.json``, as a stranger would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "lab.json"

    @property
    def description(self) -> dict[str, Any]:
        return json.loads(self._file.read_text("utf-8"))  # type: ignore[no-any-return]  # an object

    @property
    def seats(self) -> list[str]:
        return [seat["id"] for seat in self.description["seats"]]

    def password(self, user: str) -> str | None:
        here = self.description
        phones = here["seats"] + here["officers"] + here["partners"]
        return next((one["password"] for one in phones if one["user"] == user), None)

    async def api(self, path: str, body: Any = None, method: str | None = None) -> Any:
        return await asyncio.to_thread(self._ask, path, body, method)

    def _ask(self, path: str, body: Any, method: str | None) -> Any:
        api = self.description["api"]
        sound = isinstance(body, bytes)
        data = body if sound or body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  # the lab's own address
            f"{api['url']}/api/v1/{path}",
            data=data,
            method=method,
            headers={
                "Authorization": f"Bearer {api['token']}",
                "Content-Type": "audio/wav" if sound else "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.load(error)["error"]) from None

    async def calls(self) -> list[dict[str, Any]]:
        """Open calls, oldest first."""
        calls = (await self.api("calls"))["calls"]
        return sorted(
            (call for call in calls if call["state"] != "closed"),
            key=lambda call: call["arrived_at"],
        )

    async def call_from(self, number: str) -> dict[str, Any]:
        """The open call of that caller, once it is there."""

        async def find() -> dict[str, Any] | None:
            return next((call for call in await self.calls() if call["from"] == number), None)

        return await self.until(find, f"a call from {number}")

    async def call_is(self, call_id: str, timeout_s: float = 10.0, **wanted: Any) -> dict[str, Any]:
        """The call, as soon as those of its values are so."""
        last: dict[str, Any] = {}

        async def look() -> dict[str, Any] | None:
            nonlocal last
            last = await self.api(f"calls/{call_id}")
            return last if all(last[key] == value for key, value in wanted.items()) else None

        return await self.until(look, lambda: f"{wanted}, it is {last}", timeout_s)

    async def seat(self, seat_id: str) -> dict[str, Any]:
        seats = (await self.api("seats"))["seats"]
        return next(seat for seat in seats if seat["id"] == seat_id)

    async def seat_is(self, seat_id: str, state: str, timeout_s: float = 5.0) -> None:
        async def look() -> bool:
            return bool((await self.seat(seat_id))["state"] == state)

        await self.until(look, f"seat {seat_id} {state}", timeout_s)

    async def seat_is_registered(self, seat_id: str) -> None:
        async def look() -> bool:
            return bool((await self.seat(seat_id))["state"] != "offline")

        await self.until(look, f"seat {seat_id} registered")

    async def until(
        self,
        look: Callable[[], Awaitable[T]],
        what: str | Callable[[], str],
        timeout_s: float = 10.0,
    ) -> T:
        """What ``look`` gives as soon as it is something."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                found = await look()
            except (urllib.error.URLError, ConnectionError):
                found = None  # type: ignore[assignment]  # nobody answers yet
            if found:
                return found
            if time.monotonic() > end:
                text = what if isinstance(what, str) else what()
                raise AssertionError(f"not within {timeout_s} s: {text}")
            await asyncio.sleep(0.05)

    async def journalled(self, call_id: str, kind: str) -> dict[str, Any] | None:
        """What the journal says in its first entry of this kind; None while there is none."""
        settings = Settings.load(Path(self.description["settings"]))
        database = sqlite3.connect(settings.database.partition(":///")[2])
        try:
            found = database.execute(
                "SELECT payload FROM journal WHERE call_id = ? AND kind = ? ORDER BY id",
                (call_id, kind),
            ).fetchone()
        finally:
            database.close()
        return json.loads(found[0]) if found else None

    def signal_service(self, number: signal.Signals) -> None:
        os.kill(self.description["pids"]["service"], number)

    async def restart_service(self) -> None:
        await asyncio.to_thread(
            subprocess.run,
            shlex.split(self.description["restart"]),
            check=True,
            capture_output=True,
        )

    def cli(self, command: str) -> str:
        """Asterisk's own word."""
        return subprocess.run(
            [self.description["asterisk_cli"], command], check=True, capture_output=True, text=True
        ).stdout

    async def channels(self) -> list[str]:
        rows = await asyncio.to_thread(self.cli, "core show channels concise")
        return [row.split("!")[0] for row in rows.splitlines() if row.count("!") > 10]

    async def is_quiet(self) -> None:
        """Nothing is left of any call: no channel, bridge, tap, reservation or waiting caller."""

        async def nothing() -> bool:
            bridges = await asyncio.to_thread(self.cli, "confbridge list")
            waiting = (await self.api("queues"))["queues"]
            return (
                not await self.channels()
                and not any(row[:1].isdigit() for row in bridges.splitlines())
                and not any(queue["waiting"] for queue in waiting)
                and not await self.calls()
                and not any(seat["call_id"] for seat in (await self.api("seats"))["seats"])
            )

        await self.until(nothing, "nothing left behind")
