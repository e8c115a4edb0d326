"""What the service and a worker process say to each other: JSON lines over a socket pair.

Every message is one of the dataclasses below, its class name under "is". The channel is also
the leash: a worker whose service is gone reads end of file and ends itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from asr.errors import ControlError

MAX_LINE_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Configure:
    """First message to a worker."""

    host: str
    port: int
    models_dir: str
    engines: list[str]
    languages: list[str]
    skip: list[str]
    """Models ("engine/name") that must not be tried: they ended a worker before."""


@dataclass(frozen=True, slots=True)
class Expect:
    """A tap that Asterisk will connect within ``within_s``, once."""

    uuid: str
    language: str
    call_started_at: float
    within_s: float


@dataclass(frozen=True, slots=True)
class Close:
    """End a tap: finish what was begun, hang up."""

    uuid: str


@dataclass(frozen=True, slots=True)
class Interim:
    """Make interim text, or do not."""

    on: bool


@dataclass(frozen=True, slots=True)
class Defer:
    """Leave the words of a tap for later, or do not any more; from the next utterance on."""

    uuid: str
    on: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """Recognise another language on a tap, from the next utterance on."""

    uuid: str
    language: str


@dataclass(frozen=True, slots=True)
class LateBegin:
    """A stretch of a recording is to be recognised; its first sample was spoken at ``from_ms``.

    The worker asks for its sound with `LateMore`. Its text comes as `Text` with ``uuid`` = job.
    """

    job: str
    language: str
    rate_hz: int
    from_ms: int


@dataclass(frozen=True, slots=True)
class LateSound:
    """The next of a recording: 16-bit samples as base64. Empty: that was all."""

    job: str
    pcm: str


@dataclass(frozen=True, slots=True)
class LateMore:
    """The worker has decoded what it was given of a recording."""

    job: str


@dataclass(frozen=True, slots=True)
class LateDone:
    """A recording has been recognised to its end; all its text was told."""

    job: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you well? Answered by `Pong` of the same number."""

    number: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish what was begun and end."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The worker takes taps; models are still being loaded."""

    port: int


@dataclass(frozen=True, slots=True)
class CannotListen:
    """The worker's port is not to be had."""

    why: str


@dataclass(frozen=True, slots=True)
class Loading:
    """A model is about to be loaded: if the worker dies now, this is why."""

    model: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """All models that could be loaded are: language to "engine/model", and what is wrong."""

    engines: dict[str, str]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """Asterisk connected a tap; its first sample was spoken at ``at_ms``."""

    uuid: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Voice:
    """Voice began or ended on a tap."""

    uuid: str
    started: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Text:
    """Words of one segment; ``words`` are [text, start_ms, end_ms, confidence]."""

    uuid: str
    segment: str
    start_ms: int
    end_ms: int
    text: str
    final: bool
    confidence: float | None
    engine: str
    model: str
    language: str
    words: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Missed:
    """Voice of a tap that is not decoded, to be recognised later."""

    uuid: str
    from_ms: int
    to_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A tap ended; all its text has been told."""

    uuid: str
    why: str


@dataclass(frozen=True, slots=True)
class Pong:
    """How the worker is."""

    number: int
    memory_mib: int
    taps: int
    decoding_s: float
    """How long the present step of decoding has been going on; 0 when idle."""
    backlog_ms: int
    """Sound that waits to be decoded, of the tap that is latest."""
    left_out_ms: int
    """Voice that was left for later, ever."""
    demand: float = 0.0
    """Share of its time that decoding would take if it kept up (`asr.load_meter`)."""


Message = (
    Configure
    | Expect
    | Close
    | Interim
    | Defer
    | Switch
    | LateBegin
    | LateSound
    | LateMore
    | LateDone
    | Ping
    | Stop
    | Listening
    | CannotListen
    | Loading
    | Loaded
    | Opened
    | Voice
    | Text
    | Missed
    | Closed
    | Pong
)
_KINDS: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (
        Configure,
        Expect,
        Close,
        Interim,
        Defer,
        Switch,
        LateBegin,
        LateSound,
        LateMore,
        LateDone,
        Ping,
        Stop,
        Listening,
        CannotListen,
        Loading,
        Loaded,
        Opened,
        Voice,
        Text,
        Missed,
        Closed,
        Pong,
    )
}


def encode(message: Message) -> bytes:
    """One line."""
    return json.dumps({"is": type(message).__name__, **asdict(message)}).encode() + b"\n"


class Lines:
    """Cuts a byte stream into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take what arrived. Raises `ControlError` for a line that is no message."""
        self._buffer += data
        *lines, rest = bytes(self._buffer).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise ControlError(f"a control line of more than {MAX_LINE_BYTES} bytes")
        self._buffer = bytearray(rest)
        return [_decode(line) for line in lines]


def _decode(line: bytes) -> Message:
    try:
        fields = json.loads(line)
        return _KINDS[fields.pop("is")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ControlError(f"not a control message ({type(error).__name__})") from error
