"""Past calls as a replay takes them: who called when, how long they would wait and talk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from acd.figures import CallOutcome
from callcenter.figures.lives import Life, Lives

SHORT_BREAK_S: Final = 30.0
"""A seat that was away for less was still on duty: most such gaps are pauses after a missed call,
which the settings make and which may not be made again."""
USUAL_TALK_S: Final = 90.0
"""For want of any recorded talk."""
ANSWERING_S: Final = (0.5, 2.0, 10.0)
"""Least, usual and longest time that a phone is taken to ring."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """One call. ``patience_s`` is None for a caller who was answered: how long they would have
    waited on is not known; ``talk_s`` is None for one who was not.
    """  # noqa: D205 - the sentence is one

    call_id: str
    arrived_s: float
    line: str
    queue: str
    caller: str
    patience_s: float | None
    talk_s: float | None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A period, in seconds of the Unix epoch; ``duty`` has each seat's stretches on duty."""

    since_s: float
    until_s: float
    midnight_s: float
    """Of the first day, where the hotline is."""
    calls: tuple[PastCall, ...]
    duty: Mapping[str, tuple[tuple[float, float], ...]]
    answering_s: float
    wrap_up_s: float
    usual_talk_s: float

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Past:
        """What `to_json` gave."""
        calls = tuple(PastCall(**call) for call in raw["calls"])
        duty = {
            seat: tuple((begin, end) for begin, end in stretches)
            for seat, stretches in raw["duty"].items()
        }
        return cls(**{**raw, "calls": calls, "duty": duty})


def past_of(lives: Lives, since_s: float, until_s: float, midnight_s: float) -> Past:
    """The past of a period. Calls whose end nobody saw are left out: nothing is known of them."""
    outcomes = lives.outcomes(since_s, until_s)
    calls = tuple(
        _call(outcome, lives.of(outcome.call_id)) for outcome in outcomes if _known(outcome)
    )
    talks = [call.talk_s for call in calls if call.talk_s is not None]
    wrap_ups = [outcome.wrap_up_ms / 1000 for outcome in outcomes if outcome.wrap_up_ms is not None]
    return Past(
        since_s=since_s,
        until_s=until_s,
        midnight_s=midnight_s,
        calls=calls,
        duty=_duty(lives, since_s, until_s),
        answering_s=_answering_s(outcomes),
        wrap_up_s=sum(wrap_ups) / len(wrap_ups) if wrap_ups else 0.0,
        usual_talk_s=sum(talks) / len(talks) if talks else USUAL_TALK_S,
    )


def _known(outcome: CallOutcome) -> bool:
    return outcome.answered_ms is not None or (outcome.abandoned and outcome.wait_ms is not None)


def _call(outcome: CallOutcome, life: Life | None) -> PastCall:
    taken = outcome.answered_ms is not None
    wait_ms = outcome.wait_ms or 0.0
    talk_ms = outcome.talk_ms or 0.0
    return PastCall(
        call_id=outcome.call_id,
        arrived_s=outcome.arrived_s,
        line=outcome.line,
        queue=outcome.queue,
        caller=outcome.caller,
        patience_s=None if taken else wait_ms / 1000,
        talk_s=talk_ms / 1000 if taken else None,
        origin=life.origin if life else "",
    )


def _duty(
    lives: Lives, since_s: float, until_s: float
) -> dict[str, tuple[tuple[float, float], ...]]:
    duty: dict[str, list[tuple[float, float]]] = {}
    stretches = sorted(lives.seats.stretches(since_s, until_s), key=lambda part: part.since_s)
    for stretch in stretches:
        known = duty.setdefault(stretch.seat, [])
        if known and stretch.since_s - known[-1][1] <= SHORT_BREAK_S:
            known[-1] = (known[-1][0], max(known[-1][1], stretch.until_s))
        else:
            known.append((stretch.since_s, stretch.until_s))
    return {seat: tuple(parts) for seat, parts in duty.items()}


def _answering_s(outcomes: Iterable[CallOutcome]) -> float:
    """The wait of those who were answered soonest: for them only the phone had to be taken."""
    least, usual, most = ANSWERING_S
    waits = sorted(
        outcome.answered_ms / 1000 for outcome in outcomes if outcome.answered_ms is not None
    )
    return min(max(waits[len(waits) // 10], least), most) if waits else usual
