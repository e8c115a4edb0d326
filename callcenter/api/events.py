"""The event stream: what changes, as it changes, over a WebSocket.

First a ``hello`` with the present state, then every change. A client that reads too slowly is told
``resync`` and gets a fresh ``hello``; details, words and records of a call are sent to those who
subscribed to it. Officers get only calls they are on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import ValidationError

from callcenter.live.bus import RESYNC, Subscription
from callcenter.store.errors import StoreUnavailable
from callcenter.store.people import Role

from .errors import BadInput, Missing, NotNow
from .failures import as_problem
from .metrics import Metrics
from .operations import EVERYONE, Asked, Operation
from .shapes import Follow
from .sight import may_see, note_viewing

STREAMS_AT_MOST = 500
QUEUE_MESSAGES = 500
MESSAGE_LIMIT_BYTES = 4096
CALLS_FOLLOWED_AT_MOST = 50
BAD_MESSAGES_AT_MOST = 10
HEARTBEAT_S = 20.0
SEND_TIMEOUT_S = 10.0
SESSION_CHECK_S = 15.0
SIGNED_OUT_CODE = 4401
ALL_CALLS = "*"

_log = structlog.get_logger(__name__)


class EventStreams:
    """All open event streams of one application."""

    def __init__(self, metrics: Metrics, *, queue_messages: int = QUEUE_MESSAGES) -> None:
        self._metrics = metrics
        self._queue_messages = queue_messages
        self._open: set[web.WebSocketResponse] = set()

    def operations(self) -> tuple[Operation, ...]:
        """The operation that opens one."""
        return (
            Operation(
                "GET",
                "/api/v1/events",
                self.serve,
                "Event stream (WebSocket)",
                EVERYONE,
                websocket=True,
            ),
        )

    async def serve(self, asked: Asked) -> web.WebSocketResponse:
        """Serve one stream until either side closes it."""
        if len(self._open) >= STREAMS_AT_MOST:
            raise NotNow("too many event streams are open")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_LIMIT_BYTES)
        if not socket.can_prepare(asked.request):
            raise BadInput("this address speaks WebSocket only", "Open it as a WebSocket.")
        await socket.prepare(asked.request)
        self._open.add(socket)
        self._metrics.streams.set(len(self._open))
        try:
            stream = EventStream(asked, socket)
            async with asked.services.bus.subscribe(stream.wants, self._queue_messages) as messages:
                await stream.run(messages)
        finally:
            self._open.discard(socket)
            self._metrics.streams.set(len(self._open))
        return socket

    async def close(self, _app: web.Application) -> None:
        """Close every stream; for shutting down."""
        await asyncio.gather(
            *(
                socket.close(code=WSCloseCode.GOING_AWAY, message=b"the service is stopping")
                for socket in tuple(self._open)
            ),
            return_exceptions=True,
        )


class EventStream:
    """One client: what it follows, what it may see, what it is sent."""

    def __init__(self, asked: Asked, socket: web.WebSocketResponse) -> None:
        self._asked = asked
        self._socket = socket
        self._followed: set[str] = set()
        self._own_calls: set[str] = set()
        self._officer = asked.who.role is Role.OFFICER
        self._bad_messages = 0

    def wants(self, topic: str, message: Mapping[str, Any]) -> bool:
        """Whether a published message is for this client. Topic ``call:<id>``: its followers."""
        if self._officer and not self._for_officer(message):
            return False
        head, mark, call_id = topic.partition(":")
        if head == "call" and mark:
            return call_id in self._followed or ALL_CALLS in self._followed
        return True

    async def run(self, messages: Subscription) -> None:
        """Say hello, then send and listen until the connection ends."""
        try:
            await self._send(await self._hello())
        except Exception as error:  # already a WebSocket: there is no other way to answer
            problem = as_problem(error, "hello")
            await self._socket.close(
                code=WSCloseCode.TRY_AGAIN_LATER, message=problem.message.encode()[:120]
            )
            return
        tasks = [
            asyncio.create_task(self._guarded(lambda: self._forward(messages)), name="events-send"),
            asyncio.create_task(self._guarded(self._watch_session), name="events-session"),
        ]
        try:
            await self._listen(messages)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _for_officer(self, message: Mapping[str, Any]) -> bool:
        call = message.get("call")
        if isinstance(call, Mapping):
            self._learn(call)
            return call["id"] in self._own_calls
        kind = message.get("type")
        if kind == "speech" or kind == "resync":
            return True
        return message.get("call_id", message.get("subject")) in self._own_calls

    def _learn(self, call: Mapping[str, Any]) -> None:
        """Remember whether a call is theirs; one that passes to another officer is not."""
        if may_see(self._asked.who, call):
            self._own_calls.add(call["id"])
        elif "legs" in call or call.get("officer") is not None:
            self._own_calls.discard(call["id"])

    async def _hello(self) -> dict[str, Any]:
        floor = self._asked.floor
        calls = [call for call in await floor.calls() if may_see(self._asked.who, call)]
        self._own_calls.update(call["id"] for call in calls)
        return {
            "type": "hello",
            "calls": calls,
            "seats": [] if self._officer else await floor.seats(),
            "speech": await floor.speech(),
        }

    async def _forward(self, messages: Subscription) -> None:
        async for message in messages:
            await self._send(message)
            if message.get("type") == RESYNC["type"]:
                await self._send(await self._hello())
        await self._socket.close(code=WSCloseCode.GOING_AWAY)

    async def _watch_session(self) -> None:
        token = self._asked.who.token
        while token:
            await asyncio.sleep(SESSION_CHECK_S)
            with suppress(StoreUnavailable):
                if await self._asked.services.people.session(token) is None:
                    await self._socket.close(code=SIGNED_OUT_CODE, message=b"signed out")
                    return

    async def _listen(self, messages: Subscription) -> None:
        async for received in self._socket:
            try:
                if received.type is not WSMsgType.TEXT:
                    raise BadInput("only text messages are understood")
                await self._obey(_parse(received.data), messages)
            except (ConnectionError, TimeoutError):
                self._abort()
                return
            except Exception as error:  # one wish that fails does not end the stream
                await self._send({"type": "error", **as_problem(error, "follow").body})
                self._bad_messages += isinstance(error, BadInput)
                if self._bad_messages >= BAD_MESSAGES_AT_MOST:
                    await self._socket.close(code=WSCloseCode.POLICY_VIOLATION)
                    return

    async def _obey(self, wish: Follow, messages: Subscription) -> None:
        if wish.ping is not None:
            await self._send({"type": "pong", "ping": wish.ping})
        elif wish.unsubscribe is not None:
            self._followed.discard(wish.unsubscribe)
        elif wish.subscribe == ALL_CALLS and self._officer:
            raise Missing("officers follow single calls")
        elif wish.subscribe is not None:
            await self._follow(wish.subscribe, messages)

    async def _follow(self, call_id: str, messages: Subscription) -> None:
        if call_id == ALL_CALLS:
            self._followed.add(call_id)
            return
        if len(self._followed) >= CALLS_FOLLOWED_AT_MOST and call_id not in self._followed:
            raise BadInput(
                f"{CALLS_FOLLOWED_AT_MOST} calls are followed already", "Unsubscribe from one."
            )
        # Followed before it is looked at: nothing that happens in between is missed.
        self._followed.add(call_id)
        call = await self._asked.floor.call(call_id)
        if call is None or not may_see(self._asked.who, call):
            self._followed.discard(call_id)
            raise Missing("there is no such call")
        self._own_calls.add(call_id)
        note_viewing(self._asked, call)
        # Through the same queue as changes, so that an older state never comes after it.
        messages.put({"type": "call_detail", "call": call})

    async def _send(self, message: Mapping[str, Any]) -> None:
        text = json.dumps(message, ensure_ascii=False, default=str, separators=(",", ":"))
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await self._socket.send_str(text)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run a task of this stream; when it fails, the stream ends and the client comes back."""
        try:
            await work()
        except (ConnectionError, TimeoutError):
            self._abort()
        except Exception as error:
            _log.error("event_stream_failed", why=type(error).__name__)
            self._abort()

    def _abort(self) -> None:
        transport = self._asked.request.transport
        if transport is not None:
            transport.abort()


def _parse(text: str) -> Follow:
    try:
        wish = Follow.model_validate_json(text)
    except ValidationError:
        raise BadInput(
            "the message is not understood",
            'Send {"subscribe": call_id}, {"unsubscribe": call_id} or {"ping": number}.',
        ) from None
    if sum(value is not None for value in (wish.subscribe, wish.unsubscribe, wish.ping)) != 1:
        raise BadInput("a message has exactly one of subscribe, unsubscribe, ping")
    return wish
