"""A whole hotline: the real Asterisk, the real service, real phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from callcenter.lab import lab as labs
from callcenter.lab.layout import LabOptions
from callcenter.lab.phone import Phone
from ivr.speech_out import synthesise_wav
from tests.integration.service.hotline import Hotline

MakePhone = Callable[[str], Awaitable[Phone]]


@pytest.fixture(scope="session")
def running_hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    folder = tmp_path_factory.mktemp("hotline") / "lab"
    labs.up(LabOptions(folder, seats=3, officers=4, language="none"), lambda line: None)
    try:
        yield Hotline(folder)
    finally:
        labs.down(folder)


@pytest.fixture
async def hotline(running_hotline: Hotline) -> AsyncIterator[Hotline]:
    """The hotline, with nothing going on before, and nothing left behind after the test."""
    await running_hotline.is_quiet()
    yield running_hotline
    await running_hotline.is_quiet()


@pytest.fixture
async def phone(hotline: Hotline, tmp_path: Path) -> AsyncIterator[MakePhone]:
    """Makes phones: ``phone("s01")`` registers, ``phone("2125550100")`` is a caller."""
    made: list[Phone] = []

    async def make(user: str) -> Phone:
        sip = hotline.description["sip"]
        folder = tmp_path / f"{len(made)}-{user}"
        new = Phone(user, hotline.password(user), sip["host"], sip["port"], folder)
        made.append(new)
        await new.start()
        if hotline.password(user):
            await new.registered()
        if user in hotline.seats:
            await hotline.seat_is_registered(user)
        return new

    yield make
    vanished = [one.name for one in made if one.pid is None and hotline.password(one.name)]
    await asyncio.gather(*(one.stop() for one in made))
    for user in vanished:
        # Its registration outlived it; a new phone takes it along.
        sip = hotline.description["sip"]
        heir = Phone(user, hotline.password(user), sip["host"], sip["port"], tmp_path / f"x-{user}")
        await heir.start()
        await heir.registered()
        await heir.stop()


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("speech") / "talk.wav"
    asyncio.run(
        synthesise_wav("Somebody says this so that the other side can hear it.", "en", file)
    )
    return file


@pytest.fixture
def hear_each_other(speech: Path) -> Callable[[Phone, Phone], Awaitable[None]]:
    async def both(one: Phone, other: Phone) -> None:
        for speaker, listener in ((one, other), (other, one)):
            said = await speaker.say(speech)
            await listener.hears(said)
            await speaker.finish(said)

    return both
