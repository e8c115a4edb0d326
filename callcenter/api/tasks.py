"""Tasks: callers whom nobody has talked with yet, until a person says what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from callcenter.store.people import Role
from callcenter.tasks.results import NOTE_CHARS, Result

from .errors import BadInput, Forbidden
from .operations import STAFF, Asked, Operation, body_of, query_of
from .shapes import ID_PATTERN, Answer, Body, CallId, writable


class TasksAsked(Body):
    """Which tasks."""

    state: Literal["open", "closed"] = "open"


class CallBack(Body):
    """From which seat; an operator's own by default."""

    seat: Annotated[str, Field(pattern=ID_PATTERN)] | None = None


class CloseTask(Body):
    """What came of it."""

    result: Literal["reached", "not_reached", "no_need", "handed_on", "other"]
    note: Annotated[str, Field(max_length=NOTE_CHARS), AfterValidator(writable)] = ""


class TaskCall(Answer):
    """A call that belongs to a task."""

    call_id: CallId
    what: Literal[
        "abandoned",
        "call_back",
        "cut_off",
        "follow_up",
        "unheard",
        "unseen",
        "answered",
        "called_back",
    ]
    arrived_at: datetime
    wait_ms: int
    line: str
    queue: str


class Calling(Answer):
    """The call-back that is going on."""

    call_id: CallId
    by: str
    seat: str
    since: datetime


class Task(Answer):
    """Callers whom somebody must call: nobody has talked with them, or an officer was there."""

    id: int
    kind: Literal["abandoned", "call_back", "follow_up"]
    state: Literal["open", "closed"]
    number: str
    can_call: bool
    why_not: str
    """Why the number cannot be called back; empty when it can."""
    waiting_since: datetime
    waited_ms: int
    """The longest that one of its calls waited."""
    tries: int
    """How often they called in vain."""
    answered_later: bool
    """Whether a later call from the number was answered."""
    known: dict[str, Any]
    """Language, category, level, place_text, precinct and words, as far as they are known.

    Of a follow-up also the ``question`` to the caller; empty: how they were served."""
    calls: list[TaskCall]
    calling: Calling | None
    result: Result | None
    note: str
    closed_by: str | None
    closed_at: datetime | None


async def tasks(asked: Asked) -> list[dict[str, Any]]:
    """Open tasks, the longest waiting first, or the closed ones, the last closed first."""
    return await asked.services.tasks.tasks(query_of(asked, TasksAsked).state)


async def call_back(asked: Asked) -> dict[str, Any]:
    """Ring the seat's phone, and when it is answered the number of the task."""
    wanted = body_of(asked, CallBack).seat
    own = asked.who.seat
    if asked.who.role is Role.OPERATOR and (own is None or wanted not in (None, own)):
        raise Forbidden(f"an operator calls back from the own seat only (yours: {own or 'none'})")
    seat = wanted or own
    if seat is None:
        raise BadInput("seat: expected one, since you have none of your own")
    return await asked.services.tasks.call(_task_id(asked), seat, asked.who.name)


async def close(asked: Asked) -> dict[str, Any]:
    """Close a task with its result."""
    closing = body_of(asked, CloseTask)
    note = closing.note.strip()
    if closing.result == "other" and not note:
        raise BadInput("note: expected what came of it, since the result is other")
    task_id = _task_id(asked)
    return await asked.services.tasks.close(task_id, closing.result, note, asked.who.name)


def _task_id(asked: Asked) -> int:
    return int(asked.request.match_info["task_id"])


_TASK = "/api/v1/tasks/{task_id}"

OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/tasks",
        tasks,
        "Calls that somebody must still look after",
        STAFF,
        query=TasksAsked,
        answer=Task,
        listed_as="tasks",
    ),
    Operation(
        "POST",
        f"{_TASK}/call",
        call_back,
        "Call the number of a task back",
        STAFF,
        body=CallBack,
        answer=Task,
    ),
    Operation(
        "POST",
        f"{_TASK}/close",
        close,
        "Close a task with its result",
        STAFF,
        body=CloseTask,
        answer=Task,
    ),
)
