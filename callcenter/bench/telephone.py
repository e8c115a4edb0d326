"""Sound as a telephone line delivers it: 8 kHz, G.711 µ-law (ITU-T G.711), and back."""

from __future__ import annotations

import numpy as np

from callcenter.lab.voice_match import RATE_HZ, Samples

BIAS = 132
CLIP = 32_635
SEGMENTS = 8


def telephone(samples: Samples) -> Samples:
    """What 16-bit samples are after one passage through µ-law."""
    return decoded(encoded(samples))


def encoded(samples: Samples) -> bytes:
    """µ-law octets of 16-bit samples."""
    wide = samples.astype(np.int32)
    magnitude = np.minimum(np.abs(wide), CLIP) + BIAS
    # The segment is the place of the highest bit, which is 7 to 14 once the bias is in.
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    step = (magnitude >> (segment + 3)) & 0x0F
    octets = ~((wide < 0) * 0x80 | segment << 4 | step) & 0xFF
    return bytes(octets.astype(np.uint8).tobytes())


def decoded(octets: bytes) -> Samples:
    """16-bit samples of µ-law octets."""
    code = ~np.frombuffer(octets, np.uint8).astype(np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + BIAS << ((code >> 4) & 0x07)) - BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def silence(length_s: float) -> Samples:
    """So many seconds of nothing."""
    return np.zeros(round(length_s * RATE_HZ), np.int16)
