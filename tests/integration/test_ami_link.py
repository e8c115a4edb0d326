"""The link to a real Asterisk: signing in, acting, looking, and losing nothing when it is cut."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callcenter.asterisk.actions import (
    ConfbridgeKick,
    GetVariable,
    Hangup,
    ListQueueMembers,
    OriginateApplication,
    OriginateExtension,
    QueueMemberAdd,
    QueueMemberPause,
    QueueMemberRemove,
    Redirect,
    SetVariable,
)
from callcenter.asterisk.adopt import Where, adopt
from callcenter.asterisk.connection import AmiLink, Timings
from callcenter.asterisk.errors import (
    ActionRefused,
    AmiError,
    BadCredentials,
    NotConnected,
    OutcomeUnknown,
)
from callcenter.asterisk.events import (
    BridgeJoined,
    BridgeLeft,
    CallArrived,
    CallWaiting,
    ChannelCreated,
    ChannelHungUp,
    ChannelRinging,
    Connected,
    DeviceState,
    Disconnected,
    Message,
    OfferEnded,
    OfferStarted,
    OriginateFailed,
)
from callcenter.asterisk.snapshot import Snapshot
from callcenter.lab import asterisk as lab_asterisk
from callcenter.lab.exchange import Exchange, exchange
from callcenter.lab.layout import asterisk_root
from callcenter.lab.root import find_or_build
from tests.integration.ami_proxy import AmiProxy

pytestmark = pytest.mark.asterisk

SOON_S = 5.0
CUTS = 50
HASTY = Timings(first_pause_s=0.02, longest_pause_s=0.1, stable_after_s=0.0)


@dataclass
class View:
    """What a service knows that believes every message: channels, and who is on which bridge."""

    messages: list[Message] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)
    bridges: dict[str, set[str]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, message: Message) -> None:
        self.messages.append(message)
        match message:
            case Connected():
                self.look(message.snapshot)
            case ChannelCreated():
                self.channels.add(message.uniqueid)
            case ChannelHungUp():
                self.channels.discard(message.uniqueid)
            case BridgeJoined():
                self.bridges.setdefault(message.call_id, set()).add(message.uniqueid)
            case BridgeLeft():
                self.bridges.get(message.call_id, set()).discard(message.uniqueid)
        self.news.set()

    def look(self, snapshot: Snapshot) -> None:
        self.channels = {channel.uniqueid for channel in snapshot.channels}
        self.bridges = {
            name: {user.uniqueid for user in users} for name, users in snapshot.conferences.items()
        }

    def state(self) -> tuple[set[str], dict[str, set[str]]]:
        return set(self.channels), {name: set(who) for name, who in self.bridges.items() if who}

    def count(self, kind: type) -> int:
        return sum(isinstance(message, kind) for message in self.messages)

    async def until(self, seen: Callable[[], object], within_s: float = SOON_S) -> None:
        async with asyncio.timeout(within_s):
            while not seen():
                self.news.clear()
                await self.news.wait()


@dataclass
class Linked:
    link: AmiLink
    view: View
    run: asyncio.Task[None]


@contextlib.asynccontextmanager
async def linked(
    to: Exchange, port: int | None = None, timings: Timings | None = None
) -> AsyncIterator[Linked]:
    ami = to.settings.ami
    if port:
        ami = ami.model_copy(update={"port": port})
    view = View()
    phones = tuple(f"PJSIP/{seat.id}" for seat in to.settings.seats)
    link = AmiLink(
        ami,
        to.secrets.ami_reader,
        to.secrets.ami_actor,
        view,
        devices=phones,
        timings=timings,
    )
    run = asyncio.create_task(link.run())
    try:
        await view.until(lambda: view.count(Connected))
        yield Linked(link, view, run)
    finally:
        run.cancel()
        await asyncio.wait([run])


def caller(mark: str) -> OriginateApplication:
    """Somebody who dials the line and says nothing; the near half of the channel stays put."""
    return OriginateApplication(
        "Local/110@line-in/n",
        "Wait",
        "60",
        channel_id=mark,
        variables={"CALL_PARTY": mark},
    )


async def waiting(up: Linked, mark: str) -> CallWaiting:
    """Call the line and wait until hold."""
    await up.link.send(caller(mark))
    await up.view.until(lambda: [e for e in in_hold(up.view) if e.call_id == mark])
    return next(e for e in in_hold(up.view) if e.call_id == mark)


def in_hold(view: View) -> list[CallWaiting]:
    return [m for m in view.messages if isinstance(m, CallWaiting)]


# ---- signing in and acting


@pytest.mark.parametrize("wrong", ["reader", "actor"])
async def test_wrong_password_is_said_at_once(line: Exchange, wrong: str) -> None:
    secrets = {"reader": line.secrets.ami_reader, "actor": line.secrets.ami_actor, wrong: "wrong"}
    view = View()
    link = AmiLink(line.settings.ami, secrets["reader"], secrets["actor"], view)
    started = time.monotonic()

    with pytest.raises(BadCredentials, match=getattr(line.settings.ami, wrong)):
        await link.run()

    # Asterisk itself makes a wrong password wait for one second.
    assert time.monotonic() - started < 2
    assert [type(message) for message in view.messages] == [Disconnected]


async def test_caller_is_followed_from_the_line_to_hold_and_to_the_end(
    line: Exchange, service: None
) -> None:
    async with linked(line) as up:
        call = await waiting(up, "caller-one")
        snapshot = await up.link.snapshot()
        await up.link.send(Hangup("caller-one"))
        await up.view.until(lambda: not up.view.channels)

    (arrived,) = [m for m in up.view.messages if isinstance(m, CallArrived)]
    assert (arrived.call_id, arrived.line, arrived.queue) == ("caller-one", "110", "emergency")
    (found,) = adopt(snapshot).calls
    assert (found.where, found.channel) == (Where.WAITING, call.channel)
    assert (found.line, found.queue) == ("110", "emergency")


async def test_offer_to_a_phone_that_is_not_there_ends_and_the_caller_waits_again(
    line: Exchange, service: None
) -> None:
    async with linked(line) as up:
        call = await waiting(up, "caller-two")
        await up.link.send(Redirect(call.channel, "offer", "s01*5*offer-1"))
        await up.view.until(lambda: len(in_hold(up.view)) == 2)
        await up.link.send(Hangup("caller-two"))
        await up.view.until(lambda: not up.view.channels)

    offered = [m for m in up.view.messages if isinstance(m, OfferStarted | OfferEnded)]
    assert [(o.seat_ids, o.offer_id) for o in offered] == [(("s01",), "offer-1")] * 2
    assert isinstance(offered[1], OfferEnded)
    assert offered[1].dial_status == "CHANUNAVAIL"


async def test_originate_of_a_phone_that_is_not_there_fails_under_its_own_id(
    line: Exchange,
) -> None:
    async with linked(line) as up:
        await up.link.send(
            OriginateExtension("PJSIP/s01", "officer-brief", "s", channel_id="officer-x")
        )
        await up.view.until(lambda: up.view.count(OriginateFailed))

    (failed,) = [m for m in up.view.messages if isinstance(m, OriginateFailed)]
    assert failed.channel_id == "officer-x"


async def test_variables_are_written_and_read_whatever_they_hold(line: Exchange) -> None:
    async with linked(line) as up:
        for value in ("", "Straße, 부산 à", 'a=b; (c) \\ "d"', "x" * 980):
            await up.link.send(SetVariable(None, "OFFICER_COMING_1700000000.12", value))
            reply = await up.link.send(GetVariable(None, "OFFICER_COMING_1700000000.12"))
            assert reply.response["value"] == value


async def test_queue_members_are_added_paused_listed_and_removed(line: Exchange) -> None:
    phone = f"PJSIP/{line.settings.officers[0].id}"
    async with linked(line) as up:
        send = up.link.send
        await send(QueueMemberAdd("fallback", phone))
        with pytest.raises(ActionRefused, match="Already there"):
            await send(QueueMemberAdd("fallback", phone))
        await send(QueueMemberPause("fallback", phone, True))
        items = (await send(ListQueueMembers("fallback"))).items
        await send(QueueMemberRemove("fallback", phone))
        with pytest.raises(ActionRefused, match="Not there"):
            await send(QueueMemberRemove("fallback", phone))

    members = [item for item in items if item["event"] == "QueueMember"]
    assert (phone, "1") in [(item["location"], item["paused"]) for item in members]


@pytest.mark.parametrize(
    "action",
    [
        Hangup("PJSIP/nobody-1"),
        Redirect("PJSIP/nobody-1", "hold", "s"),
        SetVariable("PJSIP/nobody-1", "X", "1"),
        ConfbridgeKick("1.1", "PJSIP/nobody-1"),
        GetVariable(None, "SHELL(id)"),
        OriginateApplication("Local/110@line-in", "System", "id"),
    ],
    ids=lambda action: action.ACTION,
)
async def test_what_cannot_or_must_not_be_done_is_refused(line: Exchange, action) -> None:
    async with linked(line) as up:
        with pytest.raises(ActionRefused):
            await up.link.send(action)

        assert up.link.connected


async def test_phones_states_are_in_the_first_snapshot(line: Exchange) -> None:
    async with linked(line) as up:
        (connected,) = [m for m in up.view.messages if isinstance(m, Connected)]

    assert set(connected.snapshot.devices) == {f"PJSIP/{s.id}" for s in line.settings.seats}
    assert set(connected.snapshot.devices.values()) == {"UNAVAILABLE"}


async def test_call_with_a_seat_is_found_on_the_bridge_and_its_phone_in_use(
    line: Exchange, service: None, phone
) -> None:
    seat = await phone("s01")
    async with linked(line) as up:
        call = await waiting(up, "caller-three")
        await up.link.send(Redirect(call.channel, "offer", "s01*10*offer-9"))
        await seat.wait_ringing(SOON_S)
        ringing = adopt(await up.link.snapshot()).calls[0]
        await seat.answer()
        await up.view.until(lambda: up.view.count(BridgeJoined) == 2)
        talking = adopt(await up.link.snapshot()).calls[0]
        states = [m.state for m in up.view.messages if isinstance(m, DeviceState)]
        await up.link.send(Hangup("caller-three"))
        await up.view.until(lambda: not up.view.channels)

    assert (ringing.where, ringing.seat_ids, ringing.offer_id) == (
        Where.OFFERED,
        ("s01",),
        "offer-9",
    )
    assert [(p.party_id, p.state.value) for p in ringing.parties] == [("s01", "ringing")]
    assert talking.where is Where.BRIDGED
    assert [party.party_id for party in talking.talking("operator")] == ["s01"]
    # One call at a time is all that the phone takes, so it is busy from its first ring.
    assert states == ["BUSY"]


async def test_phone_that_is_originated_tells_that_it_rings_under_its_own_id(
    line: Exchange, phone
) -> None:
    await phone("s02")
    async with linked(line) as up:
        await up.link.send(
            OriginateExtension(
                "PJSIP/s02", "officer-brief", "s", channel_id="officer-r", timeout_s=20
            )
        )
        await up.view.until(lambda: up.view.count(ChannelRinging))
        await up.link.send(Hangup("officer-r"))
        await up.view.until(lambda: up.view.count(OriginateFailed))

    (ringing,) = [m for m in up.view.messages if isinstance(m, ChannelRinging)]
    assert ringing.uniqueid == "officer-r"


# ---- the line is cut


class Traffic:
    """Callers who come, are offered to a phone that is not there, and go; all through the link."""

    def __init__(self, up: Linked, seed: int) -> None:
        self._up = up
        self._random = random.Random(seed)  # noqa: S311  # which caller goes is no secret
        self._number = 0
        self.outcomes: Counter[str] = Counter()
        self.never_sent: set[str] = set()
        self.unknown: set[str] = set()
        self.going = asyncio.Event()
        self.going.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as under_way:
            while True:
                await self.going.wait()
                under_way.create_task(self._one())
                await asyncio.sleep(self._random.uniform(0, 0.02))

    async def _one(self) -> None:
        self._number += 1
        mark = f"mark-{self._number}"
        held = sorted(
            name for name in self._up.view.channels if name.startswith("mark") and ";2" in name
        )
        chosen = self._random.choice(held) if held else ""
        match self._random.choice(("come", "come", "offer", "go", "set")):
            case "come" if len(held) < 20:
                action = caller(mark)
            case "offer" if chosen:
                action = Redirect(chosen, "offer", f"s02*1*{mark}")
            case "go" if chosen and len(held) > 5:
                action = Hangup(chosen)
            case _:
                action = SetVariable(None, mark, "1")
        try:
            await self._up.link.send(action)
            self.outcomes["done"] += 1
        except ActionRefused:
            self.outcomes["refused"] += 1
        except OutcomeUnknown:
            self.outcomes["unknown"] += 1
            self.unknown.add(mark)
        except NotConnected:
            self.outcomes["not sent"] += 1
            self.never_sent.add(mark)


def marks(proxy: AmiProxy) -> Counter[str]:
    """How often each action of the traffic was carried to Asterisk, by the mark it was given."""
    found: Counter[str] = Counter()
    for action, header in (
        ("Originate", "ChannelId"),
        ("Redirect", "Exten"),
        ("Setvar", "Variable"),
    ):
        found.update(block[header][0].split("*")[-1] for block in proxy.sent(action))
    return found


async def truth(observer: Linked) -> tuple[set[str], dict[str, set[str]]]:
    """What Asterisk says over a line that nobody cuts."""
    view = View()
    view.look(await observer.link.snapshot())
    return view.state()


async def agree(up: Linked, observer: Linked, within_s: float = SOON_S) -> None:
    """Wait until the view is Asterisk's own; on a quiet floor that is a matter of events due."""
    until = time.monotonic() + within_s
    while (seen := up.view.state()) != (real := await truth(observer)):
        if time.monotonic() > until:
            raise AssertionError(f"ghosts: {seen[0] - real[0]}, lost: {real[0] - seen[0]}")
        await asyncio.sleep(0.02)


async def test_fifty_cuts_during_traffic_send_nothing_twice_and_lose_no_channel(
    line: Exchange, service: None
) -> None:
    chance = random.Random(7)  # noqa: S311  # when the line is cut is no secret
    ami = line.settings.ami
    came_back_s: list[float] = []
    async with (
        AmiProxy(ami.host, ami.port) as proxy,
        linked(line) as observer,
        linked(line, proxy.port, HASTY) as up,
    ):
        steady = [await waiting(up, f"steady-{n}") for n in range(3)]
        traffic = Traffic(up, seed=11)
        running = asyncio.create_task(traffic.run())
        for cut in range(1, CUTS + 1):
            await asyncio.sleep(chance.uniform(0.02, 0.15))
            cut_at = time.monotonic()
            match cut % 3:
                case 0:
                    proxy.cut_after(chance.randrange(1, 3000))
                case 1:
                    proxy.cut_after_action()
                case _:
                    proxy.cut()
            await up.view.until(lambda n=cut: up.view.count(Disconnected) == n)
            cut_at = max(cut_at, time.monotonic())
            await up.view.until(lambda n=cut: up.view.count(Connected) == n + 1)
            came_back_s.append(time.monotonic() - cut_at)
            traffic.going.clear()
            await agree(up, observer)
            assert {call.uniqueid for call in steady} <= up.view.channels
            traffic.going.set()
        running.cancel()
        await asyncio.wait([running])
        await asyncio.sleep(0.2)
        for channel in sorted(up.view.channels):
            with contextlib.suppress(AmiError):
                await up.link.send(Hangup(channel))
        await up.view.until(lambda: not up.view.channels)
        await agree(up, observer)

    sent = [block["ActionID"][0] for block in proxy.actions]
    assert len(sent) == len(set(sent))
    twice = {mark: times for mark, times in marks(proxy).items() if times > 1}
    assert twice == {}
    assert traffic.never_sent.isdisjoint(marks(proxy))
    created = Counter(m.uniqueid for m in observer.view.messages if isinstance(m, ChannelCreated))
    assert max(created.values()) == 1
    assert traffic.outcomes["done"] > CUTS
    # The ones that count: Asterisk had them, and nobody was told.
    happened_untold = traffic.unknown & set(marks(proxy))
    assert happened_untold
    print(
        f"{CUTS} cuts: {dict(traffic.outcomes)}, {len(happened_untold)} of the unknown "
        f"had reached Asterisk, {len(created)} channels, back in "
        f"{sorted(came_back_s)[len(came_back_s) // 2] * 1000:.0f} ms (median), "
        f"{max(came_back_s) * 1000:.0f} ms (longest)"
    )


async def test_line_that_goes_silent_is_noticed_and_left(line: Exchange, service: None) -> None:
    ami = line.settings.ami
    async with AmiProxy(ami.host, ami.port) as proxy, linked(line, proxy.port) as up:
        with proxy.silent():
            silent_at = time.monotonic()
            waiting_for = asyncio.create_task(up.link.send(caller("caller-late"), timeout_s=20))
            await up.view.until(lambda: up.view.count(Disconnected))
            noticed_s = time.monotonic() - silent_at
            with pytest.raises(OutcomeUnknown):
                await waiting_for
        await up.view.until(lambda: up.view.count(Connected) == 2)

        assert up.view.channels == set()
    assert noticed_s < 3.5
    assert not [b for b in proxy.sent("Originate") if b["ChannelId"] == ["caller-late"]]


async def test_call_that_came_while_the_link_was_down_is_in_the_next_snapshot(
    line: Exchange, service: None
) -> None:
    ami = line.settings.ami
    async with (
        AmiProxy(ami.host, ami.port) as proxy,
        linked(line) as other,
        linked(line, proxy.port, HASTY) as up,
    ):
        with proxy.silent():
            proxy.cut()
            await up.view.until(lambda: up.view.count(Disconnected))
            await waiting(other, "caller-four")
        await up.view.until(lambda: up.view.count(Connected) == 2)
        found = adopt([m for m in up.view.messages if isinstance(m, Connected)][-1].snapshot)
        await up.link.send(Hangup("caller-four"))
        await up.view.until(lambda: not up.view.channels)

    assert [(call.call_id, call.where) for call in found.calls] == [("caller-four", Where.WAITING)]


async def test_asterisk_that_starts_again_is_looked_at_once_it_has_booted(tmp_path: Path) -> None:
    with exchange(tmp_path, seats=2) as own:
        root = find_or_build(asterisk_root(), lambda text: None)
        async with linked(own, timings=HASTY) as up:
            await asyncio.to_thread(own.asterisk.stop)
            await up.view.until(lambda: up.view.count(Disconnected) == 1)
            own.asterisk = await asyncio.to_thread(
                lab_asterisk.start, own.settings, own.secrets, root, own.folders.asterisk
            )
            await up.view.until(lambda: up.view.count(Connected) == 2)
            again = [m for m in up.view.messages if isinstance(m, Connected)][-1].snapshot
        own.asterisk.stop()

    assert set(again.devices.values()) == {"UNAVAILABLE"}
