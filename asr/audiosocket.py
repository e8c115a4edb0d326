"""AudioSocket, the protocol by which Asterisk sends the sound of one channel over TCP.

Every message is a header of three bytes (kind, payload length big endian) and a payload. The
first is the UUID of the connection; sound follows in messages of 20 ms, signed linear 16 bits
little endian. Reference: Asterisk documentation, "AudioSocket", and ``res_audiosocket.h``.

This module is sans-IO: `AudioSocket.feed` takes bytes and gives events. The peer is not
trusted: a message out of place or out of bounds raises `ProtocolError`, after which nothing
more is taken from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from uuid import UUID

from asr.errors import ProtocolError

HEADER_BYTES = 3
MAX_PAYLOAD_BYTES = 8_192
"""More than 20 ms of any rate Asterisk knows; what is longer is not sound."""

FRAME_MS = 20
BYTES_PER_SAMPLE = 2


class Kind(IntEnum):
    """First byte of a message."""

    HANG_UP = 0x00
    UUID = 0x01
    DIGIT = 0x03
    SLIN_8 = 0x10
    SLIN_12 = 0x11
    SLIN_16 = 0x12
    SLIN_24 = 0x13
    SLIN_32 = 0x14
    SLIN_44 = 0x15
    SLIN_48 = 0x16
    ERROR = 0xFF


RATES_HZ = {Kind.SLIN_8: 8_000, Kind.SLIN_16: 16_000}
"""The kinds of sound that the recognisers take: telephone and wideband."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The peer named its connection; always the first event."""

    uuid: UUID


@dataclass(frozen=True, slots=True)
class Sound:
    """Signed linear 16-bit little endian, one channel."""

    pcm: bytes
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Digit:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class PeerHungUp:
    """The channel ended; nothing follows."""


@dataclass(frozen=True, slots=True)
class PeerFailed:
    """Asterisk reports an error of its own (1 hang-up, 2 frame, 4 memory); nothing follows."""

    code: int


Event = Identified | Sound | Digit | PeerHungUp | PeerFailed


class _State(Enum):
    NAMELESS = auto()
    STREAMING = auto()
    ENDED = auto()
    REFUSED = auto()


_ALLOWED: dict[_State, frozenset[Kind]] = {
    _State.NAMELESS: frozenset({Kind.UUID}),
    _State.STREAMING: frozenset({*RATES_HZ, Kind.DIGIT, Kind.HANG_UP, Kind.ERROR}),
    _State.ENDED: frozenset(),
    _State.REFUSED: frozenset(),
}
"""Which messages may come when. Everything else is refused."""


class AudioSocket:
    """One side of one connection: bytes in, events out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._state = _State.NAMELESS

    @property
    def ended(self) -> bool:
        """The peer has said that nothing follows, or was refused."""
        return self._state in (_State.ENDED, _State.REFUSED)

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take what the network delivered, in whatever pieces; gives the events in it.

        The iterator raises `ProtocolError` at the first message that is out of place or out of
        bounds; the connection must end then.
        """
        self._buffer += data
        return self._events()

    def _events(self) -> Iterator[Event]:
        while len(self._buffer) >= HEADER_BYTES:
            kind = self._kind(self._buffer[0])
            length = int.from_bytes(self._buffer[1:HEADER_BYTES], "big")
            if length > MAX_PAYLOAD_BYTES:
                raise self._refuse(f"a payload of {length} bytes; at most {MAX_PAYLOAD_BYTES}")
            end = HEADER_BYTES + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[HEADER_BYTES:end])
            del self._buffer[:end]
            yield self._event(kind, payload)

    def eof(self) -> None:
        """The connection ended. Raises `ProtocolError` if it did so inside a message."""
        if self._buffer and not self.ended:
            raise self._refuse(f"the connection ended {len(self._buffer)} bytes into a message")
        self._state = _State.ENDED

    def _kind(self, byte: int) -> Kind:
        try:
            kind = Kind(byte)
        except ValueError:
            raise self._refuse(f"an unknown kind of message, 0x{byte:02x}") from None
        if kind not in _ALLOWED[self._state]:
            raise self._refuse(f"{kind.name} while {self._state.name.lower()}")
        return kind

    def _event(self, kind: Kind, payload: bytes) -> Event:
        if kind is Kind.UUID:
            if len(payload) != 16:
                raise self._refuse(f"a UUID of {len(payload)} bytes; 16 expected")
            self._state = _State.STREAMING
            return Identified(UUID(bytes=payload))
        if kind in RATES_HZ:
            if len(payload) % BYTES_PER_SAMPLE:
                raise self._refuse(f"{len(payload)} bytes of sound: half a sample")
            return Sound(payload, RATES_HZ[kind])
        if kind is Kind.DIGIT:
            if len(payload) != 1 or payload not in b"0123456789*#ABCD":
                raise self._refuse("a digit that no telephone has")
            return Digit(payload.decode("ascii"))
        self._state = _State.ENDED
        if kind is Kind.HANG_UP:
            return PeerHungUp()
        return PeerFailed(payload[0] if payload else 0)

    def _refuse(self, why: str) -> ProtocolError:
        self._state = _State.REFUSED
        self._buffer.clear()
        return ProtocolError(f"AudioSocket peer sent {why}")


def message(kind: Kind, payload: bytes = b"") -> bytes:
    """Encode one message. Raises `ValueError` if we would send what a peer must refuse."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"payload of {len(payload)} bytes; at most {MAX_PAYLOAD_BYTES}")
    return bytes((kind,)) + len(payload).to_bytes(2, "big") + payload


def silence(rate_hz: int = 8_000) -> bytes:
    """Encode 20 ms of silence, ready to send."""
    kind = next(kind for kind, hz in RATES_HZ.items() if hz == rate_hz)
    return message(kind, bytes(rate_hz * FRAME_MS // 1000 * BYTES_PER_SAMPLE))
