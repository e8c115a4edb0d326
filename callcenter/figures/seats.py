"""How long seats were on duty and busy, from the changes of their states. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from acd.figures import SeatTime

BUSY: Final = frozenset({"talking", "wrap_up"})
ON_DUTY: Final = BUSY | {"ready", "offered"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A seat on duty for some time; seconds of the Unix epoch."""

    seat: str
    since_s: float
    until_s: float
    busy: bool


class SeatTimes:
    """Stretches of duty of all seats."""

    def __init__(self) -> None:
        self._now: dict[str, tuple[float, bool]] = {}
        self._done: list[Stretch] = []
        self._seen_s = 0.0

    def seen(self, at_s: float) -> None:
        """The journal has come to this moment: what goes on went on until here."""
        self._seen_s = max(self._seen_s, at_s)

    def changed(self, seat: str, state: str, at_s: float) -> None:
        """From now on the seat does this."""
        self._end(seat, at_s)
        if state in ON_DUTY:
            self._now[seat] = (at_s, state in BUSY)

    def unknown(self) -> None:
        """From the last entry on it is not known what any seat does."""
        for seat in list(self._now):
            self._end(seat, self._seen_s)

    def totals(self, since_s: float, until_s: float) -> dict[str, SeatTime]:
        """What each seat did within the period, up to the last entry of the journal."""
        return self.divided(since_s, until_s, lambda stretch: ((stretch.seat, stretch.until_s),))

    def divided(
        self,
        since_s: float,
        until_s: float,
        parts: Callable[[Stretch], Iterable[tuple[str, float]]],
    ) -> dict[str, SeatTime]:
        """The same by whatever key the parts of a stretch have (each with its end, ascending)."""
        on_duty: dict[str, float] = {}
        busy: dict[str, float] = {}
        for stretch in self.stretches(since_s, until_s):
            from_s = stretch.since_s
            for key, end_s in parts(stretch):
                ms = max(0.0, end_s - from_s) * 1000
                on_duty[key] = on_duty.get(key, 0.0) + ms
                busy[key] = busy.get(key, 0.0) + (ms if stretch.busy else 0.0)
                from_s = end_s
        return {key: SeatTime(ms, busy[key]) for key, ms in on_duty.items()}

    def forget_before(self, moment_s: float) -> None:
        """Let go of what ended before."""
        self._done = [stretch for stretch in self._done if stretch.until_s > moment_s]

    def _end(self, seat: str, at_s: float) -> None:
        going_on = self._now.pop(seat, None)
        if going_on is not None and at_s > going_on[0]:
            self._done.append(Stretch(seat, going_on[0], at_s, going_on[1]))

    def stretches(self, since_s: float, until_s: float) -> Iterable[Stretch]:
        """Every stretch of duty within the period, cut to it."""
        open_ones = (
            Stretch(seat, began_s, self._seen_s, busy)
            for seat, (began_s, busy) in self._now.items()
        )
        for stretch in (*self._done, *open_ones):
            begin_s, end_s = max(stretch.since_s, since_s), min(stretch.until_s, until_s)
            if end_s > begin_s:
                yield Stretch(stretch.seat, begin_s, end_s, stretch.busy)
