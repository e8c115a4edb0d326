"""Just enough of SIP (RFC 3261) to know which message is which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callcenter.bench.wire import Packet

_USER = re.compile(r"sips?:([^@;>\s]+)@")
_TAG = re.compile(r";\s*tag=([^;>\s]+)")
_COMPACT = {"f": "from", "t": "to", "i": "call-id", "v": "via", "m": "contact"}


@dataclass(frozen=True, slots=True)
class Message:
    """A request (``method``) or a response (``status`` to that method)."""

    method: str
    status: int
    """0 for a request."""
    uri: str
    """Whom a request is sent to; empty for a response."""
    headers: dict[str, str]
    """Names in lower case; of a header that comes twice, the first."""
    body: str

    @property
    def call_id(self) -> str:
        """The dialog's."""
        return self.headers.get("call-id", "")

    @property
    def from_user(self) -> str:
        """Who began the dialog."""
        return user_of(self.headers.get("from", ""))

    @property
    def to_tag(self) -> str:
        """Empty until the other side has answered."""
        return tag_of(self.headers.get("to", ""))


@dataclass(frozen=True, slots=True)
class Seen:
    """A message and when and between which ports it was sent."""

    at: float
    from_port: int
    to_port: int
    message: Message


def parse(data: bytes) -> Message | None:
    """A datagram as SIP; None for what is none (a keep-alive, for one)."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 3:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            name = name.strip().lower()
            headers.setdefault(_COMPACT.get(name, name), value.strip())
    if words[0] == "SIP/2.0":
        if not words[1].isdecimal():
            return None
        return Message(headers.get("cseq", "").partition(" ")[2], int(words[1]), "", headers, body)
    if words[2] != "SIP/2.0":
        return None
    return Message(words[0], 0, words[1], headers, body)


def user_of(address: str) -> str:
    """The user of a SIP address; empty when there is none."""
    found = _USER.search(address)
    return found[1] if found else ""


def tag_of(address: str) -> str:
    """The tag of a From or To."""
    found = _TAG.search(address)
    return found[1] if found else ""


def seen(packets: Iterable[Packet]) -> Iterator[Seen]:
    """The SIP messages among these packets, in their order."""
    for packet in packets:
        message = parse(packet.payload)
        if message is not None:
            yield Seen(packet.at, packet.from_port, packet.to_port, message)
