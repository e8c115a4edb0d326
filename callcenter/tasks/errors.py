"""What can go wrong with a task; each is the asker's to mend.

TaskError
├── UnknownTask   there is none of that id
└── TaskRefused   not in its state, or not with these settings; the message says what to do
"""

from __future__ import annotations


class TaskError(Exception):
    """Anything about a task that could not be done."""


class UnknownTask(TaskError):
    """No task has that id."""


class TaskRefused(TaskError):
    """The task, the seat or the settings do not allow what was asked."""

    def __init__(self, why: str, next_step: str | None = None) -> None:
        super().__init__(why)
        self.next_step = next_step
        """What to do; None: look at the task again."""
