"""A seat's phone that does what no real phone does: plain SIP over UDP, answers of its own making.

It registers with its password, rings, answers as often and with as many tags as it is told, and
sends silence for as long as a call stands. It knows no RFC 4733: its keys are tones in the sound
(ITU-T Q.23).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
import struct
from collections import deque
from types import TracebackType
from typing import Self

import numpy as np

from callcenter.bench.telephone import encoded

HOST = "127.0.0.1"
FRAME_S = 0.02
SILENCE = b"\xff" * 160
FRAME_SAMPLES = 160
ROWS_HZ, COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477)
KEYS = "123456789*0#"
TONE_FRAMES = 6
LEVEL = 6_000
_QUOTED = re.compile(r'(\w+)="([^"]*)"')


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class RawSeat(asyncio.DatagramProtocol):
    """One seat's phone. Use it as an async context manager."""

    def __init__(self, user: str, password: str, host: str, port: int) -> None:
        self._user, self._password, self._server = user, password, (host, port)
        self._registration = secrets.token_hex(8)
        self._number = 0
        self._answers: asyncio.Queue[tuple[int, dict[str, str]]] = asyncio.Queue()
        self._invite: dict[str, str] = {}
        self._media: asyncio.Task[None] | None = None
        self._media_port = 0
        self._sound: deque[bytes] = deque()
        self.rung = 0
        """How many INVITEs have come."""
        self.acknowledged: list[str] = []
        """The tags under which our answers were acknowledged, one for each ACK."""
        self.ended: list[str] = []
        """The tags whose dialog was ended by a BYE."""
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, 0))
        self._port = self._transport.get_extra_info("sockname")[1]
        self._rtp, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=(HOST, 0)
        )
        self._rtp_port = self._rtp.get_extra_info("sockname")[1]
        await self._register(300)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._silent()
        try:
            await self._register(0)
        finally:
            self._transport.close()
            self._rtp.close()

    # What a test tells it to do.

    async def wait_ringing(self) -> None:
        """Wait for an INVITE; it rings."""
        await self._until(lambda: bool(self._invite), "an INVITE")

    def answer(self, tag: str) -> None:
        """Send 200 OK for the call that rings, or stands, under this tag."""
        offer = (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {self._rtp_port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        )
        self._respond("200 OK", self._invite, tag, offer)
        if self._media is None:
            self._media = asyncio.create_task(self._speak(), name="silence")

    def press_in_band(self, key: str) -> None:
        """Sound the two tones of a key for 120 ms."""
        row, column = divmod(KEYS.index(key), 3)
        t = np.arange(TONE_FRAMES * FRAME_SAMPLES) / 8_000
        tones = [np.sin(2 * np.pi * hz * t) for hz in (ROWS_HZ[row], COLUMNS_HZ[column])]
        octets = encoded((LEVEL * sum(tones)).astype(np.int16))
        self._sound.extend(
            octets[at : at + FRAME_SAMPLES] for at in range(0, len(octets), FRAME_SAMPLES)
        )

    async def wait_acknowledged(self, tag: str) -> None:
        """Wait until an answer under this tag was acknowledged."""
        await self._until(lambda: tag in self.acknowledged, f"an ACK for {tag}")

    async def wait_ended(self, tag: str) -> None:
        """Wait until the other side has hung up the dialog of this tag."""
        await self._until(lambda: tag in self.ended, f"a BYE for {tag}")

    # SIP.

    def datagram_received(self, data: bytes, address: object) -> None:
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *rest = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in rest if ": " in line)
        if first.startswith("SIP/2.0"):
            self._answers.put_nowait((int(first.split()[1]), headers))
            return
        method, to_tag = first.split()[0], headers["To"].partition("tag=")[2]
        match method:
            case "INVITE" if headers["CSeq"] != self._invite.get("CSeq") or (
                headers["Call-ID"] != self._invite["Call-ID"]
            ):
                self.rung += 1
                self._invite = headers
                port = re.search(r"m=audio (\d+)", body)
                self._media_port = int(port[1]) if port else 0
                self._respond("180 Ringing", headers, "ringing")
            case "ACK":
                self.acknowledged.append(to_tag)
            case "BYE":
                self.ended.append(to_tag)
                self._respond("200 OK", headers)
            case "OPTIONS":
                self._respond("200 OK", headers, "options")
            case "CANCEL":
                self._respond("200 OK", headers, "ringing")
                self._respond("487 Request Terminated", self._invite, "ringing")
                self.ended.append("ringing")
        self._changed.set()

    def _respond(self, status: str, request: dict[str, str], tag: str = "", body: str = "") -> None:
        lines = (
            f"SIP/2.0 {status}",
            f"Via: {request['Via']}",
            f"From: {request['From']}",
            f"To: {request['To']}" + (f";tag={tag}" if tag else ""),
            f"Call-ID: {request['Call-ID']}",
            f"CSeq: {request['CSeq']}",
            f"Contact: <sip:{self._user}@{HOST}:{self._port}>",
            *(("Content-Type: application/sdp",) if body else ()),
            f"Content-Length: {len(body)}",
        )
        self._send("\r\n".join(lines) + "\r\n\r\n" + body)

    async def _register(self, expires_s: int) -> None:
        status, headers = await self._ask_register(expires_s, "")
        if status == 401:
            known = dict(_QUOTED.findall(headers["WWW-Authenticate"]))
            status, _ = await self._ask_register(expires_s, self._proof(known))
        if status != 200:
            raise AssertionError(f"registration of {self._user} was refused: {status}")

    async def _ask_register(self, expires_s: int, proof: str) -> tuple[int, dict[str, str]]:
        self._number += 1
        aor = f"sip:{self._user}@{self._server[0]}"
        lines = (
            f"REGISTER sip:{self._server[0]} SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:{self._port};branch=z9hG4bK{secrets.token_hex(6)};rport",
            "Max-Forwards: 70",
            f"From: <{aor}>;tag={self._registration}",
            f"To: <{aor}>",
            f"Call-ID: {self._registration}",
            f"CSeq: {self._number} REGISTER",
            f"Contact: <sip:{self._user}@{HOST}:{self._port}>",
            f"Expires: {expires_s}",
            *((f"Authorization: {proof}",) if proof else ()),
            "Content-Length: 0",
        )
        self._send("\r\n".join(lines) + "\r\n\r\n")
        return await asyncio.wait_for(self._answers.get(), 5)

    def _proof(self, known: dict[str, str]) -> str:
        uri, cnonce = f"sip:{self._server[0]}", secrets.token_hex(4)
        realm, nonce = known["realm"], known["nonce"]
        who = _md5(f"{self._user}:{realm}:{self._password}")
        what = _md5(f"REGISTER:{uri}")
        answer = _md5(f"{who}:{nonce}:00000001:{cnonce}:auth:{what}")
        return (
            f'Digest username="{self._user}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
            f' response="{answer}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc=00000001'
            + (f', opaque="{known["opaque"]}"' if "opaque" in known else "")
        )

    def _send(self, message: str) -> None:
        self._transport.sendto(message.encode(), self._server)

    async def _speak(self) -> None:
        """A phone that sends nothing would be taken for one that has vanished."""
        number, source = 0, secrets.randbits(32)
        while True:
            head = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * 160, source)
            sound = self._sound.popleft() if self._sound else SILENCE
            self._rtp.sendto(head + sound, (HOST, self._media_port))
            number += 1
            await asyncio.sleep(FRAME_S)

    async def _silent(self) -> None:
        if self._media is not None:
            self._media.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._media

    async def _until(self, holds, what: str, timeout_s: float = 10.0) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self._user}: no {what} within {timeout_s:g} s") from None
