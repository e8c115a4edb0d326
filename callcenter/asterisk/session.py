"""One AMI login from connect to loss, never used again afterwards. panoramisk is used here only.

panoramisk frames and parses, pairs answers with actions and dispatches events. What it leaves
open is closed here:

- It reconnects by itself and then sends unanswered actions again (a second Originate): its
  manager lives for one connection, and an action that is pending at the loss fails with
  `OutcomeUnknown`.
- It decodes each read on its own and loses a character that is split over two: bytes are
  collected here, and decoded a whole message at a time.
- It waits for an answer without end, and counts a late one as open for ever.
- An exception under its ``data_received`` cuts the connection without a word: it becomes the
  reason of the loss, as does anything that is not AMI.
- It pings and never looks at the answer; it retries a wrong password in silence; it logs what
  it reads, caller data included. None of that is used.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import structlog
from panoramisk import Manager
from panoramisk.actions import Action as WireAction
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message as WireMessage

from callcenter.asterisk.actions import Action, Ping, Reply
from callcenter.asterisk.errors import (
    ActionRefused,
    ActionTimeout,
    BadCredentials,
    LinkLost,
    NotConnected,
    OutcomeUnknown,
)
from callcenter.asterisk.headers import Header, Headers

log = structlog.get_logger(__name__)

BANNER = b"Asterisk Call Manager/"
MAX_BANNER_BYTES = 256
MAX_MESSAGE_BYTES = 1 << 20
"""More without a blank line is not AMI. A real message is some 2 KiB."""
MAX_PENDING = 256
"""So many actions may be unanswered at once; the next one waits for its turn, in order."""
AUTHENTICATION_FAILED = "Authentication failed"
END_OF_LINE = b"\r\n"
END_OF_MESSAGE = b"\r\n\r\n"

Answer = Callable[[], Coroutine[Any, Any, Reply]]
"""Waits for the answer to an action that was sent."""

_silent = logging.getLogger(f"{__name__}.panoramisk")
_silent.disabled = True


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol with a framing that loses nothing and fails aloud."""

    factory: _Manager

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._received = bytearray()

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            self._receive(data)
        except LinkLost as error:
            self.factory.on_lost(str(error))
        except Exception as error:
            # Inside panoramisk: asyncio would close the connection and only log it.
            self.factory.on_lost(f"unreadable message ({type(error).__name__})")

    def _receive(self, data: bytes) -> None:
        self._received += data
        if self.version is None and not self._read_banner():
            return
        *messages, rest = self._received.split(END_OF_MESSAGE)
        if len(rest) > MAX_MESSAGE_BYTES:
            raise LinkLost(f"more than {MAX_MESSAGE_BYTES} bytes without an end of message")
        self._received = rest
        for raw in messages:
            if self.closed:
                return
            text = raw.strip(END_OF_LINE).decode("utf-8", "replace")
            message = WireMessage.from_line(text)
            if message is None:
                raise LinkLost("a message that is neither response nor event")
            self.handle_message(message)

    def _read_banner(self) -> bool:
        line, end, rest = self._received.partition(END_OF_LINE)
        if not BANNER.startswith(line[: len(BANNER)]) or len(line) > MAX_BANNER_BYTES:
            raise LinkLost("the peer is not an Asterisk manager")
        if not end:
            return False
        self.version = line[len(BANNER) :].decode("ascii", "replace")
        self._received = rest
        return True

    def handle_message(self, message: Any) -> None:
        action_id = message.action_id
        if action_id and action_id not in self.responses and self.factory.sent(action_id):
            # Its action has timed out: neither an answer that is awaited nor an event.
            log.warning("ami_late_answer", action_id=action_id)
            return
        super().handle_message(message)


class _Manager(Manager):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's manager for one connection: no reconnect, no replay, no blind ping."""

    def __init__(self, prefix: str, on_lost: Callable[[str], None]) -> None:
        super().__init__(loop=asyncio.get_running_loop(), log=_silent, encoding="utf-8")
        self._prefix = prefix
        self.on_lost = on_lost

    def sent(self, action_id: str) -> bool:
        return action_id.startswith(self._prefix)

    def connection_lost(self, exc: object) -> None:
        self.awaiting_actions.clear()
        self.on_lost(f"connection lost ({exc})" if exc else "Asterisk closed the connection")

    async def send_awaiting_actions(self, *_: object) -> None:
        """Nothing is ever sent again."""

    def ping(self) -> None:
        """`AmiSession.ping` checks the answer."""


class AmiSession:
    """One logged-in connection. ``lost`` is done, with the reason, once it is gone."""

    def __init__(self, name: str, on_event: Callable[[Headers], None] | None) -> None:
        self._name = name
        self._prefix = f"{secrets.token_hex(4)}-"
        self._count = 0
        self._pending: set[str] = set()
        self._places = asyncio.Semaphore(MAX_PENDING)
        self._manager = _Manager(self._prefix, self.drop)
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if on_event:
            self._manager.register_event("*", lambda _, event: on_event(_headers(event)))

    @classmethod
    async def open(
        cls,
        host: str,
        port: int,
        name: str,
        secret: str,
        *,
        on_event: Callable[[Headers], None] | None,
        timeout_s: float,
    ) -> AmiSession:
        """Connect and log in; without ``on_event`` Asterisk is told to send no events.

        ``on_event`` is called for every event and must do no more than keep it; when it cannot,
        it raises `LinkLost`, which ends the session. Raises `BadCredentials`, or `LinkLost` for
        everything that may be better next time.
        """
        session = cls(name, on_event)
        try:
            await session._connect(host, port, timeout_s)
            await session._log_in(secret, events=on_event is not None, timeout_s=timeout_s)
        except BaseException:
            session.drop("login did not succeed")
            raise
        return session

    async def _connect(self, host: str, port: int, timeout_s: float) -> None:
        connected: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                connected.set_result(
                    await asyncio.get_running_loop().create_connection(_Protocol, host, port)
                )
        except TimeoutError:
            raise LinkLost(f"{host}:{port} does not answer within {timeout_s} s") from None
        except OSError as error:
            raise LinkLost(f"{host}:{port}: {error.strerror or error}") from error
        self._manager.connection_made(connected)

    async def _log_in(self, secret: str, *, events: bool, timeout_s: float) -> None:
        try:
            await self.perform(_Login(self._name, secret, events), timeout_s)
        except ActionRefused as error:
            if error.message == AUTHENTICATION_FAILED:
                raise BadCredentials(
                    f"Asterisk refuses the name or password of {self._name}"
                ) from None
            raise LinkLost(f"login of {self._name} refused: {error.message}") from None
        except (OutcomeUnknown, NotConnected) as error:
            raise LinkLost(f"login of {self._name}: {error}") from None

    async def perform(self, action: Action, timeout_s: float) -> Reply:
        """Send an action once and return its answer.

        Raises `InvalidAction` or `NotConnected` (nothing was sent), `ActionRefused` (Asterisk
        said no), `ActionTimeout` or `OutcomeUnknown` (sent, and unknown whether it happened).
        """
        if isinstance(action, Ping):
            # However much is to be done, it is known in time whether anybody is there.
            return await self.post(action, timeout_s)()
        await self._take_place(action, timeout_s)
        try:
            return await self.post(action, timeout_s)()
        finally:
            self._places.release()

    def post(self, action: Action, timeout_s: float) -> Answer:
        """Send an action before anything else gets its turn; what is returned waits for the answer.

        Raises `InvalidAction` or `NotConnected`, and what is returned the rest, as `perform`. It
        takes no place among the `MAX_PENDING`: for what there is little of and must not wait.
        """
        wire = self._wire(action)
        if self.lost.done():
            raise NotConnected(f"{action.ACTION} not sent: {self.lost.result()}")
        # A list is known by its first answer (None); a single answer must never wait for more.
        answer: asyncio.Future[Any] = self._manager.send_action(
            wire, as_list=None if action.LISTS else False
        )
        self._pending.add(wire.id)
        return partial(self._answered, action, wire.id, answer, timeout_s)

    async def _take_place(self, action: Action, timeout_s: float) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._places.acquire()
        except TimeoutError:
            raise NotConnected(
                f"{action.ACTION} not sent: {MAX_PENDING} actions are unanswered"
            ) from None

    async def _answered(
        self, action: Action, action_id: str, answer: asyncio.Future[Any], timeout_s: float
    ) -> Reply:
        try:
            await asyncio.wait(
                (answer, self.lost), timeout=timeout_s, return_when="FIRST_COMPLETED"
            )
        finally:
            self._forget(action_id)
        if answer.done():
            return _reply(action, answer.result())
        if self.lost.done():
            raise OutcomeUnknown(action.ACTION, self.lost.result())
        raise ActionTimeout(action.ACTION, f"no answer within {timeout_s} s")

    def _wire(self, action: Action) -> Any:
        self._count += 1
        fields: dict[str, list[str]] = {"ActionID": [f"{self._prefix}{self._count}"]}
        for name, value in action.headers():
            fields.setdefault(name, []).append(value)
        return WireAction(
            {name: values if len(values) > 1 else values[0] for name, values in fields.items()}
        )

    def _forget(self, action_id: str) -> None:
        self._pending.discard(action_id)
        if self._manager.protocol:
            self._manager.protocol.responses.pop(action_id, None)

    async def ping(self, timeout_s: float) -> None:
        """Ask whether Asterisk answers; drops the session when it does not."""
        try:
            reply = await self.perform(Ping(), timeout_s)
        except ActionTimeout:
            self.drop(f"{self._name}: ping not answered within {timeout_s} s")
        else:
            if reply.response["ping"] != "Pong":
                self.drop(f"{self._name}: ping answered with something else")

    def drop(self, why: str) -> None:
        """End the session; everything pending fails with this reason."""
        if not self.lost.done():
            self.lost.set_result(why)
        self._manager.close()
        if self._manager.protocol:
            self._manager.awaiting_actions.clear()
            self._manager.protocol.transport.abort()


@dataclass(frozen=True, slots=True)
class _Login(Action):
    ACTION: ClassVar[str] = "Login"
    user: str
    secret: str = field(repr=False)
    events: bool

    def _arguments(self) -> list[Header]:
        events = "on" if self.events else "off"
        return [("Username", self.user), ("Secret", self.secret), ("Events", events)]


def _reply(action: Action, messages: Any) -> Reply:
    first, *items = messages if isinstance(messages, list) else [messages]
    response = _headers(first)
    if not first.success:
        raise ActionRefused(action.ACTION, response["message"])
    if action.LISTS:
        # The last item only says that the list is complete.
        items = items[:-1]
    return Reply(response, tuple(map(_headers, items)))


def _headers(message: Any) -> Headers:
    """Take a message of panoramisk apart, so that nothing of it goes further."""
    return Headers(
        (name, value)
        for name, values in message.items()
        for value in (values if isinstance(values, list) else [values])
    )
