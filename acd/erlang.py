"""How callers wait at a given number of seats: the formulas of Erlang B, C and A.

All three take calls to come at random (Poisson) at one rate and handling times to be exponential.
Callers who find no free seat

- are turned away (B);
- wait as long as it takes (C, M/M/n);
- wait until their patience, exponential too, is over (A, M/M/n+M: Palm 1957; Garnett, Mandelbaum
  and Reiman 2002; Mandelbaum and Zeltyn 2007).

Every sum here has positive terms only, as shares of the largest: no case overflows, and no small
share is lost in a difference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_SMALL: Final = 1e-17


@dataclass(frozen=True, slots=True)
class Waiting:
    """What callers meet in the long run, as shares of all callers; a time may be infinite."""

    seats: int
    load_erlang: float
    """Seats' work that comes in: calls a second × mean handling time."""
    occupancy: float
    """Share of the time that a seat is busy."""
    waits_share: float
    """Who does not get a seat at once."""
    mean_wait_s: float
    """Of all callers, who wait and who do not, until answered or gone."""
    abandoned_share: float
    answered_within: float
    """Answered within the asked time; who abandons is not."""
    service_level_answered: float
    """As `acd.figures` defines it; 0 when nobody is answered."""
    service_level_all: float
    """As `acd.figures` defines it."""


def erlang_b(seats: int, load_erlang: float) -> float:
    """Share of callers who are turned away."""
    _check(seats, load_erlang)
    blocked = 1.0
    for seat in range(1, seats + 1):
        blocked = load_erlang * blocked / (seat + load_erlang * blocked)
    return blocked


def erlang_c(seats: int, load_erlang: float) -> float:
    """Share of callers who wait; 1 when the seats cannot keep up."""
    if load_erlang >= seats:
        _check(seats, load_erlang)
        return 1.0 if load_erlang > 0 else 0.0
    blocked = erlang_b(seats, load_erlang)
    return blocked / (1 - load_erlang / seats * (1 - blocked))


def waiting(
    seats: int,
    calls_per_hour: float,
    handling_s: float,
    within_s: float,
    patience_s: float | None = None,
) -> Waiting:
    """What callers meet: Erlang C, or Erlang A where a mean patience is given.

    Raises `ValueError` for what is negative, infinite or, of times, 0.
    """
    for name, value in (("handling_s", handling_s), ("patience_s", patience_s)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} is {value}, expected more than 0")
    if not (math.isfinite(within_s) and within_s >= 0):
        raise ValueError(f"within_s is {within_s}, expected at least 0")
    load_erlang = calls_per_hour / 3600 * handling_s
    _check(seats, load_erlang)
    if load_erlang == 0:
        return Waiting(seats, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
    if patience_s is None:
        return _erlang_c(seats, load_erlang, handling_s, within_s)
    return _erlang_a(seats, load_erlang, handling_s, within_s, patience_s)


def _erlang_c(seats: int, load_erlang: float, handling_s: float, within_s: float) -> Waiting:
    waits = erlang_c(seats, load_erlang)
    spare_per_s = (seats - load_erlang) / handling_s
    if spare_per_s <= 0:
        occupancy = 1.0 if seats else 0.0
        return Waiting(seats, load_erlang, occupancy, 1.0, math.inf, 0.0, 0.0, 0.0, 0.0)
    within = 1 - waits * math.exp(-spare_per_s * within_s)
    return Waiting(
        seats,
        load_erlang,
        occupancy=load_erlang / seats,
        waits_share=waits,
        mean_wait_s=waits / spare_per_s,
        abandoned_share=0.0,
        answered_within=within,
        service_level_answered=within,
        service_level_all=within,
    )


def _erlang_a(
    seats: int, load_erlang: float, handling_s: float, within_s: float, patience_s: float
) -> Waiting:
    """Of a caller who waits, with a = seats·patience/handling and b = calls in one patience.

    The offered wait V (of one who would never leave) has, while anybody waits, a density
    proportional to exp(b(1 − e^(−x/patience)) − a·x/patience). With y = e^(−T/patience) its
    integrals from T on are incomplete gamma functions, here as the series `_Series`.
    """
    a = seats * patience_s / handling_s
    b = load_erlang * patience_s / handling_s
    whole = _Series.of(a, b)
    blocked = erlang_b(seats, load_erlang)
    waits = 1.0
    if blocked < 1:
        # A·B / (1 + (A − 1)·B), with A given by its logarithm
        odds_log = whole.log + math.log(blocked) - math.log1p(-blocked) if blocked else -math.inf
        waits = 1 / (1 + math.exp(-odds_log)) if odds_log > -700 else 0.0
    abandoned = waits * whole.leaving
    decay = within_s / patience_s
    y = math.exp(-decay)
    lift = b * -math.expm1(-decay) - a * decay
    later = math.exp(min(0.0, _Series.of(a, b * y).log - whole.log + lift))
    answered_later = math.exp(_Series.of(a + 1, b * y).log - whole.log + lift - decay) * a / (a + 1)
    answered = 1 - abandoned
    answered_within = max(0.0, answered - waits * answered_later)
    return Waiting(
        seats,
        load_erlang,
        occupancy=min(1.0, load_erlang * answered / seats) if seats else 0.0,
        waits_share=waits,
        mean_wait_s=abandoned * patience_s,
        abandoned_share=abandoned,
        answered_within=answered_within,
        service_level_answered=min(1.0, answered_within / answered) if answered > 0 else 0.0,
        service_level_all=1 - waits * later * y,
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """A(a, b) = Σ bʲ / ((a+1)…(a+j)), by its logarithm: a term is a caller with j others ahead.

    ``leaving``: the share of those callers who leave, (j+1)/(a+j+1) each.
    """

    log: float
    leaving: float

    @classmethod
    def of(cls, a: float, b: float) -> _Series:
        # From the largest term outwards, as shares of it: nothing overflows, and b callers in one
        # patience take some √b terms.
        most = max(0, math.floor(b - a))
        log_most = (
            most * math.log(b) + math.lgamma(a + 1) - math.lgamma(a + most + 1) if most else 0.0
        )
        total = leaving = 0.0
        term, ahead = 1.0, most
        while term > total * _SMALL:
            total += term
            leaving += term * (ahead + 1) / (a + ahead + 1)
            ahead += 1
            term *= b / (a + ahead)
        term, ahead = 1.0, most
        while ahead > 0 and term > total * _SMALL:
            term *= (a + ahead) / b
            ahead -= 1
            total += term
            leaving += term * (ahead + 1) / (a + ahead + 1)
        return cls(log_most + math.log(total), leaving / total)


def _check(seats: int, load_erlang: float) -> None:
    if seats < 0:
        raise ValueError(f"seats is {seats}, expected at least 0")
    if not (math.isfinite(load_erlang) and load_erlang >= 0):
        raise ValueError(f"the load is {load_erlang} erlang, expected at least 0")
