"""A stretch of one channel of a finished recording, read piece by piece."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from recordings.errors import NotFinished
from recordings.files import disk_errors, open_regular
from recordings.wav import CHANNELS, FRAME_BYTES, HEADER_BYTES, SAMPLE_BYTES

_FORMAT = struct.Struct("<HHI")
_FORMAT_AT = 20
_PCM = 1


class Channel(IntEnum):
    """Who is on which channel."""

    CALLER = 0
    HEARD = 1
    """What the caller heard: everybody else, and prompts."""


class Excerpt:
    """Samples of one channel between two moments, in ms from the recording's first sample.

    What lies outside of the recording is not there: a stretch may be shorter than was asked for.
    Raises `NotFinished` for no recording of ours, `UnsafeFile`, `StorageFailed`.
    """

    def __init__(self, path: Path, channel: Channel, from_ms: int, to_ms: int | None) -> None:
        self._path = path
        self._channel = channel
        with disk_errors(path):
            self._file = open_regular(path)
            try:
                size_bytes = self._file.seek(0, 2)
                self._file.seek(0)
                self.rate_hz = _rate_hz(self._file.read(HEADER_BYTES))
                frames = (size_bytes - HEADER_BYTES) // FRAME_BYTES
                first = min(max(0, from_ms) * self.rate_hz // 1000, frames)
                last = frames if to_ms is None else min(to_ms * self.rate_hz // 1000, frames)
                self.from_ms = first * 1000 // self.rate_hz
                """Where it begins, within the recording."""
                self._left = max(0, last - first)
                self._file.seek(HEADER_BYTES + first * FRAME_BYTES)
            except BaseException:
                self._file.close()
                raise

    def read(self, size_bytes: int) -> bytes:
        """The next so many bytes of 16-bit samples; fewer at the end, none after it."""
        frames = min(size_bytes // SAMPLE_BYTES, self._left)
        samples = self._frames(frames)
        self._left -= frames
        return samples

    def looks(self, most: int) -> Iterator[bytes]:
        """A second each from so many places of what is left, at most; it stays to be read."""
        here, left = self._file.tell(), self._left
        frames = min(self.rate_hz, left)
        places = min(most, left // frames) if frames else 0
        try:
            for place in range(places):
                first = (left - frames) * place // max(1, places - 1)
                self._file.seek(here + first * FRAME_BYTES)
                yield self._frames(frames)
        finally:
            self._file.seek(here)

    def _frames(self, frames: int) -> bytes:
        with disk_errors(self._path):
            data = self._file.read(frames * FRAME_BYTES)
        if len(data) != frames * FRAME_BYTES:
            raise NotFinished(f"{self._path.name} became shorter while it was read")
        # 16-bit units are moved, never read as numbers: the machine's byte order does not matter.
        return array("H", data)[self._channel :: CHANNELS].tobytes()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def _rate_hz(header: bytes) -> int:
    if len(header) != HEADER_BYTES or header[:4] != b"RIFF" or header[8:12] != b"WAVE":
        raise NotFinished("not a recording")
    encoding, channels, rate_hz = _FORMAT.unpack_from(header, _FORMAT_AT)
    if encoding != _PCM or channels != CHANNELS or not 8_000 <= rate_hz <= 48_000:
        raise NotFinished("not a two-channel recording of 16-bit samples")
    return int(rate_hz)
