"""Who may do what: callers, phones, strangers, the AMI accounts, and taps of one leg's sound."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import uuid
from pathlib import Path

import numpy as np
import pytest

from callcenter.lab.phone import Phone

pytestmark = pytest.mark.asterisk


@pytest.mark.parametrize("number", ["112", "s01", "o14a", "*43", "s", "hold", "h", "i", "T"])
def test_caller_reaches_the_lines_and_nothing_else(line, number):
    assert _invite(line.settings.sip, number, "2125550100") == 404


@pytest.mark.parametrize("user", ["s01", "o14a"])
def test_nobody_calls_in_under_the_name_of_a_phone_without_its_password(line, user):
    assert _invite(line.settings.sip, "110", user) == 401


@pytest.mark.parametrize("user", ["trunk", "2125550100", "anonymous"])
def test_stranger_from_another_address_reaches_no_line_under_any_name(line, user):
    assert _invite(line.settings.sip, "110", user, source="127.0.0.2") == 401


def _invite(sip, number, user, source="127.0.0.1"):
    """Send an INVITE by hand; the first status that is not provisional."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((source, 0))
        link.settimeout(3)
        port, tag = link.getsockname()[1], uuid.uuid4().hex
        body = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            "m=audio 29990 RTP/AVP 0\r\n"
        )
        head = (
            f"INVITE sip:{number}@{sip.host}:{sip.port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {source}:{port};branch=z9hG4bK{tag};rport\r\n"
            f"From: <sip:{user}@127.0.0.1>;tag={tag}\r\nTo: <sip:{number}@{sip.host}>\r\n"
            f"Call-ID: {tag}\r\nCSeq: 1 INVITE\r\nContact: <sip:{user}@127.0.0.1:{port}>\r\n"
            "Max-Forwards: 70\r\nContent-Type: application/sdp\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        link.sendto((head + body).encode(), (sip.host, sip.port))
        while (status := int(link.recv(4096).split(b" ")[1])) < 200:
            pass
        return status


@pytest.mark.parametrize("number", ["110", "12125550100", "911", "02"])
async def test_registered_phone_can_call_nobody(line, phone, number):
    seat = await phone("s01")
    await seat.dial(number)
    call = await seat.wait_closed(5)
    assert "404" in call.closed_why


async def test_registered_phone_can_test_itself_with_an_echo(line, phone, speech):
    seat = await phone("s01")
    await seat.dial("*43")
    await seat.wait_established()
    said = await seat.say(speech)
    await seat.hears(said)
    await seat.hang_up()


async def test_service_hears_when_a_phone_comes_and_goes(line, events, phone):
    seat = await phone("s01")
    await events.wait("ContactStatus", EndpointName="s01", ContactStatus="NonQualified")
    await seat.stop()
    await events.wait("ContactStatus", EndpointName="s01", ContactStatus="Removed")


async def test_wrong_password_registers_nobody(line, tmp_path):
    sip = line.settings.sip
    thief = Phone("s01", "not-the-password", sip.host, sip.port, tmp_path)
    await thief.start()
    with pytest.raises(Exception, match=r"refused|register"):
        await thief.registered(3)
    await thief.stop()
    assert "s01" not in line.cli("pjsip show contacts")


@pytest.mark.parametrize(
    "action",
    [
        {"Action": "Command", "Command": "core show version"},
        {"Action": "GetConfig", "Filename": "manager.conf"},
        {"Action": "Getvar", "Variable": "SHELL(id)"},
        {"Action": "ModuleLoad", "LoadType": "reload"},
        {
            "Action": "Originate",
            "Channel": "PJSIP/s01",
            "Application": "System",
            "Data": "id",
        },
    ],
    ids=lambda action: action["Action"],
)
async def test_acting_account_can_run_nothing_on_the_machine(actor, action):
    assert actor.ask(**action)["Response"] == "Error"


@pytest.mark.parametrize("name", ["Hangup", "Setvar", "Redirect", "Originate", "QueuePause"])
async def test_reading_account_can_change_nothing(line, link_of, name):
    with link_of(line.settings.ami.reader, line.secrets.ami_reader) as reader:
        reply = reader.ask(Action=name, Channel="x", Variable="x", Value="x", Interface="x")
        assert reply["Response"] == "Error"
        assert "ermission" in reply["Message"]


async def test_tap_hears_what_one_leg_says_and_nothing_else(
    line, steps, service, actor, phone, speech, heard
):
    seat, caller = await phone("s01"), await phone("2125550100")
    _, channel = await steps.talk(caller, seat)
    async with _tap(actor, channel) as samples:
        said = await seat.say(speech)
        await seat.finish(said)
        quiet = len(samples)
        said = await caller.say(speech)
        await caller.finish(said)
        await asyncio.sleep(0.3)
    sound = np.frombuffer(bytes(samples), "<i2").astype(float)
    while_seat_spoke, while_caller_spoke = sound[: quiet // 2], sound[quiet // 2 :]
    assert np.sqrt((while_caller_spoke**2).mean()) > 300
    assert np.sqrt((while_seat_spoke**2).mean()) < 30
    await caller.hang_up()


class _tap:
    """An AudioSocket server and the channel that spies on a leg into it."""

    def __init__(self, actor, channel):
        self._actor, self._channel = actor, channel
        self.samples = bytearray()

    async def __aenter__(self):
        self._id = uuid.uuid4()
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        reply = self._actor.ask(
            Action="Originate",
            Channel=f"AudioSocket/127.0.0.1:{port}/{self._id}",
            Application="ChanSpy",
            Data=f"{self._channel},qoS",
            Codecs="slin",
            Async="true",
        )
        assert reply["Response"] == "Success", reply
        return self.samples

    async def _take(self, reader, writer):
        silence = struct.pack(">BH", 0x10, 320) + bytes(320)
        try:
            while True:
                kind, length = struct.unpack(">BH", await reader.readexactly(3))
                payload = await reader.readexactly(length)
                if kind == 0x01:
                    assert payload == self._id.bytes
                elif kind == 0x10:
                    assert length == 320, "20 ms of signed linear at 8 kHz"
                    self.samples += payload
                    writer.write(silence)
                elif kind == 0x00:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def __aexit__(self, *_):
        self._server.close()
        assert self.samples, "the tap brought no sound"


def test_every_application_and_function_of_the_dialplan_is_loaded(asterisk):
    """A missing one would end the call of whoever gets there."""
    text = (Path(asterisk.folders.asterisk) / "config/extensions.conf").read_text()
    code = "\n".join(line.partition(" ;")[0] for line in text.splitlines() if line[:1] != ";")
    applications = set(re.findall(r"(?:,\d+|n(?:\([\w-]+\))?),([A-Z]\w+)\(", code))
    applications |= set(re.findall(r"\?([A-Z]\w+)\(", code))
    functions = set(re.findall(r"\$\{([A-Z_]+)\(", code))
    functions |= set(re.findall(r"Set\(([A-Z_]+)\(", code)) | {"GLOBAL"}
    assert {"ConfBridge", "Queue", "ExecIf"} <= applications
    assert {"CONFBRIDGE_INFO", "IMPORT", "TIMEOUT"} <= functions
    known = asterisk.cli("core show applications")
    for name in sorted(applications):
        assert re.search(rf"^\s+{name}:", known, re.M), f"application {name} is not loaded"
    known = asterisk.cli("core show functions")
    for name in sorted(functions):
        assert re.search(rf"^{name}\s", known, re.M), f"function {name} is not loaded"


def test_asterisk_starts_in_a_moment_and_without_an_error(asterisk):
    assert asterisk.started_in_s < 3
    log = (Path(asterisk.folders.asterisk) / "log/console.log").read_text()
    assert not [line for line in log.splitlines() if "ERROR" in line and "load" in line]
