"""The server against a fake Asterisk on loopback, with every fault a peer can have."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
from structlog.testing import capture_logs

from ivr.errors import BadCommand, CannotListen, ChannelGone, IvrError, PeerSilent, ProtocolError
from ivr.fastagi import AgiChannel, FastAgiServer
from tests.unit.ivr.fake_asterisk import (
    IMPATIENT,
    QUICK,
    FakeAsterisk,
    calling,
    environment,
    serving,
)


class Seen:
    """A handler that runs a few commands and remembers how they ended."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.values: list[str | None] = []
        self.errors: list[IvrError] = []
        self.channels: list[AgiChannel] = []
        self.ended = asyncio.Event()

    async def __call__(self, channel: AgiChannel) -> None:
        self.channels.append(channel)
        try:
            self.keys.append(await channel.stream_file("/sounds/greeting", "12"))
            self.keys.append(await channel.wait_for_digit(100))
            self.values.append(await channel.get_variable("LINE"))
            await channel.set_variable("CHANNEL(language)", "ko")
            await channel.verbose("taken")
        except IvrError as error:
            self.errors.append(error)
        finally:
            self.ended.set()

    async def end(self) -> None:
        async with asyncio.timeout(5):
            await self.ended.wait()


async def until_sessions(server: FastAgiServer, number: int) -> None:
    for _ in range(1000):
        if server.sessions == number:
            return
        await asyncio.sleep(0.005)
    pytest.fail(f"there are {server.sessions} sessions, not {number}")


async def test_handler_talks_with_the_channel() -> None:
    seen = Seen()
    async with serving(seen) as server, calling(server, environment()) as asterisk:
        assert (
            await asterisk.obey("200 result=50 endpos=12") == 'STREAM FILE "/sounds/greeting" "12"'
        )
        assert await asterisk.obey("200 result=0") == 'WAIT FOR DIGIT "100"'
        assert await asterisk.obey("200 result=1 (110)") == 'GET VARIABLE "LINE"'
        assert await asterisk.obey("200 result=1") == 'SET VARIABLE "CHANNEL(language)" "ko"'
        assert await asterisk.obey("200 result=1") == 'VERBOSE "taken" "1"'
        assert await asterisk.is_closed()
    assert seen.keys == ["2", ""]
    assert seen.values == ["110"]
    assert not seen.errors
    assert seen.channels[0].request.query == {"line": "110"}


async def test_variable_that_is_not_set_is_none() -> None:
    values: list[str | None] = []

    async def handler(channel: AgiChannel) -> None:
        values.append(await channel.get_variable("NOTHING"))

    async with serving(handler) as server, calling(server, environment()) as asterisk:
        await asterisk.obey("200 result=0")
        assert await asterisk.is_closed()
    assert values == [None]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("HANGUP", ChannelGone),
        ("200 result=-1 endpos=0", ChannelGone),
        ("511 Command Not Permitted on a dead channel", ChannelGone),
        ("510 Invalid or unknown command", BadCommand),
        ("520-Usage\nso it goes\n520 End of proper usage.", BadCommand),
        ("404 result=0", ProtocolError),
        ("200 result=key", ProtocolError),
        ("200 result=99999", ProtocolError),
        ("nonsense", ChannelGone),
        ("x" * 20000, ChannelGone),
    ],
)
async def test_each_bad_answer_ends_the_command(reply: str, error: type[IvrError]) -> None:
    seen = Seen()
    async with serving(seen) as server:
        async with calling(server, environment()) as asterisk:
            await asterisk.obey(reply)
            await seen.end()
            assert await asterisk.is_closed()
        await until_sessions(server, 0)
    assert [type(one) for one in seen.errors] == [error]


async def test_hang_up_while_the_handler_is_elsewhere_is_met_by_its_next_command() -> None:
    hung_up, errors = asyncio.Event(), []

    async def handler(channel: AgiChannel) -> None:
        await hung_up.wait()
        try:
            await channel.verbose("too late")
        except ChannelGone as error:
            errors.append(error)

    async with serving(handler) as server, calling(server, environment()) as asterisk:
        await asterisk.say("HANGUP")
        await asyncio.sleep(0.02)
        hung_up.set()
        assert await asterisk.is_closed()
    assert len(errors) == 1


async def test_handler_that_waits_for_something_else_does_not_outlive_its_channel() -> None:
    cancelled = asyncio.Event()

    async def handler(channel: AgiChannel) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with serving(handler) as server:
        async with calling(server, environment()) as asterisk:
            asterisk.leave()
        await until_sessions(server, 0)
    assert cancelled.is_set()


async def test_peer_that_connects_and_closes_leaves_nothing_behind() -> None:
    async def handler(channel: AgiChannel) -> None:
        raise AssertionError("there was no request")

    async with serving(handler) as server:
        for first_bytes in (b"", b"agi_network: y", environment()[:-1]):
            for leaving in ("close", "abort"):
                async with calling(server, first_bytes) as asterisk:
                    if leaving == "abort":
                        asterisk.leave()
        await until_sessions(server, 0)
        started = time.process_time()
        await asyncio.sleep(0.1)
        assert time.process_time() - started < 0.05, "the server spins"


@pytest.mark.parametrize("first_bytes", [b"", b"agi_network: yes\n", environment()[:-1]])
async def test_peer_that_says_nothing_is_closed(first_bytes: bytes) -> None:
    async with (
        serving(Seen(), limits=IMPATIENT) as server,
        calling(server, first_bytes) as asterisk,
    ):
        assert await asterisk.is_closed()


async def test_peer_that_dribbles_is_closed_all_the_same() -> None:
    async with serving(Seen(), limits=IMPATIENT) as server, calling(server, b"") as asterisk:

        async def dribble() -> None:
            for number in range(1000):
                await asterisk.say(f"agi_arg_{number % 100}{number}: x")
                await asyncio.sleep(0.01)

        dribbling = asyncio.create_task(dribble(), name="dribble")
        assert await asterisk.is_closed()
        dribbling.cancel()
        await asyncio.wait({dribbling})


@pytest.mark.parametrize(
    "garbage", [b"\0" * 100 + b"\n", b"GET / HTTP/1.1\r\n\r\n", b"\n", b"\xff" * 9000]
)
async def test_garbage_is_closed_at_once(garbage: bytes) -> None:
    with capture_logs() as logs:
        async with serving(Seen()) as server, calling(server, garbage) as asterisk:
            assert await asterisk.is_closed()
    assert [entry["event"] for entry in logs] == ["agi_peer_garbage"]


async def test_flood_does_not_hold_up_other_callers() -> None:
    seen = Seen()
    async with serving(seen) as server, calling(server, environment()) as polite:
        for _ in range(20):
            async with calling(server, b"agi_x: y\n" * 20000):
                pass
        assert (await polite.obey("200 result=49")).startswith("STREAM FILE")
        assert seen.channels


async def test_asterisk_that_does_not_answer_is_given_up() -> None:
    seen = Seen()
    async with serving(seen, limits=QUICK) as server, calling(server, environment()) as asterisk:
        assert (await asterisk.command()).startswith("STREAM FILE")
        assert await asterisk.is_closed()
    assert [type(one) for one in seen.errors] == [PeerSilent]


async def test_late_reply_is_not_taken_for_the_next_one() -> None:
    errors: list[IvrError] = []

    async def handler(channel: AgiChannel) -> None:
        for _ in range(2):
            try:
                await channel.get_variable("LINE")
            except IvrError as error:
                errors.append(error)

    async with serving(handler, limits=QUICK) as server:
        async with calling(server, environment()) as asterisk:
            await asterisk.command()
            assert await asterisk.is_closed()
    assert [type(one) for one in errors] == [PeerSilent, ChannelGone]


async def test_failing_handler_closes_only_its_own_session() -> None:
    seen = Seen()

    async def handler(channel: AgiChannel) -> None:
        if channel.request.uniqueid == "1.1":
            raise KeyError("5550001")
        await seen(channel)

    with capture_logs() as logs:
        async with serving(handler) as server:
            async with calling(server, environment("1.2")) as good:
                async with calling(server, environment("1.1")) as bad:
                    assert await bad.is_closed()
                for _ in range(5):
                    await good.obey("200 result=1")
                assert await good.is_closed()
    failures = [entry for entry in logs if entry["log_level"] == "error"]
    assert [entry["event"] for entry in failures] == ["agi_handler_failed"]
    assert failures[0]["session"] == "1.1"
    assert failures[0]["error"] == "KeyError"
    assert "test_fastagi.py" in failures[0]["where"]
    assert not seen.errors


async def test_no_log_holds_what_a_caller_brought() -> None:
    async def handler(channel: AgiChannel) -> None:
        raise ValueError(channel.request.callerid)

    with capture_logs() as logs:
        async with serving(handler) as server:
            for first_bytes in (environment(), b"agi_5550001\n", b"agi_a: 5550001\n5550001\n"):
                async with calling(server, first_bytes) as asterisk:
                    assert await asterisk.is_closed()
    assert len(logs) == 3
    assert "5550001" not in repr(logs)


async def test_more_sessions_than_allowed_are_refused_and_room_is_made_again() -> None:
    seen = Seen()
    async with serving(seen, max_sessions=3) as server, AsyncExitStack() as stack:
        inside: list[FakeAsterisk] = []
        for _ in range(3):
            inside.append(await stack.enter_async_context(calling(server, environment())))
            await inside[-1].command()
        async with calling(server, environment()) as refused:
            assert await refused.is_closed()
        inside[0].leave()
        await until_sessions(server, 2)
        async with calling(server, environment()) as admitted:
            assert (await admitted.command()).startswith("STREAM FILE")


async def test_stop_lets_a_session_finish() -> None:
    seen = Seen()
    server = FastAgiServer("127.0.0.1", 0, seen)
    await server.start()
    async with calling(server, environment()) as asterisk:
        await asterisk.obey("200 result=49")
        stopping = asyncio.create_task(server.stop(grace_s=5), name="stop")
        for _ in range(4):
            assert await asterisk.obey("200 result=1")
        await stopping
    assert not seen.errors
    assert seen.values == [""]
    assert server.sessions == 0


async def test_stop_aborts_a_session_that_does_not_finish() -> None:
    async def handler(channel: AgiChannel) -> None:
        await channel.wait_for_digit(60_000)

    server = FastAgiServer("127.0.0.1", 0, handler)
    await server.start()
    async with calling(server, environment()) as asterisk, calling(server, b"") as silent:
        await asterisk.command()
        started = time.monotonic()
        await server.stop(grace_s=0.05)
        assert time.monotonic() - started < 0.5
        assert await asterisk.is_closed()
        assert await silent.is_closed()
    own = [task for task in asyncio.all_tasks() if task.get_name().startswith("agi-")]
    assert not own


async def test_stop_is_bounded_even_where_a_handler_will_not_end() -> None:
    release = asyncio.Event()

    async def handler(channel: AgiChannel) -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    server = FastAgiServer("127.0.0.1", 0, handler, limits=QUICK)
    await server.start()
    with capture_logs() as logs:
        async with calling(server, environment()):
            await until_sessions(server, 1)
            await asyncio.sleep(0.02)
            started = time.monotonic()
            await server.stop(grace_s=0.05)
            assert time.monotonic() - started < 1
    release.set()
    await asyncio.sleep(0.02)
    assert "agi_task_would_not_end" in [entry["event"] for entry in logs]


async def test_session_that_goes_on_for_ever_is_cut() -> None:
    async def handler(channel: AgiChannel) -> None:
        while True:
            await channel.get_variable("LINE")

    async with serving(handler, limits=QUICK) as server:
        async with calling(server, environment()) as asterisk:
            for _ in range(1000):
                if not await asterisk.obey("200 result=1 (110)"):
                    break
                await asyncio.sleep(0.01)
            else:
                pytest.fail("the session goes on")
        await until_sessions(server, 0)


async def test_command_that_may_not_be_sent_leaves_the_channel_usable() -> None:
    errors: list[BadCommand] = []

    async def handler(channel: AgiChannel) -> None:
        try:
            await channel.set_variable("NAME", "a\nHANGUP")
        except BadCommand as error:
            errors.append(error)
        await channel.verbose("still here")

    async with serving(handler) as server, calling(server, environment()) as asterisk:
        assert await asterisk.obey("200 result=1") == 'VERBOSE "still here" "1"'
    assert len(errors) == 1


async def test_address_in_use_is_said() -> None:
    async with serving(Seen()) as server:
        with pytest.raises(CannotListen, match=str(server.port)):
            await FastAgiServer("127.0.0.1", server.port, Seen()).start()


async def test_stop_without_start_is_nothing() -> None:
    await FastAgiServer("127.0.0.1", 0, Seen()).stop()
