"""The figures that a hotline answers for, from what became of its calls. Pure arithmetic.

`DEFINITIONS` has one exact sentence a figure; whoever shows a figure shows its sentence. Where
there is nothing to divide by, a figure is None, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final, TypeVar

THRESHOLDS_S: Final = (3.0, 10.0, 15.0, 20.0, 30.0, 60.0)
"""NENA-STA-020.1: 90 % within 15 s, 95 % within 20 s; NFPA 1225: 90 % within 10 s."""
SHORT_ABANDON_S: Final = 5.0
OFFICER_WITHIN_S: Final = 30.0
RECONTACT_S: Final = 86400.0

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What became of one call. A call that still waits is neither answered nor abandoned.

    ``arrived_s`` is the first INVITE, in seconds since any one instant (the Unix epoch for real
    calls); the durations count from there unless they say otherwise, and are None when the thing
    did not happen or is not known.
    """

    call_id: str
    arrived_s: float
    answered: bool = False
    """An agent was on the line *and* speech went both ways."""
    abandoned: bool = False
    """The caller left before any agent was on the line."""
    wait_ms: float | None = None
    """Until it was answered, or until the caller left."""
    answered_ms: float | None = None
    """Until an agent's phone was connected, whether or not anybody was heard."""
    to_officer_ms: float | None = None
    """Until both the caller and the officer had been heard."""
    talk_ms: float | None = None
    """How long agents talked with the caller, all in all."""
    wrap_up_ms: float | None = None
    """How long the agents' work after the call took."""
    ring_no_answers: int = 0
    """Offers of this call that rang out or were rejected, or whose phone was busy or gone."""
    line: str = ""
    queue: str = ""
    seat: str = ""
    """The seat that answered it."""
    caller: str = ""
    """The number; empty: withheld or unknown."""
    place: str = ""
    """Whatever is equal for calls about one place; empty: unknown."""


@dataclass(frozen=True, slots=True)
class SeatTime:
    """What seats did in a period, all of them together."""

    on_duty_ms: float
    """Registered and taking calls, including the time with calls and in wrap-up."""
    busy_ms: float
    """Of that: talking, or in wrap-up."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some calls; each is defined in `DEFINITIONS` under its own name."""

    arrived: int
    answered: int
    abandoned: int
    short_abandoned: int
    unheard: int
    abandoned_share: float | None
    service_level_answered: Mapping[float, float | None]
    """By threshold in seconds."""
    service_level_all: Mapping[float, float | None]
    """By threshold in seconds."""
    answer_mean_ms: float | None
    wait_mean_ms: float | None
    wait_median_ms: float | None
    wait_p90_ms: float | None
    wait_p95_ms: float | None
    wait_p99_ms: float | None
    wait_longest_tenth_ms: float | None
    wait_longest_ms: float | None
    with_officer: int
    to_officer_mean_ms: float | None
    to_officer_p90_ms: float | None
    to_officer_in_time: float | None
    talk_mean_ms: float | None
    wrap_up_mean_ms: float | None
    occupancy: float | None
    ring_no_answers: int
    recontacts: int
    recontact_share: float | None

    def to_json(self) -> dict[str, object]:
        """As JSON values: thresholds as text, milliseconds to a tenth, shares to 6 digits."""
        shown: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Mapping):
                value = {f"{at_s:g}": _rounded(share, 6) for at_s, share in value.items()}
            elif isinstance(value, float):
                value = round(value, 1 if field.name.endswith("_ms") else 6)
            shown[field.name] = value
        return shown


DEFINITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "arrived": "Calls whose first INVITE came in the period.",
        "answered": "Arrived calls in which an agent was on the line and speech went both ways; "
        "a connected phone alone does not count. They are timed at the moment when the agent came "
        "on the line.",
        "abandoned": "Arrived calls whose caller left before any agent was on the line, "
        "short ones included.",
        "short_abandoned": f"Abandoned calls whose caller left within {SHORT_ABANDON_S:g} s.",
        "unheard": "Arrived calls in which an agent was on the line but speech never went both "
        "ways; neither answered nor abandoned.",
        "abandoned_share": "Abandoned / (answered + abandoned).",
        "service_level_answered": "Calls answered within T seconds / answered calls.",
        "service_level_all": "(Calls answered within T seconds + calls abandoned within T seconds) "
        "/ (answered + abandoned).",
        "answer_mean_ms": "Mean time from the first INVITE until answered, of answered calls.",
        "wait_mean_ms": "Mean time from the first INVITE until answered or abandoned, of answered "
        "and abandoned calls.",
        "wait_median_ms": "The shortest wait that at least half of the answered and abandoned "
        "calls did not exceed.",
        "wait_p90_ms": "The shortest wait that at least 90 % of the answered and abandoned calls "
        "did not exceed.",
        "wait_p95_ms": "The shortest wait that at least 95 % of the answered and abandoned calls "
        "did not exceed.",
        "wait_p99_ms": "The shortest wait that at least 99 % of the answered and abandoned calls "
        "did not exceed.",
        "wait_longest_tenth_ms": "Mean of the longest 10 % of waits (rounded up to whole calls), "
        "of answered and abandoned calls.",
        "wait_longest_ms": "The longest wait of an answered or abandoned call.",
        "with_officer": "Arrived calls in which both the caller and an officer were heard.",
        "to_officer_mean_ms": "Mean time from the first INVITE until both the caller and an "
        "officer had been heard, of calls with an officer.",
        "to_officer_p90_ms": "The shortest such time that at least 90 % of the calls with an "
        "officer did not exceed.",
        "to_officer_in_time": "Calls in which both the caller and an officer had been heard within "
        f"{OFFICER_WITHIN_S:g} s of the first INVITE / calls with an officer.",
        "talk_mean_ms": "Mean time that agents talked with the caller, of calls in which they did.",
        "wrap_up_mean_ms": "Mean time of the agent's work after the call, of calls for which it "
        "is known.",
        "occupancy": "Time that seats talked or were in wrap-up / time that seats were on duty "
        "(registered and taking calls, calls and wrap-up included).",
        "ring_no_answers": "Offers of arrived calls that a seat's phone did not take: rung out, "
        "rejected, busy or out of reach.",
        "recontacts": f"Arrived calls that came at most {RECONTACT_S / 3600:g} h after another "
        "call from the same number or about the same place.",
        "recontact_share": "Recontacts / arrived calls whose number or place is known.",
    }
)


def figures(
    outcomes: Iterable[CallOutcome],
    thresholds_s: Sequence[float] = THRESHOLDS_S,
    *,
    seat_time: SeatTime | None = None,
    recontact_ids: Container[str] | None = None,
) -> Figures:
    """The figures of these calls, in any order.

    ``recontact_ids``: what `recontacts` says of all calls among which these are some (a period, a
    queue), the day before included; by default it is asked about these calls only.
    """
    calls = list(outcomes)
    if recontact_ids is None:
        recontact_ids = recontacts(calls)
    answered = sorted(_known(call.wait_ms for call in calls if call.answered))
    left = sorted(_known(call.wait_ms for call in calls if call.abandoned))
    waits = sorted(answered + left)
    answered_count = sum(call.answered for call in calls)
    abandoned_count = sum(call.abandoned for call in calls)
    ended_count = answered_count + abandoned_count
    to_officer = sorted(_known(call.to_officer_ms for call in calls))
    recontact_count = sum(call.call_id in recontact_ids for call in calls)
    return Figures(
        arrived=len(calls),
        answered=answered_count,
        abandoned=abandoned_count,
        short_abandoned=_within(left, SHORT_ABANDON_S),
        unheard=sum(
            call.answered_ms is not None and not call.answered and not call.abandoned
            for call in calls
        ),
        abandoned_share=_share(abandoned_count, ended_count),
        service_level_answered={
            at_s: _share(_within(answered, at_s), answered_count) for at_s in thresholds_s
        },
        service_level_all={
            at_s: _share(_within(waits, at_s), ended_count) for at_s in thresholds_s
        },
        answer_mean_ms=mean(answered),
        wait_mean_ms=mean(waits),
        wait_median_ms=quantile(waits, 0.5),
        wait_p90_ms=quantile(waits, 0.9),
        wait_p95_ms=quantile(waits, 0.95),
        wait_p99_ms=quantile(waits, 0.99),
        wait_longest_tenth_ms=mean(waits[len(waits) - math.ceil(len(waits) / 10) :]),
        wait_longest_ms=waits[-1] if waits else None,
        with_officer=len(to_officer),
        to_officer_mean_ms=mean(to_officer),
        to_officer_p90_ms=quantile(to_officer, 0.9),
        to_officer_in_time=_share(_within(to_officer, OFFICER_WITHIN_S), len(to_officer)),
        talk_mean_ms=mean(_known(call.talk_ms for call in calls)),
        wrap_up_mean_ms=mean(_known(call.wrap_up_ms for call in calls)),
        occupancy=_share(seat_time.busy_ms, seat_time.on_duty_ms) if seat_time else None,
        ring_no_answers=sum(call.ring_no_answers for call in calls),
        recontacts=recontact_count,
        recontact_share=_share(
            recontact_count, sum(bool(call.caller or call.place) for call in calls)
        ),
    )


def figures_by(
    key: Callable[[CallOutcome], Key],
    outcomes: Iterable[CallOutcome],
    thresholds_s: Sequence[float] = THRESHOLDS_S,
    *,
    seat_times: Mapping[Key, SeatTime] | None = None,
    recontact_ids: Container[str] | None = None,
) -> dict[Key, Figures]:
    """The figures of the calls of each key (a line, a queue, a half hour), keys as they come.

    A recontact is one wherever the earlier call belonged.
    """
    calls = list(outcomes)
    if recontact_ids is None:
        recontact_ids = recontacts(calls)
    parts: dict[Key, list[CallOutcome]] = {}
    for call in calls:
        parts.setdefault(key(call), []).append(call)
    return {
        of: figures(
            part,
            thresholds_s,
            seat_time=(seat_times or {}).get(of),
            recontact_ids=recontact_ids,
        )
        for of, part in parts.items()
    }


def recontacts(outcomes: Iterable[CallOutcome]) -> frozenset[str]:
    """Ids of the calls that came within 24 h of another from the same number or about the place."""
    seen: dict[tuple[str, str], float] = {}
    again: set[str] = set()
    for call in sorted(outcomes, key=lambda call: call.arrived_s):
        for kind, value in (("caller", call.caller), ("place", call.place)):
            if not value:
                continue
            before_s = seen.get((kind, value))
            if before_s is not None and call.arrived_s - before_s <= RECONTACT_S:
                again.add(call.call_id)
            seen[kind, value] = call.arrived_s
    return frozenset(again)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _within(durations_ms: Iterable[float], at_s: float) -> int:
    return sum(duration_ms <= at_s * 1000 for duration_ms in durations_ms)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    """Of these values; None when there are none."""
    return math.fsum(values) / len(values) if values else None


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Nearest rank, of values in order: one that occurred, not one between two; None of none."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
