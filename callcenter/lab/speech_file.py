"""WAV files that a phone can say: 8 kHz, mono, 16 bit, with silence behind the words.

baresip hangs up when its source file ends, so every file that it plays is followed by digital
silence (a hole in the file, which takes no space) that outlives what is said.
"""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np

from callcenter.lab.phone_errors import PhoneMisused
from callcenter.lab.voice_match import RATE_HZ, Samples

SILENCE_S = 120
_HEADER_BYTES = 44


def read_speech(file: Path) -> Samples:
    """Samples of a WAV file; `PhoneMisused` when a phone could not say it."""
    try:
        with wave.open(str(file), "rb") as sound:
            form = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            if form != (RATE_HZ, 1, 2):
                raise PhoneMisused(
                    f"{file}: {form[0]} Hz, {form[1]} channels, {form[2] * 8} bit; expected"
                    f" {RATE_HZ} Hz, 1 channel, 16 bit"
                )
            data = sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise PhoneMisused(f"{file}: cannot be said: {error}") from error
    return np.frombuffer(data[: len(data) & ~1], dtype="<i2").astype(np.int16)


def write_padded(samples: Samples, to: Path) -> None:
    """Write samples and `SILENCE_S` seconds of silence behind them."""
    data = samples.astype("<i2").tobytes()
    size = len(data) + SILENCE_S * RATE_HZ * 2
    header = b"RIFF" + struct.pack("<I", size + _HEADER_BYTES - 8) + b"WAVEfmt "
    header += struct.pack("<IHHIIHH", 16, 1, 1, RATE_HZ, RATE_HZ * 2, 2, 16)
    header += b"data" + struct.pack("<I", size)
    with to.open("wb") as out:
        out.write(header + data)
        out.truncate(_HEADER_BYTES + size)
