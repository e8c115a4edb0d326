"""Tasks and figures that live in memory, in the shapes that the API promises."""

from __future__ import annotations

from typing import Any

from callcenter.figures.period import PeriodError
from callcenter.tasks.errors import TaskRefused, UnknownTask

TASK = {
    "id": 7,
    "kind": "abandoned",
    "state": "open",
    "number": "2125550100",
    "can_call": True,
    "why_not": "",
    "waiting_since": "2026-03-01T12:00:00.000Z",
    "waited_ms": 42_000,
    "tries": 2,
    "answered_later": False,
    "known": {"words": "help"},
    "calls": [
        {
            "call_id": "1.1",
            "what": "abandoned",
            "arrived_at": "2026-03-01T12:00:00.000Z",
            "wait_ms": 42_000,
            "line": "110",
            "queue": "emergency",
        }
    ],
    "calling": None,
    "result": None,
    "note": "",
    "closed_by": None,
    "closed_at": None,
}


class FakeTasks:
    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.refuses: Exception | None = None

    async def tasks(self, state: str) -> list[dict[str, Any]]:
        self.asked.append(("tasks", state))
        return [TASK | {"state": state}]

    async def call(self, task_id: int, seat: str, by: str) -> dict[str, Any]:
        self._check(task_id)
        self.asked.append(("call", task_id, seat, by))
        return TASK

    async def close(self, task_id: int, result: str, note: str, by: str) -> dict[str, Any]:
        self._check(task_id)
        self.asked.append(("close", task_id, result, note, by))
        return TASK | {"state": "closed", "result": result, "note": note, "closed_by": by}

    def _check(self, task_id: int) -> None:
        if self.refuses is not None:
            raise self.refuses
        if task_id != TASK["id"]:
            raise UnknownTask("there is no such task")

    def refuse(self, why: str, next_step: str) -> None:
        self.refuses = TaskRefused(why, next_step)


class FakeFigures:
    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    async def of(self, since: str, until: str, by: str | None) -> dict[str, Any]:
        if since == "never":
            raise PeriodError("from", "expected a moment")
        self.asked.append((since, until, by))
        return self._answer(by)

    async def officers(self, since: str, until: str, by: str | None) -> dict[str, Any]:
        if since == "never":
            raise PeriodError("from", "expected a moment")
        self.asked.append(("officers", since, until, by))
        return self._answer(by)

    async def live(self, by: str | None = None) -> dict[str, Any]:
        self.asked.append(("live", by))
        return self._answer(by) | {"hour": {"figures": {"service_level_all": {"3": 0.5}}}}

    def _answer(self, by: str | None) -> dict[str, Any]:
        return {
            "from": "2026-03-01T00:00:00+00:00",
            "to": "2026-03-01T12:00:00+00:00",
            "by": by,
            "zone": "UTC",
            "figures": {"arrived": 3, "service_level_all": {"3": 0.9}, "wait_p90_ms": 1500.0},
            "groups": [],
            "definitions": {"arrived": "Calls."},
            "note": "",
        }
