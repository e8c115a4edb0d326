"""The officer hunt: whose phone rings now, so that one officer talks with the caller in time.

Pure: events and the time go in, commands come out. Phones ring one after the other with an
overlap: the next starts before the one before gives up, at once when that one hands on or fails,
and the sooner the less time is left until somebody must be heard. Whoever presses 1 first is let
onto the bridge; everybody else is stopped.

An attempt:  RINGING → ANSWERED → TOOK
                 └─────────┴────→ OVER
A hunt:      NEW → HUNTING → TAKEN | EXHAUSTED | CANCELLED
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from callcenter.precincts.errors import IllegalHuntMove

HUNT_ID = re.compile(r"[A-Za-z0-9_.]{1,64}")
MOMENT_S = 1e-6
"""Times closer than this are the same: sums of floats are not exact."""


class Rung(StrEnum):
    """Why an officer is asked, in the order in which they are."""

    CHOSEN = "chosen"
    """By the operator."""
    AGAIN = "again"
    """Was on the line when their phone failed."""
    DUTY = "duty"
    NEAREST = "nearest"
    DEPUTY = "deputy"
    DESK = "desk"
    NEIGHBOUR = "neighbour"
    COMMAND = "command"


class HuntState(Enum):
    """Where a hunt stands."""

    NEW = "new"
    HUNTING = "hunting"
    TAKEN = "taken"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"


class AttemptState(Enum):
    """Where one phone stands."""

    RINGING = "ringing"
    ANSWERED = "answered"
    TOOK = "took"
    OVER = "over"


class Outcome(StrEnum):
    """What came of ringing one phone."""

    TOOK = "took"
    HANDED_ON = "handed_on"
    SILENT = "silent"
    """Answered and pressed nothing: a voicemail, most likely."""
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    """Busy, unreachable, or hung up."""
    NOT_NEEDED = "not_needed"
    """Stopped: somebody else took the call, or nobody is wanted any more."""


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
class Candidate:
    """An officer who may be asked, and the phones to ring, in order."""

    officer_id: str
    rung: Rung
    phones: tuple[str, ...] = ()
    """Empty: the one of the officer's own id."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds."""

    ring_s: float
    """One phone, before it counts as not answered."""
    overlap_s: float
    """The next phone starts so long before that, at the latest."""
    speak_s: float
    """From the start of ringing until an officer who answers soon is heard: pick up, brief, key."""
    brief_s: float
    """An officer who answered and presses nothing for so long is a voicemail."""
    least_step_s: float = 2.0
    """However late it is, phones start so long after each other: a person needs that to answer."""

    def __post_init__(self) -> None:
        durations = (self.ring_s, self.speak_s, self.brief_s, self.least_step_s)
        if not (all(each > 0 for each in durations) and self.overlap_s >= 0):
            raise IllegalHuntMove(f"{self}: expected durations above 0")


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
    """The officer pressed another key, which hands on to the next, or none at all."""

    attempt_id: str
    silent: bool = False


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The phone was busy, unreachable, not answered, or hung up."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class LadderChanged:
    """Others are responsible now: the place became known, or another one."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class AlsoWanted:
    """These are to be rung at once, beside whoever rings already."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """No officer is wanted any more."""


OfAttempt = AttemptAnswered | AttemptTook | AttemptDeclined | AttemptFailed
Event = OfAttempt | LadderChanged | AlsoWanted | Tick | Cancelled


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring this phone for at most ``ring_s``."""

    attempt_id: str
    officer_id: str
    phone: str
    rung: Rung
    ring_s: float


@dataclass(frozen=True, slots=True)
class StopRinging:
    """Hang up what the attempt rings, or whoever listens to its brief."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Every phone has been tried and nobody took the call."""


Command = Ring | StopRinging | Exhausted


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt. Times are monotonic seconds."""

    attempt_id: str
    officer_id: str
    rung: Rung
    outcome: Outcome
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Ringing:
    """An attempt that was under way before this hunt knew of it, since ``began``."""

    attempt_id: str
    candidate: Candidate
    phone: str
    answered: bool
    began: float


@dataclass(slots=True)
class _Attempt:
    id: str
    candidate: Candidate
    phone: str
    began: float
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
    """One search for an officer. Times are monotonic seconds.

    ``heard_by``: when an officer should have been heard. The hunt goes on past it, as fast as
    people can answer.
    """

    def __init__(
        self, hunt_id: str, candidates: Sequence[Candidate], timing: Timing, heard_by: float
    ) -> None:
        if not HUNT_ID.fullmatch(hunt_id):
            raise IllegalHuntMove(f"hunt id {hunt_id!r}: expected letters, digits, _ and .")
        self.hunt_id = hunt_id
        self.timing = timing
        self.heard_by = heard_by
        self.state = HuntState.NEW
        self.results: list[Result] = []
        """What came of each attempt, as they ended."""
        self._attempts: dict[str, _Attempt] = {}
        self._to_ring = _phones_of(candidates, ())
        self._numbered_from = 0
        self._next_at = 0.0

    @classmethod
    def adopted(
        cls,
        hunt_id: str,
        candidates: Sequence[Candidate],
        timing: Timing,
        heard_by: float,
        under_way: Sequence[Ringing],
        now: float,
        *,
        rang_before: int,
    ) -> Hunt:
        """A hunt that an earlier process began: what rings keeps ringing, nobody is rung again.

        ``candidates`` are those who are left, ``rang_before`` says how many phones have rung.
        """
        hunt = cls(hunt_id, candidates, timing, heard_by)
        hunt.state = HuntState.HUNTING
        for each in under_way:
            attempt = _Attempt(
                each.attempt_id, each.candidate, each.phone, each.began, each.began + timing.ring_s
            )
            if each.answered:
                attempt.become(AttemptState.ANSWERED)
                attempt.until = now + timing.brief_s
            hunt._attempts[attempt.id] = attempt
        hunt._to_ring = _phones_of(candidates, hunt._rung())
        hunt._numbered_from = max(rang_before, len(under_way)) - len(under_way)
        newest = max((each.began for each in under_way), default=None)
        hunt._next_at = now if newest is None else newest + hunt._step_s(newest)
        return hunt

    @property
    def taken_by(self) -> str | None:
        """The officer who took the call."""
        return next(
            (
                a.candidate.officer_id
                for a in self._attempts.values()
                if a.state is AttemptState.TOOK
            ),
            None,
        )

    @property
    def tried(self) -> tuple[str, ...]:
        """Officers whose phones have rung, in order."""
        return tuple(dict.fromkeys(a.candidate.officer_id for a in self._attempts.values()))

    @property
    def rang(self) -> tuple[Ringing, ...]:
        """Every phone that has rung, in order."""
        return tuple(
            Ringing(a.id, a.candidate, a.phone, a.state is AttemptState.ANSWERED, a.began)
            for a in self._attempts.values()
        )

    @property
    def left(self) -> tuple[tuple[Candidate, str], ...]:
        """Candidates and phones that have not rung yet, in order."""
        return tuple(self._to_ring)

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
        """Take in what happened.

        What an unknown attempt does is no matter. An attempt that was stopped and answers or
        presses 1 all the same is stopped again: it must not be let in.
        """
        if self.state is HuntState.NEW:
            raise IllegalHuntMove(f"hunt {self.hunt_id} was not started")
        if isinstance(event, OfAttempt):
            attempt = self._attempts.get(event.attempt_id)
            if attempt is None:
                return []
            return self._of_attempt(attempt, event, now)
        if self.state is not HuntState.HUNTING:
            return []
        if isinstance(event, Cancelled):
            return self._end(HuntState.CANCELLED, now)
        if isinstance(event, LadderChanged):
            return self._change(event.candidates, now)
        if isinstance(event, AlsoWanted):
            wanted = _phones_of(event.candidates, self._rung())
            phones = {phone for _, phone in wanted}
            self._to_ring = [each for each in self._to_ring if each[1] not in phones]
            return [self._ring(candidate, phone, now) for candidate, phone in wanted]
        return self._advance(now)

    def next_wakeup(self) -> float | None:
        """When a Tick is due, or None."""
        if self.state is not HuntState.HUNTING:
            return None
        times = [attempt.until for attempt in self._attempts.values() if attempt.live]
        if self._to_ring:
            times.append(self._next_at)
        return min(times, default=None)

    def _of_attempt(self, attempt: _Attempt, event: OfAttempt, now: float) -> list[Command]:
        if not attempt.live:
            late = isinstance(event, AttemptAnswered | AttemptTook)
            return [StopRinging(attempt.id)] if late and attempt.state is AttemptState.OVER else []
        match event:
            case AttemptTook():
                attempt.become(AttemptState.TOOK)
                self._result(attempt, Outcome.TOOK, now)
                return self._end(HuntState.TAKEN, now)
            case AttemptAnswered():
                if attempt.state is AttemptState.RINGING:
                    attempt.become(AttemptState.ANSWERED)
                    attempt.until = now + self.timing.brief_s
            case AttemptDeclined():
                self._over(attempt, Outcome.SILENT if event.silent else Outcome.HANDED_ON, now)
            case AttemptFailed():
                self._over(attempt, Outcome.FAILED, now)
        return self._advance(now)

    def _over(self, attempt: _Attempt, outcome: Outcome, now: float) -> None:
        newest = next(reversed(self._attempts.values()), None)
        attempt.become(AttemptState.OVER)
        self._result(attempt, outcome, now)
        if attempt is newest:
            self._next_at = now  # nobody waits for a phone that will not be answered

    def _result(self, attempt: _Attempt, outcome: Outcome, now: float) -> None:
        self.results.append(
            Result(
                attempt.id,
                attempt.candidate.officer_id,
                attempt.candidate.rung,
                outcome,
                attempt.began,
                now,
            )
        )

    def _change(self, candidates: Sequence[Candidate], now: float) -> list[Command]:
        """Ring those of the new ladder, its first at once; stop whoever is not on it."""
        wanted = {candidate.officer_id for candidate in candidates}
        commands: list[Command] = []
        for attempt in self._attempts.values():
            if attempt.live and attempt.candidate.officer_id not in wanted:
                attempt.become(AttemptState.OVER)
                self._result(attempt, Outcome.NOT_NEEDED, now)
                commands.append(StopRinging(attempt.id))
        self._to_ring = _phones_of(candidates, self._rung())
        if commands or (self._to_ring and self._to_ring[0][0] == candidates[0]):
            self._next_at = now
        return commands + self._advance(now)

    def _rung(self) -> set[str]:
        return {attempt.phone for attempt in self._attempts.values()}

    def _advance(self, now: float) -> list[Command]:
        commands: list[Command] = []
        for attempt in self._attempts.values():
            if attempt.live and attempt.until <= now + MOMENT_S:
                answered = attempt.state is AttemptState.ANSWERED
                attempt.become(AttemptState.OVER)
                self._result(attempt, Outcome.SILENT if answered else Outcome.NO_ANSWER, now)
                commands.append(StopRinging(attempt.id))
        nobody = not any(attempt.live for attempt in self._attempts.values())
        while self._to_ring and (nobody or self._next_at <= now + MOMENT_S):
            candidate, phone = self._to_ring.pop(0)
            commands.append(self._ring(candidate, phone, now))
            nobody = False
        if nobody:
            self.state = HuntState.EXHAUSTED
            commands.append(Exhausted())
        return commands

    def _ring(self, candidate: Candidate, phone: str, now: float) -> Ring:
        attempt = _Attempt(
            f"{self.hunt_id}-{self._numbered_from + len(self._attempts) + 1}",
            candidate,
            phone,
            now,
            now + self.timing.ring_s,
        )
        self._attempts[attempt.id] = attempt
        self._next_at = now + self._step_s(now)
        return Ring(attempt.id, candidate.officer_id, phone, candidate.rung, self.timing.ring_s)

    def _step_s(self, now: float) -> float:
        """Until the next phone: so that the last one can still be heard in time, if possible."""
        timing = self.timing
        longest_s = max(timing.ring_s - timing.overlap_s, timing.least_step_s)
        if not self._to_ring:
            return longest_s
        share_s = (self.heard_by - timing.speak_s - now) / len(self._to_ring)
        return min(max(share_s, timing.least_step_s), longest_s)

    def _end(self, state: HuntState, now: float) -> list[Command]:
        commands: list[Command] = []
        for attempt in self._attempts.values():
            if attempt.live:
                attempt.become(AttemptState.OVER)
                self._result(attempt, Outcome.NOT_NEEDED, now)
                commands.append(StopRinging(attempt.id))
        self._to_ring = []
        self.state = state
        return commands


def _phones_of(
    candidates: Iterable[Candidate], without: Iterable[str]
) -> list[tuple[Candidate, str]]:
    """Every phone of every candidate in order, none twice, none of those given."""
    seen = set(without)
    phones = []
    for candidate in candidates:
        for phone in candidate.phones or (candidate.officer_id,):
            if phone not in seen:
                seen.add(phone)
                phones.append((candidate, phone))
    return phones
