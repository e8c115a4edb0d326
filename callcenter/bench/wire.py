"""SIP as it is on the wire: packets of the loopback interface with the kernel's own times.

A raw socket reads what passes ``lo`` (packet(7), so it needs root or CAP_NET_RAW). A filter in the
kernel lets only UDP of the SIP port through, so that audio costs nothing. The kernel stamps a
packet while it is sent: how late it is read here does not matter.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from callcenter.bench.errors import BenchFailed

LOOPBACK = "lo"
BUFFER_BYTES = 64 << 20
LARGEST_PACKET = 65535

# Not in Python's socket module; asm-generic/socket.h and linux/if_packet.h.
_SO_ATTACH_FILTER = 26
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_SOL_PACKET = 263
_PACKET_STATISTICS = 6
_ETH_P_IP = 0x0800
_UDP = 17
_UDP_HEADER_BYTES = 8
_TIMESPEC = struct.Struct("@qq")
_QUIET_S = 0.3
"""With no packet for so long, everything sent before has been read."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One UDP datagram and when it was sent (seconds since 1970)."""

    at: float
    from_port: int
    to_port: int
    payload: bytes


class Capture:
    """What passed until now. Read `packets` after the ``with`` block of `capturing`."""

    def __init__(self, port: int) -> None:
        self.packets: list[Packet] = []
        try:
            self._socket = socket.socket(
                socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_IP)
            )
        except PermissionError:
            raise BenchFailed(
                "packets cannot be read from the loopback interface; run the benchmark as root"
            ) from None
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._attach(udp_of_port(port))
        self._socket.bind((LOOPBACK, _ETH_P_IP))
        self._socket.settimeout(_QUIET_S)
        self._ending = threading.Event()
        self._reader = threading.Thread(target=self._read, name="capture", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._reader.start()

    def stop(self) -> None:
        """Read what has passed and end; raises BenchFailed when packets were lost."""
        self._ending.set()
        self._reader.join()
        try:
            counted = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        finally:
            self._socket.close()
        _, lost = struct.unpack("II", counted)
        if lost:
            raise BenchFailed(f"{lost} packets were lost while reading; the machine is too busy")

    def _read(self) -> None:
        while True:
            try:
                data, notes, _, address = self._socket.recvmsg(LARGEST_PACKET, 64)
            except TimeoutError:
                if self._ending.is_set():
                    return
                continue
            # A packet on loopback passes twice: as it is sent and, in the same call, as it arrives.
            if address[2] == socket.PACKET_HOST and (at := _stamp(notes)) is not None:
                self.packets.append(udp(at, data))

    def _attach(self, program: list[tuple[int, int, int, int]]) -> None:
        code = ctypes.create_string_buffer(
            b"".join(struct.pack("HBBI", *instruction) for instruction in program)
        )
        self._socket.setsockopt(
            socket.SOL_SOCKET,
            _SO_ATTACH_FILTER,
            struct.pack("HL", len(program), ctypes.addressof(code)),
        )


@contextmanager
def capturing(port: int) -> Iterator[Capture]:
    """Read what is sent from or to this UDP port on loopback."""
    capture = Capture(port)
    capture.start()
    try:
        yield capture
    finally:
        capture.stop()


def udp(at: float, packet: bytes) -> Packet:
    """The datagram of an IPv4 packet."""
    header = (packet[0] & 0x0F) * 4
    from_port, to_port = struct.unpack_from("!HH", packet, header)
    return Packet(at, from_port, to_port, packet[header + _UDP_HEADER_BYTES :])


def udp_of_port(port: int) -> list[tuple[int, int, int, int]]:
    """A classic BPF program (code, jump if true, if false, value) over an IPv4 packet."""
    load_byte, load_half, load_half_x, header_x = 0x30, 0x28, 0x48, 0xB1
    equal, any_bit, give = 0x15, 0x45, 0x06
    return [
        (load_byte, 0, 0, 9),  # the protocol
        (equal, 0, 8, _UDP),
        (load_half, 0, 0, 6),  # fragments have no ports
        (any_bit, 6, 0, 0x1FFF),
        (header_x, 0, 0, 0),
        (load_half_x, 0, 0, 0),  # from
        (equal, 2, 0, port),
        (load_half_x, 0, 0, 2),  # to
        (equal, 0, 1, port),
        (give, 0, 0, LARGEST_PACKET),
        (give, 0, 0, 0),
    ]


def _stamp(notes: list[tuple[int, int, bytes]]) -> float | None:
    for level, kind, data in notes:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data[: _TIMESPEC.size])
            return float(seconds) + float(nanoseconds) / 1e9
    return None
