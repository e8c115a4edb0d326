"""The phones that a player brings to a running lab: seats, officers, callers.

Only phones that nobody else has registered are taken; a lock file a phone keeps two players on
one lab apart. All of them end, and their folders are removed, when the context is left.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from callcenter.lab.lab_file import LabFile, PhoneEntry
from callcenter.lab.phone import Phone
from callcenter.lab.phone_errors import PhoneError

FOLDER = "phones"


class LabPhones:
    """Real phones on one lab. Use it as an async context manager."""

    def __init__(self, lab: LabFile) -> None:
        self._lab = lab
        self._folder = lab.folder / FOLDER
        self._locks: list[IO[str]] = []
        self._numbers = itertools.count(1)
        self.seats: dict[str, Phone] = {}
        self.officers: dict[str, Phone] = {}
        self.callers: list[Phone] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def all(self) -> tuple[Phone, ...]:
        """Every phone that was started."""
        return (*self.seats.values(), *self.officers.values(), *self.callers)

    async def seat(self, entry: PhoneEntry) -> Phone | None:
        """Register this seat's phone; None when another player has it."""
        if entry.id not in self.seats:
            phone = await self._register(entry)
            if phone is None:
                return None
            self.seats[entry.id] = phone
        return self.seats[entry.id]

    async def officer(self, entry: PhoneEntry) -> Phone | None:
        """Register this officer's phone; None when another player has it."""
        if entry.id not in self.officers:
            phone = await self._register(entry)
            if phone is None:
                return None
            self.officers[entry.id] = phone
        return self.officers[entry.id]

    async def caller(self, number: str) -> Phone:
        """A phone that calls from this number."""
        sip = self._lab.sip
        folder = self._folder / f"caller-{os.getpid()}-{next(self._numbers)}"
        phone = Phone(number.lstrip("+"), None, sip.host, sip.port, folder, name=f"caller {number}")
        self.callers.append(phone)
        await phone.start()
        return phone

    async def stop(self) -> None:
        """End all phones; whatever goes wrong with one, the others end too."""
        await asyncio.gather(*(phone.stop() for phone in self.all), return_exceptions=True)
        for phone in self.all:
            shutil.rmtree(phone.folder, ignore_errors=True)
        for lock in self._locks:
            lock.close()
        self._locks.clear()

    async def _register(self, entry: PhoneEntry) -> Phone | None:
        lock = self._take(self._folder / f"{entry.id}.lock")
        if lock is None:
            return None
        self._locks.append(lock)
        sip = self._lab.sip
        phone = Phone(entry.user, entry.password, sip.host, sip.port, self._folder / entry.id)
        try:
            await phone.start()
            await phone.registered()
        except PhoneError:
            await phone.stop()
            raise
        return phone

    def _take(self, file: Path) -> IO[str] | None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = file.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock
