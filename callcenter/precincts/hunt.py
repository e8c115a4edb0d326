"""The officer hunt: whose phone rings now, so that one officer takes the call in time.

Pure: events and the time go in, commands come out. Phones ring one after the other with an
overlap: the next starts ``ring_s - overlap_s`` after the one before, earlier when that one
declines or fails, and closer together when the whole ladder would not fit into ``total_s``
otherwise. Whoever presses 1 first is let onto the bridge; everybody else is stopped.

An attempt:  RINGING → ANSWERED → TOOK
                 └─────────┴────→ OVER
A hunt:      NEW → HUNTING → TAKEN | EXHAUSTED | CANCELLED
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from callcenter.precincts.errors import IllegalHuntMove

HUNT_ID = re.compile(r"[A-Za-z0-9_.]{1,64}")
BRIEF_S = 40.0
"""An officer who answered and neither takes nor declines for so long is a voicemail."""
MOMENT_S = 1e-6
"""Times closer than this are the same: sums of floats are not exact."""


class HuntState(Enum):
    """Where a hunt stands."""

    NEW = "new"
    HUNTING = "hunting"
    TAKEN = "taken"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"


class AttemptState(Enum):
    """Where one officer's phone stands."""

    RINGING = "ringing"
    ANSWERED = "answered"
    TOOK = "took"
    OVER = "over"


_ATTEMPT_MOVES = frozenset(
    {
        (AttemptState.RINGING, AttemptState.ANSWERED),
        (AttemptState.RINGING, AttemptState.TOOK),
        (AttemptState.RINGING, AttemptState.OVER),
        (AttemptState.ANSWERED, AttemptState.TOOK),
        (AttemptState.ANSWERED, AttemptState.OVER),
    }
)


@dataclass(frozen=True, slots=True)
class AttemptAnswered:
    """The officer's phone was picked up; the brief is being spoken."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class AttemptTook:
    """The officer pressed 1."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class AttemptDeclined:
    """The officer pressed something else, or nothing."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The phone was busy, unreachable, not answered, or hung up."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """No officer is wanted any more."""


Event = AttemptAnswered | AttemptTook | AttemptDeclined | AttemptFailed | Tick | Cancelled


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring this officer's phone for so long."""

    attempt_id: str
    officer_id: str
    ring_s: float


@dataclass(frozen=True, slots=True)
class StopRinging:
    """End this attempt: stop the ringing, or hang up whoever answered."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Every phone has been tried and nobody took the call."""


Command = Ring | StopRinging | Exhausted


@dataclass(slots=True)
class _Attempt:
    id: str
    officer_id: str
    until: float
    state: AttemptState = AttemptState.RINGING

    @property
    def live(self) -> bool:
        return self.state in (AttemptState.RINGING, AttemptState.ANSWERED)

    def become(self, state: AttemptState) -> None:
        if (self.state, state) not in _ATTEMPT_MOVES:
            raise IllegalHuntMove(f"attempt {self.id}: {self.state.value} to {state.value}")
        self.state = state


class Hunt:
    """One search for an officer. Times are monotonic seconds."""

    def __init__(
        self,
        hunt_id: str,
        officers: Sequence[str],
        ring_s: float,
        overlap_s: float,
        total_s: float,
        *,
        brief_s: float = BRIEF_S,
    ) -> None:
        if not HUNT_ID.fullmatch(hunt_id):
            raise IllegalHuntMove(f"hunt id {hunt_id!r}: expected letters, digits, _ and .")
        if not (ring_s > 0 and total_s > 0 and overlap_s >= 0 and brief_s > 0):
            raise IllegalHuntMove(
                f"ring {ring_s} s, overlap {overlap_s} s, total {total_s} s, brief {brief_s} s: "
                "expected durations above 0"
            )
        self.hunt_id = hunt_id
        self.officers = tuple(dict.fromkeys(officers))
        self.ring_s = min(ring_s, total_s)
        self.total_s = total_s
        self.brief_s = brief_s
        self.state = HuntState.NEW
        gaps = len(self.officers) - 1
        step_s = max(self.ring_s - overlap_s, 0.0)
        self.step_s = min(step_s, (total_s - self.ring_s) / gaps) if gaps > 0 else step_s
        self._attempts: dict[str, _Attempt] = {}
        self._next_at = 0.0

    @property
    def taken_by(self) -> str | None:
        """The officer who took the call."""
        return next(
            (a.officer_id for a in self._attempts.values() if a.state is AttemptState.TOOK), None
        )

    @property
    def tried(self) -> tuple[str, ...]:
        """Officers whose phones have rung, in order."""
        return tuple(a.officer_id for a in self._attempts.values())

    def attempt_state(self, attempt_id: str) -> AttemptState | None:
        """Where an attempt stands; None when there is none of this id."""
        attempt = self._attempts.get(attempt_id)
        return None if attempt is None else attempt.state

    def start(self, now: float) -> list[Command]:
        """Ring the first phone."""
        if self.state is not HuntState.NEW:
            raise IllegalHuntMove(f"hunt {self.hunt_id} was started already")
        self.state = HuntState.HUNTING
        self._next_at = now
        return self._advance(now)

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take in what happened. Unknown and ended attempts are answered with nothing, or,
        when somebody would be let in who must not be, with a stop.
        """  # noqa: D205 - one sentence does not fit one line
        if self.state is HuntState.NEW:
            raise IllegalHuntMove(f"hunt {self.hunt_id} was not started")
        if isinstance(event, Cancelled):
            return self._end(HuntState.CANCELLED) if self.state is HuntState.HUNTING else []
        if not isinstance(event, Tick):
            attempt = self._attempts.get(event.attempt_id)
            if attempt is None:
                return []
            if not attempt.live:
                late = isinstance(event, AttemptAnswered | AttemptTook)
                if late and attempt.state is AttemptState.OVER:
                    return [StopRinging(attempt.id)]
                return []
            if isinstance(event, AttemptTook):
                attempt.become(AttemptState.TOOK)
                return self._end(HuntState.TAKEN)
            if isinstance(event, AttemptAnswered):
                if attempt.state is AttemptState.RINGING:
                    attempt.become(AttemptState.ANSWERED)
                    attempt.until = now + self.brief_s
            else:
                attempt.become(AttemptState.OVER)
                if attempt is self._newest():
                    self._next_at = now  # nobody waits for a phone that will not be answered
        return self._advance(now) if self.state is HuntState.HUNTING else []

    def next_wakeup(self) -> float | None:
        """When a Tick is due, or None."""
        if self.state is not HuntState.HUNTING:
            return None
        times = [attempt.until for attempt in self._attempts.values() if attempt.live]
        if len(self._attempts) < len(self.officers):
            times.append(self._next_at)
        return min(times, default=None)

    def _newest(self) -> _Attempt | None:
        return next(reversed(self._attempts.values()), None)

    def _advance(self, now: float) -> list[Command]:
        commands: list[Command] = []
        for attempt in self._attempts.values():
            if attempt.live and attempt.until <= now + MOMENT_S:
                attempt.become(AttemptState.OVER)
                commands.append(StopRinging(attempt.id))
        nobody = not any(attempt.live for attempt in self._attempts.values())
        while len(self._attempts) < len(self.officers):
            if not nobody and self._next_at > now + MOMENT_S:
                break
            number = len(self._attempts)
            attempt = _Attempt(
                f"{self.hunt_id}-{number + 1}", self.officers[number], now + self.ring_s
            )
            self._attempts[attempt.id] = attempt
            commands.append(Ring(attempt.id, attempt.officer_id, self.ring_s))
            self._next_at = now + self.step_s
            nobody = False
        if nobody:
            self.state = HuntState.EXHAUSTED
            commands.append(Exhausted())
        return commands

    def _end(self, state: HuntState) -> list[Command]:
        commands: list[Command] = []
        for attempt in self._attempts.values():
            if attempt.live:
                attempt.become(AttemptState.OVER)
                commands.append(StopRinging(attempt.id))
        self.state = state
        return commands
