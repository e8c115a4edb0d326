"""Two legs become one two-channel WAV file: left the caller, right what the caller heard.

Legs of different rates become one file at the higher one.
"""

from __future__ import annotations

import os
from array import array
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soxr

from recordings.errors import StillBeingWritten
from recordings.files import disk_errors, open_regular, whole_or_nothing
from recordings.legs import Legs, Repair
from recordings.wav import SAMPLE_BYTES, duration_ms, header

BLOCK_SAMPLES = 32768
"""So much of each leg is in memory at a time."""


@dataclass(frozen=True, slots=True)
class Mixdown:
    """A finished file."""

    path: Path
    duration_ms: int
    repairs: tuple[Repair, ...]


def two_channel(legs: Legs, out: Path) -> Mixdown:
    """Merge the legs into ``out``, which appears whole or not at all (mode 0600).

    The same legs give the same bytes, so that an interrupted finish can be begun again. Raises
    `StillBeingWritten` when a leg has another size than when it was found, `TooLong`,
    `UnsafeFile`, `StorageFailed`.
    """
    with disk_errors(out), ExitStack() as stack:
        caller = _Leg(stack, legs.caller, legs.caller_bytes, legs.caller_hz, legs.rate_hz)
        heard = _Leg(stack, legs.heard, legs.heard_bytes, legs.heard_hz, legs.rate_hz)
        with whole_or_nothing(out) as file:
            file.write(header(legs.samples, legs.rate_hz))
            left = legs.samples
            while left:
                samples = min(left, BLOCK_SAMPLES)
                file.write(_interleaved(caller.read(samples), heard.read(samples)))
                left -= samples
            caller.check_size()
            heard.check_size()
    return Mixdown(out, duration_ms(legs.samples, legs.rate_hz), legs.repairs)


class _Leg:
    """Samples of one leg at the file's rate, then silence for as long as it is asked."""

    def __init__(
        self, stack: ExitStack, path: Path | None, size_bytes: int, rate_hz: int, to_hz: int
    ) -> None:
        self._file: BinaryIO | None = stack.enter_context(open_regular(path)) if path else None
        self._size_bytes = size_bytes
        self._left = size_bytes // SAMPLE_BYTES
        # In floats: the library's own way to 16 bits adds noise, other noise every time.
        self._change = (
            soxr.ResampleStream(rate_hz, to_hz, 1, dtype="float32") if rate_hz != to_hz else None
        )
        self._changed = b""

    def read(self, samples: int) -> bytes:
        wanted = samples * SAMPLE_BYTES
        while len(self._changed) < wanted and self._left:
            self._changed += self._more(min(self._left, BLOCK_SAMPLES))
        data, self._changed = self._changed[:wanted], self._changed[wanted:]
        return data + bytes(wanted - len(data))

    def _more(self, own: int) -> bytes:
        data = self._file.read(own * SAMPLE_BYTES) if self._file else b""
        if len(data) != own * SAMPLE_BYTES:
            raise StillBeingWritten("a leg became shorter while it was read")
        self._left -= own
        if self._change is None:
            return data
        wave = np.frombuffer(data, "<i2").astype(np.float32)
        changed = self._change.resample_chunk(wave, last=not self._left)
        rounded: bytes = np.clip(np.rint(changed), -32_768, 32_767).astype("<i2").tobytes()
        return rounded

    def check_size(self) -> None:
        if self._file and os.fstat(self._file.fileno()).st_size != self._size_bytes:
            raise StillBeingWritten("a leg grew while it was read")


def _interleaved(left: bytes, right: bytes) -> bytes:
    # 16-bit units are moved, never read as numbers: the machine's byte order does not matter.
    both = array("H", bytes(len(left) + len(right)))
    both[0::2] = array("H", left)
    both[1::2] = array("H", right)
    return both.tobytes()
