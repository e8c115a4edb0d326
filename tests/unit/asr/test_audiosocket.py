from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.audiosocket import (
    MAX_PAYLOAD_BYTES,
    AudioSocket,
    Digit,
    Identified,
    Kind,
    PeerFailed,
    PeerHungUp,
    Sound,
    message,
    silence,
)
from asr.errors import ProtocolError

NAME = UUID("12345678-1234-5678-1234-567812345678")
HELLO = message(Kind.UUID, NAME.bytes)
FRAME = message(Kind.SLIN_8, bytes(320))


def test_call_is_identified_then_heard_then_ended() -> None:
    peer = AudioSocket()
    events = list(peer.feed(HELLO + FRAME + message(Kind.DIGIT, b"5") + message(Kind.HANG_UP)))
    assert events == [Identified(NAME), Sound(bytes(320), 8_000), Digit("5"), PeerHungUp()]
    assert peer.ended


def test_wideband_sound_says_its_rate() -> None:
    peer = AudioSocket()
    assert list(peer.feed(HELLO + message(Kind.SLIN_16, bytes(640))))[1] == Sound(
        bytes(640), 16_000
    )


@given(st.lists(st.integers(1, 200), min_size=1))
def test_pieces_of_any_size_give_the_same_events(sizes: list[int]) -> None:
    data = HELLO + FRAME + message(Kind.SLIN_8, bytes(range(200))) + message(Kind.HANG_UP)
    peer, events, at = AudioSocket(), [], 0
    for size in [*sizes, len(data)]:
        events += peer.feed(data[at : at + size])
        at += size
    assert events == list(AudioSocket().feed(data))


@given(st.binary(max_size=400))
def test_garbage_is_refused_or_awaited_and_nothing_else(data: bytes) -> None:
    peer = AudioSocket()
    try:
        for event in peer.feed(data):
            assert isinstance(event, Identified | Sound | Digit | PeerHungUp | PeerFailed)
    except ProtocolError:
        assert peer.ended


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\n", "unknown kind of message, 0x47"),
        (FRAME, "SLIN_8 while nameless"),
        (message(Kind.HANG_UP), "HANG_UP while nameless"),
        (b"\x01\x00\x08" + bytes(8), "UUID of 8 bytes"),
        (b"\x01\xff\xff", f"at most {MAX_PAYLOAD_BYTES}"),
        (HELLO + HELLO, "UUID while streaming"),
        (HELLO + b"\x10\x40\x00", "payload of 16384 bytes"),
        (HELLO + message(Kind.SLIN_8, bytes(3)), "half a sample"),
        (HELLO + message(Kind.SLIN_48, bytes(4)), "SLIN_48 while streaming"),
        (HELLO + message(Kind.DIGIT, b"x"), "a digit that no telephone has"),
        (HELLO + b"\x42\x00\x00", "unknown kind"),
    ],
)
def test_message_out_of_place_or_bounds_is_refused_by_name(data: bytes, why: str) -> None:
    with pytest.raises(ProtocolError, match=why):
        list(AudioSocket().feed(data))


def test_nothing_is_taken_from_a_refused_peer() -> None:
    peer = AudioSocket()
    with pytest.raises(ProtocolError):
        list(peer.feed(b"\x42\x00\x00"))
    with pytest.raises(ProtocolError, match="while refused"):
        list(peer.feed(HELLO))


def test_nothing_is_taken_after_the_hang_up() -> None:
    peer = AudioSocket()
    list(peer.feed(HELLO + message(Kind.HANG_UP)))
    with pytest.raises(ProtocolError, match="while ended"):
        list(peer.feed(FRAME))


def test_oversized_message_is_refused_at_its_header_not_after_it() -> None:
    peer = AudioSocket()
    list(peer.feed(HELLO))
    with pytest.raises(ProtocolError):
        list(peer.feed(b"\x10\xff\xff"))


def test_connection_that_ends_inside_a_message_erred() -> None:
    peer = AudioSocket()
    list(peer.feed(HELLO + FRAME[:100]))
    with pytest.raises(ProtocolError, match="100 bytes into a message"):
        peer.eof()


def test_connection_may_end_between_messages() -> None:
    peer = AudioSocket()
    list(peer.feed(HELLO + FRAME))
    peer.eof()
    assert peer.ended


def test_error_of_asterisk_is_told_with_its_code() -> None:
    assert list(AudioSocket().feed(HELLO + message(Kind.ERROR, b"\x04")))[1] == PeerFailed(4)


def test_we_do_not_send_what_a_peer_must_refuse() -> None:
    with pytest.raises(ValueError, match="at most"):
        message(Kind.SLIN_8, bytes(MAX_PAYLOAD_BYTES + 2))


def test_silence_is_one_frame_of_20_ms() -> None:
    assert silence() == FRAME
    peer = AudioSocket()
    list(peer.feed(message(Kind.UUID, uuid4().bytes)))
    assert list(peer.feed(silence(16_000))) == [Sound(bytes(640), 16_000)]
