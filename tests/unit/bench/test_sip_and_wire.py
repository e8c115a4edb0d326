"""Reading packets and messages."""

from __future__ import annotations

import socket
import struct

from callcenter.bench.sip import parse
from callcenter.bench.wire import udp, udp_of_port


def ip_udp(from_port: int, to_port: int, payload: bytes, *, options: bytes = b"") -> bytes:
    words = 5 + len(options) // 4
    header = struct.pack(
        "!BBHHHBBH4s4s",
        0x40 | words,
        0,
        words * 4 + 8 + len(payload),
        0,
        0,
        64,
        socket.IPPROTO_UDP,
        0,
        socket.inet_aton("127.0.0.1"),
        socket.inet_aton("127.0.0.1"),
    )
    return (
        header + options + struct.pack("!HHHH", from_port, to_port, 8 + len(payload), 0) + payload
    )


def run(program: list[tuple[int, int, int, int]], packet: bytes) -> int:
    """The few instructions of classic BPF that the filter uses; bytes that are kept."""
    at, a, x = 0, 0, 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        match code:
            case 0x30:
                a = packet[k]
            case 0x28:
                a = struct.unpack_from("!H", packet, k)[0]
            case 0x48:
                a = struct.unpack_from("!H", packet, x + k)[0]
            case 0xB1:
                x = (packet[k] & 0x0F) * 4
            case 0x15:
                at += yes if a == k else no
            case 0x45:
                at += yes if a & k else no
            case 0x06:
                return k


def test_datagram_is_found_behind_an_ip_header_with_options() -> None:
    packet = udp(1.5, ip_udp(5060, 6000, b"hello", options=b"\x01" * 8))
    assert (packet.at, packet.from_port, packet.to_port, packet.payload) == (
        1.5,
        5060,
        6000,
        b"hello",
    )


def test_filter_keeps_udp_from_and_to_the_port_and_nothing_else() -> None:
    program = udp_of_port(5060)
    assert run(program, ip_udp(5060, 6000, b"x"))
    assert run(program, ip_udp(6000, 5060, b"x", options=b"\x01" * 4))
    assert not run(program, ip_udp(6000, 6001, b"x"))
    tcp = bytearray(ip_udp(5060, 5060, b"x"))
    tcp[9] = socket.IPPROTO_TCP
    assert not run(program, bytes(tcp))
    fragment = bytearray(ip_udp(5060, 5060, b"x"))
    fragment[7] = 1
    assert not run(program, bytes(fragment))


def test_request_and_response_are_told_apart_by_method_and_status() -> None:
    request = parse(
        b'BYE sip:s01@h:5 SIP/2.0\r\nf: "71" <sip:71@h>;tag=a\r\nt: <sip:s01@h>;tag=b\r\n'
        b"i: one\r\nCSeq: 3 BYE\r\n\r\n"
    )
    assert request is not None
    assert (request.method, request.status, request.call_id) == ("BYE", 0, "one")
    assert (request.from_user, request.to_tag) == ("71", "b")
    response = parse(b"SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\nCall-ID: one\r\n\r\nbody")
    assert response is not None
    assert (response.method, response.status, response.body) == ("INVITE", 486, "body")


def test_what_is_no_sip_is_nothing() -> None:
    for data in (b"", b"\r\n\r\n", b"\x80\x00\x01", b"SIP/2.0 OK what\r\n\r\n", b"A B C\r\n\r\n"):
        assert parse(data) is None
