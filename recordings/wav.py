"""The one kind of WAV file that this product writes: 16-bit PCM, two channels, no extra chunks."""

from __future__ import annotations

import struct
from typing import BinaryIO

from recordings.errors import NotFinished, TooLong

NARROW_HZ = 8_000
WIDE_HZ = 16_000
RATES_HZ = (NARROW_HZ, WIDE_HZ)
"""Of a call's recording: telephone, or wideband where a leg of it is."""
CHANNELS = 2
SAMPLE_BYTES = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
HEADER_BYTES = _HEADER.size
_BEFORE_RIFF_SIZE = 8
_PCM = 1
_MAX_SIZE = 2**32 - 1


def header(frames: int, rate_hz: int = NARROW_HZ) -> bytes:
    """Header of a file with so many frames (one sample of each channel)."""
    data_bytes = frames * FRAME_BYTES
    riff_bytes = HEADER_BYTES - _BEFORE_RIFF_SIZE + data_bytes
    if riff_bytes > _MAX_SIZE:
        raise TooLong(f"{duration_ms(frames, rate_hz) // 1000} s do not fit into one WAV file")
    return _HEADER.pack(
        b"RIFF",
        riff_bytes,
        b"WAVE",
        b"fmt ",
        16,
        _PCM,
        CHANNELS,
        rate_hz,
        rate_hz * FRAME_BYTES,
        FRAME_BYTES,
        SAMPLE_BYTES * 8,
        b"data",
        data_bytes,
    )


def length_of(file: BinaryIO, file_bytes: int) -> int:
    """How long a file of ``file_bytes`` lasts, in ms; `NotFinished` unless all of it is there."""
    frames, rest = divmod(file_bytes - HEADER_BYTES, FRAME_BYTES)
    if frames >= 0 and not rest:
        told = file.read(HEADER_BYTES)
        for rate_hz in RATES_HZ:
            if told == header(frames, rate_hz):
                return duration_ms(frames, rate_hz)
    raise NotFinished("not a whole two-channel WAV file")


def duration_ms(frames: int, rate_hz: int = NARROW_HZ) -> int:
    """How long so many frames last."""
    return frames * 1000 // rate_hz
