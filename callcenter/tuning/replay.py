"""What a document would have done to past calls: the same engine, in virtual time. Pure.

Callers come as they came and leave, unless answered before, when they left. Whoever was answered
would wait as long as it takes. Seats are on duty when they were. Neither phones that fail nor what
people decided by hand (picked, moved, prioritised) is played again.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from acd.figures import CallOutcome, Figures, figures
from acd.lots import Always, Lots
from acd.scenario import Caller, Scenario, SettingsChange, Shift
from acd.simulate import Simulated, simulate
from callcenter.calls.facts import identity_of
from callcenter.tuning import apply
from callcenter.tuning.document import Document
from callcenter.tuning.past import Past
from callcenter.tuning.rules import TunedRules

LISTED_CALLS: Final = 100
SAME_WAIT_MS: Final = 500.0
"""Waits that differ by less are the same."""
MOST_CALENDAR_CHANGES: Final = 1000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of each call, in the order in which they came."""

    outcomes: tuple[CallOutcome, ...]
    figures: Figures
    still_waiting: int


@dataclass(frozen=True, slots=True)
class _AsTheyCame:
    past: Past
    rules: TunedRules

    def callers(self, lots: Lots, begin_s: float, end_s: float) -> Iterator[Caller]:
        """Past callers, with the priority, the needs and the queue that the rules give them."""
        for call in self.past.calls:
            identity = identity_of(call.caller)
            priority = self.rules.line_priority(call.line)
            if identity:
                priority += self.rules.caller_priority(identity)
            yield Caller(
                at_s=call.arrived_s - self.past.midnight_s,
                queue=self.rules.queue(call.line) or call.queue,
                handling_s=self.past.usual_talk_s if call.talk_s is None else call.talk_s,
                patience_s=math.inf if call.patience_s is None else call.patience_s,
                priority=priority,
                line=call.line,
                number=identity,
                origin=call.origin,
                needs=self.rules.needs(call.line, ""),
            )


def replay(past: Past, document: Document) -> Replayed:
    """Play the past with this document; the same past and document give the same result."""
    zero_s = past.midnight_s
    scenario = Scenario(
        floor=apply.floor_settings(document, _at(past.since_s)),
        arrivals=(_AsTheyCame(past, TunedRules(document)),),
        begin_s=past.since_s - zero_s,
        end_s=past.until_s - zero_s,
        shifts={
            seat.id: tuple(
                Shift(begin - zero_s, end - zero_s) for begin, end in past.duty.get(seat.id, ())
            )
            for seat in document.seats
        },
        overtime=True,
        answering=Always(past.answering_s),
        wrap_up=Always(past.wrap_up_s),
        faults=tuple(_calendar_changes(past, document)),
    )
    over: dict[str, CallOutcome] = {}

    def take(outcome: CallOutcome) -> None:
        over[outcome.call_id] = outcome

    done = simulate(scenario, lambda purpose: random.Random(purpose), take)  # noqa: S311 - no secret
    return Replayed(
        outcomes=tuple(_by_number(over, past, done)),
        figures=figures(
            over.values(), document.service_level.thresholds_s, seat_time=done.seat_time
        ),
        still_waiting=done.still_waiting,
    )


def compare(past: Past, current: Replayed, proposed: Replayed) -> dict[str, Any]:
    """Which calls fare otherwise with the proposed document; the most different ones by name."""
    counts = dict.fromkeys(
        ("longer", "shorter", "same", "other_seat", "no_more_answered", "answered_now"), 0
    )
    differing: list[tuple[float, dict[str, Any]]] = []
    for call, before, after in zip(past.calls, current.outcomes, proposed.outcomes, strict=True):
        by_ms = _wait_ms(after) - _wait_ms(before)
        if before.answered != after.answered:
            counts["answered_now" if after.answered else "no_more_answered"] += 1
        if abs(by_ms) < SAME_WAIT_MS:
            counts["same"] += 1
        else:
            counts["longer" if by_ms > 0 else "shorter"] += 1
        other_seat = before.seat != after.seat
        counts["other_seat"] += other_seat
        if other_seat or abs(by_ms) >= SAME_WAIT_MS or before.answered != after.answered:
            differing.append((abs(by_ms), _difference(call.arrived_s, call.call_id, before, after)))
    differing.sort(key=lambda entry: -entry[0])
    return {**counts, "calls": [shown for _, shown in differing[:LISTED_CALLS]]}


def _difference(
    arrived_s: float, call_id: str, before: CallOutcome, after: CallOutcome
) -> dict[str, Any]:
    return {
        "call_id": call_id,
        "arrived_at": _at(arrived_s).isoformat(timespec="milliseconds"),
        "line": after.line,
        "current": _fate(before),
        "proposed": _fate(after),
    }


def _fate(outcome: CallOutcome) -> dict[str, Any]:
    return {
        "queue": outcome.queue,
        "seat": outcome.seat,
        "answered": outcome.answered,
        "wait_ms": None if outcome.wait_ms is None else round(outcome.wait_ms),
    }


def _wait_ms(outcome: CallOutcome) -> float:
    """A wait that never ended is as long as none that did."""
    return 1e12 if outcome.wait_ms is None else outcome.wait_ms


def _by_number(over: dict[str, CallOutcome], past: Past, done: Simulated) -> Sequence[CallOutcome]:
    """Calls are numbered from 1 in the order in which they come."""
    if done.calls != len(past.calls):
        raise RuntimeError(f"{len(past.calls)} calls to replay, {done.calls} replayed")
    return [over[str(number)] for number in range(1, done.calls + 1)]


def _calendar_changes(past: Past, document: Document) -> Iterator[SettingsChange]:
    at = _at(past.since_s)
    for _ in range(MOST_CALENDAR_CHANGES):
        change = apply.next_change(document, at)
        if change is None or change.timestamp() >= past.until_s:
            return
        yield SettingsChange(
            change.timestamp() - past.midnight_s, apply.floor_settings(document, change)
        )
        at = change


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
