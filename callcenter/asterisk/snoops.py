"""Snoop channels, which bring a leg's sound at the rate of its codec.

Only Asterisk's REST interface (ARI) makes them, and only for an application that listens to its
events. So one WebSocket is kept; a channel that is announced there is sent into the dialplan at
once (context ``tap``), which joins it to a recogniser worker. All else of a tap is Asterisk's: it
ends with the leg, with the worker's connection, or when it is hung up.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog

from callcenter.asterisk.connection import Timings
from callcenter.asterisk.errors import (
    ActionFailed,
    ActionRefused,
    ActionTimeout,
    AmiError,
    NotConnected,
)
from callcenter.settings import Ari

log = structlog.get_logger(__name__)

APPLICATION = "callcenter_taps"
CONTEXT = "tap"
LONGEST_EXTENSION = 79
"""What Asterisk has room for."""
ANSWER_S = 2.0
PING_EVERY_S = 5.0
TIMINGS = Timings(longest_pause_s=10.0)


class Snoops:
    """The connection by which snoop channels are made; `run` keeps it."""

    def __init__(self, ari: Ari, secret: str, timings: Timings = TIMINGS) -> None:
        host = f"[{ari.host}]" if ":" in ari.host else ari.host
        self._base = f"http://{host}:{ari.port}/ari"
        self._sign_in = {"Authorization": aiohttp.encode_basic_auth(ari.user, secret)}
        self._timings = timings
        self._http: aiohttp.ClientSession | None = None

    @property
    def connected(self) -> bool:
        """Whether snoop channels can be made."""
        return self._http is not None

    async def run(self) -> None:
        """Keep the connection until cancelled. Without it taps are narrowband, no worse."""
        failures = 0
        while True:
            since = time.monotonic()
            try:
                async with aiohttp.ClientSession(headers=self._sign_in) as http:
                    why = await self._live(http)
            except Exception as error:
                # Whatever it is, it must end neither the service nor the attempts.
                why = repr(error)
            stable = time.monotonic() - since >= self._timings.stable_after_s
            failures = 0 if stable else failures + 1
            pause_s = self._timings.pause_s(failures, random.random())  # noqa: S311  # jitter
            log.warning("snoops_down", why=why, failures=failures, retry_in_s=round(pause_s, 3))
            await asyncio.sleep(pause_s)

    async def open(self, channel: str, to: str, name: str) -> None:
        """Send a leg's sound ``to`` a worker, ``host:port/uuid``; the tap's channel id is ``name``.

        Raises `NotConnected`, `ActionFailed` (there is no tap) or `ActionTimeout` (there may be).
        """
        if self._http is None:
            raise NotConnected("no snoop channel: no link to Asterisk's REST interface")
        exten = f"to-{to}"
        if len(exten) > LONGEST_EXTENSION:
            raise ActionFailed(f"no snoop channel: the worker's address is too long: {to}")
        wanted = {"spy": "in", "app": APPLICATION, "appArgs": exten, "snoopId": name}
        await self._post(self._http, f"channels/{quote(channel, safe='')}/snoop", wanted)

    async def _live(self, http: aiohttp.ClientSession) -> str:
        """Send on what is announced until the connection breaks, and return why it did."""
        url = f"{self._base}/events"
        events = await http.ws_connect(
            url, params={"app": APPLICATION}, heartbeat=PING_EVERY_S, max_msg_size=1 << 20
        )
        async with events, asyncio.TaskGroup() as tasks:
            self._http = http
            log.info("snoops_up")
            try:
                async for message in events:
                    started = _started(message)
                    if started is not None:
                        tasks.create_task(self._send_on(http, *started), name="send-on-snoop")
            finally:
                self._http = None
        return f"closed with {events.close_code}"

    async def _send_on(self, http: aiohttp.ClientSession, name: str, exten: str) -> None:
        where = {"context": CONTEXT, "extension": exten, "priority": "1"}
        try:
            await self._post(http, f"channels/{quote(name, safe='')}/continue", where)
        except AmiError as error:
            # The worker expects it for some seconds only; then the leg gets another tap.
            log.warning("snoop_not_sent_on", snoop=name, why=str(error))

    async def _post(
        self, http: aiohttp.ClientSession, path: str, parameters: dict[str, str]
    ) -> None:
        what = path.rpartition("/")[2]
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                http.post(f"{self._base}/{path}", params=parameters) as answer,
            ):
                if answer.status >= 300:
                    raise ActionRefused(what, f"status {answer.status}")
        except TimeoutError:
            raise ActionTimeout(what, f"no answer within {ANSWER_S:.0f} s") from None
        except aiohttp.ClientConnectorError as error:
            raise NotConnected(f"{what}: {error}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise ActionTimeout(what, str(error) or type(error).__name__) from error


def _started(message: aiohttp.WSMessage) -> tuple[str, str] | None:
    """Id of a snoop channel that has begun, and where it is to go; None: something else."""
    if message.type is not aiohttp.WSMsgType.TEXT:
        return None
    try:
        event: dict[str, Any] = json.loads(message.data)
        if event["type"] != "StasisStart":
            return None
        return str(event["channel"]["id"]), str(event["args"][0])
    except (ValueError, KeyError, IndexError, TypeError) as error:
        log.warning("ari_event_malformed", why=repr(error))
        return None
