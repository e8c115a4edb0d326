"""A caller whose number is any text: plain SIP over UDP, since real phones refuse to send that."""

from __future__ import annotations

import asyncio
import secrets
from types import TracebackType
from typing import Self
from urllib.parse import quote


class RawCaller(asyncio.DatagramProtocol):
    """Dials a line and stays, silent, until it hangs up. Use it as an async context manager."""

    def __init__(self, user: str, number: str, host: str, port: int) -> None:
        self._from = f"<sip:{quote(user, safe='')}@127.0.0.1>;tag={secrets.token_hex(4)}"
        self._line = f"sip:{number}@{host}:{port}"
        self._to = f"<{self._line}>"
        self._address = (host, port)
        self._call_id = secrets.token_hex(8)
        self._answered = asyncio.Event()
        self._hung_up = asyncio.Event()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self._port = self._transport.get_extra_info("sockname")[1]
        offer = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self._port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        )
        self._send("INVITE", 1, offer)
        await asyncio.wait_for(self._answered.wait(), 10)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._send("BYE", 2)
        try:
            await asyncio.wait_for(self._hung_up.wait(), 10)
        finally:
            self._transport.close()

    def datagram_received(self, data: bytes, address: object) -> None:
        text = data.decode("utf-8", "replace")
        if not text.startswith("SIP/2.0 200"):
            return
        headers = dict(line.split(": ", 1) for line in text.split("\r\n") if ": " in line)
        self._to = headers["To"]
        if headers["CSeq"].endswith("INVITE"):
            self._send("ACK", 1)
            self._answered.set()
        else:
            self._hung_up.set()

    def _send(self, method: str, number: int, body: str = "") -> None:
        via = f"SIP/2.0/UDP 127.0.0.1:{self._port};branch=z9hG4bK{secrets.token_hex(6)};rport"
        lines = (
            f"{method} {self._line} SIP/2.0",
            f"Via: {via}",
            "Max-Forwards: 70",
            f"From: {self._from}",
            f"To: {self._to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:caller@127.0.0.1:{self._port}>",
            *(("Content-Type: application/sdp",) if body else ()),
            f"Content-Length: {len(body)}",
        )
        message = "\r\n".join(lines) + "\r\n\r\n" + body
        self._transport.sendto(message.encode(), self._address)
