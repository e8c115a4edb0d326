"""Is somebody speaking? Found in front of the recogniser, and without one.

A frame of 20 ms has voice when WebRTC's detector (mode 3, the strictest) and a gate on its
energy agree. The gate follows the background, so that comfort noise and a humming line stay
silent. Several frames make an onset; half a second without any makes an end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import webrtcvad

from asr.audiosocket import BYTES_PER_SAMPLE, FRAME_MS

MODE = 3
ONSET_FRAMES = 4
ONSET_WINDOW_FRAMES = 6
HANGOVER_MS = 500

WARM_UP_FRAMES = 6
"""The detector takes whatever comes first for voice."""

QUIETEST_DBFS = -57.0
"""No voice on a telephone line is quieter; comfort noise is."""
ABOVE_BACKGROUND_DB = 8.0
BACKGROUND_RISE_DB_S = 4.0
"""How fast the background is believed to grow; it falls at once."""


@dataclass(frozen=True, slots=True)
class Onset:
    """Voice began so many frames before the end of the frame just fed."""

    frames_ago: int


@dataclass(frozen=True, slots=True)
class End:
    """The last frame with voice ended so many frames before the end of the one just fed."""

    frames_ago: int


class VoiceActivity:
    """Onsets and ends of voice in one stream of 20 ms frames."""

    def __init__(self, rate_hz: int) -> None:
        self.frame_bytes = rate_hz * FRAME_MS // 1000 * BYTES_PER_SAMPLE
        self._rate_hz = rate_hz
        self._detector = webrtcvad.Vad(MODE)
        self._background_dbfs = QUIETEST_DBFS - ABOVE_BACKGROUND_DB
        self._warming = WARM_UP_FRAMES
        self._recent: list[bool] = []
        self._silent_frames = 0
        self.speaking = False
        """Between an onset and its end."""
        self.voiced = False
        """The frame just fed has voice."""

    def feed(self, frame: bytes) -> Onset | End | None:
        """Take one frame of ``frame_bytes``. Raises `ValueError` for another length."""
        if len(frame) != self.frame_bytes:
            raise ValueError(f"a frame of {len(frame)} bytes; {self.frame_bytes} expected")
        loud = self._loud(frame)
        self.voiced = bool(self._detector.is_speech(frame, self._rate_hz)) and loud
        if self._warming:
            self._warming -= 1
            self.voiced = False
        return self._while_speaking() if self.speaking else self._while_silent()

    def _while_silent(self) -> Onset | None:
        self._recent = [*self._recent[1 - ONSET_WINDOW_FRAMES :], self.voiced]
        if sum(self._recent) < ONSET_FRAMES:
            return None
        onset = Onset(len(self._recent) - self._recent.index(True))
        self.speaking = True
        self._silent_frames = 0
        self._recent = []
        return onset

    def _while_speaking(self) -> End | None:
        self._silent_frames = 0 if self.voiced else self._silent_frames + 1
        if self._silent_frames * FRAME_MS < HANGOVER_MS:
            return None
        self.speaking = False
        return End(self._silent_frames)

    def _loud(self, frame: bytes) -> bool:
        level = level_dbfs(np.frombuffer(frame, np.int16))
        rise = BACKGROUND_RISE_DB_S * FRAME_MS / 1000
        self._background_dbfs = min(level, self._background_dbfs + rise)
        # A line that is silent as the grave would otherwise make the first breath a shout.
        background = max(self._background_dbfs, QUIETEST_DBFS - ABOVE_BACKGROUND_DB)
        return level >= max(QUIETEST_DBFS, background + ABOVE_BACKGROUND_DB)


def level_dbfs(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    """Energy of 16-bit samples relative to a full-scale square wave; -100 for silence."""
    if not samples.size:
        return -100.0
    wide = samples.astype(np.float32)
    mean_square = float(np.dot(wide, wide)) / samples.size
    return 10 * math.log10(mean_square / 32_768**2) if mean_square > 0 else -100.0
