"""A dictated note: a WAV file of one channel, given to a recogniser piece by piece."""

from __future__ import annotations

import io
import wave
from typing import Final

LONGEST_S: Final = 180.0
BODY_BYTES: Final = 6 * 1024 * 1024
"""Three minutes at 16 kHz and a header."""
_RATES_HZ: Final = frozenset({8_000, 16_000})
_SAMPLE_BYTES: Final = 2


class NotSound(ValueError):
    """It is no dictation; the message says what was expected."""


class Dictation:
    """Raises `NotSound`."""

    def __init__(self, content: bytes) -> None:
        try:
            with wave.open(io.BytesIO(content)) as file:
                channels, width, self.rate_hz = (
                    file.getnchannels(),
                    file.getsampwidth(),
                    file.getframerate(),
                )
                frames = file.getnframes()
                samples = file.readframes(frames)
        except (wave.Error, EOFError) as error:
            raise NotSound("expected a WAV file") from error
        if channels != 1 or width != _SAMPLE_BYTES or self.rate_hz not in _RATES_HZ:
            raise NotSound("expected one channel of 16-bit samples at 8 or 16 kHz")
        self.ms = len(samples) // _SAMPLE_BYTES * 1000 // self.rate_hz
        if not self.ms:
            raise NotSound("expected words, found nothing")
        if self.ms > LONGEST_S * 1000:
            raise NotSound(f"expected at most {LONGEST_S:.0f} s")
        self._left = io.BytesIO(samples)

    def read(self, size_bytes: int) -> bytes:
        """The next so many bytes of samples; none at the end."""
        return self._left.read(size_bytes)
