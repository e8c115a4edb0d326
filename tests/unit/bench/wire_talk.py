"""SIP of a call as it passes Asterisk's port, in few words."""

from __future__ import annotations

from callcenter.bench.sip import Seen, parse

ASTERISK, PHONES, CALLER = 5060, 6000, 7000
SEATS = frozenset({"s01", "s02"})


def packet(
    first: str, call_id: str, *, cseq: str, sender: str = "asterisk", to_tag: str = ""
) -> bytes:
    to = "<sip:110@127.0.0.1>" + (f";tag={to_tag}" if to_tag else "")
    return (
        f"{first}\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nFrom: <sip:{sender}@127.0.0.1>;tag=f\r\n"
        f"To: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n\r\n"
    ).encode()


def one(at: float, ports: tuple[int, int], data: bytes) -> Seen:
    message = parse(data)
    assert message is not None
    return Seen(at, *ports, message)


def seat_rings(at: float, seat: str, call_id: str, caller: str = "71") -> Seen:
    data = packet(f"INVITE sip:{seat}@h SIP/2.0", call_id, cseq="1 INVITE", sender=caller)
    return one(at, (ASTERISK, PHONES), data)


def seat_answers(at: float, call_id: str) -> Seen:
    return one(at, (PHONES, ASTERISK), packet("SIP/2.0 200 OK", call_id, cseq="1 INVITE"))


def seat_hangs_up(at: float, call_id: str) -> Seen:
    data = packet("BYE sip:asterisk@h SIP/2.0", call_id, cseq="1 BYE", to_tag="x")
    return one(at, (PHONES, ASTERISK), data)


def caller_dials(at: float, number: str, call_id: str) -> Seen:
    data = packet("INVITE sip:110@h SIP/2.0", call_id, cseq="1 INVITE", sender=number)
    return one(at, (CALLER, ASTERISK), data)


def caller_hears(at: float, status: str, number: str, call_id: str) -> Seen:
    data = packet(f"SIP/2.0 {status}", call_id, cseq="1 INVITE", sender=number)
    return one(at, (ASTERISK, CALLER), data)


def caller_leaves(at: float, number: str, call_id: str) -> Seen:
    data = packet("BYE sip:110@h SIP/2.0", call_id, cseq="2 BYE", sender=number, to_tag="x")
    return one(at, (CALLER, ASTERISK), data)
