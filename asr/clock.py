"""When a sample was spoken, in ms from the start of the call.

Sound is counted in samples, but frames get lost and peers start late. The clock compares the
count with the arrival times: what keeps arriving late has had a hole before it, and is moved,
so that the transcript stays aligned with the recording (to within 100 ms).
"""

from __future__ import annotations

HOLE_MS = 80
"""Lateness that lasts is a hole when it is more than this."""
LASTING_MS = 3_000
"""A peer that was held up catches up within this; sound that was lost never does."""
MAX_HOLE_MS = 60_000
"""No more than this is ever missing at once."""
EARLY_LIMIT_MS = 300
"""By how much the first frame may have been late. A peer that is faster than time is a test.

A peer that was believed to have lost sound, and catches up after all, is forgiven as much more.
"""


class StreamClock:
    """Maps the samples of one tap to the time of its call."""

    def __init__(self, call_started_at: float, rate_hz: int) -> None:
        self._origin_s = call_started_at
        self._rate_hz = rate_hz
        self._first_ms: float | None = None
        self._samples = 0
        self._may_be_early_ms = float(EARLY_LIMIT_MS)
        self._late_since_ms: float | None = None
        self._least_late_ms = 0.0

    @property
    def position_ms(self) -> int:
        """Time of the end of what was counted."""
        return round((self._first_ms or 0.0) + self._samples * 1000 / self._rate_hz)

    def arrived(self, samples: int, now: float) -> int:
        """Count sound that arrived at ``now`` (monotonic s); gives the ms missing before it."""
        arrival_ms = (now - self._origin_s) * 1000
        length_ms = samples * 1000 / self._rate_hz
        if self._first_ms is None:
            self._first_ms = max(0.0, arrival_ms - length_ms)
        self._samples += samples
        late_ms = arrival_ms - (self._first_ms + self._samples * 1000 / self._rate_hz)
        if late_ms < 0:
            shift_ms = min(-late_ms, self._may_be_early_ms, self._first_ms)
            self._first_ms -= shift_ms
            self._may_be_early_ms -= shift_ms
        if late_ms <= HOLE_MS:
            self._late_since_ms = None
            return 0
        if self._late_since_ms is None:
            self._late_since_ms, self._least_late_ms = arrival_ms, late_ms
        self._least_late_ms = min(self._least_late_ms, late_ms)
        if arrival_ms - self._late_since_ms < LASTING_MS:
            return 0
        self._late_since_ms = None
        hole_ms = round(min(self._least_late_ms, MAX_HOLE_MS))
        self._first_ms += hole_ms
        self._may_be_early_ms += hole_ms
        return hole_ms
