"""Seats' phones: plain SIP over one UDP socket for all of them, obedient and without audio.

What comes to a seat is answered as a `Plan` says, drawn anew for each INVITE. Calls are short, so
that nobody misses audio; what Asterisk sends is received and thrown away by the kernel.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from callcenter.bench.errors import BenchFailed
from callcenter.bench.sip import Message, parse, user_of

HOST = "127.0.0.1"
REGISTERED_S = 3600
ANSWER_S = 5.0
"""How long a registration is waited for."""
AGAIN_S = (0.5, 1.0, 2.0, 4.0)
"""A message that nobody acknowledges is sent again after so long (RFC 3261, timers A, E and G)."""
BUFFER_BYTES = 8 << 20
_QUOTED = re.compile(r'(\w+)="([^"]*)"')
_ADDRESS = re.compile(r"<([^>]+)>")


class Does(StrEnum):
    """What a phone does with a call."""

    ANSWERS = "answers"
    REJECTS = "rejects"
    IS_BUSY = "is_busy"
    RINGS = "rings"
    """Until the caller or the exchange gives up."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a phone does with one call, and when."""

    does: Does = Does.ANSWERS
    after_s: float = 0.0
    talk_s: float | None = None
    """Hangs up after so long; None: it waits for the other side to."""


Planner = Callable[[str], Plan]
"""Given the seat's id."""

REFUSALS: Mapping[Does, str] = {Does.REJECTS: "603 Decline", Does.IS_BUSY: "486 Busy Here"}


@dataclass(eq=False)
class _Dialog:
    """One call at one phone."""

    seat: str
    invite: Message
    tag: str
    plan: Plan
    answered: bool = False
    acknowledged: bool = False
    over: bool = False
    timers: set[asyncio.TimerHandle] = field(default_factory=set)


class SeatPhones(asyncio.DatagramProtocol):
    """The phones of all seats. Use as an async context manager; they are registered within.

    ``passwords``: SIP password by seat id, which is the phone's user name too.
    """

    def __init__(self, passwords: Mapping[str, str], host: str, port: int, plan: Planner) -> None:
        self._passwords = dict(passwords)
        self._server = (host, port)
        self.plan = plan
        self._dialogs: dict[str, _Dialog] = {}
        self._replies: dict[str, asyncio.Future[Message]] = {}
        self._sequence: dict[str, int] = {}
        self._again: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self.rung = 0
        """How many calls have come."""
        self.on_hang_up: Callable[[str], None] = lambda caller: None
        """Hears whose call (From's user) a phone hangs up by itself; may be replaced."""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._audio.bind((HOST, 0))
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        link.bind((HOST, 0))
        link.setblocking(False)
        self._port: int = link.getsockname()[1]
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=link)
        try:
            for seat in self._passwords:
                await self.register(seat)
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            for call in [one for one in self._dialogs.values() if one.answered and not one.over]:
                self._hang_up(call)
            for seat in self._passwords:
                await self.unregister(seat)
        finally:
            self._close()

    def _close(self) -> None:
        for call in self._dialogs.values():
            _cancel(call)
        for timer in self._again.values():
            timer.cancel()
        self._transport.close()
        self._audio.close()

    @property
    def talking(self) -> int:
        """How many phones are in conversation now."""
        return sum(one.answered and not one.over for one in self._dialogs.values())

    # Registration.

    async def register(self, seat: str, expires_s: int = REGISTERED_S) -> None:
        """Make the seat's phone reachable; raises BenchFailed when that is refused."""
        reply = await self._ask_register(seat, expires_s, "")
        if reply.status == 401:
            known = dict(_QUOTED.findall(reply.headers["www-authenticate"]))
            reply = await self._ask_register(seat, expires_s, self._proof(seat, known))
        if reply.status != 200:
            raise BenchFailed(f"Asterisk refused the registration of {seat}: {reply.status}")

    async def unregister(self, seat: str) -> None:
        """Make it unreachable."""
        await self.register(seat, 0)

    async def _ask_register(self, seat: str, expires_s: int, proof: str) -> Message:
        number = self._sequence[seat] = self._sequence.get(seat, 0) + 1
        address = f"sip:{seat}@{self._server[0]}"
        call_id = f"register-{seat}-{self._port}"
        lines = [
            f"REGISTER sip:{self._server[0]} SIP/2.0",
            self._via(),
            "Max-Forwards: 70",
            f"From: <{address}>;tag={seat}",
            f"To: <{address}>",
            f"Call-ID: {call_id}",
            f"CSeq: {number} REGISTER",
            f"Contact: <sip:{seat}@{HOST}:{self._port}>",
            f"Expires: {expires_s}",
            *([f"Authorization: {proof}"] if proof else []),
            "Content-Length: 0",
        ]
        text = "\r\n".join(lines) + "\r\n\r\n"
        reply = self._replies[call_id] = asyncio.get_running_loop().create_future()
        self._send_until_answered((call_id, "REGISTER"), text)
        try:
            return await asyncio.wait_for(reply, ANSWER_S)
        except TimeoutError:
            raise BenchFailed(
                f"Asterisk did not answer the registration of {seat} within {ANSWER_S:g} s"
            ) from None
        finally:
            self._answered((call_id, "REGISTER"))

    def _proof(self, seat: str, known: Mapping[str, str]) -> str:
        uri, client_nonce = f"sip:{self._server[0]}", secrets.token_hex(4)
        who = _md5(f"{seat}:{known['realm']}:{self._passwords[seat]}")
        what = _md5(f"REGISTER:{uri}")
        answer = _md5(f"{who}:{known['nonce']}:00000001:{client_nonce}:auth:{what}")
        opaque = f', opaque="{known["opaque"]}"' if "opaque" in known else ""
        return (
            f'Digest username="{seat}", realm="{known["realm"]}", nonce="{known["nonce"]}", '
            f'uri="{uri}", response="{answer}", algorithm=MD5, cnonce="{client_nonce}", '
            f"qop=auth, nc=00000001{opaque}"
        )

    # Calls.

    def datagram_received(self, data: bytes, address: object) -> None:
        """Follow one message."""
        message = parse(data)
        if message is None:
            return
        if message.status:
            self._replied(message)
            return
        call = self._dialogs.get(message.call_id)
        match message.method:
            case "INVITE" if call is None:
                self._rings(message)
            case "INVITE" if call is not None:
                self._repeat(call, message)
            case "ACK" if call is not None:
                call.acknowledged = True
                self._answered((message.call_id, "200"))
            case "BYE":
                self._respond("200 OK", message)
                if call is not None:
                    self._over(call)
            case "CANCEL":
                self._respond("200 OK", message)
                if call is not None and not call.answered:
                    self._respond("487 Request Terminated", call.invite, call.tag)
                    self._over(call)
            case "OPTIONS":
                self._respond("200 OK", message, "options")

    def _replied(self, message: Message) -> None:
        self._answered((message.call_id, message.method))
        if message.method == "REGISTER":
            reply = self._replies.get(message.call_id)
            if reply is not None and not reply.done():
                reply.set_result(message)

    def _rings(self, invite: Message) -> None:
        seat = user_of(invite.uri)
        self.rung += 1
        call = _Dialog(seat, invite, secrets.token_hex(6), self.plan(seat))
        self._dialogs[invite.call_id] = call
        if call.plan.does is Does.ANSWERS and call.plan.after_s <= 0:
            self._answer(call)
            return
        self._respond("180 Ringing", invite, call.tag)
        if call.plan.does is Does.ANSWERS:
            self._later(call, call.plan.after_s, self._answer)
        elif call.plan.does in REFUSALS:
            self._later(call, call.plan.after_s, self._refuse)

    def _repeat(self, call: _Dialog, invite: Message) -> None:
        """A re-INVITE, or an INVITE that was sent again."""
        if invite.headers.get("cseq") != call.invite.headers.get("cseq"):
            self._respond("200 OK", invite, call.tag, self._offer(invite))

    def _answer(self, call: _Dialog) -> None:
        call.answered = True
        text = self._response("200 OK", call.invite, call.tag, self._offer(call.invite))
        self._send_until_answered((call.invite.call_id, "200"), text)
        if call.plan.talk_s is not None:
            self._later(call, call.plan.talk_s, self._hang_up)

    def _refuse(self, call: _Dialog) -> None:
        self._respond(REFUSALS[call.plan.does], call.invite, call.tag)
        self._over(call)

    def _hang_up(self, call: _Dialog) -> None:
        self.on_hang_up(call.invite.from_user)
        headers = call.invite.headers
        target = _ADDRESS.search(headers.get("contact", ""))
        lines = [
            f"BYE {target[1] if target else call.invite.uri} SIP/2.0",
            self._via(),
            "Max-Forwards: 70",
            f"From: {headers['to']};tag={call.tag}",
            f"To: {headers['from']}",
            f"Call-ID: {call.invite.call_id}",
            "CSeq: 1 BYE",
            "Content-Length: 0",
        ]
        self._over(call)
        self._send_until_answered((call.invite.call_id, "BYE"), "\r\n".join(lines) + "\r\n\r\n")

    def _over(self, call: _Dialog) -> None:
        call.over = True
        self._answered((call.invite.call_id, "200"))
        _cancel(call)
        # Remembered for a while: the end of a call may be sent again.
        asyncio.get_running_loop().call_later(
            sum(AGAIN_S), self._dialogs.pop, call.invite.call_id, None
        )

    def _later(self, call: _Dialog, after_s: float, do: Callable[[_Dialog], None]) -> None:
        def fire() -> None:
            if not call.over:
                do(call)

        call.timers.add(asyncio.get_running_loop().call_later(after_s, fire))

    # The wire.

    def _offer(self, invite: Message) -> str:
        return (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {self._audio.getsockname()[1]} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        )

    def _respond(self, status: str, request: Message, tag: str = "", body: str = "") -> None:
        self._send(self._response(status, request, tag, body))

    def _response(self, status: str, request: Message, tag: str, body: str) -> str:
        headers = request.headers
        to = headers["to"] + (f";tag={tag}" if tag and not request.to_tag else "")
        lines = [
            f"SIP/2.0 {status}",
            f"Via: {headers['via']}",
            f"From: {headers['from']}",
            f"To: {to}",
            f"Call-ID: {request.call_id}",
            f"CSeq: {headers['cseq']}",
            f"Contact: <sip:{user_of(request.uri)}@{HOST}:{self._port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def _via(self) -> str:
        return f"Via: SIP/2.0/UDP {HOST}:{self._port};branch=z9hG4bK{secrets.token_hex(8)};rport"

    def _send(self, text: str) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(text.encode(), self._server)

    def _send_until_answered(self, key: tuple[str, str], text: str) -> None:
        """Send now, and again until `_answered` is told; UDP may lose it."""
        loop = asyncio.get_running_loop()
        pauses = iter(AGAIN_S)

        def send() -> None:
            self._send(text)
            pause_s = next(pauses, None)
            if pause_s is None:
                self._again.pop(key, None)
            else:
                self._again[key] = loop.call_later(pause_s, send)

        send()

    def _answered(self, key: tuple[str, str]) -> None:
        timer = self._again.pop(key, None)
        if timer is not None:
            timer.cancel()


def _cancel(call: _Dialog) -> None:
    for timer in call.timers:
        timer.cancel()
    call.timers.clear()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
