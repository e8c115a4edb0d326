"""When a new day begins for the floor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo


def _today(zone: tzinfo | None) -> date:
    return datetime.now().astimezone(zone).date()


class Day:
    """Knows the day it was last asked on. ``zone``: the floor's; None: the machine's."""

    def __init__(self, today: Callable[[tzinfo | None], date] = _today) -> None:
        self._today = today
        self.zone: tzinfo | None = None
        self._known = today(None)

    def turned(self) -> bool:
        """Whether a later day has begun since this was last asked."""
        today, before = self._today(self.zone), self._known
        self._known = today
        return today > before
