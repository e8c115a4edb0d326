"""What a simulation plays: who calls when, who sits where when, and what goes wrong.

Instants are seconds since a midnight (of the first day, or of any day long before it, as in a
recording), so that an instant modulo a day is a time of the day.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from acd.lots import AT_ONCE, FOREVER, Duration, Lots
from acd.model import FloorSettings, OfferCause, SkillNeed

DAY_S: Final = 86400.0
HALF_HOUR_S: Final = 1800.0
HALF_HOURS: Final = 48


@dataclass(frozen=True, slots=True)
class Caller:
    """One call as its caller brings it; ``patience_s`` is over while no agent has answered."""

    at_s: float
    queue: str
    handling_s: float
    patience_s: float = math.inf
    priority: int = 0
    line: str = ""
    number: str = ""
    origin: str = ""
    needs: tuple[SkillNeed, ...] = ()


class Arrivals(Protocol):
    """Callers, in the order in which they come."""

    def callers(self, lots: Lots, begin_s: float, end_s: float) -> Iterator[Caller]:
        """Those from ``begin_s`` to before ``end_s``."""
        ...


@dataclass(frozen=True, slots=True)
class PoissonArrivals:
    """Callers who know nothing of each other, at one rate or at one for each half hour of a day."""

    queue: str
    per_hour: tuple[float, ...]
    """One, or 48 from midnight on."""
    handling: Duration
    patience: Duration = FOREVER
    priority: int = 0
    line: str = ""
    needs: tuple[SkillNeed, ...] = ()

    def callers(self, lots: Lots, begin_s: float, end_s: float) -> Iterator[Caller]:
        """Those from ``begin_s`` to before ``end_s``."""
        for at_s in self._instants(lots, begin_s, end_s):
            yield Caller(
                at_s,
                self.queue,
                self.handling.draw_s(lots),
                self.patience.draw_s(lots),
                self.priority,
                self.line,
                needs=self.needs,
            )

    def _instants(self, lots: Lots, begin_s: float, end_s: float) -> Iterator[float]:
        # An exponential has no memory: where the rate changes, the next caller is drawn anew.
        slot_begin_s = begin_s
        while slot_begin_s < end_s:
            slot_end_s = end_s
            rate = self.per_hour[0] / 3600
            if len(self.per_hour) > 1:
                slot_end_s = min(end_s, (slot_begin_s // HALF_HOUR_S + 1) * HALF_HOUR_S)
                rate = self.per_hour[int(slot_begin_s % DAY_S // HALF_HOUR_S)] / 3600
            at_s = slot_begin_s
            while rate > 0 and (at_s := at_s + lots.expovariate(rate)) < slot_end_s:
                yield at_s
            slot_begin_s = slot_end_s


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call as some desk recorded it."""

    at_s: float
    queue: str
    waited_s: float
    """Until answered, or until the caller left."""
    answered: bool
    handling_s: float | None = None
    seat: str = ""
    """Who answered; empty: unknown."""
    number: str = ""
    priority: int = 0
    line: str = ""


@dataclass(frozen=True, slots=True)
class RecordedArrivals:
    """Callers as they came, with the patience that they showed.

    Who left would leave after the same time again, unless answered before; the conversation that
    they would have had is one of those that others had (`handling`). Who was answered would have
    waited on: how long is not known, ``patience`` says what to take (for ever).
    """

    calls: Sequence[RecordedCall]
    handling: Duration
    patience: Duration = FOREVER
    """From the time on that a caller who was answered had waited by then."""

    def callers(self, lots: Lots, begin_s: float, end_s: float) -> Iterator[Caller]:
        """Those from ``begin_s`` to before ``end_s``."""
        for call in sorted(self.calls, key=lambda call: call.at_s):
            if not begin_s <= call.at_s < end_s:
                continue
            handling_s = call.handling_s
            if handling_s is None:
                handling_s = self.handling.draw_s(lots)
            patience_s = call.waited_s
            if call.answered:
                patience_s += self.patience.draw_s(lots)
            yield Caller(
                call.at_s,
                call.queue,
                handling_s,
                patience_s,
                call.priority,
                call.line,
                call.number,
            )


@dataclass(frozen=True, slots=True)
class Shift:
    """A time on duty."""

    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class PhonesVanish:
    """These seats' phones cannot be reached for a while; who talked with them waits again."""

    at_s: float
    for_s: float
    seats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OffersFail:
    """Of the offers to these seats (none named: to any) such a share is not taken."""

    at_s: float
    for_s: float
    cause: OfferCause
    seats: tuple[str, ...] = ()
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """From then on, other settings."""

    at_s: float
    floor: FloorSettings


Fault = PhonesVanish | OffersFail | SettingsChange


@dataclass(frozen=True, slots=True)
class Scenario:
    """All that a simulation needs besides chance."""

    floor: FloorSettings
    arrivals: tuple[Arrivals, ...]
    end_s: float
    """Nobody calls from here on; who waits is still served by those on duty then."""
    begin_s: float = 0.0
    shifts: Mapping[str, tuple[Shift, ...]] = field(default_factory=dict)
    """By seat; a seat without an entry is always on duty."""
    overtime: bool = False
    """The last seats stay as long as somebody waits."""
    answering: Duration = AT_ONCE
    """How long a phone rings until it is taken."""
    wrap_up: Duration = AT_ONCE
    """Work after a call, for queues in which the operator ends it; others have their own time."""
    faults: tuple[Fault, ...] = ()
    back_after_misses_s: float = 60.0
    """A seat that was set not ready for calls that it missed is ready again after this."""
    announcement_s: float = 10.0
    call_back_share: float = 0.0
    """Of those who are offered to be called back, so many accept and hang up."""
    name: str = ""


def recorded_shifts(calls: Sequence[RecordedCall]) -> dict[str, tuple[Shift, ...]]:
    """Each seat's shifts, one a day: from its first conversation's begin to its last one's end."""
    days: dict[tuple[str, float], tuple[float, float]] = {}
    for call in calls:
        if not call.seat or not call.answered:
            continue
        from_s = call.at_s + call.waited_s
        to_s = from_s + (call.handling_s or 0.0)
        key = (call.seat, call.at_s // DAY_S)
        first_s, last_s = days.get(key, (from_s, to_s))
        days[key] = (min(first_s, from_s), max(last_s, to_s))
    shifts: dict[str, tuple[Shift, ...]] = {}
    for (seat, _), (from_s, to_s) in sorted(days.items()):
        shifts[seat] = (*shifts.get(seat, ()), Shift(from_s, to_s))
    return shifts
