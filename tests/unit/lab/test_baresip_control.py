"""The control link's codec, and the link against a peer that behaves badly."""

from __future__ import annotations

import asyncio
import gc
import json

import pytest

from callcenter.lab.baresip_control import BadControlMessage, ControlLink, Decoder, encode
from callcenter.lab.phone_errors import PhoneDied, PhoneRefused, PhoneTimeout


def netstring(message: object) -> bytes:
    body = json.dumps(message).encode()
    return b"%d:%s," % (len(body), body)


def test_a_command_is_a_netstring_whose_length_counts_bytes():
    head, _, body = encode("dial", "sip:110@127.0.0.1", "7").partition(b":")
    assert int(head) == len(body) - 1
    assert json.loads(body[:-1]) == {
        "command": "dial",
        "params": "sip:110@127.0.0.1",
        "token": "7",
    }


def test_messages_come_whole_however_the_bytes_are_split():
    messages = [{"event": True, "type": "CALL_RINGING"}, {"response": True, "ok": True}]
    stream = b"".join(netstring(message) for message in messages)
    decoder = Decoder()
    got = [message for byte in stream for message in decoder.feed(bytes([byte]))]
    assert got == messages
    assert Decoder().feed(stream) == messages


@pytest.mark.parametrize(
    "garbage",
    [b"hello there,", b"-3:abc,", b"9999999:x", b"3:abcX", b"7:not-js!,", b"2:[],"],
)
def test_garbage_is_refused(garbage: bytes):
    with pytest.raises(BadControlMessage):
        Decoder().feed(garbage)


class Peer:
    """A control socket that answers as the test tells it to."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.leaving = asyncio.Event()
        self.serving: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Peer:
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while self.answers and await reader.read(1000):
            answer = self.answers.pop(0)
            if answer is None:
                break
            writer.write(answer)
        else:
            await self.leaving.wait()
        writer.close()
        await writer.wait_closed()

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        self.leaving.set()
        await asyncio.gather(*self.serving)


@pytest.fixture
def lost() -> list[str]:
    return []


@pytest.fixture
async def link(lost: list[str]):
    events: list[dict] = []
    link = ControlLink("s01", events.append, lost.append)
    link.events = events
    yield link
    await link.close()


async def test_a_reply_is_matched_by_token_and_events_go_to_the_callback(link):
    event = netstring({"event": True, "type": "CALL_INCOMING"})
    stale = netstring({"response": True, "ok": True, "data": "stale", "token": "99"})
    reply = netstring({"response": True, "ok": True, "data": "\x1b[32mfine\x1b[;m", "token": "1"})
    async with Peer(event + stale + reply) as peer:
        await link.connect("127.0.0.1", peer.port)
        assert await link.command("about") == "fine"
    assert link.events == [{"event": True, "type": "CALL_INCOMING"}]


async def test_a_failed_command_names_phone_command_and_reason(link):
    reply = {"response": True, "ok": False, "data": "no such file", "token": "1"}
    async with Peer(netstring(reply)) as peer:
        await link.connect("127.0.0.1", peer.port)
        with pytest.raises(PhoneRefused, match="s01: ausrc failed: no such file"):
            await link.command("ausrc", "aufile,x.wav")


async def test_a_silent_phone_is_a_timeout(link):
    async with Peer(b"") as peer:
        await link.connect("127.0.0.1", peer.port)
        with pytest.raises(PhoneTimeout, match="s01: no answer to hangup"):
            await link.command("hangup", timeout_s=0.05)


@pytest.mark.parametrize("answer", [None, b"not a netstring"])
async def test_a_broken_link_fails_the_waiting_command_and_is_reported(link, lost, answer):
    async with Peer(answer) as peer:
        await link.connect("127.0.0.1", peer.port)
        with pytest.raises(PhoneDied, match="s01: the control link"):
            await link.command("hangup")
    assert len(lost) == 1


async def test_a_lost_link_says_how_the_process_fares(lost):
    async def explain() -> str:
        return "its process was ended by SIGSEGV"

    link = ControlLink("s01", lambda event: None, lost.append, explain)
    async with Peer(None) as peer:
        await link.connect("127.0.0.1", peer.port)
        with pytest.raises(PhoneDied, match=r"s01: the control link ended, its .* by SIGSEGV"):
            await link.command("hangup")
    assert lost == ["the control link ended, its process was ended by SIGSEGV"]
    with pytest.raises(PhoneDied, match=r"no control link for hangup: the control .* by SIGSEGV"):
        await link.command("hangup")
    await link.close()


async def test_a_link_whose_peer_left_leaves_nothing_unclosed_even_if_nobody_closes_it(
    lost, recwarn
):
    link = ControlLink("s01", lambda event: None, lost.append)
    async with Peer(None) as peer:
        await link.connect("127.0.0.1", peer.port)
        with pytest.raises(PhoneDied):
            await link.command("hangup")
    del link
    gc.collect()
    assert not [str(one.message) for one in recwarn]


async def test_a_second_connection_closes_the_first_one_and_loses_nothing(link, lost, recwarn):
    reply = netstring({"response": True, "ok": True, "data": "second", "token": "1"})
    async with Peer(b"") as first, Peer(reply) as second:
        await link.connect("127.0.0.1", first.port)
        await link.connect("127.0.0.1", second.port)
        gc.collect()
        assert await link.command("about") == "second"
        assert lost == []
        await link.close()
    assert not [str(one.message) for one in recwarn]


async def test_a_link_is_closed_even_if_its_closing_is_not_waited_for(link):
    async with Peer(b"") as peer:
        await link.connect("127.0.0.1", peer.port)
        writer = link._writer
        closing = asyncio.create_task(link.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        assert writer.is_closing()
