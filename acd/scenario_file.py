"""A scenario as people write it (TOML, JSON), checked whole before anything is played.

Clock times are of the scenario's first day. Calls of a file bring their own days: then the first
day is the first one of the file, and what the scenario does not say about queues, seats and shifts
is taken from the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from acd.errors import InvalidSettings
from acd.lots import AT_ONCE, FOREVER, Duration, Recorded
from acd.model import FloorSettings, QueueSettings, SeatSettings
from acd.plain import Problem, Reader
from acd.scenario import (
    DAY_S,
    Arrivals,
    Fault,
    OffersFail,
    PhonesVanish,
    PoissonArrivals,
    RecordedArrivals,
    RecordedCall,
    Scenario,
    SettingsChange,
    Shift,
    recorded_shifts,
)
from acd.scenario_parts import MOST_DAYS, ArrivalsPart, FaultKind, FaultPart, ScenarioPart

ReadCalls = Callable[[str], Sequence[RecordedCall]]
"""The calls of a file that a scenario names, in the order of their arrival."""

_CLOCK: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


class ScenarioError(Exception):
    """A scenario that cannot be played: every field that is wrong, and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


def scenario_from(plain: object, read_calls: ReadCalls) -> tuple[Scenario, int]:
    """The scenario and its seed; raises `ScenarioError`, or what ``read_calls`` raises."""
    reader = Reader()
    part = reader.read(ScenarioPart, plain)
    if part is None or not isinstance(plain, Mapping):
        raise ScenarioError(reader.problems)
    scenario = _Builder(reader, part, plain, read_calls).scenario()
    if reader.problems or scenario is None:
        raise ScenarioError(reader.problems)
    return scenario, part.seed


class _Builder:
    """Puts the parts together, and notes where they do not fit."""

    def __init__(
        self,
        reader: Reader,
        part: ScenarioPart,
        plain: Mapping[str, Any],
        read_calls: ReadCalls,
    ) -> None:
        self._reader = reader
        self._part = part
        self._plain = plain
        self._recorded = {
            arrivals.file: tuple(read_calls(arrivals.file))
            for arrivals in part.arrivals
            if arrivals.file
        }
        self._all_recorded = [call for calls in self._recorded.values() for call in calls]
        first_s = min((call.at_s for call in self._all_recorded), default=0.0)
        self._midnight_s = first_s // DAY_S * DAY_S

    def scenario(self) -> Scenario | None:
        part = self._part
        begin_s = self._midnight_s + self._clock(part.begins, "begins")
        end_s = begin_s + part.hours * 3600
        if self._all_recorded and "hours" not in self._plain:
            last_s = max(call.at_s for call in self._all_recorded)
            end_s = (last_s // DAY_S + 1) * DAY_S
            if end_s - begin_s > MOST_DAYS * DAY_S:
                self._reader.note(
                    "arrivals", f"the calls of the file span more than {MOST_DAYS} days"
                )
                return None
        queues = part.queues or tuple(
            QueueSettings(queue) for queue in sorted({call.queue for call in self._all_recorded})
        )
        if not queues:
            self._reader.note("queues", "expected at least one")
        seats, shifts = self._seats(queues, begin_s, end_s)
        arrivals = [
            self._arrivals(number, arrivals, {queue.id for queue in queues})
            for number, arrivals in enumerate(part.arrivals)
        ]
        floor = self._floor(queues, seats, "seats")
        if floor is None:
            return None
        faults = self._faults(floor)
        return Scenario(
            floor=floor,
            arrivals=tuple(arrivals),
            begin_s=begin_s,
            end_s=end_s,
            shifts=shifts,
            overtime=part.overtime,
            answering=part.answering.duration() if part.answering else AT_ONCE,
            wrap_up=part.wrap_up.duration() if part.wrap_up else AT_ONCE,
            faults=faults,
            back_after_misses_s=part.back_after_misses_s,
            announcement_s=part.announcement_s,
            call_back_share=part.call_back_share,
            name=part.name,
        )

    def _clock(self, text: str, path: str) -> float:
        match = _CLOCK.fullmatch(text)
        if match is None:
            self._reader.note(path, f"is {text!r}, expected a time such as 08:30")
            return 0.0
        return int(match[1]) * 3600.0 + int(match[2]) * 60.0

    def _floor(
        self, queues: tuple[QueueSettings, ...], seats: tuple[SeatSettings, ...], path: str
    ) -> FloorSettings | None:
        try:
            return FloorSettings(
                queues,
                seats,
                ageing_per_s=self._part.ageing_per_s,
                last_seat_s=self._part.last_seat_s,
            )
        except InvalidSettings as error:
            self._reader.note(path, str(error))
            return None

    def _seats(
        self, queues: tuple[QueueSettings, ...], begin_s: float, end_s: float
    ) -> tuple[tuple[SeatSettings, ...], dict[str, tuple[Shift, ...]]]:
        if not self._part.seats:
            return self._recorded_seats()
        every = tuple(queue.id for queue in queues)
        seats: list[SeatSettings] = []
        shifts: dict[str, tuple[Shift, ...]] = {}
        for number, part in enumerate(self._part.seats):
            on_duty = self._shifts(part.on_duty, f"seats[{number}].on_duty", begin_s, end_s)
            for seat_id in part.ids():
                serves = every if part.queues is None else part.queues
                try:
                    seat = SeatSettings(
                        seat_id, serves, part.skills, part.phone, part.calls_per_hour
                    )
                except InvalidSettings as error:
                    self._reader.note(f"seats[{number}]", str(error))
                    continue
                seats.append(seat)
                if part.on_duty:
                    shifts[seat_id] = on_duty
        return tuple(seats), shifts

    def _recorded_seats(self) -> tuple[tuple[SeatSettings, ...], dict[str, tuple[Shift, ...]]]:
        shifts = recorded_shifts(self._all_recorded)
        if not shifts:
            self._reader.note("seats", "expected at least one")
        serves: dict[str, set[str]] = {}
        for call in self._all_recorded:
            if call.seat in shifts:
                serves.setdefault(call.seat, set()).add(call.queue)
        return tuple(SeatSettings(seat, tuple(sorted(serves[seat]))) for seat in shifts), shifts

    def _shifts(
        self, texts: Sequence[str], path: str, begin_s: float, end_s: float
    ) -> tuple[Shift, ...]:
        """The same times every day; one that ends before it begins goes past midnight."""
        shifts = []
        first_day = begin_s // DAY_S - 1
        for number, text in enumerate(texts):
            from_text, _, to_text = text.partition("-")
            from_s = self._clock(from_text.strip(), f"{path}[{number}]")
            to_s = self._clock(to_text.strip(), f"{path}[{number}]")
            if to_s <= from_s:
                to_s += DAY_S
            for day in range(int(first_day), math.ceil(end_s / DAY_S)):
                shifts.append(Shift(day * DAY_S + from_s, day * DAY_S + to_s))
        return tuple(sorted(shifts, key=lambda shift: shift.from_s))

    def _arrivals(self, number: int, part: ArrivalsPart, queues: set[str]) -> Arrivals:
        path = f"arrivals[{number}]"
        patience = part.patience.duration() if part.patience else FOREVER
        if part.file:
            calls = self._recorded[part.file]
            unknown = {call.queue for call in calls} - queues
            if unknown:
                self._reader.note(f"{path}.file", f"queue {min(unknown)} is not defined")
            talks = tuple(call.handling_s for call in calls if call.handling_s is not None)
            handling: Duration = Recorded(talks)
            if part.handling is not None:
                handling = part.handling.duration()
            elif not talks:
                self._reader.note(f"{path}.handling", "is missing, and the file has none")
            return RecordedArrivals(calls, handling, patience)
        if part.queue not in queues:
            self._reader.note(f"{path}.queue", f"queue {part.queue} is not defined")
        rates = (part.per_hour,) if part.per_hour is not None else part.per_half_hour
        if part.per_half_hour:
            rates = tuple(2 * calls for calls in part.per_half_hour)
        talk = part.handling.duration() if part.handling else AT_ONCE
        return PoissonArrivals(
            part.queue, rates, talk, patience, part.priority, part.line, part.needs
        )

    def _faults(self, floor: FloorSettings) -> tuple[Fault, ...]:
        known = {seat.id for seat in floor.seats}
        faults: list[Fault] = []
        for number, part in enumerate(self._part.faults):
            path = f"faults[{number}]"
            at_s = self._midnight_s + self._clock(part.at, f"{path}.at")
            for seat_id in part.seats:
                if seat_id not in known:
                    self._reader.note(f"{path}.seats", f"seat {seat_id} is not defined")
            match part.kind:
                case FaultKind.PHONES_VANISH:
                    faults.append(PhonesVanish(at_s, part.for_s, part.seats))
                case FaultKind.OFFERS_FAIL:
                    faults.append(OffersFail(at_s, part.for_s, part.cause, part.seats, part.share))
                case FaultKind.SETTINGS:
                    changed = self._changed(floor, part, path)
                    if changed is not None:
                        floor = changed
                        faults.append(SettingsChange(at_s, floor))
        return tuple(faults)

    def _changed(self, floor: FloorSettings, part: FaultPart, path: str) -> FloorSettings | None:
        """The floor with one queue's settings changed, on top of the changes listed before."""
        plain = next(
            (queue for queue in self._plain.get("queues", ()) if queue["id"] == part.queue), None
        )
        if plain is None:
            self._reader.note(f"{path}.queue", f"queue {part.queue} is not defined")
            return None
        earlier: dict[str, object] = {}
        for other in self._part.faults:
            if other.queue == part.queue:
                earlier |= other.set
            if other is part:
                break
        queue = self._reader.read(QueueSettings, {**plain, **earlier}, f"{path}.set")
        if queue is None:
            return None
        queues = tuple(queue if other.id == queue.id else other for other in floor.queues)
        return self._floor(queues, floor.seats, f"{path}.set")
