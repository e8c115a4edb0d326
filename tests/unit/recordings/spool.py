"""Legs as Asterisk leaves them, and what a finished file says."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

CALL = "1700000000.12"


def pcm(*samples: int) -> bytes:
    return struct.pack(f"<{len(samples)}h", *samples)


def record(
    folder: Path,
    rx: bytes | None,
    tx: bytes | None,
    call_id: str = CALL,
    endings: tuple[str, str] = ("sln", "sln"),
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for side, data, ending in (("rx", rx, endings[0]), ("tx", tx, endings[1])):
        if data is not None:
            (folder / f"{call_id}-{side}.{ending}").write_bytes(data)


def channels(file: Path, rate_hz: int = 8000) -> tuple[list[int], list[int]]:
    """Left and right as any other program reads them."""
    with wave.open(str(file)) as sound:
        form = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
        assert form == (2, 2, rate_hz)
        data = sound.readframes(sound.getnframes())
        assert len(data) == sound.getnframes() * 4
    samples = struct.unpack(f"<{len(data) // 2}h", data)
    return list(samples[0::2]), list(samples[1::2])
