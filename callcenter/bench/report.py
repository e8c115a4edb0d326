"""What a benchmark says: figures, their bounds, whether they are met, and on what machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callcenter.bench.machine import Machine


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; with a bound it is met or not, without one it only informs.

    ``value`` is None when it could not be measured, which meets no bound.
    """

    name: str
    value: float | None
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the bound holds; None: there is none."""
        if self.at_most is None and self.at_least is None:
            return None
        if self.value is None:
            return False
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def bound(self) -> str:
        """The bound as people read it; empty when there is none."""
        if self.at_most is not None:
            return f"≤ {shown(self.at_most)}"
        return "" if self.at_least is None else f"≥ {shown(self.at_least)}"

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        value = None if self.value is None else round(self.value, 6)
        bounds = {"at_most": self.at_most, "at_least": self.at_least}
        return {
            "name": self.name,
            "value": value,
            "unit": self.unit,
            **{kind: bound for kind, bound in bounds.items() if bound is not None},
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """What one benchmark found out."""

    figures: Sequence[Figure]
    peer: str = ""
    """What it was measured against in the same run; empty: nothing."""
    ratio: float | None = None
    """The figure that the comparison is about: ours to the peer's, or the other way round."""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """One run of one benchmark."""

    bench: str
    quick: bool
    duration_s: float
    machine: Machine
    measured: Measured
    failed: str = ""
    """Why it could not be carried out."""
    skipped: str = ""
    """Why there was nothing to measure; it did not pass then, either."""

    @property
    def met(self) -> bool:
        """Whether it was carried out and every bound holds."""
        carried_out = not self.failed and not self.skipped
        return carried_out and all(figure.met is not False for figure in self.measured.figures)

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "bench": self.bench,
            "met": self.met,
            "quick": self.quick,
            "duration_s": round(self.duration_s, 1),
            "failed": self.failed or None,
            "skipped": self.skipped or None,
            "figures": [figure.to_json() for figure in self.measured.figures],
            "peer": self.measured.peer or None,
            "ratio": None if self.measured.ratio is None else round(self.measured.ratio, 3),
            "details": dict(self.measured.details),
            "machine": self.machine.to_json(),
        }


def shown(value: float | None) -> str:
    """A figure with as many digits as somebody reads."""
    if value is None:
        return "—"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"


def rows(report: Report) -> list[tuple[str, str, str, str, str]]:
    """Lines of the table: bench, figure, value, bound, whether it is met."""
    told = [
        (
            report.bench,
            figure.name,
            f"{shown(figure.value)} {figure.unit}".strip(),
            f"{figure.bound} {figure.unit}".strip() if figure.bound else "",
            {None: "", True: "met", False: "NOT MET"}[figure.met],
        )
        for figure in report.measured.figures
    ]
    if report.failed:
        told.append((report.bench, report.failed, "", "", "NOT CARRIED OUT"))
    if report.skipped:
        told.append((report.bench, report.skipped, "", "", "SKIPPED"))
    return told
