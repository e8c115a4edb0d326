"""When a new day begins, by the machine's local time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime


def _today() -> date:
    return datetime.now().astimezone().date()


class Day:
    """Knows the day it was last asked on."""

    def __init__(self, today: Callable[[], date] = _today) -> None:
        self._today = today
        self._known = today()

    def turned(self) -> bool:
        """Whether another day has begun since this was last asked."""
        today = self._today()
        if today == self._known:
            return False
        self._known = today
        return True
