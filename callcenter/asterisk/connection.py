"""The link to Asterisk: two logins, one view, and one visible loop that keeps them.

The reader is told events and asked for snapshots, the actor acts and is told nothing, so that a
flood of events never stands in front of an action. Losing either ends both: a view without hands
or hands without a view are of no use.

After every connect a snapshot comes first (`Connected`), then the events raised since. While a
snapshot is taken calls go on, so it is taken again, at most `SNAPSHOT_TRIES` times, until nothing
happened meanwhile; what came before the last one is in it and not told. On a busy floor a few
events remain that the snapshot may already show: `callcenter.asterisk.events` says why they do
no harm. Nothing is ever sent again: what was under way when the link broke fails with
`OutcomeUnknown`, and the snapshot tells what became of it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from callcenter.asterisk.actions import Action, Ping, Reply
from callcenter.asterisk.errors import (
    ActionRefused,
    AmiError,
    BadCredentials,
    LinkError,
    LinkLost,
    MalformedEvent,
    NotConnected,
    SnapshotFailed,
)
from callcenter.asterisk.events import Connected, Disconnected, Message
from callcenter.asterisk.headers import Headers
from callcenter.asterisk.mailbox import Mailbox
from callcenter.asterisk.parsing import parse
from callcenter.asterisk.session import AmiSession, Answer
from callcenter.asterisk.snapshot import Snapshot, take_snapshot
from callcenter.settings import Ami

log = structlog.get_logger(__name__)

SNAPSHOT_TRIES = 3
BOOT_EXACT_S = 2.0
"""Asterisk tells its age in whole seconds."""
BEHIND_S = 0.5
"""What is told later than so long after it happened may be over: Asterisk goes on alone."""
DELIVERED_AT_ONCE = 10
"""So many events are handled before other tasks get their turn."""


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the link waits, in seconds.

    A link that is silently dead is noticed after ``ping_every_s + ping_answer_s``. Pauses
    between attempts double from the first to the longest, each shortened by up to half so
    that several nodes do not come back at the same moment.
    """

    login_s: float = 5.0
    boot_s: float = 10.0
    """Asterisk answers for a second or so before it has read its own configuration."""
    snapshot_s: float = 5.0
    ping_every_s: float = 1.0
    ping_answer_s: float = 2.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 2.0
    stable_after_s: float = 1.0
    """A link that lived so long starts again with the first pause when it breaks."""

    def pause_s(self, failures: int, jitter: float) -> float:
        """Return how long to wait after so many failures in a row; jitter from 0 to 1."""
        longest = min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(failures, 30))
        return longest * (1.0 - jitter / 2)


class AmiLink:
    """Asterisk as the service sees it. ``on_message`` must not block.

    It gets `Connected`, then events, then `Disconnected`, in the order in which they happened;
    an exception of it is logged and costs only that message. ``devices``: the phones whose
    states a snapshot shall hold, ``PJSIP/<id>``; none: whatever Asterisk has ever seen.
    """

    def __init__(
        self,
        ami: Ami,
        reader_secret: str,
        actor_secret: str,
        on_message: Callable[[Message], None],
        *,
        devices: Sequence[str] = (),
        timings: Timings | None = None,
        mailbox: Mailbox | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._ami = ami
        self._reader_secret = reader_secret
        self._actor_secret = actor_secret
        self._on_message = on_message
        self._devices = devices
        self._timings = timings or Timings()
        self._mailbox = Mailbox() if mailbox is None else mailbox
        self._jitter = jitter
        self._reader: AmiSession | None = None
        self._actor: AmiSession | None = None
        self._told_down = False
        self._booted_at: float | None = None
        self._may_deliver = asyncio.Event()
        self._at_once = 0
        self._behind = False
        self._asked = 0
        self._catching_up = asyncio.Lock()
        self._looking = asyncio.Lock()

    @property
    def connected(self) -> bool:
        """Whether actions can be sent."""
        return self._actor is not None

    @property
    def behind(self) -> bool:
        """Whether a snapshot or old news came last, so that more may be on its way."""
        return self._behind

    async def catch_up(self, *, sure: bool = False) -> None:
        """Return when all that Asterisk has told until now is handled, or cannot be had.

        Whoever is about to move a caller calls this first: after the service was stopped for
        some seconds the caller may have been put through meanwhile. It takes no time unless the
        link is `behind`, or one wants to be ``sure``.
        """
        if not (self._behind or sure):
            return
        wanted = self._asked + 1
        async with self._catching_up:
            # Who came before the last question was asked is answered by it, too.
            if self._asked >= wanted or self._reader is None:
                return
            self._asked += 1
            try:
                # Answered in its turn, after every event that was raised before.
                await self._reader.perform(Ping(), self._timings.ping_answer_s)
            except AmiError as error:
                log.warning("ami_not_caught_up", why=str(error))
                return
            await self._may_deliver.wait()
            self._deliver_all()
            self._behind = False

    async def run(self) -> None:
        """Keep the link until cancelled. Raises `BadCredentials`, at once and for good."""
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            since = clock()
            try:
                why = await self._live()
                stable = clock() - since >= self._timings.stable_after_s
            except BadCredentials as error:
                self._tell_down(str(error))
                raise
            except LinkError as error:
                why, stable = str(error), False
            self._tell_down(why)
            failures = 0 if stable else failures + 1
            pause_s = self._timings.pause_s(failures, self._jitter())
            log.warning("ami_link_down", why=why, failures=failures, retry_in_s=round(pause_s, 3))
            await asyncio.sleep(pause_s)

    async def send(self, action: Action, timeout_s: float = 5.0) -> Reply:
        """Send an action, once, and return Asterisk's answer.

        Raises `InvalidAction` or `NotConnected` (nothing was sent), `ActionRefused` (Asterisk
        said no), `OutcomeUnknown` or its kind `ActionTimeout` (only a snapshot can tell).
        """
        if self._actor is None:
            raise NotConnected(f"{action.ACTION} not sent: no link to Asterisk")
        return await self._actor.perform(action, timeout_s)

    def post(self, action: Action, timeout_s: float = 5.0) -> Answer:
        """Send an action before this returns; what is returned waits for the answer, as `send`.

        Raises `InvalidAction` or `NotConnected`: nothing was sent.
        """
        if self._actor is None:
            raise NotConnected(f"{action.ACTION} not sent: no link to Asterisk")
        return self._actor.post(action, timeout_s)

    async def snapshot(self) -> Snapshot:
        """Look again, outside of a reconnect. Raises `AmiError`.

        Events that were raised before are delivered before this returns, later ones not before
        the caller awaits again: it can compare its state with the snapshot at once.
        """
        async with self._looking:
            if self._reader is None:
                raise NotConnected("no snapshot: no link to Asterisk")
            self._may_deliver.clear()
            try:
                snapshot = await self._look(self._reader, self._deliver_all)
                self._behind = True
                return snapshot
            finally:
                asyncio.get_running_loop().call_soon(self._may_deliver.set)

    async def _live(self) -> str:
        """Connect, deliver until the link breaks, and return why it did."""
        self._mailbox.clear()
        self._may_deliver.clear()
        self._behind = False
        booted: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        reader = await self._open(
            self._ami.reader, self._reader_secret, partial(self._receive, booted)
        )
        actor: AmiSession | None = None
        try:
            await self._wait_for_boot(reader, booted)
            actor = await self._open(self._ami.actor, self._actor_secret, None)
            try:
                snapshot = await self._look(reader, self._mailbox.clear)
            except ActionRefused as error:
                raise SnapshotFailed(f"{error} (for {self._ami.reader})") from None
            except AmiError as error:
                raise SnapshotFailed(f"no snapshot: {error}") from None
            self._reader, self._actor, self._told_down = reader, actor, False
            log.info("ami_link_up", channels=len(snapshot.channels), held=len(self._mailbox))
            restarted = self._another_one(booted.result() if booted.done() else None)
            # A snapshot is old news too: calls went on while it was taken.
            self._behind = True
            self._hand_over(Connected(snapshot, restarted))
            self._may_deliver.set()
            return await self._until_lost(reader, actor)
        finally:
            self._reader = self._actor = None
            for session in (reader, actor):
                if session:
                    session.drop("the other login is gone")

    async def _open(
        self, name: str, secret: str, on_event: Callable[[Headers], None] | None
    ) -> AmiSession:
        return await AmiSession.open(
            self._ami.host,
            self._ami.port,
            name,
            secret,
            on_event=on_event,
            timeout_s=self._timings.login_s,
        )

    def _receive(self, booted: asyncio.Future[float | None], event: Headers) -> None:
        if event["event"] != "FullyBooted":
            self._behind = self._behind or _age_s(event) > BEHIND_S
            self._mailbox.put(event)
            if self._at_once and self._may_deliver.is_set() and len(self._mailbox) == 1:
                # Nothing is behind: a phone need not wait until the loop comes round.
                self._at_once -= 1
                self._deliver_one()
        elif not booted.done():
            uptime = event["uptime"]
            now = asyncio.get_running_loop().time()
            booted.set_result(now - int(uptime) if uptime.isdecimal() else None)

    def _another_one(self, booted_at: float | None) -> bool:
        """Whether this Asterisk started later than the one that we knew before."""
        before = self._booted_at
        self._booted_at = before if booted_at is None else booted_at
        return before is not None and booted_at is not None and booted_at - before > BOOT_EXACT_S

    async def _wait_for_boot(
        self, reader: AmiSession, booted: asyncio.Future[float | None]
    ) -> None:
        await asyncio.wait(
            (booted, reader.lost),
            timeout=self._timings.boot_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if reader.lost.done():
            raise LinkLost(reader.lost.result())
        if not booted.done():
            # Calls may be there all the same, and a snapshot too early is refused.
            log.warning("ami_boot_not_told", waited_s=self._timings.boot_s)

    async def _look(self, reader: AmiSession, settle: Callable[[], None]) -> Snapshot:
        for _ in range(SNAPSHOT_TRIES):
            settle()
            snapshot = await take_snapshot(
                lambda action: reader.perform(action, self._timings.snapshot_s), self._devices
            )
            if not self._mailbox:
                break
        return snapshot

    async def _until_lost(self, reader: AmiSession, actor: AmiSession) -> str:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._deliver(), name="ami-delivery"),
                tasks.create_task(self._ping(reader), name="ami-ping-reader"),
                tasks.create_task(self._ping(actor), name="ami-ping-actor"),
            ]
            await asyncio.wait((reader.lost, actor.lost), return_when=asyncio.FIRST_COMPLETED)
            for task in running:
                task.cancel()
        self._reader = self._actor = None
        # What was received before the loss did happen.
        self._deliver_all()
        return (reader.lost if reader.lost.done() else actor.lost).result()

    async def _ping(self, session: AmiSession) -> None:
        while True:
            await asyncio.sleep(self._timings.ping_every_s)
            try:
                await session.ping(self._timings.ping_answer_s)
            except AmiError as error:
                session.drop(f"ping failed: {error}")

    async def _deliver(self) -> None:
        while True:
            await self._mailbox.wait()
            await self._may_deliver.wait()
            for _ in range(DELIVERED_AT_ONCE):
                if not self._deliver_one():
                    break
            self._at_once = DELIVERED_AT_ONCE
            await asyncio.sleep(0)

    def _deliver_all(self) -> None:
        while self._deliver_one():
            pass

    def _deliver_one(self) -> bool:
        headers = self._mailbox.take()
        if headers is None:
            return False
        try:
            event = parse(headers)
        except MalformedEvent as error:
            log.warning("ami_event_malformed", why=str(error))
        else:
            if event:
                self._hand_over(event)
        return True

    def _tell_down(self, why: str) -> None:
        if not self._told_down:
            self._told_down = True
            self._hand_over(Disconnected(why))

    def _hand_over(self, message: Message) -> None:
        try:
            self._on_message(message)
        except Exception:
            log.exception("ami_message_failed", kind=type(message).__name__)


def _age_s(event: Headers) -> float:
    """How long ago it was raised, by the clock of the day; 0 where the event does not say."""
    try:
        return time.time() - float(event["timestamp"])
    except ValueError:
        return 0.0
