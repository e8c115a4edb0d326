"""What the API needs of whoever keeps the tasks that calls leave behind."""

from __future__ import annotations

from typing import Any, Protocol

Json = dict[str, Any]


class TaskSource(Protocol):
    """Tasks as JSON (`callcenter.api.shapes.Task`).

    A method may raise `callcenter.tasks.errors.UnknownTask` (404), `TaskRefused` (409, its message
    says what to do), and what `callcenter.api.floor` names.
    """

    async def tasks(self, state: str) -> list[Json]:
        """Open ones, the longest waiting first; closed ones, the last closed first."""

    async def call(self, task_id: int, seat: str, by: str) -> Json:
        """Ring this seat, then the number of the task; returns the task."""

    async def close(self, task_id: int, result: str, note: str, by: str) -> Json:
        """Close a task; returns it."""
