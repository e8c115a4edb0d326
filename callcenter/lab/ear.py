"""What a phone hears, while it hears it: samples with the moment at which they arrived.

baresip's ``sndfile`` filter appends every decoded packet to a WAV file at once. `Ear` follows
that file, so the audio can be measured during the call and each sample has a time on the
machine's monotonic clock (right to about 20 ms).
"""

from __future__ import annotations

import wave
from bisect import bisect_right
from pathlib import Path

import numpy as np
import soxr

from callcenter.lab.voice_match import RATE_HZ, Samples

_HEAD_BYTES = 512


class Ear:
    """The audio that one call brought to one phone.

    ``dumps`` is the folder in which baresip writes; finished pieces are kept there under
    ``call-<number>-heard-<piece>.wav``, so that a later call in the same second cannot
    overwrite them (baresip names its files by the second). What is measured has 8 kHz, what is
    kept has the phone's rate.
    """

    def __init__(self, dumps: Path, number: int, rate_hz: int = RATE_HZ) -> None:
        self._dumps = dumps
        self._number = number
        self._pieces: list[Path] = []
        self._read_bytes = 0
        self._rate_hz = rate_hz
        self._down = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="int16")
        self._heard = bytearray()
        self._samples = bytearray()
        self._odd = b""
        self._ends: list[int] = []
        self._times: list[float] = []

    def follow(self, now: float) -> None:
        """Take in what has been written since the last time; ``now`` is monotonic seconds."""
        self._drain(now)
        for dump in sorted(self._dumps.glob("dump-*-dec.wav")):
            piece = self._dumps / f"call-{self._number}-heard-{len(self._pieces) + 1}.wav"
            dump.rename(piece)
            self._pieces.append(piece)
            self._read_bytes = 0
            self._drain(now)
        for dump in self._dumps.glob("dump-*-enc.wav"):
            dump.unlink()

    def _drain(self, now: float) -> None:
        if not self._pieces:
            return
        with self._pieces[-1].open("rb") as file:
            if self._read_bytes == 0:
                head = file.read(_HEAD_BYTES)
                mark = head.find(b"data")
                if mark < 0 or len(head) < mark + 8:
                    return
                self._read_bytes = mark + 8
                self._odd = b""
            file.seek(self._read_bytes)
            fresh = file.read()
        self._read_bytes += len(fresh)
        fresh = self._odd + fresh
        whole = len(fresh) & ~1
        self._odd = fresh[whole:]
        if whole:
            self._heard += fresh[:whole]
            self._samples += self._measured(fresh[:whole])
            self._ends.append(len(self._samples) // 2)
            self._times.append(now)

    def _measured(self, fresh: bytes) -> bytes:
        if self._rate_hz == RATE_HZ:
            return fresh
        down: bytes = self._down.resample_chunk(np.frombuffer(fresh, "<i2")).tobytes()
        return down

    def __len__(self) -> int:
        """Samples heard so far."""
        return len(self._samples) // 2

    def since(self, at: float) -> tuple[int, Samples]:
        """Everything that arrived at or after a moment: index of its first sample, samples."""
        chunk = bisect_right(self._times, at - 1e-9)
        first = self._ends[chunk - 1] if chunk else 0
        return first, np.frombuffer(bytes(self._samples[first * 2 :]), dtype="<i2").astype(np.int16)

    def time_of(self, sample: int) -> float:
        """When this sample arrived."""
        if not self._ends:
            raise IndexError("nothing was heard yet")
        chunk = min(bisect_right(self._ends, sample), len(self._ends) - 1)
        return self._times[chunk] - max(self._ends[chunk] - sample, 0) / RATE_HZ

    def write_wav(self, to: Path) -> Path:
        """Everything heard so far as a finished WAV file, safe to read while the call goes on."""
        partial = to.with_suffix(".partial")
        with wave.open(str(partial), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(self._rate_hz)
            out.writeframes(bytes(self._heard))
        partial.replace(to)
        return to
