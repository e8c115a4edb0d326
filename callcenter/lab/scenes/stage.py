"""What every scene needs: the lab, its API, phones, the screen, and a list of what went wrong."""

from __future__ import annotations

import asyncio
import hashlib
import time
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile
from callcenter.lab.lab_phones import LabPhones
from callcenter.lab.live_words import LiveWords
from callcenter.lab.phone import Phone
from callcenter.lab.voices import ENGLISH, speak

POLL_S = 0.05
FILED_WITHIN_S = 15.0
PICK_UP_S = 0.3


class SceneBroken(Exception):
    """A scene cannot go on: what it waited for did not happen."""


@dataclass(slots=True)
class Stage:
    """One running lab with an audience."""

    lab: LabFile
    api: HotlineApi
    phones: LabPhones
    console: Console
    words: LiveWords
    faults: list[str] = field(default_factory=list)
    scene: str = ""

    def open_scene(self, name: str, what: str) -> None:
        """Say what comes next."""
        self.scene = name
        self.console.print()
        self.console.rule(f"[bold]{name}[/]: {what}", align="left")

    def tell(self, text: str) -> None:
        """Something that happens, not a check."""
        self.console.print(f"  [dim]{escape(text)}[/]", highlight=False)

    def check(self, what: str, ok: bool, seen: object = "") -> bool:
        """Print one step with its verdict, and keep it if it did not happen."""
        mark = "[green]ok[/]    " if ok else "[red]NOT OK[/]"
        detail = f" ({seen})" if str(seen) else ""
        self.console.print(f"  {mark} {escape(what + detail)}", highlight=False, soft_wrap=True)
        if not ok:
            self.faults.append(f"{self.scene}: {what}{detail}")
        return ok

    async def until(
        self,
        what: str,
        holds: Callable[[], Awaitable[bool]],
        timeout_s: float,
        *,
        told: Callable[[], str] | None = None,
    ) -> None:
        """Wait for a step and check it; ``told`` says more of it than how long the wait was.

        `SceneBroken` if the step does not come.
        """
        began = time.monotonic()
        while True:
            try:
                if await holds():
                    break
            except ApiFault as fault:
                reason = str(fault)
            else:
                reason = ""
            if time.monotonic() - began > timeout_s:
                self.check(what, False, reason or f"not within {timeout_s:g} s")
                raise SceneBroken(what)
            await asyncio.sleep(POLL_S)
        waited = f"after {(time.monotonic() - began) * 1000:,.0f} ms"
        self.check(what, True, told() if told else waited)

    async def staff_seats(self) -> None:
        """Register every seat's phone; each answers by itself."""
        for entry in self.lab.seats:
            phone = await self.phones.seat(entry)
            if phone is None:
                raise SceneBroken(f"the phone of seat {entry.id} belongs to somebody else")
            phone.answer_by_itself(PICK_UP_S)

        async def ready() -> bool:
            return all(seat["state"] == "ready" for seat in await self.api.seats())

        await self.until(f"{len(self.lab.seats)} seats are registered and ready", ready, 5.0)

    async def call_from(self, number: str) -> dict[str, Any]:
        """The newest call from a number, as the list shows it; empty when there is none."""
        mine = [call for call in await self.api.calls() if call["from"].lstrip("+") == number]
        return max(mine, key=lambda call: str(call["arrived_at"]), default={})

    def seat_talking_to(self, number: str) -> Phone | None:
        """The seat's phone on which this caller is, as the phone itself sees it."""
        for phone in self.phones.seats.values():
            if phone.call is not None and phone.call.talking and phone.call.peer == number:
                return phone
        return None

    async def reaches_seat(self, number: str, timeout_s: float, why: str = "") -> Phone:
        """Wait until a caller talks to a seat."""

        async def talks() -> bool:
            return self.seat_talking_to(number) is not None

        await self.until(
            f"{number} reaches a seat{why}", talks, timeout_s, told=lambda: self._reached(number)
        )
        seat = self.seat_talking_to(number)
        if seat is None:
            raise SceneBroken(f"{number} lost its seat at once")
        return seat

    def _reached(self, number: str) -> str:
        """Which seat answered, and how long after the caller dialled, as the phones saw it."""
        seat = self.seat_talking_to(number)
        caller = next(one for one in reversed(self.phones.callers) if one.user == number)
        answered_at = seat.calls[-1].established_at if seat else None
        if seat is None or answered_at is None or not caller.calls:
            return "it is gone again"
        after_ms = (answered_at - caller.calls[-1].started_at) * 1000
        return f"{seat.name}, {after_ms:,.0f} ms after its first INVITE"

    async def waits(self, number: str) -> None:
        """Check that this caller is held, and that no seat's phone has been given the call."""

        async def held() -> bool:
            return bool((await self.call_from(number)).get("state") == "waiting")

        await self.until(f"{number} waits", held, 5.0)
        self.check(f"{number} is at no seat", self.seat_talking_to(number) is None)

    async def converse(self, what: str, a: Phone, b: Phone, lines: tuple[str, str]) -> None:
        """Both speak, both are heard: the very same sound arrives at the other ear."""
        voices = (ENGLISH["caller"], ENGLISH["operator"])
        files = [await speak(text, "en", voice) for text, voice in zip(lines, voices, strict=True)]
        delays = []
        for mouth, ear, file in ((a, b, files[0]), (b, a, files[1])):
            said = await mouth.say(file)
            found = await ear.hears(said, timeout_s=said.ends_at - said.started_at + 3.0)
            await mouth.finish(said)
            delays.append(found.delay_ms)
        self.check(what, True, f"mouth to ear {delays[0]} ms and {delays[1]} ms")

    async def closed(self, call_id: str) -> dict[str, Any]:
        """The call as it was filed, with its recording; checks that the file is whole."""

        async def filed() -> bool:
            call = await self.api.call(call_id)
            return bool(call["state"] == "closed" and call["recordings"])

        await self.until(f"call {call_id} is closed and its recording kept", filed, FILED_WITHIN_S)
        call = await self.api.call(call_id)
        for kept in call["recordings"]:
            self.check_recording(kept)
        return call

    def check_recording(self, kept: dict[str, Any]) -> None:
        """The file is there, in two channels, as long as filed, with the hash that was filed."""
        self.check("its recording is whole and has the hash that was filed", _whole(kept))


def _whole(kept: dict[str, Any]) -> bool:
    try:
        content = Path(kept["path"]).read_bytes()
        with wave.open(kept["path"]) as sound:
            two_channels = sound.getnchannels() == 2
            ms = sound.getnframes() * 1000 / sound.getframerate()
    except (OSError, EOFError, wave.Error):
        return False
    same = hashlib.sha256(content).hexdigest() == str(kept["sha256"])
    return same and two_channels and abs(ms - int(kept["duration_ms"])) < 100
