"""The Asterisk Gateway Interface, as bytes in and events out; no sockets here.

Asterisk connects, writes its environment (``agi_name: value`` lines, then an empty line), and from
then on obeys one command at a time with one reply each::

    ENVIRONMENT ──empty line──▶ IDLE ──command──▶ AWAITING ──reply──▶ IDLE …

A ``HANGUP`` line may come at any time after the environment, also while a reply is awaited (which
still comes). The only reply of several lines is a usage message: ``520-…`` up to ``520 …``.
See "Asterisk Gateway Interface" and "AGI Commands" in the Asterisk documentation.

Use: `AgiSession.feed` what was read, then call `AgiSession.next_event` until it gives None;
`AgiSession.send` turns a command into the bytes to write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import unquote

from ivr.errors import BadCommand, ProtocolError

MAX_LINE_BYTES = 8192
MAX_HEADERS = 200
"""Asterisk writes some 25, and one for each argument of the application (128 at most)."""
MAX_ENVIRONMENT_BYTES = 65536
MAX_USAGE_LINES = 200
MAX_COMMAND_BYTES = 2047
"""Asterisk reads commands into 2048 bytes, the closing NUL among them."""

OK = 200
UNKNOWN_COMMAND = 510
DEAD_CHANNEL = 511
USAGE = 520

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_REPLY = re.compile(
    r"(?P<code>[1-9][0-9]{2})"
    r"(?: result=(?P<result>[^\s()]*)(?: \((?P<value>.*)\))?)?"
    r"(?: (?P<text>.*))?"
)
_ENDPOS = re.compile(r"(?:^| )endpos=([0-9]{1,18})(?: |$)")


class State(Enum):
    """Where a session stands."""

    ENVIRONMENT = "environment"
    IDLE = "idle"
    AWAITING = "awaiting"
    BROKEN = "broken"


class Step(Enum):
    """What moves a session on."""

    ENVIRONMENT_ENDED = "environment ended"
    COMMAND_SENT = "command sent"
    REPLY_CAME = "reply came"


TRANSITIONS: Mapping[tuple[State, Step], State] = {
    (State.ENVIRONMENT, Step.ENVIRONMENT_ENDED): State.IDLE,
    (State.IDLE, Step.COMMAND_SENT): State.AWAITING,
    (State.AWAITING, Step.REPLY_CAME): State.IDLE,
}


@dataclass(frozen=True, slots=True)
class AgiRequest:
    """What Asterisk said of itself: the environment without the ``agi_`` of its names."""

    variables: Mapping[str, str]

    @property
    def channel(self) -> str:
        """Name of the channel, such as ``PJSIP/trunk-00000001``."""
        return self.variables.get("channel", "")

    @property
    def uniqueid(self) -> str:
        """Uniqueid of the channel."""
        return self.variables.get("uniqueid", "")

    @property
    def callerid(self) -> str:
        """The caller's number; empty where Asterisk does not know it."""
        number = self.variables.get("callerid", "")
        return "" if number == "unknown" else number

    @property
    def script(self) -> str:
        """The path in ``agi://host:port/path?query``."""
        return self.variables.get("network_script", "").partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The query in ``agi://host:port/path?query``; a ``+`` is a plus, as in numbers."""
        _, _, query = self.variables.get("network_script", "").partition("?")
        pairs = (part.partition("=") for part in query.split("&") if part)
        return {unquote(name): unquote(value) for name, _, value in pairs}


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer to one command: ``200 result=<result> (<value>) <text>``."""

    code: int
    result: str = ""
    value: str | None = None
    text: str = ""

    @property
    def endpos_samples(self) -> int | None:
        """Where playing ended, in samples, if the reply says so."""
        found = _ENDPOS.search(self.text)
        return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller has hung up."""


AgiEvent = AgiRequest | Reply | HangUp


def quote(argument: str) -> str:
    """One argument of a command, so that Asterisk reads it back as it was.

    Raises `BadCommand` for control characters (a line end would start a second command) and for
    what is not Unicode text.
    """
    if _CONTROL.search(argument):
        raise BadCommand("an argument with a control character may not be sent")
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(slots=True)
class AgiSession:
    """One connection from Asterisk."""

    state: State = State.ENVIRONMENT
    hung_up: bool = False
    _buffer: bytearray = field(default_factory=bytearray)
    _searched: int = 0
    _headers: dict[str, str] = field(default_factory=dict)
    _environment_bytes: int = 0
    _usage: list[str] | None = None

    def feed(self, data: bytes) -> None:
        """Take what was read; a broken session takes nothing more."""
        if self.state is not State.BROKEN:
            self._buffer += data

    def next_event(self) -> AgiEvent | None:
        """The next thing that came in whole, or None until more is fed.

        Raises `ProtocolError`, now and from then on, where the peer does not speak AGI.
        """
        if self.state is State.BROKEN:
            raise ProtocolError("the session is broken")
        try:
            while (line := self._next_line()) is not None:
                if (event := self._read(line)) is not None:
                    return event
        except ProtocolError:
            self.state = State.BROKEN
            self._buffer.clear()
            raise
        return None

    def send(self, name: str, *arguments: str | int) -> bytes:
        """Bytes of a command: its (trusted) name as it stands, its arguments quoted.

        Raises `BadCommand` and changes nothing when the command may not be sent.
        """
        words = [name, *(quote(str(argument)) for argument in arguments)]
        try:
            line = " ".join(words).encode("utf-8") + b"\n"
        except UnicodeEncodeError:
            raise BadCommand("an argument is not Unicode text") from None
        if len(line) > MAX_COMMAND_BYTES:
            raise BadCommand(
                f"{name}: {len(line)} bytes, Asterisk reads at most {MAX_COMMAND_BYTES}"
            )
        self._step(Step.COMMAND_SENT, BadCommand(f"{name}: out of turn ({self.state.value})"))
        return line

    def _step(self, step: Step, refusal: Exception) -> None:
        after = TRANSITIONS.get((self.state, step))
        if after is None:
            raise refusal
        self.state = after

    def _next_line(self) -> str | None:
        end = self._buffer.find(b"\n", self._searched)
        if end > MAX_LINE_BYTES or (end < 0 and len(self._buffer) > MAX_LINE_BYTES):
            raise ProtocolError(f"a line of more than {MAX_LINE_BYTES} bytes")
        if end < 0:
            self._searched = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._searched = 0
        if b"\0" in line:
            raise ProtocolError("a line with a NUL")
        if self.state is State.ENVIRONMENT:
            self._environment_bytes += len(line) + 1
        return line.removesuffix(b"\r").decode("utf-8", "replace")

    def _read(self, line: str) -> AgiEvent | None:
        if self.state is State.ENVIRONMENT:
            return self._read_header(line)
        if self._usage is not None:
            return self._read_usage(self._usage, line)
        if line == "HANGUP":
            if self.hung_up:
                raise ProtocolError("HANGUP twice")
            self.hung_up = True
            return HangUp()
        if line.startswith(f"{USAGE}-") and self.state is State.AWAITING:
            self._usage = []
            return None
        return self._read_reply(line)

    def _read_header(self, line: str) -> AgiRequest | None:
        if not line:
            if "request" not in self._headers:
                raise ProtocolError("an environment without agi_request")
            self._step(Step.ENVIRONMENT_ENDED, ProtocolError("a second environment"))
            return AgiRequest(dict(self._headers))
        name, colon, value = line.partition(":")
        if not colon or not name.startswith("agi_"):
            raise ProtocolError("a line of the environment that is not agi_name: value")
        if len(self._headers) >= MAX_HEADERS or self._environment_bytes > MAX_ENVIRONMENT_BYTES:
            raise ProtocolError("an environment beyond the limits")
        if name.removeprefix("agi_") in self._headers:
            raise ProtocolError("a name twice in the environment")
        self._headers[name.removeprefix("agi_")] = value.removeprefix(" ")
        return None

    def _read_usage(self, usage: list[str], line: str) -> Reply | None:
        if line.startswith(f"{USAGE} "):
            text, self._usage = "\n".join(usage), None
            return self._replied(Reply(USAGE, text=text))
        if len(usage) >= MAX_USAGE_LINES:
            raise ProtocolError(f"a usage message of more than {MAX_USAGE_LINES} lines")
        usage.append(line)
        return None

    def _read_reply(self, line: str) -> Reply:
        found = _REPLY.fullmatch(line)
        if found is None:
            raise ProtocolError("a line that is no reply")
        return self._replied(
            Reply(
                code=int(found["code"]),
                result=found["result"] or "",
                value=found["value"],
                text=found["text"] or "",
            )
        )

    def _replied(self, reply: Reply) -> Reply:
        self._step(Step.REPLY_CAME, ProtocolError("a reply that nobody asked for"))
        return reply
