"""What is known after a connect, and in which order events follow it."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from callcenter.asterisk.events import ChannelCreated, ChannelHungUp, Connected
from tests.unit.asterisk.fake_ami import QUICK, FakeAmi, linked

CHANNEL = [
    ("Channel", "PJSIP/trunk-1"),
    ("ChannelStateDesc", "Up"),
    ("CallerIDNum", "<unknown>"),
    ("Context", "join"),
    ("Exten", "s"),
    ("Uniqueid", "1.1"),
    ("Linkedid", "1.1"),
    ("ChanVariable", "CALL_ID=1.1"),
    ("ChanVariable", "OFFER_ID="),
    ("Application", "ConfBridge"),
    ("ApplicationData", "1.1,call,caller"),
    ("Duration", "01:02:03"),
    ("BridgeId", "e3f0"),
]
USER = [("Channel", "PJSIP/trunk-1"), ("Uniqueid", "1.1"), ("MarkedUser", "Yes")]


def hung_up(uniqueid: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Event", "Hangup"),
        ("Channel", "PJSIP/x"),
        ("Uniqueid", uniqueid),
        ("Linkedid", uniqueid),
        ("Cause", "16"),
    )


async def test_snapshot_holds_channels_conferences_and_devices() -> None:
    async with FakeAmi() as asterisk:
        asterisk.channels = [CHANNEL]
        asterisk.conferences = {"1.1": [USER]}
        asterisk.devices = {"PJSIP/s01": "INUSE"}
        async with linked(asterisk) as linked_up:
            pass

    (snapshot,) = linked_up.told.snapshots()
    (channel,) = snapshot.channels
    assert channel.channel == "PJSIP/trunk-1"
    assert channel.application == "ConfBridge"
    assert channel.application_data == "1.1,call,caller"
    assert channel.duration_s == 3723
    assert channel.bridge_id == "e3f0"
    assert channel.caller_number == ""
    assert channel.variables == {"CALL_ID": "1.1"}
    assert snapshot.conferences["1.1"][0].marked
    assert snapshot.devices == {"PJSIP/s01": "INUSE"}


async def test_quiet_asterisk_gives_an_empty_snapshot() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        pass

    (snapshot,) = linked_up.told.snapshots()
    assert (snapshot.channels, snapshot.conferences) == ((), {})


async def test_named_devices_are_asked_for_one_by_one() -> None:
    async with FakeAmi() as asterisk:
        asterisk.devices = {"PJSIP/s01": "INUSE", "confbridge:1.1": "NOT_INUSE"}
        phones = ("PJSIP/s01", "PJSIP/s02")
        async with linked(asterisk, devices=phones) as linked_up:
            pass

    assert linked_up.told.snapshots()[0].devices == {"PJSIP/s01": "INUSE", "PJSIP/s02": "INVALID"}
    assert asterisk.sent("DeviceStateList") == []


async def test_hundred_conferences_are_all_listed() -> None:
    async with FakeAmi() as asterisk:
        asterisk.conferences = {f"1.{n}": [USER] for n in range(100)}
        async with linked(asterisk) as linked_up:
            pass

    assert len(linked_up.told.snapshots()[0].conferences) == 100


async def test_conference_that_ends_while_it_is_listed_is_left_out() -> None:
    async with FakeAmi() as asterisk:
        asterisk.conferences = {"1.1": [USER], "1.2": [USER]}

        async def end_first() -> None:
            del asterisk.conferences["1.1"]

        with asterisk.during("ConfbridgeList", end_first):
            async with linked(asterisk) as linked_up:
                pass

    assert set(linked_up.told.snapshots()[0].conferences) == {"1.2"}


async def test_snapshot_that_asterisk_refuses_is_said_with_the_account() -> None:
    async with FakeAmi() as asterisk:

        async def deny(peer, block) -> bool:
            if block["Action"] != "CoreShowChannels":
                return False
            await asterisk._respond(peer, block, "Error", ("Message", "Permission denied"))
            return True

        asterisk.on_action = deny
        async with linked(asterisk, wait=False) as linked_up:
            await linked_up.told.disconnected()

    assert linked_up.told.reasons()[0] == (
        "CoreShowChannels refused: Permission denied (for callcenter_reader)"
    )


async def test_event_during_a_snapshot_has_it_taken_again_and_is_not_told_twice() -> None:
    async with FakeAmi() as asterisk:
        asterisk.channels = [CHANNEL]

        async def hang_up() -> None:
            asterisk.channels = []
            await asterisk.event(*hung_up("1.1"))

        with asterisk.during("ConfbridgeListRooms", hang_up):
            async with linked(asterisk) as linked_up:
                pass

    (snapshot,) = linked_up.told.snapshots()
    assert snapshot.channels == ()
    assert linked_up.told.events() == []


async def test_events_that_never_stop_are_told_after_the_snapshot() -> None:
    async with FakeAmi() as asterisk:
        count = 0

        async def always(peer, block) -> bool:
            nonlocal count
            if block["Action"] == "ConfbridgeListRooms":
                count += 1
                await asterisk.event(*hung_up(f"1.{count}"))
            return False

        asterisk.on_action = always
        async with linked(asterisk) as linked_up:
            await linked_up.told.until(lambda told: len(told) == 2)

    connected, event = linked_up.told.messages
    assert isinstance(connected, Connected)
    assert isinstance(event, ChannelHungUp)
    assert event.uniqueid == "1.3"


async def test_actions_can_be_sent_once_the_connect_is_told_and_not_after_the_loss() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        await asterisk.drop()
        await linked_up.told.disconnected()

    assert linked_up.up_when_told[:2] == [True, False]


@pytest.mark.parametrize("when", ["before", "during"])
async def test_looking_again_never_shows_less_than_was_told(when: str) -> None:
    """An event is told before a later look, or held until its caller has compared."""
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        asterisk.channels = [CHANNEL]

        async def hang_up() -> None:
            asterisk.channels = []
            await asterisk.event(*hung_up("1.1"))

        action = "CoreShowChannels" if when == "before" else "DeviceStateList"
        with asterisk.during(action, hang_up):
            snapshot = await linked_up.link.snapshot()
        told_by_then = list(linked_up.told.events())
        await linked_up.told.until(lambda told: len(told) >= 2)

    gone = [event for event in told_by_then if isinstance(event, ChannelHungUp)]
    assert not gone or snapshot.channels == ()
    assert len(linked_up.told.events()) == 1


async def test_event_after_a_look_is_told_only_once_its_caller_has_compared() -> None:
    async with FakeAmi() as asterisk, linked(asterisk) as linked_up:
        count = 0

        async def always(peer, block) -> bool:
            nonlocal count
            if block["Action"] == "DeviceStateList":
                count += 1
                await asterisk.event(
                    ("Event", "Newchannel"),
                    ("Channel", "PJSIP/x"),
                    ("Uniqueid", f"1.{count}"),
                    ("Linkedid", "1.1"),
                )
            return False

        asterisk.on_action = always
        await linked_up.link.snapshot()
        told_at_return = [e.uniqueid for e in linked_up.told.events()]
        await linked_up.told.until(lambda told: len(told) == 4)

    assert told_at_return == ["1.1", "1.2"]
    assert all(isinstance(event, ChannelCreated) for event in linked_up.told.events())


async def test_asterisk_that_still_starts_is_not_looked_at_before_it_has_booted() -> None:
    async with FakeAmi() as asterisk:
        asterisk.booted = False
        async with linked(asterisk, wait=False) as linked_up:
            await asterisk.until(lambda: asterisk.peers and asterisk.peers[0].user)
            await asyncio.sleep(0.02)
            looked_early = asterisk.sent("CoreShowChannels")
            await asterisk.finish_boot()
            await linked_up.told.connected()

    assert looked_early == []
    assert len(asterisk.sent("CoreShowChannels")) == 1


async def test_asterisk_that_never_tells_of_its_boot_is_looked_at_after_a_while() -> None:
    async with FakeAmi() as asterisk:
        asterisk.booted = False
        with capture_logs() as logs:
            async with linked(asterisk, timings=replace(QUICK, boot_s=0.02)) as linked_up:
                pass

    assert linked_up.told.snapshots()
    assert "ami_boot_not_told" in [entry["event"] for entry in logs]


async def test_line_that_breaks_during_the_boot_is_tried_again() -> None:
    async with FakeAmi() as asterisk:
        asterisk.booted = False
        async with linked(asterisk, timings=replace(QUICK, boot_s=60), wait=False) as linked_up:
            await asterisk.until(lambda: asterisk.peers and asterisk.peers[0].user)
            await asterisk.drop()
            asterisk.booted = True
            await linked_up.told.connected()

    assert len(linked_up.told.reasons()) == 1
