"""How seats and queues look to consoles: the JSON shapes of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from acd.model import FloorSettings, SeatSettings, SeatView, WaitingCall
from callcenter.calls.view import stamp


def seats(
    floor: FloorSettings,
    views: Sequence[SeatView],
    names: Mapping[str, str],
    now: float,
    wall: datetime,
) -> list[dict[str, Any]]:
    """Every seat of the floor. ``now`` is monotonic seconds, ``wall`` the same moment."""
    by_id = {view.id: view for view in views}
    return [seat(each, by_id[each.id], names, now, wall) for each in floor.seats]


def seat(
    settings: SeatSettings, view: SeatView, names: Mapping[str, str], now: float, wall: datetime
) -> dict[str, Any]:
    """One seat."""

    def moment(at: float) -> str:
        return stamp(wall + timedelta(seconds=at - now))

    return {
        "id": settings.id,
        "name": names.get(settings.id) or settings.id,
        "queues": list(settings.queues),
        "skills": [{"skill": skill, "level": level} for skill, level in settings.skills],
        "phone": settings.phone or settings.id,
        "state": view.state.value,
        "reason": view.reason,
        "call_id": view.call_id,
        "since": moment(min(now, view.since)),
        "until": None if view.until is None else moment(view.until),
    }


def queues(
    floor: FloorSettings, waiting: Sequence[WaitingCall], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Every queue with who waits in it, in the order in which they get a seat."""
    in_queue: dict[str, list[WaitingCall]] = {queue.id: [] for queue in floor.queues}
    places: dict[str, int] = {}
    for place, call in enumerate(waiting, start=1):
        places[call.call_id] = place
        in_queue.setdefault(call.queue, []).append(call)
    return [
        {
            "id": queue.id,
            "name": names.get(queue.id) or queue.id,
            "priority": queue.priority,
            "strategy": queue.strategy.value,
            "ring_s": queue.ring_s,
            "wrap_up_s": queue.wrap_up_s,
            "after_call": queue.after_call.value,
            "estimated_wait_ms": _longest_estimate_ms(in_queue[queue.id]),
            "waiting": [_waits(call, places[call.call_id]) for call in in_queue[queue.id]],
            "seats": [seat.id for seat in floor.seats if queue.id in seat.queues],
        }
        for queue in floor.queues
    ]


def _waits(call: WaitingCall, place: int) -> dict[str, Any]:
    return {
        "call_id": call.call_id,
        "position": call.position,
        "place": place,
        "priority": call.priority,
        "wait_ms": round(call.waited_s * 1000),
        "overflowed": call.overflowed,
        "estimated_wait_ms": _ms(call.estimated_wait_s),
    }


def _longest_estimate_ms(waiting: Sequence[WaitingCall]) -> int | None:
    """What whoever came last has to expect; 0 when nobody waits, None when it cannot be told."""
    return _ms(waiting[-1].estimated_wait_s) if waiting else 0


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
