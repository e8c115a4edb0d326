"""The timeline of one call: what the service says, beside what the phones measured themselves.

Milliseconds from the first INVITE: the service counts from the INVITE's arrival, the phones from
its sending; on one machine that is a few milliseconds apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STEPS = (
    "ringing",
    "answered",
    "first_words",
    "place_known",
    "officer_ringing",
    "officer_took",
    "both_heard",
    "operator_left",
    "closed",
)
OFFICER_STEPS = frozenset({"officer_ringing", "officer_took", "both_heard", "operator_left"})
SPEECH_STEPS = frozenset({"first_words", "place_known"})
COMPARED = frozenset(STEPS) - SPEECH_STEPS
APART_MS = 1000
"""Service and phones must agree to this; the last step of all is seen by polling."""
OUT_OF_ORDER_MS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One step: as the service tells it and as the phones measured it."""

    step: str
    service_ms: int | None
    phones_ms: int | None
    budget_ms: int | None
    late: bool

    def to_json(self) -> dict[str, Any]:
        """The row for ``--json``."""
        return {
            "step": self.step,
            "ms": self.service_ms,
            "measured_ms": self.phones_ms,
            "budget_ms": self.budget_ms,
            "late": self.late,
        }


def rows(told: Sequence[Mapping[str, Any]], measured: Mapping[str, int]) -> tuple[Row, ...]:
    """Merge the API's timeline with the phones' measurements."""
    by_step = {str(entry["step"]): entry for entry in told}
    merged = []
    for step in STEPS:
        entry = by_step.get(step, {})
        if entry or step in measured:
            merged.append(
                Row(
                    step,
                    entry.get("ms"),
                    measured.get(step),
                    entry.get("budget_ms"),
                    bool(entry.get("late", False)),
                )
            )
    return tuple(merged)


def faults(timeline: Sequence[Row], expected: Sequence[str]) -> list[str]:
    """What is wrong with a timeline: steps that are missing, out of order, or told wrongly."""
    by_step = {row.step: row for row in timeline}
    found = []
    for step in expected:
        if step not in by_step or by_step[step].service_ms is None:
            found.append(f"{step}: the service's timeline does not have it")
    for row in timeline:
        if row.step in COMPARED and row.service_ms is not None and row.phones_ms is not None:
            apart = row.service_ms - row.phones_ms
            if abs(apart) > APART_MS:
                found.append(
                    f"{row.step}: the service says {row.service_ms} ms,"
                    f" the phones measured {row.phones_ms} ms"
                )
    # What is said and found may come in any order; what Asterisk and people do may not.
    last_ms, last_step = -1, ""
    for row in timeline:
        if row.step in SPEECH_STEPS or row.service_ms is None:
            continue
        if row.service_ms < last_ms - OUT_OF_ORDER_MS:
            found.append(f"{row.step} at {row.service_ms} ms is before {last_step} at {last_ms} ms")
        last_ms, last_step = row.service_ms, row.step
    return found


def expected_steps(*, officer: bool, speech: bool, place: bool) -> tuple[str, ...]:
    """Steps that a call of this kind must have."""
    return tuple(
        step
        for step in STEPS
        if (officer or step not in OFFICER_STEPS)
        and (speech or step not in SPEECH_STEPS)
        and (place or step != "place_known")
    )
