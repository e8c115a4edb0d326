"""What a worker gives up when it cannot keep up, and when it takes it back. Pure.

Decided by what was measured: the share of a worker's time that decoding takes, or would take if it
kept up (`asr.load_meter`), and how much sound waits. Given up in this order: interim text; the text
of operators' legs, then of officers', then of callers, the newest leg first, as many at once as are
too many. A leg that is deferred is still listened to for voice; its words are recognised after the
call, from the recording. What it says at the moment is completed, so what a step will bring is
reckoned with before it shows. What was given up last comes back first, once there has been room for
a while: as many legs as fit in, but never more than are listened to already, because legs that
happen to be silent leave more room than there is. If it proves too early, the next attempt waits
longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FULL_BUSY = 0.9
"""So busy with what must be done, a worker is about to fall behind."""
FULL_BACKLOG_MS = 1_000
"""Text is later than it may be."""
FLOODED_BACKLOG_MS = 4_000
"""So far behind, the next step comes at once."""
ROOM_BUSY = 0.7
"""A worker may be so busy after it has taken a leg back."""
ROOM_BACKLOG_MS = 200
SETTLE_S = 3.0
"""Between two steps that give up legs."""
SHOWS_S = 12.0
"""What a step brings shows within this time: by then the sentence of before is over."""
PATIENCE_S = 10.0
"""There must have been room for so long before anything is taken back."""
LONGEST_PATIENCE_S = 160.0
TOO_EARLY_S = 30.0
"""What had to be given up again within this time was taken back too early."""
SMOOTHING = 0.5
"""Weight of the newest figure; they come once a second."""
USUAL = 0.05
"""Weight of the newest figure in what a leg usually asks for: people talk and pause."""

_ORDER = {"operator": 0, "officer": 1}
_CALLERS = 2


@dataclass(frozen=True, slots=True)
class Load:
    """How a worker is: measured, not estimated."""

    demand: float
    """Share of its time that decoding would take if it kept up; more than 1: it cannot."""
    backlog_ms: int
    """Sound that waits, of the stream that is latest."""


@dataclass(frozen=True, slots=True)
class LiveLeg:
    """A leg that the worker listens to."""

    tap: str
    role: str
    since: float
    """When it came (monotonic s)."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a worker does at present."""

    interim: bool = True
    deferred: frozenset[str] = frozenset()
    """Taps whose words are left for later."""


class Admission:
    """The decisions for one worker. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._interim = True
        self._deferred: list[LiveLeg] = []
        """In the order in which they were given up."""
        self._demand = 0.0
        self._of_one = 0.0
        """What one leg usually asks for."""
        self._steps: list[float] = []
        """When legs were deferred that may not show yet."""
        self._last_backlog_ms = 0
        self._stepped_at = float("-inf")
        self._taken_back_at: float | None = None
        self._room_since: float | None = None
        self._patience_s = PATIENCE_S

    @property
    def given(self) -> Given:
        """What was decided last."""
        return Given(self._interim, frozenset(leg.tap for leg in self._deferred))

    @property
    def demand(self) -> float:
        """The share of time that decoding would take, over the last seconds."""
        return self._demand

    def defers(self, role: str) -> bool:
        """Whether a leg of this role that comes now is left for later.

        It is when legs that matter as much, or more, are left for later already.
        """
        return any(_matters(leg.role) >= _matters(role) for leg in self._deferred)

    def came(self, leg: LiveLeg) -> Given:
        """A leg is to be listened to."""
        if self.defers(leg.role):
            self._deferred.append(leg)
        return self.given

    def decide(self, load: Load, legs: Sequence[LiveLeg], now: float) -> Given:
        """Look at the newest figures; call it about once a second."""
        there = {leg.tap for leg in legs}
        self._deferred = [leg for leg in self._deferred if leg.tap in there]
        self._demand += SMOOTHING * (load.demand - self._demand)
        self._steps = [at for at in self._steps if now - at < SHOWS_S]
        counted = self._counted(legs)
        if counted:
            now_of_one = load.demand / counted
            self._of_one += USUAL * (now_of_one - self._of_one) if self._of_one else now_of_one
        rising = load.backlog_ms >= self._last_backlog_ms
        self._last_backlog_ms = load.backlog_ms
        late = load.backlog_ms > FULL_BACKLOG_MS
        if late or self._demand > FULL_BUSY:
            self._room_since = None
            # Sound that waits is worked off by itself once no more arrives than can be decoded.
            enough = ROOM_BUSY if late and rising else FULL_BUSY
            if self._interim:
                self._was_it_too_early(now)
                self._interim = False
            elif self._due(load, now) and self._to_come(legs) > enough:
                self._was_it_too_early(now)
                self._defer(legs, enough, now)
        elif not self._fits_more(load, legs):
            self._room_since = None
        elif self._room_since is None:
            self._room_since = now
        elif now - self._room_since >= self._patience_s:
            self._take_back(legs, now)
        return self.given

    def _due(self, load: Load, now: float) -> bool:
        return now - self._stepped_at >= SETTLE_S or load.backlog_ms > FLOODED_BACKLOG_MS

    def _was_it_too_early(self, now: float) -> None:
        if self._taken_back_at is None:
            return
        too_early = now - self._taken_back_at < TOO_EARLY_S
        self._patience_s = (
            min(self._patience_s * 2, LONGEST_PATIENCE_S) if too_early else PATIENCE_S
        )
        self._taken_back_at = None

    def _defer(self, legs: Sequence[LiveLeg], enough: float, now: float) -> None:
        """Give up as many legs as it takes until the others fit in."""
        deferred = {leg.tap for leg in self._deferred}
        live = sorted(
            (leg for leg in legs if leg.tap not in deferred),
            key=lambda leg: (_matters(leg.role), -leg.since),
        )
        for leg in live:
            if self._to_come(legs) <= enough:
                break
            self._deferred.append(leg)
            self._steps.append(now)
            self._stepped_at = now

    def _counted(self, legs: Sequence[LiveLeg]) -> int:
        """The legs that ask for something: those listened to, and those given up just now."""
        return len(legs) - len(self._deferred) + len(self._steps)

    def _to_come(self, legs: Sequence[LiveLeg]) -> float:
        """The demand once the legs that were deferred lately have fallen silent."""
        counted = self._counted(legs)
        return self._demand * (len(legs) - len(self._deferred)) / counted if counted else 0.0

    def _fits_more(self, load: Load, legs: Sequence[LiveLeg]) -> bool:
        if self._interim or load.backlog_ms > ROOM_BACKLOG_MS:
            return False
        return not self._deferred or self._room_for(legs) >= 1

    def _room_for(self, legs: Sequence[LiveLeg]) -> int:
        """How many legs more can be listened to, as people usually talk."""
        live = len(legs) - len(self._deferred)
        usual = max(self._of_one, self._demand / max(1, live) / 2)
        return int(ROOM_BUSY / usual) - live if usual else len(legs)

    def _take_back(self, legs: Sequence[LiveLeg], now: float) -> None:
        self._room_since = None
        self._taken_back_at = now
        if not self._deferred:
            self._interim = True
            return
        live = len(legs) - len(self._deferred)
        for _ in range(max(1, min(self._room_for(legs), live))):
            if self._deferred:
                self._deferred.pop()


def _matters(role: str) -> int:
    """Whose words are given up first: the least."""
    return _ORDER.get(role, _CALLERS)
