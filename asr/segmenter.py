"""Cuts a leg's sound into the pieces that are recognised as a whole: from pause to pause.

The sound before an onset is kept, so that the first consonant is in the piece. A piece ends
with half a second of silence; the longer it has grown, the shorter a pause is enough, because
text may not wait for a speaker who never pauses.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from asr.audiosocket import FRAME_MS
from asr.voice_activity import ONSET_WINDOW_FRAMES, End, Onset, VoiceActivity

PRE_ROLL_MS = 300
"""Sound kept from before the first frame with voice."""

ENOUGH_SILENCE_MS: tuple[tuple[int, int], ...] = ((7_000, 240), (12_000, 120))
"""From this length on, this much silence ends a piece."""
LONGEST_MS = 18_000
"""A piece is cut here, come what may."""


@dataclass(frozen=True, slots=True)
class Began:
    """A piece begins with ``pcm``; its voice starts at ``voice_from_frame`` of the stream."""

    voice_from_frame: int
    first_frame: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Grew:
    """More of the piece."""

    pcm: bytes
    voiced: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The piece is complete; the last frame with voice ended at this frame of the stream."""

    voice_to_frame: int


Piece = Began | Grew | Ended


class Segmenter:
    """Frames of one stream in, voice and pieces out. Frames are counted from 0."""

    def __init__(self, rate_hz: int) -> None:
        self._activity = VoiceActivity(rate_hz)
        self._before: deque[bytes] = deque(maxlen=PRE_ROLL_MS // FRAME_MS + ONSET_WINDOW_FRAMES)
        self._frames = 0
        self._piece_frames = 0
        """Length of the piece that grows; 0 when none does."""
        self._last_voiced = 0

    @property
    def frame_bytes(self) -> int:
        """Length of the frames it takes."""
        return self._activity.frame_bytes

    @property
    def speaking(self) -> bool:
        """Whether voice is going on."""
        return self._activity.speaking

    def feed(self, frame: bytes) -> tuple[Onset | End | None, list[Piece]]:
        """Take one frame; gives the change of voice and what it means for the pieces."""
        change = self._activity.feed(frame)
        self._frames += 1
        if self._activity.voiced:
            self._last_voiced = self._frames
        if self._piece_frames:
            return change, self._grow(frame, ended=isinstance(change, End))
        self._before.append(frame)
        if isinstance(change, Onset):
            return change, [self._begin(change.frames_ago)]
        if self._activity.speaking and self._activity.voiced:
            return change, [self._begin(1)]
        return change, []

    def finish(self) -> list[Piece]:
        """Nothing more comes for now: what was begun is complete."""
        if not self._piece_frames:
            return []
        self._piece_frames = 0
        return [Ended(self._last_voiced)]

    def _begin(self, voice_frames_ago: int) -> Began:
        pcm = b"".join(self._before)
        self._piece_frames = len(self._before)
        self._before.clear()
        return Began(
            voice_from_frame=self._frames - voice_frames_ago,
            first_frame=self._frames - self._piece_frames,
            pcm=pcm,
        )

    def _grow(self, frame: bytes, *, ended: bool) -> list[Piece]:
        self._piece_frames += 1
        pieces: list[Piece] = [Grew(frame, self._activity.voiced)]
        if ended or self._silence_is_enough():
            pieces += self.finish()
        return pieces

    def _silence_is_enough(self) -> bool:
        length_ms = self._piece_frames * FRAME_MS
        silence_ms = (self._frames - self._last_voiced) * FRAME_MS
        return length_ms >= LONGEST_MS or any(
            length_ms >= from_ms and silence_ms >= enough_ms
            for from_ms, enough_ms in ENOUGH_SILENCE_MS
        )
