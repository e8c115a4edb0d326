"""A real Asterisk without a service, real phones, and the events that Asterisk sends."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from callcenter.lab.exchange import Exchange, exchange
from callcenter.lab.phone import Phone
from ivr.fastagi import AgiChannel, FastAgiServer
from ivr.speech_out import synthesise_wav

TALK = "Hello, I can hear you now."
Event = dict[str, str]


class Link:
    """One AMI login, by hand: what is tested here is what Asterisk says and allows."""

    def __init__(self, exchange: Exchange, user: str, secret: str) -> None:
        ami = exchange.settings.ami
        self._socket = socket.create_connection((ami.host, ami.port), timeout=5)
        self._buffer = b""
        self.send(Action="Login", Username=user, Secret=secret)

    def send(self, **headers: str | list[str]) -> None:
        lines = [
            f"{key}: {value}"
            for key, values in headers.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def read(self, timeout_s: float = 5.0) -> dict[str, str]:
        """The next message; TimeoutError when there is none."""
        self._socket.settimeout(timeout_s)
        while b"\r\n\r\n" not in self._buffer:
            read = self._socket.recv(65536)
            if not read:
                raise EOFError("Asterisk closed the AMI link")
            self._buffer += read
        block, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        lines = block.decode("utf-8", "replace").split("\r\n")
        return dict(line.split(": ", 1) for line in lines if ": " in line)

    def ask(self, **headers: str | list[str]) -> dict[str, str]:
        """Send an action; its response."""
        self.send(**headers)
        while "Response" not in (reply := self.read()):
            pass
        return reply

    def close(self) -> None:
        self._socket.close()


@dataclass
class Events:
    """What the reading AMI account is sent, in order."""

    seen: list[Event] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, event: Event) -> None:
        with self.changed:
            self.seen.append(event)
            self.changed.notify_all()

    def of(self, name: str, **match: str) -> list[Event]:
        """Events (a user event by its own name) whose headers match."""
        with self.changed:
            return [
                event
                for event in self.seen
                if name in (event.get("Event"), event.get("UserEvent"))
                and all(event.get(key) == value for key, value in match.items())
            ]

    async def wait(self, name: str, timeout_s: float = 5.0, count: int = 1, **match: str) -> Event:
        """The ``count``-th such event, now or soon."""
        until = time.monotonic() + timeout_s
        while len(found := self.of(name, **match)) < count:
            if time.monotonic() > until:
                heard = [e.get("UserEvent", e.get("Event")) for e in self.seen]
                raise AssertionError(f"no {name} {match} within {timeout_s} s; seen: {heard}")
            await asyncio.sleep(0.02)
        return found[count - 1]


def _listen(link: Link, events: Events, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            message = link.read(0.2)
        except TimeoutError:
            continue
        except EOFError:
            return
        if "Event" in message:
            events.add(message)


@pytest.fixture(scope="session")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """One Asterisk for all tests that need no service."""
    with exchange(tmp_path_factory.mktemp("exchange"), seats=3) as running:
        for phone in running.settings.seat_phones:
            # As the service would have left it: all on duty.
            running.cli(f"queue add member PJSIP/{phone} to fallback penalty 0 as {phone}")
        yield running


@pytest.fixture
def line(asterisk: Exchange) -> Iterator[Exchange]:
    """The Asterisk, with nothing going on before and nothing left behind after the test."""
    asterisk.fall_silent()
    yield asterisk
    left, bridges = _left_over(asterisk), asterisk.conferences()
    for channel in left:
        asterisk.cli(f"channel request hangup {channel[0]}")
    assert not left, f"channels left behind: {left}"
    assert not bridges, f"bridges left behind: {bridges}"


def _left_over(asterisk: Exchange, within_s: float = 4.0) -> list[list[str]]:
    """Channels that are there when everybody should be gone."""
    until = time.monotonic() + within_s
    while (left := asterisk.channels()) and time.monotonic() < until:
        time.sleep(0.1)
    return [row[:6] for row in left]


@pytest.fixture
def events(line: Exchange) -> Iterator[Events]:
    seen, stop = Events(), threading.Event()
    link = Link(line, line.settings.ami.reader, line.secrets.ami_reader)
    thread = threading.Thread(target=_listen, args=(link, seen, stop), daemon=True)
    thread.start()
    until = time.monotonic() + 3
    while not seen.of("FullyBooted") and time.monotonic() < until:
        time.sleep(0.02)
    assert seen.of("FullyBooted"), "the reading AMI account could not log in"
    yield seen
    stop.set()
    thread.join(2)
    link.close()


@pytest.fixture
def link_of(line: Exchange) -> Callable[[str, str], AbstractContextManager[Link]]:
    """Logs in to AMI: ``with link_of(user, secret) as link``."""

    @contextmanager
    def log_in(user: str, secret: str) -> Iterator[Link]:
        link = Link(line, user, secret)
        try:
            assert link.read()["Response"] == "Success"
            yield link
        finally:
            link.close()

    return log_in


@pytest.fixture
def actor(line: Exchange) -> Iterator[Link]:
    link = Link(line, line.settings.ami.actor, line.secrets.ami_actor)
    assert link.read()["Response"] == "Success"
    yield link
    link.close()


Die = Callable[[], Awaitable[None]]


@pytest.fixture
def service_until(line: Exchange) -> Callable[[], AbstractAsyncContextManager[Die]]:
    """As much of a service as the dialplan sees, until it dies."""

    @asynccontextmanager
    async def living() -> AsyncIterator[Die]:
        async def intake(channel: AgiChannel) -> None:
            await channel.set_variable("CHANNEL(language)", "en")

        agi = line.settings.fastagi
        server = FastAgiServer(agi.host, agi.port, intake)
        await server.start()
        await asyncio.to_thread(line.beat)
        beating = asyncio.create_task(_beat(line))

        async def die() -> None:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            await server.stop()

        try:
            yield die
        finally:
            await die()

    return living


@pytest.fixture
async def service(
    service_until: Callable[[], AbstractAsyncContextManager[Die]],
) -> AsyncIterator[None]:
    """The same for a whole test: a fresh heartbeat, an intake that answers."""
    async with service_until():
        yield


async def _beat(line: Exchange) -> None:
    while True:
        await asyncio.to_thread(line.beat)
        await asyncio.sleep(1)


class TestPhone(Phone):
    """A phone that knows who it is."""

    __test__ = False

    def __init__(self, user: str, password: str | None, *where: Any) -> None:
        super().__init__(user, password, *where)
        self.account = (user, password)


PhoneMaker = Callable[..., Awaitable[TestPhone]]


@pytest.fixture
async def phone(line: Exchange, tmp_path: Path) -> AsyncIterator[PhoneMaker]:
    """Makes phones: ``phone("s01")`` registers a seat, ``phone("2125550100")`` is a caller."""
    made: list[TestPhone] = []

    async def make(user: str) -> TestPhone:
        password = line.secrets.phones.get(user)
        sip = line.settings.sip
        folder = tmp_path / f"{len(made)}-{user}"
        new = TestPhone(user, password, sip.host, sip.port, folder)
        made.append(new)
        await new.start()
        if password:
            await new.registered()
        return new

    yield make
    # Before the phones hang up what they may still have.
    left = await asyncio.to_thread(_left_over, line)
    vanished = [one.account[0] for one in made if one.pid is None and one.account[1]]
    await asyncio.gather(*(one.stop() for one in made))
    for user in vanished:
        # It did not say good-bye: one that does takes its registration along.
        await (await make(user)).stop()
    assert not left, f"channels left behind: {left}"


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WAV file in which somebody talks for some seconds."""
    file = tmp_path_factory.mktemp("speech") / "talk.wav"
    asyncio.run(synthesise_wav(TALK, "en", file))
    return file


class Steps:
    """What every test of the dialplan does with a caller."""

    def __init__(self, events: Events, actor: Link) -> None:
        self._events, self._actor = events, actor

    async def wait(self, caller: Phone, number: str = "110") -> tuple[str, str]:
        """Call in and come on hold; the call's id and the caller's channel."""
        before = len(self._events.of("CallArrived"))
        await caller.dial(number)
        arrived = await self._events.wait("CallArrived", count=before + 1)
        await self._events.wait("CallWaiting", CallId=arrived["CallId"])
        return arrived["CallId"], arrived["Channel"]

    def redirect(self, channel: str, context: str, exten: str = "s") -> None:
        reply = self._actor.ask(
            Action="Redirect", Channel=channel, Context=context, Exten=exten, Priority="1"
        )
        assert reply["Response"] == "Success", reply

    def offer(self, channel: str, seat: str, ring_s: int = 10, offer_id: str = "o1") -> None:
        self.redirect(channel, "offer", f"{seat}*{ring_s}*{offer_id}")

    async def talk(self, caller: Phone, seat: Phone) -> tuple[str, str]:
        """Call in and be answered by a seat; the call's id and the caller's channel."""
        call_id, channel = await self.wait(caller)
        self.offer(channel, seat.name)
        await seat.wait_ringing()
        await seat.answer()
        await self._events.wait("ConfbridgeJoin", Conference=call_id, count=2)
        return call_id, channel

    def ring_officer(
        self, officer: str, call_id: str, channel: str, attempt: str = "hunt-1", timeout_s: int = 10
    ) -> None:
        """Ring an officer's phone as the service does."""
        self.coming(channel, "1")
        reply = self._actor.ask(
            Action="Originate",
            Channel=f"PJSIP/{officer}",
            Context="officer-brief",
            Exten="s",
            Priority="1",
            Timeout=str(timeout_s * 1000),
            CallerID="110 <110>",
            Async="true",
            ChannelId=f"officer-{attempt}",
            Variable=[
                f"__CALL_ID={call_id}",
                f"__CALLER_CHANNEL={channel}",
                "CALL_ROLE=officer",
                f"CALL_PARTY={officer}",
                f"ATTEMPT_ID={attempt}",
                "BRIEF=no-such-brief",
                "BRIEF_LANGUAGE=en",
            ],
        )
        assert reply["Response"] == "Success", reply

    def coming(self, channel: str, value: str) -> None:
        """Say, as the service does, whether an officer is on the way to the caller."""
        reply = self._actor.ask(
            Action="Setvar", Channel=channel, Variable="OFFICER_COMING", Value=value
        )
        assert reply["Response"] == "Success", reply


@pytest.fixture
def steps(events: Events, actor: Link) -> Steps:
    return Steps(events, actor)


async def hear_each_other(one: Phone, other: Phone, speech: Path) -> None:
    """Both say something that the other one hears; the same sound, not just any."""
    for speaker, listener in ((one, other), (other, one)):
        said = await speaker.say(speech)
        await listener.hears(said)
        await speaker.finish(said)


@pytest.fixture
def heard(speech: Path) -> Callable[[Phone, Phone], Awaitable[None]]:
    async def both(one: Phone, other: Phone) -> None:
        await hear_each_other(one, other, speech)

    return both
