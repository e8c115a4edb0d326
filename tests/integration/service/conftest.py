"""A whole hotline: the real Asterisk, the real service, real phones."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from callcenter.lab import lab as labs
from callcenter.lab.baresip_process import Codec
from callcenter.lab.layout import LabLanguage, LabOptions
from callcenter.lab.phone import Phone
from ivr.speech_out import synthesise_wav
from tests.integration.service.hotline import Hotline


class MakePhone(Protocol):
    """``wait=False``: without a service that says that it knows the seat's phone."""

    def __call__(
        self, user: str, *, wait: bool = True, codec: Codec = "pcmu"
    ) -> Awaitable[Phone]: ...


@contextmanager
def running(folder: Path, language: LabLanguage) -> Iterator[Hotline]:
    # Ports of its own: nobody else's lab must find those of a dead service free.
    shift = 11_012 + 25 * random.randrange(400)  # noqa: S311  # to be apart, not to be secret
    options = LabOptions(folder, seats=3, officers=4, language=language, port_shift=shift)
    labs.up(options, lambda line: None)
    try:
        yield Hotline(folder)
    finally:
        labs.down(folder)


@pytest.fixture(scope="session")
def running_hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    with running(tmp_path_factory.mktemp("hotline") / "lab", "none") as hotline:
        yield hotline


@pytest.fixture(scope="session")
def english_hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """One that understands English, for all who need that."""
    with running(tmp_path_factory.mktemp("english") / "lab", "en") as hotline:
        yield hotline


@pytest.fixture
async def hotline(running_hotline: Hotline) -> AsyncIterator[Hotline]:
    """The hotline, with nothing going on before, and nothing left behind after the test."""
    await running_hotline.is_quiet()
    for seat in running_hotline.seats:
        # One that a test before left resting would make this one fail for it.
        await running_hotline.api(f"seats/{seat}/state", {"state": "ready"})
    yield running_hotline
    await running_hotline.is_quiet()


@pytest.fixture
async def phone(hotline: Hotline, tmp_path: Path) -> AsyncIterator[MakePhone]:
    """Makes phones: ``phone("s01")`` registers, ``phone("2125550100")`` is a caller."""
    made: list[Phone] = []

    async def make(user: str, *, wait: bool = True, codec: Codec = "pcmu") -> Phone:
        sip = hotline.description["sip"]
        folder = tmp_path / f"{len(made)}-{user}"
        new = Phone(user, hotline.password(user), sip["host"], sip["port"], folder, codec=codec)
        made.append(new)
        await new.start()
        if hotline.password(user):
            await new.registered()
        if wait and user in hotline.seats:
            await hotline.seat_is_registered(user)
        return new

    yield make
    vanished = [one.name for one in made if one.pid is None and hotline.password(one.name)]
    await asyncio.gather(*(one.stop() for one in made))
    for user in vanished:
        # Its registration outlived it; a new phone takes it along.
        sip = hotline.description["sip"]
        folder = tmp_path / f"x-{user}"
        async with Phone(user, hotline.password(user), sip["host"], sip["port"], folder) as heir:
            await heir.registered()


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("speech") / "talk.wav"
    asyncio.run(synthesise_wav("Hello, I can hear you now.", "en", file))
    return file


@pytest.fixture
def hear_each_other(speech: Path) -> Callable[[Phone, Phone], Awaitable[None]]:
    async def both(one: Phone, other: Phone) -> None:
        for speaker, listener in ((one, other), (other, one)):
            said = await speaker.say(speech)
            await listener.hears(said)
            await speaker.finish(said)

    return both


@pytest.fixture
def converse(
    hotline: Hotline, hear_each_other: Callable[[Phone, Phone], Awaitable[None]]
) -> Callable[[Phone, Phone, str], Awaitable[None]]:
    """Two who speak until the service has heard both of them."""

    async def until_heard(one: Phone, other: Phone, call_id: str) -> None:
        async def heard() -> bool:
            # A tap may come after the first words, where the machine is busy.
            await hear_each_other(one, other)
            return await hotline.journalled(call_id, "call.conversed") is not None

        await hotline.until(heard, "both were heard", timeout_s=30)

    return until_heard
