"""From the sound of one tap, as it arrives, to voice and to work for the decoder. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from asr.audiosocket import BYTES_PER_SAMPLE, FRAME_MS
from asr.clock import StreamClock
from asr.segmenter import Began, Grew, Piece, Segmenter
from asr.voice_activity import HANGOVER_MS, Onset

FEED_MS = 100
"""Sound is given to the decoder in spoons of this size: fewer, larger steps cost less."""
ENDING_SILENCE_MS = HANGOVER_MS + 5 * FRAME_MS
ENDING_HOLE_MS = 600
"""So much lost sound ends what was being said. Across less, the words go on."""
STALLED_S = 1.5
"""No sound for so long ends what was being said."""


@dataclass(frozen=True, slots=True)
class VoiceChange:
    """Voice began or ended at ``at_ms``."""

    started: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Begin:
    """An utterance begins; its first sample was spoken at ``first_ms``, its voice later."""

    segment: str
    first_ms: int
    voice_from_ms: int


@dataclass(frozen=True, slots=True)
class Feed:
    """More of the utterance; its last sample was spoken at ``until_ms``."""

    pcm: bytes
    voiced: bool
    until_ms: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The utterance is complete; its voice ended at ``voice_to_ms``."""

    voice_to_ms: int


Job = Begin | Feed | Finish


class Listening:
    """One tap. ``name`` starts the ids of its segments."""

    def __init__(self, name: str, call_started_at: float, rate_hz: int) -> None:
        self._name = name
        self._clock = StreamClock(call_started_at, rate_hz)
        self._segmenter = Segmenter(rate_hz)
        self._bytes_per_ms = rate_hz * BYTES_PER_SAMPLE // 1000
        self._rest = b""
        self._frames = 0
        self._segments = 0
        self._spoon = b""
        self._spoon_voiced = False
        self._heard_at: float | None = None

    def hear(self, pcm: bytes, now: float) -> list[VoiceChange | Job]:
        """Take sound that arrived at ``now`` (monotonic s)."""
        self._heard_at = now
        missing_ms = self._clock.arrived(len(pcm) // BYTES_PER_SAMPLE, now)
        out: list[VoiceChange | Job] = []
        if missing_ms >= ENDING_HOLE_MS:
            began_ms = self._clock.position_ms - len(pcm) // self._bytes_per_ms - missing_ms
            out += self._silence(ENDING_SILENCE_MS, began_ms)
        return out + self._frames_of(pcm, self._clock.position_ms)

    def stalled(self, now: float) -> list[VoiceChange | Job]:
        """Call now and then: what was being said ends when no sound arrives any more."""
        if self._heard_at is None or now - self._heard_at < STALLED_S:
            return []
        self._heard_at = None
        return self._silence(ENDING_SILENCE_MS, self._clock.position_ms)

    def finish(self) -> list[VoiceChange | Job]:
        """No more sound: completes what was begun."""
        end_ms = self._clock.position_ms
        jobs = self._jobs(self._segmenter.finish(), end_ms)
        if not self._segmenter.speaking:
            return jobs
        return [*jobs, VoiceChange(False, end_ms)]

    def _silence(self, length_ms: int, from_ms: int) -> list[VoiceChange | Job]:
        return self._frames_of(bytes(length_ms * self._bytes_per_ms), from_ms + length_ms)

    def _frames_of(self, pcm: bytes, end_ms: int) -> list[VoiceChange | Job]:
        out: list[VoiceChange | Job] = []
        data = self._rest + pcm
        size = self._segmenter.frame_bytes
        whole = len(data) // size * size
        self._rest = data[whole:]
        for start in range(0, whole, size):
            frame_end_ms = end_ms - (len(data) - start - size) // self._bytes_per_ms
            change, pieces = self._segmenter.feed(data[start : start + size])
            self._frames += 1
            if change is not None:
                at_ms = max(0, frame_end_ms - change.frames_ago * FRAME_MS)
                out.append(VoiceChange(isinstance(change, Onset), at_ms))
            out += self._jobs(pieces, frame_end_ms)
        return out

    def _jobs(self, pieces: list[Piece], end_ms: int) -> list[VoiceChange | Job]:
        out: list[VoiceChange | Job] = []
        for piece in pieces:
            if isinstance(piece, Began):
                self._segments += 1
                out.append(
                    Begin(
                        segment=f"{self._name}.{self._segments}",
                        first_ms=self._time_of(piece.first_frame, end_ms),
                        voice_from_ms=self._time_of(piece.voice_from_frame, end_ms),
                    )
                )
                self._spoon, self._spoon_voiced = piece.pcm, True
                out += self._empty_spoon(end_ms)
            elif isinstance(piece, Grew):
                self._spoon += piece.pcm
                self._spoon_voiced |= piece.voiced
                if len(self._spoon) >= FEED_MS * self._bytes_per_ms:
                    out += self._empty_spoon(end_ms)
            else:
                out += self._empty_spoon(end_ms)
                out.append(Finish(self._time_of(piece.voice_to_frame, end_ms)))
        return out

    def _empty_spoon(self, end_ms: int) -> list[VoiceChange | Job]:
        if not self._spoon:
            return []
        feed = Feed(self._spoon, self._spoon_voiced, end_ms)
        self._spoon, self._spoon_voiced = b"", False
        return [feed]

    def _time_of(self, frame: int, end_ms: int) -> int:
        return max(0, end_ms - (self._frames - frame) * FRAME_MS)
