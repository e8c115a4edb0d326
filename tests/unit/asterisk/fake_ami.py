"""An Asterisk manager that does what it is told, also wrong: faults are context managers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from callcenter.asterisk.connection import AmiLink, Timings
from callcenter.asterisk.events import Connected, Disconnected, Event, Message
from callcenter.asterisk.mailbox import Mailbox
from callcenter.asterisk.snapshot import Snapshot
from callcenter.settings import Ami

READER = ("callcenter_reader", "reader-secret")
ACTOR = ("callcenter_actor", "actor-secret")
QUICK = Timings(
    login_s=1.0,
    boot_s=1.0,
    snapshot_s=1.0,
    ping_every_s=0.05,
    ping_answer_s=0.2,
    first_pause_s=0.01,
    longest_pause_s=0.02,
    stable_after_s=0.0,
)
"""Times for tests: what takes seconds in service takes hundredths here."""
PATIENT_S = 5.0

Block = dict[str, str]
Lines = list[tuple[str, str]]


def wire(*headers: tuple[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"


@dataclass(eq=False)
class Peer:
    """One connection that was made to the fake."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    user: str = ""
    events: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class FakeAmi:
    """Answers logins, pings and lists; keeps what it was sent in ``actions``."""

    def __init__(self) -> None:
        self.secrets = dict([READER, ACTOR])
        self.actions: list[tuple[str, Block]] = []
        self.peers: list[Peer] = []
        self.channels: list[Lines] = []
        self.conferences: dict[str, list[Lines]] = {}
        self.devices: dict[str, str] = {}
        self.banner = b"Asterisk Call Manager/11.0.0\r\n"
        self.logins = 0
        self.booted = True
        self.on_action: Callable[[Peer, Block], Awaitable[bool]] | None = None
        """Returns True when it has dealt with the action itself."""
        self._split_after: int | None = None
        self._stalled = False
        self._news = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        await self.drop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def ami(self) -> Ami:
        assert self._server
        return Ami(
            host="127.0.0.1",
            port=self._server.sockets[0].getsockname()[1],
            reader=READER[0],
            actor=ACTOR[0],
        )

    def sent(self, name: str) -> list[Block]:
        """Every action of that name which arrived, in order."""
        return [block for _, block in self.actions if block["Action"] == name]

    async def until(self, seen: Callable[[], object]) -> None:
        """Wait until what the fake has seen fulfils a condition."""
        async with asyncio.timeout(PATIENT_S):
            while not seen():
                self._news.clear()
                await self._news.wait()

    # ---- what Asterisk says by itself

    async def event(self, *headers: tuple[str, str]) -> None:
        await self.raw(wire(*headers))

    async def finish_boot(self) -> None:
        self.booted = True
        await self.event(("Event", "FullyBooted"), ("Status", "Fully Booted"))

    async def raw(self, data: bytes, user: str = READER[0]) -> None:
        for peer in self.peers:
            if peer.user == user:
                await self._write(peer, data)

    async def drop(self, user: str = "") -> None:
        """Cut every connection, or those of one user."""
        for peer in list(self.peers):
            if user in ("", peer.user):
                peer.writer.transport.abort()
                await peer.gone.wait()

    # ---- faults

    @contextlib.contextmanager
    def split(self, after: int) -> Iterator[None]:
        """Send everything in pieces of so many bytes."""
        self._split_after = after
        yield
        self._split_after = None

    @contextlib.contextmanager
    def stalled(self) -> Iterator[None]:
        """Take bytes and do nothing with them; the connection stays."""
        self._stalled = True
        yield
        self._stalled = False

    @contextlib.contextmanager
    def wrong_password(self, user: str) -> Iterator[None]:
        right = self.secrets[user]
        self.secrets[user] = "another one"
        yield
        self.secrets[user] = right

    @contextlib.contextmanager
    def never_answers(self, name: str) -> Iterator[None]:
        async def ignore(_: Peer, block: Block) -> bool:
            return block["Action"] == name

        with self._handling(ignore):
            yield

    @contextlib.contextmanager
    def drops_at(self, name: str) -> Iterator[None]:
        """Cut the connection on which an action arrives, instead of answering it."""

        async def cut(peer: Peer, block: Block) -> bool:
            if block["Action"] != name:
                return False
            peer.writer.transport.abort()
            return True

        with self._handling(cut):
            yield

    @contextlib.contextmanager
    def answers_late(self, name: str) -> Iterator[asyncio.Event]:
        """Keep answers back until the event is set; other actions are answered meanwhile."""
        release = asyncio.Event()

        async def hold(peer: Peer, block: Block) -> bool:
            if block["Action"] != name:
                return False

            async def later() -> None:
                await release.wait()
                await self._answer(peer, block)

            self._start(later())
            return True

        with self._handling(hold):
            yield release

    @contextlib.contextmanager
    def answers_with(self, name: str, data: Callable[[str], bytes]) -> Iterator[None]:
        """Answer an action with these bytes, made from its id."""

        async def reply(peer: Peer, block: Block) -> bool:
            if block["Action"] != name:
                return False
            await self._write(peer, data(block["ActionID"]))
            return True

        with self._handling(reply):
            yield

    @contextlib.contextmanager
    def during(self, name: str, do: Callable[[], Awaitable[None]]) -> Iterator[None]:
        """Do something when an action arrives, before it is answered; once."""
        done = False

        async def first(_: Peer, block: Block) -> bool:
            nonlocal done
            if block["Action"] == name and not done:
                done = True
                await do()
            return False

        with self._handling(first):
            yield

    @contextlib.contextmanager
    def _handling(self, handler: Callable[[Peer, Block], Awaitable[bool]]) -> Iterator[None]:
        before, self.on_action = self.on_action, handler
        yield
        self.on_action = before

    # ---- how it works

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        self.peers.append(peer)
        self.logins += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await self._write(peer, self.banner)
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                block: Block = {}
                for line in raw.decode().strip("\r\n").split("\r\n"):
                    name, _, value = line.partition(": ")
                    block[name] = f"{block[name]}|{value}" if name in block else value
                self.actions.append((peer.user, block))
                self._news.set()
                if self._stalled or (self.on_action and await self.on_action(peer, block)):
                    continue
                await self._answer(peer, block)
        self.peers.remove(peer)
        writer.close()
        peer.gone.set()
        self._news.set()

    async def _answer(self, peer: Peer, block: Block) -> None:
        respond = getattr(self, f"_do_{block['Action'].lower()}", None)
        if respond:
            await respond(peer, block)
        else:
            await self._respond(peer, block, "Success", ("Message", "Done"))

    async def _respond(
        self, peer: Peer, block: Block, response: str, *more: tuple[str, str]
    ) -> None:
        await self._write(
            peer, wire(("Response", response), ("ActionID", block["ActionID"]), *more)
        )

    async def _list(self, peer: Peer, block: Block, name: str, items: list[Lines]) -> None:
        data = wire(
            ("Response", "Success"),
            ("ActionID", block["ActionID"]),
            ("EventList", "start"),
            ("Message", "List will follow"),
        )
        for item in items:
            data += wire(("Event", name), ("ActionID", block["ActionID"]), *item)
        data += wire(
            ("Event", f"{block['Action']}Complete"),
            ("ActionID", block["ActionID"]),
            ("EventList", "Complete"),
            ("ListItems", str(len(items))),
        )
        await self._write(peer, data)

    async def _do_login(self, peer: Peer, block: Block) -> None:
        if self.secrets.get(block["Username"]) != block["Secret"]:
            await self._respond(peer, block, "Error", ("Message", "Authentication failed"))
            peer.writer.close()
            return
        await self._respond(peer, block, "Success", ("Message", "Authentication accepted"))
        peer.user, peer.events = block["Username"], block["Events"] == "on"
        if self.booted and peer.events:
            await self.finish_boot()

    async def _do_ping(self, peer: Peer, block: Block) -> None:
        await self._respond(peer, block, "Success", ("Ping", "Pong"), ("Timestamp", "1.0"))

    async def _do_coreshowchannels(self, peer: Peer, block: Block) -> None:
        await self._list(peer, block, "CoreShowChannel", self.channels)

    async def _do_confbridgelistrooms(self, peer: Peer, block: Block) -> None:
        if not self.conferences:
            await self._respond(peer, block, "Error", ("Message", "No active conferences."))
            return
        rooms: list[Lines] = [[("Conference", name)] for name in self.conferences]
        await self._list(peer, block, "ConfbridgeListRooms", rooms)

    async def _do_confbridgelist(self, peer: Peer, block: Block) -> None:
        users = self.conferences.get(block["Conference"])
        if users is None:
            message = "No Conference by that name found."
            await self._respond(peer, block, "Error", ("Message", message))
            return
        await self._list(peer, block, "ConfbridgeList", users)

    async def _do_devicestatelist(self, peer: Peer, block: Block) -> None:
        items: list[Lines] = [[("Device", d), ("State", s)] for d, s in self.devices.items()]
        await self._list(peer, block, "DeviceStateChange", items)

    async def _do_getvar(self, peer: Peer, block: Block) -> None:
        device = block["Variable"].removeprefix("DEVICE_STATE(").removesuffix(")")
        await self._respond(
            peer,
            block,
            "Success",
            ("Variable", block["Variable"]),
            ("Value", self.devices.get(device, "INVALID")),
        )

    async def _write(self, peer: Peer, data: bytes) -> None:
        step = self._split_after or max(len(data), 1)
        for start in range(0, len(data), step):
            peer.writer.write(data[start : start + step])
            await peer.writer.drain()
            if self._split_after:
                # One turn for the transport, one for the reader of the other end.
                await asyncio.sleep(0)
                await asyncio.sleep(0)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Told:
    """What a link has told, and waiting for it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._more = asyncio.Event()

    def __call__(self, message: Message) -> None:
        self.messages.append(message)
        self._more.set()

    def events(self) -> list[Event]:
        return [message for message in self.messages if isinstance(message, Event)]

    def snapshots(self) -> list[Snapshot]:
        return [message.snapshot for message in self.messages if isinstance(message, Connected)]

    def reasons(self) -> list[str]:
        return [message.why for message in self.messages if isinstance(message, Disconnected)]

    async def until(self, seen: Callable[[list[Message]], bool]) -> None:
        async with asyncio.timeout(PATIENT_S):
            while not seen(self.messages):
                self._more.clear()
                await self._more.wait()

    async def connected(self, times: int = 1) -> None:
        await self.until(lambda told: sum(isinstance(m, Connected) for m in told) >= times)

    async def disconnected(self, times: int = 1) -> None:
        await self.until(lambda told: sum(isinstance(m, Disconnected) for m in told) >= times)


@dataclass
class Linked:
    link: AmiLink
    told: Told
    run: asyncio.Task[None]
    up_when_told: list[bool]
    """Whether actions could be sent when each message was told."""


@contextlib.asynccontextmanager
async def linked(
    asterisk: FakeAmi,
    *,
    on_message: Callable[[Message], None] | None = None,
    timings: Timings = QUICK,
    mailbox: Mailbox | None = None,
    devices: tuple[str, ...] = (),
    wait: bool = True,
) -> AsyncIterator[Linked]:
    """A link to the fake, connected unless told not to wait."""
    told = Told()
    up_when_told: list[bool] = []

    def hear(message: Message) -> None:
        up_when_told.append(link.connected)
        told(message)
        if on_message:
            on_message(message)

    link = AmiLink(
        asterisk.ami,
        READER[1],
        ACTOR[1],
        hear,
        timings=timings,
        mailbox=mailbox,
        devices=devices,
        jitter=lambda: 0.0,
    )
    run = asyncio.create_task(link.run())
    try:
        if wait:
            await told.connected()
        yield Linked(link, told, run, up_when_told)
    finally:
        run.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await run
