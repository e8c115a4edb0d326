"""What the link does when Asterisk, or the line to it, misbehaves."""

import asyncio
import time
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from callcenter.asterisk.actions import (
    GetVariable,
    Hangup,
    ListConferenceUsers,
    OriginateExtension,
    Ping,
    Redirect,
    SetVariable,
)
from callcenter.asterisk.connection import AmiLink, Timings
from callcenter.asterisk.errors import (
    ActionRefused,
    ActionTimeout,
    BadCredentials,
    InvalidAction,
    NotConnected,
    OutcomeUnknown,
)
from callcenter.asterisk.events import CallArrived, ChannelCreated, Connected, Disconnected, Message
from callcenter.asterisk.mailbox import Mailbox
from callcenter.asterisk.session import MAX_MESSAGE_BYTES, MAX_PENDING
from tests.unit.asterisk.fake_ami import ACTOR, QUICK, READER, FakeAmi, linked, wire

NEVER_PINGS = Timings(login_s=1.0, snapshot_s=1.0, ping_every_s=60.0, first_pause_s=0.01)
REDIRECT = Redirect("PJSIP/110-1", "hold", "s")
ORIGINATE = OriginateExtension("PJSIP/o19a", "officer-brief", "s", channel_id="officer-7")


def new_channel(number: int) -> tuple[tuple[str, str], ...]:
    return (
        ("Event", "Newchannel"),
        ("Channel", f"PJSIP/110-{number}"),
        ("Uniqueid", f"1.{number}"),
        ("Linkedid", f"1.{number}"),
        ("CallerIDNum", "+1555"),
    )


def arrived(number: str) -> bytes:
    return wire(
        ("Event", "UserEvent"),
        ("Channel", "PJSIP/110-1"),
        ("Uniqueid", "1.1"),
        ("UserEvent", "CallArrived"),
        ("CallId", "1.1"),
        ("Line", "110"),
        ("Queue", "police"),
        ("CallerIDNum", number),
    )


def created(count: int) -> Callable[[list[Message]], bool]:
    return lambda told: sum(isinstance(m, ChannelCreated) for m in told) >= count


# ---- signing in


@pytest.mark.parametrize("user", [READER[0], ACTOR[0]])
async def test_wrong_password_is_said_at_once_and_not_tried_again(user: str) -> None:
    async with FakeAmi() as asterisk, linked(asterisk, wait=False) as linked_up:
        with asterisk.wrong_password(user), pytest.raises(BadCredentials, match=user):
            await linked_up.run

    assert [block["Username"] for block in asterisk.sent("Login")].count(user) == 1
    assert len(linked_up.told.reasons()) == 1


async def test_password_that_stops_being_right_ends_the_link_after_a_reconnect() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.wrong_password(ACTOR[0]):
            await asterisk.drop()
            with pytest.raises(BadCredentials):
                await linked_up.run

    assert isinstance(linked_up.told.messages[-1], Disconnected)


async def test_error_texts_and_logs_hold_no_password() -> None:
    with capture_logs() as logs:
        async with FakeAmi() as asterisk, linked(asterisk, wait=False) as linked_up:
            with asterisk.wrong_password(READER[0]), pytest.raises(BadCredentials) as raised:
                await linked_up.run

    assert READER[1] not in f"{raised.value!r} {raised.value} {logs}"


async def test_reader_asks_for_events_and_actor_for_none() -> None:
    async with FakeAmi() as asterisk, linked(asterisk):
        pass

    assert {block["Username"]: block["Events"] for block in asterisk.sent("Login")} == {
        READER[0]: "on",
        ACTOR[0]: "off",
    }


async def test_login_that_is_not_answered_is_given_up_and_tried_again() -> None:
    timings = Timings(login_s=0.03, first_pause_s=0.01, longest_pause_s=0.01)
    async with FakeAmi() as asterisk:
        with asterisk.never_answers("Login"):
            async with linked(asterisk, timings=timings, wait=False) as linked_up:
                await linked_up.told.disconnected()
                await asterisk.until(lambda: len(asterisk.sent("Login")) >= 3)

                assert not linked_up.link.connected
                assert len(linked_up.told.reasons()) == 1


async def test_nobody_listening_is_told_once_and_tried_until_somebody_does() -> None:
    async with FakeAmi() as asterisk:
        ami = asterisk.ami
    told: list[Message] = []
    link = AmiLink(ami, "x", "y", told.append, timings=QUICK)
    run = asyncio.create_task(link.run())
    await asyncio.sleep(0.1)
    run.cancel()

    assert [type(message) for message in told] == [Disconnected]
    with pytest.raises(NotConnected):
        await link.send(REDIRECT)


@pytest.mark.parametrize(
    "banner", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00" * 50, b"Asterisk Call Manager/" + b"9" * 400]
)
async def test_peer_that_is_no_asterisk_manager_is_named_as_such(banner: bytes) -> None:
    async with FakeAmi() as asterisk:
        asterisk.banner = banner
        async with linked(asterisk, wait=False) as linked_up:
            await linked_up.told.disconnected()

    assert "not an Asterisk manager" in linked_up.told.reasons()[0]


# ---- actions


async def test_action_is_answered_with_what_asterisk_said() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        asterisk.devices["PJSIP/s01"] = "NOT_INUSE"
        reply = await linked_up.link.send(GetVariable(None, "DEVICE_STATE(s01)"))

    assert reply.response["Variable"] == "DEVICE_STATE(s01)"


async def test_refused_action_raises_with_asterisks_words() -> None:
    refused = wire(("Response", "Error"), ("ActionID", "%"), ("Message", "No such channel"))
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with (
            asterisk.answers_with("Hangup", lambda i: refused.replace(b"%", i.encode())),
            pytest.raises(ActionRefused, match="No such channel"),
        ):
            await linked_up.link.send(Hangup("PJSIP/gone-1"))

        assert linked_up.link.connected


async def test_refused_list_raises_instead_of_waiting_for_its_end() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with pytest.raises(ActionRefused, match="No Conference"):
            await linked_up.link.send(ListConferenceUsers("1.9"), timeout_s=1)


@pytest.mark.parametrize(
    "message",
    [
        "Originate successfully queued",
        "Added interface to queue",
        "Something will follow",
    ],
)
async def test_single_answer_that_sounds_like_a_list_does_not_wait_for_more(message: str) -> None:
    def answer(action_id: str) -> bytes:
        return wire(("Response", "Success"), ("ActionID", action_id), ("Message", message))

    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.answers_with("Originate", answer):
            reply = await linked_up.link.send(ORIGINATE, timeout_s=1)

    assert reply.response["message"] == message


async def test_action_with_line_breaks_is_not_sent() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with pytest.raises(InvalidAction):
            await linked_up.link.send(SetVariable(None, "X", "1\r\nAction: Originate"))
        await linked_up.link.send(REDIRECT)

    assert asterisk.sent("Setvar") == []


async def test_action_that_is_never_answered_ends_in_time_and_the_link_stays() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with (
            asterisk.never_answers("Originate"),
            pytest.raises(ActionTimeout, match="unknown whether it happened"),
        ):
            await linked_up.link.send(ORIGINATE, timeout_s=0.02)

        await linked_up.link.send(REDIRECT)

    assert len(asterisk.sent("Originate")) == 1
    assert linked_up.told.reasons() == []


async def test_answer_after_the_timeout_is_logged_and_taken_for_nothing_else() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.answers_late("Originate") as release, capture_logs() as logs:
            with pytest.raises(ActionTimeout):
                await linked_up.link.send(ORIGINATE, timeout_s=0.02)
            release.set()
            await linked_up.link.send(REDIRECT)
            await linked_up.link.send(REDIRECT)

    assert [entry["event"] for entry in logs] == ["ami_late_answer"]
    assert linked_up.told.events() == []


async def test_items_of_a_late_list_are_not_taken_for_events() -> None:
    async with FakeAmi() as asterisk, linked(asterisk, timings=NEVER_PINGS) as linked_up:
        asterisk.devices["PJSIP/s01"] = "INUSE"
        with asterisk.answers_late("DeviceStateList") as release:
            looking = asyncio.create_task(linked_up.link.snapshot())
            await asyncio.sleep(0.02)
            looking.cancel()
            await asyncio.wait([looking])
            release.set()
            await asterisk.event(*new_channel(1))
            await linked_up.told.until(created(1))
            await asyncio.sleep(0.02)

    assert [type(event) for event in linked_up.told.events()] == [ChannelCreated]


async def test_other_actions_are_answered_while_one_is_waited_for() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.answers_late("Originate") as release:
            slow = asyncio.create_task(linked_up.link.send(ORIGINATE))
            await linked_up.link.send(REDIRECT)
            assert not slow.done()
            release.set()
            await slow


async def test_actions_under_way_are_bounded() -> None:
    async with FakeAmi() as asterisk, linked(asterisk, timings=NEVER_PINGS) as linked_up:
        with asterisk.never_answers("Redirect"):
            under_way = [
                asyncio.create_task(linked_up.link.send(REDIRECT, timeout_s=60))
                for _ in range(MAX_PENDING)
            ]
            await asyncio.sleep(0)

            with pytest.raises(NotConnected, match="unanswered"):
                await linked_up.link.send(REDIRECT, timeout_s=0.01)
            assert len(asterisk.sent("Redirect")) <= MAX_PENDING
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

        await linked_up.link.send(REDIRECT)


async def test_action_beyond_the_bound_waits_for_its_turn_and_pings_go_on() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.answers_late("Redirect") as release:
            under_way = [
                asyncio.create_task(linked_up.link.send(REDIRECT, timeout_s=60))
                for _ in range(2 * MAX_PENDING)
            ]
            await asterisk.until(lambda: len(asterisk.sent("Redirect")) == MAX_PENDING)
            pings = len(asterisk.sent("Ping"))
            await asterisk.until(lambda: len(asterisk.sent("Ping")) > pings + 2)
            assert len(asterisk.sent("Redirect")) == MAX_PENDING
            release.set()
            await asyncio.gather(*under_way)

        assert len(asterisk.sent("Redirect")) == 2 * MAX_PENDING
        assert linked_up.told.reasons() == []


# ---- the line breaks


async def test_action_under_way_when_the_line_breaks_fails_as_unknown_and_is_not_sent_again() -> (
    None
):
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.drops_at("Originate"), pytest.raises(OutcomeUnknown) as raised:
            async with asyncio.timeout(1):
                await linked_up.link.send(ORIGINATE, timeout_s=60)
        await linked_up.told.connected(2)
        await linked_up.link.send(REDIRECT)

    assert not isinstance(raised.value, ActionTimeout)
    assert len(asterisk.sent("Originate")) == 1


async def test_action_that_waits_fails_as_well_when_only_the_reader_breaks() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.never_answers("Originate"):
            waiting = asyncio.create_task(linked_up.link.send(ORIGINATE, timeout_s=60))
            await asyncio.sleep(0.01)
            await asterisk.drop(READER[0])
            with pytest.raises(OutcomeUnknown):
                await asyncio.wait_for(waiting, 1)
        await linked_up.told.connected(2)

    assert len(asterisk.sent("Originate")) == 1


async def test_action_without_a_link_is_not_sent_and_not_kept() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.stalled():
            await asterisk.drop()
            await linked_up.told.disconnected()
            with pytest.raises(NotConnected):
                await linked_up.link.send(ORIGINATE)
        await linked_up.told.connected(2)

    assert asterisk.sent("Originate") == []


@pytest.mark.parametrize("user", [READER[0], ACTOR[0]])
async def test_losing_either_login_is_told_and_both_come_back(user: str) -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        await asterisk.drop(user)
        await linked_up.told.connected(2)
        await linked_up.link.send(REDIRECT)

        assert len(asterisk.peers) == 2
    assert [type(message) for message in linked_up.told.messages] == [
        Connected,
        Disconnected,
        Connected,
    ]


async def test_fifty_breaks_end_connected_with_two_logins_and_nothing_left_behind() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        for cut in range(1, 51):
            await asterisk.drop((READER[0], ACTOR[0], "")[cut % 3])
            await linked_up.told.connected(cut + 1)

        assert len(asterisk.peers) == 2
        names = {task.get_name() for task in asyncio.all_tasks()}
    assert {"ami-delivery", "ami-ping-reader", "ami-ping-actor"} <= names
    assert len([m for m in linked_up.told.messages if isinstance(m, Disconnected)]) == 50


async def test_events_received_before_the_break_are_told_before_it() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        await asterisk.raw(b"".join(wire(*new_channel(n)) for n in range(3000)))
        for peer in asterisk.peers:
            peer.writer.close()
        await linked_up.told.disconnected()

    kinds = [type(message) for message in linked_up.told.messages]
    assert kinds[:3002] == [Connected, *[ChannelCreated] * 3000, Disconnected]


@pytest.mark.parametrize("user", [READER[0], ACTOR[0]])
async def test_ping_without_an_answer_breaks_the_link(user: str) -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:

        async def silent_for_user(peer, block) -> bool:
            return peer.user == user and block["Action"] == "Ping"

        asterisk.on_action = silent_for_user
        await linked_up.told.disconnected()

    assert linked_up.told.reasons()[0] == f"{user}: ping not answered within 0.2 s"


async def test_ping_answered_with_an_error_breaks_the_link() -> None:
    def refused(action_id: str) -> bytes:
        return wire(("Response", "Error"), ("ActionID", action_id), ("Message", "Shutting down"))

    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with asterisk.answers_with("Ping", refused):
            await linked_up.told.disconnected()

    assert "Shutting down" in linked_up.told.reasons()[0]


async def test_answered_pings_keep_the_link() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        await asterisk.until(lambda: len(asterisk.sent(Ping.ACTION)) >= 6)

    assert linked_up.told.reasons() == []


# ---- bytes


async def test_answers_and_events_in_single_bytes_are_read_whole() -> None:
    async with FakeAmi() as asterisk:
        asterisk.channels = [[("Channel", "PJSIP/110-1"), ("Uniqueid", "1.1")]]
        with asterisk.split(after=1):
            async with linked(asterisk, timings=NEVER_PINGS) as linked_up:
                await asterisk.event(*new_channel(2))
                await linked_up.told.until(created(1))

    assert linked_up.told.snapshots()[0].channels[0].channel == "PJSIP/110-1"


async def test_character_split_over_two_reads_is_not_lost_wherever_it_is_split() -> None:
    name = "경찰 à"
    data = arrived(name)
    async with FakeAmi() as asterisk, linked(asterisk, timings=NEVER_PINGS) as linked_up:
        for at in range(1, len(data)):
            await asterisk.raw(data[:at])
            await asyncio.sleep(0.0005)
            await asterisk.raw(data[at:])
        await linked_up.told.until(lambda told: len(told) == len(data))

    numbers = {e.caller_number for e in linked_up.told.events() if isinstance(e, CallArrived)}
    assert numbers == {name}


async def test_bytes_that_are_not_utf8_cost_a_character_and_not_the_event() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        await asterisk.raw(arrived("%").replace(b"%", b"+1\xff555"))
        await linked_up.told.until(lambda told: len(told) == 2)

        assert linked_up.link.connected
    (event,) = linked_up.told.events()
    assert isinstance(event, CallArrived)
    assert event.caller_number == "+1�555"


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        (b"\x16\x03\x01\x02\x00\x01\xfc\r\n\r\n", "neither response nor event"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "neither response nor event"),
        (b"\r\n\r\n\r\n\r\n", "neither response nor event"),
        (wire(("Event", "a"), ("Event", "b")), "unreadable message"),
        (
            wire(("Response", "Success"), ("ActionID", "a"), ("ActionID", "b")),
            "unreadable message",
        ),
        (b"A" * (MAX_MESSAGE_BYTES + 1), "without an end of message"),
    ],
    ids=["tls", "http", "empty", "two events in one", "two ids in one", "no end"],
)
async def test_garbage_breaks_the_link_with_a_reason_and_it_comes_back(
    garbage: bytes, reason: str
) -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        await asterisk.raw(garbage)
        await linked_up.told.connected(2)

    assert reason in linked_up.told.reasons()[0]


async def test_event_without_its_headers_costs_only_itself() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        with capture_logs() as logs:
            await asterisk.event(("Event", "UserEvent"), ("UserEvent", "CallWaiting"))
            await asterisk.event(*new_channel(1))
            await linked_up.told.until(created(1))

    assert [entry["why"] for entry in logs] == ["CallWaiting without callid"]
    assert linked_up.told.reasons() == []


# ---- a slow or broken service


async def test_flood_that_the_service_cannot_follow_ends_in_a_new_snapshot() -> None:
    async with FakeAmi() as asterisk:
        mailbox = Mailbox(limit=100, high_water=50)
        async with linked(asterisk, mailbox=mailbox) as linked_up:
            await asterisk.raw(b"".join(wire(*new_channel(n)) for n in range(1000)))
            await linked_up.told.connected(2)

    assert linked_up.told.reasons() == ["the service is 100 events behind"]


async def test_flood_within_bounds_is_told_without_a_gap_and_in_order() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        await asterisk.raw(b"".join(wire(*new_channel(n)) for n in range(3000)))
        await linked_up.told.until(created(3000))

    ids = [event.uniqueid for event in linked_up.told.events()]
    assert ids == [f"1.{n}" for n in range(3000)]


async def test_actions_are_answered_during_a_flood() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        await asterisk.raw(b"".join(wire(*new_channel(n)) for n in range(3000)))
        await linked_up.link.send(REDIRECT, timeout_s=1)
        before_the_end = not created(3000)(linked_up.told.messages)

    assert before_the_end


async def test_old_news_is_known_for_it_and_all_of_it_is_heard_before_anybody_is_moved() -> None:
    async with FakeAmi() as asterisk, linked(asterisk, timings=NEVER_PINGS) as linked_up:
        link = linked_up.link
        old, fresh = (("Timestamp", f"{time.time() - ago_s:.6f}") for ago_s in (3.0, 0.0))
        assert link.behind, "calls went on while the snapshot was taken"
        await link.catch_up()
        await asterisk.event(*new_channel(1), fresh)
        await linked_up.told.until(created(1))
        assert not link.behind
        await link.snapshot()
        assert link.behind
        await link.catch_up()
        await asterisk.event(*new_channel(2), old)
        await linked_up.told.until(created(2))
        assert link.behind

        async def the_rest() -> None:
            await asterisk.event(*new_channel(3), old)

        with asterisk.during("Ping", the_rest):
            await link.catch_up()
        assert created(3)(linked_up.told.messages)
        assert not link.behind


async def test_link_that_cannot_catch_up_says_so_and_keeps_nobody_waiting() -> None:
    async with FakeAmi() as asterisk, linked(asterisk, timings=NEVER_PINGS) as linked_up:
        await asterisk.event(*new_channel(1), ("Timestamp", f"{time.time() - 3:.6f}"))
        await linked_up.told.until(created(1))
        with asterisk.never_answers("Ping"), capture_logs() as logs:
            await asyncio.wait_for(linked_up.link.catch_up(), 5)
        assert linked_up.link.behind
    assert [entry["event"] for entry in logs] == ["ami_not_caught_up"]


async def test_exception_of_the_service_is_logged_and_costs_only_that_message() -> None:
    def fail_at_the_second(message: Message) -> None:
        if isinstance(message, ChannelCreated) and message.uniqueid == "1.2":
            raise RuntimeError("bug")

    async with FakeAmi() as asterisk:
        async with linked(asterisk, on_message=fail_at_the_second) as linked_up:
            with capture_logs() as logs:
                for number in (1, 2, 3):
                    await asterisk.event(*new_channel(number))
                await linked_up.told.until(created(3))

            assert linked_up.link.connected
    assert [(entry["event"], entry["kind"]) for entry in logs] == [
        ("ami_message_failed", "ChannelCreated")
    ]


async def test_ended_link_leaves_no_connection_and_no_task() -> None:
    async with FakeAmi() as asterisk:
        async with linked(asterisk):
            pass
        await asterisk.until(lambda: not asterisk.peers)

    assert [t for t in asyncio.all_tasks() if t.get_name().startswith("ami-")] == []


def test_pauses_grow_are_bounded_and_differ_by_jitter() -> None:
    timings = Timings(first_pause_s=0.1, longest_pause_s=2.0)

    assert timings.pause_s(0, 0.0) == 0.1
    assert [timings.pause_s(n, 0.0) for n in (1, 2, 3)] == [0.2, 0.4, 0.8]
    assert timings.pause_s(1000, 0.0) == 2.0
    assert timings.pause_s(1000, 1.0) == 1.0
