"""Who looks at finished records is journalled: each viewing once, however often a page asks."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it has one of these
    from .operations import Asked

ONE_VIEWING_S = 60.0
"""What the same person asks of the same record within so long is one viewing."""
VIEWINGS_REMEMBERED = 10_000


class Viewings:
    """Journals ``record.viewed`` of calls that are over."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()

    def note(self, asked: Asked, call_id: str, what: str) -> None:
        """Note that a person looked at a finished call: ``what`` of it, and from where."""
        now, key = self._clock(), (asked.who.name, call_id)
        last = self._seen.get(key)
        if last is not None and now - last < ONE_VIEWING_S:
            return
        self._seen[key] = now
        self._seen.move_to_end(key)
        while len(self._seen) > VIEWINGS_REMEMBERED:
            self._seen.popitem(last=False)
        asked.services.journal.note(
            call_id,
            "record.viewed",
            {
                "what": what,
                "by": asked.who.name,
                "role": asked.who.role.value,
                "address": asked.address,
            },
        )
