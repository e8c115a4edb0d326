"""Recorded sound at the rate that it truly has.

A wideband file may hold sound of a telephone's band: what a caller heard of legs with G.711, or a
caller whom Asterisk alone had joined to one. Recognisers trained on wideband sound miss what such
sound lacks, unless they are told.
"""

from __future__ import annotations

import numpy as np
import soxr

from recordings.excerpt import Channel, Excerpt
from recordings.wav import NARROW_HZ, SAMPLE_BYTES, WIDE_HZ

LOOKS = 60
ABOVE_HZ = 4_500
"""No telephone line carries this, and no resampler leaves it."""
FROM_HZ = 100
LEAST_SHARE = 3e-5
"""Of the energy: voices at 16 kHz have 1e-3 and more there, telephone sound below 1e-6."""


class TrueBand:
    """Reads an excerpt, at 8 kHz unless it is seen to be wideband all through.

    What a caller heard comes from legs of any codec, mixed: it is taken for narrowband.
    """

    def __init__(self, excerpt: Excerpt, channel: Channel) -> None:
        self._excerpt = excerpt
        narrow = excerpt.rate_hz == WIDE_HZ and (
            channel is Channel.HEARD or not _reaches_up(excerpt)
        )
        self.rate_hz = NARROW_HZ if narrow else excerpt.rate_hz
        self._down = soxr.ResampleStream(WIDE_HZ, NARROW_HZ, 1, dtype="float32") if narrow else None
        self._ready = b""
        self._ended = False

    def read(self, size_bytes: int) -> bytes:
        """The next so many bytes of 16-bit samples; fewer at the end, none after it."""
        if self._down is None:
            return self._excerpt.read(size_bytes)
        while len(self._ready) < size_bytes and not self._ended:
            data = self._excerpt.read(size_bytes * WIDE_HZ // NARROW_HZ)
            self._ended = not data
            wave = np.frombuffer(data, np.int16).astype(np.float32)
            lower = self._down.resample_chunk(wave, last=self._ended)
            self._ready += np.clip(np.rint(lower), -32_768, 32_767).astype(np.int16).tobytes()
        size_bytes -= size_bytes % SAMPLE_BYTES
        samples, self._ready = self._ready[:size_bytes], self._ready[size_bytes:]
        return samples


def _reaches_up(excerpt: Excerpt) -> bool:
    below = above = 0.0
    for look in excerpt.looks(LOOKS):
        wave = np.frombuffer(look, np.int16).astype(np.float64)
        power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
        hz = np.fft.rfftfreq(len(wave), 1 / excerpt.rate_hz)
        below += float(power[(hz > FROM_HZ) & (hz < ABOVE_HZ)].sum())
        above += float(power[hz >= ABOVE_HZ].sum())
    return above > LEAST_SHARE * below
