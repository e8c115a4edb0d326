"""Phones with a voice: officers who answer, press a key and speak, and callers who speak.

One UDP socket carries all of their sound; Asterisk tells them apart by its own ports. They speak in
short bursts, only while that matters: fifty calls of unbroken sound would measure this program.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from callcenter.bench.errors import BenchFailed
from callcenter.bench.phones import AGAIN_S, HOST, SeatPhones, _Dialog
from callcenter.bench.sip import Message, parse
from callcenter.bench.telephone import decoded

PACKET_SAMPLES: Final = 160
PACKET_S: Final = 0.02
EVENT_TYPE: Final = 101
EVENT_PACKETS: Final = 6
"""Of one key: 120 ms, and its end three times (RFC 4733, section 2.5.1.4)."""
END_PACKETS: Final = 3
VOLUME: Final = 10
RTP_HEADER_BYTES: Final = 12
LOUD: Final = 60
"""Mean magnitude of 16-bit samples above which a packet is no silence."""
_MEDIA = re.compile(r"^m=audio (\d+) ", re.MULTILINE)
_HOST = re.compile(r"^c=IN IP4 (\S+)", re.MULTILINE)


def media_of(body: str) -> tuple[str, int] | None:
    """Where the other side wants its sound (SDP, RFC 4566)."""
    port, host = _MEDIA.search(body), _HOST.search(body)
    return (host[1], int(port[1])) if port and host else None


def loud(octets: bytes) -> bool:
    """Whether a packet of µ-law is more than silence."""
    return bool(octets) and float(np.abs(decoded(octets).astype(np.int32)).mean()) > LOUD


def sdp(port: int) -> str:
    """An offer or answer of G.711 with keys by RFC 4733."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0 {EVENT_TYPE}\r\na=rtpmap:0 PCMU/8000\r\n"
        f"a=rtpmap:{EVENT_TYPE} telephone-event/8000\r\na=fmtp:{EVENT_TYPE} 0-16\r\n"
    )


@dataclass(slots=True)
class Mouth:
    """What one phone sends: RTP of one stream."""

    link: socket.socket
    to: tuple[str, int]
    source: int = field(default_factory=lambda: secrets.randbits(32))
    number: int = 0
    stamp: int = 0
    closed: bool = False
    """The call is over. Its port may be another call's next, which then would hear this mouth."""

    def _send(self, kind: int, payload: bytes, *, marker: bool = False) -> None:
        if self.closed:
            return
        self.number = self.number + 1 & 0xFFFF
        head = struct.pack("!BBHII", 0x80, kind | marker << 7, self.number, self.stamp, self.source)
        self.link.sendto(head + payload, self.to)

    async def speak(self, octets: bytes) -> None:
        """Send µ-law in real time, until the end of it or of the call."""
        for at in range(0, len(octets), PACKET_SAMPLES):
            if self.closed:
                return
            self._send(0, octets[at : at + PACKET_SAMPLES], marker=at == 0)
            self.stamp = self.stamp + PACKET_SAMPLES & 0xFFFFFFFF
            await asyncio.sleep(PACKET_S)

    async def press(self, key: int) -> None:
        """One key."""
        for count in range(1, EVENT_PACKETS + END_PACKETS + 1):
            ended = count > EVENT_PACKETS
            length = min(count, EVENT_PACKETS) * PACKET_SAMPLES
            event = struct.pack("!BBH", key, VOLUME | ended << 7, length)
            self._send(EVENT_TYPE, event, marker=count == 1)
            await asyncio.sleep(PACKET_S)
        self.stamp = self.stamp + EVENT_PACKETS * PACKET_SAMPLES & 0xFFFFFFFF


class OfficerPhones(SeatPhones):
    """Officers' phones. ``on_ring`` and ``on_answer`` hear which, and get its voice at the answer.

    What each does is its `Plan`.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._mouths: dict[str, Mouth] = {}

    on_ring: Callable[[str], None] = staticmethod(lambda officer: None)
    on_answer: Callable[[str, Mouth], None] = staticmethod(lambda officer, mouth: None)

    def _rings(self, invite: Message) -> None:
        super()._rings(invite)
        call = self._dialogs[invite.call_id]
        if call.seat:
            self.on_ring(call.seat)

    def _answer(self, call: _Dialog) -> None:
        super()._answer(call)
        where = media_of(call.invite.body)
        if where is not None:
            mouth = self._mouths[call.invite.call_id] = Mouth(self._audio, where)
            self.on_answer(call.seat, mouth)

    def _over(self, call: _Dialog) -> None:
        super()._over(call)
        if mouth := self._mouths.pop(call.invite.call_id, None):
            mouth.closed = True

    def _offer(self, invite: Message) -> str:
        return sdp(self._audio.getsockname()[1])


class SpeakingCallers(asyncio.DatagramProtocol):
    """Callers of the trunk. Use as an async context manager."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._calls: dict[str, _Call] = {}
        self._listening: dict[int, _Call] = {}
        """By Asterisk's port for their sound."""

    async def __aenter__(self) -> SpeakingCallers:
        self._audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._audio.bind((HOST, 0))
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(HOST, 0)
        )
        self._transport = transport
        self._audio.setblocking(False)
        asyncio.get_running_loop().add_reader(self._audio, self._hear)
        self._port: int = transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._audio)
        self._transport.close()
        self._audio.close()

    def _hear(self) -> None:
        """Note when each caller heard something that is no silence."""
        while True:
            try:
                packet, source = self._audio.recvfrom(2048)
            except BlockingIOError:
                return
            call = self._listening.get(source[1])
            if call is not None and loud(packet[RTP_HEADER_BYTES:]):
                call.sounds.append(time.monotonic())

    async def dial(self, number: str, line: str, within_s: float) -> _Call:
        """Call, until it is answered; raises BenchFailed when it is not."""
        call = _Call(self, number, line, asyncio.get_running_loop().create_future())
        self._calls[call.id] = call
        resend = asyncio.create_task(self._until_answered(call))
        try:
            where = await asyncio.wait_for(call.answered, within_s)
        except TimeoutError:
            raise BenchFailed(f"caller {number} was not answered in {within_s:g} s") from None
        finally:
            resend.cancel()
        call.mouth = Mouth(self._audio, where)
        self._listening[where[1]] = call
        return call

    async def _until_answered(self, call: _Call) -> None:
        for pause_s in AGAIN_S:
            self.send(call.invite(self._port, sdp(self._audio.getsockname()[1])))
            await asyncio.sleep(pause_s)

    def send(self, text: str) -> None:
        """One message to Asterisk."""
        if not self._transport.is_closing():
            self._transport.sendto(text.encode(), self._server)

    def datagram_received(self, data: bytes, address: object) -> None:
        """Follow one message."""
        message = parse(data)
        call = self._calls.get(message.call_id) if message else None
        if message is None or call is None:
            return
        if message.method == "INVITE" and message.status >= 200:
            call.to = message.headers["to"]
            self.send(call.request("ACK", 1, self._port))
            where = media_of(message.body)
            if where and not call.answered.done():
                call.answered.set_result(where)
        elif message.method == "BYE" and not message.status:
            call.fall_silent()
            call.over_at = call.over_at or time.monotonic()
            call.over.set()
            self.send(call.ok(message))
        elif message.method == "BYE":
            call.over.set()

    def hang_up(self, call: _Call) -> None:
        """End a call."""
        call.fall_silent()
        self.send(call.request("BYE", 2, self._port))


@dataclass(eq=False)
class _Call:
    """One call of one caller."""

    callers: SpeakingCallers
    number: str
    line: str
    answered: asyncio.Future[tuple[str, int]]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    tag: str = field(default_factory=lambda: secrets.token_hex(4))
    to: str = ""
    mouth: Mouth | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    over_at: float | None = None
    """When Asterisk ended it."""
    sounds: list[float] = field(default_factory=list)
    """When something was heard (monotonic seconds)."""

    def fall_silent(self) -> None:
        """Say nothing any more."""
        if self.mouth is not None:
            self.mouth.closed = True

    def silence_s(self, since: float, until: float) -> float:
        """The longest time without a sound between two moments."""
        heard = [since, *(at for at in self.sounds if since < at < until), until]
        return max((b - a for a, b in pairwise(heard)), default=0.0)

    def invite(self, port: int, body: str) -> str:
        """The INVITE."""
        return self.request("INVITE", 1, port, body)

    def request(self, method: str, sequence: int, port: int, body: str = "") -> str:
        """A request of this dialog."""
        uri = f"sip:{self.line}@{self.callers._server[0]}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:{port};branch=z9hG4bK{self.id}{method}{sequence};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.number}@{HOST}>;tag={self.tag}",
            f"To: {self.to or f'<{uri}>'}",
            f"Call-ID: {self.id}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self.number}@{HOST}:{port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def ok(self, message: Message) -> str:
        """The answer to a request."""
        headers = message.headers
        lines = [
            "SIP/2.0 200 OK",
            *(f"{name}: {headers[name.lower()]}" for name in ("Via", "From", "To", "Call-ID")),
            f"CSeq: {headers['cseq']}",
            "Content-Length: 0",
        ]
        return "\r\n".join(lines) + "\r\n\r\n"
