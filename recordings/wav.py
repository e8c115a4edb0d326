"""The one WAV file that this product writes: 16-bit PCM, 8 kHz, two channels, no extra chunks."""

from __future__ import annotations

import struct
from typing import BinaryIO

from recordings.errors import NotFinished, TooLong

RATE_HZ = 8000
CHANNELS = 2
SAMPLE_BYTES = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
HEADER_BYTES = _HEADER.size
_BEFORE_RIFF_SIZE = 8
_PCM = 1
_MAX_SIZE = 2**32 - 1


def header(frames: int) -> bytes:
    """Header of a file with so many frames (one sample of each channel)."""
    data_bytes = frames * FRAME_BYTES
    riff_bytes = HEADER_BYTES - _BEFORE_RIFF_SIZE + data_bytes
    if riff_bytes > _MAX_SIZE:
        raise TooLong(f"{duration_ms(frames) // 1000} s do not fit into one WAV file")
    return _HEADER.pack(
        b"RIFF",
        riff_bytes,
        b"WAVE",
        b"fmt ",
        16,
        _PCM,
        CHANNELS,
        RATE_HZ,
        RATE_HZ * FRAME_BYTES,
        FRAME_BYTES,
        SAMPLE_BYTES * 8,
        b"data",
        data_bytes,
    )


def frames_of(file: BinaryIO, file_bytes: int) -> int:
    """Frames in a file of ``file_bytes``; raises `NotFinished` unless all of it is there."""
    frames, rest = divmod(file_bytes - HEADER_BYTES, FRAME_BYTES)
    if frames < 0 or rest or file.read(HEADER_BYTES) != header(frames):
        raise NotFinished("not a whole two-channel WAV file")
    return frames


def duration_ms(frames: int) -> int:
    """How long so many frames last."""
    return frames * 1000 // RATE_HZ
