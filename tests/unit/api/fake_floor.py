"""A small floor that lives in memory, in the shapes that the API promises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from callcenter.calls.errors import NotNow
from callcenter.calls.positions import Position


def summary(call_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": call_id,
        "line": "110",
        "from": "5551234",
        "queue": "emergency",
        "state": "talking",
        "arrived_at": "2026-03-01T12:00:00.000Z",
        "wait_ms": 1200,
        "answered_at": "2026-03-01T12:00:01.200Z",
        "closed_at": None,
        "seat": "s01",
        "officer": None,
        "officer_state": None,
        "language": "en",
        "category": None,
        "level": None,
        "place_text": None,
        "precinct": None,
    } | changes


def detail(call: dict[str, Any]) -> dict[str, Any]:
    return call | {
        "legs": [
            {
                "id": call["id"],
                "role": "caller",
                "party": None,
                "joined_at": call["arrived_at"],
                "left_at": None,
                "heard": True,
            }
        ],
        "timeline": [{"step": "ringing", "ms": 0, "budget_ms": None, "late": False}],
        "incident": None,
        "recordings": [],
        "speech": {"available": True, "why": ""},
    }


SEGMENT = {
    "id": "seg1",
    "leg": "1.1",
    "role": "caller",
    "party": None,
    "start_ms": 1500,
    "end_ms": 2500,
    "text": "somebody is robbing the bank",
    "final": True,
    "confidence": 0.9,
    "engine": "vosk",
    "model": "small",
}


class FakeFloor:
    def __init__(self) -> None:
        self.summaries = {
            "1.1": summary("1.1"),
            "1.2": summary("1.2", officer="o19a", officer_state="heard", state="with_officer"),
        }
        self.records: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[Any, ...]] = []
        self.looked_up: list[str] = []
        self.recording: Path | None = None
        self.fails: Exception | None = None
        self.healthy = True
        self.states = {"s01": "talking", "s02": "ready"}

    def _check(self) -> None:
        if self.fails is not None:
            raise self.fails

    async def calls(self) -> list[dict[str, Any]]:
        self._check()
        return list(self.summaries.values())

    async def call(self, call_id: str) -> dict[str, Any] | None:
        self._check()
        self.looked_up.append(call_id)
        found = self.summaries.get(call_id)
        return None if found is None else detail(found) | {"incident": self.records.get(call_id)}

    async def transcript(self, call_id: str) -> list[dict[str, Any]]:
        return [SEGMENT] if call_id == "1.1" else []

    async def ring_officer(
        self, call_id: str, officer_ids: tuple[str, ...], by: str
    ) -> dict[str, Any]:
        if self.summaries[call_id]["state"] == "closed":
            raise NotNow("the call is closed; there is nobody to put through")
        self.asked.append(("ring_officer", call_id, officer_ids, by))
        officers = list(officer_ids) or ["o19a"]
        return {"call_id": call_id, "state": "ringing", "officers": officers}

    async def stop_ringing(self, call_id: str, by: str) -> None:
        self._check()
        self.asked.append(("stop_ringing", call_id, by))

    async def partners(self) -> list[dict[str, Any]]:
        return [{"id": "ambulance", "name": "Ambulance", "kind": "ambulance", "state": "free"}]

    async def bring(
        self, call_id: str, role: str, party: str, how: str, seat: str, by: str
    ) -> None:
        self._check()
        self.asked.append(("bring", call_id, role, party, how, seat, by))

    async def give_to_queue(self, call_id: str, queue: str, seat: str, by: str) -> None:
        self.asked.append(("give_to_queue", call_id, queue, seat, by))

    async def stop_party(self, call_id: str, party: str, by: str) -> None:
        self.asked.append(("stop_party", call_id, party, by))

    async def put_out(self, call_id: str, leg: str, by: str) -> None:
        self.asked.append(("put_out", call_id, leg, by))

    async def step_aside(self, call_id: str, seat: str, by: str) -> None:
        self.asked.append(("step_aside", call_id, seat, by))

    async def back(self, call_id: str, seat: str, by: str) -> None:
        self.asked.append(("back", call_id, seat, by))

    async def edit_field(self, call_id: str, field: str, value: Any, by: str) -> dict[str, Any]:
        self._check()
        self.asked.append(("edit_field", call_id, field, value, by))
        typed = {"value": value, "source": "operator", "confirmed_by": by, "confirmed_at": "2"}
        before = self.records.get(call_id) or {"fields": {}, "evidence": {}}
        self.records[call_id] = {
            "fields": before["fields"] | {field: value},
            "evidence": before["evidence"] | ({} if value is None else {field: [typed]}),
            "contradictions": [],
        }
        return self.records[call_id]

    async def hang_up(self, call_id: str, by: str) -> None:
        self.asked.append(("hang_up", call_id, by))

    async def leave(self, call_id: str, seat_id: str, by: str) -> None:
        self._check()
        self.asked.append(("leave", call_id, seat_id, by))

    async def recording_file(self, call_id: str) -> Path | None:
        return self.recording

    async def seats(self) -> list[dict[str, Any]]:
        return [self._seat(seat_id) for seat_id in self.states]

    async def set_seat_state(
        self, seat_id: str, state: str, reason: str | None, by: str
    ) -> dict[str, Any]:
        self.asked.append(("set_seat_state", seat_id, state, reason, by))
        self.states[seat_id] = state
        return self._seat(seat_id)

    async def wrap_up(self, seat_id: str, on: bool, by: str) -> dict[str, Any]:
        self.asked.append(("wrap_up", seat_id, on, by))
        return self._seat(seat_id)

    async def reasons(self) -> list[dict[str, Any]]:
        return [{"id": "break", "label": "Break"}, {"id": "lunch", "label": "Lunch"}]

    async def prioritise(self, call_id: str, priority: int | None, by: str) -> dict[str, Any]:
        self._check()
        self.asked.append(("prioritise", call_id, priority, by))
        return self.summaries[call_id]

    async def put_position(self, call_id: str, given: Any, by: str) -> dict[str, Any]:
        self.asked.append(("put_position", call_id, given, by))
        return Position(
            given.lat, given.lon, given.accuracy_m, given.at, given.source, by
        ).to_json()

    async def move(self, call_id: str, queue: str, by: str) -> dict[str, Any]:
        self.asked.append(("move", call_id, queue, by))
        return self.summaries[call_id] | {"queue": queue}

    async def pick(self, call_id: str, seat_id: str, by: str) -> dict[str, Any]:
        self._check()
        self.asked.append(("pick", call_id, seat_id, by))
        return {"call_id": call_id, "seat": seat_id, "state": "ringing"}

    async def set_surge(self, origin: str, on: bool, by: str) -> dict[str, Any]:
        self.asked.append(("set_surge", origin, on, by))
        return {"origin": origin, "on": on}

    async def surges(self) -> list[dict[str, Any]]:
        self._check()
        return [{"origin": "cgi-3gpp=234", "on": True}]

    def _seat(self, seat_id: str) -> dict[str, Any]:
        return {
            "id": seat_id,
            "name": seat_id,
            "queues": ["emergency"],
            "skills": [{"skill": "lang_en", "level": 2}],
            "phone": seat_id,
            "state": self.states[seat_id],
            "reason": None,
            "call_id": None,
            "since": "2026-03-01T12:00:00.000Z",
            "until": None,
        }

    async def queues(self) -> list[dict[str, Any]]:
        return [
            {
                "id": "emergency",
                "name": "Emergency",
                "priority": 0,
                "strategy": "longest_idle",
                "ring_s": 15.0,
                "wrap_up_s": 0.0,
                "after_call": "timed",
                "estimated_wait_ms": None,
                "waiting": [
                    {
                        "call_id": "1.3",
                        "position": 1,
                        "place": 1,
                        "priority": 0,
                        "wait_ms": 1500,
                        "overflowed": False,
                        "estimated_wait_ms": None,
                    }
                ],
                "seats": ["s01"],
            }
        ]

    async def officers(self) -> list[dict[str, Any]]:
        return [
            {
                "id": "o19a",
                "numbers": ["o19a", "19175550100"],
                "name": "A",
                "precinct": "19",
                "duty": "duty",
                "language": None,
                "state": "free",
                "missed": 0,
            }
        ]

    async def precincts(self) -> str:
        return '{"type": "FeatureCollection", "features": []}'

    async def precincts_around(self, lat: float, lon: float, reach_m: float) -> str:
        about = json.dumps({"about": [lat, lon, reach_m]})
        return f'{{"type": "FeatureCollection", "features": [{about}]}}'

    async def speech(self) -> dict[str, Any]:
        return {"available": False, "why": "no model is installed"}

    async def health(self) -> dict[str, Any]:
        return {"asterisk": self.healthy, "journal_backlog": 0, "why": "secret path"}


class FakeJournal:
    def __init__(self) -> None:
        self.notes: list[tuple[str | None, str, dict[str, Any]]] = []
        self.backlog = 0

    def note(self, call_id: str | None, kind: str, payload: Any = None, at: Any = None) -> None:
        self.notes.append((call_id, kind, dict(payload or {})))

    def kinds(self) -> list[str]:
        return [kind for _, kind, _ in self.notes]
