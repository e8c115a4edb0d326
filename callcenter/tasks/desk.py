"""The desk of tasks: what people see of them, and the three things they can do with one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, Final

from callcenter.calls import view
from callcenter.calls.call_backs import CallBacks
from callcenter.calls.register import Note, Publisher
from callcenter.settings import Outbound
from callcenter.store.tasks import OPENS, EndedCall, Task, Tasks
from callcenter.tasks.errors import TaskRefused, UnknownTask
from callcenter.tasks.numbers import dialled, may_be_called_back

WORDS_CHARS: Final = 1000
NO_TRUNK: Final = (
    "no outbound trunk is set, so nobody can be called back from here",
    "Call the number from another telephone; or let an administrator set sip.outbound (host, port)"
    " in the settings, run `callcenter asterisk render`, reload Asterisk and restart the service.",
)


class TaskDesk:
    """Lists tasks, begins call-backs, closes tasks."""

    def __init__(
        self,
        tasks: Tasks,
        call_backs: CallBacks,
        outbound: Outbound,
        bus: Publisher,
        note: Note,
        on_line: Callable[[str], str | None],
        lines: Collection[str] = (),
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``on_line``: the id of an open call from that number, if there is one.

        ``lines``: our own numbers, which are never dialled.
        """
        self._tasks = tasks
        self._call_backs = call_backs
        self._outbound = outbound
        self._bus = bus
        self._note = note
        self._on_line = on_line
        self._lines = frozenset(lines)
        self._wall = wall

    async def tasks(self, state: str) -> list[dict[str, Any]]:
        """Open tasks, the longest waiting first; or closed ones, the last closed first."""
        found = await (self._tasks.closed() if state == "closed" else self._tasks.open())
        return [self._shown(task) for task in found]

    async def call(self, task_id: int, seat: str, by: str) -> dict[str, Any]:
        """Ring this seat's phone, then the number; the task is theirs meanwhile.

        Raises:
            UnknownTask: there is no such task.
            TaskRefused: it cannot be called back now, or not from this seat.
            StoreUnavailable: the database does not answer; nobody is rung.
        """
        task = await self._open(task_id)
        if task.calling_call is not None:
            raise self._taken(task)
        number = self._number(task)
        self._call_backs.check_seat(seat)
        call_id = self._call_backs.new_id()
        if not await self._tasks.take(task_id, call_id, by, seat, self._wall()):
            raise self._taken(await self._open(task_id))
        newest = task.calls[-1].known if task.calls else {}
        try:
            # Checked again in there: meanwhile the seat may have been given a caller.
            self._call_backs.start(
                call_id=call_id,
                task_id=task_id,
                number=number,
                seat=seat,
                line=str(newest.get("line", "")),
                queue=str(newest.get("queue", "")),
                language=str(newest.get("language", "")),
                by=by,
            )
        except TaskRefused:
            await self._tasks.release(call_id)
            raise
        return await self._tell(task_id)

    async def close(self, task_id: int, result: str, note: str, by: str) -> dict[str, Any]:
        """Close a task with what came of it; who did it and when is journalled.

        Raises:
            UnknownTask: there is no such task.
            TaskRefused: somebody has closed it already.
            StoreUnavailable: the database does not answer; it stays open.
        """
        task = await self._open(task_id)
        if not await self._tasks.close(task_id, result, note, by, self._wall()):
            await self._open(task_id)
        self._note(
            None,
            "task.closed",
            {
                "task": task_id,
                "result": result,
                "note": note,
                "by": by,
                "calls": [call.call_id for call in task.calls],
            },
        )
        return await self._tell(task_id)

    async def over(self, call_id: str) -> None:
        """Let go of the task whose call-back is over.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        task_id = await self._tasks.release(call_id)
        if task_id is not None:
            await self._tell(task_id)

    async def let_go(self, known: Callable[[str], bool]) -> None:
        """Let go of tasks whose call-back an earlier run began and nobody has any more.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        for call_id in await self._tasks.calling():
            if not known(call_id):
                await self.over(call_id)

    async def changed(self, task_ids: Collection[int]) -> None:
        """Tell consoles what tasks have become."""
        for task in await self._tasks.some(task_ids):
            self._publish(task)

    async def _tell(self, task_id: int) -> dict[str, Any]:
        task = await self._tasks.get(task_id)
        if task is None:
            raise UnknownTask("there is no such task")
        return self._publish(task)

    def _publish(self, task: Task) -> dict[str, Any]:
        shown = self._shown(task)
        self._bus.publish("tasks", {"type": "task", "task": shown})
        return shown

    async def _open(self, task_id: int) -> Task:
        task = await self._tasks.get(task_id)
        if task is None:
            raise UnknownTask("there is no such task")
        if task.state != "open":
            at = view.stamp(task.closed_at) if task.closed_at else "before"
            raise TaskRefused(
                f"{task.closed_by} has closed this task already, {at}, as {task.result}"
            )
        return task

    def _taken(self, task: Task) -> TaskRefused:
        return TaskRefused(
            f"{task.calling_by} is calling this number back from seat {task.calling_seat}",
            "Take the next task.",
        )

    def _number(self, task: Task) -> str:
        """The digits to dial. Only a number that an open task has ever gets here."""
        why, next_step = self._why_not(task)
        if why:
            raise TaskRefused(why, next_step)
        calling = self._on_line(task.number)
        if calling:
            raise TaskRefused(f"this caller is on the line right now, in call {calling}")
        digits = dialled(task.number, self._outbound.international_prefix)
        if digits is None:
            raise TaskRefused("what is kept of the caller's number cannot be dialled")
        return digits

    def _why_not(self, task: Task) -> tuple[str, str | None]:
        if not self._outbound.host:
            return NO_TRUNK
        if not task.number:
            return "the caller's number was withheld", "Close the task with what can be known."
        digits = dialled(task.number, self._outbound.international_prefix)
        if digits is None:
            return (
                "the network gave something as the caller's number that is no telephone number",
                "Find the number in another way, or close the task.",
            )
        if not may_be_called_back(digits, self._outbound, self._lines):
            return (
                "numbers like this one are not on the list of those that may be called back",
                "Call from another phone if it must be, or have an administrator add what the"
                " number begins with to `call_back_to` under [sip.outbound].",
            )
        return "", None

    def _shown(self, task: Task) -> dict[str, Any]:
        why_not, _ = self._why_not(task)
        mine = [call for call in task.calls if call.what in OPENS]
        known: dict[str, Any] = {}
        for call in mine:
            known |= {name: value for name, value in call.known.items() if value}
        for name in ("language", "category", "level", "place_text", "precinct"):
            known.setdefault(name, None)
        return {
            "id": task.id,
            "kind": task.kind,
            "state": task.state,
            "number": task.number,
            "can_call": not why_not,
            "why_not": why_not,
            "waiting_since": view.stamp(task.waiting_since),
            "waited_ms": max((call.wait_ms for call in mine), default=0),
            "tries": len(mine),
            "answered_later": any(call.what == "answered" for call in task.calls),
            "known": known | {"words": task.words[:WORDS_CHARS]},
            "calls": [_call(call) for call in task.calls],
            "calling": _calling(task),
            "result": task.result,
            "note": task.note or "",
            "closed_by": task.closed_by,
            "closed_at": view.stamp(task.closed_at) if task.closed_at else None,
        }


def _call(call: EndedCall) -> dict[str, Any]:
    return {
        "call_id": call.call_id,
        "what": call.what,
        "arrived_at": view.stamp(call.arrived_at),
        "wait_ms": call.wait_ms,
        "line": call.known.get("line", ""),
        "queue": call.known.get("queue", ""),
        "seat": call.known.get("seat"),
        "heard": call.known.get("heard", False),
    }


def _calling(task: Task) -> dict[str, Any] | None:
    if task.calling_call is None or task.calling_since is None:
        return None
    return {
        "call_id": task.calling_call,
        "by": task.calling_by or "",
        "seat": task.calling_seat or "",
        "since": view.stamp(task.calling_since),
    }
