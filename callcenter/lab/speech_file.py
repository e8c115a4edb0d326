"""WAV files that a phone can say: mono, 16 bit, at its rate, with silence behind the words.

baresip hangs up when its source file ends, so every file that it plays is followed by digital
silence (a hole in the file, which takes no space) that outlives what is said.
"""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import soxr

from callcenter.lab.phone_errors import PhoneMisused
from callcenter.lab.voice_match import RATE_HZ, Samples

SILENCE_S = 120
_HEADER_BYTES = 44


def read_speech(file: Path, rate_hz: int = RATE_HZ) -> Samples:
    """Samples of a WAV file at the rate of the phone that says it.

    Raises:
        PhoneMisused: it could not: the file has neither 8 kHz nor the phone's own rate.
    """
    try:
        with wave.open(str(file), "rb") as sound:
            form = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            if form[0] not in {RATE_HZ, rate_hz} or form[1:] != (1, 2):
                rates = " or ".join(str(each) for each in sorted({RATE_HZ, rate_hz}))
                raise PhoneMisused(
                    f"{file}: {form[0]} Hz, {form[1]} channels, {form[2] * 8} bit; expected"
                    f" {rates} Hz, 1 channel, 16 bit"
                )
            data = sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise PhoneMisused(f"{file}: cannot be said: {error}") from error
    samples = np.frombuffer(data[: len(data) & ~1], dtype="<i2").astype(np.int16)
    return resampled(samples, form[0], rate_hz)


def resampled(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """The same sound at another rate."""
    if from_hz == to_hz:
        return samples
    changed: Samples = soxr.resample(samples, from_hz, to_hz)
    return changed


def write_padded(samples: Samples, to: Path, rate_hz: int = RATE_HZ) -> None:
    """Write samples and `SILENCE_S` seconds of silence behind them."""
    data = samples.astype("<i2").tobytes()
    size = len(data) + SILENCE_S * rate_hz * 2
    header = b"RIFF" + struct.pack("<I", size + _HEADER_BYTES - 8) + b"WAVEfmt "
    header += struct.pack("<IHHIIHH", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16)
    header += b"data" + struct.pack("<I", size)
    with to.open("wb") as out:
        out.write(header + data)
        out.truncate(_HEADER_BYTES + size)
