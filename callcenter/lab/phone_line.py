"""The signalling side of a phone: process, registration, calls, events, waiting."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from callcenter.lab import baresip_process
from callcenter.lab.baresip_control import ControlLink
from callcenter.lab.baresip_process import RATES_HZ, Account, Codec
from callcenter.lab.ear import Ear
from callcenter.lab.phone_call import PhoneCall
from callcenter.lab.phone_errors import (
    CallGone,
    PhoneDied,
    PhoneError,
    PhoneMisused,
    PhoneTimeout,
)
from callcenter.lab.speech_file import write_padded

DEFAULT_RTP_PORTS = (23000, 24999)
START_TIMEOUT_S = 10.0
NUMBER_SIGNS = frozenset("0123456789+*#")


class PhoneLine:
    """A phone that can be called and can call; `callcenter.lab.phone.Phone` adds the sound."""

    def __init__(
        self,
        user: str,
        password: str | None,
        host: str,
        port: int,
        folder: Path,
        *,
        rtp_ports: tuple[int, int] = DEFAULT_RTP_PORTS,
        name: str | None = None,
        sip_port: int = 0,
        codec: Codec = "pcmu",
    ) -> None:
        self._account = Account(user, password, host, port, codec)
        self.rate_hz = RATES_HZ[codec]
        """Of what it says and hears."""
        self.user = user
        """Its SIP user: a seat's or an officer's id, or the number that it calls from."""
        self.name = name or user
        self.folder = folder
        self._rtp_ports = rtp_ports
        self._sip_port = sip_port
        self._answer_after_s: float | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._link = ControlLink(self.name, self._on_event, self._on_lost, self._fate)
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._registered = False
        self._refused = ""
        self._lost = ""
        self.calls: list[PhoneCall] = []

    # ------------------------------------------------------------------ life

    async def start(self) -> None:
        """Start the process and connect to it. `PhoneMissing` if baresip is not installed."""
        if self._process is not None:
            raise PhoneMisused(f"{self.name}: was started before")
        for _ in range(3):
            control = baresip_process.free_control_address()
            baresip_process.write_folder(
                self.folder, self._account, control, self._rtp_ports, self._sip_port
            )
            silence = self.folder / baresip_process.SILENCE_FILE
            write_padded(np.zeros(0, np.int16), silence, self.rate_hz)
            for old in self.folder.glob("dump-*.wav"):
                old.unlink()
            self._process = await baresip_process.start(self.folder)
            if await self._connect(*control):
                return
            # Somebody else took the control port between its choice and its use.
            await self._link.close()
            await baresip_process.end(self._process)
        tail = baresip_process.log_tail(self.folder)
        fate = baresip_process.fate_in_words(self._process.returncode if self._process else None)
        raise PhoneDied(f"{self.name}: did not start, {fate}: {tail}")

    async def _connect(self, host: str, port: int) -> bool:
        if self._process is None:
            return False
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.returncode is None:
            with contextlib.suppress(OSError):
                await self._link.connect(host, port)
                break
            await asyncio.sleep(0.02)
        else:
            return False
        with contextlib.suppress(PhoneError):
            if self._account.aor not in await self._link.command("reginfo"):
                return False
            if self._account.password is not None:
                await self._replace(self._account)
            return True
        return False

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def stop(self) -> None:
        """Hang up, unregister, end the process. Safe to call at any time, and twice."""
        if self._process is None:
            return
        try:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._process.returncode is None and not self._lost:
                with contextlib.suppress(PhoneError):
                    await self._link.command("quit", timeout_s=1.0)
            await baresip_process.end(self._process)
        finally:
            await self._link.close()

    async def vanish(self) -> None:
        """Kill the process (SIGKILL): no BYE, no un-REGISTER, no more RTP."""
        if self._process is None or self._process.returncode is not None:
            raise PhoneMisused(f"{self.name}: is not running, it cannot vanish")
        self._process.kill()
        await self._process.wait()
        await self._link.ended(timeout_s=1.0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.stop()

    # ------------------------------------------------------------------ signalling

    async def registered(self, timeout_s: float = 5.0) -> None:
        """Wait until the phone's registration was accepted."""
        if self._account.password is None:
            raise PhoneMisused(f"{self.name}: has no password, it does not register")
        await self._until(lambda: self._registered, "be registered", timeout_s)

    async def dial(self, number: str, from_number: str | None = None) -> PhoneCall:
        """Call a number; returns at once, with the call whose INVITE was just sent.

        ``from_number`` makes a phone without a password call under another number than before.
        """
        if not number or not set(number) <= NUMBER_SIGNS:
            raise PhoneMisused(
                f"{self.name}: cannot dial this: only digits, +, * and # are dialled"
            )
        if self.call is not None and self.call.open:
            raise PhoneMisused(f"{self.name}: cannot dial during a call")
        if from_number is not None and from_number != self._account.user:
            await self._become(from_number)
        call = PhoneCall("outgoing", number, time.monotonic(), self._new_ear())
        self.calls.append(call)
        target = f"sip:{number}@{self._account.host}:{self._account.port}"
        await self._link.command("dial", target)
        return call

    async def _become(self, number: str) -> None:
        if self._account.password is not None:
            raise PhoneMisused(f"{self.name}: registers, so it cannot call under another number")
        account = dataclasses.replace(self._account, user=number)
        await self._replace(account)
        self._account, self.user = account, number

    async def _replace(self, account: Account) -> None:
        # The new one first: baresip 1.0 still uses its only account once that is deleted and
        # freed, and one that is made later only by luck lies in the same place.
        await self._link.command("uanew", account.line())
        await self._link.command("uadel", self._account.aor)

    async def wait_ringing(self, timeout_s: float = 10.0) -> PhoneCall:
        """Wait for a call to ring here (incoming) or there (outgoing)."""
        await self._until(
            lambda: (
                self.call is not None
                and self.call.open
                and (self.call.ringing_at is not None or self.call.talking)
            ),
            "ring",
            timeout_s,
        )
        return self._current("ring")

    async def answer(self) -> PhoneCall:
        """Answer the call that rings, and wait until it stands."""
        call = self._current("answer")
        if call.direction != "incoming" or call.established_at is not None:
            raise PhoneMisused(f"{self.name}: there is no ringing call to answer")
        await self._link.command("accept")
        return await self.wait_established(5.0)

    def answer_by_itself(self, after_s: float | None = 0.0) -> None:
        """From now on answer every call so long after it began to ring; None: no longer."""
        self._answer_after_s = after_s

    async def wait_established(self, timeout_s: float = 10.0) -> PhoneCall:
        """Wait until the present call is answered."""
        await self._until(
            lambda: self.call is not None and self.call.talking, "be connected", timeout_s
        )
        return self._current("be connected")

    async def reject(self) -> None:
        """Refuse the call that rings (486)."""
        call = self._current("reject")
        if call.direction != "incoming" or call.established_at is not None:
            raise PhoneMisused(f"{self.name}: there is no ringing call to reject")
        await self.hang_up()

    async def hang_up(self) -> None:
        """End the present call: CANCEL, 486 or BYE, as its state asks."""
        call = self._current("hang up")
        await self._link.command("hangup")
        await self.wait_closed(5.0, call)

    async def wait_closed(
        self, timeout_s: float = 10.0, call: PhoneCall | None = None
    ) -> PhoneCall:
        """Wait until this call (by default the last one) has ended, whoever ended it.

        Name it where the next one may ring the moment that it ends.
        """
        call = call or self.call
        if call is None:
            raise PhoneMisused(f"{self.name}: has had no call that could end")
        await self._until(lambda: not call.open, "have its call ended", timeout_s)
        return call

    async def press(self, digit: str) -> None:
        """Press one key for 0.2 s (RFC 4733)."""
        if len(digit) != 1 or digit not in "0123456789*#ABCD":
            raise PhoneMisused(f"{self.name}: there is no such key: {digit!r}")
        self._talking("press a key")
        await self._link.command("sndcode", digit)

    async def wait_key(self, timeout_s: float = 5.0) -> str:
        """Wait until the other side has pressed a key; all keys that it pressed in this call."""
        call = self._talking("hear a key")
        await self._until(lambda: bool(call.keys_heard), "hear a key", timeout_s)
        return call.keys_heard

    # ------------------------------------------------------------------ events

    @property
    def call(self) -> PhoneCall | None:
        """The present call, or the last one."""
        return self.calls[-1] if self.calls else None

    def _on_event(self, event: dict[str, Any]) -> None:
        now = time.monotonic()
        kind, param = event.get("type"), str(event.get("param", ""))
        if kind == "REGISTER_OK":
            self._registered, self._refused = True, ""
        elif kind == "REGISTER_FAIL":
            self._registered, self._refused = False, param
        elif kind == "CALL_INCOMING":
            peer = str(event.get("peeruri", "")).removeprefix("sip:").partition("@")[0]
            call = PhoneCall("incoming", peer, now, self._new_ear(), ringing_at=now)
            self.calls.append(call)
            if self._answer_after_s is not None:
                self._own(self._answer_later(call, self._answer_after_s), "answer")
        elif (call_now := self.call) is not None and call_now.open:
            self._on_call_event(call_now, str(kind), param, now)
        self._changed.set()

    def _on_call_event(self, call: PhoneCall, kind: str, param: str, now: float) -> None:
        if kind in ("CALL_RINGING", "CALL_PROGRESS") and call.ringing_at is None:
            call.ringing_at = now
        elif kind == "CALL_ESTABLISHED":
            call.established_at = now
            self._on_established(call)
        elif kind == "CALL_DTMF_START":
            call.keys_heard += param
        elif kind == "CALL_CLOSED":
            call.closed_at, call.closed_why = now, param
            call.ear.follow(now)

    async def _answer_later(self, call: PhoneCall, after_s: float) -> None:
        await asyncio.sleep(after_s)
        if call.open and call.established_at is None:
            with contextlib.suppress(PhoneError):
                await self._link.command("accept")

    def _on_established(self, call: PhoneCall) -> None:
        """The call stands: sound can flow."""

    def _on_lost(self, why: str) -> None:
        self._lost = why
        self._registered = False
        if self.call is not None and self.call.open:
            self.call.closed_at, self.call.closed_why = time.monotonic(), why
        self._changed.set()

    async def _fate(self) -> str:
        if self._process is None:
            return "it has no process"
        return await baresip_process.fate(self._process)

    def _new_ear(self) -> Ear:
        return Ear(self.folder, len(self.calls) + 1, self.rate_hz)

    def _own(self, work: Any, what: str) -> None:
        task = asyncio.create_task(work, name=f"phone {self.name} {what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------------ waiting

    async def _until(
        self, holds: Callable[[], bool], what: str, timeout_s: float, *, watch: bool = True
    ) -> None:
        before = self.call if self.call is not None and self.call.open else None
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    if self._lost:
                        raise PhoneDied(
                            f"{self.name}: {self._lost}: {baresip_process.log_tail(self.folder)}"
                        )
                    if watch and before is not None and not before.open and self.call is before:
                        raise CallGone(
                            f"{self.name}: the call ended while it waited to {what}"
                            f" ({before.closed_why})"
                        )
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            why = f" (registration refused: {self._refused})" if self._refused else ""
            raise PhoneTimeout(
                f"{self.name}: timed out after {timeout_s:g} s waiting to {what}{why}"
            ) from None

    def _current(self, what: str) -> PhoneCall:
        if self.call is None or not self.call.open:
            raise PhoneMisused(f"{self.name}: there is no call to {what}")
        return self.call

    def _talking(self, what: str) -> PhoneCall:
        call = self._current(what)
        if not call.talking:
            raise PhoneMisused(f"{self.name}: cannot {what} before the call is answered")
        return call
